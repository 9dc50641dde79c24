"""Gradients by differences: slow, simple, and the judge of every backward. Lessons 3 and 4."""

from dataclasses import dataclass

import numpy as np

from ._validation import check_between, check_no_mask
from .blocks import numbered


def numerical_gradient(f, x, epsilon=1e-5):
    """Centred differences: (f(x + epsilon) - f(x - epsilon)) / (2 epsilon), one number at a time.

    Parameters
    ----------
    f : function of an array like x, returning one number
    x : float64 array of any shape. It is changed in place while f is called, and put back,
        so x may be the weights that a network uses inside f.
    epsilon : float, how far to step to each side

    Returns
    -------
    array like x, df/dx

    Raises TypeError where x is not float64 (float32 is too coarse for differences), and
    ValueError where f does not return a single number. Derived in lesson 3, timed in lesson 4.
    """
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        got = f"{x.dtype} array" if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"x must be a float64 array, got {got}")
    check_between("epsilon", epsilon, 0, np.inf, low_included=False)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        kept = x[i]
        try:
            x[i] = kept + epsilon
            above = _one_number(f(x))
            x[i] = kept - epsilon
            below = _one_number(f(x))
        finally:
            x[i] = kept
        gradient[i] = (above - below) / (2 * epsilon)
    return gradient


def _one_number(value):
    if np.size(value) != 1:
        raise ValueError(f"f must return one number, got shape {np.shape(value)}")
    return float(np.reshape(value, ()))


def relative_error(a, b):
    """How far two arrays are apart, against their size: `|a - b| / (|a| + |b|)`, of norms.

    Near 0 they agree; 1 says that nothing agrees. 0 where both are zero.
    """
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(np.subtract(a, b)) / size) if size else 0.0


@dataclass
class GradientCheck:
    """What check_gradients found, printed as a table.

    errors : {name: (relative error, largest difference)}
    """

    errors: dict
    tolerance: float

    @property
    def passed(self):
        return all(relative <= self.tolerance for relative, _ in self.errors.values())

    def __repr__(self):
        width = max(map(len, self.errors))
        lines = [f"{'gradient of':<{width}}  relative error  largest difference"]
        for name, (relative, largest) in self.errors.items():
            verdict = "" if relative <= self.tolerance else "  wrong"
            # Rounding decides the digits of an error this small; the order of magnitude is enough.
            lines.append(f"{name:<{width}}  {_order(relative):>14}  {_order(largest):>18}{verdict}")
        return "\n".join(lines)


def _order(value):
    return "below 1e-9" if value < 1e-9 else f"{value:.0e}"


def check_gradients(network, loss, X, y, tolerance=1e-7, epsilon=1e-5):
    """Hold a network's backward against centred differences, parameter by parameter.

    Parameters
    ----------
    network : Sequential in float64; it runs as outside training, so Dropout does nothing
    loss : function (outputs, targets) → (value, gradient)
    X, y : a small batch; every parameter costs two forward passes
    tolerance : the largest relative error that passes
    epsilon : float, the step of the differences

    Returns
    -------
    GradientCheck, with `.passed` and `.errors`; it prints as a table

    A ReLU whose input lies within epsilon of 0 has no derivative there that differences could
    find; try another X before you distrust the code. Derived in lesson 4.
    """
    check_no_mask("X", X)
    X = np.array(X)  # a copy: the differences move it

    def value(_):
        return loss(network.forward(X), y)[0]

    _, gradient = loss(network.forward(X), y)
    exact = {"X": network.backward(gradient, input_gradient=True)}
    arrays = {"X": X}
    name_of = {id(array): "X" for array in arrays.values()}
    for number, layer in numbered(network.layers):
        for name in layer.parameter_names:
            array, gradient = getattr(layer, name), getattr(layer, "d" + name)
            first = name_of.setdefault(id(array), f"{name} of layer {number}")
            arrays[first] = array
            # A parameter that layers share has the sum of their gradients.
            exact[first] = exact[first] + gradient if first in exact else gradient.copy()
    errors = {}
    for name, array in arrays.items():
        approximate = numerical_gradient(value, array, epsilon)
        if exact[name].shape != array.shape:
            raise ValueError(
                f"the gradient of {name} must have its shape {array.shape}, got {exact[name].shape}"
            )
        largest = float(np.abs(exact[name] - approximate).max())
        errors[name] = (relative_error(exact[name], approximate), largest)
    return GradientCheck(errors, tolerance)
