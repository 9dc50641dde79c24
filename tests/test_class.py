"""Assignments for a class: made, submitted by five students, graded without trusting them."""

import csv
import html
import importlib
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import assignment
import grade
import nbformat
import pytest
from assignment import NOTEBOOKS, add_tests, api, number_of
from conftest import missing
from grade import check
from nbclient import NotebookClient
from solve import is_exercise, solve

from course_utils.exercises.lessons import exercises_of, find

ROOT = Path(__file__).parent.parent
FILE = "04_backprop.ipynb"
STUB = "...  # your code here"
PATCH = """\
from course_utils.exercises import engine
from course_utils.exercises.lessons import find
engine.check = lambda *_, **__: engine.Verdict("right")
"""


def call(tool, *arguments, data, check=True):
    """Run a tool as make does, with a folder for the progress; return what came of it."""
    return subprocess.run(
        [sys.executable, ROOT / "tools" / tool, *map(str, arguments)],
        env=os.environ | {"XDG_DATA_HOME": str(data), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=check,
    )


def exercises(notebook):
    """{number: cell} of a notebook."""
    return {number_of(cell): cell for cell in notebook.cells if is_exercise(cell)}


def write(cell, body):
    """Answer an exercise: its stub with another body."""
    assert STUB in cell.source
    cell.source = cell.source.replace(STUB, body)


def points_cells(notebook):
    return [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]


def solved(notebook):
    solve(notebook)
    again = "from course_utils.exercises import exercise, progress\nprogress(reset=True)"
    cell = exercises(notebook)["4.1"]
    cell.source = f"{again}\n\n{cell.source}"


def half(notebook):
    stubs = {number: cell.source for number, cell in exercises(notebook).items()}
    solve(notebook)
    for number, cell in exercises(notebook).items():
        if number not in ("4.1", "4.3"):
            cell.source = stubs[number]
    write(exercises(notebook)["4.2"], "return dz @ W.T, x.T @ dz / len(x), dz.mean(axis=0)")
    write(exercises(notebook)["4.4"], "while True:\n        pass")


def changes_the_tests(notebook):
    for cell in exercises(notebook).values():
        write(cell, "return 0")
    for cell in points_cells(notebook):
        cell.source = "print('right')"
        cell.metadata["nbgrader"]["points"] = 100
    notebook.cells.remove(points_cells(notebook)[-1])
    notebook.cells.remove(exercises(notebook)["4.6"])


def patches_the_check(notebook):
    notebook.cells.insert(0, nbformat.v4.new_code_cell(PATCH, id="patch"))
    for cell in exercises(notebook).values():
        write(cell, "return 0")
    exercises(notebook)["4.2"].source += f"\n\n{PATCH}"


def forges_metadata(notebook):
    points_cells(notebook)[0].metadata["nbgrader"] |= {"grade": False, "points": 100}
    points_cells(notebook)[0].source = "1"


STUDENTS = {
    f.__name__: f for f in (solved, half, changes_the_tests, patches_the_check, forges_metadata)
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class's folder after grading, what was printed, and the instructor's data folder."""
    try:
        importlib.import_module("nbgrader")
    except ImportError:
        missing("nbgrader is not installed")
    folder, data = (tmp_path_factory.mktemp(name) for name in ("class", "data"))
    (data / "course_utils").mkdir()
    (data / "course_utils" / "progress.json").write_text("the instructor's")
    call("assignment.py", "04", folder, data=data)
    for student, work in STUDENTS.items():
        notebook = nbformat.read(folder / "release" / "lesson_04" / FILE, as_version=4)
        work(notebook)
        (folder / "submitted" / student / "lesson_04").mkdir(parents=True)
        nbformat.write(notebook, folder / "submitted" / student / "lesson_04" / FILE)
    return folder, call("grade.py", folder, data=data, check=False), data


def said(folder, student):
    """The page of feedback."""
    page = folder / "feedback" / student / "lesson_04" / FILE
    return html.unescape(page.with_suffix(".html").read_text(encoding="utf-8"))


def test_points(graded):
    with open(graded[0] / "grades.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {row["max_score"] for row in rows.values()} == {"8.0"}
    assert {student: float(row["score"]) for student, row in rows.items()} == {
        "solved": 8,
        "half": 2,
        "changes_the_tests": 0,
        "patches_the_check": 0,
        "forges_metadata": 0,
    }


def test_who_cannot_be_graded_is_named_and_stops_nobody(graded):
    folder, ran, _ = graded
    assert ran.returncode == 1
    assert "solved, lesson_04: 8 of 8 points\n" in ran.stdout
    assert re.search(r"forges_metadata, lesson_04: could not be graded\. .*checksums", ran.stdout)
    assert f"All points are in {folder / 'grades.csv'}" in ran.stdout


def test_the_feedback_is_what_the_notebook_would_have_said(graded):
    page = said(graded[0], "half")
    assert "The lesson goes on with your graph_gradients." in page
    [sentence] = [
        m.sentence for m in find("4.2").misconceptions if m.sentence.startswith("dW and db are N")
    ]
    assert sentence in page
    assert "It was still running after 5 seconds and was stopped." in page
    assert "mended_backward: not attempted yet." in re.sub("</?code>", "", page)
    assert "The cell of this exercise is missing." in said(graded[0], "changes_the_tests")
    assert "It replaced course_utils.exercises.engine.check" in said(graded[0], "patches_the_check")


def test_the_instructor_s_progress_is_not_touched(graded):
    files = [path for path in graded[2].rglob("*") if path.is_file()]
    assert [file.read_text() for file in files] == ["the instructor's"]


def test_an_assignment_made_twice_keeps_what_is_there(graded):
    folder, _, data = graded
    kept = [folder / "source" / "lesson_04" / FILE, folder / "nbgrader_config.py"]
    kept += sorted(folder.glob("submitted/*/*/*"))
    kept[0].write_text(kept[0].read_text().replace('"points": 1', '"points": 3', 1))
    before = [path.read_bytes() for path in kept]
    ran = call("assignment.py", "4", folder, data=data)
    assert "is kept as it is" in ran.stdout
    assert [path.read_bytes() for path in kept] == before
    with api(folder).gradebook as gradebook:  # points as they are now, grades as they were
        submission = gradebook.find_submission("lesson_04", "solved")
        assert (submission.score, submission.max_score) == (8, 10)


@pytest.mark.parametrize(
    "lesson, sentence",
    [
        ("", "Say which lesson: make assignment LESSON=4."),
        ("44", "LESSON must be the number of a lesson (1, 2, 3, 4"),
        ("four", "got 'four'"),
    ],
)
def test_a_lesson_that_is_not_there(lesson, sentence, tmp_path):
    with pytest.raises(SystemExit, match=re.escape(sentence)):
        assignment.main(lesson, tmp_path / "class")
    assert not (tmp_path / "class").exists()


def test_nothing_to_grade(tmp_path):
    with pytest.raises(SystemExit, match="There is no folder .* make assignment LESSON=4"):
        grade.main(tmp_path / "class")
    with pytest.raises(SystemExit, match="Nothing is submitted yet: .*/submitted/STUDENT/"):
        grade.main(tmp_path)


@pytest.mark.parametrize("command", ["no-such-command -x", "false", "env -i false"])
def test_a_command_that_cannot_check_is_found_before_anybody_is_graded(command, tmp_path):
    (tmp_path / "submitted" / "somebody" / "lesson_04").mkdir(parents=True)
    with pytest.raises(SystemExit, match=f"RUN_AS='{command}' does not work"):
        grade.main(tmp_path, command=command)
    assert [path.name for path in tmp_path.iterdir()] == ["submitted"]


def test_a_command_runs_the_check():
    answer = "import os\ndef dense_backward(dz, x, W):\n    print(os.environ['WHO'])"
    assert check("4.2", [], answer, ["env", "WHO=me"]).printed == "me\n"


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_each_exercise_has_a_locked_cell_of_a_point_behind_it(path):
    notebook = nbformat.read(path, as_version=4)
    points = add_tests(notebook)
    nbformat.validate(notebook)
    assert points == len(exercises(notebook)) == len(exercises_of(int(path.name[:2])))
    for before, cell in pairwise(notebook.cells):
        assert is_exercise(before) == (cell in points_cells(notebook))
        if is_exercise(before):
            about = before.metadata["nbgrader"], cell.metadata["nbgrader"]
            assert about[1]["grade_id"] == f"{about[0]['grade_id']}-points"
            assert about[1]["locked"] and about[1]["points"] == 1


def test_the_locked_cell_fails_until_the_answer_is_right(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # the kernel's record of progress
    notebook = nbformat.read(NOTEBOOKS / FILE, as_version=4)
    add_tests(notebook)
    stub = exercises(notebook)["4.2"]
    test = notebook.cells[notebook.cells.index(stub) + 1]
    solve(right := nbformat.read(NOTEBOOKS / FILE, as_version=4))
    start = "import numpy as np\nfrom course_utils.exercises import exercise"
    sources = [start, stub.source, test.source, exercises(right)["4.2"].source, test.source]
    small = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    small.cells[2].metadata = test.metadata
    NotebookClient(small, timeout=60).execute()
    outputs = [cell.outputs for cell in small.cells]
    assert outputs[2][0].evalue == "no points yet: see exercise 4.2"
    assert outputs[4] == []


RIGHT = """\
@exercise("4.2")
def dense_backward(dz, x, W):
    return dz @ W.T, product(x, dz), dz.sum(axis=SAMPLES)"""
EARLIER = [
    "import numpy as np\n%matplotlib inline",
    "SAMPLES = 1",
    "SAMPLES = len([0]) - 1",
    "def product(a, b):\n    return turn(a) @ b",
    "this is no Python",
    "raise RuntimeError",
    "def turn(a):\n    return np.transpose(a)",
    "while True:\n    pass",
]


def test_an_answer_may_use_what_its_notebook_defines_and_no_more_of_it_runs():
    assert check("4.2", EARLIER, RIGHT).outcome == "right"
    missing_one = check("4.2", EARLIER[:3], RIGHT)
    assert missing_one.outcome == "raised an error"
    assert "product" in missing_one.says[0]


@pytest.mark.parametrize(
    "body, sentence",
    [
        ("import sys; sys.exit(0)", "SystemExit"),
        ("import os; os._exit(0)", "os._exit"),
        ("comparison.compare = lambda *_: []", "It replaced course_utils.exercises.comparison"),
        ("engine._judge = lambda *_: engine.Verdict('right')", "It replaced"),
        ("find('4.2').reference = lambda *_, **__: None", "It changes the exercise itself."),
        ("return find('4.2').reference(dz, x, W)", "It calls the reference"),
    ],
)
def test_a_trick_gets_no_points(body, sentence):
    answer = f"""\
from course_utils.exercises import comparison, engine
from course_utils.exercises.lessons import find

@exercise("4.2")
def dense_backward(dz, x, W):
    {body}"""
    verdict = check("4.2", [], answer)
    assert verdict.outcome != "right"
    assert any(sentence in said for said in verdict.says), verdict.says


@pytest.mark.parametrize(
    "answer, sentence",
    [
        ("def dense_backward(:", "SyntaxError"),
        ("dense_forward = 1", "The cell does not define dense_backward."),
        ("import ctypes; ctypes.string_at(0)", "ended before it could say"),
    ],
)
def test_a_cell_that_is_no_answer(answer, sentence):
    verdict = check("4.2", [], answer)
    assert verdict.outcome != "right"
    assert sentence in " ".join(verdict.says)


def test_a_check_that_does_not_end_is_stopped_with_all_that_it_started(monkeypatch):
    monkeypatch.setattr(grade, "SECONDS", 4)
    child = "import subprocess; subprocess.Popen(['sleep', '300'])\n"
    stubborn = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    verdict = check("4.2", [], child + stubborn)
    assert verdict.says == ["Its check was stopped after 4 seconds."]
