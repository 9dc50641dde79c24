"""The sandbox survives whatever a function does, stops it in time, and leaves nothing behind."""

import _signal
import builtins
import collections
import contextlib
import copy
import enum
import inspect
import math
import os
import re
import signal
import sys
import threading
import time
import types
from fractions import Fraction

import numpy as np
import pytest
from conftest import missing
from IPython.core import autocall

from course_utils import exercises
from course_utils.exercises import errors, exercise, feedback, record, sandbox
from course_utils.exercises.lessons import find


def call(function, seconds=5, forbidden=()):
    return sandbox.call(function, seconds, forbidden, function)


def value_of(function):
    result = call(function)
    assert not result.problem, result.says
    return result.value


# What comes back


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, -(2**63), 2**64 - 1, 2.5, 1j, "relu",
        [1, [2.0, (3, "a")]], {"W": 1, 2: [3], (4, 5): None}, [[[[[0.5]]]]],
    ],
)  # fmt: skip
def test_plain_data_comes_back_as_it_is(value):
    got = value_of(lambda: value)
    assert got == value
    assert type(got) is type(value)


def test_lists_and_dicts_of_other_kinds_become_plain():
    pair = collections.namedtuple("pair", "a b")
    assert value_of(lambda: [pair(1, 2), collections.OrderedDict(a=3)]) == [(1, 2), {"a": 3}]
    assert type(value_of(lambda: pair(1, 2))) is tuple


def test_an_array_is_copied():
    array = np.ones((2, 3), dtype=np.float32)
    got = value_of(lambda: [array])[0]
    array[:] = 7
    assert (got == 1).all()
    assert got.dtype == np.float32


@pytest.mark.parametrize(
    "array",
    [
        np.ones((1, 1)).view(np.matrix), np.ma.masked_array([1.0, 2.0], [True, False]),
        np.array(["a", "b"]),
        np.array(["2020"], dtype="M8[Y]"), np.zeros(2, dtype="i4,f8"), np.array(1.0),
        np.empty((0, 3)),
    ],
)  # fmt: skip
def test_an_array_keeps_its_kind(array):
    got = value_of(lambda: array)
    assert type(got) is type(array)
    assert got is not array
    assert got.dtype == array.dtype
    assert str(got) == str(array)


class Uncopyable:
    def __deepcopy__(self, memo):
        raise ValueError

    def __repr__(self):
        raise ValueError


class UncopyableArray(np.ndarray):
    def __deepcopy__(self, memo):
        raise ValueError


def test_an_array_of_a_class_of_its_own_becomes_plain():
    got = value_of(lambda: np.ones(3).view(UncopyableArray))
    assert type(got) is np.ndarray
    assert got.tolist() == [1, 1, 1]


def of_objects(*parts):
    array = np.empty(len(parts), dtype=object)
    array[:] = parts
    return array


def test_what_an_array_of_objects_holds_becomes_plain():
    for array in (
        of_objects(Uncopyable(), 2, (x for x in ())),
        np.ma.masked_array(of_objects(Uncopyable(), 2, (x for x in ())), False),
    ):
        got = value_of(lambda array=array: array)
        assert type(got) is np.ndarray
        assert str(copy.deepcopy(got)) == "[a Uncopyable 2 a generator]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (range(3), np.arange(3)),
        (collections.deque([1.0, 2.0]), np.array([1.0, 2.0])),
        (np.float32(2.5), np.float32(2.5)),
        (np.int64(2), np.int64(2)),
        (enum.IntEnum("Number", {"a": 1}).a, np.int64(1)),
    ],
)
def test_what_makes_an_array_of_numbers_is_one(value, expected):
    got = value_of(lambda: value)
    assert type(got) is type(expected)
    assert got.dtype == expected.dtype
    assert np.array_equal(got, expected)


def test_an_array_of_another_library_is_copied():
    class Tensor:
        kept = np.ones(3)

        def __array__(self, *arguments, **named):
            return self.kept

    got = value_of(Tensor)
    Tensor.kept[:] = 7
    assert got.tolist() == [1, 1, 1]


def yields():
    yield 1


async def waits():
    return 1


class WithoutArray:
    def __array__(self, *arguments, **named):
        raise RuntimeError


ODD = {
    "generator": yields,
    "coroutine": waits,
    "dict_keys": lambda: {}.keys(),
    "set": lambda: {1},
    "function": lambda: yields,
    "type": lambda: np.ndarray,
    "module": lambda: np,
    "lock": threading.Lock,
    "bytes": lambda: b"1",
    "deque": lambda: collections.deque([1, [2]]),
    "Fraction": lambda: Fraction(1, 2),
    "Uncopyable": Uncopyable,
    "WithoutArray": WithoutArray,
    "void": lambda: np.zeros(1, dtype="i4,f8")[0],
    "ndarray": lambda: np.zeros(2, dtype="O,f8"),
    "datetime64": lambda: np.datetime64("2020"),
    "very large int": lambda: 2**64,
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_plain_data_can_be_copied_and_named(kind):
    odd = copy.deepcopy(value_of(ODD[kind]))
    assert isinstance(odd, sandbox.Odd)
    assert type(odd).__name__ == kind
    assert repr(odd) == f"a {kind}"


def test_an_odd_part_is_replaced_and_the_others_stay():
    got = value_of(lambda: [1.5, {"a": yields(), 10**5000: 2}, -(2**63) - 1])
    assert str(got) == "[1.5, {'a': a generator, a very large int: 2}, a very large int]"


def within_itself(kind):
    if kind == "tuple":
        values = ([],)
        values[0].append(values)
    elif kind == "array":
        values = np.empty(1, dtype=object)
        values[0] = values
    elif kind == "dict":
        values = {}
        values["a"] = values
    else:
        values = []
        values.append(values)
    return values


@pytest.mark.parametrize("kind", ["list", "tuple", "array", "dict"])
def test_what_holds_itself_ends(kind):
    said = str(value_of(lambda: within_itself(kind))).replace("array(", "")
    assert said.count("[") + said.count("(") + said.count("{") == 6
    assert said.count("a list within lists without an end") == 1


def test_a_key_within_keys_ends():
    key = ()
    for _ in range(9):
        key = (key,)
    assert str(value_of(lambda: {key: 1})).count("(") == 5


def test_a_string_is_cut_off_and_can_be_shown():
    assert value_of(lambda: "x" * 3000) == "x" * 2000
    assert value_of(lambda: "half \ud800") == "half ?"


ODD_ANSWERS = {
    "a generator": yields,
    "a coroutine": waits,
    "dict_keys": ODD["dict_keys"],
    "an object": Uncopyable,
    "a large number": lambda: 10**5000,
    "generators": lambda: (yields(), yields(), yields()),
    "ragged lists": lambda: [[1.0, [2.0, 3.0]], [1.0]],
    "arrays of several lengths": lambda: [np.ones(2), np.ones(3)],
    "text": lambda: np.array(["a", "b"]),
    "a list of dicts": lambda: [{"W": None}, {"b": []}],
    "no axis": lambda: np.array(1.0),
    "whole numbers in a row": lambda: range(3),
}


def answering(described, make):
    """An answer to an exercise that returns, whatever is asked, what `make` makes."""
    if not inspect.isclass(described.reference):
        names = ", ".join(inspect.signature(described.reference).parameters)
        return eval(f"lambda {names}: make()", {"make": make})
    methods = {
        name: lambda self, *arguments: make()
        for name, method in vars(described.reference).items()
        if inspect.isfunction(method) and name != "__init__"
    }
    return type(described.name, (), methods)


@pytest.mark.parametrize("odd", ODD_ANSWERS)
def test_no_odd_answer_breaks_the_check_of_any_exercise(odd, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(record, "path", lambda: tmp_path / "progress.json")
    for described in feedback.all_exercises():
        answer = answering(described, ODD_ANSWERS[odd])
        assert exercise(described.number)(answer) is described.reference
        said = capsys.readouterr().out
        assert "not right yet" in said or "raised an error" in said
    assert len(record.read()) == len(feedback.all_exercises())


@pytest.fixture
def check_that_fails(monkeypatch, tmp_path):
    """A check that ends in the error that is put into the list."""
    monkeypatch.setattr(record, "path", lambda: tmp_path / "progress.json")
    errors = []

    def check(described, implementation, waiting):
        raise errors[0]

    monkeypatch.setattr(exercises, "check", check)
    return errors


def test_a_check_that_fails_itself_leaves_the_reference_and_counts_no_attempt(
    check_that_fails, capsys
):
    check_that_fails.append(TypeError("cannot pickle"))
    described = find("2.1")
    assert exercise("2.1")(lambda x, W, b: 0) is described.reference
    said = capsys.readouterr().out
    assert "the check itself failed (TypeError: cannot pickle)" in said
    assert "counts as no attempt" in said
    assert record.read() == {}


def test_after_the_stop_button_the_name_means_the_reference(check_that_fails):
    check_that_fails.append(KeyboardInterrupt())
    namespace = {}
    exec("def dense_forward(x, W, b):\n    return 0", namespace)
    with pytest.raises(KeyboardInterrupt):
        exercise("2.1")(namespace["dense_forward"])
    assert namespace["dense_forward"] is find("2.1").reference


# What it raises and prints


def test_an_error_is_said_with_its_line():
    def answer():
        return 1 / 0

    result = call(answer)
    assert result.outcome == "raised an error"
    assert result.says == ["ZeroDivisionError: division by zero", result.says[1]]
    assert re.fullmatch(r"Line \d+ of the cell: return 1 / 0", result.says[1])


def test_an_error_in_a_class_is_said_with_its_line():
    class Layer:
        name = "a class has more than its methods"

        def forward(self):
            return 1 / 0

    result = sandbox.call(Layer().forward, 5, (), Layer)
    assert result.says[1].endswith("of the cell: return 1 / 0")


def test_the_innermost_line_of_its_own_is_shown():
    def answer(n=5):
        if n:
            return answer(n - 1)
        raise ValueError("x" * 600)

    says = call(answer).says
    assert says[0] == "ValueError: " + "x" * 500
    assert len(says) == 2
    assert says[-1].endswith('raise ValueError("x" * 600)')


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda: np.ones((2, 3)) @ np.ones((2, 3)), "`np.ones((2, 3)) @ np.ones((2, 3))` d"),
        (lambda: np.ones(3) + np.ones(2), "`np.ones(3) + np.ones(2)` does not fit"),
        (lambda: np.ones((10**8, 10**8)), "It asks for more memory than there is (Mem"),
        (lambda: bool(np.ones(2)), errors.ONE_NUMBER),
        (lambda: sys.exit(3), "SystemExit: 3"),
    ],
)
def test_what_an_error_means_is_said(function, sentence):
    result = call(function)
    assert result.problem
    assert result.outcome == "raised an error"
    assert any(said.startswith(sentence) for said in result.says), result.says
    assert sentence != errors.ONE_NUMBER or result.says[0] == sentence


def test_the_words_of_a_memory_error_are_said():
    def answer():
        raise MemoryError("too much")

    assert call(answer).says == ["It asks for more memory than there is (MemoryError: too much)."]


def test_recursion_without_an_end_is_said():
    def answer():
        return answer()

    assert call(answer).says == [
        "It calls itself again and again, without an end (RecursionError)."
    ]


def test_an_error_that_cannot_be_said_has_at_least_a_name():
    class Odd(Exception):
        def __str__(self):
            raise ValueError

    def answer():
        raise Odd

    assert call(answer).says[0] == "Odd"


def test_an_error_with_half_a_character_can_be_shown():
    def answer():
        raise ValueError("half \ud800")

    assert call(answer).says[0] == "ValueError: half ?"


def test_what_it_prints_is_kept_from_its_beginning(capsys):
    def answer():
        print("x" * 1999)
        print("this is cut")
        print("error", file=sys.stderr)
        assert sys.stdout.write("lost") == 4
        sys.stdout.close()
        sys.stdout.getvalue = None

    result = call(answer)
    assert not result.problem
    assert result.printed == "x" * 1999 + "\n"
    assert call(lambda: print("half \ud800")).printed == "half ?\n"
    assert call(lambda: print("x" * 1998, "y" * 5)).printed == "x" * 1998 + " y"
    assert call(lambda: print("x", file=sys.stderr)).printed == "x\n"
    assert capsys.readouterr() == ("", "")


def test_what_is_printed_without_an_end_is_not_kept():
    def answer():
        for _ in range(100):
            print("x" * 1000)
        return sys.stdout.tell()

    assert value_of(answer) < 4000


def test_no_warning_is_seen(recwarn):
    assert value_of(lambda: np.ones(1) / np.zeros(1)) == np.inf
    call(waits)
    assert len(recwarn) == 0


def test_the_stop_button_works():
    def answer():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(answer)


def test_quietly_gives_none_for_what_raises():
    assert sandbox.quietly(lambda a: a / np.zeros(1), np.ones(1)) == np.inf
    assert sandbox.quietly(lambda: 1 / 0) is None


# What it may not do


def test_calling_what_is_forbidden_is_looking_it_up():
    def reference():
        return 1

    def hidden():
        try:
            return reference()
        except BaseException:
            return 1

    for answer in (reference, lambda: reference(), hidden):
        result = call(answer, forbidden=[reference.__code__])
        assert result.outcome == "wrong"
        assert result.says == [sandbox.LOOKED_UP]
    assert value_of(reference) == 1
    result = call(lambda: reference(), forbidden=[waits.__code__])
    assert result.value == 1


def test_equal_code_of_ones_own_is_no_looking_up():
    def reference():
        return 1

    same = types.FunctionType(reference.__code__.replace(), {})
    assert same.__code__ == reference.__code__
    assert call(same, forbidden=[reference.__code__]).value == 1


REFUSED = {
    f"{module.__name__.strip('_')}.{name}": getattr(module, name)
    for module, names in (
        (os, "_exit abort kill fork execv execve"),
        (sys, "setrecursionlimit"),
        (_signal, "signal setitimer alarm pthread_sigmask raise_signal"),
    )
    for name in names.split()
    if hasattr(module, name)
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_reaches_beyond_the_answer_is_refused(name):
    result = call(lambda: REFUSED[name]())
    assert result.outcome == "wrong"
    assert result.says == [f"It calls {name}, which meddles with the whole notebook: leave it out."]


@pytest.mark.parametrize("kind", [autocall.ExitAutocall, autocall.ZMQExitAutocall])
def test_the_notebook_is_not_ended(kind):
    assert call(lambda: kind()()).says == [
        "It calls exit, which meddles with the whole notebook: leave it out."
    ]


def test_an_alarm_of_its_own_is_refused():
    def answer():
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        for_ever()

    assert call(answer).says[0].startswith("It calls signal.signal, which")


def test_ipython_need_not_be_loaded(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython.core.autocall")
    assert value_of(lambda: 1) == 1


def put(module, name, value):
    def answer():
        setattr(module, name, value)
        return 1

    return answer


@pytest.mark.parametrize(
    ("module", "name", "said"),
    [
        (np, "exp", "np.exp"),
        (np.random, "seed", "np.random.seed"),
        (np.linalg, "norm", "np.linalg.norm"),
        (np.fft, "fft", "np.fft.fft"),
        (np.ma, "array", "np.ma.array"),
        (math, "exp", "math.exp"),
        (builtins, "len", "len"),
        (builtins, "isinstance", "isinstance"),
        (builtins, "BaseException", "BaseException"),
    ],
)
def test_what_it_replaces_is_put_back_and_said(module, name, said):
    before = getattr(module, name)
    result = call(put(module, name, 42))
    assert getattr(module, name) is before
    assert result.outcome == "wrong"
    assert result.says == [f"It replaced {said} itself. Give what you store another name."]


def test_what_it_deletes_is_put_back():
    exp = np.exp

    def answer():
        del np.exp
        return 1 / 0

    says = call(answer).says
    assert np.exp is exp
    assert says == ["It replaced np.exp itself. Give what you store another name."]


def test_builtins_are_back_before_the_result_is_looked_at():
    def forever(*arguments):
        while True:
            pass

    def answer():
        for name in ("isinstance", "type", "len", "str", "print", "id"):
            setattr(builtins, name, forever)
        return [np.ones(3)]

    before = time.process_time()
    result = call(answer, seconds=5)
    assert time.process_time() - before < 2
    assert result.says[0].startswith("It replaced ")


# When it is stopped


@pytest.fixture(params=["signal", "clock"])
def limit(request, monkeypatch):
    """Both kinds of limit: by signals, and without, as on Windows and in the browser."""
    if request.param == "clock":
        if not hasattr(sys, "monitoring"):
            missing("a time limit without signals needs Python 3.12")
        monkeypatch.setattr(sys, "platform", "emscripten")
    elif not hasattr(signal, "setitimer"):
        missing("there are no timer signals")
    return request.param


def for_ever():
    while True:
        pass


def past_except():
    while True:
        try:
            for_ever()
        except Exception:
            continue


def past_a_bare_except():
    while True:
        try:
            for_ever()
        except:  # noqa: E722
            continue


def recursion():
    with contextlib.suppress(RecursionError):
        recursion()
    recursion()


class Endless:
    def __array__(self, *arguments, **named):
        for_ever()


class EndlessError(Exception):
    def __str__(self):
        for_ever()


class EndlessAtItsEnd:
    def __del__(self):
        for_ever()


def waits_for_the_end_of_another():
    EndlessAtItsEnd()  # an exception raised in __del__ does not come out of it
    return 1


def raise_endless():
    raise EndlessError


def went_on():
    try:
        for_ever()
    except BaseException:
        return 1


@pytest.mark.parametrize(
    "function",
    [
        for_ever, past_except, past_a_bare_except, recursion, Endless, raise_endless, went_on,
        waits_for_the_end_of_another,
        lambda: sum(1 for _ in iter(int, 1)), lambda: [for_ever() for _ in range(3)],
    ],
)  # fmt: skip
def test_what_does_not_end_is_stopped(limit, function):
    result = call(function, seconds=0.1)
    assert result.problem
    assert result.outcome == "wrong"
    assert result.says == [
        "It was still running after 0.1 seconds and was stopped. Does a loop in it never end?"
    ]


def past_two_bare_excepts():
    while True:
        try:
            past_a_bare_except()
        except:  # noqa: E722
            continue


@pytest.mark.parametrize("limit", ["clock"], indirect=True)
def test_a_bare_except_within_another_is_stopped_by_the_clock(limit):
    assert "Does a loop in it never end?" in call(past_two_bare_excepts, seconds=0.1).says[0]


@pytest.mark.parametrize("limit", ["signal"], indirect=True)
def test_a_bare_except_around_a_sleep_is_stopped(limit):
    def answer():
        while True:
            try:
                time.sleep(60)
            except:  # noqa: E722
                continue

    assert "Does a loop in it never end?" in call(answer, seconds=0.1).says[0]


@pytest.mark.parametrize("limit", ["signal"], indirect=True)
def test_what_cleans_up_is_not_cut_off_the_first_time(limit):
    cleaned_up = []

    def answer():
        try:
            for_ever()
        finally:
            for part in range(3):
                cleaned_up.append(part)

    assert call(answer, seconds=0.05).problem
    assert cleaned_up == [0, 1, 2]


def test_what_ends_in_time_is_not_stopped(limit):
    def answer():
        until = time.process_time() + 0.02
        while time.process_time() < until:
            pass
        return 1

    for _ in range(3):
        assert call(answer, seconds=60).value == 1


def state():
    """Whatever a call sets and has to put back."""
    events = None
    if hasattr(sys, "monitoring"):
        sys.monitoring.use_tool_id(sandbox.TOOL, "test")  # raises where it was not freed
        events = sys.monitoring.get_events(sandbox.TOOL)
        sys.monitoring.free_tool_id(sandbox.TOOL)
    return {
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "handler": signal.getsignal(signal.SIGALRM),
        "profile": sys.getprofile(),
        "trace": sys.gettrace(),
        "output": sys.stdout,
        "errors": sys.stderr,
        "floating point": np.geterr(),
        "events": events,
    }


def interrupted():
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "function",
    [
        lambda: 1, lambda: 1 / 0, for_ever, past_a_bare_except, interrupted,
        lambda: np.seterr(all="raise"),
    ],
)  # fmt: skip
def test_nothing_is_left_behind(limit, function):
    def somebody(*arguments):
        return None

    handler = signal.signal(signal.SIGALRM, somebody)
    tracing, profile = sys.gettrace(), sys.getprofile()
    sys.settrace(somebody)
    sys.setprofile(somebody)
    try:
        before = state()
        with contextlib.suppress(KeyboardInterrupt):
            call(function, seconds=0.1)
        after = state()
    finally:
        sys.setprofile(profile)
        sys.settrace(tracing)
        signal.signal(signal.SIGALRM, handler)
    assert after == before
    assert after["timer"] == (0, 0)
    assert after["handler"] is somebody


@pytest.mark.parametrize("function", [lambda: 1, for_ever])
def test_the_alarm_rings_in_no_other_cell(limit, function):
    call(function, seconds=0.05)
    time.sleep(0.1)  # would be interrupted


@pytest.mark.parametrize("limit", ["signal"], indirect=True)
def test_an_alarm_that_rings_while_the_sandbox_cleans_up_raises_nothing(limit, monkeypatch):
    watch = sandbox._watch

    @contextlib.contextmanager
    def slow_watch(forbidden):
        with watch(forbidden) as caught:
            yield caught
        time.sleep(0.15)

    monkeypatch.setattr(sandbox, "_watch", slow_watch)
    assert call(lambda: 1, seconds=0.05).value == 1


def in_a_thread(function):
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def test_another_thread_is_no_obstacle():
    assert in_a_thread(lambda: call(lambda: 1)).value == 1


@pytest.mark.parametrize("limit", ["clock"], indirect=True)
def test_a_thread_is_stopped_by_the_clock(limit):
    result = in_a_thread(lambda: call(for_ever, seconds=0.1))
    assert "Does a loop in it never end?" in result.says[0]


def test_a_call_within_a_call_is_no_obstacle(limit):
    def inner():
        return sandbox.call(lambda: 1, 5, (), for_ever).value

    if limit == "signal":
        assert "It calls signal.signal" in call(inner).says[0]
    else:
        assert call(inner).value == 1


def test_where_nothing_can_stop_it_it_is_called_all_the_same(monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.delattr(sys, "monitoring", raising=False)
    assert value_of(lambda: 1) == 1
