"""Checks at the door: wrong input raises a sentence that names the argument."""

import numpy as np


def as_floats(name, values):
    """values as a floating-point array: floats keep their dtype, integers become float64."""
    check_no_mask(name, values)
    array = np.asarray(values)
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} must be an array of numbers, got dtype {array.dtype}")
    return array


def check_no_mask(name, values):
    """Refuse a masked array: what is hidden in it would be computed with like the rest."""
    if isinstance(values, np.ndarray) and hasattr(values, "mask"):
        raise TypeError(
            f"{name} must not be a masked array: fill what is missing, with {name}.filled(0) "
            "for instance, or leave those rows out"
        )


def check_finite(name, array):
    """Refuse an array in which something is nan or infinite."""
    if array.dtype.kind == "f":
        finite = np.isfinite(array)
        if not finite.all():
            place = np.unravel_index(finite.argmin(), finite.shape)
            raise ValueError(
                f"{name} must hold finite numbers, got {array[place]} in row {place[0]}"
            )


def check_shape(name, array, shape):
    """Refuse an array of another shape, which broadcasting might combine all the same."""
    if np.shape(array) != shape:
        raise ValueError(f"{name} must have shape {shape}, got {np.shape(array)}")


def check_same_shape(name, array, other_name, other):
    """Refuse two arrays that broadcasting would combine into a third shape."""
    if array.shape != other.shape:
        raise ValueError(
            f"{name} and {other_name} must have the same shape, "
            f"got {name} {array.shape} and {other_name} {other.shape}"
        )


def check_labels(labels, rows, classes):
    """Refuse class labels that are not `rows` integers in 0..classes-1; return them as an array."""
    check_no_mask("labels", labels)
    labels = np.asarray(labels)
    if labels.shape != (rows,):
        raise ValueError(
            f"labels must have shape ({rows},), one class number a row, got {labels.shape}"
        )
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be integers in 0..{classes - 1}, got dtype {labels.dtype}")
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"labels must be integers in 0..{classes - 1}, got {labels[row]} at row {row}"
        )
    return labels


def check_rows(X, y):
    """Refuse inputs and targets that do not have one target for each row, or that have gaps."""
    check_no_mask("X", X)
    check_no_mask("y", y)
    if len(X) != len(y):
        raise ValueError(f"X and y must have as many rows as each other, got {len(X)} and {len(y)}")
    if len(X) == 0:
        raise ValueError("X must have at least one row, got none")


def check_count(name, value):
    """Refuse anything but a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")


def check_below(name, value, limit_name, limit):
    """Refuse anything but a whole number from 0 to below another argument."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or not 0 <= value < limit:
        raise ValueError(f"{name} must be a whole number from 0 to {limit_name} - 1, got {value!r}")


def check_between(name, value, low, high, *, low_included=True):
    """Refuse a number outside low..high; high itself is outside, low is as told."""
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not (low <= value < high) or (value == low and not low_included):
        least = "at least" if low_included else "above"
        most = "" if high == float("inf") else f" and below {high}"
        raise ValueError(f"{name} must be a number {least} {low}{most}, got {value!r}")


def check_generator(rng):
    """Refuse anything but a numpy.random.Generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a numpy.random.Generator such as np.random.default_rng(0), got {rng!r}"
        )
