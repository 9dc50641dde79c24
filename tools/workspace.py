"""The student's own copy of the lessons: made once, without outputs, and never overwritten.

`make lab` runs it: python tools/workspace.py notebooks my_lessons
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import nbformat

from course_utils import _files

BECAME = {  # a lesson that was parted, and what it became
    "06_cnn_comparison.ipynb": ("06_convolution.ipynb", "07_cnn_comparison.ipynb"),
}
KEPT = ".originals.json"  # which version of each original the copy was made from


def update(originals, own):
    """Copy the lessons that are not in the folder `own` yet; return what to tell the student."""
    originals, own = Path(originals), Path(own)
    own.mkdir(exist_ok=True)
    versions = _read(own / KEPT)
    new, said = {}, []
    for original in sorted(originals.glob("*.ipynb")):
        name, mine = original.name, own / original.name
        content = without_outputs(original)
        version = _hash(content)
        if not mine.exists():
            new[mine], versions[name] = content, version
        # Earlier the outputs were copied too, and counted as a part of the version.
        elif versions.setdefault(name, version) not in (version, _hash(original.read_bytes())):
            said.append(
                f"{original} has changed since your copy was made. {mine} is kept as it is; "
                "to get the new one, rename yours and call this again."
            )
    for name in [name for name in versions if not (originals / name).exists()]:
        del versions[name]
        if (own / name).exists():
            said.append(_gone(name, own / name))
    # The versions first: a copy is never without its version, even if this is interrupted.
    _files.write(own / KEPT, json.dumps(versions, indent=1))
    for mine, content in new.items():
        if _create(mine, content):
            said.append(f"{mine} is new.")
    return said


def _gone(name, mine):
    """What to say of a copy whose original is not there any more."""
    if name not in BECAME:
        return f"The course has no {name} any more. {mine} is kept as it is."
    now = " and ".join(BECAME[name])
    return (
        f"{name} has become {now}. {mine} is kept as it is and still works; what you have solved "
        "in it counts."
    )


def without_outputs(path):
    """What a notebook's file is without outputs and execution counts, as bytes."""
    notebook = nbformat.read(path, as_version=4)
    clear(notebook)
    return (nbformat.writes(notebook) + "\n").encode()


def clear(notebook):
    """Take the outputs and the execution counts out of a notebook."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _hash(content):
    return hashlib.sha256(content).hexdigest()


def _read(path):
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError, RecursionError):
        return {}


def _create(path, content):
    """Write a file where there is none, complete from its first moment; say whether it was done."""
    part = _part(path, content)
    try:
        os.link(part, path)  # unlike os.replace, it never takes the place of another file
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return True


def _part(path, content):
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    return part


if __name__ == "__main__":
    for sentence in update(*sys.argv[1:]):
        print(sentence)
