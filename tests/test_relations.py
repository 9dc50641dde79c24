"""How wrong values relate to the right ones; a coincidence in one trial is not said."""

import numpy as np
import pytest

from course_utils.exercises.relations import RELATIONS, relation


def trials(change, sizes=((5, 4), (7, 3))):
    """Right and changed values of other sizes, as in the cases of an exercise."""
    made = []
    for seed, (N, D) in enumerate(sizes):
        rng = np.random.default_rng(seed)
        inputs = {"x": rng.normal(size=(N, D)), "b": rng.normal(size=D), "rate": 0.1}
        e = inputs["x"] * 1.5 + 2
        made.append((e, np.asarray(change(e, inputs)), inputs))
    return made


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda e, i: 0 * e, "dW is 0 everywhere."),
        (lambda e, i: -e, "dW has the wrong sign everywhere."),
        (
            lambda e, i: len(e) * e,
            "dW is len(x) times what is expected: is a division by it missing?",
        ),
        (
            lambda e, i: e / len(e),
            "dW is 1/len(x) of what is expected: is it divided by it once too",
        ),
        (lambda e, i: 2 * e, "dW is exactly 2 times what is expected."),
        (lambda e, i: -3 * e, "dW is exactly minus 3 times what is expected."),
        (lambda e, i: e / 2, "dW is exactly 1/2 of what is expected."),
        (lambda e, i: 0.3 * e, "dW is exactly 0.3 times what is expected."),
        (lambda e, i: e + 1, "dW is off by the same 1 everywhere."),
        (lambda e, i: e + i["b"], "dW is too large by exactly b."),
        (lambda e, i: e - i["b"], "dW is too small by exactly b."),
        (lambda e, i: i["x"], "dW is x itself."),
        (lambda e, i: e**2, "dW is the square of what is expected."),
        (lambda e, i: 1 - e, "dW is one minus what is expected."),
        (lambda e, i: 1 / e, "dW is one over what is expected."),
        (lambda e, i: np.exp(e), "dW is exp of what is expected."),
        (lambda e, i: np.abs(e), "dW is the absolute value of what is expected."),
        (lambda e, i: np.where(i["x"] < 0, 9, e), "dW is wrong exactly where x is negative."),
        (lambda e, i: np.where(i["x"] > 0, 9, e), "dW is wrong exactly where x is positive."),
        (lambda e, i: np.vstack([e[:1], e[1:] ** 3]), "Only the first row of dW is right."),
        (lambda e, i: np.vstack([e[:-1] ** 3, e[-1:]]), "Only the last row of dW is right."),
        (lambda e, i: np.vstack([e[:-1], e[-1:] ** 3]), "Only the last row of dW is wrong."),
        (lambda e, i: np.vstack([e[:1] ** 3, e[1:]]), "Only the first row of dW is wrong."),
        (
            lambda e, i: np.hstack([e[:, :1], e[:, 1:] ** 3]),
            "Only the first column of dW is right.",
        ),
        (lambda e, i: e[::-1], "dW holds the right numbers in another order."),
        (lambda e, i: e * (1 + 1e-5 * np.sign(i["x"])), "dW is nearly right"),
        (lambda e, i: np.sin(e) + e**2, ""),
    ],
)
def test_the_relation_is_said(change, sentence):
    said = relation("dW", trials(change))
    assert said.startswith(sentence) and bool(said) == bool(sentence)


def test_the_transpose_of_a_square():
    e = np.random.default_rng(0).normal(size=(3, 3))
    assert relation("A", [(e, e.T, {})]) == "A is the transpose of what is expected."


@pytest.mark.parametrize("factor", [5, 1 / 5, 4])
def test_what_holds_for_one_size_only_is_a_coincidence(factor):
    """5 is len(x) in the first trial, and not in the second."""
    said = relation("dW", trials(lambda e, i: factor * e))
    assert "len" not in said
    by_chance = trials(lambda e, i: e + (1 if len(e) == 5 else e**2))
    assert relation("dW", by_chance) == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda e: 0 * e, "loss is 0."),
        (lambda e: -e, "loss has the wrong sign."),
        (lambda e: 2 * e, "loss is exactly 2 times what is expected."),
        (lambda e: e / 2, "loss is exactly 1/2 of what is expected."),
        (lambda e: 0.37 * e, ""),  # a single number is always some multiple of another
        (lambda e: np.sqrt(e), "loss is the root of what is expected."),
        (lambda e: np.log(e), "loss is the logarithm of what is expected."),
        (lambda e: e + 1, ""),
    ],
)
def test_a_single_number(change, sentence):
    made = [(np.array(e), np.asarray(change(e)), {}) for e in (1.7, 2.9)]
    assert relation("loss", made) == sentence


def test_every_relation_is_named_once():
    assert len({r.__name__ for r in RELATIONS}) == len(RELATIONS)
