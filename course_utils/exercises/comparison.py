"""Compare what a function returned with what was expected, stage by stage.

The stages, in order: nothing returned, type, how many outputs, shape, dtype, not finite, value.
A Finding is one part of the outputs that is not as it should be. How wrong values relate to the
right ones is for relations.py.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Finding:
    """One part of the outputs that is wrong.

    output : the output that it is, or is part of
    part : its full name, such as gradients[0]["W"]
    sentence : what is wrong with its form; "" where only the values are wrong
    """

    output: str
    part: str
    sentence: str = ""
    expected: Any = None
    got: Any = None

    @property
    def only_values(self):
        """Whether type, shape and dtype are right, and only the values are not."""
        return not self.sentence

    @property
    def shows_values(self):
        """Whether expected and got, side by side, help to see what is wrong."""
        return self.expected is not None


def compare(names, expected, got, tolerance):
    """The Findings about everything that is wrong; none where all is right."""
    if got is None and expected is not None:
        return [Finding("the result", "the result", "It returned None. Does it end with a return?")]
    if len(names) == 1:
        return list(_parts_wrong(names[0], names[0], expected, got, tolerance))
    listed = ", ".join(names)
    if isinstance(got, np.ndarray) and got.ndim and len(got) == len(names):
        got = list(got)  # what can be unpacked is as good
    if not isinstance(got, (tuple, list)):
        said = f"It returned one {kind(got)}; expected {len(names)} things: {listed}."
        return [Finding("the result", "the result", said)]
    if len(got) != len(names):
        said = f"It returned {len(got)} things; expected {len(names)}: {listed}."
        return [Finding("the result", "the result", said)]
    findings = [
        finding
        for name, e, g in zip(names, expected, got, strict=True)
        for finding in _parts_wrong(name, name, e, g, tolerance)
    ]
    if findings and _other_order(names, expected, got, tolerance):
        said = f"The outputs come in another order: expected {listed}."
        return [Finding("the result", "the result", said)]
    return findings


def _parts_wrong(output, part, expected, got, tolerance):
    """Findings about one output or one part of it: a list, a tuple, a dict, an array, a number."""
    if got is None and expected is not None:
        yield Finding(output, part, f"{part} is None.")
    elif isinstance(expected, dict):
        if not isinstance(got, dict):
            yield Finding(output, part, f"{part} is a {kind(got)}, expected a dict.")
        elif not expected.keys() <= got.keys():  # more may be kept than is asked for
            there, wanted = sorted(map(str, got)), sorted(map(str, expected))
            yield Finding(output, part, f"{part} has the keys {there}, expected {wanted}.")
        else:
            for key, e in expected.items():
                yield from _parts_wrong(output, f"{part}[{_quoted(key)}]", e, got[key], tolerance)
    elif isinstance(expected, (list, tuple)):
        if isinstance(got, np.ndarray) and got.ndim:
            got = list(got)
        if not isinstance(got, (list, tuple)):
            said = f"{part} is a {kind(got)}, expected a {kind(expected)}."
            yield Finding(output, part, said)
        elif len(expected) != len(got):
            said = f"{part} has {len(got)} entries, expected {len(expected)}."
            yield Finding(output, part, said)
        else:
            for i, (e, g) in enumerate(zip(expected, got, strict=True)):
                yield from _parts_wrong(output, f"{part}[{i}]", e, g, tolerance)
    else:
        yield from _values_wrong(output, part, expected, got, tolerance)


def _values_wrong(output, part, expected, got, tolerance):
    if expected is None or isinstance(expected, str):
        if type(got) is not type(expected) or got != expected:
            yield Finding(output, part, f"{part} is {got!r:.80}, expected {expected!r}.")
        return
    said = _form(part, expected, got)
    if said:
        yield Finding(output, part, said, expected, got)
        return
    e, g = np.asarray(expected), np.asarray(got)
    if not np.isfinite(g.astype(float)).all() and np.isfinite(e.astype(float)).all():
        what = "NaN (not a number)" if np.isnan(g.astype(float)).any() else "infinite"
        holds = f"{part} holds values that are" if g.ndim else f"{part} is"
        said = (
            f"{holds} {what}. Was there an overflow in exp, a logarithm of 0, or a division by 0?"
        )
        yield Finding(output, part, said, e, g)
    elif not close(e, g, tolerance):
        yield Finding(output, part, "", e, g)


def _form(part, expected, got):
    """What is wrong with the type, the shape or the dtype, or None."""
    scalar = np.ndim(expected) == 0
    if isinstance(got, np.ma.MaskedArray):
        return f"{part} is a masked array: return a plain array."
    if isinstance(got, np.matrix):
        return f"{part} is an np.matrix, whose * is another product: use a plain array."
    if isinstance(got, (list, tuple)) and not scalar:
        return f"{part} is a {kind(got)}, expected an array: np.array(...) makes one of it."
    try:
        array = np.asarray(got)
    except Exception:
        return f"{part} is a {kind(got)} that makes no array."
    if array.dtype.kind not in "fiub":
        if isinstance(got, np.ndarray):
            return f"{part} holds no plain numbers: it is an array of dtype {array.dtype}."
        return f"{part} is a {kind(got)}, expected {'a number' if scalar else 'an array'}."
    shape = np.shape(expected)
    if array.shape != shape:
        if scalar:
            return f"{part} has shape {array.shape}, expected one number."
        hint = _shape_hint(np.asarray(expected), array)
        if not array.shape:
            return f"{part} is one number, expected an array of shape {shape}.{hint}"
        return f"{part} has shape {array.shape}, expected {shape}.{hint}"
    wanted = np.asarray(expected).dtype.kind
    if wanted in "iu" and array.dtype.kind == "b":
        return f"{part} holds True and False, expected whole numbers: .astype(int) makes them so."
    if wanted == "b" and array.dtype.kind != "b" and not scalar:
        return f"{part} has dtype {array.dtype}, expected True and False: .astype(bool)."
    if wanted in "iub" and array.dtype.kind == "f":
        return f"{part} has dtype {array.dtype}, expected whole numbers."
    if wanted == "f" and array.dtype.kind in "iub" and not scalar:
        return f"{part} has dtype {array.dtype}, expected {np.asarray(expected).dtype}."
    return None


def _shape_hint(expected, got):
    """How another shape may have come about; said only where the numbers bear it out."""
    shape = expected.shape
    if got.shape == shape[::-1] and len(shape) == 2:
        return " Those are the axes of the transpose."
    if [n for n in got.shape if n != 1] == [n for n in shape if n != 1]:
        more = got.ndim - len(shape)
        what = "too many" if more > 0 else "missing" if more < 0 else "in another place"
        return f" An axis of length 1 is {what}: look at keepdims and at [ ]."
    if got.ndim == 2 and shape == got.shape[:1] and got.shape[0] == got.shape[1]:
        return " Was an (N, 1) combined with an (N,)? That makes an (N, N)."
    if not got.size or not expected.size:
        return ""
    for axis in range(got.ndim):
        for function in (np.sum, np.mean):
            if same(expected, function(got, axis=axis), 1e-6):
                return f" The {function.__name__} over axis {axis} is missing."
    for axis in range(expected.ndim):
        for function in (np.sum, np.mean):
            if same(function(expected, axis=axis), got, 1e-6):
                return f" Axis {axis} was summed away: look at axis=... and keepdims."
    if got.size == expected.size and same(expected.ravel(), got.ravel(), 1e-6):
        return " The numbers are right, in another shape."
    return ""


def _other_order(names, expected, got, tolerance):
    """Whether the right outputs are all there, in another order."""
    places = [next((i for i, g in enumerate(got) if same(e, g, tolerance)), None) for e in expected]
    return None not in places and places != sorted(places) and len(set(places)) == len(names)


def close(e, g, tolerance):
    """Whether two arrays of one shape agree as closely as their dtype lets one ask."""
    if g.dtype == np.float32:
        tolerance = max(tolerance, 1e-4)
    return bool(np.allclose(g, e, rtol=tolerance, atol=absolute(e, tolerance), equal_nan=True))


def absolute(e, tolerance):
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
        if isinstance(a, str) and isinstance(b, str):
            return a == b
        return a is b or (not tolerance and type(a) is type(b))
    return x.shape == y.shape and close(x, y, tolerance)


def show(value, n=0, c=0):
    """A value in small numbers, for a reader; of many images, channel c of image n."""
    if isinstance(value, np.ndarray) and value.ndim == 4 and value.size:
        return f"shape {value.shape}; of it [{n}, :, :, {c}]:\n{show(value[n, :, :, c])}"
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=4, suppress=True, threshold=48, edgeitems=2, linewidth=80):
            return f"{value}   shape {value.shape}" if value.ndim == 1 else str(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (int, str)):
        return repr(value)
    if isinstance(value, dict) and len(value) < 8:
        return "{" + ", ".join(f"{_quoted(key)}: {show(v)}" for key, v in value.items()) + "}"
    if isinstance(value, (list, tuple)) and len(value) < 8:
        return "[" + ", ".join(show(v) for v in value) + "]"
    if callable(value):
        return f"the function {getattr(value, '__name__', 'given')}"
    return f"a {kind(value)}"


def image_that_differs(expected, got):
    """The first image and channel in which two arrays of many images differ visibly."""
    if np.ndim(expected) != 4 or not isinstance(got, np.ndarray) or expected.shape != got.shape:
        return ()
    if got.dtype.kind not in "fiub" or not got.size:
        return ()
    wrong = ~np.isclose(got, expected, rtol=1e-6).all(axis=(1, 2))
    return tuple(int(i) for i in np.unravel_index(wrong.argmax(), wrong.shape))


def kind(value):
    """What a value is, in a word."""
    return "array" if isinstance(value, np.ndarray) else type(value).__name__


def _quoted(key):
    return f'"{key}"' if isinstance(key, str) else repr(key)


def numbers(value):
    """All numbers of a result in one flat array; what is no number is left out."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return np.concatenate([np.zeros(0), *map(numbers, value)])
    array = np.asarray(value)
    return array.astype(float).ravel() if array.dtype.kind in "fiub" else np.zeros(0)
