"""Run a student's function so that, whatever it does, the notebook survives.

Some things cannot be stopped from within: a call into compiled code that never returns (where
there are no timer signals, as on Windows, even a sleep), and, where there are, a bare `except:`
in a loop within another such loop. There the stop button helps (■, or Kernel > Interrupt), and
where it does not, Kernel > Restart.
"""

import _signal
import builtins
import contextlib
import io
import math
import os
import signal
import sys
import threading
import time
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import errors

LOOKED_UP = (
    "It calls the reference, or a function of course_utils that does the whole job. "
    "Write the steps yourself."
)
NO_ANSWER_CALLS = {  # compiled functions, and how to call them in a sentence
    getattr(module, name): f"{module.__name__.strip('_')}.{name}"
    for module, names in (
        (os, ("_exit", "abort", "kill", "fork", "execv", "execve")),
        (sys, ("setrecursionlimit",)),
        (_signal, ("signal", "setitimer", "alarm", "pthread_sigmask", "raise_signal")),
    )
    for name in names
    if hasattr(module, name)
}
MODULES = (builtins, math, np, np.fft, np.linalg, np.ma, np.random)  # put back as they were
MANY_CHARACTERS = 2000  # of what is printed or returned: the rest is cut off
AGAIN = 0.05  # seconds from one attempt to stop a function to the next
TOOL = 4  # an identity of sys.monitoring that no debugger, profiler or coverage tool has


class TookTooLong(BaseException):
    """Raised in a function that does not come to an end. No `except Exception` catches it."""


class NotAllowed(BaseException):
    """Raised where a function calls the very reference that it is compared with, or os._exit."""


@dataclass
class Result:
    """What came of a call: a value, or a problem with what to say about it."""

    value: Any = None
    problem: bool = False
    outcome: str = ""
    says: list = field(default_factory=list)
    error: str = ""  # what the exception says, with its name
    printed: str = ""


class Odd:
    """Stands for a result that is no plain data: a generator, a function, a set.

    Each has a class of its own, named like that of what it stands for.
    """

    def __repr__(self):
        return f"a {type(self).__name__}"


def call(function, seconds, forbidden, student):
    """Call a function without arguments and survive it. The value is plain, copyable data.

    seconds : how long it may take
    forbidden : code objects that it may not call
    student : the function or class whose own lines an exception is explained by; None does not
        explain it

    Beside the function itself this takes about 0.15 ms.
    """
    printed = _Paper()
    kept = [(module.__dict__, dict(module.__dict__)) for module in MODULES]
    replaced = []

    def put_back(modules):
        for now, before in modules:
            for name, value in before.items():
                if now.get(name) is not value:
                    now[name] = value
                    replaced.append((before["__name__"], name))

    with _quiet(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            with _time_limit(seconds) as late, _watch(forbidden) as caught:
                result = _inside(function, student, lambda: put_back(kept[:1]))
        except (TookTooLong, NotAllowed):
            pass
        finally:
            put_back(kept)
    if late:  # perhaps it caught what stopped it, and went on
        result = _wrong(
            f"It was still running after {seconds:g} seconds and was stopped. "
            "Does a loop in it never end?"
        )
    if caught:
        result = _wrong(caught[0])
    if replaced:
        module, name = replaced[0]
        whole = "" if module == "builtins" else module.replace("numpy", "np") + "."
        result = _wrong(f"It replaced {whole}{name} itself. Give what you store another name.")
    result.printed = _text(io.StringIO.getvalue(printed))
    return result


def _inside(function, student, put_builtins_back):
    """Call the function, and whatever else may run the student's code. Only here it is stopped."""
    try:
        try:
            value = function()
        finally:
            put_builtins_back()  # all that follows uses them
        return Result(_plain(value))
    except (KeyboardInterrupt, TookTooLong, NotAllowed):
        raise
    except BaseException as error:  # SystemExit too: whatever the student's function raises
        return _described(error, student)


def _described(error, student):
    if isinstance(error, RecursionError):
        return _error("It calls itself again and again, without an end (RecursionError).")
    said = _text(errors.message(error))
    if isinstance(error, MemoryError):
        return _error(f"It asks for more memory than there is (MemoryError: {said}).")
    explained = [] if student is None else errors.explain(error, _file_of(student))
    result = _error(*map(_text, explained))
    result.error = f"{type(error).__name__}: {said}"
    return result


class _Paper(io.StringIO):
    """What a function prints: the beginning is kept, and it cannot be closed."""

    def write(self, text):
        if self.tell() < MANY_CHARACTERS:
            super().write(text[:MANY_CHARACTERS])
        return len(text)

    def close(self):
        pass


def _text(text):
    """A string that can be shown: not endless, and without halves of characters."""
    return text[:MANY_CHARACTERS].encode(errors="replace").decode()


def _plain(value, depth=0):
    """The value as plain data: numbers, strings, arrays, and lists, tuples and dicts of them.

    Arrays are copies: one that a function fills anew at each call would otherwise be seen only
    as it was last. What is no plain data becomes an Odd.
    """
    if value is None or type(value) in (bool, float, complex):
        return value
    if type(value) is int:
        return value if -(2**63) <= value < 2**64 else _odd("very large int")
    if isinstance(value, str):
        return _text(value)
    depth += 1
    if depth > 6:
        return _odd("list within lists without an end")
    if isinstance(value, dict):
        return {_plain(key, depth): _plain(part, depth) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [_plain(part, depth) for part in value]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, (np.matrix, np.ma.MaskedArray)):
        array = value
    else:
        try:
            array = np.asarray(value)  # a number of NumPy's, another library's array
        except Exception:
            return _odd(type(value).__name__)
    if isinstance(value, np.ndarray) and not array.dtype.hasobject:
        return array.copy()
    if isinstance(value, np.ndarray) and array.dtype == object:
        plain = np.empty(array.shape, dtype=object)
        for i in np.ndindex(array.shape):
            plain[i] = _plain(array[i], depth)
        return plain
    if array.dtype.kind not in "fiubc":
        return _odd(type(value).__name__)
    return array.copy() if array.ndim else array[()]


def _odd(kind):
    return type(kind, (Odd,), {})()


def quietly(function, *arguments):
    """The function's value, or None where it raises: for implementations known to be wrong."""
    try:
        with _quiet():
            return function(*arguments)
    except Exception:
        return None


def _wrong(*says):
    return Result(problem=True, outcome="wrong", says=list(says))


def _error(*says):
    return Result(problem=True, outcome="raised an error", says=list(says))


def _file_of(student):
    functions = [student, *getattr(student, "__dict__", {}).values()]
    codes = (getattr(function, "__code__", None) for function in functions)
    return next((code.co_filename for code in codes if code is not None), None)


@contextlib.contextmanager
def _quiet():
    """No warnings: what overflows shows in the values."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _watch(forbidden):
    """Raise NotAllowed as soon as a forbidden function is called; yield a list of what to say."""
    not_allowed = {id(code): LOOKED_UP for code in forbidden}  # equal code may be the student's own
    meddling = "It calls {}, which meddles with the whole notebook: leave it out."
    autocall = sys.modules.get("IPython.core.autocall")
    if autocall is not None:  # `exit` in a notebook
        for kind in (autocall.ExitAutocall, autocall.ZMQExitAutocall):
            not_allowed[id(kind.__call__.__code__)] = meddling.format("exit")
    caught = []
    identity = id  # the answer may replace the builtin

    def profile(frame, event, argument):
        if event == "call":
            says = not_allowed.get(identity(frame.f_code))
        elif event == "c_call" and argument in NO_ANSWER_CALLS:
            says = meddling.format(NO_ANSWER_CALLS[argument])
        else:
            return
        if says:
            caught.append(says)
            raise NotAllowed

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield caught
    finally:
        sys.setprofile(before)


@contextlib.contextmanager
def _time_limit(seconds):
    """Raise TookTooLong in _inside when the time is up, and again while it is ignored.

    Yield a list that is no longer empty once the time was up. By the timer signal of Unix in
    the main thread; elsewhere from Python 3.12 on by looking at the clock at each jump and each
    call; else there is no limit, and a function that never ends is stopped by the stop button.
    """
    late = []
    main = threading.current_thread() is threading.main_thread()
    if main and hasattr(signal, "setitimer") and sys.platform != "emscripten":
        limit = _by_signal(seconds, late)
    elif hasattr(sys, "monitoring") and sys.monitoring.get_tool(TOOL) is None:
        limit = _by_monitoring(seconds, late)
    else:
        limit = contextlib.nullcontext()
    with limit, _unheard():
        yield late


@contextlib.contextmanager
def _unheard():
    """Say nothing where TookTooLong cannot be passed on: in a __del__, a weakref's callback.

    What it interrupts there goes on; it is raised again a moment later.
    """
    before = sys.unraisablehook

    def hook(unraisable):
        if unraisable.exc_type is not TookTooLong:
            before(unraisable)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


@contextlib.contextmanager
def _by_signal(seconds, late):
    def time_is_up(number, frame):
        frames = _frames_inside(frame)
        if not frames:
            return
        if late:  # a bare `except:` caught it: raise once more on the next line, so in its block
            for frame in frames:
                frame.f_trace = on_the_next_line
            sys.settrace(on_the_next_line)
        late.append(True)
        raise TookTooLong

    def on_the_next_line(frame, event, argument):
        if event == "line":
            raise TookTooLong

    tracing = sys.gettrace()
    handler = signal.signal(signal.SIGALRM, time_is_up)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        sys.settrace(tracing)


@contextlib.contextmanager
def _by_monitoring(seconds, late):
    monitoring = sys.monitoring
    until = time.perf_counter() + seconds

    def look(*_):
        if time.perf_counter() > until and _frames_inside(sys._getframe(1)):
            late.append(True)
            raise TookTooLong

    events = (monitoring.events.JUMP, monitoring.events.PY_START)
    monitoring.use_tool_id(TOOL, "time limit")
    try:
        for event in events:
            monitoring.register_callback(TOOL, event, look)
        monitoring.set_events(TOOL, sum(events))
        yield
    finally:
        monitoring.set_events(TOOL, 0)
        monitoring.free_tool_id(TOOL)


def _frames_inside(frame):
    """The frames from this one out to _inside; none where it is not below _inside.

    So nothing is raised in the cleaning up that follows the student's code.
    """
    frames = []
    while frame is not None:
        frames.append(frame)
        if frame.f_code is _inside.__code__:
            return frames
        frame = frame.f_back
    return []
