"""The lessons' exercises, one file a lesson: `find("4.2")`, `all_exercises()`."""

import importlib
import pkgutil
import re

from ..record import RENUMBERED


def lessons():
    """The numbers of the lessons that have exercises, in order."""
    found = (re.fullmatch(r"lesson_(\d+)", m.name) for m in pkgutil.iter_modules(__path__))
    return sorted(int(match[1]) for match in found if match)


def exercises_of(lesson):
    """The exercises of one lesson, in order."""
    return importlib.import_module(f"{__name__}.lesson_{lesson}").EXERCISES


def all_exercises():
    """Every exercise of the course, in the order of the lessons."""
    return [exercise for lesson in lessons() for exercise in exercises_of(lesson)]


def find(number):
    """The exercise of this number, or of this earlier number. Raises ValueError if none is."""
    number = RENUMBERED.get(number, number)
    lesson = re.fullmatch(r"(\d+)\.\d+", str(number))
    if not lesson or int(lesson[1]) not in lessons():
        raise ValueError(f'number must name an exercise, such as "1.1", got {number!r}')
    there = {exercise.number: exercise for exercise in exercises_of(int(lesson[1]))}
    if number not in there:
        raise ValueError(f"lesson {lesson[1]} has the exercises {', '.join(there)}, not {number!r}")
    return there[number]
