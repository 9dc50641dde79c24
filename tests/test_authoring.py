"""What an author writes: slips, inputs from shapes, the cases that follow from them."""

import numpy as np
import pytest

from course_utils.exercises import authoring
from course_utils.exercises.authoring import (
    Exercise,
    Misconception,
    Slip,
    arrays,
    sizes_of,
    written_anew,
)
from course_utils.exercises.engine import check


def mean_of_squares(x, y):
    """The mean of (x - y)²; return total / N is not looked for here."""
    N = len(x)
    total = np.sum((x - y) ** 2)
    return total / N


def three_rows(N):
    return np.ones(N)


class Doubler:
    """A class is written anew as a function is."""

    def forward(self, x):
        """Twice x."""
        return 2 * x


def exercise(**described):
    usual = dict(
        number="9.1",
        reference=mean_of_squares,
        inputs=arrays(x="N", y="N"),
        returns="loss",
        hints=["a", "b"],
        misconceptions=[],
    )
    return Exercise(**usual | described)


def test_a_slip_is_the_reference_with_an_edit():
    slip = Slip("Divide by N.", "return total / N", "return total").apply_to(mean_of_squares)
    assert slip.sentence == "Divide by N."
    assert slip.implementation(np.array([3.0, 1.0]), np.zeros(2)) == 10
    assert mean_of_squares(np.array([3.0, 1.0]), np.zeros(2)) == 5


def test_a_slip_may_have_several_edits():
    slip = Slip("Both.", "total / N", "total", "** 2", "** 4").apply_to(mean_of_squares)
    assert slip.implementation(np.array([3.0, 1.0]), np.zeros(2)) == 82


@pytest.mark.parametrize(("old", "times"), [("not there", 0), ("N", 2), ("is not looked for", 0)])
def test_an_edit_must_match_once_below_the_docstring(old, times):
    with pytest.raises(ValueError) as raised:
        Slip("", old, "x").apply_to(mean_of_squares)
    assert str(raised.value) == (
        f"'{old}' must stand exactly once in mean_of_squares, below its docstring, "
        f"and stands there {times} times"
    )


def test_an_edit_of_a_reference_without_a_docstring():
    slip = Slip("Fixed.", "ones(N)", "ones(3)").apply_to(three_rows)
    assert len(slip.implementation(5)) == 3


def test_what_is_written_anew_is_another_function_that_does_the_same():
    again = written_anew(mean_of_squares)
    assert again is not mean_of_squares
    assert again(np.array([3.0, 1.0]), np.zeros(2)) == 5


@pytest.mark.parametrize("edits", [(), ("old",), ("old", "new", "another")])
def test_a_slip_is_made_of_pairs(edits):
    with pytest.raises(ValueError) as raised:
        Slip("Divide by N.", *edits)
    assert str(raised.value) == (
        "a Slip is a sentence and pairs of what stands there and what was written: "
        f"after 'Divide by N.' there are {len(edits)} pieces of source"
    )


def test_a_slip_in_a_class():
    slip = Slip("Twice.", "2 * x", "3 * x").apply_to(Doubler)
    assert slip.implementation().forward(2) == 6
    above_another_docstring = Slip("Named.", "forward(", "backward(").apply_to(Doubler)
    assert above_another_docstring.implementation().backward(2) == 4


def test_an_exercise_turns_its_slips_into_misconceptions():
    made = exercise(misconceptions=[Slip("Sum.", "total / N", "total"), Misconception("m", abs)])
    assert [m.sentence for m in made.misconceptions] == ["Sum.", "m"]
    assert made.misconceptions[0].implementation(np.ones(3), np.zeros(3)) == 3


def test_one_output_may_be_a_plain_string():
    assert exercise(returns="loss").returns == ("loss",)
    assert exercise(returns=("a", "b")).returns == ("a", "b")


def test_arrays_draws_by_shape():
    inputs = arrays(
        x="N D", labels=lambda rng, N, K: rng.integers(K, size=N), rate=0.1, names=["a"]
    )
    drawn = inputs(np.random.default_rng(0))
    assert drawn["x"].shape == (authoring.SIZES["N"], authoring.SIZES["D"])
    assert drawn["labels"].shape == (authoring.SIZES["N"],)
    assert drawn["rate"] == 0.1 and drawn["names"] == ["a"]
    assert sizes_of(inputs) == {k: authoring.SIZES[k] for k in "NDK"}
    assert inputs(np.random.default_rng(0), N=2, D=7)["x"].shape == (2, 7)
    drawn["names"].append("b")
    assert inputs(np.random.default_rng(0))["names"] == ["a"]


def test_sizes_of_a_function_are_its_defaults():
    assert sizes_of(lambda rng, N=3, rate=0.5, name="a": {}) == {"N": 3, "rate": 0.5, "name": "a"}


def test_no_two_usual_sizes_are_alike_and_none_is_1():
    assert len(set(authoring.SIZES.values())) == len(authoring.SIZES)
    assert min(authoring.SIZES.values()) > 1  # what broadcasts by chance would look right


def test_what_an_author_leaves_out_changes_nothing():
    made = exercise()
    assert check(made, lambda x, y: np.mean((y - x) ** 2)).outcome == "right"
    assert check(made, lambda x, y: np.mean((y - x) ** 2) * (1 + 1e-9)).outcome == "right"
    half = check(made, lambda x, y: np.mean((y - x) ** 2) / 2, seconds=0)
    assert half.says == ["loss is exactly 1/2 of what is expected."]
    close = check(made, lambda x, y: np.mean((y - x) ** 2) + 1e-5, seconds=0)
    assert close.outcome == "wrong"
    assert "ZeroDivisionError" in check(made, lambda x, y: 1 / 0, seconds=0).says[0]
    assert made.variants == []


@pytest.mark.parametrize(
    "hints",
    ["A sentence.", ("A sentence.", "Another."), ["A sentence."], ["A sentence.", " "], [1, 2], []],
)
def test_hints_are_a_list_of_at_least_two_sentences(hints):
    with pytest.raises(ValueError) as raised:
        exercise(hints=hints)
    assert str(raised.value) == (
        f"9.1: hints must be a list of at least two sentences, got {hints!r}"
    )


def test_a_letter_that_is_no_size_is_refused():
    with pytest.raises(ValueError) as raised:
        arrays(x="N D", W="D Q")
    assert str(raised.value) == (
        "W: 'Q' is no size; the sizes are N, D, H, K, C. A string names the axes of an array, "
        'such as "N D".'
    )
    with pytest.raises(ValueError, match="labels: 'M' is no size"):
        arrays(labels=lambda rng, M: rng.integers(3, size=M))


@pytest.mark.parametrize("sizes", [[{"N": 1}, {"K": 2}], [{"N": 1, "K": 2}]])
def test_a_further_size_must_be_one_that_the_inputs_have(sizes):
    with pytest.raises(ValueError) as raised:
        exercise(sizes=sizes)
    assert str(raised.value) == "9.1: sizes names K, and the sizes of its inputs are N"
    with pytest.raises(ValueError, match="9.1: sizes names K, N, and .* inputs are none"):
        exercise(inputs=lambda rng: {"x": np.ones(3), "y": np.ones(3)}, sizes=[{"N": 1, "K": 1}])


def test_inputs_are_the_arguments_of_the_reference():
    with pytest.raises(ValueError) as raised:
        exercise(inputs=arrays(x="N"))
    said = "9.1: the inputs do not fit what is called with them: missing a required argument: 'y'"
    assert str(raised.value) == said
    with pytest.raises(ValueError, match="got an unexpected keyword argument 'z'"):
        exercise(inputs=arrays(x="N", y="N", z="N"))


def test_inputs_are_the_arguments_of_run_where_there_is_one():
    exercise(inputs=arrays(n=3), run=lambda implementation, n: implementation(n, n))
    with pytest.raises(ValueError, match="missing a required argument: 'n'"):
        exercise(inputs=arrays(m=3), run=lambda implementation, n: implementation(n, n))


def test_two_axes_of_one_size():
    square = arrays(x="N N")(np.random.default_rng(0), N=3)["x"]
    assert square.shape == (3, 3)


def test_a_function_draws_by_the_sizes_that_it_names():
    assert len(arrays(y=lambda rng, N: np.ones(N))(np.random.default_rng(0), N=7)["y"]) == 7


def kinds(made):
    return [(case.kind, case.inputs["x"].shape) for case in made.cases()]


def test_the_cases():
    made = exercise(inputs=arrays(x="N D", y="N D"), sizes=[{"N": 1}])
    assert kinds(made) == [
        ("shown", (5, 4)),
        ("fresh", (5, 4)),
        ("fresh", (5, 4)),
        ("other sizes", (4, 4)),
        ("other sizes", (6, 5)),
        ("other sizes", (1, 4)),
    ]
    sentences = [case.sentence for case in made.cases()]
    assert sentences[0] == ""
    assert sentences[1] == authoring.FRESH
    assert sentences[3:] == [authoring.ROWS, authoring.OTHER_SIZES, authoring.ROWS]


def test_what_is_said_where_only_one_kind_of_case_is_wrong():
    made = exercise(
        inputs=lambda rng, N=3, ties=0: {"x": np.zeros(N), "y": 0.5},
        sizes=[{"ties": 1}],
        extremes=lambda rng: {"x": np.zeros(3), "y": 1e9},
    )
    said = [case.sentence.split(":")[0] for case in made.cases()]
    assert said == [
        "",
        *["Right for the inputs of one check and wrong for others"] * 2,
        "Right for one value of each number that is passed, wrong for another",
        "Right for one number of rows, wrong for another",
        "Right for the first inputs, wrong for these",
        "Right for the first inputs, wrong for these",
        *["Right for ordinary numbers, wrong for very large or very small ones."] * 2,
    ]
    assert authoring.OTHER_SIZES.startswith("Right for arrays of one size, wrong for others: take")


def test_larger_sizes_stay_unlike_each_other():
    made = exercise(inputs=lambda rng, N=3, D=3, H=4: {"x": np.zeros((N, D, H)), "y": 0.0})
    assert ("other sizes", (4, 5, 6)) in kinds(made)


def test_one_row_has_no_row_fewer():
    made = exercise(inputs=lambda rng, N=1: {"x": np.zeros(N), "y": np.zeros(N)})
    assert [shape for kind, shape in kinds(made) if kind == "other sizes"] == [(2,)]
    made = exercise(inputs=lambda rng, N=2: {"x": np.zeros(N), "y": np.zeros(N)})
    assert [shape for kind, shape in kinds(made) if kind == "other sizes"] == [(1,), (3,)]


def test_inputs_without_sizes_have_none_to_vary():
    made = exercise(inputs=lambda rng: {"x": np.zeros(3), "y": np.zeros(3)})
    assert [kind for kind, _ in kinds(made)] == ["shown", "fresh", "fresh"]


def test_cases_are_the_same_at_every_check():
    for first, second in zip(exercise().cases(), exercise().cases(), strict=True):
        assert np.array_equal(first.inputs["x"], second.inputs["x"])


def test_fresh_inputs_are_others():
    drawn = [case.inputs["x"] for case in exercise().cases() if case.kind in ("shown", "fresh")]
    assert not any(np.array_equal(drawn[i], drawn[j]) for i, j in ((0, 1), (0, 2), (1, 2)))


def test_single_numbers_are_changed_where_the_reference_bears_it():
    def power(x, y, n, flag):
        return (x + y) ** n if n < 3 else None

    inputs = arrays(x="N", y=1.0, n=1, flag=True)
    [other] = [
        c for c in exercise(reference=power, inputs=inputs).cases() if c.kind == "other numbers"
    ]
    assert (other.inputs["y"], other.inputs["n"], other.inputs["flag"]) == (0.7, 2, True)
    assert other.sentence == authoring.OTHER_NUMBERS
    inputs = arrays(x="N", y=1.0, n=2, flag=True)
    assert "other numbers" not in [c.kind for c in exercise(reference=power, inputs=inputs).cases()]


def test_extremes_are_cases_of_their_own():
    made = exercise(extremes=lambda rng: {"x": rng.normal(size=3) * 1e5, "y": np.zeros(3)})
    extreme = [case for case in made.cases() if case.kind == "extreme"]
    assert len(extreme) == 2 and extreme[0].sentence == authoring.EXTREME
    assert not np.array_equal(extreme[0].inputs["x"], extreme[1].inputs["x"])
    assert made.name == "mean_of_squares"


def test_run_is_used_where_there_is_one():
    made = exercise(run=lambda implementation, x, y: implementation(x, y) + 1)
    assert made.use(lambda x, y: 1, {"x": 0, "y": 0}) == 2
    assert exercise().use(lambda x, y: 1, {"x": 0, "y": 0}) == 1
