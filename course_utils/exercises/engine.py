"""What an exercise is, and how an answer to it is checked.

An author writes an Exercise as data: the reference, inputs for it, hints, and misconceptions.
A misconception is a small wrong implementation with the sentence to say to whoever wrote it.
"""

import copy
import dis
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from . import diagnosis, sandbox

FIXED_SIZE = (
    "Right for one number of rows, wrong for another: take sizes from the arguments, "
    "with len(x) or x.shape, in place of fixed numbers."
)
FIXED_SIZES = (
    "Right for arrays of one size, wrong for others: take every size from the arguments, "
    "with len(x) or x.shape, in place of fixed numbers."
)
FIXED_NUMBER = (
    "Right for one value of each number that is passed, wrong for another: "
    "use the arguments in place of fixed numbers."
)
FIXED = {"fewer rows": FIXED_SIZE, "other numbers": FIXED_NUMBER, "other sizes": FIXED_SIZES}
MANY = 12  # numbers that need not be shown twice
SECONDS = 5.0  # how long one check may take before it is stopped


@dataclass
class Misconception:
    """A way to be wrong: what to say, and a function that is wrong in this way."""

    sentence: str
    implementation: Callable


@dataclass
class Exercise:
    """One exercise, as its author describes it.

    number : "4.2", lesson and place in it
    reference : the right function (or class); its source is the solution
    inputs : function of a Generator, returning {argument: value}; small, never square
    returns : the names of the outputs, in order
    hints : each stronger than the one before
    misconceptions : wrong implementations and what to say about them
    variants : other right implementations, which the tests try
    run : function (implementation, **inputs) returning the outputs, where calling it with the
        inputs is not enough: for classes, for functions that change their arguments in place
    forward, differences, upstream : for a backward function; differences names, for each
        output, the input that it is the gradient of. The gradient of sum(forward · upstream)
        by centred differences is then shown as a proof.
    other_sizes : as inputs, with every size another
    extremes : as inputs, with very large and very small numbers
    errors : {part of an error's message: what to say about it}
    library : functions of course_utils that do the very job; calling them is looking it up
    tolerance : the largest relative difference that counts as equal
    """

    number: str
    reference: Callable
    inputs: Callable
    returns: tuple
    hints: list
    misconceptions: list
    variants: list = field(default_factory=list)
    run: Callable | None = None
    forward: Callable | None = None
    differences: dict = field(default_factory=dict)
    upstream: str = "dz"
    other_sizes: Callable | None = None
    extremes: Callable | None = None
    errors: dict = field(default_factory=dict)
    library: tuple = ()
    tolerance: float = 1e-6

    @property
    def name(self):
        return self.reference.__name__

    def use(self, implementation, inputs):
        """The outputs of an implementation for these inputs."""
        if self.run is not None:
            return self.run(implementation, **inputs)
        return implementation(**inputs)

    def cases(self):
        """(kind, inputs): one to show, the same each time, then fresh ones that nobody has seen."""
        yield "shown", self.inputs(np.random.default_rng(0))
        yield "fresh", self.inputs(np.random.default_rng())
        fewer = _with_fewer_rows(self.inputs(np.random.default_rng(1)))
        if self._works(fewer):
            yield "fewer rows", fewer
        others = _with_other_numbers(self.inputs(np.random.default_rng(2)))
        if self._works(others):
            yield "other numbers", others
        if self.other_sizes is not None:
            yield "other sizes", self.other_sizes(np.random.default_rng(3))
        if self.extremes is not None:
            yield "extreme", self.extremes(np.random.default_rng(0))
            yield "fresh extreme", self.extremes(np.random.default_rng())

    def _works(self, inputs):
        if inputs is None:
            return False
        return sandbox.quietly(self.use, self.reference, copy.deepcopy(inputs)) is not None


def _with_other_numbers(inputs):
    """The inputs with each single number changed: rates, steps, sizes; or None without any."""
    numbers = {
        name: value + 1 if isinstance(value, int) else value * 0.7
        for name, value in inputs.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    return inputs | numbers if numbers else None


def _with_fewer_rows(inputs):
    """The inputs without the last row of each array that holds one row a sample, or None.

    The samples are the rows that several arrays share; or else those of the first array.
    """
    lengths = [len(v) for v in inputs.values() if isinstance(v, np.ndarray) and v.ndim]
    N = next((n for n in lengths if lengths.count(n) > 1), lengths[0] if lengths else 0)
    if N < 2:
        return None
    return {
        name: value[:-1].copy() if isinstance(value, np.ndarray) and len(value) == N else value
        for name, value in inputs.items()
    }


@dataclass
class Verdict:
    """What a check found: the outcome, and what to say about it.

    outcome : "not attempted", "raised an error", "wrong" or "right"
    says : sentences, the most helpful first
    details : (label, text) pairs: what was passed, expected, got
    misconception : the sentence of the misconception that the answer shows, or None
    changes_arguments : how to copy the argument that it changes, or "" where it changes none
    """

    outcome: str
    says: list = field(default_factory=list)
    details: list = field(default_factory=list)
    misconception: str | None = None
    printed: str = ""
    changes_arguments: str = ""


def find(number):
    """The exercise of this number. Raises ValueError where there is none."""
    lesson, _, _ = str(number).partition(".")
    try:
        module = importlib.import_module(f".lesson_{int(lesson)}", __package__)
    except (ValueError, ModuleNotFoundError) as error:
        if isinstance(error, ModuleNotFoundError) and f"lesson_{lesson}" not in str(error.name):
            raise  # the lesson is there, and imports what is not
        raise ValueError(f'number must name an exercise, such as "1.1", got {number!r}') from None
    for exercise in module.EXERCISES:
        if exercise.number == number:
            return exercise
    there = ", ".join(exercise.number for exercise in module.EXERCISES)
    raise ValueError(f"lesson {lesson} has the exercises {there}, not {number!r}")


def check(exercise, implementation):
    """Try an implementation on inputs it has never seen, and say what is wrong with it."""
    if is_stub(implementation):
        return Verdict("not attempted")
    mismatch = _signature_mismatch(exercise, implementation)
    if mismatch:
        return Verdict("wrong", [mismatch])
    tried = []
    for kind, inputs in exercise.cases():
        expected = exercise.use(exercise.reference, copy.deepcopy(inputs))
        given = copy.deepcopy(inputs)
        result = sandbox.call(
            lambda given=given: exercise.use(implementation, given),
            seconds=SECONDS,
            forbidden=_codes([exercise.reference, *exercise.library]),
            student=implementation,
        )
        if result.problem and _judge(exercise, tried).outcome == "wrong":
            break  # wrong already where it raised nothing: that is the thing to say
        if result.problem:
            known = [said for part, said in exercise.errors.items() if part in result.says[0]]
            says = (known or [FIXED[kind]] if kind in FIXED else known) + result.says
            return Verdict(result.outcome, says, _passed(exercise, inputs), printed=result.printed)
        changed = "" if exercise.run else _copy_of_changed(given, inputs)
        tried.append((kind, inputs, expected, result.value, changed))
        if kind == "shown":
            printed = result.printed
    verdict = _judge(exercise, tried)
    verdict.printed = printed
    if verdict.outcome == "wrong" and not verdict.misconception and tried[0][3] is not None:
        unsteady = _unsteady(exercise, implementation, tried[0][1], tried[0][3])
        if unsteady:  # what else is wrong may be chance
            verdict.says = unsteady
        else:
            verdict.says += _ignored(exercise, implementation, *tried[0][1:4])
    return verdict


def _copy_of_changed(given, inputs):
    """How to copy the first argument that is no longer as it was, or "" where all are."""
    for name, before in inputs.items():
        if diagnosis.same(given[name], before, 0):
            continue
        if isinstance(before, list) and before and isinstance(before[0], np.ndarray):
            return f"{name}[0].copy()"
        return f"{name} = {name}.copy()"
    return ""


def _unsteady(exercise, implementation, inputs, got):
    """A sentence where the same inputs do not give the same result again."""
    again = _again(exercise, implementation, copy.deepcopy(inputs))
    if not diagnosis.same(copy.deepcopy(got), got, exercise.tolerance):
        return []  # what can't be compared is no sign of chance
    if again.problem or diagnosis.same(again.value, got, exercise.tolerance):
        return []
    return [
        "Called again with the same inputs, it gave another result: does it draw random numbers "
        "of its own, or keep something from one call to the next?"
    ]


def _again(exercise, implementation, inputs):
    return sandbox.call(
        lambda: exercise.use(implementation, inputs),
        seconds=SECONDS,
        forbidden=(),
        student=implementation,
    )


def _ignored(exercise, implementation, inputs, expected, got):
    """A sentence where changing an argument changes the right result, and not this one."""
    for name, value in inputs.items():
        if not isinstance(value, (float, np.ndarray)) or np.asarray(value).dtype.kind != "f":
            continue
        changed = copy.deepcopy(inputs) | {name: value * 1.5 + 0.25}
        right = sandbox.quietly(exercise.use, exercise.reference, copy.deepcopy(changed))
        again = _again(exercise, implementation, changed)
        unmoved = not again.problem and diagnosis.same(again.value, got, exercise.tolerance)
        if unmoved and right is not None and not diagnosis.same(right, expected, 1e-3):
            return [f"The result does not depend on {name}: was it left out?"]
    return []


def _judge(exercise, tried):
    for kind, inputs, expected, got, _ in tried:
        findings = diagnosis.compare(exercise.returns, expected, got, inputs, exercise.tolerance)
        wrong = [finding for finding in findings if finding.wrong]
        if not wrong:
            continue
        sentence = _named(exercise, tried)
        says = [sentence] if sentence else []
        if kind in FIXED and not sentence:
            says.append(FIXED[kind])
        if "extreme" in kind:
            says.append("Right for ordinary numbers, wrong for very large or very small ones.")
        if "fresh" in kind:  # its numbers change each time: they are not shown
            says.append(
                "Right for the inputs of one check and wrong for others: "
                "does it work for any numbers, or only for some?"
            )
            return Verdict("wrong", says, misconception=sentence)
        if len(findings) > 1:
            says.append(" ".join(finding.summary for finding in findings))
        if not sentence:  # a general finding may sound like another cause
            says += [finding.sentence for finding in wrong]
        details = _passed(exercise, inputs)
        details += wrong[0].details  # one is enough to look at
        if kind == "shown":
            details += _proof(exercise, wrong[0].name, expected, inputs)
        return Verdict("wrong", says, details, misconception=sentence)
    return Verdict("right", changes_arguments=max((changed for *_, changed in tried), default=""))


def _named(exercise, tried):
    """The sentence of the misconception that gives, on every input tried, what the answer gave."""
    for misconception in exercise.misconceptions:
        if all(
            diagnosis.same(
                sandbox.quietly(exercise.use, misconception.implementation, copy.deepcopy(inputs)),
                got,
                exercise.tolerance,
            )
            for _, inputs, _, got, _ in tried
        ):
            return misconception.sentence
    return None


def _passed(exercise, inputs):
    return [(f"{name} =", diagnosis.show(value)) for name, value in inputs.items()]


def _proof(exercise, output, expected, inputs):
    """The gradient that an output should be, by centred differences of the forward function.

    Many numbers would only repeat what is expected: one line then says that they do.
    """
    if exercise.forward is None or output not in exercise.differences:
        return []
    from ..gradients import numerical_gradient

    wanted = exercise.differences[output]
    values = copy.deepcopy(inputs)
    arguments = inspect.signature(exercise.forward).parameters

    def total(_):
        forward = exercise.forward(**{name: values[name] for name in arguments})
        return np.sum(forward * values[exercise.upstream])

    numerical = numerical_gradient(total, values[wanted])
    right = (expected,) if len(exercise.returns) == 1 else expected
    agrees = diagnosis.same(right[exercise.returns.index(output)], numerical, 1e-3)
    label = f"{output} by centred differences, nudging {wanted}"
    if agrees and numerical.size > MANY:
        return [(f"{label}:", "the same as expected")]
    return [(f"{label} =", diagnosis.show(numerical))]


def is_stub(implementation):
    """Whether a function, or every method of a class, does nothing yet but return None."""
    if inspect.isclass(implementation):
        methods = [f for f in vars(implementation).values() if inspect.isfunction(f)]
        return bool(methods) and all(is_stub(method) for method in methods)
    if not inspect.isfunction(implementation):
        return False
    nothing = {("LOAD_CONST", None), ("RETURN_CONST", None)}
    return all(
        instruction.opname in {"RESUME", "NOP", "RETURN_VALUE"}
        or (instruction.opname, instruction.argval) in nothing
        for instruction in dis.get_instructions(implementation)
    )


def _signature_mismatch(exercise, implementation):
    kind = "class" if inspect.isclass(exercise.reference) else "function"
    if kind == "class" and not inspect.isclass(implementation):
        return f"{exercise.name} must be a class, as in the exercise's first line."
    if kind == "function" and not inspect.isfunction(implementation):
        return f"{exercise.name} must be a function, as in the exercise's first line."
    if kind == "function":
        expected = list(inspect.signature(exercise.reference).parameters)
        parameters = inspect.signature(implementation).parameters.values()
        got = [p.name for p in parameters if p.default is p.empty or p.name in expected]
        if expected != got:
            return (
                f"The arguments must be ({', '.join(expected)}), as in the exercise's first line; "
                f"they are ({', '.join(got)})."
            )
    return None


def _codes(functions):
    """The code objects of functions and of the methods of classes."""
    codes = []
    for function in functions:
        for part in vars(function).values() if inspect.isclass(function) else [function]:
            if inspect.isfunction(part):
                codes.append(part.__code__)
    return codes
