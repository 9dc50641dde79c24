"""A solved copy of every lesson: all checks say right, and nothing else changes."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from refresh import clean
from solve import is_exercise, main, solve

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def texts(cell):
    """What a cell shows, without its pictures: their bytes differ from processor to processor."""
    return [
        output.get("text", "")
        or {
            kind: re.sub('src="data:image/png;base64,[^"]*"', "", text)
            for kind, text in output.get("data", {}).items()
        }
        for output in cell.get("outputs", [])
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_solved_lesson_runs_on_the_students_functions(path, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # the kernel's record of progress
    original, solved = (nbformat.read(path, as_version=4) for _ in range(2))
    numbers = solve(solved)
    assert len(numbers) >= 4
    NotebookClient(
        solved,
        timeout=120,
        resources={"metadata": {"path": path.parent}},
        store_widget_state=False,
        coalesce_streams=True,
    ).execute()
    clean(solved)
    for before, after in zip(original.cells, solved.cells, strict=True):
        if is_exercise(before):
            [shown] = texts(after)
            assert ": right.\nThe lesson goes on with your " in shown["text/plain"]
        elif "nbval-ignore-output" not in before.metadata.get("tags", []):
            assert texts(after) == texts(before)


def test_solved_copies_are_written(tmp_path, capsys):
    main(NOTEBOOKS[0].parent, tmp_path / "solutions")
    assert [p.name for p in sorted((tmp_path / "solutions").iterdir())] == [
        p.name for p in NOTEBOOKS
    ]
    assert capsys.readouterr().out.count("exercises solved") == len(NOTEBOOKS)
