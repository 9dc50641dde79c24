"""Layers one after another: how a list of them is built, and blocks, layers made of layers."""

import copy
from typing import Any, NamedTuple

import numpy as np

from .layers import Layer


class Block(Layer):
    """Layers one after another, as one layer: for a network of networks. Lesson 11.

    A block of another kind is written in the same way: whatever layers a layer keeps in
    `self.layers` belong to it, and their parameters are trained, shared and saved with it.
    """

    settings = ("layers",)

    def __init__(self, layers):
        self.layers = check_layers(layers)

    def build(self, input_shape, rng, dtype):
        return build_layers(self.layers, input_shape, rng, dtype)[-1]

    def forward(self, x, training=False):
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def backward(self, da):
        for layer in reversed(self.layers):
            da = layer.backward(da)
        return da


class Residual(Block):
    """Layers, and a way around them: a = x + block(x). The block learns what to add to x.

    The gradient takes both ways back, one of which nothing can make vanish. The layers must give
    the shape that comes in. He et al. (2016); derived in lesson 10.
    """

    def build(self, input_shape, rng, dtype):
        shape = super().build(input_shape, rng, dtype)
        if shape != input_shape:
            raise ValueError(
                f"its layers give shape {shape}, which cannot be added to its input {input_shape}"
            )
        return shape

    def forward(self, x, training=False):
        return x + super().forward(x, training)

    def backward(self, da):
        return da + super().backward(da)


# A list of layers


def check_layers(layers):
    """The layers as a list; refuse what is no layer, and a layer that stands there twice."""
    if isinstance(layers, Layer):
        raise TypeError(f"layers must be a list of layers, got {layers}: write [{layers}]")
    try:
        layers = list(layers)
    except TypeError:
        raise TypeError(f"layers must be a list of layers, got {layers!r}") from None
    if not layers:
        raise ValueError("layers must hold at least one layer, got none")
    for place, layer in enumerate(layers, 1):
        if not isinstance(layer, Layer):
            hint = (
                ": a Block([...]) is a network within a network" if hasattr(layer, "layers") else ""
            )
            raise TypeError(f"layers must hold layers, got {layer!r} in place {place}{hint}")
    seen = set()
    for number, layer in numbered(layers):
        if id(layer) in seen:
            raise ValueError(
                f"layers must differ, got the same {layer} twice, in place {number}: "
                "two layers can share parameters, see Sequential"
            )
        seen.add(id(layer))
    return layers


def numbered(layers, before=""):
    """("1", layer), ("2", block), ("2.1", the first layer of the block), ..."""
    for place, layer in enumerate(layers, 1):
        yield f"{before}{place}", layer
        if layer.layers:
            yield from numbered(layer.layers, f"{before}{place}.")


def places(layers):
    """{"layer 2.1 W": (layer, "W")}, where each array is kept that belongs to a trained network."""
    return {
        f"layer {number} {name}": (layer, name)
        for number, layer in numbered(layers)
        for name in (*layer.parameter_names, *layer.buffer_names)
    }


def shared_places(layers):
    """{"layer 3 W": "layer 1 W"} where a layer's array is that of a layer before it."""
    owners, shared = {}, {}
    for place, (layer, name) in places(layers).items():
        array = vars(layer).get(name)
        if isinstance(array, np.ndarray):
            owner = owners.setdefault(id(array), place)
            if owner != place:
                shared[place] = owner
    return shared


def share(layers, shared):
    """Let layers share arrays as `shared_places` tells of them."""
    where = places(layers) if shared else {}
    for place, owner in shared.items():
        (layer, name), array = where[place], getattr(*where[owner])
        if getattr(layer, name).shape != array.shape:
            raise ValueError(f"{place} cannot be {owner}, which has shape {array.shape}")
        setattr(layer, name, array)


def layers_within(layer):
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


# Building


class Built(NamedTuple):
    """What a network built a layer for; of a layer within a layer the shapes are not known."""

    input_shape: tuple | None
    output_shape: tuple | None
    dtype: np.dtype
    rng: Any  # a Generator or None


def take_over(layers, rng):
    """The layers, with a copy in place of each that is part of a network already.

    What two of them share, the copies share; they draw from rng instead of from the generator
    of the network that they come from.
    """
    instead = {}
    for number, layer in enumerate(layers, 1):
        if layer.built is not None:
            instead[id(layer.built.rng)] = rng
            continue
        for inner in layers_within(layer):
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
        for inner in (layer, *layers_within(layer)):
            if inner.built is not None and "rng" in vars(inner) and inner.rng is None:
                inner.rng = rng  # the layer was loaded without one
    return layers


def build_layers(layers, shape, rng, dtype):
    """Build each layer for what the one before it gives; return the shape of each output.

    Raises ValueError, naming the layer, where it does not fit.
    """
    shapes = []
    for number, layer in enumerate(layers, 1):
        try:
            output_shape = _build_keeping(layer, shape, rng, dtype)
        except ValueError as error:
            raise ValueError(
                f"layer {number}, {layer}, does not fit what comes before it, "
                f"which gives shape {shape}: {error}"
            ) from None
        for name in layer.parameter_names:
            own = np.asarray(getattr(layer, name))
            if own.dtype.kind == "f" and own.ndim and own.dtype != dtype:
                raise TypeError(
                    f"layer {number}, {layer}: {name} must be {dtype} like the network, "
                    f"got {own.dtype}: its initializer must give the dtype that it is asked for"
                )
        shape = output_shape
        shapes.append(shape)
    return shapes


def _build_keeping(layer, shape, rng, dtype):
    """Build a layer, but keep the arrays that it has already; return the shape of its output."""
    where = places([layer])
    if layer.built is not None:
        if (layer.built.input_shape, layer.built.dtype) == (shape, dtype):
            return layer.built.output_shape
        if len(layer.parameters) != sum(name in of.parameter_names for of, name in where.values()):
            raise ValueError(f"its weights are for inputs of shape {layer.built.input_shape}")
    kept = {place: vars(of)[name] for place, (of, name) in where.items() if name in vars(of)}
    output_shape = layer.build(shape, rng, dtype)
    for place, array in kept.items():
        of, name = where[place]
        built = getattr(of, name)
        if not isinstance(array, np.ndarray) or not isinstance(built, np.ndarray):
            continue
        if array.shape != built.shape:
            raise ValueError(
                f"it has {name} of shape {array.shape} already, and would need {built.shape}; "
                "a new layer learns its own"
            )
        setattr(of, name, array.astype(built.dtype, copy=False))
    return output_shape
