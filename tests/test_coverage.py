"""The page that says where the course has what it grew from: each cell that it names is there."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
ROWS = re.findall(
    r"^\| (\d+) \| .* \| (.*) \|$", (NOTEBOOKS / "coverage.md").read_text("utf-8"), re.MULTILINE
)
CELLS = {
    int(path.name[:2]): {cell.id for cell in nbformat.read(path, as_version=4).cells}
    for path in NOTEBOOKS.glob("*.ipynb")
}


def test_every_row_of_the_write_ups_is_there():
    assert [int(number) for number, _ in ROWS] == list(range(1, 143))


@pytest.mark.parametrize("number, where", ROWS, ids=[number for number, _ in ROWS])
def test_the_cells_that_a_row_names_are_there(number, where):
    found = 0
    for part in where.split("; "):
        if part.startswith("not "):  # what of the row is not in the course, and why
            continue
        if part.startswith("ex "):
            lesson, exercise = part.removeprefix("ex ").split(".")
            lesson, cells = int(lesson), [f"ex-{lesson}-{exercise}"]
        else:
            lesson, cells = part.split(" ", 1)
            lesson, cells = int(lesson), cells.split(", ")
        assert set(cells) <= CELLS[lesson]
        found += len(cells)
    assert found
