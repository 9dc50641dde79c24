"""Run a student's function so that, whatever it does, the notebook survives."""

import contextlib
import io
import signal
import sys
import threading
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import errors


class TookTooLong(BaseException):
    """Raised in a function that does not come to an end. No `except Exception` catches it."""


class LookedUp(BaseException):
    """Raised where a function calls the very reference that it is compared with."""


@dataclass
class Result:
    """What came of a call: a value, or a problem with what to say about it."""

    value: Any = None
    problem: bool = False
    outcome: str = ""
    says: list = field(default_factory=list)
    error: str = ""
    printed: str = ""


def call(function, seconds, forbidden, student):
    """Call a function without arguments and survive it.

    seconds : how long it may take
    forbidden : code objects that it may not call
    student : the function or class whose own lines a traceback shows
    """
    printed = _Paper()
    numpy_before = dict(vars(np))
    try:
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
            _quiet(),
            time_limit(seconds),
            _watch(forbidden) as looked_up,
        ):
            result = Result(_plain(function()))
        if looked_up:  # and caught its own exception
            raise LookedUp
    except TookTooLong:
        result = _wrong(
            f"It was still running after {seconds:.0f} seconds and was stopped. "
            "Does a loop in it never end?"
        )
    except LookedUp:
        result = _wrong(
            "It calls the reference, or a function of course_utils that does the whole job. "
            "Write the steps yourself."
        )
    except RecursionError:
        result = _error("It calls itself again and again, without an end (RecursionError).")
    except MemoryError as error:
        result = _error(f"It asks for more memory than there is (MemoryError: {error}).")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: whatever the student's function raises
        result = _error(*errors.explain(error, _file_of(student)))
        result.error = f"{type(error).__name__}: {errors.message(error)}"
    replaced = [name for name, value in numpy_before.items() if vars(np).get(name) is not value]
    if replaced:
        vars(np).update(numpy_before)
        result = _wrong(f"It replaced np.{replaced[0]} itself. Give what you store another name.")
    result.printed = printed.getvalue()[:2000]
    return result


class _Paper(io.StringIO):
    """What a function prints: the beginning is kept, and it cannot be closed."""

    def write(self, text):
        return super().write(text) if self.tell() < 2000 else len(text)

    def close(self):
        pass


def _plain(value, depth=0):
    """The value with copies of its arrays, so that nothing odd is left to happen outside.

    An array that a function fills anew at each call would otherwise be seen only as it was last.
    """
    if depth > 5:
        return "a list within lists without an end"
    if isinstance(value, dict):
        return {key: _plain(part, depth + 1) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        kind = list if isinstance(value, list) else tuple
        return kind(_plain(part, depth + 1) for part in value)
    if isinstance(value, np.ndarray):
        return value.copy()
    if hasattr(value, "__array__"):  # another library's array
        array = np.asarray(value)
        return array if array.ndim else array[()]
    return value


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
    """Raise LookedUp as soon as a forbidden function is called; yield a list that tells so."""
    identities = {id(code) for code in forbidden}  # equal code may be the student's own
    looked_up = []

    def profile(frame, event, argument):
        if event == "call" and id(frame.f_code) in identities:
            looked_up.append(frame.f_code.co_name)
            raise LookedUp

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield looked_up
    finally:
        sys.setprofile(before)


@contextlib.contextmanager
def time_limit(seconds):
    """Raise TookTooLong in this thread when the time is up, and again while it is ignored.

    It needs the timer signal of Unix and the main thread; elsewhere there is no limit, and a
    function that never ends is stopped as any cell is, by the stop button.
    """
    main = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not main:
        yield
        return

    def time_is_up(number, frame):
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, time_is_up)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def guarded():
    """No output and no warnings, for many calls; each has a `time_limit` of its own."""
    paper = _Paper()
    with contextlib.redirect_stdout(paper), contextlib.redirect_stderr(paper), _quiet():
        yield


SURVIVED = (Exception, TookTooLong, LookedUp, SystemExit)
