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
