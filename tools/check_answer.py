"""Check one answer in a process of its own: tools/grade.py runs this for each exercise.

Reads from stdin, as JSON, the number of the exercise, the sources of the notebook's cells before
it, and the answer; writes the verdict to stdout, as JSON. Of the earlier cells only those
statements run that define what the answer uses. Earlier exercises are their references, as in a
notebook in which they are not solved. What no cell defines and an earlier lesson has built is
there too, as after catch_up.
"""

import ast
import dis
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["MPLBACKEND"] = "agg"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

SECONDS = 30  # for what the answer needs, beside the check itself
KEPT = ("outcome", "says", "details", "printed", "changes")  # of a verdict


def statements(source):
    """The statements of a cell; none where it cannot be read."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def names(statement):
    """(defined, used): the names that a statement gives to the notebook, and those it takes."""
    codes = [compile(ast.Module([statement], []), "cell", "exec")]
    defined = {i.argval for i in dis.get_instructions(codes[0]) if i.opname == "STORE_NAME"}
    used = set()
    while codes:
        code = codes.pop()
        used |= {
            i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_NAME", "LOAD_GLOBAL")
        }
        codes += [part for part in code.co_consts if hasattr(part, "co_code")]
    return defined, used


def needed(earlier, answer, given):
    """The source of what earlier cells define and the answer uses, all of it, in order.

    given : names that are there already
    """
    parts = [(ast.unparse(s), *names(s)) for source in earlier for s in statements(source)]
    wanted = set().union(*(names(statement)[1] for statement in statements(answer))) - given
    before = set()
    while wanted != before:  # what is needed may need more
        before = wanted
        wanted = wanted.union(*(used for _, defined, used in parts if defined & wanted)) - given
    return [source for source, defined, _ in parts if defined & wanted]


def verdict(number, earlier, answer):
    """The verdict of the exercise's own check on an answer, a cell's source."""
    from IPython.core.interactiveshell import InteractiveShell

    from course_utils import exercises
    from course_utils.exercises import record, sandbox
    from course_utils.exercises.engine import Verdict, check
    from course_utils.exercises.lessons import all_exercises, find

    described = find(number)
    everything = all_exercises()
    before = everything[: everything.index(described)]
    lesson = {e.name for e in before if e.number.split(".")[0] == number.split(".")[0]}
    # Not the progress of who grades: an answer's cell may call progress(reset=True).
    elsewhere = Path.cwd() / "progress.json"
    record.path = lambda: elsewhere
    shell = InteractiveShell.instance()
    shell.user_ns |= {exercise.name: exercise.reference for exercise in before}
    # The check comes below: the decorator leaves an answer as it is, wherever it is imported.
    exercises.exercise = lambda number: lambda implementation: implementation
    shell.user_ns["exercise"] = exercises.exercise

    def define():
        for source in needed(earlier, answer, lesson):
            shell.run_cell(source)  # what fails here will be missed below
        shell.user_ns.pop(described.name, None)
        ran = shell.run_cell(answer)
        if ran.error_before_exec or (described.name not in shell.user_ns and ran.error_in_exec):
            raise ran.error_before_exec or ran.error_in_exec

    # Neither the definitions nor the answer may change the course's own modules.
    sandbox.MODULES += tuple(
        module for name, module in sys.modules.items() if name.startswith("course_utils")
    )
    own = {name: id(value) for name, value in vars(described).items()}
    defined = sandbox.call(define, SECONDS, forbidden=[], student=None)
    if defined.problem:
        says = defined.says or [defined.error]
        return Verdict(defined.outcome, says, printed=defined.printed)
    if described.name not in shell.user_ns:
        return Verdict("wrong", [f"The cell does not define {described.name}."])
    found = check(described, shell.user_ns[described.name])
    if own != {name: id(value) for name, value in vars(described).items()}:
        return Verdict("wrong", ["It changes the exercise itself."])
    return found


def main():
    task = json.load(sys.stdin)
    answer_to = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["IPYTHONDIR"] = folder
        found = verdict(**task)
        os.chdir("/")
    with answer_to:
        json.dump({name: getattr(found, name) for name in KEPT}, answer_to)


if __name__ == "__main__":
    main()
