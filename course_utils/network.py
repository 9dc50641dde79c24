"""A network as a list of layers. Built in lesson 2, trained in lesson 5, saved in lesson 5."""

import numpy as np

from . import saving
from ._validation import as_floats, check_count, check_generator, check_no_mask, check_shape
from .blocks import (
    Built,
    build_layers,
    check_layers,
    layers_within,
    numbered,
    share,
    shared_places,
    take_over,
)


class Sequential:
    """Layers one after another; the output of each is the input of the next.

    Parameters
    ----------
    layers : list of Layer. One that a network has built already comes in as a copy that keeps
        its weights: to train a network further for another task, take its first layers. The
        network that it comes from stays as it is.
    input_shape : int or tuple, the shape of one sample: 784, or (28, 28, 1); None leaves it open
        until the first batch comes (deferred initialisation)
    rng : numpy.random.Generator that draws the first weights, and the masks of Dropout
    dtype : numpy.float64 or numpy.float32, of parameters and of the inputs to come

    Two layers share a parameter when it is the same array: once the network is built,
    `network.layers[2].W = network.layers[0].W`. It is then learned from the gradients of both.

    Raises ValueError, naming the layer and the shapes, where a layer does not fit the one
    before it. Derived in lessons 2 (forward), 4 (backward) and 11 (deferred, shared).
    """

    def __init__(self, layers, *more, input_shape=None, rng, dtype=np.float64):
        if more:
            given = ", ".join(map(repr, (layers, *more)))
            raise TypeError(f"layers must be one list of layers, got {given}: write [{given}]")
        check_generator(rng)
        self._set_up(layers, rng, dtype)
        if input_shape is not None:
            self._build(input_shape)

    def _set_up(self, layers, rng, dtype):
        layers = check_layers(layers)
        self.rng, self.dtype = rng, np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype}")
        self.layers = take_over(layers, rng)
        self.input_shape = None
        self.shapes = []  # the output shape of each layer, without N
        self._forward_shape = None  # of the output of the last forward

    def build(self, input_shape):
        """Make the parameters of a network that was given no input_shape, as forward would.

        Raises ValueError where it has them already, and where a layer does not fit. Lesson 11.
        """
        if self.input_shape is not None:
            raise ValueError(
                f"the network is built already, for inputs of shape {self.input_shape}"
            )
        self.layers = take_over(self.layers, self.rng)  # one may have been built elsewhere since
        self._build(input_shape)

    def _build(self, input_shape):
        input_shape = _as_shape(input_shape)
        shared = shared_places(self.layers)
        everything = [inner for layer in self.layers for inner in (layer, *layers_within(layer))]
        before = [vars(layer).copy() for layer in everything]
        try:
            shapes = build_layers(self.layers, input_shape, self.rng, self.dtype)
            share(self.layers, shared)
        except BaseException:  # the layers can be tried again
            for layer, attributes in zip(everything, before, strict=True):
                vars(layer).clear()
                vars(layer).update(attributes)
            raise
        self.input_shape, self.shapes = input_shape, shapes
        for layer, given, gives in zip(self.layers, [input_shape, *shapes], shapes, strict=False):
            for inner in layers_within(layer):
                inner.built = Built(None, None, self.dtype, self.rng)
            layer.built = Built(given, gives, self.dtype, self.rng)

    def _check_built(self):
        if self.input_shape is None:
            raise RuntimeError(
                "the network has no parameters yet: the first forward makes them, for inputs of "
                "the shape that it sees; build(input_shape) makes them now"
            )

    def _forget_generator(self):
        """Leave the network and its layers without random numbers."""
        for layer in self.layers:
            for inner in (layer, *layers_within(layer)):
                for name, value in vars(inner).items():
                    if value is self.rng:
                        setattr(inner, name, None)
                inner.built = inner.built._replace(rng=None)
        self.rng = None

    @property
    def output_shape(self):
        """The shape of the output for one sample."""
        self._check_built()
        return self.shapes[-1]

    def forward(self, X, training=False):
        """The output (N, ...) for a batch X (N, ...); each layer keeps what backward needs.

        Raises ValueError or TypeError where X has another shape or dtype than the network.
        """
        X = self._check(X)
        if len(X) == 0:
            raise ValueError("X must have at least one row, got none")
        for layer in self.layers:
            X = layer.forward(X, training=training)
        self._forward_shape = np.shape(X)
        return X

    def _check(self, X):
        check_no_mask("X", X)
        X = np.asarray(X)
        if self.input_shape is None:
            if X.ndim < 2:
                raise ValueError(f"X must be a batch, of shape (N, ...), got {X.shape}")
            if X.dtype == self.dtype:
                self.build(X.shape[1:])
        elif X.shape[1:] != self.input_shape or X.ndim == 0:
            expected = ", ".join(["N", *map(str, self.input_shape)])
            raise ValueError(f"X must have shape ({expected}), got {X.shape}")
        if X.dtype != self.dtype:
            raise TypeError(
                f"X must be {self.dtype} like the network's parameters, got {X.dtype}: "
                f"use X.astype(np.{self.dtype}), or give the network another dtype"
            )
        return X

    def backward(self, gradient, input_gradient=False):
        """Leave each parameter's gradient in its layer, from the loss's gradient for the output.

        What comes before the first layer with parameters needs no gradient, and working it
        out would cost a third of that layer's time; `input_gradient=True` asks for it and
        returns it, in the shape of X.

        Raises RuntimeError before the first forward, and ValueError where the gradient has
        another shape than the output of the last one.
        """
        if self._forward_shape is None:
            raise RuntimeError("backward needs what forward keeps: call forward first")
        check_no_mask("gradient", gradient)
        gradient = np.asarray(gradient)
        check_shape("gradient", gradient, self._forward_shape)
        first = 0
        if not input_gradient:
            first = next((i for i, layer in enumerate(self.layers) if layer.parameters), 0)
        for layer in reversed(self.layers[first + 1 :]):
            gradient = layer.backward(gradient)
        if input_gradient:
            return self.layers[0].backward(gradient)
        self.layers[first].parameter_gradients(gradient)

    def parameters(self):
        """Every learned array, in the order of the layers: W, b, W, b, ...; a shared one once."""
        self._check_built()
        return list({id(p): p for layer in self.layers for p in layer.parameters}.values())

    def gradients(self):
        """The gradient of each of `parameters()`, in the same order, as backward left it.

        Of a shared parameter it is the sum of what its layers have.
        """
        self._check_built()
        totals = {}
        for layer in self.layers:
            for p, gradient in zip(layer.parameters, layer.gradients, strict=True):
                known = totals.get(id(p))
                totals[id(p)] = (p, gradient if known is None else known[1] + gradient)
        return [gradient for _, gradient in totals.values()]

    def arrays(self):
        """`parameters()` and then the buffers, such as running means: all that training changes."""
        kept = [
            getattr(layer, name)
            for _, layer in numbered(self.layers)
            for name in layer.buffer_names
        ]
        return self.parameters() + [array for array in kept if isinstance(array, np.ndarray)]

    def predict(self, X, batch_size=100):
        """The output for all of X, as when training is over: dropout off, a batch at a time."""
        check_count("batch_size", batch_size)
        X = self._check(X)
        if len(X) == 0:
            return np.empty((0, *self.output_shape), self.dtype)
        if len(X) <= batch_size:
            return self.forward(X)
        return np.concatenate(
            [self.forward(X[i : i + batch_size]) for i in range(0, len(X), batch_size)]
        )

    def predict_classes(self, X, batch_size=100):
        """The class of each row, (N,): the largest of K logits, or 1 where a single logit > 0.

        Raises ValueError where an output is NaN, naming the row.
        """
        return classes(self.predict(X, batch_size))

    @property
    def parameter_count(self):
        """How many numbers are learned."""
        return sum(p.size for p in self.parameters())

    def summary(self):
        """Print a table: each layer, the shape of its output, how many parameters it has.

        What a layer shares with one before it is not counted again.
        """
        self._check_built()
        counted = set()
        rows = [("layer", "output shape", "parameters"), ("input", _show(self.input_shape), "")]
        for layer, shape in zip(self.layers, self.shapes, strict=True):
            own = {id(p): p.size for p in layer.parameters if id(p) not in counted}
            counted |= own.keys()
            rows.append((repr(layer), _show(shape), f"{sum(own.values()):,}"))
        rows.append(("total", "", f"{self.parameter_count:,}"))
        left, middle, right = (max(len(row[i]) for row in rows) for i in range(3))
        for a, b, c in rows:
            print(f"{a:<{left}}  {b:<{middle}}  {c:>{right}}")

    def __repr__(self):
        return f"Sequential({self.layers}, input_shape={self.input_shape})"

    def save(self, path):
        """Write architecture and weights to one .npz file that needs no pickle to read.

        The file is written beside its place and then moved there, so that a crash while
        saving leaves an old file as it was.

        Raises ValueError, naming the layer, where `load` could not give the same network back;
        ValueError or PermissionError where path is a device or a read-only file. Lesson 5.
        """
        self._check_built()
        saving.save(self, path)

    @classmethod
    def load(cls, path, rng=None):
        """The network that `save` wrote to `path`.

        `rng` is needed only to train a network with Dropout further. Raises FileNotFoundError,
        or ValueError where the file is damaged or is no saved network. Lesson 5.
        """
        return saving.load(cls, path, rng)


def classes(outputs):
    """The class that each row of outputs stands for, (N,) integers.

    outputs is (N, K): the largest of K logits; or (N, 1) or (N,): 1 where the logit is
    positive, else 0. Raises ValueError where an output is NaN: it stands for no class.
    Derived in lesson 3.
    """
    outputs = as_floats("outputs", outputs)
    if np.isnan(outputs).any():
        row = int(np.isnan(outputs.reshape(len(outputs), -1)).any(axis=1).argmax())
        raise ValueError(f"outputs must be numbers, got nan in row {row}, which has no class")
    if outputs.ndim == 2 and outputs.shape[1] > 1:
        return outputs.argmax(axis=1)
    return (outputs.reshape(len(outputs)) > 0).astype(np.int64)


def _as_shape(input_shape):
    shape = (input_shape,) if isinstance(input_shape, (int, np.integer)) else tuple(input_shape)
    if not shape or any(not isinstance(n, (int, np.integer)) or n < 1 for n in shape):
        raise ValueError(
            "input_shape must be the shape of one sample, such as 784 or (28, 28, 1), "
            f"got {input_shape!r}"
        )
    return tuple(map(int, shape))


def _show(shape):
    return f"({', '.join(['N', *map(str, shape)])})"
