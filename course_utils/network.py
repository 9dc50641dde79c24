"""A network as a list of layers. Built in lesson 2, trained in lesson 5, saved in lesson 5."""

import copy
from typing import Any, NamedTuple

import numpy as np

from . import saving
from ._validation import as_floats, check_count, check_generator, check_no_mask, check_shape
from .layers import Layer


class Sequential:
    """Layers one after another; the output of each is the input of the next.

    Parameters
    ----------
    layers : list of Layer. One that a network has built already comes in as a copy that keeps
        its weights: to train a network further for another task, take its first layers. The
        network that it comes from stays as it is.
    input_shape : int or tuple, the shape of one sample: 784, or (28, 28, 1)
    rng : numpy.random.Generator that draws the first weights, and the masks of Dropout
    dtype : numpy.float64 or numpy.float32, of parameters and of the inputs to come

    Raises ValueError, naming the layer and the shapes, where a layer does not fit the one
    before it. Derived in lessons 2 (forward) and 4 (backward).
    """

    def __init__(self, layers, *more, input_shape, rng, dtype=np.float64):
        if more:
            given = ", ".join(map(repr, (layers, *more)))
            raise TypeError(f"layers must be one list of layers, got {given}: write [{given}]")
        check_generator(rng)
        self._build(layers, input_shape, rng, dtype)

    def _build(self, layers, input_shape, rng, dtype):
        layers = _check_layers(layers)
        self.rng, self.dtype = rng, np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype}")
        self.input_shape = _as_shape(input_shape)
        self.layers = _take_over(layers, rng)
        self.shapes = []  # the output shape of each layer, without N
        self._forward_shape = None  # of the output of the last forward
        before = [vars(layer).copy() for layer in self.layers]
        try:
            shape = self.input_shape
            for number, layer in enumerate(self.layers, 1):
                shape = self._build_layer(number, layer, shape)
                self.shapes.append(shape)
        except BaseException:  # the layers can be tried again
            for layer, attributes in zip(self.layers, before, strict=True):
                vars(layer).clear()
                vars(layer).update(attributes)
            raise
        for layer, given, gives in zip(
            self.layers, [self.input_shape, *self.shapes], self.shapes, strict=False
        ):
            for inner in _layers_within(layer):
                inner.built = Built(None, None, self.dtype, rng)
            layer.built = Built(given, gives, self.dtype, rng)

    def _build_layer(self, number, layer, shape):
        """Build a layer for inputs of `shape`; return the shape of its output."""
        try:
            output_shape = _build_keeping(layer, shape, self.rng, self.dtype)
        except ValueError as error:
            raise ValueError(
                f"layer {number}, {layer}, does not fit what comes before it, "
                f"which gives shape {shape}: {error}"
            ) from None
        for name in layer.parameter_names:
            own = np.asarray(getattr(layer, name))
            if own.dtype.kind == "f" and own.ndim and own.dtype != self.dtype:
                raise TypeError(
                    f"layer {number}, {layer}: {name} must be {self.dtype} like the network, "
                    f"got {own.dtype}: its initializer must give the dtype that it is asked for"
                )
        return output_shape

    def _forget_generator(self):
        """Leave the network and its layers without random numbers."""
        for layer in self.layers:
            for inner in (layer, *_layers_within(layer)):
                for name, value in vars(inner).items():
                    if value is self.rng:
                        setattr(inner, name, None)
                inner.built = inner.built._replace(rng=None)
        self.rng = None

    @property
    def output_shape(self):
        """The shape of the output for one sample."""
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
        if X.shape[1:] != self.input_shape or X.ndim == 0:
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
        """Every learned array, in the order of the layers: W, b, W, b, ..."""
        return [p for layer in self.layers for p in layer.parameters]

    def gradients(self):
        """The gradient of each of `parameters()`, in the same order, as backward left it."""
        return [g for layer in self.layers for g in layer.gradients]

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
        """Print a table: each layer, the shape of its output, how many parameters it has."""
        rows = [("layer", "output shape", "parameters"), ("input", _show(self.input_shape), "")]
        for layer, shape in zip(self.layers, self.shapes, strict=True):
            rows.append((repr(layer), _show(shape), f"{sum(p.size for p in layer.parameters):,}"))
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


class Built(NamedTuple):
    """What a network built a layer for; of a layer within a layer the shapes are not known."""

    input_shape: tuple | None
    output_shape: tuple | None
    dtype: np.dtype
    rng: Any  # a Generator or None


def _check_layers(layers):
    """The layers as a list; refuse what is no layer, and a layer that stands there twice."""
    if isinstance(layers, Layer):
        raise TypeError(f"layers must be a list of layers, got {layers}: write [{layers}]")
    try:
        layers = list(layers)
    except TypeError:
        raise TypeError(f"layers must be a list of layers, got {layers!r}") from None
    if not layers:
        raise ValueError("layers must hold at least one layer, got none")
    seen = set()
    for number, layer in enumerate(layers, 1):
        if not isinstance(layer, Layer):
            raise TypeError(f"layers must hold layers, got {layer!r} in place {number}")
        if id(layer) in seen:
            raise ValueError(f"layers must differ, got the same {layer} twice, in place {number}")
        seen.add(id(layer))
    return layers


def _take_over(layers, rng):
    """The layers, with a copy in place of each that is part of a network already.

    What two of them share, the copies share; they draw from rng instead of from the generator
    of the network that they come from.
    """
    instead = {}
    for number, layer in enumerate(layers, 1):
        if layer.built is not None:
            instead[id(layer.built.rng)] = rng
            continue
        for inner in _layers_within(layer):
            if inner.built is not None:
                raise ValueError(
                    f"layer {number}, {layer}, holds {inner}, which a network has built already: "
                    "building it anew would change that network. Give it a new layer"
                )
    instead.pop(id(None), None)
    taken = [layer for layer in layers if layer.built is not None]
    try:
        copies = iter(copy.deepcopy(taken, instead))
    except Exception as error:
        raise ValueError(
            f"{taken} are layers of a network already, and cannot be copied from it: {error}"
        ) from error
    layers = [layer if layer.built is None else next(copies) for layer in layers]
    for layer in layers:
        for inner in (layer, *_layers_within(layer)):
            if inner.built is not None and "rng" in vars(inner) and inner.rng is None:
                inner.rng = rng  # the layer was loaded without one
    return layers


def _layers_within(layer):
    """The layers that a layer holds in its attributes, or in lists there, at any depth."""
    found, waiting = {id(layer): layer}, list(vars(layer).values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, Layer) and id(value) not in found:
            found[id(value)] = value
            waiting += vars(value).values()
        elif isinstance(value, (list, tuple)):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
    return list(found.values())[1:]


def _build_keeping(layer, shape, rng, dtype):
    """Build a layer, but keep the arrays that it has already; return the shape of its output."""
    if layer.built is not None:
        if (layer.built.input_shape, layer.built.dtype) == (shape, dtype):
            return layer.built.output_shape
        if len(layer.parameters) != len(layer.parameter_names):
            raise ValueError(f"its weights are for inputs of shape {layer.built.input_shape}")
    names = (*layer.parameter_names, *layer.buffer_names)
    kept = {name: vars(layer)[name] for name in names if name in vars(layer)}
    output_shape = layer.build(shape, rng, dtype)
    for name, array in kept.items():
        built = getattr(layer, name)
        if not isinstance(array, np.ndarray) or not isinstance(built, np.ndarray):
            continue
        if array.shape != built.shape:
            raise ValueError(
                f"it has {name} of shape {array.shape} already, and would need {built.shape}; "
                "a new layer learns its own"
            )
        setattr(layer, name, array.astype(built.dtype, copy=False))
    return output_shape


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
