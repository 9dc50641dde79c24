"""The engine survives whatever a student writes, and says what it sees."""

import numpy as np
import pytest

import course_utils as cu
from course_utils.exercises import engine, feedback, hint, record, sandbox
from course_utils.exercises.engine import Exercise, Misconception, check


def dense_backward(dz, x, W):
    """Gradients of a dense layer."""
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)


@pytest.fixture
def backward():
    return Exercise(
        "4.2",
        reference=dense_backward,
        inputs=lambda rng: {
            "dz": rng.normal(size=(5, 3)),
            "x": rng.normal(size=(5, 4)),
            "W": rng.normal(size=(4, 3)),
        },
        returns=("dx", "dW", "db"),
        hints=["a hint", "a stronger one"],
        misconceptions=[
            Misconception(
                "The loss has taken the mean already.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz / len(x), dz.mean(axis=0)),
            )
        ],
        forward=lambda x, W: x @ W,
        differences={"dx": "x", "dW": "W"},
    )


@pytest.fixture
def sigmoid():
    def reference(z):
        e = np.exp(-np.abs(z))
        return np.where(z >= 0, 1, e) / (1 + e)

    return Exercise(
        "1.1",
        reference=reference,
        inputs=lambda rng: {"z": rng.normal(size=(4, 3))},
        extremes=lambda rng: {"z": np.array([-1000.0, 0.0, 1000.0]) + rng.normal(size=3)},
        returns=("a",),
        hints=["a hint", "another"],
        misconceptions=[
            Misconception("exp overflows.", lambda z: np.exp(z) / (1 + np.exp(z))),
        ],
        library=(cu.sigmoid,),
    )


def right(dz, x, W):
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)


def with_dW(change):
    """A right answer but for dW."""

    def answer(dz, x, W):
        dx, dW, db = right(dz, x, W)
        return dx, change(dW), db

    return answer


def text_of(exercise, answer):
    return feedback.text(exercise, check(exercise, answer))


def test_a_right_answer_is_right(backward):
    assert check(backward, right).outcome == "right"


@pytest.mark.parametrize("body", ["...", "pass", "return None", '"""Doc."""\n    ...'])
def test_a_stub_is_not_attempted(backward, body):
    namespace = {}
    exec(f"def dense_backward(dz, x, W):\n    {body}", namespace)
    assert check(backward, namespace["dense_backward"]).outcome == "not attempted"


def test_a_class_with_one_method_written_is_attempted():
    class Nothing:
        pass

    class Stub:
        def forward(self, x): ...

        def backward(self, dz): ...

    class Half(Stub):
        def forward(self, x):
            return x

        def backward(self, dz): ...

    assert [engine.is_stub(kind) for kind in (Nothing, Stub, Half)] == [False, True, False]


def test_returning_zero_is_an_attempt(backward):
    assert check(backward, lambda dz, x, W: 0).outcome == "wrong"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda dW: dW.T, "dW has shape (3, 4), expected (4, 3). Those are the axes of the tr"),
        (lambda dW: -dW, "dW has the wrong sign everywhere."),
        (lambda dW: dW / 5, "dW is exactly 1/5 of the expected value, and N is 5"),
        (lambda dW: dW * 5, "dW is exactly 5 times the expected value, and N is 5"),
        (lambda dW: dW * -2, "dW is exactly minus 2 times the expected value."),
        (lambda dW: dW * 0.3, "dW is exactly 0.3 times the expected value."),
        (lambda dW: dW + 1, "dW is off by the same 1 everywhere."),
        (lambda dW: dW * np.arange(1, 5)[:, None], "Each row of dW is off by a factor of its own"),
        (lambda dW: dW * np.arange(1, 4), "Each column of dW is off by a factor of its own"),
        (lambda dW: np.vstack([dW[:1], dW[1:] ** 2]), "dW is right in row 0 only, of 4."),
        (lambda dW: np.maximum(dW, 0), "places: look at the others."),
        (lambda dW: dW[::-1], "dW holds the right numbers in another order."),
        (lambda dW: dW * np.nan, "dW holds values that are NaN"),
        (lambda dW: dW / np.zeros_like(dW), "dW holds values that are infinite"),
        (lambda dW: dW.astype(int), "dW has dtype int64, expected float64."),
        (lambda dW: dW.tolist(), "dW is a list, expected an array: np.array(...) makes one of it."),
        (lambda dW: np.matrix(dW), "dW is an np.matrix"),
        (lambda dW: dW.astype(str), "dW holds no plain numbers"),
        (lambda dW: object(), "dW holds no plain numbers"),
        (lambda dW: None, "dW is None."),
        (lambda dW: dW.sum(), "An axis was summed away"),
        (lambda dW: dW + np.zeros((2, 1, 1)), "The sum (or mean) over the first axis is missing"),
    ],
)
def test_the_difference_is_said(backward, change, sentence):
    verdict = check(backward, with_dW(change))
    assert verdict.outcome == "wrong"
    assert any(sentence in said for said in verdict.says), verdict.says


def test_each_output_is_judged_by_itself(backward):
    verdict = check(backward, with_dW(lambda dW: -dW))
    assert "dx is right. dW is wrong. db is right." in verdict.says


def test_swapped_outputs_are_said(backward):
    verdict = check(backward, lambda dz, x, W: right(dz, x, W)[::-1])
    assert verdict.says == ["The outputs come in another order: expected dx, dW, db."]


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (1.0, "It returned one float; expected 3 things: dx, dW, db."),
        ((1.0, 2.0), "It returned 2 things; expected 3: dx, dW, db."),
        ({}, "It returned one dict; expected 3 things: dx, dW, db."),
    ],
)
def test_another_number_of_outputs_is_said(backward, result, sentence):
    def answer(dz, x, W):
        return result

    assert sentence in check(backward, answer).says


def test_a_missing_return_is_said(backward):
    def answer(dz, x, W):
        dx = dz @ W.T  # noqa: F841

    assert check(backward, answer).says == ["It returned None. Does it end with a return?"]


def test_an_input_forgotten_is_named():
    exercise = Exercise(
        "2.1",
        reference=lambda x, W, b: x @ W + b,
        inputs=lambda rng: {
            "x": rng.normal(size=(5, 4)), "W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)
        },
        returns=("z",),
        hints=[],
        misconceptions=[],
    )  # fmt: skip
    assert "z is off by exactly b: it is missing." in check(exercise, lambda x, W, b: x @ W).says
    twice = check(exercise, lambda x, W, b: x @ W + 2 * b)
    assert "z is off by exactly b: it is added once too often." in twice.says


def test_a_misconception_is_named_first(backward):
    answer = backward.misconceptions[0].implementation
    verdict = check(backward, answer)
    assert verdict.says[0] == "The loss has taken the mean already."


def test_centred_differences_are_shown_as_proof(backward):
    verdict = check(backward, with_dW(lambda dW: -dW))
    details = dict(verdict.details)
    expected = details["dW expected ="]
    assert details["dW by centred differences, nudging W ="] == expected
    assert details["dW got ="] != expected


def test_extreme_values_are_a_stage_of_their_own(sigmoid):
    verdict = check(sigmoid, lambda z: np.exp(z) / (1 + np.exp(z)))
    assert verdict.says[0] == "exp overflows."
    assert "Right for ordinary numbers, wrong for very large or very small ones." in verdict.says


def test_float32_is_right(backward):
    def answer(dz, x, W):
        return tuple(part.astype(np.float32) for part in right(dz, x, W))

    assert check(backward, answer).outcome == "right"


def test_answers_made_for_one_input_are_rejected(sigmoid):
    shown = next(iter(sigmoid.cases()))[1]["z"]
    stored = sigmoid.reference(shown)

    def answer(z):
        return stored if z.shape == shown.shape else 1 / (1 + np.exp(-z))

    verdict = check(sigmoid, answer)
    assert verdict.outcome == "wrong"
    assert "Right for the inputs of one check and wrong for others" in verdict.says[0]
    assert feedback.text(sigmoid, verdict) == text_of(sigmoid, answer)


@pytest.mark.parametrize("looked_up", [lambda z: cu.sigmoid(z)])
def test_calling_the_library_is_rejected(sigmoid, looked_up):
    assert "Write the steps yourself." in check(sigmoid, looked_up).says[0]


def test_hiding_that_the_library_is_called_does_not_help(sigmoid):
    def answer(z):
        try:
            return cu.sigmoid(z)
        except BaseException:
            return 1 / (1 + np.exp(-np.clip(z, -500, 500)))

    assert "Write the steps yourself." in check(sigmoid, answer).says[0]


def test_an_error_shows_the_students_own_lines(backward):
    def answer(dz, x, W):
        wrong = dz @ W
        return wrong

    verdict = check(backward, answer)
    assert verdict.outcome == "raised an error"
    assert verdict.says[0].startswith("ValueError: matmul")
    assert verdict.says[1].endswith("of the cell: wrong = dz @ W")
    assert not any("sandbox" in said for said in verdict.says)


def test_system_exit_is_survived(backward):
    def answer(dz, x, W):
        raise SystemExit(1)

    assert check(backward, answer).outcome == "raised an error"


def test_endless_recursion_is_survived(backward):
    def answer(dz, x, W):
        return answer(dz, x, W)

    assert "RecursionError" in check(backward, answer).says[0]


def test_asking_for_too_much_memory_is_survived(backward):
    assert "MemoryError" in check(backward, lambda dz, x, W: np.ones((10**8, 10**8))).says[0]


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_loop_without_an_end_is_stopped(backward, monkeypatch, stubborn):
    monkeypatch.setattr(engine, "SECONDS", 0.3)

    def answer(dz, x, W):
        while True:
            try:
                sum(range(100))
            except Exception:
                if not stubborn:
                    raise

    assert "Does a loop in it never end?" in check(backward, answer).says[0]


def test_the_stop_button_still_works(backward):
    def answer(dz, x, W):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(backward, answer)


def test_what_it_prints_is_shown_once(backward, capsys):
    def answer(dz, x, W):
        print("x is", x.shape)
        return right(dz, x, W)

    text = text_of(backward, answer)
    assert text.count("x is (5, 4)") == 1
    assert capsys.readouterr().out == ""


def test_changing_the_arguments_is_told_and_harms_nobody(backward, monkeypatch, tmp_path):
    monkeypatch.setattr(record, "path", lambda: tmp_path / "progress.json")
    monkeypatch.setattr("course_utils.exercises.find", lambda number: backward)
    shown = []
    monkeypatch.setattr(feedback, "_display", lambda plain, styled: shown.append(plain))

    from course_utils.exercises import exercise

    @exercise("4.2")
    def dense_backward(dz, x, W):
        result = right(dz, x, W)
        dz *= 0
        return result

    assert "right." in shown[0]
    assert "It changes its arguments" in shown[0]
    assert "begin with dz = dz.copy()." in shown[0]
    dz, x, W = np.ones((2, 3)), np.ones((2, 4)), np.ones((4, 3))
    dense_backward(dz, x, W)
    assert (dz == 1).all()


def test_another_signature_is_said(backward):
    verdict = check(backward, lambda x, dz, W: right(dz, x, W))
    assert "(dz, x, W)" in verdict.says[0]


def test_feedback_is_the_same_at_every_run(backward):
    answer = with_dW(lambda dW: dW * 1.5)
    assert text_of(backward, answer) == text_of(backward, answer)


def test_the_box_escapes_what_the_student_prints(backward):
    def answer(dz, x, W):
        print("<script>")
        return right(dz, x, W)

    box = feedback.box(backward, check(backward, answer))
    assert "<script>" not in box
    assert "&lt;script&gt;" in box


def test_warnings_of_the_student_stay_quiet(sigmoid, recwarn):
    check(sigmoid, lambda z: 1 / (1 + np.exp(-z)))
    assert len(recwarn) == 0


@pytest.mark.parametrize("number", ["0.1", "nine", "2", "2.99", 4])
def test_an_unknown_number_is_refused(number):
    with pytest.raises(ValueError, match=r"exercise"):
        engine.find(number)


def test_hints_come_one_more_at_a_time(capsys, monkeypatch):
    monkeypatch.setattr("course_utils.exercises._hints_given", {})
    hint("2.1")
    first = capsys.readouterr().out
    hint("2.1")
    second = capsys.readouterr().out
    assert first.splitlines()[0] == second.splitlines()[0]
    assert len(second.splitlines()) > len(first.splitlines())


def test_a_fixed_number_of_rows_is_rejected(backward):
    def answer(dz, x, W):
        return dz @ W.T, x.T @ dz, dz.mean(axis=0) * 5

    verdict = check(backward, answer)
    assert verdict.says[0] == engine.FIXED_SIZE


def test_an_error_for_another_number_of_rows_is_explained(backward):
    def answer(dz, x, W):
        db = sum(dz[i] for i in range(5))
        return dz @ W.T, x.T @ dz, db

    verdict = check(backward, answer)
    assert verdict.says[0] == engine.FIXED_SIZE
    assert verdict.says[1].startswith("IndexError")


def test_an_argument_left_out_is_named(backward):
    def answer(dz, x, W):
        return dz @ np.ones((3, 4)), x.T @ dz, dz.sum(axis=0)

    assert check(backward, answer).says[-1] == "The result does not depend on W: was it left out?"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (np.square, "a is the square of what is expected."),
        (lambda a: 1 - a, "a is one minus what is expected."),
        (lambda a: a[:, :, None], "An axis of length 1 is too many"),
        (lambda a: np.ma.masked_array(a, a > 0.5), "a is a masked array"),
    ],
)
def test_simple_relations_are_said(sigmoid, change, sentence):
    verdict = check(sigmoid, lambda z: change(1 / (1 + np.exp(-np.clip(z, -700, 700)))))
    assert any(sentence in said for said in verdict.says), verdict.says


def test_one_more_argument_with_a_default_is_right(backward):
    def answer(dz, x, W, axis=0):
        return dz @ W.T, x.T @ dz, dz.sum(axis=axis)

    assert check(backward, answer).outcome == "right"


def test_an_array_that_is_filled_anew_is_right(sigmoid):
    kept = {}

    def answer(z):
        a = kept.setdefault(z.shape, np.empty(z.shape))
        a[...] = 1 / (1 + np.exp(-np.clip(z, -700, 700)))
        return a

    assert check(sigmoid, answer).outcome == "right"


def test_replacing_a_function_of_numpy_is_undone_and_said(sigmoid):
    exp = np.exp

    def answer(z):
        np.exp = exp(-z)
        return 1 / (1 + np.exp)

    verdict = check(sigmoid, answer)
    assert np.exp is exp
    assert verdict.says == ["It replaced np.exp itself. Give what you store another name."]


def test_an_error_that_cannot_be_printed_is_survived(backward):
    class Odd(Exception):
        def __str__(self):
            raise ValueError

    def answer(dz, x, W):
        raise Odd

    assert check(backward, answer).says[0] == "Odd"


def test_a_list_within_itself_is_survived(backward):
    def answer(dz, x, W):
        endless = []
        endless.append(endless)
        return endless, endless, endless

    assert check(backward, answer).outcome == "wrong"


def test_closing_the_output_and_printing_without_an_end_are_survived(backward, monkeypatch):
    monkeypatch.setattr(engine, "SECONDS", 0.3)

    def answer(dz, x, W):
        import sys

        sys.stdout.close()
        while True:
            print("again")

    verdict = check(backward, answer)
    assert "Does a loop in it never end?" in verdict.says[0]
    assert len(verdict.printed) <= 2010


def test_a_fixed_setting_is_rejected():
    step = Exercise(
        "1.1",
        reference=lambda W, dW, learning_rate: W - learning_rate * dW,
        inputs=lambda rng: {
            "W": rng.normal(size=(4, 3)), "dW": rng.normal(size=(4, 3)), "learning_rate": 0.1
        },
        returns=("W",),
        hints=[],
        misconceptions=[],
    )  # fmt: skip
    verdict = check(step, lambda W, dW, learning_rate: W - 0.1 * dW)
    assert verdict.says[0] == engine.FIXED_NUMBER


@pytest.fixture
def softmax():
    def reference(z):
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    return Exercise(
        "2.4",
        reference=reference,
        inputs=lambda rng: {"z": rng.normal(size=(5, 3))},
        other_sizes=lambda rng: {"z": rng.normal(size=(4, 6))},
        returns=("a",),
        hints=[],
        misconceptions=[],
    )


def test_any_fixed_size_is_rejected(softmax):
    verdict = check(softmax, lambda z: np.exp(z) / np.exp(z[:, :3]).sum(axis=1, keepdims=True))
    assert verdict.outcome == "wrong"
    assert verdict.says[0] == engine.FIXED_SIZES


def test_an_error_for_other_sizes_is_explained(softmax):
    def answer(z):
        a = np.empty((len(z), 3))
        for k in range(3):
            a[:, k] = np.exp(z[:, k])
        return a / a.sum(axis=1, keepdims=True) * np.ones(z.shape)

    verdict = check(softmax, answer)
    assert verdict.says[0] == engine.FIXED_SIZES
    assert verdict.says[1].startswith("ValueError")


def test_what_is_wrong_everywhere_is_no_matter_of_fixed_sizes(softmax):
    verdict = check(softmax, lambda z: np.exp(z) / np.exp(z).sum() * np.ones((1, 3)))
    assert verdict.outcome == "wrong"
    assert not {engine.FIXED_SIZE, engine.FIXED_SIZES} & set(verdict.says)
    assert verdict.details[0][0] == "z ="


def test_random_numbers_of_its_own_are_noticed(sigmoid):
    rng = np.random.default_rng()
    verdict = check(sigmoid, lambda z: rng.random(z.shape))
    assert verdict.says[0].startswith("Called again with the same inputs")


def test_an_error_that_the_exercise_knows_is_explained_first(backward):
    backward.errors = {"'int' object": "W is the matrix: give the width another name."}

    def answer(dz, x, W):
        W = 3
        return dz @ W.T, x.T @ dz, dz.sum(axis=0)

    says = check(backward, answer).says
    assert says[0] == "W is the matrix: give the width another name."
    assert says[1].startswith("AttributeError")


def test_if_with_a_whole_array_is_explained(sigmoid):
    def answer(z):
        return z if z > 0 else 0

    assert check(sigmoid, answer).says[0] == sandbox.ONE_NUMBER


def test_many_numbers_of_the_proof_are_not_repeated(backward, monkeypatch):
    monkeypatch.setattr(engine, "MANY", 11)
    details = dict(check(backward, with_dW(lambda dW: -dW)).details)
    assert details["dW by centred differences, nudging W:"] == "the same as expected"


def test_one_wrong_array_is_shown(backward):
    details = dict(check(backward, lambda dz, x, W: (dz @ W.T + 1, -x.T @ dz, dz[0])).details)
    assert "dx got =" in details
    assert "dW got =" not in details


def test_a_list_of_arrays_that_is_changed_is_copied_by_its_first():
    total = Exercise(
        "1.1",
        reference=lambda parts: sum(parts),
        inputs=lambda rng: {"parts": [rng.normal(size=3) for _ in range(2)]},
        returns=("total",),
        hints=[],
        misconceptions=[],
    )

    def answer(parts):
        result = parts[0]
        result += parts[1]
        return result

    assert check(total, answer).changes_arguments == "parts[0].copy()"


def test_of_many_images_one_that_differs_is_shown():
    def only_one(x):
        z = 2 * x
        z[1, 0, 0, 2] = 7
        return z

    double = Exercise(
        "1.1",
        reference=lambda x: 2 * x,
        inputs=lambda rng: {"x": rng.normal(size=(2, 3, 4, 5))},
        returns=("z",),
        hints=[],
        misconceptions=[],
    )
    details = dict(check(double, only_one).details)
    assert "of it [1, :, :, 2]" in details["z expected ="]
    assert "7." in details["z got ="]
