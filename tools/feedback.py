"""How good is the feedback? `make feedback` tries the answers in tests/answers, prints a table.

The answers were written from the text of the lessons alone, as learners write them. Each wrong
one says on which line its slip is, of what kind, and words of which feedback that names the
cause has at least one. LESSON=4 tries one lesson; DETAILS=1 shows what was said where the cause
was not named, DETAILS=2 all.
"""

import ast
import json
import linecache
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.exercises import engine, sandbox
from course_utils.exercises.lessons import find, lessons

ROOT = Path(__file__).parent.parent


@dataclass
class Answer:
    """One answer as it was handed in, and what its author says of it."""

    number: str
    right: bool
    code: str
    lines: tuple = ()
    kind: str = ""
    cause: str = ""
    words: str = ""


def read(path):
    """The answers of a file."""
    for block in re.split(r"^### ", Path(path).read_text(), flags=re.MULTILINE)[1:]:
        header, code = block.split("\n", 1)
        parts = [part.strip() for part in header.split(" | ")]
        number, verdict = parts[0].split()
        if verdict == "right":
            yield Answer(number, True, code)
        else:
            where, kind, cause, words = parts[1], parts[2], " | ".join(parts[3:-1]), parts[-1]
            lines = tuple(map(int, re.findall(r"\d+", where)))
            yield Answer(number, False, code, lines, kind, cause, words.replace("/", "|"))


def namespaces_of(lesson):
    """{number of an exercise: what a learner who has come to it has defined}.

    Imports, functions, small data: cells that take longer than half a second are cut short.
    """
    [path] = (ROOT / "notebooks").glob(f"{lesson:02}_*.ipynb")
    namespace, before = {"__name__": "__main__"}, {}
    for cell in json.loads(path.read_text())["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            continue
        exercise = re.match(r'@exercise\("([\d.]+)"\)', source)
        if exercise:
            before[exercise[1]] = dict(namespace)
            namespace[find(exercise[1]).name] = find(exercise[1]).reference
            continue
        for statement in ast.parse(source).body:
            # Try too: an import of PyTorch that is cut short leaves half of it behind.
            if isinstance(statement, (ast.Expr, ast.For, ast.If, ast.Try, ast.With)):
                continue
            code = compile(ast.Module([statement], []), "<cell>", "exec")
            sandbox.call(lambda c=code: exec(c, namespace), 0.5, forbidden=(), student=None)
    return before


def try_answer(answer, namespace, seconds=engine.SEARCH):
    """The Verdict of an answer, and the seconds that it took."""
    source = f'@exercise("{answer.number}")\n{answer.code}'
    file = f"<answer to {answer.number}, {hash(answer.code)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    bound = {}

    def exercise(number):
        def keep(implementation):
            bound[number] = implementation
            namespace[implementation.__name__] = implementation
            return implementation

        return keep

    namespace = dict(namespace) | {"exercise": exercise}
    exec(compile(source, file, "exec", dont_inherit=True), namespace)
    began = time.perf_counter()
    verdict = engine.check(find(answer.number), bound[answer.number], seconds)
    return verdict, time.perf_counter() - began


def judge(answer, verdict):
    """The column of the table that this answer counts in."""
    if answer.right:
        return "right" if verdict.outcome == "right" else "refused"
    if verdict.outcome == "right":  # what changes its arguments is told so
        return "named" if verdict.changes and "place" in answer.kind else "accepted"
    said = re.sub("`.*?`", "", " ".join(verdict.says))  # without the code that is quoted
    if re.search(answer.words, said, re.IGNORECASE):
        return "named"
    if any(f"line {line + 1}," in said.lower() or f"line {line + 1} " in said.lower()
           for line in answer.lines):  # fmt: skip
        return "located"
    specific = verdict.misconception or verdict.edit
    return "misleading" if specific else "general"


def main():
    wanted = os.environ.get("LESSON")
    details = os.environ.get("DETAILS")
    columns = ["accepted", "named", "located", "general", "misleading", "right", "refused"]
    import matplotlib

    matplotlib.rcParams["figure.max_open_warning"] = 0
    print(
        f"{'lesson':8}" + "".join(f"{c:>12}" for c in columns) + f"{'median s':>10}{'longest':>9}"
    )
    total = dict.fromkeys(columns, 0)
    for lesson in lessons():
        path = ROOT / "tests" / "answers" / f"lesson_{lesson}.txt"
        if (wanted and str(lesson) != wanted) or not path.exists():
            continue
        counts, times, namespaces = dict.fromkeys(columns, 0), [], namespaces_of(lesson)
        for answer in read(path):
            verdict, seconds = try_answer(answer, namespaces[answer.number])
            outcome = judge(answer, verdict)
            counts[outcome] += 1
            times.append(seconds)
            if details and (details == "2" or outcome not in {"named", "right", "located"}):
                print(f"\n=== {outcome}: {answer.number}, {answer.kind}, line {answer.lines}")
                print(f"{answer.cause} ({seconds:.1f} s)")
                print(answer.code.rstrip())
                print("--- " + "\n    ".join(verdict.says))
        print(
            f"{lesson:<8}" + "".join(f"{counts[c]:>12}" for c in columns)
            + f"{np.median(times):>10.2f}{max(times):>9.2f}", flush=True,
        )  # fmt: skip
        for column in columns:
            total[column] += counts[column]
    print(f"{'all':8}" + "".join(f"{total[c]:>12}" for c in columns))
    wrong = sum(total[c] for c in columns[:5])
    good = total["named"] + total["located"]
    print(f"named or located: {good / wrong:.1%} of {wrong} wrong answers")
    return int(total["accepted"] + total["refused"] > 0)


if __name__ == "__main__":
    sys.exit(main())
