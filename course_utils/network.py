"""A network as a list of layers. Built in lesson 2, trained in lesson 5, saved in lesson 5."""

import json
import os

import numpy as np

from ._validation import check_count, check_generator
from .initializers import zeros
from .layers import Layer

FORMAT = "course_utils network 1"


class Sequential:
    """Layers one after another; the output of each is the input of the next.

    Parameters
    ----------
    layers : list of Layer
    input_shape : int or tuple, the shape of one sample: 784, or (28, 28, 1)
    rng : numpy.random.Generator that draws the first weights, and the masks of Dropout
    dtype : numpy.float64 or numpy.float32, of parameters and of the inputs to come

    Raises ValueError, naming the layer and the shapes, where a layer does not fit the one
    before it. Derived in lessons 2 (forward) and 4 (backward).
    """

    def __init__(self, layers, *, input_shape, rng, dtype=np.float64):
        check_generator(rng)
        self._build(layers, input_shape, rng, dtype)

    def _build(self, layers, input_shape, rng, dtype):
        self.layers, self.rng = list(layers), rng
        if not self.layers:
            raise ValueError("layers must hold at least one layer, got none")
        for number, layer in enumerate(self.layers, 1):
            if not isinstance(layer, Layer):
                raise TypeError(f"layers must hold layers, got {layer!r} in place {number}")
            if any(layer is earlier for earlier in self.layers[: number - 1]):
                raise ValueError(
                    f"layers must differ, got the same {layer} twice, in place {number}"
                )
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype}")
        self.input_shape = _as_shape(input_shape)
        self.shapes = []  # the output shape of each layer, without N
        shape = self.input_shape
        for number, layer in enumerate(self.layers, 1):
            try:
                shape = layer.build(shape, rng, self.dtype)
            except ValueError as error:
                raise ValueError(
                    f"layer {number}, {layer}, does not fit what comes before it, "
                    f"which gives shape {shape}: {error}"
                ) from None
            self.shapes.append(shape)

    @property
    def output_shape(self):
        """The shape of the output for one sample."""
        return self.shapes[-1]

    def forward(self, X, training=False):
        """The output (N, ...) for a batch X (N, ...); each layer keeps what backward needs.

        Raises ValueError or TypeError where X has another shape or dtype than the network.
        """
        X = np.asarray(X)
        if X.shape[1:] != self.input_shape or X.ndim == 0:
            expected = ", ".join(["N", *map(str, self.input_shape)])
            raise ValueError(f"X must have shape ({expected}), got {X.shape}")
        if X.dtype != self.dtype:
            raise TypeError(
                f"X must be {self.dtype} like the network's parameters, got {X.dtype}: "
                f"use X.astype(np.{self.dtype}), or give the network another dtype"
            )
        for layer in self.layers:
            X = layer.forward(X, training=training)
        return X

    def backward(self, gradient, input_gradient=False):
        """Leave each parameter's gradient in its layer, from the loss's gradient for the output.

        What comes before the first layer with parameters needs no gradient, and working it
        out would cost a third of that layer's time; `input_gradient=True` asks for it and
        returns it, in the shape of X.
        """
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
        X = np.asarray(X)
        if len(X) <= batch_size:
            return self.forward(X)
        return np.concatenate(
            [self.forward(X[i : i + batch_size]) for i in range(0, len(X), batch_size)]
        )

    def predict_classes(self, X, batch_size=100):
        """The class of each row, (N,): the largest of K logits, or 1 where a single logit > 0."""
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
        """
        path = os.fspath(path)
        known = _layer_types()
        for layer in self.layers:
            if len(layer.parameters) != len(layer.parameter_names):
                raise ValueError(
                    f"{layer} has parameters that parameter_names does not list: they would be lost"
                )
            if known[type(layer).__name__] is not type(layer):
                raise ValueError(
                    f"layers must have names of their own to be saved: another layer is called "
                    f"{type(layer).__name__} too"
                )
        architecture = {
            "format": FORMAT,
            "input_shape": self.input_shape,
            "dtype": self.dtype.name,
            "layers": [
                {"layer": type(layer).__name__, **{s: getattr(layer, s) for s in layer.settings}}
                for layer in self.layers
            ],
        }
        arrays = {f"{name}": p for name, p in self._named_parameters()}
        temporary = f"{path}.part"
        try:
            with open(temporary, "wb") as file:
                np.savez(file, architecture=np.array(json.dumps(architecture)), **arrays)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)

    @classmethod
    def load(cls, path, rng=None):
        """The network that `save` wrote to `path`.

        `rng` is needed only to train a network with Dropout further. Raises FileNotFoundError,
        or ValueError where the file is damaged or is no saved network.
        """
        try:
            # np.load given a path would leave a damaged file open.
            with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            architecture = json.loads(str(arrays.pop("architecture")))
            if architecture["format"] != FORMAT:
                raise ValueError(f"its format is {architecture['format']!r}, not {FORMAT!r}")
            network = cls.__new__(cls)
            layers = [_layer_from(settings) for settings in architecture["layers"]]
            network._build(layers, architecture["input_shape"], rng, architecture["dtype"])
            network._set_parameters(arrays)
        except FileNotFoundError:
            raise
        except Exception as error:  # a damaged or foreign file fails in a dozen ways
            raise ValueError(
                f"{path} cannot be read as a network saved by Sequential.save: {error}"
            ) from error
        return network

    def _named_parameters(self):
        for number, layer in enumerate(self.layers, 1):
            for name in layer.parameter_names:
                yield f"layer {number} {name}", getattr(layer, name)

    def _set_parameters(self, arrays):
        own = dict(self._named_parameters())
        if own.keys() != arrays.keys():
            raise ValueError(f"it should hold {sorted(own)}, it holds {sorted(arrays)}")
        for name, parameter in own.items():
            saved = arrays[name]
            if saved.shape != parameter.shape or saved.dtype != parameter.dtype:
                raise ValueError(
                    f"{name} should be {parameter.dtype} {parameter.shape}, "
                    f"it is {saved.dtype} {saved.shape}"
                )
            parameter[...] = saved


def classes(outputs):
    """The class that each row of outputs stands for, (N,) integers.

    outputs is (N, K): the largest of K logits; or (N, 1) or (N,): 1 where the logit is
    positive, else 0. Derived in lesson 3.
    """
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


def _layer_types():
    """{name: class} of every layer there is, your own too; of two alike in name, the course's."""
    ours, known, waiting = {}, {}, [Layer]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        waiting += subclasses
        for layer in subclasses:
            if layer.__module__.rpartition(".")[0] == __package__:
                ours[layer.__name__] = layer
            else:
                known[layer.__name__] = layer  # of a cell that ran twice, the later one
    return known | ours


def _layer_from(settings):
    name = settings.pop("layer")
    known = _layer_types()
    if name not in known:
        raise ValueError(f"it has a layer {name!r}, which is not known here")
    layer = known[name](**settings)
    if hasattr(layer, "initializer"):
        layer.initializer = zeros  # the saved weights replace them at once
    return layer


def _show(shape):
    return f"({', '.join(['N', *map(str, shape)])})"
