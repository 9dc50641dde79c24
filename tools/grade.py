"""Grade what the students have submitted: `make grade`.

    python tools/grade.py [--lesson LESSON] [--run COMMAND] [FOLDER]

takes FOLDER/submitted/STUDENT/lesson_04/04_backprop.ipynb, gives points, writes what each student
would have been told into FOLDER/feedback/STUDENT/lesson_04, and all points into
FOLDER/grades.csv. The folder is "class" if none is given.

No kernel runs a submission. Each answer is checked in a new process (tools/check_answer.py) which
is stopped when it does not end; --run is put in front of its command.
"""

import argparse
import contextlib
import inspect
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from assignment import api, done, original

from course_utils.exercises import feedback
from course_utils.exercises.engine import Verdict
from course_utils.exercises.lessons import find

CHECK = Path(__file__).with_name("check_answer.py")
SECONDS = 120  # for the whole check of an answer


def check(number, earlier, answer, command=()):
    """The verdict on one answer, found in a process of its own."""
    task = json.dumps({"number": number, "earlier": earlier, "answer": answer})
    with tempfile.TemporaryFile("w+", encoding="utf-8") as given, tempfile.TemporaryFile() as got:
        given.write(task)
        given.seek(0)
        process = subprocess.Popen(
            [*command, sys.executable, str(CHECK)],
            stdin=given,
            stdout=got,  # a file: a pipe would wait for what the answer has started, too
            start_new_session=True,
        )
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            return Verdict("wrong", [f"Its check was stopped after {SECONDS} seconds."])
        finally:
            _stop(process)
        got.seek(0)
        try:
            return Verdict(**json.loads(got.read()))
        except (ValueError, TypeError):
            return Verdict("raised an error", ["Its check was ended before it could say anything."])


def _stop(process):
    """End a process, and what it has started and left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def try_out(command):
    """Stop where the command, or this course, cannot check an answer that is right."""
    right = inspect.getsource(find("1.1").reference)
    try:
        verdict = check("1.1", ["import numpy as np"], right, command)
    except OSError as error:
        sys.exit(f"RUN_AS={shlex.join(command)!r} does not work: {error}.")
    if verdict.outcome != "right":
        sys.exit(
            f"RUN_AS={shlex.join(command)!r} does not work: an answer that is right is not found "
            f"right. {' '.join(verdict.says)}"
        )


def check_answers(notebook, command=()):
    """Store the verdict on each answer below it, and the points below its test.

    Returns the notebook.
    """
    about = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    answers = {a["grade_id"]: i for i, a in enumerate(about) if a.get("solution")}
    tests = [i for i, a in enumerate(about) if a.get("grade")]

    def judge(i):
        number = about[i]["grade_id"].removesuffix("-points").removeprefix("ex-").replace("-", ".")
        place = answers.get(about[i]["grade_id"].removesuffix("-points"))
        if place is None:
            return find(number), Verdict("wrong", ["The cell of this exercise is missing."]), i
        cells = notebook.cells
        earlier = [cell.source for cell in cells[:place] if cell.cell_type == "code"]
        return find(number), check(number, earlier, cells[place].source, command), place

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for i, (exercise, verdict, place) in zip(tests, pool.map(judge, tests), strict=True):
            points = about[i]["points"] if verdict.outcome == "right" else 0
            notebook.cells[i].outputs = [
                nbformat.v4.new_output("execute_result", {"text/plain": str(points)})
            ]
            shown = {
                "text/plain": feedback.text(exercise, verdict),
                "text/html": feedback.box(exercise, verdict),
            }
            notebook.cells[place].outputs.insert(0, nbformat.v4.new_output("display_data", shown))
    return notebook


def grader(folder, command):
    """nbgrader with check_answers in the place of a kernel."""
    nbgrader = api(folder)  # first: says it where nbgrader is missing
    from nbgrader.preprocessors import (
        AssignLatePenalties,
        CheckCellMetadata,
        NbGraderPreprocessor,
        SaveAutoGrades,
    )

    class CheckAnswers(NbGraderPreprocessor):
        def preprocess(self, notebook, resources):
            return check_answers(notebook, command), resources

    nbgrader.config.Autograde.autograde_preprocessors = [
        CheckAnswers,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    return nbgrader


def main(folder, lesson="", command=""):
    if not folder.is_dir():
        sys.exit(f"There is no folder {folder} yet: make assignment LESSON=4 writes it.")
    wanted = f"lesson_{int(original(lesson).name[:2]):02}" if lesson else "*"
    submissions = sorted(path for path in folder.glob(f"submitted/*/{wanted}") if path.is_dir())
    if not submissions:
        sys.exit(f"Nothing is submitted yet: {folder}/submitted/STUDENT/lesson_04/04_….ipynb")
    try_out(shlex.split(command))
    nbgrader = grader(folder, shlex.split(command))
    failed = False
    for path in submissions:
        student, assignment = path.parent.name, path.name
        print(f"{student}, {assignment}: ", end="", flush=True)
        result = nbgrader.autograde(assignment, student)
        if not result["success"]:
            failed = True
            errors = [line.strip() for line in result["log"].splitlines() if "Error: " in line]
            print("could not be graded.", *errors[-1:])
            continue
        done(nbgrader.generate_feedback(assignment, student))
        with nbgrader.gradebook as gradebook:
            found = gradebook.find_submission(assignment, student)
            print(f"{found.score:g} of {found.max_score:g} points")
    with nbgrader.gradebook as gradebook:
        from nbgrader.plugins import CsvExportPlugin

        CsvExportPlugin(to=str(folder / "grades.csv")).export(gradebook)
    print(f"All points are in {folder / 'grades.csv'}, what is said in {folder / 'feedback'}.")
    sys.exit(failed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", default="class", type=Path)
    parser.add_argument("--lesson", default="", help="only this one")
    parser.add_argument("--run", default="", help="what runs the students' code")
    arguments = parser.parse_args()
    main(arguments.folder, arguments.lesson, arguments.run)
