"""Blocks of layers, parameters that layers share, and networks that wait for their first batch."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from three_clouds import three_clouds, train

import course_utils as cu


def network(*layers, input_shape=4, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return cu.Sequential(list(layers), input_shape=input_shape, rng=rng, dtype=dtype)


def nested(**options):
    inner = cu.Residual([cu.Dense(3), cu.Tanh()])
    return network(cu.Dense(3), cu.Block([cu.ReLU(), inner]), cu.Dense(2), **options)


# Blocks


def test_residual_by_hand():
    net = network(cu.Residual([cu.Dense(2)]), input_shape=2)
    dense = net.layers[0].layers[0]
    dense.W[:], dense.b[:] = [[1, 2], [3, 4]], [10, 20]
    # 1·1 + 1·3 + 10 = 14 and 1·2 + 1·4 + 20 = 26, each plus 1.
    assert_array_equal(net.forward(np.ones((1, 2))), [[15, 27]])
    # Through the weights (1·1 + 0·2, 1·3 + 0·4), around them (1, 0).
    assert_array_equal(net.backward(np.array([[1.0, 0.0]]), input_gradient=True), [[2, 3]])
    assert_array_equal(dense.dW, [[1, 0], [1, 0]])


def test_parameters_within_blocks_belong_to_the_network():
    net = nested()
    assert [p.shape for p in net.parameters()] == [(4, 3), (3,), (3, 3), (3,), (3, 2), (2,)]
    assert net.parameter_count == 15 + 12 + 8
    assert net.shapes == [(3,), (3,), (2,)]
    block = net.layers[1]
    assert net.parameters()[2] is block.layers[1].layers[0].W
    assert repr(block) == "Block([ReLU(), Residual([Dense(3), Tanh()])])"


def test_gradients_of_blocks_within_blocks(rng):
    X, y = rng.normal(size=(6, 4)), np.array([0, 1, 1, 0, 1, 0])
    check = cu.check_gradients(nested(), cu.softmax_cross_entropy, X, y)
    assert check.passed
    assert "W of layer 2.2.1" in check.errors


def test_a_block_of_blocks_is_its_layers_in_a_row(rng):
    in_blocks = network(cu.Block([cu.Block([cu.Dense(3), cu.ReLU()]), cu.Dense(2)]))
    in_a_row = network(cu.Dense(3), cu.ReLU(), cu.Dense(2))
    X, da = rng.normal(size=(5, 4)), rng.normal(size=(5, 2))
    assert_array_equal(in_blocks.forward(X), in_a_row.forward(X))
    assert_array_equal(*(n.backward(da, input_gradient=True) for n in (in_blocks, in_a_row)))
    assert all(map(np.array_equal, in_blocks.gradients(), in_a_row.gradients()))


def test_dropout_within_a_block_is_off_outside_training(rng):
    net = network(cu.Block([cu.Dropout(0.5), cu.Residual([cu.Dropout(0.5)])]))
    X = rng.normal(size=(50, 4))
    assert_array_equal(net.forward(X), 2 * X)
    assert (net.forward(X, training=True) == 0).any()


def test_workers_learn_what_one_learns():
    X, y = three_clouds(rows=91)
    alone, shared = nested(input_shape=2), nested(input_shape=2)
    for net, workers in ((alone, 1), (shared, 2)):
        y_two = y % 2
        train(net, X, y_two, epochs=2, batch_size=20, workers=workers)
    for one, other in zip(shared.parameters(), alone.parameters(), strict=True):
        assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_blocks_are_saved_and_loaded(tmp_path, rng):
    net = nested()
    net.save(tmp_path / "net.npz")
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    assert repr(loaded) == repr(net)
    X = rng.normal(size=(5, 4))
    assert_array_equal(loaded.forward(X), net.forward(X))
    with np.load(tmp_path / "net.npz") as file:
        assert "layer 2.2.1 W" in file.files
        architecture = json.loads(str(file["architecture"]))
    residual = {"layer": "Residual", "layers": [{"layer": "Dense", "units": 3}, {"layer": "Tanh"}]}
    assert architecture["layers"][1] == {"layer": "Block", "layers": [{"layer": "ReLU"}, residual]}


def test_a_setting_within_a_block_that_cannot_be_saved_is_named(tmp_path):
    class Odd(cu.Layer):
        settings = ("what",)

        def __init__(self, what):
            self.what = what

        def forward(self, x, training=False):
            return x

    with pytest.raises(ValueError, match=r"layer 1\.2, Odd: its setting what must be"):
        network(cu.Block([cu.ReLU(), Odd({1, 2})])).save(tmp_path / "net.npz")


def test_blocks_taken_over_keep_their_weights(rng):
    old = nested()
    before = [p.copy() for p in old.parameters()]
    X = rng.normal(size=(5, 4))
    new = network(*old.layers, seed=1)
    assert_array_equal(new.forward(X), old.forward(X))
    single = network(*old.layers, seed=1, dtype=np.float32)
    assert {p.dtype for p in single.parameters()} == {np.dtype(np.float32)}
    assert_allclose(single.forward(X.astype(np.float32)), old.forward(X), rtol=1e-4, atol=1e-5)
    for parameter in new.parameters():
        parameter += 1
    assert all(map(np.array_equal, old.parameters(), before))


def test_what_does_not_fit_within_a_block_is_named():
    message = r"layer 2, Block.* gives shape \(3,\): layer 1, Conv2D"
    with pytest.raises(ValueError, match=message):
        network(cu.Dense(3), cu.Block([cu.Conv2D(2, 2)]))
    with pytest.raises(ValueError, match=r"give shape \(5,\), which cannot be added to .* \(4,\)"):
        network(cu.Residual([cu.Dense(5)]))
    net = nested()
    net.forward(np.ones((5, 4)))
    with pytest.raises(ValueError, match=r"da must have shape \(5, 3\)"):
        net.layers[1].backward(np.ones((5, 2)))


def test_what_is_no_list_of_layers_is_refused():
    with pytest.raises(TypeError, match=r"layers must be a list of layers, got Dense\(3\)"):
        cu.Residual(cu.Dense(3))
    with pytest.raises(ValueError, match="at least one layer"):
        cu.Block([])
    with pytest.raises(TypeError, match=r"got Sequential\(.* in place 1: a Block\(\[...\]\) is"):
        network(nested())
    dense = cu.Dense(4)
    with pytest.raises(ValueError, match=r"same Dense\(4\) twice, in place 2\.1"):
        network(dense, cu.Residual([dense]))


class Gate(cu.Layer):
    """A block of one's own: x times sigmoid(x W + b)."""

    def build(self, input_shape, rng, dtype):
        self.layers = [cu.Dense(*input_shape), cu.Sigmoid()]
        for layer in self.layers:
            layer.build(input_shape, rng, dtype)
        return input_shape

    def forward(self, x, training=False):
        self.x, gate = x, x
        for layer in self.layers:
            gate = layer.forward(gate, training)
        self.gate = gate
        return x * gate

    def backward(self, da):
        back = da * self.x
        for layer in reversed(self.layers):
            back = layer.backward(back)
        return da * self.gate + back


def test_a_block_of_ones_own(tmp_path, rng):
    net = network(Gate(), cu.Dense(2))
    X, y = rng.normal(size=(6, 4)), np.array([0, 1, 1, 0, 1, 0])
    assert cu.check_gradients(net, cu.softmax_cross_entropy, X, y).passed
    net.save(tmp_path / "net.npz")
    assert_array_equal(cu.Sequential.load(tmp_path / "net.npz").forward(X), net.forward(X))
    shared, alone = network(Gate(), cu.Dense(2)), network(Gate(), cu.Dense(2))
    train(alone, X, y, epochs=1, batch_size=6)
    train(shared, X, y, epochs=1, batch_size=6, workers=2)
    for one, other in zip(shared.parameters(), alone.parameters(), strict=True):
        assert_allclose(one, other, rtol=1e-9)


# Shared parameters


def sharing(**options):
    net = network(cu.Dense(4), cu.Tanh(), cu.Dense(4), cu.Residual([cu.Dense(4)]), **options)
    net.layers[2].W = net.layers[0].W
    net.layers[3].layers[0].W = net.layers[0].W
    return net


def test_a_shared_parameter_counts_once(capsys):
    net = sharing()
    assert [p.shape for p in net.parameters()] == [(4, 4), (4,), (4,), (4,)]
    assert net.parameter_count == 16 + 3 * 4
    net.summary()
    counts = [line.split()[-1] for line in capsys.readouterr().out.splitlines()[2:]]
    assert counts == ["20", "0", "4", "4", "28"]


def test_gradients_of_a_shared_parameter_add_up(rng):
    net, apart = sharing(), sharing()
    apart.layers[2].W = apart.layers[2].W.copy()
    apart.layers[3].layers[0].W = apart.layers[0].W.copy()
    X, da = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    for one in (net, apart):
        one.forward(X)
        one.backward(da)
    assert len(net.gradients()) == 4
    dW = [g for g in apart.gradients() if g.ndim == 2]
    assert_allclose(net.gradients()[0], dW[0] + dW[1] + dW[2], rtol=1e-12)
    check = cu.check_gradients(net, cu.softmax_cross_entropy, X, np.array([0, 3, 1, 1, 2]))
    assert check.passed
    assert list(check.errors) == ["X", "W of layer 1"] + [
        f"b of layer {n}" for n in ("1", "3", "4.1")
    ]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("make", [lambda: cu.SGD(0.1, momentum=0.9), lambda: cu.Adam(0.01)])
def test_a_shared_parameter_is_learned_once_a_step(make, workers):
    X, y = three_clouds(rows=40)
    X = np.hstack([X, X])
    by_hand, trained = sharing(), sharing()
    train(trained, X, y, epochs=1, batch_size=40, optimizer=make(), workers=workers)
    _, gradient = cu.softmax_cross_entropy(by_hand.forward(X), y)
    by_hand.backward(gradient)
    make().step(by_hand.parameters(), by_hand.gradients())
    assert trained.layers[2].W is trained.layers[0].W
    for one, other in zip(trained.parameters(), by_hand.parameters(), strict=True):
        assert_allclose(one, other, rtol=1e-6)


def test_what_is_shared_is_saved_once_and_loaded_shared(tmp_path, rng):
    net, path = sharing(), tmp_path / "net.npz"
    net.save(path)
    with np.load(path) as file:
        assert sum(file[name].shape == (4, 4) for name in file.files) == 1
    loaded = cu.Sequential.load(path)
    assert loaded.layers[2].W is loaded.layers[0].W
    assert loaded.layers[3].layers[0].W is loaded.layers[0].W
    X = rng.normal(size=(5, 4))
    assert_array_equal(loaded.forward(X), net.forward(X))
    assert loaded.parameter_count == net.parameter_count


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_taken_over_share_what_they_shared(dtype):
    old = sharing()
    new = network(*old.layers, dtype=dtype, seed=1)
    assert new.layers[2].W is new.layers[0].W
    assert new.layers[0].W is not old.layers[0].W
    assert_array_equal(new.layers[2].W, old.layers[0].W.astype(dtype))


@pytest.mark.parametrize(
    "shared",
    [{"layer 3 W": "layer 9 W"}, {"layer 7 W": "layer 1 W"}, {"layer 3 b": "layer 1 W"}, [1], 3],
)
def test_a_file_that_shares_what_cannot_be_shared_is_refused(shared, tmp_path):
    path = tmp_path / "net.npz"
    sharing().save(path)
    with np.load(path) as file:
        arrays = dict(file)
    architecture = json.loads(str(arrays["architecture"])) | {"shared": shared}
    np.savez(path, **(arrays | {"architecture": np.array(json.dumps(architecture))}))
    with pytest.raises(ValueError, match="cannot be read"):
        cu.Sequential.load(path)


# Deferred initialisation


def waiting(*layers, **options):
    layers = layers or (cu.Flatten(), cu.Dense(3), cu.ReLU(), cu.Dense(2))
    return network(*layers, input_shape=None, **options)


def test_the_first_batch_gives_the_shape(rng):
    X = rng.normal(size=(5, 2, 3))
    net, told = (
        waiting(),
        network(cu.Flatten(), cu.Dense(3), cu.ReLU(), cu.Dense(2), input_shape=(2, 3)),
    )
    assert net.input_shape is None
    assert_array_equal(net.forward(X), told.forward(X))
    assert (net.input_shape, net.shapes) == ((2, 3), told.shapes)
    with pytest.raises(ValueError, match=r"X must have shape \(N, 2, 3\), got \(5, 7\)"):
        net.forward(np.ones((5, 7)))


def test_other_ways_to_be_built(rng):
    X, y = rng.normal(size=(6, 4)), np.array([0, 1, 1, 0, 1, 0])
    assert waiting().predict(X, batch_size=2).shape == (6, 2)
    built = waiting()
    built.build(4)
    assert built.parameter_count == 5 * 3 + 4 * 2
    trained, told = waiting(), network(cu.Flatten(), cu.Dense(3), cu.ReLU(), cu.Dense(2))
    histories = [
        train(net, X, y, epochs=2, batch_size=4, validation=(X, y), workers=workers)
        for net, workers in ((trained, 1), (told, 1), (waiting(), 2))
    ]
    assert histories[0] == histories[1]
    assert_allclose(histories[2].loss, histories[1].loss)


@pytest.mark.parametrize(
    "use",
    [
        lambda net: net.parameters(),
        lambda net: net.gradients(),
        lambda net: net.arrays(),
        lambda net: net.summary(),
        lambda net: net.save("net.npz"),
        lambda net: net.output_shape,
        lambda net: net.parameter_count,
    ],
)
def test_before_the_first_batch_there_are_no_parameters(use):
    with pytest.raises(RuntimeError, match=r"no parameters yet: the first forward .* build\("):
        use(waiting())


def test_a_layer_of_it_says_that_it_is_not_built():
    with pytest.raises(AttributeError, match="Dense has no 'W', or not yet"):
        waiting().layers[1].W  # noqa: B018
    with pytest.raises(RuntimeError, match="call forward first"):
        waiting().backward(np.ones((2, 2)))


def test_a_first_batch_that_does_not_fit_can_be_followed_by_another(rng):
    net = waiting(cu.Dense(3))
    with pytest.raises(ValueError, match="put Flatten"):
        net.forward(np.ones((5, 2, 3)))
    with pytest.raises(ValueError, match=r"X must be a batch, of shape \(N, ...\), got \(5,\)"):
        net.forward(np.ones(5))
    with pytest.raises(TypeError, match="X must be float64"):
        net.forward(np.ones((5, 4), np.float32))
    assert net.input_shape is None
    assert net.forward(np.ones((5, 2))).shape == (5, 3)
    with pytest.raises(ValueError, match=r"built already, for inputs of shape \(2,\)"):
        net.build(3)


def test_layers_of_another_network_come_in_as_copies():
    old = network(cu.Dense(3), cu.ReLU())
    weights = old.layers[0].W.copy()
    new = waiting(*old.layers, cu.Dense(2), seed=1)
    old.layers[0].W += 1
    new.forward(np.ones((5, 4)))
    assert_array_equal(new.layers[0].W, weights)
    assert new.layers[0] is not old.layers[0]


def test_two_networks_that_wait_with_the_same_layers_are_two():
    layers = [cu.Dense(3), cu.ReLU()]
    one, two = waiting(*layers), waiting(*layers, seed=1)
    one.forward(np.ones((5, 4)))
    two.forward(np.ones((5, 4)))
    one.layers[0].W += 1
    assert not np.allclose(two.layers[0].W, one.layers[0].W)


def test_a_network_that_waited_is_saved(tmp_path):
    net = waiting()
    net.forward(np.ones((5, 2, 3)))
    net.save(tmp_path / "net.npz")
    assert cu.Sequential.load(tmp_path / "net.npz").input_shape == (2, 3)
