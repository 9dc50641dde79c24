"""Automatic differentiation: a tensor remembers how it was computed, and finds the way back.

Each operation stands in one place: its value, and beside each operand the local derivative, a
function that makes the operand's gradient of the result's. Nothing else needs a backward of its
own: `backward` goes through the remembered operations in reverse. Derived in lesson 9.
"""

import contextlib
from contextvars import ContextVar

import numpy as np

from . import activations, losses
from ._validation import as_floats

_recording = ContextVar("recording", default=True)


@contextlib.contextmanager
def no_grad():
    """`with no_grad():` what is computed within remembers nothing, and needs no memory for it.

    For measuring a network that is not to learn from it. Used in lesson 9.
    """
    before = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(before)


class Tensor:
    """An array that remembers how it was computed. Derived in lesson 9.

    Parameters
    ----------
    values : array of floats, or what becomes one; an array is not copied
    requires_grad : True for a parameter, whose gradient is asked for; False for a constant

    data : the array
    grad : the gradient of the last `backward`, an array like data, or None. That of a parameter
        adds up from one `backward` to the next, until `zero_grad`.
    operation, inputs : how it was computed: a name such as "@", and (operand, local derivative)
        for each operand; "" and () for a parameter or a constant

    Operands are tensors, numbers and arrays; all arrays have one dtype, else TypeError is raised.
    """

    __array_ufunc__ = None  # so that NumPy leaves array + tensor to the tensor

    def __init__(self, values, requires_grad=False):
        self.data = as_floats("values", values)
        self.requires_grad, self.grad = requires_grad, None
        self.operation, self.inputs = "", ()

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    dtype = property(lambda self: self.data.dtype)
    T = property(lambda self: self.transpose())

    def item(self):
        """The number in a tensor that holds one."""
        return self.data.item()

    def zero_grad(self):
        """Forget the gradient, so that the next `backward` does not add to it."""
        self.grad = None

    def __len__(self):
        return len(self.data)

    def __repr__(self):
        said = ", requires_grad=True" if self.requires_grad else ""
        return f"Tensor({np.array2string(self.data, separator=', ', prefix='Tensor(')}{said})"

    # Back through the graph

    def graph(self):
        """All tensors that this one was computed from, each after its operands; itself the last."""
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:  # a list instead of recursion: a graph may be deeper than Python goes
            tensor, operands_are_there = waiting.pop()
            if operands_are_there:
                order.append(tensor)
            elif id(tensor) not in seen:
                seen.add(id(tensor))
                waiting.append((tensor, True))
                waiting += [(operand, False) for operand, _ in tensor.inputs]
        return order

    def backward(self, sum=False):
        """Leave in each tensor it was computed from the gradient of this one.

        Raises ValueError where this is not one number, unless `sum=True` asks for the gradient
        of the sum of its numbers; RuntimeError where nothing asked for a gradient.
        """
        if not self.requires_grad:
            raise RuntimeError(
                "backward needs a tensor computed from one with requires_grad=True, "
                "outside of no_grad"
            )
        if self.data.size != 1 and not sum:
            raise ValueError(
                f"backward begins at one number, got shape {self.shape}: "
                "take .mean() or .sum() first, or call backward(sum=True)"
            )
        gradients = {id(self): np.ones_like(self.data)}
        for tensor in reversed(self.graph()):
            gradient = gradients.pop(id(tensor), None)
            if gradient is None:  # a constant
                continue
            for operand, derivative in tensor.inputs:
                if operand.requires_grad:
                    its = _sum_to(derivative(gradient), operand.shape)
                    known = gradients.get(id(operand))  # an operand used twice: add
                    gradients[id(operand)] = its if known is None else known + its
            if tensor.inputs:
                tensor.grad = gradient
            else:  # an array of its own, which may be changed in place
                tensor.grad = np.array(gradient if tensor.grad is None else tensor.grad + gradient)

    # Operations: the value, and the local derivative beside each operand. g is the gradient of
    # the result.

    def __add__(self, other):
        other = self._operand(other)
        return _result("+", self.data + other.data, (self, lambda g: g), (other, lambda g: g))

    def __sub__(self, other):
        other = self._operand(other)
        return _result("-", self.data - other.data, (self, lambda g: g), (other, lambda g: -g))

    def __mul__(self, other):
        other = self._operand(other)
        x, y = self.data, other.data
        return _result("*", x * y, (self, lambda g: g * y), (other, lambda g: g * x))

    def __truediv__(self, other):
        other = self._operand(other)
        x, y = self.data, other.data
        return _result("/", x / y, (self, lambda g: g / y), (other, lambda g: -g * x / y**2))

    def __matmul__(self, other):
        other = self._operand(other)
        if other.ndim == 1:
            return (self @ other.reshape(-1, 1))[..., 0]
        if self.ndim == 1:
            return (self.reshape(1, -1) @ other)[..., 0, :]
        x, y = self.data, other.data
        return _result(
            "@",
            x @ y,
            (self, lambda g: g @ y.swapaxes(-1, -2)),
            (other, lambda g: x.swapaxes(-1, -2) @ g),
        )

    def __pow__(self, n):
        if not isinstance(n, (int, float)):
            raise TypeError(f"the exponent must be a number, got {n!r}")
        x = self.data
        return _result(f"** {n}", x**n, (self, lambda g: g * n * x ** (n - 1)))

    def __neg__(self):
        return _result("neg", -self.data, (self, lambda g: -g))

    def exp(self):
        a = np.exp(self.data)
        return _result("exp", a, (self, lambda g: g * a))

    def log(self):
        x = self.data
        return _result("log", np.log(x), (self, lambda g: g / x))

    def tanh(self):
        a = activations.tanh(self.data)
        return _result("tanh", a, (self, lambda g: g * activations.tanh_derivative(a)))

    def sigmoid(self):
        a = activations.sigmoid(self.data)
        return _result("sigmoid", a, (self, lambda g: g * activations.sigmoid_derivative(a)))

    def relu(self):
        z = self.data
        a = activations.relu(z)
        return _result("relu", a, (self, lambda g: g * activations.relu_derivative(z)))

    def softmax(self):
        """Along the last axis."""
        a = activations.softmax(self.data)
        return _result(
            "softmax", a, (self, lambda g: a * (g - (g * a).sum(axis=-1, keepdims=True)))
        )

    def softmax_cross_entropy(self, labels):
        """The loss of these logits (N, K) for labels (N,): losses.softmax_cross_entropy."""
        value, gradient = losses.softmax_cross_entropy(self.data, labels)
        value = np.asarray(value, self.dtype)
        return _result("softmax_cross_entropy", value, (self, lambda g: g * gradient))

    def sum(self, axis=None, keepdims=False):
        def spread(g):  # every number that was added gets the gradient of its sum
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            return np.broadcast_to(g, self.shape)

        return _result("sum", self.data.sum(axis=axis, keepdims=keepdims), (self, spread))

    def mean(self, axis=None, keepdims=False):
        total = self.sum(axis, keepdims)
        return total / (self.data.size // total.data.size)

    def reshape(self, *shape):
        return _result(
            "reshape", self.data.reshape(*shape), (self, lambda g: g.reshape(self.shape))
        )

    def transpose(self, *axes):
        """The axes in the order that is given, or reversed."""
        axes = axes or tuple(reversed(range(self.ndim)))
        back = np.argsort(axes)
        return _result("transpose", self.data.transpose(axes), (self, lambda g: g.transpose(back)))

    def __getitem__(self, index):
        def put_back(g):
            gradient = np.zeros_like(self.data)
            np.add.at(gradient, index, g)  # += would count a place that is taken twice once
            return gradient

        return _result("[ ]", self.data[index], (self, put_back))

    # What stands on the left is a number or an array

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other):
        return self._operand(other) - self

    def __rtruediv__(self, other):
        return self._operand(other) / self

    def __rmatmul__(self, other):
        return self._operand(other) @ self

    def _operand(self, other):
        """The other operand as a tensor; numbers, and arrays of integers, take on this dtype."""
        if not isinstance(other, Tensor):
            array = as_floats("an operand", other)
            if array.ndim == 0 or np.asarray(other).dtype.kind != "f":
                array = array.astype(self.dtype)
            other = Tensor(array)
        if other.dtype != self.dtype:
            raise TypeError(
                f"operands must have one dtype, got {self.dtype} and {other.dtype}: "
                "use .astype on the array of one of them"
            )
        return other


def _result(operation, data, *inputs):
    """What an operation gives; it remembers its inputs only where a gradient may be asked for."""
    result = Tensor(data)
    if _recording.get() and any(operand.requires_grad for operand, _ in inputs):
        result.requires_grad = True
        result.operation, result.inputs = operation, inputs
    return result


def _sum_to(gradient, shape):
    """Undo broadcasting: a number that was used in many places gets the sum of their gradients."""
    gradient = np.asarray(gradient)
    if gradient.shape == shape:
        return gradient
    new = gradient.ndim - len(shape)  # axes that broadcasting put in front
    stretched = [new + i for i, length in enumerate(shape) if length == 1]
    return gradient.sum(axis=(*range(new), *stretched)).reshape(shape)
