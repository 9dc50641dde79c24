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


@pytest.mark.parametrize(
    ("change", "sizes", "sentence"),
    [
        (lambda e, i: e.T, ((3, 3), (4, 4)), "dW is the transpose of what is expected."),
        (lambda e, i: 2 * e, ((3, 3), (4, 4)), "dW is exactly 2 times what is expected."),
        (lambda e, i: e * 2 / 3, ((5, 4), (7, 3)), "dW is exactly 0.6667 times what is expected."),
        (lambda e, i: 0.3 * e, ((1, 2), (2, 1)), "dW is exactly 0.3 times what is expected."),
        (lambda e, i: e + 1, ((1, 2), (2, 1)), "dW is off by the same 1 everywhere."),
        (lambda e, i: e[::-1, ::-1], ((1, 2), (2, 1)), "dW holds the right numbers in another"),
        (lambda e, i: len(e) * e, ((2, 4), (3, 5)), "dW is len(x) times what is expected"),
        (lambda e, i: e / len(e), ((2, 4), (3, 5)), "dW is 1/len(x) of what is expected"),
        # a single number says too little, where there are trials with more
        (lambda e, i: e + 1, ((5, 4), (1, 1)), "dW is off by the same 1 everywhere."),
        (lambda e, i: np.vstack([e[:1], e[1:] ** 3]), ((2, 3),), "Only the first row of dW is ri"),
        # of a single column it is no news that the last one is wrong
        (lambda e, i: np.sin(e) + e**2, ((5, 1), (7, 1)), ""),
    ],
)
def test_the_relation_in_arrays_of_other_sizes(change, sizes, sentence):
    said = relation("dW", trials(change, sizes))
    assert said.startswith(sentence) and bool(said) == bool(sentence)


def test_what_is_right_at_0_is_wrong_only_where_the_input_is_negative():
    x = np.array([[-2.0, 0.0, 1.0], [3.0, -1.0, 0.0]])
    e = x + 5
    for wrong, what in ((x < 0, "negative"), (x > 0, "positive")):
        made = [(e, np.where(wrong, 9.5, e), {"y": np.ones(7), "x": x})]
        assert relation("a", made) == f"a is wrong exactly where x is {what}."


def test_where_zero_is_expected_no_factor_is_sought():
    e = np.zeros((2, 3))
    made = [(e, np.arange(6.0).reshape(2, 3), {})]
    assert (
        relation("a", made) == "Only the first column of a is wrong." or relation("a", made) == ""
    )


def test_true_and_false_the_other_way_round():
    e = np.array([True, False, True])
    assert relation("a", [(e, ~e, {})]) == "a is one minus what is expected."


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
        (lambda e: e * 2 / 3, ""),
        (lambda e: np.sqrt(e), "loss is the root of what is expected."),
        (lambda e: np.log(e), "loss is the logarithm of what is expected."),
        (lambda e: e + 1, ""),
    ],
)
def test_a_single_number(change, sentence):
    made = [(np.array(e), np.asarray(change(e)), {}) for e in (1.7, 2.9)]
    assert relation("loss", made) == sentence


def test_a_single_number_that_is_too_large_by_an_input_may_be_chance():
    made = [(np.array(e), np.array(e + y), {"y": np.array([y])}) for e, y in ((1.7, 3), (2.9, 4))]
    assert relation("loss", made) == ""


def test_every_relation_is_named_once():
    assert len({r.__name__ for r in RELATIONS}) == len(RELATIONS)
