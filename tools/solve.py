"""Solved copies of the lessons: every stub replaced by the reference's source.

`make solutions` runs it: python tools/solve.py notebooks solutions
"""

import inspect
import re
import sys
from pathlib import Path

import nbformat
from workspace import clear

from course_utils.exercises.lessons import find


def is_exercise(cell):
    """Whether a cell of a notebook holds an exercise."""
    return cell.cell_type == "code" and cell.source.startswith("@exercise(")


def solve(notebook):
    """Replace the stub of each exercise by its solution; return the exercises' numbers."""
    numbers = []
    for cell in notebook.cells:
        if is_exercise(cell):
            number = re.match(r'@exercise\("([\d.]+)"\)', cell.source)[1]
            source = inspect.getsource(find(number).reference).rstrip()
            cell.source = f'@exercise("{number}")\n{source}'
            numbers.append(number)
    clear(notebook)
    return numbers


def main(originals, solutions):
    """Write the solved copy of every notebook in `originals` into the folder `solutions`."""
    folder = Path(solutions)
    folder.mkdir(exist_ok=True)
    for path in sorted(Path(originals).glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        numbers = solve(notebook)
        nbformat.write(notebook, folder / path.name)
        print(f"{folder / path.name}: {len(numbers)} exercises solved")


if __name__ == "__main__":
    main(*sys.argv[1:])
