"""A network in a file: its architecture as JSON, its arrays as they are. Used in lesson 5.

Sequential.save and Sequential.load call what stands here.
"""

import copy
import inspect
import json
import math
import os
import zipfile

import numpy as np

from . import _files
from ._validation import check_generator
from .blocks import numbered, places, share, shared_places
from .layers import Layer

FORMAT = "course_utils network 1"


def save(network, path):
    """Write a network to path, once it is sure that `load` gives the same network back.

    Raises what _files.write raises, and ValueError, naming the layer, for one that would come
    back as another.
    """
    path = _files.as_path(path)
    architecture = json.dumps(_architecture(network))
    arrays = dict(_named_arrays(network))
    _check_what_comes_back(network, architecture, arrays)
    _files.write(path, lambda file: np.savez(file, architecture=np.array(architecture), **arrays))


def load(cls, path, rng=None):
    """The network of class cls that `save` wrote to path."""
    path = _files.as_path(path)
    if rng is not None:
        check_generator(rng)
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise ValueError("it is a folder or a device")
        # np.load given a path would leave a damaged file open.
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            _check_sizes(file.zip, os.fstat(opened.fileno()).st_size)
            arrays = {name: file[name] for name in file.files}
        return _network_from(cls, str(arrays.pop("architecture")), arrays, rng)
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged or foreign file fails in a dozen ways
        raise ValueError(
            f"{path} cannot be read as a network saved by Sequential.save: {error}"
        ) from error


def _check_sizes(archive, size):
    """A compressed file, which save does not write, may hold a thousand times its own size."""
    held = sum(member.file_size for member in archive.infolist())
    if held > size or any(m.compress_type != zipfile.ZIP_STORED for m in archive.infolist()):
        raise ValueError(
            f"it is compressed, from {held:,} bytes to {size:,}; save does not do that"
        )


# From a network to what is written


def _architecture(network):
    known = layer_types()
    architecture = {
        "format": FORMAT,
        "input_shape": network.input_shape,
        "dtype": network.dtype.name,
        "layers": _descriptions("layer ", network.layers, known),
    }
    if shared := shared_places(network.layers):
        architecture["shared"] = shared
    return architecture


def _descriptions(which, layers, known):
    """Layers as JSON can hold them: [{"layer": "Dense", "units": 3}, {"layer": "ReLU"}]."""
    return [_description(f"{which}{n}", layer, known) for n, layer in enumerate(layers, 1)]


def _description(which, layer, known):
    name = type(layer).__name__
    named = sum(len(inner.parameter_names) for _, inner in numbered([layer]))
    if len(layer.parameters) != named:
        raise ValueError(
            f"{layer} has parameters that parameter_names does not list: they would be lost"
        )
    if known[name] is not type(layer):
        raise ValueError(
            f"layers must have names of their own to be saved: another layer is called {name} too"
        )
    return {"layer": name, **_settings(which, layer, known)}


def _settings(place, layer, known):
    """The constructor's arguments of a layer: all of them, as JSON can hold them."""
    which = f"{place}, {type(layer).__name__}"
    settings = {}
    for name in layer.settings:
        if not hasattr(layer, name):
            raise ValueError(f"{which}: its settings name {name}, which is no attribute of it")
        value = getattr(layer, name)
        settings[name] = value.item() if isinstance(value, np.generic) else value
        if value is layer.layers:
            settings[name] = _descriptions(f"{place}.", value, known)
        try:
            json.dumps(settings[name])
        except (TypeError, ValueError):
            raise ValueError(
                f"{which}: its setting {name} must be a number, a text, True, False, None or "
                f"a list of them to be saved, got {value!r}"
            ) from None
    for name, argument in inspect.signature(type(layer)).parameters.items():
        if name in settings or name == "initializer":  # of no use once there are weights
            continue
        if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
            continue
        if not hasattr(layer, name) or not np.array_equal(getattr(layer, name), argument.default):
            raise ValueError(
                f"{which}: its argument {name} would be lost: keep it in an attribute {name}, "
                f'and name it in the class: settings = ("{name}", ...)'
            )
    return settings


def _named_arrays(network):
    shared = shared_places(network.layers)
    for place, (layer, name) in places(network.layers).items():
        if place not in shared:
            yield place, getattr(layer, name)


def _check_what_comes_back(network, architecture, arrays):
    """Refuse a network that would not be the same after loading: it loads it, and tries it out."""
    saved = {name: np.asarray(array) for name, array in arrays.items()}
    try:
        loaded = _network_from(type(network), architecture, saved, copy.deepcopy(network.rng))
    except Exception as error:
        raise ValueError(
            f"the network is not saved, for load could not read it: {error}"
        ) from error
    if network.rng is not None:
        loaded.rng.bit_generator.state = network.rng.bit_generator.state
    x = np.random.default_rng(0).random((2, *network.input_shape)).astype(network.dtype)
    there, back = x, x
    precision = 1e3 * np.finfo(network.dtype).eps
    with np.errstate(all="ignore"):
        for number, (own, other) in enumerate(zip(network.layers, loaded.layers, strict=True), 1):
            own, other = _copy(own), _copy(other)
            try:
                there = own.forward(there)
            except Exception:
                return  # a layer of your own that takes other numbers than these, or none
            try:
                back = other.forward(back)
                same = np.shape(there) == np.shape(back)
                same = same and np.allclose(there, back, precision, precision, equal_nan=True)
            except Exception:
                same = False
            if not same:
                raise ValueError(
                    f"the network is not saved, for layer {number}, {own}, would give other "
                    "numbers after loading: it keeps something that is named neither in its "
                    "settings nor in its parameter_names or buffer_names"
                )


def _copy(layer):
    """A copy to try out, so that the layer keeps what its backward needs."""
    try:
        return copy.deepcopy(layer, {id(kept): kept for kept in (*layer.parameters, layer.built)})
    except Exception:  # it holds an open file, or the like
        return copy.copy(layer)


# From what is written to a network


def _network_from(cls, architecture, arrays, rng):
    architecture = json.loads(architecture)
    if architecture["format"] != FORMAT:
        raise ValueError(f"its format is {architecture['format']!r}, not {FORMAT!r}")
    known = layer_types()
    layers = [_layer_from(settings, known) for settings in architecture["layers"]]
    shared = architecture.get("shared", {})
    everything = [layer for _, layer in numbered(layers)]
    initializers = [vars(layer).get("initializer") for layer in everything]
    initializer = _zeros_for([*arrays.values(), *(arrays[owner] for owner in shared.values())])
    for layer, own in zip(everything, initializers, strict=True):
        if own is not None:
            layer.initializer = initializer
    network = cls.__new__(cls)
    # A layer of your own may draw its weights in build; what it draws is replaced at once.
    drawing = np.random.default_rng(0) if rng is None else rng
    network._set_up(layers, drawing, architecture["dtype"])
    network._build(architecture["input_shape"])
    for layer, own in zip(everything, initializers, strict=True):
        if own is not None:
            layer.initializer = own
    share(network.layers, shared)
    _set_arrays(network, arrays)
    if rng is None:
        network._forget_generator()
    return network


def _zeros_for(arrays):
    """An initializer that gives no more numbers than the file has: a false size costs nothing."""
    left = sum(array.size for array in arrays)

    def zeros(shape, rng, dtype):
        nonlocal left
        left -= math.prod(shape)
        if left < 0:
            raise ValueError(
                f"Unable to allocate {shape}: these are more numbers than the file holds"
            )
        return np.zeros(shape, dtype)

    return zeros


def _set_arrays(network, arrays):
    own = dict(_named_arrays(network))
    if own.keys() != arrays.keys():
        if missing := sorted(own.keys() - arrays):
            raise ValueError(f"it should hold {missing[0]!r}, and does not")
        raise ValueError(f"it should hold nothing named {min(arrays.keys() - own)!r}")
    where = places(network.layers)
    for place, array in own.items():
        saved, expected = arrays[place], np.asarray(array)
        if (saved.shape, saved.dtype) != (expected.shape, expected.dtype):
            raise ValueError(
                f"{place} should be {expected.dtype} {expected.shape}, "
                f"it is {saved.dtype} {saved.shape}"
            )
        if isinstance(array, np.ndarray):
            array[...] = saved
        else:  # a single number is not changed in place
            setattr(*where[place], type(array)(saved))


def layer_types():
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


def _layer_from(settings, known):
    settings = dict(settings)
    name = settings.pop("layer")
    if name not in known:
        raise ValueError(f"it has a layer {name!r}, which is not known here")
    for setting, value in settings.items():  # of a block, the layers that it is made of
        if isinstance(value, list) and value and all(_is_layer(inner) for inner in value):
            settings[setting] = [_layer_from(inner, known) for inner in value]
    return known[name](**settings)


def _is_layer(description):
    return isinstance(description, dict) and "layer" in description
