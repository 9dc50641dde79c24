"""BatchNorm and LayerNorm: by hand, against differences, saved, and the same with any workers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from three_clouds import three_clouds, train

import course_utils as cu
from course_utils.workers import shared_among


def built(layer, shape, dtype=np.float64):
    layer.build(shape, np.random.default_rng(1), dtype)
    return layer


def test_batch_norm_by_hand():
    """Features (1, 3) and (10, 10): means 2 and 10, variances 1 and 0."""
    layer = built(cu.BatchNorm(momentum=0.75, epsilon=3), (2,))
    layer.gamma[:], layer.beta[:] = [10, 10], [5, 7]
    x = np.array([[1.0, 10.0], [3.0, 10.0]])
    # std = √(1 + 3) = 2, so x̂ = -0.5, 0.5; and 0 where all are alike.
    assert_array_equal(layer.forward(x, training=True), [[0, 7], [10, 7]])
    # 0.75 · 0 + 0.25 · mean; of the variances with n - 1 = 1 below, 2 and 0: 0.75 · 1 + 0.25 · 2.
    assert_array_equal(layer.running_mean, [0.5, 2.5])
    assert_array_equal(layer.running_variance, [1.25, 0.75])
    layer.running_mean, layer.running_variance = np.array([1.0, 2.0]), np.array([1.0, 6.0])
    # Outside training (x - (1, 2)) / (2, 3).
    assert_allclose(layer.forward(x), [[5, 7 + 80 / 3], [15, 7 + 80 / 3]])


def test_layer_norm_by_hand():
    layer = built(cu.LayerNorm(epsilon=3), (2,))
    layer.gamma[:], layer.beta[:] = [10, 20], [5, 7]
    x = np.array([[1.0, 3.0], [10.0, 10.0]])
    for training in (True, False):
        assert_array_equal(layer.forward(x, training), [[0, 17], [5, 7]])


@pytest.mark.parametrize("shape", [(5, 4), (3, 4, 2, 5)])
def test_batch_norm_normalizes_each_feature_over_the_batch(shape, rng):
    x = rng.normal(3, 10, shape)
    z = built(cu.BatchNorm(), shape[1:]).forward(x, training=True)
    rows = tuple(range(len(shape) - 1))
    assert_allclose(z.mean(axis=rows), 0, atol=1e-12)
    assert_allclose(z.std(axis=rows), 1, rtol=1e-5)


@pytest.mark.parametrize("shape", [(5, 4), (3, 4, 2, 5)])
@pytest.mark.parametrize("make", [cu.BatchNorm, cu.LayerNorm])
def test_gradients_in_training_agree_with_differences(make, shape, rng):
    layer = built(make(), shape[1:])
    for parameter in layer.parameters:
        parameter += rng.normal(size=parameter.shape)
    x, dz = rng.normal(size=shape), rng.normal(size=shape)

    def value(_):
        return np.sum(layer.forward(x, training=True) * dz)

    layer.forward(x, training=True)
    dx = layer.backward(dz)
    exact = [dx, *(gradient.copy() for gradient in layer.gradients)]
    for array, gradient in zip([x, *layer.parameters], exact, strict=True):
        assert cu.relative_error(gradient, cu.numerical_gradient(value, array)) < 1e-7


def test_running_means_come_to_those_of_the_data(rng):
    layer = built(cu.BatchNorm(momentum=0.99), (3,))
    for _ in range(1000):
        layer.forward(rng.normal([1, -2, 30], [1, 2, 5], (100, 3)), training=True)
    assert_allclose(layer.running_mean, [1, -2, 30], atol=0.1)
    assert_allclose(layer.running_variance, [1, 4, 25], rtol=0.05)


def test_evaluation_leaves_the_running_means(rng):
    layer = built(cu.BatchNorm(), (3,))
    layer.forward(rng.normal(size=(5, 3)), training=True)
    mean, variance = layer.running_mean.copy(), layer.running_variance.copy()
    x = rng.normal(size=(5, 3))
    together, one_by_one = layer.forward(x), [layer.forward(x[i : i + 1])[0] for i in range(5)]
    assert_array_equal(together, one_by_one)
    assert_array_equal(layer.running_mean, mean)
    assert_array_equal(layer.running_variance, variance)


def test_a_batch_of_one_row_has_no_variance():
    layer = built(cu.BatchNorm(), (3,))
    with pytest.raises(ValueError, match=r"BatchNorm\(0.9, 1e-05\) needs two rows .* batch_size"):
        layer.forward(np.ones((1, 3)), training=True)
    layer.forward(np.ones((1, 3)))
    images = built(cu.BatchNorm(), (2, 2, 3))
    images.forward(np.ones((1, 2, 2, 3)), training=True)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cu.BatchNorm(momentum=1), "momentum must be a number at least 0 and below 1"),
        (lambda: cu.BatchNorm(epsilon=0), "epsilon must be a number above 0"),
        (lambda: cu.LayerNorm(epsilon=-1), "epsilon must be a number above 0"),
    ],
)
def test_settings_out_of_range_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def normalized(dtype=np.float64):
    layers = [cu.Dense(8), cu.BatchNorm(), cu.ReLU(), cu.Dense(8), cu.LayerNorm(), cu.ReLU()]
    layers = [*layers, cu.Residual([cu.Dense(8), cu.BatchNorm(0.8), cu.ReLU()]), cu.Dense(3)]
    return cu.Sequential(layers, input_shape=2, rng=np.random.default_rng(1), dtype=dtype)


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_learn_what_one_learns(workers):
    """Each has its part of the rows, and the mean and variance of all of them."""
    X, y = three_clouds(rows=92)  # the last batch has two rows
    alone, shared = normalized(), normalized()
    history = train(alone, X, y, batch_size=30, epochs=3)
    shared_history = train(shared, X, y, batch_size=30, epochs=3, workers=workers)
    assert_allclose(shared_history.loss, history.loss, rtol=1e-10)
    for one, other in zip(shared.arrays(), alone.arrays(), strict=True):
        assert_allclose(one, other, rtol=1e-8, atol=1e-12)
    for one, other in zip(shared.gradients(), alone.gradients(), strict=True):
        assert_allclose(one, other, rtol=1e-8, atol=1e-12)
    assert len(alone.arrays()) == len(alone.parameters()) + 4


def test_a_worker_that_fails_is_not_waited_for():
    class Failing(cu.Layer):
        def forward(self, x, training=False):
            if training and (x == 7).any():
                raise ZeroDivisionError("in a worker")
            return x

        def backward(self, da):
            return da

    layers = [Failing(), cu.BatchNorm(), cu.Dense(3)]
    net = cu.Sequential(layers, input_shape=2, rng=np.random.default_rng(1))
    for row in (0, 3):  # in the part of the first worker, and of the second
        X = np.ones((4, 2))
        X[row] = 7
        with shared_among(2, net) as shared, pytest.raises(ZeroDivisionError, match="in a worker"):
            shared.forward(X, training=True)


def test_training_and_evaluation_are_apart(rng):
    X, y = three_clouds()
    net = normalized()
    train(net, X, y, epochs=3)
    assert_allclose(net.predict(X, batch_size=7), net.forward(X), rtol=1e-12, atol=1e-12)
    assert not np.allclose(net.forward(X[:20], training=True), net.forward(X[:20]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loaded_network_is_the_saved_one(dtype, tmp_path):
    X, y = three_clouds()
    X = X.astype(dtype)
    net = normalized(dtype)
    train(net, X, y, epochs=3)
    net.save(tmp_path / "net.npz")
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    assert repr(loaded) == repr(net)
    assert_array_equal(loaded.forward(X), net.forward(X))
    assert {array.dtype for array in net.arrays()} == {np.dtype(dtype)}
    assert all(map(np.array_equal, loaded.arrays(), net.arrays()))
