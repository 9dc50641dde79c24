"""Networks in files: what is saved is loaded, what cannot be is refused, and nothing is lost."""

import io
import itertools
import json
import os
import re
import tracemalloc
import zipfile

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import course_utils as cu


def network(*layers, input_shape=4, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return cu.Sequential(list(layers), input_shape=input_shape, rng=rng, dtype=dtype)


def small_network(**options):
    return network(cu.Dense(3), cu.ReLU(), cu.Dense(2), **options)


def every_kind_of_layer(dtype=np.float64):
    layers = [cu.Flatten(), cu.Dense(3, initializer=cu.xavier), cu.Tanh(), cu.Dense(5), cu.ReLU()]
    layers += [cu.Dropout(0.25), cu.LeakyReLU(0.3), cu.Sigmoid(), cu.Dense(2), cu.Softmax()]
    return network(*layers, input_shape=(2, 2), dtype=dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loaded_network_is_the_saved_one(dtype, tmp_path, rng):
    net = every_kind_of_layer(dtype)
    for parameter in net.parameters():
        parameter += 1  # not what an initializer would give
    net.save(tmp_path / "net.npz")
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    assert repr(loaded) == repr(net)
    X = rng.normal(size=(5, 2, 2)).astype(dtype)
    outputs = loaded.forward(X)
    assert outputs.dtype == dtype
    assert_array_equal(outputs, net.forward(X))


def test_sizes_given_as_numpy_numbers_can_be_saved(tmp_path):
    net = network(
        cu.Dense(np.int64(3)),
        cu.LeakyReLU(np.float32(0.5)),
        cu.Dropout(np.float32(0.5)),
        input_shape=np.int64(4),
    )
    net.save(tmp_path / "net.npz")
    assert repr(cu.Sequential.load(tmp_path / "net.npz")) == repr(net)


def test_training_goes_on_after_loading_as_if_nothing_had_happened(tmp_path, rng):
    X, y = rng.normal(size=(20, 4)), rng.integers(2, size=20)

    def train(net):
        cu.train(
            net,
            X,
            y,
            loss=cu.softmax_cross_entropy,
            optimizer=cu.SGD(0.1),
            epochs=2,
            batch_size=8,
            rng=np.random.default_rng(3),
        )

    net = small_network()
    train(net)
    net.save(tmp_path / "net.npz")
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    train(net)
    train(loaded)
    assert all(map(np.array_equal, loaded.parameters(), net.parameters()))


def test_a_loaded_dropout_asks_for_a_generator_to_train(tmp_path):
    network(cu.Dropout(0.5)).save(tmp_path / "net.npz")
    X = np.ones((2, 4))
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    assert_array_equal(loaded.forward(X), X)
    with pytest.raises(ValueError, match=r"Dropout\(0.5\) needs random numbers.*load\(path, rng="):
        loaded.forward(X, training=True)
    loaded = cu.Sequential.load(tmp_path / "net.npz", rng=np.random.default_rng(0))
    assert loaded.forward(X, training=True).shape == X.shape


def test_the_file_needs_no_pickle(tmp_path):
    small_network().save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as file:
        shapes = {name: file[name].shape for name in file.files if name != "architecture"}
        architecture = json.loads(str(file["architecture"]))
    assert shapes == {
        "layer 1 W": (4, 3),
        "layer 1 b": (3,),
        "layer 3 W": (3, 2),
        "layer 3 b": (2,),
    }
    assert architecture == {
        "format": "course_utils network 1",
        "input_shape": [4],
        "dtype": "float64",
        "layers": [
            {"layer": "Dense", "units": 3},
            {"layer": "ReLU"},
            {"layer": "Dense", "units": 2},
        ],
    }


def test_saving_keeps_the_path_as_it_is_given(tmp_path):
    small_network().save(tmp_path / "my network")
    assert os.listdir(tmp_path) == ["my network"]


def test_a_missing_file_is_a_file_not_found_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"net\.npz"):
        cu.Sequential.load(tmp_path / "net.npz")


@pytest.fixture
def path(tmp_path):
    """A saved small network."""
    path = tmp_path / "net.npz"
    small_network().save(path)
    return path


def assert_refused(path, reason=""):
    with pytest.raises(ValueError, match=f"{re.escape(str(path))} cannot be read.*{reason}"):
        cu.Sequential.load(path)


def test_a_truncated_file_is_refused(path):
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert_refused(path)


def test_a_file_with_one_changed_byte_is_refused_or_means_the_same(path):
    """A zip file has a few bytes, such as the date, on which nothing depends."""
    whole, expected = path.read_bytes(), cu.Sequential.load(path)
    refused = 0
    for place, flip in zip(range(0, len(whole), 2), itertools.cycle([0x01, 0x20, 0xFF])):
        damaged = bytearray(whole)
        damaged[place] ^= flip
        path.write_bytes(damaged)
        try:
            loaded = cu.Sequential.load(path)
        except ValueError as error:
            assert str(error).startswith(f"{path} cannot be read")
            refused += 1
        else:
            assert repr(loaded) == repr(expected)
            assert all(map(np.array_equal, loaded.parameters(), expected.parameters()))
    assert refused > len(whole) / 4


def test_text_is_refused(path):
    path.write_text("accuracy 0.97")
    assert_refused(path)


def test_a_single_array_is_refused(path):
    with open(path, "wb") as file:
        np.save(file, np.zeros(3))
    assert_refused(path)


def test_another_npz_is_refused(path):
    np.savez(path, images=np.zeros(3))
    assert_refused(path, "architecture")


def test_pickled_objects_are_not_read(path):
    np.savez(path, architecture=np.array([{"layers": []}], dtype=object))
    assert_refused(path, "pickle")


def change(path, arrays=None, **architecture):
    """Write the saved network anew, with some of it replaced (or left out, where None)."""
    with np.load(path) as file:
        content = dict(file)
    settings = json.loads(str(content["architecture"])) | architecture
    content["architecture"] = np.array(json.dumps(settings))
    content |= arrays or {}
    np.savez(path, **{name: array for name, array in content.items() if array is not None})


def test_an_unchanged_copy_is_read(path):
    change(path)
    assert repr(cu.Sequential.load(path)) == repr(small_network())


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"layer 1 W": np.zeros((3, 4))}, r"layer 1 W should be .*\(4, 3\), it is .*\(3, 4\)"),
        ({"layer 1 W": np.zeros((4, 3), np.float32)}, "layer 1 W should be float64.*float32"),
        ({"layer 3 b": None}, "it should hold .*layer 3 b"),
        ({"layer 9 W": np.zeros(2)}, "it should hold .*layer 9 W"),
    ],
)
def test_arrays_that_do_not_fit_the_architecture_are_refused(path, arrays, reason):
    change(path, arrays)
    assert_refused(path, reason)


@pytest.mark.parametrize(
    ("architecture", "reason"),
    [
        ({"format": "course_utils network 99"}, "its format is 'course_utils network 99'"),
        ({"layers": [{"layer": "LSTM"}]}, "it has a layer 'LSTM'"),
        ({"layers": [{"layer": "Dense", "width": 3}]}, "width"),
        ({"layers": [{"layer": "Dense", "units": -3}]}, "units must be"),
        ({"layers": [{"layer": "Dense", "units": 10**15}]}, "Unable to allocate"),
        ({"layers": [{}]}, "layer"),
        ({"layers": ["Dense"]}, ""),
        ({"layers": []}, "layers must hold at least one layer"),
        ({"layers": None}, ""),
        ({"input_shape": 0}, "input_shape must be"),
        ({"input_shape": "four"}, "input_shape must be"),
        ({"dtype": "int64"}, "dtype must be"),
        ({"dtype": "bread"}, "bread"),
    ],
)
def test_an_architecture_that_makes_no_sense_is_refused(path, architecture, reason):
    change(path, **architecture)
    assert_refused(path, reason)


def test_a_crash_while_saving_leaves_the_old_file(path, monkeypatch):
    before = path.read_bytes()

    def crash(file, **arrays):
        file.write(b"half of it")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", crash)
    with pytest.raises(OSError, match="disk full"):
        small_network(seed=1).save(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_saving_again_replaces_the_file(path):
    net = small_network(seed=1)
    net.save(path)
    assert_array_equal(cu.Sequential.load(path).layers[0].W, net.layers[0].W)
    assert os.listdir(path.parent) == [path.name]


def test_a_layer_of_ones_own_is_saved_and_loaded(tmp_path, rng):
    class Square(cu.Layer):
        def forward(self, x, training=False):
            return x * x

    network = cu.Sequential([cu.Dense(3), Square()], input_shape=4, rng=rng)
    network.save(tmp_path / "net.npz")
    X = rng.normal(size=(5, 4))
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    np.testing.assert_array_equal(loaded.predict(X), network.predict(X))


def test_a_layer_named_like_one_of_the_course_is_not_saved(tmp_path, rng):
    own = type("ReLU", (cu.Layer,), {"forward": lambda self, x, training=False: x})
    network = cu.Sequential([own()], input_shape=4, rng=rng)
    with pytest.raises(ValueError, match="another layer is called ReLU too"):
        network.save(tmp_path / "net.npz")
    assert list(tmp_path.iterdir()) == []


# What would be lost


def assert_not_saved(net, path, reason):
    """Saving says why not, and leaves what is there as it is."""
    path.write_bytes(b"an old file")
    with pytest.raises(ValueError, match=reason):
        net.save(path)
    assert path.read_bytes() == b"an old file"
    assert os.listdir(path.parent) == [path.name]


class Scale(cu.Layer):
    settings = ("factor",)

    def __init__(self, factor=2):
        self.factor = factor

    def forward(self, x, training=False):
        return x * self.factor


@pytest.mark.parametrize("factor", [np.int64(3), np.float32(0.1), np.float64(0.1), np.bool_(True)])
def test_a_setting_that_is_a_numpy_number_is_saved(tmp_path, factor):
    net = network(Scale(factor))
    net.save(tmp_path / "net.npz")
    X = np.arange(8.0).reshape(2, 4)
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    assert_array_equal(loaded.forward(X), X * factor.item())


@pytest.mark.parametrize("factor", [np.arange(4.0), 2 + 1j, object()])
def test_a_setting_that_json_cannot_hold_is_not_saved(tmp_path, factor):
    net = network(Scale(factor))
    assert_not_saved(net, tmp_path / "net.npz", "layer 1, Scale: its setting factor must be a num")


def test_a_setting_that_is_no_attribute_is_not_saved(tmp_path):
    net = network(Scale())
    del net.layers[0].factor
    assert_not_saved(net, tmp_path / "net.npz", "layer 1, Scale: its settings name factor, which")


def test_an_argument_that_is_not_in_settings_is_not_saved(tmp_path):
    class Shift(cu.Layer):
        def __init__(self, by=1):
            self.by = by

        def forward(self, x, training=False):
            return x + self.by

    message = r"layer 2, Shift: its argument by would be lost: .* settings = \(\"by\", ...\)"
    assert_not_saved(network(cu.ReLU(), Shift(3)), tmp_path / "net.npz", message)
    net = network(Shift())  # as it is by default, it comes back without being named
    net.save(tmp_path / "net.npz")
    assert cu.Sequential.load(tmp_path / "net.npz").layers[0].by == 1


class Centre(cu.Layer):
    """It takes off the running mean of what it has seen in training."""

    def build(self, input_shape, rng, dtype):
        self.mean = np.zeros(input_shape, dtype)
        return input_shape

    def forward(self, x, training=False):
        if training:
            self.mean = 0.9 * self.mean + 0.1 * x.mean(axis=0)
        return x - self.mean


class CentreWithBuffer(Centre):
    buffer_names = ("mean",)


def test_running_means_that_are_not_named_are_not_saved(tmp_path):
    net = network(cu.Tanh(), Centre())
    net.save(tmp_path / "net.npz")  # nothing has been seen yet
    net.forward(np.ones((3, 4)), training=True)
    assert_not_saved(net, tmp_path / "net.npz", r"layer 2, Centre\(\), would give other numbers")


def test_running_means_that_are_named_are_saved(tmp_path, rng):
    net, X = network(CentreWithBuffer()), rng.normal(size=(5, 4))
    net.forward(X, training=True)
    net.save(tmp_path / "net.npz")
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    assert_array_equal(loaded.layers[0].mean, net.layers[0].mean)
    assert_array_equal(loaded.forward(X), net.forward(X))


def test_parameters_of_another_dtype_are_not_saved(tmp_path):
    net = small_network(dtype=np.float32)
    net.layers[0].W = net.layers[0].W.astype(np.float64)
    assert_not_saved(
        net, tmp_path / "net.npz", r"layer 1 W should be float32 \(4, 3\), it is float64"
    )


def test_parameters_of_another_shape_are_not_saved(tmp_path):
    net = small_network()
    net.layers[2].b = np.zeros(7)
    assert_not_saved(net, tmp_path / "net.npz", r"layer 3 b should be .* \(2,\), it is .* \(7,\)")


def test_parameters_that_are_not_named_are_not_saved(tmp_path):
    class Own(cu.Layer):
        parameters = [np.zeros(3)]  # noqa: RUF012

    assert_not_saved(network(Own()), tmp_path / "net.npz", "that parameter_names does not list")


def test_a_layer_of_random_numbers_is_saved(tmp_path):
    """It gives the same numbers after loading, if it is given the same generator."""

    class Noise(cu.Layer):
        def build(self, input_shape, rng, dtype):
            self.rng = rng
            return input_shape

        def forward(self, x, training=False):
            return x + self.rng.normal(size=x.shape)

    net = network(Noise())
    net.save(tmp_path / "net.npz")
    X, state = np.ones((2, 4)), net.rng.bit_generator.state
    loaded = cu.Sequential.load(tmp_path / "net.npz", rng=np.random.default_rng())
    loaded.rng.bit_generator.state = state
    assert_array_equal(loaded.forward(X), net.forward(X))


def test_saving_changes_nothing_in_the_network(tmp_path, rng):
    """Not the random numbers to come, nor what backward needs."""
    net, X = network(cu.Dense(3), cu.Dropout(0.5), cu.Dense(2)), rng.normal(size=(5, 4))
    net.forward(X, training=True)
    net.backward(np.ones((5, 2)))
    gradients, state = [g.copy() for g in net.gradients()], net.rng.bit_generator.state
    net.save(tmp_path / "net.npz")
    net.backward(np.ones((5, 2)))
    assert all(map(np.array_equal, net.gradients(), gradients))
    assert net.rng.bit_generator.state == state


def test_weights_that_are_nan_are_saved(tmp_path):
    net = small_network()
    net.layers[0].W[:] = np.nan
    net.save(tmp_path / "net.npz")
    assert_array_equal(cu.Sequential.load(tmp_path / "net.npz").layers[0].W, net.layers[0].W)


def test_a_network_of_layers_taken_over_is_saved(tmp_path, rng):
    old = small_network()
    net, X = network(*old.layers[:2], cu.Dense(5), seed=1), rng.normal(size=(3, 4))
    net.save(tmp_path / "net.npz")
    assert_array_equal(cu.Sequential.load(tmp_path / "net.npz").forward(X), net.forward(X))


def test_a_loaded_network_can_be_saved(path, tmp_path):
    again = tmp_path / "again.npz"
    cu.Sequential.load(path).save(again)
    assert again.read_bytes() == path.read_bytes()


# Odd paths


@pytest.mark.parametrize("path", [1, 1.5, None, ["net.npz"]])
def test_what_is_no_path_is_refused(path, capfd):
    """load(1) once closed the standard output."""
    message = "path must be a path such as .*, got " + re.escape(repr(path))
    with pytest.raises(TypeError, match=message):
        cu.Sequential.load(path)
    with pytest.raises(TypeError, match=message):
        small_network().save(path)
    os.write(1, b"still open")
    assert capfd.readouterr().out == "still open"


def test_a_device_is_neither_written_nor_read():
    with pytest.raises(ValueError, match="/dev/null is a device or a pipe: name a file"):
        small_network().save("/dev/null")
    assert_refused("/dev/zero", "it is a folder or a device")
    assert not os.path.isfile("/dev/null")


def test_a_folder_is_neither_written_nor_read(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder: name a file in it"):
        small_network().save(tmp_path)
    assert_refused(tmp_path, "it is a folder or a device")


def test_saving_to_a_link_keeps_the_link(path, tmp_path):
    link, net = tmp_path / "latest.npz", small_network(seed=1)
    link.symlink_to(path.name)
    net.save(link)
    assert link.is_symlink()
    assert_array_equal(cu.Sequential.load(path).layers[0].W, net.layers[0].W)


def test_a_read_only_file_is_kept(path):
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(PermissionError, match=r"net\.npz is read-only"):
        small_network(seed=1).save(path)
    assert path.read_bytes() == before


def test_load_refuses_a_seed(path):
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator"):
        cu.Sequential.load(path, rng=0)


# Hostile files: they are small, and must not become large


def peak_while_refused(path, reason):
    tracemalloc.start()
    try:
        assert_refused(path, reason)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_compressed_file_is_not_unpacked(path):
    with np.load(path) as file:
        content = dict(file)
    np.savez_compressed(path, **content | {"layer 1 W": np.zeros((4000, 4000))})
    assert path.stat().st_size < 2**20
    assert peak_while_refused(path, "it is compressed") < 2**24


def test_arrays_whose_header_promises_more_than_there_is_are_refused(path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("more.npy", header.getvalue())
    assert_refused(path)


@pytest.mark.parametrize(
    "layers",
    [
        [{"layer": "Dense", "units": 20_000}] * 2,
        [{"layer": "Dense", "units": 3}, {"layer": "ReLU"}, {"layer": "Dense", "units": 10**7}],
        [{"layer": "Block", "layers": [{"layer": "Dense", "units": 20_000}] * 2}],
    ],
)
def test_an_architecture_larger_than_its_arrays_is_refused(path, layers):
    change(path, layers=layers)
    assert peak_while_refused(path, "more numbers than the file holds") < 2**24


def test_a_large_convolution_without_its_kernels_is_refused(path):
    layers = [{"layer": "Conv2D", "filters": 10**7, "kernel_size": 9, "stride": 1, "padding": 0}]
    change(path, layers=layers, input_shape=[9, 9, 1])
    assert peak_while_refused(path, "more numbers than the file holds") < 2**24


@pytest.mark.parametrize("layer", ["BatchNorm", "LayerNorm"])
def test_normalization_of_more_features_than_there_are_is_refused(path, layer):
    change(path, layers=[{"layer": layer, "epsilon": 1e-5}], input_shape=[10**8])
    assert peak_while_refused(path, "more numbers than the file holds") < 2**24


@pytest.mark.parametrize("opening", ["[", '{"layers": [{"layer": "Block", "layers": ['])
def test_deeply_nested_json_is_refused(path, opening):
    np.savez(path, architecture=np.array(opening * 100_000))
    assert_refused(path)


def test_many_layers_are_loaded_at_once(tmp_path):
    """Each layer was once compared with all before it, and its kind looked up: a minute."""
    path = tmp_path / "net.npz"
    network(cu.ReLU()).save(path)
    change(path, layers=[{"layer": "ReLU"}] * 100_000)
    assert len(cu.Sequential.load(path).layers) == 100_000
