"""The smallest edit: found in the learner's own lines, in time, and no chance."""

import linecache
import textwrap

import numpy as np
import pytest

from course_utils.exercises import edits, engine, search
from course_utils.exercises.authoring import Exercise, Slip, arrays


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """No edit is lost because the machine is busy."""
    monkeypatch.setattr(search, "ONE_TRY", 60)


def typed(source, file="<cell of a notebook>", name=None, **namespace):
    """A function or class as a notebook's cell defines it."""
    source = textwrap.dedent(source).lstrip("\n")
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = {
        "np": np,
        "__name__": "__main__",
        "exercise": lambda number: lambda f: f,
    } | namespace
    exec(compile(source, file, "exec"), namespace)
    return namespace[name or "answer"]


def task(right, inputs=None, returns=("a",), **settings):
    return Exercise(
        "0.1", right, inputs=inputs or arrays(x="N D", y="N D"), returns=returns,
        hints=["a hint", "another"], misconceptions=[], **settings,
    )  # fmt: skip


def pairs(exercise):
    return engine._pairs(exercise)


def found(exercise, answer, seconds=300, waiting=None):
    clock = search.Clock(seconds, waiting)
    return search.smallest_edit(exercise, answer, pairs(exercise), clock)


def scaled(x, y):
    return np.exp(x) - 2 * y


WRONG = """
# a cell with a comment

@exercise("0.1")
def answer(x, y):
    e = np.exp(x)   # as in the text
    return e + 2 * y
"""


def test_line_and_text_are_those_of_the_cell():
    edit = found(task(scaled), typed(WRONG))
    assert (edit.line, edit.text, edit.kind) == (6, "return e + 2 * y", "sign")
    assert edit.sentence == (
        "One change on line 6, `return e + 2 * y`, makes it right: look at the sign of `e + 2 * y`."
    )
    assert edit.second is None


def test_the_text_is_as_it_was_typed():
    edit = found(task(scaled), typed(WRONG.replace("np.exp(x)", "np.exp( -x )").replace("+", "-")))
    assert (edit.line, edit.text) == (5, "e = np.exp( -x )   # as in the text")


def test_the_hint_holds_the_edit():
    edit = found(task(scaled), typed(WRONG))
    assert edit.hint == "Line 6: write\n    return e - 2 * y\nin place of\n    return e + 2 * y"


def test_a_long_line_is_quoted_in_part():
    long = "return e + 2 * y" + " # and so on" * 8
    edit = found(task(scaled), typed(WRONG.replace("return e + 2 * y", long)))
    assert edit.text == long[:85] + "..."
    full = "return e + 2 * y #" + "." * 70
    assert found(task(scaled), typed(WRONG.replace("return e + 2 * y", full))).text == full


def test_a_long_piece_of_code_is_quoted_in_part():
    answer = typed(
        "def answer(x, y):\n    return np.exp(x) + 2 * y * np.ones_like(x) * np.ones_like(y)"
    )
    edit = found(task(scaled), answer)
    quoted = edit.look.removeprefix("look at the sign of ")
    assert quoted == "`np.exp(x) + 2 * y * np.ones_like(x) * np....`"
    assert len(quoted) == 44 + 2


def test_a_line_too_many_is_left_out():
    answer = typed("def answer(x, y):\n    y = y / 3\n    return np.exp(x) - 2 * y")
    edit = found(task(scaled), answer)
    assert edit.kind in {"operator", "term too many", "line too many"}
    only = [kind for kind in edits.KINDS if kind.name == "line too many"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edits, "KINDS", only)
        edit = found(task(scaled), answer)
    assert edit.hint == "Line 2: leave out\n    y = y / 3"


def total(x):
    return x.sum(axis=0)


def test_a_line_that_is_moved_is_the_one_that_is_named():
    answer = typed("""
    def answer(x):
        s = np.zeros(x.shape[1])
        for row in x:
            s = s + row
            return s
    """)
    edit = found(task(total, arrays(x="N D")), answer)
    assert (edit.line, edit.text) == (5, "return s")
    assert edit.hint == (
        "Line 5: write\n    for row in x:\n        s = s + row\n    in place of\n"
    ) or edit.hint.endswith("in place of\n    for row in x:\n        s = s + row\n        return s")


def test_a_line_that_is_replaced_is_shown_as_it_was_and_as_it_should_be():
    answer = typed(
        "def answer(x):\n    s = 0 * x[0]\n    for row in x:\n        s = row\n    return s"
    )
    edit = found(task(total, arrays(x="N D")), answer)
    assert (edit.kind, edit.line) == ("accumulate", 4)
    assert edit.hint == "Line 4: write\n    s += row\nin place of\n    s = row"


def test_a_return_that_is_missing_is_named_after_the_last_line():
    answer = typed("def answer(x):\n    s = 0 * x[0]\n    for row in x:\n        s += row")
    edit = found(task(total, arrays(x="N D")), answer)
    assert (edit.kind, edit.line) == ("return", 3)
    assert edit.hint == (
        "Line 3: write\n        s += row\n    return s\nin place of\n        s += row"
    )


class Layer:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dz):
        return dz @ self.W.T, self.x.T @ dz


def use_layer(kind, W, x, dz):
    layer = kind(W)
    return (layer.forward(x), *layer.backward(dz))


LAYER = """
import math

@exercise("0.1")
class Layer:
    '''A layer.'''

    def __init__(self, W):
        self.W = W

    @staticmethod
    def twice(x):
        return 2 * x

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dz):
        dx = dz @ self.W
        return dx, self.x.T @ dz
"""


@pytest.fixture
def layer():
    return task(
        Layer,
        arrays(W="D H", x="N D", dz="N H"),
        returns=("z", "dx", "dW"),
        run=use_layer,
    )


def test_methods_of_a_class(layer):
    edit = found(layer, typed(LAYER, name="Layer"))
    assert (edit.line, edit.text) == (19, "dx = dz @ self.W")
    assert edit.kind == "transposed"
    assert edit.hint.startswith("Line 19: write\n    dx = dz @ self.W.T\n")


def test_a_class_whose_first_method_is_decorated(layer):
    source = LAYER.replace("    def __init__(self, W):\n        self.W = W\n\n", "", 1)
    source += "\n    def __init__(self, W):\n        self.W = W\n"
    edit = found(layer, typed(source, name="Layer"))
    assert (edit.line, edit.text) == (16, "dx = dz @ self.W")


def test_the_newer_of_two_classes_of_a_cell_is_read(layer):
    source = LAYER + LAYER.replace("dz @ self.W\n", "dz @ self.W - 0\n")
    source = source.replace("import math\n\n", "import math\n")  # right above the decorator
    edit = found(layer, typed(source, name="Layer"))
    assert edit.text == "dx = dz @ self.W - 0"


def test_what_has_no_source_has_no_edit(layer):
    namespace = {"np": np}
    exec("def answer(x, y):\n    return np.exp(x) + 2 * y", namespace)
    exec("class Layer:\n    def forward(self):\n        return 1", namespace)
    assert found(task(scaled), namespace["answer"]) is None
    assert found(layer, namespace["Layer"]) is None
    assert search.tree_of(len) is None
    assert search.tree_of(type("Empty", (), {})) is None


def test_a_lambda_is_not_read():
    assert found(task(scaled), typed("answer = lambda x, y: np.exp(x) + 2 * y")) is None


def test_a_right_answer_has_no_edit():
    assert found(task(scaled), typed("def answer(x, y):\n    return np.exp(x) - 2 * y")) is None


def test_globals_of_the_cell_are_seen():
    answer = typed("def answer(x, y):\n    return twice(x) + y", twice=lambda x: 2 * x)
    edit = found(task(lambda_free), answer)
    assert edit.kind == "sign"


def lambda_free(x, y):
    return 2 * x - y


def test_the_globals_of_a_class_are_seen(layer):
    source = LAYER.replace("dz @ self.W\n", "product(dz, self.W)\n")
    answer = typed(source, name="Layer", product=lambda a, b: a @ b)
    edit = found(layer, answer)
    assert edit.text == "dx = product(dz, self.W)"


def test_an_edit_of_the_first_line_shows_that_line_only(monkeypatch):
    only(monkeypatch, "number")
    answer = typed("def answer(x, axis=1):\n    z = x.sum(axis)\n    return z")
    edit = found(task(total, arrays(x="N D")), answer)
    assert edit.hint == (
        "Line 1: write\n    def answer(x, axis=0):\nin place of\n    def answer(x, axis=1):"
    )


# Two edits


def both(x, y):
    return x.sum(axis=0), y.mean(axis=0) + 1


TWO = """
def answer(x, y):
    a = x.sum(axis=1)
    b = y.mean(axis=1) + 1
    return a, b
"""


def test_two_edits_where_one_does_not_do():
    exercise = task(both, arrays(x="N D", y="N D"), returns=("a", "b"))
    edit = found(exercise, typed(TWO))
    assert edit.sentence == (
        "Two changes make it right. "
        "On line 2, `a = x.sum(axis=1)`: look at which axis `x.sum(axis=1)` goes along, "
        "and whether it keeps it (keepdims). "
        "On line 3, `b = y.mean(axis=1) + 1`: look at which axis `y.mean(axis=1)` goes along, "
        "and whether it keeps it (keepdims)."
    )
    assert edit.hint.splitlines()[0] == "Line 2: write"
    assert edit.hint.splitlines()[4] == "Line 3: write"
    assert edit.second.after == "b = y.mean(axis=0) + 1"
    assert edit.second.before == "b = y.mean(axis=1) + 1"


def test_a_question_needs_no_full_stop():
    exercise = task(both, arrays(x="N D", y="N D"), returns=("a", "b"))
    answer = typed(TWO.replace("mean(axis=1)", "sum(axis=0)"))
    said = found(exercise, answer).sentence
    assert said.endswith("is that the function that is meant?")


def test_three_edits_are_too_many():
    def three(x, y):
        return x.sum(axis=0), y.mean(axis=0), x - y

    exercise = task(three, arrays(x="N D", y="N D"), returns=("a", "b", "c"))
    answer = typed("""
    def answer(x, y):
        a = x.sum(axis=1)
        b = y.mean(axis=1)
        c = x + y
        return a, b, c
    """)
    with pytest.MonkeyPatch.context() as patch:
        only(patch, "axis", "sign")
        patch.setattr(search, "PROMISING", 1)
        real, calls = search._one_edit, []
        patch.setattr(search, "_one_edit", lambda *given: calls.append(1) or real(*given))
        assert found(exercise, answer) is None
    assert len(calls) == 2  # a second edit is looked for after one first edit, not after all


# What does not count


def only(monkeypatch, *names):
    monkeypatch.setattr(edits, "KINDS", [kind for kind in edits.KINDS if kind.name in names])


def double(x, y):
    return 2 * x


USELESS = [
    # what the answer assigns would no longer be read
    ("return", "z = 2 * x\nw = y + z\nreturn w", None),
    ("name", "z = 2 * x\nw = y + z\nreturn w + 0 * z", None),
    # an operator would give a constant
    ("operator", "return 2 * x * (1 - y)", None),
    ("number", "return 2 * x + 3 * y", None),
    ("operator", "return 2 * x * y ** 1", None),
    ("sign", "return 2 * x + (y + y)", None),
    ("name", "return 2 * x + (y - x)", None),
    ("name", "return 2 * x + 3 * (y - x)", None),
    ("operator", "return 2 * x + 0 * (y + 1) ** 0", None),
    # statements would stand after the return
    ("order of lines", "z = 2 * x\nz += y\nreturn z", None),
    ("order of lines", "z = 2 * x\nz[0] = y[0]\nreturn z", None),
    # the factor is left out instead
    ("term too many", "return 2 * x * (1 - y)", "return 2 * x"),
]


@pytest.mark.parametrize(("kind", "body", "after"), USELESS)
def test_no_edit_makes_the_learners_own_lines_useless(monkeypatch, kind, body, after):
    only(monkeypatch, kind)
    answer = typed(f"def answer(x, y):\n{textwrap.indent(body, '    ')}")
    edit = found(task(double), answer)
    assert (edit and edit.after) == after


def test_what_was_useless_before_may_stay():
    answer = typed("def answer(x, y):\n    unused = x ** 0\n    return 2 * y\n    return 3")
    assert found(task(double), answer).after == "return 2 * x"


CONSTANT = [
    ("0 * x", True), ("x * 0", True), ("2 * x", False), ("x ** 0", True), ("1 ** x", True),
    ("0 ** x", True), ("x ** 1", False), ("2 ** x", False), ("0 / x", True), ("0 // x", True),
    ("x / 1", False), ("x - x", True), ("x / x", True), ("x + x", False), ("x * x", False),
    ("0 + x", False), ("0 - x", False), ("x // x", False), ("'a' * x", False), ("x - y", False),
    ("x - 0", False), ("-x + x", True), ("x + -x", True), ("-x + y", False), ("x + -y", False),
    ("-x * x", False), ("f(x) / f(x)", True), ("x.value * 1", False),
]  # fmt: skip


@pytest.mark.parametrize(("source", "constant"), CONSTANT)
def test_operators_that_give_a_constant(source, constant):
    node = edits.expression(source)
    assert search._is_constant(node.left, node.op, node.right) == constant


def test_what_of_a_function_is_useless():
    tree, _ = search.tree_of(
        typed("""
    def answer(x, y):
        a = b = x
        c += 1
        d[0] = 2
        b *= 0
        for i in x:
            return x - x
            x = 3
        e.f += 1
        return b
    """)
    )
    assert search._useless(tree) == {"a", "i", "b *= 0", "x - x", "x = 3"}


def test_no_edit_that_is_right_by_chance_on_one_case():
    exercise = task(double, lambda rng: {"x": rng.normal(size=3), "y": rng.normal(size=3)})
    answer = typed("def answer(x, y):\n    return 3 * x")
    inputs = {"x": np.zeros(3), "y": np.ones(3)}
    other = {"x": np.ones(3), "y": np.zeros(3)}
    first = [(inputs, double(**inputs))]
    chance = [*first, (other, double(**other))]
    clock = search.Clock(300)
    assert search.smallest_edit(exercise, answer, chance, clock).after == "return 2 * x"


def test_an_edit_must_be_right_in_every_case(monkeypatch):
    only(monkeypatch, "operator")
    exercise = task(double, lambda rng: {"x": rng.normal(size=3), "y": rng.normal(size=3)})
    answer = typed("def answer(x, y):\n    return x * y")
    twos = {"x": np.full(3, 2.0), "y": np.full(3, 2.0)}
    others = {"x": np.ones(3), "y": np.full(3, 3.0)}
    first, second = [(inputs, double(**inputs)) for inputs in (twos, others)]
    clock = search.Clock(300)
    answer = typed("def answer(x, y):\n    return x - y")
    assert search.smallest_edit(exercise, answer, [first], clock).after == "return x + y"
    assert search.smallest_edit(exercise, answer, [first, second], clock) is None


def test_inputs_are_the_same_for_each_try(monkeypatch):
    only(monkeypatch, "number")
    answer = typed("def answer(x, y):\n    x += y\n    return 3 * (x - y)")
    assert found(task(double), answer).after == "return 2 * (x - y)"


# The order of the kinds


def test_a_return_is_tried_first_where_nothing_is_returned(monkeypatch):
    tried = []

    def seen(name):
        def changes(site, scope):
            tried.append(name)
            return ()

        return edits.Kind(name, "", "", changes)

    names = ["sign", "index", "loop", "range", "return"]
    monkeypatch.setattr(edits, "KINDS", [seen(name) for name in names])
    exercise = task(both, returns=("a", "b"))

    def order(body):
        tried.clear()
        found(exercise, typed(f"def answer(x, y):\n    {body}"))
        return list(dict.fromkeys(tried))

    assert order("x = 1") == ["loop", "return", "sign", "index", "range"]
    assert order("return None, 1") == ["index", "loop", "range", "sign", "return"]
    assert order("return 2, 1") == names


# Time


def test_a_search_stops_in_time(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(
        search.time, "perf_counter", lambda: now.__setitem__(0, now[0] + 0.1) or now[0]
    )
    tried = []
    real = search.Bench._run
    monkeypatch.setattr(
        search.Bench, "_run", lambda *arguments: tried.append(1) or real(*arguments)
    )
    assert found(task(both, returns=("a", "b")), typed(TWO), seconds=0.55) is None
    assert 2 < len(tried) < 8


def test_no_second_edit_is_looked_for_without_time(monkeypatch):
    exercise = task(both, returns=("a", "b"))
    only(monkeypatch, "axis")
    clock = search.Clock(300)
    calls = []
    real = search._one_edit

    def one_edit(*arguments):
        calls.append(arguments)
        result = real(*arguments)
        clock.seconds = 0
        return result

    monkeypatch.setattr(search, "_one_edit", one_edit)
    assert search.smallest_edit(exercise, typed(TWO), pairs(exercise), clock) is None
    assert len(calls) == 1


def test_waiting_is_called_once(monkeypatch):
    now = [10.0]
    monkeypatch.setattr(search.time, "perf_counter", lambda: now[0])
    calls = []
    clock = search.Clock(2, lambda: calls.append(now[0]))
    for second in (10, 10.5, 10.6, 10.7, 11.9):
        now[0] = second
        assert clock.in_time
    now[0] = 12
    assert not clock.in_time
    assert calls == [10.6]


def test_an_edit_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(search, "ONE_TRY", 0.05)
    answer = typed("""
    def answer(x, y):
        i = 0
        while i < 1:
            i += 1
        return 3 * x
    """)
    only(monkeypatch, "sign", "number")
    assert found(task(double), answer).after == "return 2 * x"


# An edit of the reference that gives what the answer gave


def said(reference, answer, inputs=None, **settings):
    exercise = task(reference, inputs, **settings)
    trials = pairs(exercise)
    results = [exercise.use(answer, {k: np.copy(v) for k, v in i.items()}) for i, _ in trials]
    return search.alike(exercise, trials, results, search.Clock(300))


def mean_of_rows(x):
    """The mean."""
    return x.mean(axis=0)


def test_an_edit_of_the_reference_that_gives_the_same():
    what = said(mean_of_rows, lambda x: x.sum(axis=0), arrays(x="N D"))
    assert what == (
        "It gives what `x.sum(axis=0)` would give: look at `x.sum(axis=0)`: is that the function "
        "that is meant?"
    )


def test_an_argument_that_is_edited_is_quoted_as_it_would_be():
    what = said(growth, lambda x: np.exp(-x), arrays(x="N D"))
    assert what == "It gives what `-x` would give: look at the sign of `-x`."


def growth(x):
    return np.exp(x)


def test_the_sentence_of_a_step_left_out():
    def steps(x):
        z = np.exp(x)
        z = z + 3
        return z

    assert said(steps, lambda x: np.exp(x), arrays(x="N D")).startswith("It gives what")


def test_what_gives_something_else_is_like_nothing():
    assert said(mean_of_rows, lambda x: np.cumsum(x.T @ x) ** 3, arrays(x="N D")) is None


def test_what_is_right_is_like_nothing():
    def once(x):
        return 1 * x  # 1.0 * x gives the same

    assert said(mean_of_rows, mean_of_rows, arrays(x="N D")) is None
    assert said(once, once, arrays(x="N D")) is None


def test_alike_in_one_case_only_is_not_said(monkeypatch):
    only(monkeypatch, "function")
    exercise = task(mean_of_rows, arrays(x="N D"))
    trials = pairs(exercise)
    sums = [inputs["x"].sum(axis=0) for inputs, _ in trials]
    clock = search.Clock(300)
    assert "x.sum(axis=0)" in search.alike(exercise, trials, sums, clock)
    sums[-1] = sums[-1] + 1
    assert search.alike(exercise, trials, sums, clock) is None
    sums[-1] = sums[-1] - 1
    assert search.alike(exercise, trials, sums, search.Clock(0)) is None


def test_a_kind_without_a_sentence_is_not_said(monkeypatch):
    only(monkeypatch, "size")

    def three(x):
        return 3 * x

    exercise = task(three, arrays(x="N D"))
    trials = pairs(exercise)
    results = [inputs["x"] * len(inputs["x"]) for inputs, _ in trials]
    assert search.alike(exercise, trials, results, search.Clock(300)) is None


def test_a_reference_without_a_source_is_like_nothing():
    namespace = {}
    exec("def made(x):\n    return x", namespace)
    exercise = task(namespace["made"], arrays(x="N D"))
    assert search.alike(exercise, pairs(exercise), [], search.Clock(300)) is None


# Several places at once, and what is known of the inputs


def windows(x, k):
    return x[:k] + x[1 : k + 1]


def test_other_places_of_the_same_edit_are_in_the_hint():
    def inputs(rng, N=9):
        return {"x": rng.normal(size=N), "k": int(rng.integers(4, 6))}

    answer = typed("""
    def answer(x, k):
        a = x[:3]
        b = x[1:3 + 1]
        return a + b
    """)
    edit = found(task(windows, inputs), answer)
    assert (edit.kind, edit.line, edit.again) == ("size, each time", 2, (3,))
    assert edit.hint == (
        "Line 2: write\n    a = x[:k]\nin place of\n    a = x[:3]\nand likewise on line 3"
    )


def test_both_places_on_one_line_are_one_edit():
    def window(x, k):
        return x[:k, :k]

    def inputs(rng, N=9):
        return {"x": rng.normal(size=(N, N)), "k": int(rng.integers(4, 6))}

    edit = found(task(window, inputs), typed("def answer(x, k):\n    return x[:3, :3]"))
    assert edit.again == ()
    assert edit.hint == "Line 2: write\n    return x[:k, :k]\nin place of\n    return x[:3, :3]"


def test_keys_of_the_inputs_are_tried():
    def bias(params, cache):
        return 2 * params["b"] + cache[0]["z"]

    def inputs(rng):
        return {"params": {"W": rng.normal(size=3), "b": rng.normal(size=3)},
                "cache": [{"z": rng.normal(size=3), 1: 2}]}  # fmt: skip

    answer = typed("def answer(params, cache):\n    return 2 * params['W'] + cache[0]['z']")
    edit = found(task(bias, inputs), answer)
    assert (edit.kind, edit.after) == ("key", "return 2 * params['b'] + cache[0]['z']")
    assert search._keys(inputs(np.random.default_rng(0))) == ["params", "cache", "W", "b", "z"]
    assert search._keys(3) == []


def test_builtins_are_no_misspelt_names():
    def count(x):
        return len(x) * x

    answer = typed("def answer(x):\n    lens = 2\n    return len(x) + x * lens / lens")
    edit = found(task(count, arrays(x="N D")), answer)
    assert edit.kind == "operator"


def test_what_the_cells_above_define_is_no_misspelt_name(monkeypatch):
    only(monkeypatch, "spelling")
    source = "def answer(x, y):\n    return 2 * xs"
    assert found(task(double), typed(source)).after == "return 2 * x"
    assert found(task(double), typed(source, xs=3)) is None


# A score


def score(exercise, source):
    bench = search.Bench(exercise, {"np": np}, "answer", pairs(exercise), search.Clock(300))
    tree, _ = search.tree_of(typed(source))
    return bench.score(tree), bench.tried


def test_how_much_is_right():
    exercise = task(both, arrays(x="N D", y="N D"), returns=("a", "b"))
    right = "x.sum(axis=0), y.mean(axis=0) + 1"
    assert score(exercise, f"def answer(x, y):\n    return {right}") == (float("inf"), 1)
    for value, expected in [
        ("1 / 0", -1),
        ("None", 0),
        ("x, y", 0),
        ("x.sum(axis=0), y", 1),
        (f"({right}) if len(x) == 5 else 0", 1.5),
    ]:
        assert score(exercise, f"def answer(x, y):\n    return {value}")[0] == expected


def test_the_check_says_the_edit_and_the_misconception_first():
    exercise = task(scaled)
    verdict = engine.check(exercise, typed(WRONG), seconds=300)
    assert verdict.edit.line == 6
    assert verdict.says[0] == verdict.edit.sentence
    exercise.misconceptions = [
        Slip("The sign of y.", "- 2 * y", "+ 2 * y").apply_to(scaled),
    ]
    verdict = engine.check(exercise, typed(WRONG), seconds=300)
    assert (verdict.says[0], verdict.edit) == ("The sign of y.", None)
