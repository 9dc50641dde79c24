"""What is said of the form of a result: type, number, shape, dtype, not finite, order."""

import functools

import numpy as np
import pytest

from course_utils.exercises.comparison import compare, image_that_differs, numbers, same, show

RIGHT = np.random.default_rng(0).normal(size=(4, 3))


def said_of(got, expected=RIGHT, names=("dW",)):
    [finding] = compare(names, expected, got, 1e-6)
    assert finding.only_values == (finding.sentence == "")
    return finding.sentence


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (None, "It returned None. Does it end with a return?"),
        (RIGHT.T, "dW has shape (3, 4), expected (4, 3). Those are the axes of the transpose."),
        (RIGHT.tolist(), "dW is a list, expected an array: np.array(...) makes one of it."),
        (tuple(RIGHT), "dW is a tuple, expected an array: np.array(...) makes one of it."),
        (
            lambda: np.matrix(RIGHT),
            "dW is an np.matrix, whose * is another product: use a plain array.",
        ),
        (np.ma.masked_array(RIGHT), "dW is a masked array: return a plain array."),
        (RIGHT.astype(str), "dW holds no plain numbers: it is an array of dtype <U32."),
        ({}, "dW is a dict, expected an array."),
        ("4", "dW is a str, expected an array."),
        (RIGHT.astype(int), "dW has dtype int64, expected float64."),
        (RIGHT > 0, "dW has dtype bool, expected float64."),
        (RIGHT[:, :, None], "dW has shape (4, 3, 1), expected (4, 3). An axis of length 1 is too"),
        (RIGHT.sum(axis=0), "dW has shape (3,), expected (4, 3). Axis 0 was summed away"),
        (RIGHT.mean(axis=1), "dW has shape (4,), expected (4, 3). Axis 1 was summed away"),
        (RIGHT.sum(), "dW is one number, expected an array of shape (4, 3)."),
        (RIGHT.ravel(), "dW has shape (12,), expected (4, 3). The numbers are right, in another"),
        (
            np.stack([RIGHT, 0 * RIGHT]),
            "dW has shape (2, 4, 3), expected (4, 3). The sum over axis",
        ),
        (
            RIGHT[..., None] + np.zeros(5),
            "dW has shape (4, 3, 5), expected (4, 3). The mean over a",
        ),
        (
            RIGHT.ravel() * (1 + 1e-9),
            "dW has shape (12,), expected (4, 3). The numbers are right, in",
        ),
        (
            np.stack([RIGHT + 1e-9, 1e-9 - RIGHT, RIGHT]),
            "dW has shape (3, 4, 3), expected (4, 3). The sum over axis 0",
        ),
        (np.zeros((0, 3)), "dW has shape (0, 3), expected (4, 3)."),
        (RIGHT * np.nan, "dW holds values that are NaN (not a number). Was there an overflow"),
        (lambda: RIGHT / 0.0, "dW holds values that are infinite. Was there an overflow in exp"),
        (RIGHT + 1, ""),
    ],
)
def test_what_is_wrong_with_the_form(got, sentence):
    with np.errstate(all="ignore"):
        said = said_of(got() if callable(got) else got)
    assert said.startswith(sentence) and bool(said) == bool(sentence)


@pytest.mark.parametrize(
    ("expected", "got", "sentence"),
    [
        (2.0, np.ones(3), "loss has shape (3,), expected one number."),
        (2.0, np.nan, "loss is NaN (not a number). Was there"),
        (2.0, "two", "loss is a str, expected a number."),
        (2, 2.0, "loss has dtype float64, expected whole numbers."),
        (np.array([1, 0]), np.array([1.0, 0.0]), "loss has dtype float64, expected whole numbers."),
        (np.array([1, 0]), np.array([True, False]), "loss holds True and False, expected whole n"),
        ("relu", "tanh", "loss is 'tanh', expected 'relu'."),
        (None, 3, "loss is 3, expected None."),
        ({"W": 1.0}, [1.0], "loss is a list, expected a dict."),
        ({"W": 1.0, "b": 2.0}, {"W": 1.0}, "loss has the keys ['W'], expected ['W', 'b']."),
        ({"W": 1.0}, {"W": None}, 'loss["W"] is None.'),
        ([1.0, 2.0], 1.0, "loss is a float, expected a list."),
        ([1.0, 2.0], [1.0], "loss has 1 entries, expected 2."),
        ([np.ones(2)], [[1.0, 1.0]], "loss[0] is a list, expected an array"),
        (np.ones(3), np.ones((3, 3)), "loss has shape (3, 3), expected (3,). Was an (N, 1) combi"),
        (np.ones(3), 2 * np.ones((3, 4)), "loss has shape (3, 4), expected (3,)."),
        (
            np.ones((3, 2, 1)),
            np.ones((3, 1, 2)),
            "loss has shape (3, 1, 2), expected (3, 2, 1). An axis of length 1 is in another place: look at keepdims",
        ),
        (
            np.ones((3, 1)),
            np.ones(3),
            "loss has shape (3,), expected (3, 1). An axis of length 1 is missing: look at keepd",
        ),
        (2.0, [[1.0], [1.0, 2.0]], "loss is a list that makes no array."),
        ({0: 1.0}, {0: 1.0 + 1j}, "loss[0] is a complex, expected a number."),
    ],
)
def test_other_things_than_matrices(expected, got, sentence):
    said = said_of(got, expected, ("loss",))
    assert said.startswith(sentence) and (said == sentence or not sentence.endswith(")."))


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (2.0, 2),
        (2.0, np.array(2.0)),
        (RIGHT, RIGHT.astype(np.float32)),
        (RIGHT, RIGHT * (1 + 1e-8)),
        (RIGHT, (RIGHT * (1 + 1e-5)).astype(np.float32)),
        (np.zeros(3), np.full(3, 1e-14)),
        ("relu", "relu"),
        (None, None),
        ({"W": RIGHT}, {"W": RIGHT, "more": "kept"}),
        ([RIGHT], (RIGHT,)),
        ([1.0, 2.0], np.array([1.0, 2.0])),  # as good as a list
        (np.array([1e-9, 1.0]), np.array([2e-9, 1.0])),  # rounding beside 1
    ],
)
def test_what_is_right(expected, got):
    assert compare(("a",), expected, got, 1e-6) == []


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (RIGHT[:, :2], "dW has shape (4, 2), expected (4, 3)."),
        (np.zeros((0, 3)), "dW has shape (0, 3), expected (4, 3)."),
        (np.stack([RIGHT, 0.5 * RIGHT]), "dW has shape (2, 4, 3), expected (4, 3)."),
        (1.5 * RIGHT.sum(axis=0), "dW has shape (3,), expected (4, 3)."),
        (1.5 * RIGHT.ravel(), "dW has shape (12,), expected (4, 3)."),
        (RIGHT.ravel()[:5], "dW has shape (5,), expected (4, 3)."),
        (RIGHT[None], "dW has shape (1, 4, 3), expected (4, 3). An axis of length 1 is too many: "
         "look at keepdims and at [ ]."),
        (np.stack([RIGHT, 0 * RIGHT]), "dW has shape (2, 4, 3), expected (4, 3). The sum over "
         "axis 0 is missing."),
    ],
)  # fmt: skip
def test_why_a_shape_is_another_is_said_only_where_the_numbers_bear_it_out(got, sentence):
    assert said_of(got) == sentence


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (np.zeros(3), np.full(3, 1e-9)),
        (np.array([5e-7, 1.0]), np.array([1e-6, 1.0])),
        (np.array([1e-5, 1e6]), np.array([2e-5, 1e6])),  # beside large values, too
        (RIGHT, RIGHT * (1 + 1e-5)),
        (RIGHT, (RIGHT * 1.001).astype(np.float32)),
    ],
)
def test_what_is_close_and_wrong(expected, got):
    [finding] = compare(("a",), expected, got, 1e-6)
    assert finding.only_values and finding.shows_values


def test_values_that_are_all_tiny_are_told_apart():
    assert compare(("a",), np.array([1e-9]), np.array([2e-9]), 1e-6)


def test_several_outputs():
    dx, db = RIGHT, RIGHT[0]
    assert compare(("dx", "db"), (dx, db), [dx, db], 1e-6) == []
    assert said_of(dx, (dx, db), ("dx", "db")).startswith("It returned one array; expected 2 thi")
    assert said_of(1.0, (dx, db), ("dx", "db")).startswith(
        "It returned one float; expected 2 things"
    )
    assert said_of((dx,), (dx, db), ("dx", "db")).startswith(
        "It returned 1 things; expected 2: dx,"
    )
    assert said_of((db, dx), (dx, db), ("dx", "db")) == (
        "The outputs come in another order: expected dx, db."
    )
    [finding] = compare(("dx", "db"), (dx, db), (dx, -db), 1e-6)
    assert (finding.output, finding.part, finding.sentence) == ("db", "db", "")
    assert len(compare(("dx", "db"), (dx, db), (-dx, -db), 1e-6)) == 2


@pytest.mark.parametrize("got", [None, 1.0, (RIGHT,), (RIGHT[0], RIGHT)])
def test_what_is_wrong_with_the_whole_result_is_no_matter_of_one_output(got):
    [finding] = compare(("dx", "db"), (RIGHT, RIGHT[0]), got, 1e-6)
    assert finding.output == finding.part == "the result"
    assert not finding.shows_values


def test_an_array_that_can_be_unpacked_is_as_good_as_a_tuple():
    assert compare(("dw", "db"), (1.0, 2.0), np.array([1.0, 2.0]), 1e-6) == []


def test_a_part_of_an_output_has_its_name():
    [finding] = compare(("g",), [{"W": RIGHT}], [{"W": -RIGHT}], 1e-6)
    assert (finding.output, finding.part) == ("g", 'g[0]["W"]')
    [finding] = compare(("pair",), (1.0, 2.0), (1.0, 2.5), 1e-6)
    assert (finding.output, finding.part) == ("pair", "pair[1]")


def test_same():
    assert same({"a": [1, (2.0,)]}, {"a": [1, (2.0,)]}, 0)
    assert not same({"a": 1}, {"b": 1}, 0)
    assert not same([1], [1, 2], 0)
    assert not same(RIGHT, RIGHT.T, 1e-6)
    assert not same([1.0, [2.0, 3.0]], [1.0, [2.0]], 1e-6)
    assert same("a", "a", 1e-6) and not same("a", "b", 1e-6)
    assert same(np.array([np.nan]), np.array([np.nan]), 1e-6)
    assert same((1.0, "a"), [1.0, "a"], 1e-6) and same([1.0, "a"], (1.0, "a"), 1e-6)
    assert not same({"a": 1}, 1.0, 1e-6) and not same([1.0], 1.0, 1e-6)
    assert not same("a", 1.0, 1e-6) and not same([[1.0], [1.0, 2.0]], 1.0, 1e-6)
    odd = object()
    assert same(odd, odd, 1e-6) and not same(odd, object(), 1e-6)
    assert same(object(), object(), 0)  # nothing to tell them apart by


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"),
        (np.float64(2), "2"),
        (np.float32(0.123456), "0.1235"),
        (np.int64(3), "3"),
        (np.True_, "True"),
        (np.str_("W"), "'W'"),
        (np.array([[0.123456, 1e-9]]), "[[0.1235 0.    ]]"),
        (np.arange(49.0), "[ 0.  1. ... 47. 48.]   shape (49,)"),
        (np.ones((1, 2, 2, 1)), "shape (1, 2, 2, 1); of it [0, :, :, 0]:\n[[1. 1.]\n [1. 1.]]"),
        ({0: 1.5, "b": 2}, '{0: 1.5, "b": 2}'),
        (list(range(7)), "[0, 1, 2, 3, 4, 5, 6]"),
        (list(range(8)), "a list"),
        ((1, 2), "[1, 2]"),
        ({i: i for i in range(7)}, "{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}"),
        ({i: i for i in range(8)}, "a dict"),
        (functools.partial(np.sum), "the function given"),
        (3, "3"),
        ("W", "'W'"),
        (np.array([1.0, 2.0]), "[1. 2.]   shape (2,)"),
        ({"W": 0.5}, '{"W": 0.5}'),
        ([0.5, 1], "[0.5, 1]"),
        (np.sum, "the function sum"),
        (list(range(9)), "a list"),
        (object(), "a object"),
    ],
)
def test_values_are_shown_short(value, text):
    assert show(value) == text


def test_of_many_images_the_one_that_differs_is_shown():
    e = np.zeros((3, 2, 2, 4))
    g = e.copy()
    g[2, 1, 1, 3] = 1
    assert image_that_differs(e, g) == (2, 3)
    assert image_that_differs(e + 1, 1 + g / 1000) == (2, 3)
    assert image_that_differs(e + 1, 1 + g + 1e-9) == (2, 3)  # rounding is no difference
    assert image_that_differs(e, g[0]) == ()
    assert image_that_differs(e, g.astype(str)) == ()
    assert show(g, 2, 3).startswith("shape (3, 2, 2, 4); of it [2, :, :, 3]:\n[[0. 0.]\n [0. 1.]]")


def test_numbers_of_anything():
    assert list(numbers({"a": [1, np.array([2.0, 3.0])], "b": ("x", True)})) == [1, 2, 3, 1]
