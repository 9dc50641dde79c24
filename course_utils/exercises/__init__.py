"""Exercises that check themselves.

In a notebook, after `from course_utils.exercises import exercise`::

    @exercise("2.1")
    def dense_forward(x, W, b):
        ...  # your code here

The cell checks the function as soon as it runs and says what it found. The name is then bound
to a function that works: yours if it is right, else the reference. `hint("2.1")` helps a
little more at each call, `solution("2.1")` shows the reference, `progress()` where you stand.
`catch_up(4)` gives you what the lessons before lesson 4 have built.
"""

import copy
import functools
import inspect

from . import feedback, record
from .engine import check
from .lessons import exercises_of, find, lessons

__all__ = ["catch_up", "exercise", "hint", "progress", "solution"]

_hints_given = {}
_edits_found = {}  # of the last attempt at each exercise; the next hint shows it


def exercise(number):
    """Check the function (or class) defined below it; bind its name to one that works.

    number : str, such as "2.1"

    Says one of: not attempted, raised an error, wrong, right. Raises ValueError where there is
    no exercise of this number.

    An answer that does not end is stopped after 5 seconds. Where that fails, the stop button
    helps (■, or Kernel > Interrupt); where that fails too, Kernel > Restart.
    """
    if number in record.RETIRED:
        print(
            f"Exercise {number} is not in the course any more: your function is taken as it is. "
            "For the new lesson, rename your copy and call `make lab` again."
        )
        return lambda implementation: implementation
    described = find(number)

    def decorate(implementation):
        # While it is checked, the name means the new function already, not what an earlier run
        # bound it to, perhaps the reference.
        _bind(implementation, implementation)
        try:
            place = feedback.Place()
            verdict = check(described, implementation, waiting=place.say_that_it_takes_a_moment)
            _edits_found[number] = verdict.edit
            place.show(described, verdict)
            record.note(number, verdict.outcome)
        except Exception as error:
            print(
                f"Exercise {number}: the check itself failed ({type(error).__name__}: {error}). "
                "That is a fault of the course, not yours; it counts as no attempt. "
                "The lesson goes on with the reference."
            )
            return described.reference
        except BaseException:  # the stop button
            _bind(implementation, described.reference)
            raise
        if verdict.outcome != "right":
            return described.reference
        return _on_copies(implementation) if verdict.changes else implementation

    return decorate


def _bind(implementation, function):
    """Let the name of a student's function, in the student's notebook, mean another function."""
    if inspect.isfunction(implementation) and "." not in implementation.__qualname__:
        implementation.__globals__[implementation.__name__] = function


def _on_copies(function):
    """The function, called with copies: it changes its arguments, which would harm the caller."""

    @functools.wraps(function)
    def careful(*arguments, **named):
        return function(*copy.deepcopy(arguments), **copy.deepcopy(named))

    return careful


def hint(number):
    """Show one more hint for the exercise at each call."""
    hints = list(find(number).hints)
    edit = _edits_found.get(number)  # the change itself, where the last attempt is so near
    if edit is not None:
        hints.append(edit.hint)
    given = _hints_given[number] = min(_hints_given.get(number, 0) + 1, len(hints))
    for i, text in enumerate(hints[:given], 1):
        print(f"Hint {i} of {len(hints)}: {text}")
    if given == len(hints):
        print(f'That was the last one. solution("{number}") shows an answer.')


def solution(number):
    """Show the reference: one right answer to the exercise."""
    print(inspect.getsource(find(number).reference))


def progress(reset=False):
    """Show where you stand; reset=True forgets it. What is kept never leaves this machine."""
    if reset:
        record.forget()
        print("Forgotten.")
        return
    feedback.show_progress(record.read())


def catch_up(lesson):
    """Define, in your notebook, every function that the lessons before this one have built.

    lesson : int, such as 4

    For those who come late. Shows each function with what it does and its code. A name that
    your notebook has already stays as it is. Raises ValueError where no lesson comes before it.
    """
    known = lessons()
    if isinstance(lesson, bool) or lesson not in range(known[0] + 1, known[-1] + 2):
        raise ValueError(
            f"lesson must be a number from {known[0] + 1} to {known[-1] + 1}, got {lesson!r}"
        )
    notebook = inspect.currentframe().f_back.f_globals
    built = [e for number in known if number < lesson for e in exercises_of(number)]
    new = {e.name: e.reference for e in built}  # of two with one name, the later lesson's
    kept = [name for name in new if notebook.get(name, new[name]) is not new[name]]
    notebook.update({name: new[name] for name in new if name not in kept})
    feedback.show_what_was_built(lesson, built, kept)
