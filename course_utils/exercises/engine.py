"""How an answer is checked: tried on every case of its exercise, then judged.

What is said comes in this order: a misconception that gives just what the answer gave; the
smallest edit of the answer's own code that makes it right; an edit of the reference that gives
what the answer gave; else what can be seen in the values. Where nothing is sure, less is said.
"""

import copy
import dis
import inspect
from dataclasses import dataclass, field

import numpy as np

from . import comparison, relations, sandbox, search
from .authoring import Case

SECONDS = 5.0  # how long one try of an answer may take before it is stopped
SEARCH = 1.4  # seconds to look for the smallest edit of an answer
AFTERWARDS = 0.4  # and of the reference
MANY = 12  # numbers that need not be shown twice
LINES = 12  # of arguments and values, at most

UNSTEADY = (
    "Called again with the same inputs, it gave another result: does it draw random numbers "
    "of its own, or keep something from one call to the next?"
)
WRONG = "The values are wrong."
KEEP = (
    "The result is right, but the arguments are no longer as they were, and the exercise asks to "
    "leave them alone. Make new arrays, or begin with {}."
)


@dataclass
class Trial:
    """One case, tried: what was expected and what came."""

    case: Case
    expected: object
    result: sandbox.Result
    changed: list  # names of arguments that are no longer as they were


@dataclass
class Verdict:
    """What a check found: the outcome, and what to say about it.

    outcome : "not attempted", "raised an error", "wrong" or "right"
    says : sentences, the most helpful first
    details : (label, text) pairs: what was passed, expected, got
    misconception : the sentence of the misconception that the answer shows, or None
    edit : the search.Found edit that makes it right, or None
    printed : what the function printed
    changes : the arguments that a right answer changes, as the code to copy them, or ""
    """

    outcome: str
    says: list = field(default_factory=list)
    details: list = field(default_factory=list)
    misconception: str | None = None
    edit: search.Found | None = None
    printed: str = ""
    changes: str = ""


def check(exercise, implementation, seconds=SEARCH, waiting=None):
    """Try an implementation on inputs it has never seen, and say what is wrong with it.

    seconds : how long to search for the smallest edit of a wrong one; 0 does not search
    waiting : function that is called once where the search takes more than a moment
    """
    if is_stub(implementation):
        return Verdict("not attempted")
    mismatch = _signature_mismatch(exercise, implementation)
    if mismatch:
        return Verdict("wrong", [mismatch])
    trials = []
    for case in exercise.cases():
        trials.append(_try(exercise, implementation, case))
        if trials[-1].result.problem:
            break
    verdict = _judge(exercise, implementation, trials, search.Clock(seconds, waiting))
    verdict.printed = trials[0].result.printed
    return verdict


def _try(exercise, implementation, case):
    expected = exercise.use(exercise.reference, copy.deepcopy(case.inputs))
    given = copy.deepcopy(case.inputs)
    result = sandbox.call(
        lambda: exercise.use(implementation, given),
        seconds=SECONDS,
        forbidden=_codes([exercise.reference, *exercise.library]),
        student=implementation,
    )
    changed = [
        name
        for name, before in case.inputs.items()
        if name not in exercise.in_place and not comparison.same(given[name], before, 0)
    ]
    return Trial(case, expected, result, changed)


def _judge(exercise, implementation, trials, clock):
    names, tolerance = exercise.returns, exercise.tolerance
    for trial in trials:
        if trial.result.problem:
            return _judge_problem(exercise, implementation, trials, clock)
        findings = comparison.compare(names, trial.expected, trial.result.value, tolerance)
        if findings:
            return _judge_wrong(exercise, implementation, trials, trial, findings, clock)
    changed = {name: None for trial in trials for name in trial.changed}  # in order, each once
    copies = "; ".join(_how_to_copy(trials[0].case.inputs[name], name) for name in changed)
    if copies and exercise.keeps_arguments:
        return Verdict("wrong", [KEEP.format(copies)])
    return Verdict("right", changes=copies)


def _judge_problem(exercise, implementation, trials, clock):
    """An exception, a loop without an end, a look at the reference: in the last of the trials."""
    case, result = trials[-1].case, trials[-1].result
    known = [said for part, said in exercise.errors.items() if part in result.error]
    verdict = Verdict(result.outcome, known + result.says, _passed(exercise, case.inputs))
    if case.sentence and not known:
        verdict.says.insert(0, case.sentence)
    if result.outcome == "raised an error":
        verdict.edit = _edit(exercise, implementation, clock)
        if verdict.edit is not None and not known:
            verdict.says.append(verdict.edit.sentence)
    return verdict


def _judge_wrong(exercise, implementation, trials, trial, findings, clock):
    """What to say first: the cause, from the first source that knows one, then what is seen."""
    verdict = Verdict("wrong")
    first = trials[0]
    tried = [t for t in trials if not t.result.problem]
    verdict.misconception = _misconception(exercise, tried)
    if verdict.misconception is None:
        if trial is first and _unsteady(exercise, implementation, first):
            return Verdict("wrong", [UNSTEADY])  # what else is wrong may be chance
        verdict.edit = _edit(exercise, implementation, clock)
    cause = (
        verdict.misconception
        or (verdict.edit and verdict.edit.sentence)
        or trial.case.sentence
        or _alike(exercise, tried, findings, clock)
    )
    facts = _facts(exercise, tried, findings)
    if verdict.misconception:
        verdict.says = [cause]
    elif cause:
        verdict.says = [cause, *facts[:1]]
    else:
        verdict.says = facts or [_ignored(exercise, implementation, first) or WRONG]
    verdict.says += _summary(exercise.returns, findings)
    verdict.details = _passed(exercise, trial.case.inputs) + _side_by_side(findings[0])
    if trial is first:
        verdict.details += _proof(exercise, findings[0].output, trial)
    return verdict


def _misconception(exercise, trials):
    """The sentence of the misconception that gives, in every trial, what the answer gave."""
    if trials[0].result.value is None:
        return None  # that it returned nothing is the thing to say
    for misconception in exercise.misconceptions:
        if all(
            comparison.same(
                sandbox.quietly(
                    exercise.use, misconception.implementation, copy.deepcopy(trial.case.inputs)
                ),
                trial.result.value,
                exercise.tolerance,
            )
            for trial in trials
        ):
            return misconception.sentence
    return None


def _pairs(exercise):
    """[(inputs, expected)] of all cases, for the search."""
    return [
        (case.inputs, exercise.use(exercise.reference, copy.deepcopy(case.inputs)))
        for case in exercise.cases()
    ]


def _edit(exercise, implementation, clock):
    if not clock.in_time:
        return None
    return search.smallest_edit(exercise, implementation, _pairs(exercise), clock)


def _alike(exercise, trials, findings, clock):
    """A sentence where one edit of the reference gives what the answer gave, or None."""
    if not clock.seconds or not all(finding.shows_values for finding in findings):
        return None
    pairs = [(trial.case.inputs, trial.expected) for trial in trials]
    results = [trial.result.value for trial in trials]
    return search.alike(exercise, pairs, results, search.Clock(AFTERWARDS))


def _facts(exercise, trials, findings):
    """What is wrong, part by part: at most two sentences, of many parts only one."""
    everywhere = [
        (
            trial.case.inputs,
            comparison.compare(
                exercise.returns, trial.expected, trial.result.value, exercise.tolerance
            ),
        )
        for trial in trials
    ]
    said = []
    for finding in findings[:6]:
        sentence = finding.sentence or _relation(finding.part, everywhere)
        if sentence and sentence not in said:
            said.append(sentence)
    return said[: 1 if len(findings) > 3 else 2]


def _relation(part, everywhere):
    """How the values of one part relate to the right ones, in every trial alike."""
    values = []
    for inputs, findings in everywhere:
        for finding in findings:
            if finding.part == part and not finding.only_values:
                return ""
            if finding.part == part:
                values.append((np.asarray(finding.expected), np.asarray(finding.got), inputs))
    return relations.relation(part, values)


def _summary(names, findings):
    """Which outputs are right and which are wrong, where there are some of each."""
    wrong = {finding.output for finding in findings}
    if len(wrong) == len(names) or "the result" in wrong:
        return []
    return [" ".join(f"{name} is {'wrong' if name in wrong else 'right'}." for name in names)]


def _unsteady(exercise, implementation, trial):
    """Whether the same inputs do not give the same result again."""
    again = _try(exercise, implementation, trial.case).result
    if again.problem or comparison.same(again.value, trial.result.value, exercise.tolerance):
        return False
    # an object is another one each time: that is no sign of chance
    twin = sandbox.quietly(copy.deepcopy, trial.result.value)
    return comparison.same(twin, trial.result.value, exercise.tolerance)


def _ignored(exercise, implementation, trial):
    """A sentence where an argument changes the right result, whatever it is, and never this one."""
    if not np.any(comparison.numbers(trial.result.value)):
        return None
    for name in inspect.signature(exercise.reference).parameters:
        if name in trial.case.inputs and all(
            _moves_only_the_right_one(exercise, implementation, trial, name, seed)
            for seed in (21, 22, 23)
        ):
            return f"The result does not depend on {name}: was it left out?"
    return None


def _moves_only_the_right_one(exercise, implementation, trial, name, seed):
    """Whether another value of one argument changes the right result, and not the answer's."""
    drawn = exercise.inputs(np.random.default_rng(seed))[name]
    other = _try(exercise, implementation, Case("another", trial.case.inputs | {name: drawn}))
    return (
        not other.result.problem
        and not comparison.same(other.expected, trial.expected, 1e-3)
        and comparison.same(other.result.value, trial.result.value, exercise.tolerance)
    )


def _how_to_copy(before, name):
    """The line of code that makes a copy of an argument."""
    if isinstance(before, list) and all(isinstance(entry, np.ndarray) for entry in before):
        return f"{name} = [array.copy() for array in {name}]"
    if isinstance(before, (list, dict)):
        return f"{name} = copy.deepcopy({name})"
    return f"{name} = {name}.copy()"


def _passed(exercise, inputs):
    """The arguments, those that fit into few lines; of the others what they are."""
    shown, left = [], LINES
    own = inspect.signature(exercise.reference).parameters
    theirs = {name: value for name, value in inputs.items() if name in own}
    for name, value in (theirs or inputs).items():
        said = comparison.show(value)
        lines = said.count("\n") + 1
        if lines > left - 2 or len(said) > 300:
            said = _in_short(value)
            lines = 1
        shown.append((f"{name} =", said))
        left -= lines
    return shown


def _in_short(value):
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return comparison.show(value)[:60]


def _side_by_side(finding):
    """Expected and got of one part that is wrong, where looking at them helps."""
    if not finding.shows_values:
        return []
    place = comparison.image_that_differs(finding.expected, finding.got)
    return [
        (f"{finding.part} expected =", comparison.show(finding.expected, *place)),
        (f"{finding.part} got =", comparison.show(finding.got, *place)),
    ]


def _proof(exercise, output, trial):
    """The gradient that an output should be, by centred differences of the forward function.

    Many numbers would only repeat what is expected: one line then says that they do.
    """
    if exercise.forward is None or output not in exercise.differences:
        return []
    from ..gradients import numerical_gradient

    wanted = exercise.differences[output]
    values = copy.deepcopy(trial.case.inputs)
    arguments = inspect.signature(exercise.forward).parameters

    def total(_):
        forward = exercise.forward(**{name: values[name] for name in arguments})
        return np.sum(forward * values[exercise.upstream])

    numerical = numerical_gradient(total, values[wanted])
    right = (trial.expected,) if len(exercise.returns) == 1 else trial.expected
    agrees = comparison.same(right[exercise.returns.index(output)], numerical, 1e-3)
    label = f"{output} by centred differences, nudging {wanted}"
    if agrees and numerical.size > MANY:
        return [(f"{label}:", "the same as expected")]
    return [(f"{label} =", comparison.show(numerical))]


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
    wanted = "class" if inspect.isclass(exercise.reference) else "function"
    is_class = inspect.isclass(implementation)
    if is_class != (wanted == "class") or not (is_class or inspect.isfunction(implementation)):
        return f"{exercise.name} must be a {wanted}, as in the exercise's first line."
    if wanted == "function":
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
