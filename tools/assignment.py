"""Make an nbgrader assignment of a lesson: `make assignment LESSON=04`.

    python tools/assignment.py LESSON [FOLDER]

writes FOLDER/source/lesson_04/04_backprop.ipynb, with a locked cell of one point behind each
exercise, and FOLDER/release/lesson_04, which is for the students. The folder is "class" if none
is given. What is there already is kept: the source with the points that you gave, the
configuration, the submissions, the gradebook.
"""

import argparse
import os
import sys
import warnings
from pathlib import Path

import nbformat
from solve import is_exercise
from workspace import clear

from course_utils.exercises.lessons import exercises_of, find, lessons

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SCHEMA = 3  # of nbgrader's metadata
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "neural_networks"
# The exercises are stubs already: nothing is to be cut out.
c.ClearSolutions.enabled = False
# Who deletes the cell of a test gets it back.
c.OverwriteCells.add_missing_cells = True
"""
TEST = '''\
# Right answers get the points of this cell. Run it to see whether exercise {number} has them.
from course_utils.exercises.engine import check
from course_utils.exercises.lessons import find

assert check(find("{number}"), {name}).outcome == "right", "no points yet: see exercise {number}"'''


def number_of(cell):
    """The number of the exercise in a cell."""
    return cell.source.split('"')[1]


def add_tests(notebook):
    """Mark each exercise as an answer and put its test behind it; return the number of points.

    The instructor's notes and the outputs are left out.
    """
    clear(notebook)
    cells = []
    for cell in notebook.cells:
        if cell.metadata.get("slideshow", {}).get("slide_type") == "notes":
            continue
        cells.append(cell)
        if is_exercise(cell):
            number = number_of(cell)
            name = f"ex-{number.replace('.', '-')}"
            cell.metadata["nbgrader"] = _about(name, solution=True)
            test = nbformat.v4.new_code_cell(
                TEST.format(number=number, name=find(number).name), id=f"{name}-points"
            )
            # "Run all cells" goes on behind an exercise that is not solved yet.
            test.metadata["tags"] = ["raises-exception"]
            test.metadata["nbgrader"] = _about(f"{name}-points", grade=True, locked=True, points=1)
            cells.append(test)
    notebook.cells = cells
    return sum("points" in cell.metadata.get("nbgrader", {}) for cell in cells)


def _about(name, **settings):
    about = {"grade": False, "solution": False, "locked": False, "task": False}
    return about | settings | {"grade_id": name, "schema_version": SCHEMA}


def original(lesson):
    """The path of the notebook of a lesson, given as it is typed: 4 or 04."""
    known = ", ".join(map(str, lessons()))
    if not lesson:
        sys.exit(f"Say which lesson: make assignment LESSON=4. There are {known}.")
    if not lesson.isdecimal() or int(lesson) not in lessons():
        sys.exit(f"LESSON must be the number of a lesson ({known}), got {lesson!r}.")
    [path] = NOTEBOOKS.glob(f"{int(lesson):02}_*.ipynb")
    return path


def api(folder):
    """nbgrader, as the configuration in a class's folder has it."""
    try:
        from nbgrader.apps import NbGraderAPI
    except ImportError:
        sys.exit("This needs nbgrader: `make assignment` and `make grade` install it.")
    from traitlets.config.loader import PyFileConfigLoader

    warnings.filterwarnings("ignore", module="nbgrader")  # of SQLAlchemy's about its habits
    # nbgrader calls the program alembic, which is beside this Python.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    file = folder / "nbgrader_config.py"
    if not file.exists():
        file.write_text(CONFIG, encoding="utf-8")
    config = PyFileConfigLoader(file.name, path=str(folder.resolve())).load_config()
    config.CourseDirectory.root = str(folder.resolve())
    return NbGraderAPI(config=config)


def done(result):
    """Stop with nbgrader's own words where something did not work."""
    if not result["success"]:
        sys.exit(f"{result['log']}\n{result.get('error') or ''}")


def main(lesson, folder):
    path = original(lesson)
    assignment = f"lesson_{int(lesson):02}"
    source = folder / "source" / assignment / path.name
    if source.exists():
        print(f"{source} is kept as it is. To have it made anew, delete it first.")
    else:
        source.parent.mkdir(parents=True, exist_ok=True)
        notebook = nbformat.read(path, as_version=4)
        points = add_tests(notebook)
        assert points == len(exercises_of(int(lesson)))
        nbformat.write(notebook, source)
        print(f"{source} is new: {points} points, one for each exercise.")
    done(api(folder).generate_assignment(assignment))
    print(f"{folder / 'release' / assignment / path.name} is for the students.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lesson", nargs="?", default="")
    parser.add_argument("folder", nargs="?", default="class", type=Path)
    arguments = parser.parse_args()
    main(arguments.lesson, arguments.folder)
