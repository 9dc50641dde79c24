"""Sequential: a network worked out by hand, shapes that must fit, layers taken over."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import course_utils as cu


def network(*layers, input_shape=4, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return cu.Sequential(list(layers), input_shape=input_shape, rng=rng, dtype=dtype)


def small_network(**options):
    return network(cu.Dense(3), cu.ReLU(), cu.Dense(2), **options)


def test_a_tiny_network_by_hand():
    """Two samples through 2 inputs, 3 ReLU units and 1 output: every number can be redone."""
    net = network(cu.Dense(3), cu.ReLU(), cu.Dense(1), input_shape=2)
    first, _, last = net.layers
    first.W[:], first.b[:] = [[1, -1, 0], [1, 0, 2]], [0, 3, -1]
    last.W[:], last.b[:] = [[1], [-2], [1]], [1]

    # Sample 1: z = (1 + 2, -1 + 3, 4 - 1) = (3, 2, 3), so a = (3, 2, 3).
    # Sample 2: z = (2 - 1, -2 + 3, -2 - 1) = (1, 1, -3), so a = (1, 1, 0).
    # Outputs: 3 - 4 + 3 + 1 = 3 and 1 - 2 + 0 + 1 = 0.
    X = np.array([[1.0, 2.0], [2.0, -1.0]])
    outputs = net.forward(X)
    assert_array_equal(outputs, [[3], [0]])

    # Differences to the targets: 3 - 1 = 2 and 0 - (-1) = 1; (4 + 1) / 2 = 2.5.
    # The gradient of their mean square is 2/2 · (2, 1).
    value, gradient = cu.mean_squared_error(outputs, [[1.0], [-1.0]])
    assert value == 2.5
    assert_array_equal(gradient, [[2], [1]])

    dX = net.backward(gradient, input_gradient=True)
    # dW = aᵀ dz: 3·2 + 1·1, 2·2 + 1·1, 3·2 + 0·1. db: 2 + 1.
    assert_array_equal(last.dW, [[7], [5], [6]])
    assert_array_equal(last.db, [3])
    # Back through W: 2·(1, -2, 1) = (2, -4, 2) and (1, -2, 1). ReLU closes sample 2's third
    # unit: (1, -2, 0). dW = Xᵀ dz; its first row is 1·2 + 2·1, 1·(-4) + 2·(-2), 1·2 + 2·0.
    assert_array_equal(first.dW, [[4, -8, 2], [3, -6, 4]])
    assert_array_equal(first.db, [3, -6, 2])
    # dX = dz Wᵀ: (2 + 4 + 0, 2 + 0 + 4) and (1 + 2 + 0, 1 + 0 + 0).
    assert_array_equal(dX, [[6, 6], [3, 1]])

    # One step of 0.1 against the gradient.
    cu.SGD(0.1).step(net.parameters(), net.gradients())
    assert_allclose(first.W, [[0.6, -0.2, -0.2], [0.7, 0.6, 1.6]])
    assert_allclose(first.b, [-0.3, 3.6, -1.2])
    assert_allclose(last.W, [[0.3], [-2.5], [0.4]])
    assert_allclose(last.b, [0.7])


def test_shapes_are_inferred():
    net = network(cu.Flatten(), cu.Dense(5), cu.ReLU(), cu.Dense(3), input_shape=(2, 3, 1))
    assert net.shapes == [(6,), (5,), (5,), (3,)]
    assert net.output_shape == (3,)
    assert [p.shape for p in net.parameters()] == [(6, 5), (5,), (5, 3), (3,)]


def test_parameter_count():
    assert small_network().parameter_count == (4 * 3 + 3) + (3 * 2 + 2)


def test_summary(capsys):
    network(cu.Flatten(), cu.Dense(200), cu.ReLU(), cu.Dense(10), input_shape=(2, 3, 1)).summary()
    assert capsys.readouterr().out == (
        "layer       output shape  parameters\n"
        "input       (N, 2, 3, 1)            \n"
        "Flatten()   (N, 6)                 0\n"
        "Dense(200)  (N, 200)           1,400\n"
        "ReLU()      (N, 200)               0\n"
        "Dense(10)   (N, 10)            2,010\n"
        "total                          3,410\n"
    )


def test_repr():
    assert repr(small_network()) == ("Sequential([Dense(3), ReLU(), Dense(2)], input_shape=(4,))")


def test_the_seed_decides_the_weights():
    first, again, other = (small_network(seed=seed).parameters() for seed in (5, 5, 6))
    assert all(map(np.array_equal, first, again))
    assert not np.array_equal(first[0], other[0])


def test_gradients_are_the_same_with_and_without_the_input_gradient(rng):
    net = network(cu.Flatten(), cu.Tanh(), cu.Dense(3), cu.Tanh(), cu.Dense(2), input_shape=(2, 2))
    net.forward(rng.normal(size=(5, 2, 2)))
    da = rng.normal(size=(5, 2))
    assert net.backward(da, input_gradient=True).shape == (5, 2, 2)
    with_input = [g.copy() for g in net.gradients()]
    assert net.backward(da) is None
    assert all(map(np.array_equal, net.gradients(), with_input))


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (cu.softmax_cross_entropy, np.array([0, 2, 1, 1, 0])),
        (cu.mean_squared_error, np.arange(15.0).reshape(5, 3)),
    ],
)
@pytest.mark.parametrize("activation", [cu.ReLU, cu.LeakyReLU, cu.Sigmoid, cu.Tanh])
def test_gradients_of_a_whole_network(loss, y, activation, rng):
    layers = [cu.Flatten(), cu.Dense(6), activation(), cu.Dropout(0.5), cu.Dense(4), activation()]
    net = network(*layers, cu.Dense(3), input_shape=(2, 4, 1))
    assert cu.check_gradients(net, loss, rng.normal(size=(5, 2, 4, 1)), y, tolerance=1e-7).passed


def test_gradients_of_a_logistic_unit(rng):
    net = network(cu.Dense(1))
    y = np.array([[0], [1], [1]])
    assert cu.check_gradients(net, cu.binary_cross_entropy, rng.normal(size=(3, 4)), y).passed


@pytest.mark.parametrize("rows", [1, 3, 7, 8])
def test_predict_is_forward_in_batches(rows, rng):
    net, X = small_network(), rng.normal(size=(rows, 4))
    assert_allclose(net.predict(X, batch_size=3), net.forward(X), rtol=1e-13)


def test_predict_takes_no_more_rows_at_once_than_told(monkeypatch):
    net, rows = small_network(), []
    forward = net.forward
    monkeypatch.setattr(net, "forward", lambda X: rows.append(len(X)) or forward(X))
    net.predict(np.zeros((7, 4)), batch_size=3)
    assert rows == [3, 3, 1]


def test_predict_runs_without_dropout(rng):
    net, X = network(cu.Dropout(0.5)), rng.normal(size=(5, 4))
    assert_array_equal(net.predict(X, batch_size=2), X)


def test_predict_classes(rng):
    net, X = small_network(), rng.normal(size=(20, 4))
    outputs = net.forward(X)
    assert_array_equal(net.predict_classes(X, batch_size=7), outputs[:, 1] > outputs[:, 0])


def test_classes_of_many_logits_and_of_one():
    assert_array_equal(cu.classes(np.array([[1, 5, 2], [7, 5, 2]])), [1, 0])
    assert_array_equal(cu.classes(np.array([[-1.0], [0.0], [2.0]])), [0, 0, 1])
    assert_array_equal(cu.classes(np.array([-1.0, 0.0, 2.0])), [0, 0, 1])


def test_forward_refuses_another_shape():
    with pytest.raises(ValueError, match=r"X must have shape \(N, 4\), got \(2, 5\)"):
        small_network().forward(np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"X must have shape \(N, 4\), got \(4,\)"):
        small_network().forward(np.zeros(4))


@pytest.mark.parametrize(("own", "other"), [("float64", "float32"), ("float32", "float64")])
def test_forward_refuses_another_dtype(own, other):
    with pytest.raises(TypeError, match=rf"X must be {own} .* got {other}: .*X.astype\(np.{own}\)"):
        small_network(dtype=own).forward(np.zeros((2, 4), other))


@pytest.mark.parametrize("batch_size", [0, -1, 2.5])
def test_predict_refuses_a_batch_size_below_1(batch_size):
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1"):
        small_network().predict(np.zeros((5, 4)), batch_size=batch_size)


def test_layers_that_do_not_fit_are_named_with_both_shapes():
    message = r"layer 2, Dense\(3\), does not fit .* shape \(28, 28, 1\): .* takes .* shape \(D,\)"
    with pytest.raises(ValueError, match=message):
        network(cu.ReLU(), cu.Dense(3), input_shape=(28, 28, 1))


def test_the_same_layer_twice_is_refused():
    relu = cu.ReLU()
    with pytest.raises(ValueError, match=r"layers must differ, got the same ReLU\(\) twice.* 3"):
        network(relu, cu.Dense(3), relu)


def test_something_else_than_a_layer_is_refused():
    with pytest.raises(TypeError, match="layers must hold layers, got 'relu' in place 2"):
        network(cu.Dense(3), "relu")


def test_no_layers_are_refused():
    with pytest.raises(ValueError, match="layers must hold at least one layer, got none"):
        network()


@pytest.mark.parametrize("input_shape", [0, (), (28, 0), (28, -1), (2.5,)])
def test_an_impossible_input_shape_is_refused(input_shape):
    message = "input_shape must be the shape of one sample.*got " + re.escape(repr(input_shape))
    with pytest.raises(ValueError, match=message):
        small_network(input_shape=input_shape)


@pytest.mark.parametrize("dtype", ["int64", "float16"])
def test_another_dtype_than_the_two_is_refused(dtype):
    with pytest.raises(ValueError, match=f"dtype must be float32 or float64, got {dtype}"):
        small_network(dtype=dtype)


@pytest.mark.parametrize("rng", [0, None, np.random.default_rng])
def test_a_seed_is_no_generator(rng):
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator"):
        cu.Sequential([cu.Dense(3)], input_shape=4, rng=rng)


@pytest.mark.parametrize("more", [(), (cu.ReLU(),)], ids=["one", "two"])
def test_layers_without_a_list_are_told_to_be_one(more):
    inside = ", ".join(map(repr, (cu.Dense(2), *more)))
    with pytest.raises(TypeError, match=re.escape(f"got {inside}: write [{inside}]")):
        cu.Sequential(cu.Dense(2), *more, input_shape=4, rng=np.random.default_rng(0))


def test_what_is_no_list_is_refused():
    with pytest.raises(TypeError, match="layers must be a list of layers, got 3"):
        cu.Sequential(3, input_shape=4, rng=np.random.default_rng(0))


def test_an_initializer_of_another_dtype_is_refused():
    """Such a float32 network once computed in float64, and saved what could not be loaded."""
    dense = cu.Dense(3, initializer=lambda shape, rng, dtype: rng.normal(size=shape))
    with pytest.raises(TypeError, match=r"layer 2, Dense\(3\): W must be float32 .* got float64"):
        network(cu.ReLU(), dense, dtype=np.float32)


def test_many_layers_are_built_at_once():
    """Each layer was once compared with all before it: a minute for these."""
    layers = [cu.ReLU() for _ in range(100_000)]
    assert len(network(*layers).layers) == 100_000
    with pytest.raises(ValueError, match=r"the same ReLU\(\) twice, in place 100001"):
        network(*layers, layers[0])


# What comes in and goes out


def test_predict_of_no_rows():
    net = network(cu.Conv2D(2, 2), cu.Flatten(), cu.Dense(3), input_shape=(4, 5, 1))
    assert net.predict(np.zeros((0, 4, 5, 1))).shape == (0, 3)
    assert net.predict_classes(np.zeros((0, 4, 5, 1))).tolist() == []
    with pytest.raises(ValueError, match=r"X must have shape \(N, 4, 5, 1\), got \(0, 4\)"):
        net.predict(np.zeros((0, 4)))


def test_forward_refuses_no_rows():
    with pytest.raises(ValueError, match="X must have at least one row, got none"):
        small_network().forward(np.zeros((0, 4)))


@pytest.mark.parametrize("call", ["forward", "predict", "predict_classes"])
def test_a_masked_array_is_refused(call):
    X = np.ma.masked_less(np.arange(8.0).reshape(2, 4), 3)
    with pytest.raises(TypeError, match="X must not be a masked array"):
        getattr(small_network(), call)(X)


def test_predict_refuses_what_is_no_batch():
    with pytest.raises(ValueError, match=r"X must have shape \(N, 4\), got \(\)"):
        small_network().predict(3.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_has_no_class(dtype):
    """It was once class 0: the class of the images with the most certain answer."""
    net, X = small_network(dtype=dtype), np.ones((5, 4), dtype)
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="outputs must be numbers, got nan in row 3"):
        net.predict_classes(X)


@pytest.mark.parametrize("outputs", [[0.5, np.nan], [[0.5], [np.nan]], [[1, 2, 3], [1, np.nan, 9]]])
def test_nan_among_outputs_has_no_class(outputs):
    with pytest.raises(ValueError, match="got nan in row 1, which has no class"):
        cu.classes(np.array(outputs))


def test_an_infinite_logit_has_a_class():
    assert_array_equal(cu.classes(np.array([[0, np.inf], [-np.inf, -1], [np.inf, 1]])), [1, 1, 0])


def test_backward_before_forward_is_told_so():
    with pytest.raises(RuntimeError, match="call forward first"):
        small_network().backward(np.ones((1, 2)))


@pytest.mark.parametrize("shape", [(1, 2), (5, 1), (2,), (), (5, 2, 1)])
def test_a_gradient_of_another_shape_is_refused(shape):
    net = small_network()
    net.forward(np.ones((5, 4)))
    message = re.escape(f"gradient must have shape (5, 2), got {shape}")
    with pytest.raises(ValueError, match=message):
        net.backward(np.ones(shape))


def test_a_masked_gradient_is_refused():
    net = small_network()
    net.forward(np.ones((5, 4)))
    with pytest.raises(TypeError, match="gradient must not be a masked array"):
        net.backward(np.ma.masked_greater(np.ones((5, 2)), 0))


# Layers that are taken over from another network


def everything(net):
    """A copy of all arrays of a network, with the state of its generator."""
    return [p.copy() for p in net.parameters()], net.rng.bit_generator.state


def assert_unchanged(net, before):
    arrays, state = before
    assert all(map(np.array_equal, net.parameters(), arrays))
    assert net.rng.bit_generator.state == state


@pytest.fixture
def trained(rng):
    """A network whose numbers an initializer would not give."""
    net = network(cu.Dense(3), cu.ReLU(), cu.Dropout(0.5), cu.Dense(2))
    for parameter in net.parameters():
        parameter += rng.normal(size=parameter.shape)
    return net


def test_layers_taken_over_keep_their_weights(trained, rng):
    before, X = everything(trained), rng.normal(size=(6, 4))
    new = network(*trained.layers[:2], cu.Dense(5), seed=1)
    assert new.shapes == [(3,), (3,), (5,)]
    assert_array_equal(new.layers[0].W, trained.layers[0].W)
    assert_array_equal(new.layers[0].b, trained.layers[0].b)
    expected = np.maximum(X @ trained.layers[0].W + trained.layers[0].b, 0)
    assert_array_equal(new.layers[1].forward(new.layers[0].forward(X)), expected)
    assert_unchanged(trained, before)


def test_training_the_new_network_leaves_the_old_one(trained, rng):
    new = network(*trained.layers[:3], cu.Dense(5), seed=1)
    before, first = everything(trained), new.layers[0].W.copy()
    X, y = rng.normal(size=(20, 4)), rng.integers(5, size=20)
    cu.train(
        new,
        X,
        y,
        loss=cu.softmax_cross_entropy,
        optimizer=cu.SGD(0.1),
        epochs=2,
        batch_size=8,
        rng=np.random.default_rng(3),
    )
    assert not np.array_equal(new.layers[0].W, first)
    assert_unchanged(trained, before)


def test_training_the_old_network_leaves_the_new_one(trained):
    new = network(*trained.layers[:2], seed=1)
    before = everything(new)
    for parameter in trained.parameters():
        parameter += 1
    assert_unchanged(new, before)


@pytest.mark.parametrize(
    ("more", "options", "error", "message"),
    [
        ([cu.Conv2D(2, 2)], {}, ValueError, r"layer 3, Conv2D"),
        (["relu"], {}, TypeError, "got 'relu' in place 3"),
        (
            [cu.Dense(5)],
            {"input_shape": 7},
            ValueError,
            r"has W of shape \(4, 3\) .* need \(7, 3\)",
        ),
        ([cu.Dense(5)], {"input_shape": (2, 2)}, ValueError, r"layer 1, Dense\(3\)"),
        ([cu.Dense(5)], {"input_shape": 0}, ValueError, "input_shape"),
        ([cu.Dense(5)], {"dtype": "int64"}, ValueError, "dtype"),
        ([cu.Dense(5, initializer=lambda *_: 1 / 0)], {}, ZeroDivisionError, "division"),
    ],
)
def test_a_constructor_that_raises_leaves_the_old_network(trained, more, options, error, message):
    before, layers = everything(trained), list(trained.layers)
    with pytest.raises(error, match=message):
        network(*trained.layers[:2], *more, **options)
    assert_unchanged(trained, before)
    assert trained.layers == layers
    assert trained.shapes == [(3,), (3,), (3,), (2,)]


def test_after_a_failure_new_layers_can_be_used_again():
    dense = cu.Dense(3)
    with pytest.raises(ValueError, match="layer 2"):
        network(dense, cu.Conv2D(2, 2))
    assert network(dense, input_shape=5).layers[0].W.shape == (5, 3)


def test_layers_taken_over_in_another_dtype(trained):
    before = everything(trained)
    new = network(*trained.layers, dtype=np.float32)
    assert {p.dtype for p in new.parameters()} == {np.dtype(np.float32)}
    assert_array_equal(new.layers[0].W, trained.layers[0].W.astype(np.float32))
    assert new.forward(np.ones((2, 4), np.float32)).dtype == np.float32
    assert_unchanged(trained, before)


def test_layers_taken_over_twice_are_two_copies(trained):
    one, two = (network(*trained.layers, seed=seed) for seed in (1, 2))
    one.layers[0].W += 1
    assert_array_equal(two.layers[0].W, trained.layers[0].W)


def test_dropout_taken_over_draws_from_the_new_generator(trained):
    new, before = network(*trained.layers, seed=7), everything(trained)
    new.forward(np.ones((5, 4)), training=True)
    assert new.layers[2].rng is new.rng
    assert trained.layers[2].rng is trained.rng
    assert_unchanged(trained, before)


def test_a_loaded_dropout_taken_over_can_be_trained(trained, tmp_path):
    trained.save(tmp_path / "net.npz")
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    new = network(*loaded.layers)
    assert new.forward(np.ones((5, 4)), training=True).shape == (5, 2)


def test_convolutions_taken_over_keep_their_kernels(rng):
    old = network(cu.Conv2D(3, 2), cu.ReLU(), cu.Flatten(), cu.Dense(2), input_shape=(6, 5, 2))
    old.layers[0].W += rng.normal(size=old.layers[0].W.shape)
    before, X = everything(old), rng.normal(size=(4, 8, 7, 2))
    new = network(*old.layers[:2], cu.Flatten(), cu.Dense(5), input_shape=(8, 7, 2), seed=1)
    assert_array_equal(new.layers[0].W, old.layers[0].W)
    kernels = old.layers[0].W, old.layers[0].b
    assert_allclose(new.layers[0].forward(X), cu.conv2d(X, *kernels), rtol=1e-10, atol=1e-12)
    assert_unchanged(old, before)


class Twice(cu.Layer):
    """A layer that holds another one."""

    def __init__(self, inner):
        self.inner = inner

    def build(self, input_shape, rng, dtype):
        return self.inner.build(input_shape, rng, dtype)

    def forward(self, x, training=False):
        return 2 * self.inner.forward(x, training)


def test_a_layer_within_a_new_layer_is_not_drawn_anew(trained):
    before = everything(trained)
    with pytest.raises(ValueError, match=r"holds Dense\(3\), which a network has built already"):
        network(Twice(trained.layers[0]))
    assert_unchanged(trained, before)


def test_a_layer_within_a_layer_is_taken_over_as_a_copy():
    old = network(Twice(cu.Dense(3)))
    inner = old.layers[0].inner
    weights = inner.W.copy()
    new = network(inner, seed=1)
    assert_array_equal(new.layers[0].W, weights)
    new.layers[0].W += 1
    assert_array_equal(inner.W, weights)


def test_a_layer_that_cannot_be_copied_is_refused(trained):
    trained.layers[1].notes = (x for x in ())
    before = everything(trained)
    with pytest.raises(ValueError, match="layers of a network already, and cannot be copied"):
        network(*trained.layers[:2])
    assert_unchanged(trained, before)
