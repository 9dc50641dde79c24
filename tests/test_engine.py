"""The engine survives whatever a student writes, and says what it sees."""

import numpy as np
import pytest

import course_utils as cu
from course_utils.exercises import authoring, engine, errors, feedback, hint, record
from course_utils.exercises.authoring import Exercise, Misconception, arrays
from course_utils.exercises.engine import check
from course_utils.exercises.lessons import find
from course_utils.exercises.search import Found


def dense_backward(dz, x, W):
    """Gradients of a dense layer."""
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)


@pytest.fixture
def backward():
    return Exercise(
        "4.2",
        reference=dense_backward,
        inputs=arrays(dz="N H", x="N D", W="D H"),
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


def test_each_output_is_judged_by_itself(backward):
    verdict = check(backward, with_dW(lambda dW: -dW))
    assert verdict.says[-1] == "dx is right. dW is wrong. db is right."


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
    sigmoid.misconceptions = []
    verdict = check(sigmoid, lambda z: np.exp(z) / (1 + np.exp(z)), seconds=0)
    assert verdict.says[0] == authoring.EXTREME
    assert "holds values that are NaN" in verdict.says[1]


def test_float32_is_right(backward):
    def answer(dz, x, W):
        return tuple(part.astype(np.float32) for part in right(dz, x, W))

    assert check(backward, answer).outcome == "right"


def test_answers_made_for_one_input_are_rejected(sigmoid):
    shown = next(iter(sigmoid.cases())).inputs["z"]
    stored = sigmoid.reference(shown)

    def answer(z):
        return stored if z.shape == shown.shape else 1 / (1 + np.exp(-z))

    verdict = check(sigmoid, answer, seconds=0)
    assert verdict.outcome == "wrong"
    assert verdict.says[0] == authoring.FRESH


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

    verdict = check(backward, answer, seconds=0)
    assert verdict.outcome == "raised an error"
    assert verdict.says[0].startswith("`dz @ W` does not fit: dz has shape (5, 3) and W has sh")
    assert verdict.says[1].endswith("of the cell: wrong = dz @ W")
    assert len(verdict.says) == 2
    assert not any("sandbox" in said for said in verdict.says)


def test_the_edit_that_mends_an_error_is_said_after_it(backward):
    def answer(dz, x, W):
        return dz @ W, x.T @ dz, dz.sum(axis=0)

    verdict = check(backward, answer, seconds=30)
    assert verdict.says[0].startswith("`dz @ W` does not fit")
    assert verdict.says[-1] == verdict.edit.sentence
    assert verdict.edit.sentence.endswith(
        "look at `W`: must it be transposed there, or must it not?"
    )


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
        find(number)


def test_hints_come_one_more_at_a_time(capsys, monkeypatch):
    monkeypatch.setattr("course_utils.exercises._hints_given", {})
    hint("2.1")
    first = capsys.readouterr().out
    hint("2.1")
    second = capsys.readouterr().out
    assert first.splitlines()[0] == second.splitlines()[0]
    assert len(second.splitlines()) > len(first.splitlines())


def test_the_change_that_makes_an_answer_right_is_the_last_hint(capsys, monkeypatch):
    monkeypatch.setattr("course_utils.exercises._hints_given", {})
    edit = Found("number", 2, "y = 1", "look there", "y = 1", "y = 2")
    monkeypatch.setattr("course_utils.exercises._edits_found", {"2.1": edit})
    said = []
    for _ in range(len(find("2.1").hints) + 1):
        hint("2.1")
        said.append(capsys.readouterr().out)
    assert edit.hint in said[-1]
    assert not any("Line 2" in earlier for earlier in said[:-1])
    assert "That was the last one." in said[-1] and "last one" not in said[-2]


def test_a_fixed_number_of_rows_is_rejected(backward):
    def answer(dz, x, W):
        return dz @ W.T, x.T @ dz, dz.mean(axis=0) * 5

    assert check(backward, answer, seconds=0).says[0] == authoring.ROWS
    found = check(backward, answer, seconds=30)
    assert "look at the number `5`: which size, or which argument, does it stand" in found.says[0]


def test_a_cause_is_followed_by_one_thing_that_is_seen(backward):
    def answer(dz, x, W):
        sign = -1 if len(x) == 4 else 1
        return dz @ W.T, sign * x.T @ dz, sign * dz.sum(axis=0)

    assert check(backward, answer, seconds=0).says == [
        authoring.ROWS,
        "dW has the wrong sign everywhere.",
        "dx is right. dW is wrong. db is wrong.",
    ]


def test_an_error_for_another_number_of_rows_is_explained(backward):
    def answer(dz, x, W):
        db = sum(dz[i] for i in range(5))
        return dz @ W.T, x.T @ dz, db

    verdict = check(backward, answer)
    assert verdict.says[0] == authoring.ROWS
    assert "the index 4 is too large, for axis 0 has 4 places, 0 to 3" in verdict.says[1]


def test_an_argument_left_out_is_named(backward):
    def answer(dz, x, W):
        return dz @ np.ones((dz.shape[1], x.shape[1])), x.T @ dz, dz.sum(axis=0)

    said = check(backward, answer, seconds=0).says[0]
    assert said == "The result does not depend on W: was it left out?"
    zero = check(backward, lambda dz, x, W: (0 * x, 0 * W, 0 * dz[0]), seconds=0)
    assert not any("does not depend" in said for said in zero.says)


def test_an_argument_that_never_matters_is_not_missed():
    made = Exercise(
        "1.1",
        reference=lambda x, y: x,
        inputs=arrays(x="N", y="N"),
        returns=("a",),
        hints=["a hint", "another"],
        misconceptions=[],
    )
    assert check(made, lambda x, y: np.sin(x), seconds=0).says == ["The values are wrong."]


def test_one_more_argument_with_a_default_is_right(backward):
    def answer(dz, x, W=None, axis=0):
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
        hints=["a hint", "another"],
        misconceptions=[],
    )  # fmt: skip
    verdict = check(step, lambda W, dW, learning_rate: W - 0.1 * dW, seconds=0)
    assert verdict.says[0] == authoring.OTHER_NUMBERS


@pytest.fixture
def softmax():
    def reference(z):
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    return Exercise(
        "2.4",
        reference=reference,
        inputs=lambda rng, N=5, K=3: {"z": rng.normal(size=(N, K))},
        returns=("a",),
        hints=["a hint", "another"],
        misconceptions=[],
    )


def test_any_fixed_size_is_rejected(softmax):
    def answer(z):
        return np.exp(z) / np.exp(z[:, :3]).sum(axis=1, keepdims=True)

    verdict = check(softmax, answer, seconds=0)
    assert verdict.outcome == "wrong"
    assert verdict.says[0] == authoring.OTHER_SIZES


def test_an_error_for_other_sizes_is_explained(softmax):
    def answer(z):
        a = np.empty((len(z), 3))
        for k in range(3):
            a[:, k] = np.exp(z[:, k])
        return a / a.sum(axis=1, keepdims=True) * np.ones(z.shape)

    verdict = check(softmax, answer)
    assert verdict.says[0] == authoring.OTHER_SIZES
    assert "Shapes are compared from the right, and here" in verdict.says[1]


def test_what_is_wrong_everywhere_is_no_matter_of_fixed_sizes(softmax):
    verdict = check(softmax, lambda z: np.exp(z) / np.exp(z).sum() * np.ones((1, 3)))
    assert verdict.outcome == "wrong"
    assert not {authoring.ROWS, authoring.OTHER_SIZES} & set(verdict.says)
    assert verdict.details[0][0] == "z ="


def test_random_numbers_of_its_own_are_noticed(sigmoid):
    rng = np.random.default_rng()
    verdict = check(sigmoid, lambda z: rng.random(z.shape))
    assert verdict.says[0].startswith("Called again with the same inputs")


@pytest.mark.parametrize(
    ("answer", "what"),
    [(lambda z: object(), "object"), (lambda z: (row for row in z), "generator")],
)
def test_an_object_that_is_another_each_time_is_no_sign_of_chance(sigmoid, answer, what):
    assert check(sigmoid, answer).says == [f"a is a {what}, expected an array."]


def test_an_error_that_the_exercise_knows_is_explained_first(backward):
    backward.errors = {"'int' object": "W is the matrix: give the width another name."}

    def answer(dz, x, W):
        W = 3
        return dz @ W.T, x.T @ dz, dz.sum(axis=0)

    says = check(backward, answer).says
    assert says[0] == "W is the matrix: give the width another name."
    assert says[1].startswith("`W.T`: W is 3 and has no `T`")


def test_if_with_a_whole_array_is_explained(sigmoid):
    def answer(z):
        return z if z > 0 else 0

    assert check(sigmoid, answer).says[0] == errors.ONE_NUMBER


def test_many_numbers_of_the_proof_are_not_repeated(backward, monkeypatch):
    monkeypatch.setattr(engine, "MANY", 11)
    details = dict(check(backward, with_dW(lambda dW: -dW)).details)
    assert details["dW by centred differences, nudging W:"] == "the same as expected"


def test_one_wrong_array_is_shown(backward):
    details = dict(check(backward, lambda dz, x, W: (dz @ W.T + 1, -x.T @ dz, dz[0])).details)
    assert "dx got =" in details
    assert "dW got =" not in details


def test_a_list_of_arrays_that_is_changed_is_copied_array_by_array():
    total = Exercise(
        "1.1",
        reference=lambda parts: sum(parts),
        inputs=lambda rng: {"parts": [rng.normal(size=3) for _ in range(2)]},
        returns=("total",),
        hints=["a hint", "another"],
        misconceptions=[],
    )

    def answer(parts):
        result = parts[0]
        result += parts[1]
        return result

    assert check(total, answer).changes == "parts = [array.copy() for array in parts]"
    total.keeps_arguments = True
    verdict = check(total, answer)
    assert verdict.outcome == "wrong"
    assert verdict.says[0].endswith("begin with parts = [array.copy() for array in parts].")


def test_all_arguments_that_are_changed_are_named(backward):
    def answer(dz, x, W):
        result = dz @ W.T, x.T @ dz, dz.sum(axis=0)
        W *= 2
        x += 1
        return result

    assert check(backward, answer).changes == "x = x.copy(); W = W.copy()"


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
        hints=["a hint", "another"],
        misconceptions=[],
    )
    details = dict(check(double, only_one).details)
    assert "of it [1, :, :, 2]" in details["z expected ="]
    assert "7." in details["z got ="]


def test_how_the_values_are_related_is_said_where_nothing_better_is_known(backward):
    says = check(backward, with_dW(lambda dW: -dW), seconds=0).says
    assert says[0] == "dW has the wrong sign everywhere."


def test_a_relation_must_hold_for_other_sizes_too(backward):
    """Of another size the part has another shape: then its sign is not what is wrong."""

    def answer(dz, x, W):
        dW = x.T @ dz
        return dz @ W.T, -dW if len(x) == 5 else dW[None, None], dz.sum(axis=0)

    assert check(backward, answer, seconds=0).says[0] == "The values are wrong."


def test_of_many_wrong_parts_one_is_told_and_of_few_two():
    def parts_of(count):
        return Exercise(
            "1.1",
            reference=lambda x: {i: x + i for i in range(count)},
            inputs=arrays(x="N"),
            returns=("parts",),
            hints=["a hint", "another"],
            misconceptions=[],
        )

    def says(count):
        return check(
            parts_of(count), lambda x: {i: x + i + 10 + i for i in range(count)}, seconds=0
        ).says

    assert says(3) == [
        "parts[0] is off by the same 10 everywhere.",
        "parts[1] is off by the same 11 everywhere.",
    ]
    assert says(4) == ["parts[0] is off by the same 10 everywhere."]


def test_an_answer_that_gives_what_a_slip_in_the_reference_gives(backward):
    """A lambda has no lines to be searched; the reference has."""
    backward.misconceptions = []
    answer = eval("lambda dz, x, W: (dz @ W.T, x.T @ dz, dz.mean(axis=0))")
    said = check(backward, answer, seconds=30).says[0]
    assert said.startswith("It gives what `dz.mean(axis=0)` would give: look at")
    assert not check(backward, answer, seconds=0).says[0].startswith("It gives what")


@pytest.mark.parametrize("answer", [np.sum, 3, Exercise])
def test_what_is_no_function_is_refused(sigmoid, answer):
    says = check(sigmoid, answer).says
    assert says == ["reference must be a function, as in the exercise's first line."]


def test_a_function_in_the_place_of_a_class_is_refused():
    class Double:
        def forward(self, x):
            return 2 * x

    made = Exercise(
        "1.1",
        Double,
        inputs=arrays(x="N"),
        run=lambda double, x: double().forward(x),
        returns=("z",),
        hints=["a hint", "another"],
        misconceptions=[],
    )
    says = check(made, lambda x: 2 * x).says
    assert says == ["Double must be a class, as in the exercise's first line."]
    # the inputs are not the arguments of the class, and shown all the same
    broken = type("Double", (), {"forward": lambda self, x: x})
    assert check(made, broken, seconds=0).details[0][0] == "x ="


def test_the_proof_of_a_single_output(monkeypatch):
    made = Exercise(
        "3.1",
        reference=lambda dz, x: 2 * x * dz,
        inputs=arrays(dz="N", x="N"),
        returns=("dx",),
        hints=["a hint", "another"],
        misconceptions=[],
        forward=lambda x: x**2,
        differences={"dx": "x"},
    )
    details = dict(check(made, lambda dz, x: x * dz, seconds=0).details)
    assert details["dx by centred differences, nudging x ="] == details["dx expected ="]
    monkeypatch.setattr(engine, "MANY", 4)
    details = dict(check(made, lambda dz, x: x * dz, seconds=0).details)
    assert details["dx by centred differences, nudging x:"] == "the same as expected"


def test_arguments_are_shown_while_there_is_place():
    made = Exercise(
        "1.1",
        reference=lambda x, y, z, names, params, text: x,
        inputs=arrays(
            x="N D",
            y="N D",
            z="N D",
            names=[f"name {i}" for i in range(40)],
            params={f"W{i}": np.ones((2, 2)) for i in range(7)},
            text=lambda rng: "long" * 100,
        ),
        returns=("a",),
        hints=["a hint", "another"],
        misconceptions=[],
    )
    details = dict(check(made, lambda x, y, z, names, params, text: -x, seconds=0).details)
    assert details["x ="].count("\n") == details["y ="].count("\n") == 4
    assert details["z ="] == "an array of shape (5, 4)"
    assert details["names ="] == "a list of 40"
    assert details["params ="] == "a dict of 7"
    assert len(details["text ="]) == 60 and details["text ="].startswith("'longlong")


def test_a_long_argument_leaves_place_for_the_next():
    made = Exercise(
        "1.1",
        reference=lambda long, x: x,
        inputs=arrays(long=lambda rng: rng.normal(size=(20, 2)), x="N D"),
        returns=("a",),
        hints=["a hint", "another"],
        misconceptions=[],
    )
    details = dict(check(made, lambda long, x: -x, seconds=0).details)
    assert details["long ="] == "an array of shape (20, 2)"
    assert details["x ="].count("\n") == 4


@pytest.mark.parametrize(("rows", "shown"), [(10, True), (11, False)])
def test_an_argument_is_shown_in_ten_lines_or_not_at_all(rows, shown):
    made = Exercise(
        "1.1",
        reference=lambda x: x,
        inputs=arrays(x=lambda rng: rng.normal(size=(rows, 2))),
        returns=("a",),
        hints=["a hint", "another"],
        misconceptions=[],
    )
    details = dict(check(made, lambda x: -x, seconds=0).details)
    assert details["x ="].startswith("[[" if shown else f"an array of shape ({rows}, 2)")
