"""Layers: forward and backward side by side, each the mirror of the other.

forward(x) keeps what backward will need. backward(da) takes the gradient of the loss with
respect to the layer's output and returns the one with respect to its input; on the way it
leaves the gradients of the layer's own parameters in dW and db. Derived in lessons 2 and 4.
"""

import math

import numpy as np

from . import activations
from ._validation import check_between, check_count, check_shape
from .initializers import he, zeros


class Layer:
    """What every layer does. A layer of your own overrides what differs.

    `parameter_names` lists the attributes that are learned. The gradient of a parameter W is
    left in the attribute dW. `settings` names the constructor's arguments that describe it.
    `buffer_names` lists arrays that are not learned and still belong to a trained layer, such as
    running means: they are saved with the parameters. `layers` are those that it is made of, if
    any: their parameters count as its own.
    """

    parameter_names = ()
    buffer_names = ()
    settings = ()
    layers = ()
    built = None  # for which inputs, once a network has built the layer

    def build(self, input_shape, rng, dtype):
        """Make the parameters for inputs of `input_shape` (without N); return the output shape."""
        return input_shape

    def forward(self, x, training=False):
        """The layer's output for a batch x, (N, ...). Some layers act otherwise in training."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, da):
        """The loss's gradient for the input, from da, the one for the output."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def parameter_gradients(self, da):
        """Only this layer's own gradients: all that is needed of the first layer of a network."""
        self.backward(da)

    @property
    def parameters(self):
        own = [getattr(self, name) for name in self.parameter_names]
        return own + [p for layer in self.layers for p in layer.parameters]

    @property
    def gradients(self):
        own = [getattr(self, "d" + name) for name in self.parameter_names]
        return own + [g for layer in self.layers for g in layer.gradients]

    def add_gradients_of(self, other):
        """Add those of another layer of this kind: workers that share a batch add up. Lesson 7."""
        within = sum(len(layer.gradients) for layer in self.layers)
        if len(self.gradients) != len(self.parameter_names) + within:
            raise NotImplementedError(
                f"{self} has gradients that parameter_names does not list: "
                "to train with workers it needs an add_gradients_of of its own"
            )
        for name in self.parameter_names:
            total = getattr(self, "d" + name)
            total += getattr(other, "d" + name)
            setattr(self, "d" + name, total)  # a single number is not changed in place
        for mine, theirs in zip(self.layers, other.layers, strict=True):
            mine.add_gradients_of(theirs)

    def __getattr__(self, name):  # called only where nothing of this name is found
        raise AttributeError(
            f"{type(self).__name__} has no {name!r}, or not yet: build makes the parameters, "
            "forward keeps what backward needs, and backward leaves the gradients"
        )

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(str(getattr(self, s)) for s in self.settings)})"


class Dense(Layer):
    """Fully connected layer: z = x W + b.

    x is (N, D), z is (N, H); W is (D, H), b is (H,). The weights start as `initializer` draws
    them, the biases at zero. Derived in lessons 2 (forward) and 4 (backward).
    """

    parameter_names = ("W", "b")
    settings = ("units",)

    def __init__(self, units, initializer=he):
        check_count("units", units)
        self.units, self.initializer = int(units), initializer

    def build(self, input_shape, rng, dtype):
        if len(input_shape) != 1:
            raise ValueError(
                f"{self} takes rows of numbers, shape (D,), not {input_shape}: "
                "put Flatten() before it"
            )
        self.W = self.initializer((input_shape[0], self.units), rng, dtype)
        self.b = zeros(self.units, rng, dtype)
        return (self.units,)

    def forward(self, x, training=False):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dz):
        self.parameter_gradients(dz)
        return dz @ self.W.T

    def parameter_gradients(self, dz):
        check_shape("dz", dz, (len(self.x), self.units))
        self.dW = self.x.T @ dz
        self.db = dz.sum(axis=0)


class ReLU(Layer):
    """a = max(z, 0). The gradient passes where z > 0. Derived in lessons 2 and 4."""

    def forward(self, z, training=False):
        self.passes = z > 0
        return np.clip(z, 0, np.inf)  # the same as np.maximum(z, 0), and quicker

    def backward(self, da):
        check_shape("da", da, self.passes.shape)
        return da * self.passes


class LeakyReLU(Layer):
    """a = z where z > 0, else slope · z. Derived in lessons 2 and 4."""

    settings = ("slope",)

    def __init__(self, slope=0.01):
        check_between("slope", slope, 0, 1)
        self.slope = float(slope)

    def forward(self, z, training=False):
        self.z = z
        return activations.leaky_relu(z, self.slope)

    def backward(self, da):
        check_shape("da", da, self.z.shape)
        return da * activations.leaky_relu_derivative(self.z, self.slope)


class Sigmoid(Layer):
    """a = 1 / (1 + exp(-z)). Derived in lessons 1 and 4."""

    def forward(self, z, training=False):
        self.a = activations.sigmoid(z)
        return self.a

    def backward(self, da):
        check_shape("da", da, self.a.shape)
        return da * activations.sigmoid_derivative(self.a)


class Tanh(Layer):
    """a = tanh(z). Derived in lessons 2 and 4."""

    def forward(self, z, training=False):
        self.a = activations.tanh(z)
        return self.a

    def backward(self, da):
        check_shape("da", da, self.a.shape)
        return da * activations.tanh_derivative(self.a)


class Softmax(Layer):
    """Each row of logits (N, K) as probabilities. Derived in lesson 3.

    For training leave it out: softmax_cross_entropy takes logits, and is stable.
    """

    def forward(self, z, training=False):
        self.a = activations.softmax(z)
        return self.a

    def backward(self, da):
        check_shape("da", da, self.a.shape)
        # The (K, K) Jacobian of each row times da, without building it.
        return self.a * (da - (da * self.a).sum(axis=-1, keepdims=True))


class Flatten(Layer):
    """Each sample as one row of numbers: (N, H, W, C) to (N, H · W · C). Used in lesson 6."""

    def build(self, input_shape, rng, dtype):
        return (math.prod(input_shape),)

    def forward(self, x, training=False):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, da):
        check_shape("da", da, (self.shape[0], math.prod(self.shape[1:])))
        return da.reshape(self.shape)


class Dropout(Layer):
    """In training, each value is set to zero with probability `rate`, the others are scaled up.

    The kept values are divided by 1 - rate, so that their mean is what it is without dropout;
    backward scales by the same mask. Outside training it does nothing. Derived in lesson 8.
    """

    settings = ("rate",)

    def __init__(self, rate):
        check_between("rate", rate, 0, 1)
        self.rate = float(rate)

    def build(self, input_shape, rng, dtype):
        self.rng = rng
        return input_shape

    def forward(self, x, training=False):
        self.shape = x.shape
        if not training:
            self.mask = None
            return x
        if self.rng is None:
            raise ValueError(
                f"{self} needs random numbers to train: load the network with "
                "Sequential.load(path, rng=np.random.default_rng(0))"
            )
        drawn = self.rng.integers(2**16, size=x.shape, dtype=np.uint16)  # quicker than random()
        dropped = int(self.rate * 2**16)
        self.mask = (drawn >= dropped) / x.dtype.type(1 - dropped / 2**16)
        return x * self.mask

    def backward(self, da):
        check_shape("da", da, self.shape)
        return da if self.mask is None else da * self.mask
