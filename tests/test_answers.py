"""Answers as learners write them, tests/answers: wrong ones are rejected, right ones accepted."""

import functools
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from feedback import namespaces_of, read, try_answer

from course_utils.exercises.lessons import all_exercises

PATHS = sorted((Path(__file__).parent / "answers").glob("*.txt"))
ANSWERS = [answer for path in PATHS for answer in read(path)]


@functools.cache
def namespaces(lesson):
    before = namespaces_of(lesson)
    plt.close("all")
    return before


def check(answer):
    lesson = int(answer.number.split(".")[0])
    verdict, _ = try_answer(answer, namespaces(lesson)[answer.number], seconds=0)
    return verdict


def of(right):
    """The answers that are right, or those that are wrong, with readable ids."""
    chosen = [answer for answer in ANSWERS if answer.right == right]
    return [pytest.param(a, id=f"{a.number}-{i}-{a.kind}") for i, a in enumerate(chosen)]


def test_there_are_wrong_and_right_answers_to_every_exercise():
    tried = {(answer.number, answer.right) for answer in ANSWERS}
    assert tried == {(e.number, right) for e in all_exercises() for right in (True, False)}


# Cells that take long are stopped while a namespace is made; some of them say so as they end.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize("answer", of(right=False))
def test_a_wrong_answer_is_rejected(answer):
    """One that is wrong only in what it does to its arguments is run on copies, and told so."""
    first, second = check(answer), check(answer)
    if answer.kind == "in place" and first.changes:
        assert first.outcome == "right"
    else:
        assert first.outcome in {"wrong", "raised an error"}
        assert first.says and first.says[0]
    assert (first.outcome, first.says) == (second.outcome, second.says)


@pytest.mark.parametrize("answer", of(right=True))
def test_a_right_answer_is_accepted(answer):
    first, second = check(answer), check(answer)
    assert first.outcome == second.outcome == "right", first.says
    assert first.says == second.says == []
