"""Compare what a function returned with what was expected, and say what the difference is.

The stages, in order: nothing returned, type, how many outputs, shape, dtype, not finite, value.
Where only the values are wrong, it looks for a simple relation: the transpose, the sign, a
factor, a constant, one of the inputs added once too often, right for some samples only.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Finding:
    """What was found about one output."""

    name: str
    wrong: bool = False
    sentence: str = ""
    summary: str = ""
    details: list = field(default_factory=list)


def compare(names, expected, got, inputs, tolerance):
    """One Finding for each output; or a single one where what was returned has another form."""
    names = (names,) if isinstance(names, str) else tuple(names)
    if got is None and expected is not None:
        return [_wrong("the result", "It returned None. Does it end with a return?")]
    if len(names) == 1:
        return _compare_one(names[0], expected, got, inputs, tolerance)
    listed = ", ".join(names)
    if not isinstance(got, (tuple, list)):
        return [
            _wrong(
                "the result",
                f"It returned one {_kind(got)}; expected {len(names)} things: {listed}.",
            )
        ]
    if len(got) != len(names):
        return [
            _wrong(
                "the result",
                f"It returned {len(got)} things; expected {len(names)}: {listed}.",
            )
        ]
    findings = []
    for name, e, g in zip(names, expected, got, strict=True):
        findings += _compare_one(name, e, g, inputs, tolerance)
    swapped = _other_order(names, expected, got, tolerance)
    if swapped and any(finding.wrong for finding in findings):
        return [_wrong("the result", f"The outputs come in another order: expected {listed}.")]
    return findings


def _compare_one(name, expected, got, inputs, tolerance):
    """Findings about one named output, which may itself be a list, a tuple or a dict."""
    if got is None and expected is not None:
        return [_wrong(name, f"{name} is None.")]
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return [_wrong(name, f"{name} is a {_kind(got)}, expected a dict.")]
        if not expected.keys() <= got.keys():  # more may be kept than is asked for
            return [
                _wrong(
                    name,
                    f"{name} has the keys {sorted(map(str, got))}, "
                    f"expected {sorted(map(str, expected))}.",
                )
            ]
        parts = [(f"{name}[{key!r}]", expected[key], got[key]) for key in expected]
    elif isinstance(expected, (list, tuple)) and not isinstance(got, np.ndarray):
        if not isinstance(got, (list, tuple)):
            return [_wrong(name, f"{name} is a {_kind(got)}, expected a {_kind(expected)}.")]
        if len(expected) != len(got):
            return [_wrong(name, f"{name} has {len(got)} entries, expected {len(expected)}.")]
        parts = [(f"{name}[{i}]", expected[i], got[i]) for i in range(len(expected))]
    else:
        return [_compare_values(name, expected, got, inputs, tolerance)]
    return [
        finding for part, e, g in parts for finding in _compare_one(part, e, g, inputs, tolerance)
    ]


def _compare_values(name, expected, got, inputs, tolerance):
    if isinstance(expected, str):
        if isinstance(got, str) and got == expected:
            return _right(name)
        return _wrong(name, f"{name} is {got!r}, expected {expected!r}.")
    problem = _form(name, expected, got)
    if problem:
        return _wrong(name, problem, details=_both(name, expected, got))
    e, g = np.asarray(expected), np.asarray(got)
    if not np.isfinite(g.astype(float)).all() and np.isfinite(e.astype(float)).all():
        what = "NaN (not a number)" if np.isnan(g.astype(float)).any() else "infinite"
        sentence = (
            f"{name} holds values that are {what}. Was there an overflow in exp, "
            "a logarithm of 0, or a division by 0?"
        )
        return _wrong(name, sentence, details=_both(name, e, g))
    if _close(e, g, tolerance):
        return _right(name)
    relation = _relation(name, e.astype(float), g.astype(float), inputs, tolerance)
    return _wrong(name, relation, details=_both(name, e, g))


def _form(name, expected, got):
    """What is wrong with the type, the shape or the dtype, or None."""
    scalar = np.ndim(expected) == 0
    if isinstance(got, np.ma.MaskedArray):
        return f"{name} is a masked array: return a plain array."
    if isinstance(got, np.matrix):
        return f"{name} is an np.matrix, whose * is another product: use a plain array."
    if isinstance(got, (list, tuple)) and not scalar:
        return f"{name} is a {_kind(got)}, expected an array: np.array(...) makes one of it."
    try:
        array = np.asarray(got)
    except Exception:
        return f"{name} is a {_kind(got)} that makes no array."
    if array.dtype.kind not in "fiub":
        return f"{name} holds no plain numbers: it is a {_kind(got)} of dtype {array.dtype}."
    shape = np.shape(expected)
    if array.shape != shape:
        if scalar:
            return f"{name} has shape {array.shape}, expected one number."
        return f"{name} has shape {array.shape}, expected {shape}.{_shape_hint(shape, array)}"
    wanted = np.asarray(expected).dtype.kind
    if wanted in "iub" and array.dtype.kind == "f":
        return f"{name} has dtype {array.dtype}, expected whole numbers."
    if wanted == "f" and array.dtype.kind in "iub" and not scalar:
        return f"{name} has dtype {array.dtype}, expected {np.asarray(expected).dtype}."
    return None


def _shape_hint(shape, array):
    if array.shape == shape[::-1] and len(shape) == 2:
        return " Those are the axes of the transpose."
    if array.ndim > len(shape) and [n for n in array.shape if n != 1] == list(shape):
        return " An axis of length 1 is too many: look at keepdims and at [ ]."
    if array.ndim == 2 and shape == array.shape[:1] and array.shape[0] == array.shape[1]:
        return " Was an (N, 1) combined with an (N,)? That makes an (N, N)."
    if array.ndim == len(shape) + 1 and array.shape[1:] == shape:
        return " The sum (or mean) over the first axis is missing: axis=0."
    if array.ndim == len(shape) + 1 and array.shape[:-1] == shape:
        return " The sum (or mean) over the last axis is missing: axis=1, or a column too many."
    if array.ndim + 1 == len(shape) or (array.ndim == 0 and shape):
        return " An axis was summed away: look at axis=... and keepdims."
    if array.size == np.prod(shape):
        return " The numbers are as many, in another shape."
    return ""


FUNCTIONS = {
    np.square: "the square of",
    lambda e: np.sqrt(np.abs(e)): "the root of",
    np.abs: "the absolute value of",
    lambda e: 1 - e: "one minus",
    np.reciprocal: "one over",
    np.log: "the logarithm of",
    np.exp: "exp of",
}


def _relation(name, e, g, inputs, tolerance):
    """A sentence on how wrong values relate to the right ones."""

    def close(a, b):
        return np.shape(a) == np.shape(b) and _close(np.asarray(a), np.asarray(b), tolerance)

    if e.ndim == 2 and close(e.T, g):
        return f"{name} is the transpose of what is expected."
    if close(-e, g):
        return f"{name} has the wrong sign everywhere."
    factor = _factor(e, g, tolerance)
    if factor is not None:
        return f"{name} is exactly {_say_factor(factor, inputs)}."
    constant = g - e
    if e.size > 1 and close(constant, np.full_like(e, constant.flat[0])):
        return f"{name} is off by the same {constant.flat[0]:.4g} everywhere."
    for other, value in inputs.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 1:
            for sign, word in ((1, "added once too often"), (-1, "missing")):
                shifted = np.ones_like(e) * e + sign * value if _fits(value, e) else None
                if shifted is not None and close(shifted, g):
                    return f"{name} is off by exactly {other}: it is {word}."
    if e.ndim == 2 and len(e) > 1:
        for axis, what in ((1, "row"), (0, "column")):
            if _by_line(e, g, axis, tolerance):
                return (
                    f"Each {what} of {name} is off by a factor of its own: "
                    f"was something summed or divided along the wrong axis?"
                )
    for other, value in inputs.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and close(value, g):
            return f"{name} is {other} itself."
    for change, what in FUNCTIONS.items():
        with np.errstate(all="ignore"):
            if close(change(e), g):
                return f"{name} is {what} what is expected."
    right = np.isclose(g, e, rtol=tolerance, atol=_absolute(e, tolerance))
    if e.ndim == 2 and right.all(axis=1).any():
        rows = np.flatnonzero(right.all(axis=1))
        return f"{name} is right in row {_listed(rows)} only, of {len(e)}."
    if e.ndim == 2 and right.all(axis=0).any():
        columns = np.flatnonzero(right.all(axis=0))
        return f"{name} is right in column {_listed(columns)} only, of {e.shape[1]}."
    if right.any():
        return f"{name} is right in {right.sum()} of {right.size} places: look at the others."
    if close(np.sort(e, axis=None), np.sort(g, axis=None)):
        return f"{name} holds the right numbers in another order."
    largest = np.abs(g - e).max()
    if largest < 0.01 * np.abs(e).max():
        return f"{name} is nearly right: the largest difference is {largest:.2g}."
    return f"{name} has the right shape and wrong values."


def _factor(e, g, tolerance):
    """The number c for which g = c · e, or None."""
    if not e.any() or not g.any():
        return None
    place = np.unravel_index(np.abs(e).argmax(), e.shape)
    factor = float(g[place] / e[place])
    if e.size == 1 and not (_whole(factor) or _whole(1 / factor)):
        return None  # a single number is always some multiple of another
    return factor if _close(factor * e, g, tolerance) else None


def _whole(number):
    return abs(number - round(number)) < 1e-5 and 1 < abs(round(number)) < 1000


def _say_factor(factor, inputs):
    size = abs(factor)
    sign = "minus " if factor < 0 else ""
    lengths = [len(v) for v in inputs.values() if isinstance(v, np.ndarray) and v.ndim]
    N = next((n for n in lengths if lengths.count(n) > 1), None)  # rows that go together
    for number, what in ((size, "times"), (1 / size, "of")):
        if _whole(number):
            whole = round(number)
            note = f", and N is {N}: sum against mean over the batch" if whole == N else ""
            amount = f"{whole} times" if what == "times" else f"1/{whole} of"
            return f"{sign}{amount} the expected value{note}"
    return f"{sign}{size:.4g} times the expected value"


def _by_line(e, g, axis, tolerance):
    """Whether each row (axis=1) or column (axis=0) of g is a multiple of that of e."""
    norm = (e * e).sum(axis=axis, keepdims=True)
    if e.shape[axis] < 2 or not norm.all():
        return False
    factors = (e * g).sum(axis=axis, keepdims=True) / norm
    return _close(factors * e, g, tolerance)


def _fits(value, e):
    try:
        return np.broadcast_shapes(value.shape, e.shape) == e.shape
    except ValueError:
        return False


def _listed(indices):
    text = [str(i) for i in indices]
    return text[0] if len(text) == 1 else f"{', '.join(text[:-1])} and {text[-1]}"


def _other_order(names, expected, got, tolerance):
    """Whether the right outputs are all there, in another order."""
    places = [next((i for i, g in enumerate(got) if same(e, g, tolerance)), None) for e in expected]
    return None not in places and places != sorted(places) and len(set(places)) == len(names)


def _close(e, g, tolerance):
    if g.dtype == np.float32 or g.dtype == np.float16:
        tolerance = max(tolerance, 1e-4)
    e, g = e.astype(float), g.astype(float)
    return bool(np.allclose(g, e, rtol=tolerance, atol=_absolute(e, tolerance), equal_nan=True))


def _absolute(e, tolerance):
    """Values far below the largest one may be rounding; values that are all tiny may not."""
    scale = np.abs(e[np.isfinite(e)]).max(initial=0)
    return min(tolerance * 1e-3 * scale, 1e-6) if scale else 1e-12


def same(a, b, tolerance):
    """Whether two results agree: arrays, numbers, or lists, tuples and dicts of them."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k], tolerance) for k in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    try:
        x, y = np.asarray(a), np.asarray(b)
    except Exception:
        return False
    if x.dtype.kind not in "fiub" or y.dtype.kind not in "fiub":
        return a is b or (isinstance(a, str) and a == b) or (not tolerance and type(a) is type(b))
    return x.shape == y.shape and _close(x, y, tolerance)


def show(value, n=0, c=0):
    """A value in small numbers, for a reader; of many images, channel c of image n."""
    if isinstance(value, np.ndarray) and value.ndim == 4 and value.size:
        return f"shape {value.shape}; of it [{n}, :, :, {c}]:\n{show(value[n, :, :, c])}"
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=4, suppress=True, threshold=64, edgeitems=3, linewidth=90):
            return f"{value}   shape {value.shape}" if value.ndim == 1 else str(value)
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    if isinstance(value, (int, str, np.integer)):
        return repr(value)
    if isinstance(value, dict) and len(value) < 8:
        return "{" + ", ".join(f"{key!r}: {show(v)}" for key, v in value.items()) + "}"
    if isinstance(value, (list, tuple)) and len(value) < 8:
        return "[" + ", ".join(show(v) for v in value) + "]"
    if callable(value):
        return f"the function {getattr(value, '__name__', 'given')}"
    return f"a {_kind(value)}"


def _kind(value):
    return "array" if isinstance(value, np.ndarray) else type(value).__name__


def _both(name, expected, got):
    place = _image_that_differs(expected, got)
    return [(f"{name} expected =", show(expected, *place)), (f"{name} got =", show(got, *place))]


def _image_that_differs(expected, got):
    """The first image and channel in which two arrays of many images differ visibly."""
    if np.ndim(expected) != 4 or np.shape(expected) != np.shape(got):
        return ()
    if np.asarray(got).dtype.kind not in "fiub" or not np.size(got):
        return ()
    wrong = ~np.isclose(got, expected, rtol=1e-6).all(axis=(1, 2))
    return tuple(int(i) for i in np.unravel_index(wrong.argmax(), wrong.shape))


def _right(name):
    return Finding(name, summary=f"{name} is right.")


def _wrong(name, sentence, details=()):
    return Finding(name, True, sentence, f"{name} is wrong.", list(details))
