"""Run notebooks from a fresh kernel and store their outputs: `make refresh`.

What differs from run to run without meaning anything is left out: timings, widget models,
the version of Python.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def refresh(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    ).execute()
    clean(notebook)
    nbformat.write(notebook, path)


def clean(notebook):
    """Leave only the metadata that a reader or a tool needs."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    for cell in notebook.cells:
        kept = ("slideshow", "tags")
        cell.metadata = nbformat.from_dict(
            {k: cell.metadata[k] for k in kept if k in cell.metadata}
        )
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)


if __name__ == "__main__":
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    for path in paths:
        if len(sys.argv) == 1 or any(path.name.startswith(name) for name in sys.argv[1:]):
            print(f"running {path.name}", flush=True)
            refresh(path)
