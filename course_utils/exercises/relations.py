"""How wrong values relate to the right ones: the transpose, the sign, a factor, a constant, ...

Each relation is a small function of the right values e, the wrong values g (arrays of one shape)
and the inputs. It returns a sentence with {part} in it, or None. `relation` says the first that
holds in every trial, with other numbers and other sizes: what holds in one only is a coincidence.
"""

import numpy as np

from .comparison import absolute, close

TOLERANCE = 1e-6


def relation(part, trials):
    """The sentence of the first relation that holds in all trials, [(e, g, inputs)], or ""."""
    trials = [(e.astype(float), g.astype(float), inputs) for e, g, inputs in trials]
    trials = [trial for trial in trials if trial[0].size > 1] or trials
    for function in RELATIONS:
        said = {function(*trial) for trial in trials}
        if len(said) == 1 and None not in said:
            return said.pop().format(part=part)
    return ""


def zero(e, g, inputs):
    if not g.any() and e.any():
        return "{part} is 0 everywhere." if g.ndim else "{part} is 0."
    return None


def transposed(e, g, inputs):
    if e.ndim == 2 and e.shape[0] != e.shape[1]:
        return None  # the shape tells
    if e.ndim == 2 and close(e.T, g, TOLERANCE):
        return "{part} is the transpose of what is expected."
    return None


def negated(e, g, inputs):
    if close(-e, g, TOLERANCE):
        return "{part} has the wrong sign" + (" everywhere." if e.ndim else ".")
    return None


def times_a_size(e, g, inputs):
    """A factor that is, in each trial, the length of an argument or one over it."""
    factor = _factor(e, g)
    if factor is None:
        return None
    for name, value in inputs.items():
        size = len(value) if isinstance(value, np.ndarray) and value.ndim else 0
        if size > 1 and abs(factor - size) < 1e-5 * size:
            return f"{{part}} is len({name}) times what is expected: is a division by it missing?"
        if size > 1 and abs(factor * size - 1) < 1e-5:
            said = f"{{part}} is 1/len({name}) of what is expected"
            return f"{said}: is it divided by it once too often?"
    return None


def times(e, g, inputs):
    factor = _factor(e, g)
    if factor is None:
        return None
    if e.size == 1 and not (_whole(factor) or _whole(1 / factor)):
        return None  # a single number is always some multiple of another
    sign, size = "minus " if factor < 0 else "", abs(factor)
    if _whole(1 / size):
        return f"{{part}} is exactly {sign}1/{round(1 / size)} of what is expected."
    return f"{{part}} is exactly {sign}{size:.4g} times what is expected."


def shifted(e, g, inputs):
    constant = g - e
    if e.size > 1 and close(constant, np.full_like(e, constant.flat[0]), TOLERANCE):
        return f"{{part}} is off by the same {constant.flat[0]:.4g} everywhere."
    return None


def off_by_an_input(e, g, inputs):
    for name, value in _float_arrays(inputs):
        if _fits(value, e):
            if close(e + value, g, TOLERANCE):
                return f"{{part}} is too large by exactly {name}."
            if close(e - value, g, TOLERANCE):
                return f"{{part}} is too small by exactly {name}."
    return None


def an_input(e, g, inputs):
    for name, value in _float_arrays(inputs):
        if value.shape == g.shape and close(value, g, TOLERANCE):
            return f"{{part}} is {name} itself."
    return None


FUNCTIONS = {
    "the square of": np.square,
    "the root of": lambda e: np.sqrt(np.abs(e)),
    "the absolute value of": np.abs,
    "one minus": lambda e: 1 - e,
    "one over": np.reciprocal,
    "the logarithm of": np.log,
    "exp of": np.exp,
}


def a_function_of_it(e, g, inputs):
    with np.errstate(all="ignore"):
        for what, function in FUNCTIONS.items():
            if close(function(e), g, TOLERANCE):
                return f"{{part}} is {what} what is expected."
    return None


def wrong_where_an_input_is(e, g, inputs):
    """Right wherever an input has one sign, wrong wherever it has the other."""
    wrong = ~np.isclose(g, e, rtol=TOLERANCE, atol=absolute(e, TOLERANCE))
    for name, value in _float_arrays(inputs):
        if value.shape == e.shape and wrong.any():
            for where, what in ((value < 0, "negative"), (value > 0, "positive")):
                if (wrong == where).all() and not where.all():
                    return f"{{part}} is wrong exactly where {name} is {what}."
    return None


def right_in_some_rows(e, g, inputs):
    if e.ndim != 2 or len(e) < 2:
        return None
    right = np.isclose(g, e, rtol=TOLERANCE, atol=absolute(e, TOLERANCE))
    for axis, what in ((1, "row"), (0, "column")):
        places = np.flatnonzero(right.all(axis=axis))
        count = right.shape[1 - axis]
        if 0 < len(places) < count:
            if list(places) == [0]:
                return f"Only the first {what} of {{part}} is right."
            if list(places) == [count - 1]:
                return f"Only the last {what} of {{part}} is right."
            if list(places) == list(range(count - 1)):
                return f"Only the last {what} of {{part}} is wrong."
            if list(places) == list(range(1, count)):
                return f"Only the first {what} of {{part}} is wrong."
    return None


def other_order(e, g, inputs):
    if e.size > 1 and close(np.sort(e, axis=None), np.sort(g, axis=None), TOLERANCE):
        return "{part} holds the right numbers in another order."
    return None


def nearly(e, g, inputs):
    if np.abs(g - e).max() < 0.001 * np.abs(e).max():
        return "{part} is nearly right: it differs by less than a thousandth."
    return None


RELATIONS = [
    zero,
    transposed,
    negated,
    times_a_size,
    times,
    shifted,
    off_by_an_input,
    an_input,
    a_function_of_it,
    wrong_where_an_input_is,
    right_in_some_rows,
    other_order,
    nearly,
]


def _float_arrays(inputs):
    for name, value in inputs.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield name, value


def _factor(e, g):
    """The number c for which g = c · e, or None."""
    if not e.any() or not g.any():
        return None
    place = np.unravel_index(np.abs(e).argmax(), e.shape)
    factor = float(g[place] / e[place])
    return factor if close(factor * e, g, TOLERANCE) else None


def _whole(number):
    return abs(number - round(number)) < 1e-5 and 1 < abs(round(number)) < 1000


def _fits(value, e):
    try:
        return np.broadcast_shapes(value.shape, e.shape) == e.shape
    except ValueError:
        return False
