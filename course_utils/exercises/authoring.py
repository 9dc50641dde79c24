"""What an author writes: an exercise as data, its inputs, and the ways to get it wrong.

    def dense_backward(dz, x, W):
        '''What the student reads.'''
        ...

    dense = Exercise(
        "4.2",
        dense_backward,
        returns=("dx", "dW", "db"),
        inputs=arrays(dz="N H", x="N D", W="D H"),
        hints=["...", "a stronger one"],
        misconceptions=[
            Slip("db is the sum over the samples.", "dz.sum(axis=0)", "dz.mean(axis=0)"),
        ],
    )

CONTRIBUTING.md walks through it.
"""

import copy
import inspect
import itertools
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from . import sandbox

# How many there are of each letter, unless an exercise says otherwise. No two are equal.
SIZES = {"N": 5, "D": 4, "H": 3, "K": 6, "C": 2}

FRESH = (
    "Right for the inputs of one check and wrong for others: "
    "does it work for any numbers, or only for some?"
)
OTHER_NUMBERS = (
    "Right for one value of each number that is passed, wrong for another: "
    "use the arguments in place of fixed numbers."
)
ROWS = (
    "Right for one number of rows, wrong for another: take sizes from the arguments, "
    "with len(x) or x.shape, in place of fixed numbers."
)
OTHER_SIZES = (
    "Right for arrays of one size, wrong for others: take every size from the arguments, "
    "with len(x) or x.shape, in place of fixed numbers."
)
OTHER_INPUTS = "Right for the first inputs, wrong for these: what is special about them?"
EXTREME = "Right for ordinary numbers, wrong for very large or very small ones."


@dataclass
class Misconception:
    """A way to be wrong: what to say, and a function that is wrong in this way."""

    sentence: str
    implementation: Callable


class Slip:
    """A misconception that is an edit of the reference: what stands there, and what was written.

    Slip(sentence, old, new), or with more pairs of old and new. Each `old` must stand exactly
    once in the reference's source below its docstring; ValueError tells of one that does not.
    """

    def __init__(self, sentence, *edits):
        if not edits or len(edits) % 2:
            raise ValueError(
                "a Slip is a sentence and pairs of what stands there and what was written: "
                f"after {sentence!r:.60} there are {len(edits)} pieces of source"
            )
        self.sentence = sentence
        self.edits = list(zip(edits[::2], edits[1::2], strict=True))

    def apply_to(self, reference):
        """The misconception: the reference, written anew with the edits."""
        *above, body = _source(reference).split('"""', 2)
        for old, new in self.edits:
            if body.count(old) != 1:
                raise ValueError(
                    f"{old!r} must stand exactly once in {reference.__name__}, below its "
                    f"docstring, and stands there {body.count(old)} times"
                )
            body = body.replace(old, new)
        source = '"""'.join([*above, body])
        return Misconception(self.sentence, written_anew(reference, source))


def written_anew(reference, source=None):
    """A function or class made from its source, as if it had been typed a second time."""
    source = source or _source(reference)
    namespace = dict(vars(inspect.getmodule(reference)))
    exec(compile(source, f"<{reference.__name__}>", "exec", dont_inherit=True), namespace)
    return namespace[reference.__name__]


def _source(reference):
    return textwrap.dedent(inspect.getsource(reference))


@dataclass
class Case:
    """One set of inputs to try, and what it means if only this one comes out wrong."""

    kind: str
    inputs: dict
    sentence: str = ""


@dataclass
class Exercise:
    """One exercise, as its author describes it. ValueError says what does not fit together.

    number : "4.2", lesson and place in it
    reference : the right function (or class); its source is the solution
    inputs : function (rng, N=5, D=4, ...) returning {argument: value}; small, never square. Its
        sizes are varied by themselves. `arrays` makes one from shapes.
    returns : the names of the outputs, in order
    hints : at least two sentences, each stronger than the one before
    misconceptions : Slips and Misconceptions
    variants : other right implementations, which the tests try
    sizes : further sizes to try, such as [{"N": 1}, {"K": 2}]
    run : function (implementation, **inputs) returning the outputs, where calling it with the
        inputs is not enough: for classes, for functions that change their arguments in place
    in_place : names of the arguments that the function is meant to change
    keeps_arguments : whether the text forbids to change them; else it is only remarked
    forward, differences, upstream : for a backward function; differences names, for each
        output, the input that it is the gradient of. The gradient of sum(forward · upstream)
        by centred differences is then shown as a proof.
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
    sizes: list = field(default_factory=list)
    run: Callable | None = None
    in_place: tuple = ()
    keeps_arguments: bool = False
    forward: Callable | None = None
    differences: dict = field(default_factory=dict)
    upstream: str = "dz"
    extremes: Callable | None = None
    errors: dict = field(default_factory=dict)
    library: tuple = ()
    tolerance: float = 1e-6

    def __post_init__(self):
        self._check_what_is_written()
        self.returns = (self.returns,) if isinstance(self.returns, str) else tuple(self.returns)
        self.misconceptions = [
            m.apply_to(self.reference) if isinstance(m, Slip) else m for m in self.misconceptions
        ]

    def _check_what_is_written(self):
        """Raise ValueError, with a sentence for the author, where the parts do not fit."""
        hints = self.hints
        if not isinstance(hints, list) or len(hints) < 2 or not all(map(_is_sentence, hints)):
            raise ValueError(
                f"{self.number}: hints must be a list of at least two sentences, got {hints!r:.60}"
            )
        there = sizes_of(self.inputs)
        unknown = {name for sizes in self.sizes for name in sizes} - set(there)
        if unknown:
            raise ValueError(
                f"{self.number}: sizes names {', '.join(sorted(unknown))}, and the sizes of its "
                f"inputs are {', '.join(there) or 'none'}"
            )
        try:
            self._bind(self.inputs(np.random.default_rng(0)))
        except TypeError as error:
            raise ValueError(
                f"{self.number}: the inputs do not fit what is called with them: {error}"
            ) from None

    def _bind(self, inputs):
        """Pass the inputs to the signature only: TypeError where one is missing or unknown."""
        if self.run is not None:
            return inspect.signature(self.run).bind(self.reference, **inputs)
        return inspect.signature(self.reference).bind(**inputs)

    @property
    def name(self):
        return self.reference.__name__

    def use(self, implementation, inputs):
        """The outputs of an implementation for these inputs."""
        if self.run is not None:
            return self.run(implementation, **inputs)
        return implementation(**inputs)

    def cases(self):
        """What to try: the same inputs at every check, so that it always says the same.

        The first is the one that is shown.
        """
        yield Case("shown", self.inputs(np.random.default_rng(0)))
        for seed in (11, 12):
            yield Case("fresh", self.inputs(np.random.default_rng(seed)), FRESH)
        for inputs in _with_other_numbers(self.inputs(np.random.default_rng(13))):
            if self._works(inputs):
                yield Case("other numbers", inputs, OTHER_NUMBERS)
        usual = sizes_of(self.inputs)
        counts = {name: n for name, n in usual.items() if isinstance(n, int)}
        for seed, sizes in enumerate(_varied(counts, self.sizes), 14):
            inputs = self.inputs(np.random.default_rng(seed), **sizes)
            yield Case("other sizes", inputs, _what_is_other(sizes))
        if self.extremes is not None:
            for seed in (0, 1):
                yield Case("extreme", self.extremes(np.random.default_rng(seed)), EXTREME)

    def _works(self, inputs):
        return sandbox.quietly(self.use, self.reference, copy.deepcopy(inputs)) is not None


def _is_sentence(text):
    return isinstance(text, str) and bool(text.strip())


def _what_is_other(sizes):
    if sizes.keys() == {"N"}:
        return ROWS
    return OTHER_SIZES if all(len(name) == 1 for name in sizes) else OTHER_INPUTS


def arrays(**described):
    """A function of inputs, from shapes: arrays(x="N D", W="D H", rate=0.1).

    A string names the axes of an array of normally distributed numbers; SIZES says how many there
    are of each. A function draws something else: it is called with the Generator and with
    those sizes that its parameters name. Anything else is passed as it is.
    """
    usual = {}
    for name, what in described.items():
        for letter in _letters(what):
            if letter not in SIZES:
                raise ValueError(
                    f"{name}: {letter!r} is no size; the sizes are {', '.join(SIZES)}. "
                    'A string names the axes of an array, such as "N D".'
                )
            usual[letter] = SIZES[letter]

    def inputs(rng, **sizes):
        return {name: _draw(what, rng, usual | sizes) for name, what in described.items()}

    inputs.sizes = usual
    return inputs


def _letters(what):
    """The sizes that a description of an input names."""
    if isinstance(what, str):
        return what.split()
    return list(inspect.signature(what).parameters)[1:] if callable(what) else []


def _draw(what, rng, sizes):
    letters = _letters(what)
    if isinstance(what, str):
        return rng.normal(size=[sizes[letter] for letter in letters])
    if callable(what):
        return what(rng, **{letter: sizes[letter] for letter in letters})
    return copy.deepcopy(what)


def sizes_of(inputs):
    """{name: default} of what may be varied in a function of inputs, letters and others."""
    if hasattr(inputs, "sizes"):
        return inputs.sizes
    parameters = list(inspect.signature(inputs).parameters.values())[1:]
    return {p.name: p.default for p in parameters}


def _varied(usual, further):
    """Other sizes to try: one row fewer, all larger and no two alike, and those asked for."""
    if usual.get("N", 0) > 1:
        yield {"N": usual["N"] - 1}
    if usual:
        larger, taken = {}, set()
        for letter, size in usual.items():
            larger[letter] = next(n for n in itertools.count(size + 1) if n not in taken)
            taken.add(larger[letter])
        yield larger
    yield from further


def _with_other_numbers(inputs):
    """The inputs with every single number changed (rates, steps), where there is one."""
    numbers = {
        name: value + 1 if isinstance(value, int) else value * 0.7
        for name, value in inputs.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    return [inputs | numbers] if numbers else []
