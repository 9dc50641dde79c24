"""Layers: forward by hand, backward against differences, and what each refuses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import course_utils as cu


def build(layer, input_shape, dtype=np.float64):
    layer.build(input_shape, np.random.default_rng(1), dtype)
    return layer


LAYERS = {
    "Dense": (lambda: cu.Dense(3), (4,)),
    "ReLU": (cu.ReLU, (4,)),
    "LeakyReLU": (lambda: cu.LeakyReLU(0.2), (4,)),
    "Sigmoid": (cu.Sigmoid, (4,)),
    "Tanh": (cu.Tanh, (4,)),
    "Softmax": (cu.Softmax, (4,)),
    "Flatten": (cu.Flatten, (3, 4, 2)),
    "Dropout": (lambda: cu.Dropout(0.4), (4,)),
    "BatchNorm": (cu.BatchNorm, (4,)),
    "BatchNorm of images": (cu.BatchNorm, (3, 4, 2)),
    "LayerNorm": (cu.LayerNorm, (4,)),
    "LayerNorm of images": (cu.LayerNorm, (3, 4, 2)),
    "Block": (lambda: cu.Block([cu.Dense(3), cu.Tanh()]), (4,)),
    "Residual": (lambda: cu.Residual([cu.Dense(4), cu.Tanh(), cu.Dense(4)]), (4,)),
    "Residual in Residual": (lambda: cu.Residual([cu.Dense(4), cu.Residual([cu.Tanh()])]), (4,)),
}
every_layer = pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)


@every_layer
def test_backward_agrees_with_differences(make, shape, rng):
    layer = build(make(), shape)
    x = rng.normal(size=(5, *shape))
    da = rng.normal(size=layer.forward(x).shape)

    def value(_):
        return np.sum(layer.forward(x) * da)  # its gradient for the output is da

    layer.forward(x)
    assert cu.relative_error(layer.backward(da), cu.numerical_gradient(value, x)) < 1e-7
    for parameter, gradient in zip(layer.parameters, layer.gradients, strict=True):
        differences = cu.numerical_gradient(value, parameter)
        assert gradient.shape == parameter.shape
        assert cu.relative_error(gradient, differences) < 1e-7


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_forward_and_backward_keep_the_dtype(make, shape, dtype, rng):
    layer = build(make(), shape, dtype)
    x = rng.normal(size=(5, *shape)).astype(dtype)
    a = layer.forward(x, training=True)
    dx = layer.backward(a)
    assert {a.dtype, dx.dtype} == {np.dtype(dtype)}
    assert {p.dtype for p in layer.parameters + layer.gradients} <= {np.dtype(dtype)}


@every_layer
def test_forward_and_backward_leave_their_arguments_alone(make, shape, rng):
    layer = build(make(), shape)
    x = rng.normal(size=(5, *shape))
    x_before = x.copy()
    da = rng.normal(size=layer.forward(x, training=True).shape)
    da_before = da.copy()
    layer.backward(da)
    assert_array_equal(x, x_before)
    assert_array_equal(da, da_before)


@every_layer
def test_build_gives_the_shape_of_the_output(make, shape, rng):
    layer = make()
    announced = layer.build(shape, rng, np.float64)
    assert layer.forward(rng.normal(size=(5, *shape))).shape == (5, *announced)


def test_dense_by_hand():
    layer = build(cu.Dense(3), (2,))
    layer.W[:] = [[1, 2, 3], [4, 5, 6]]
    layer.b[:] = [10, 20, 30]
    # 1·1 + (-1)·4 + 10, 1·2 + (-1)·5 + 20, 1·3 + (-1)·6 + 30
    assert_array_equal(layer.forward(np.array([[1.0, -1.0]])), [[7, 17, 27]])


def test_dense_starts_with_he_weights_and_zero_biases():
    layer = build(cu.Dense(3), (4,))
    assert_array_equal(layer.W, cu.he((4, 3), np.random.default_rng(1)))
    assert_array_equal(layer.b, [0, 0, 0])


def test_dense_takes_another_initializer():
    layer = build(cu.Dense(3, initializer=cu.xavier), (4,))
    assert_array_equal(layer.W, cu.xavier((4, 3), np.random.default_rng(1)))


def test_relu_passes_nothing_back_at_0():
    layer = cu.ReLU()
    layer.forward(np.array([[-1.0, 0.0, 2.0]]))
    assert_array_equal(layer.backward(np.array([[5.0, 5.0, 5.0]])), [[0, 0, 5]])


@pytest.mark.parametrize(
    ("layer", "function"),
    [
        (cu.ReLU(), cu.relu),
        (cu.LeakyReLU(0.01), cu.leaky_relu),
        (cu.Sigmoid(), cu.sigmoid),
        (cu.Tanh(), cu.tanh),
        (cu.Softmax(), cu.softmax),
    ],
)
def test_a_layer_computes_the_function_of_its_name(layer, function, rng):
    z = 10 * rng.normal(size=(5, 4))
    assert_array_equal(layer.forward(z), function(z))


@pytest.mark.parametrize("layer", [cu.Sigmoid(), cu.Tanh(), cu.Softmax(), cu.ReLU()])
def test_huge_numbers_stay_finite(layer):
    a = layer.forward(np.array([[-1000.0, 0.0, 1000.0]]))
    assert np.isfinite(a).all()
    assert np.isfinite(layer.backward(np.ones_like(a))).all()


def test_flatten_reads_an_image_row_by_row():
    image = np.arange(12.0).reshape(1, 2, 3, 2)
    assert_array_equal(cu.Flatten().forward(image), [np.arange(12)])


def test_dropout_zeroes_some_and_scales_the_others_up():
    layer = build(cu.Dropout(0.75), (8,))
    a = layer.forward(np.ones((50, 8)), training=True)
    assert set(np.unique(a)) == {0, 1 / (1 - 0.75)}


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
def test_dropout_keeps_the_mean(rate):
    layer = build(cu.Dropout(rate), (400,))
    a = layer.forward(np.ones((500, 400)), training=True)
    assert_allclose(np.mean(a == 0), rate, atol=0.005)
    assert_allclose(a.mean(), 1, atol=0.03)


def test_dropout_goes_back_through_the_same_mask():
    layer = build(cu.Dropout(0.5), (40,))
    ones = np.ones((3, 40))
    assert_array_equal(layer.forward(ones, training=True), layer.backward(ones))


def test_dropout_draws_a_new_mask_each_time():
    layer = build(cu.Dropout(0.5), (40,))
    ones = np.ones((3, 40))
    first, second = layer.forward(ones, training=True), layer.forward(ones, training=True)
    assert not np.array_equal(first, second)


def test_dropout_does_nothing_outside_training(rng):
    layer = build(cu.Dropout(0.5), (40,))
    x = rng.normal(size=(3, 40))
    layer.forward(x, training=True)
    assert_array_equal(layer.forward(x), x)
    assert_array_equal(layer.backward(x), x)


def test_dropout_at_rate_0_keeps_everything(rng):
    x = rng.normal(size=(3, 40))
    assert_array_equal(build(cu.Dropout(0), (40,)).forward(x, training=True), x)


@pytest.mark.parametrize("units", [0, -3, 2.0, "10", True, None])
def test_units_must_be_a_whole_number(units):
    with pytest.raises(ValueError, match="units must be a whole number of at least 1, got"):
        cu.Dense(units)


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, "half", True, np.nan])
def test_rate_must_be_below_1(rate):
    with pytest.raises(ValueError, match="rate must be a number at least 0 and below 1, got"):
        cu.Dropout(rate)


@pytest.mark.parametrize("slope", [-0.1, 1, None])
def test_slope_must_be_below_1(slope):
    with pytest.raises(ValueError, match="slope must be a number at least 0 and below 1, got"):
        cu.LeakyReLU(slope)


def test_a_layer_shows_its_settings():
    layers = [cu.Dense(3), cu.ReLU(), cu.LeakyReLU(0.2), cu.Flatten(), cu.Dropout(0.5)]
    assert str(layers) == "[Dense(3), ReLU(), LeakyReLU(0.2), Flatten(), Dropout(0.5)]"


def test_a_layer_without_forward_or_backward_says_so():
    class Half(cu.Layer):
        pass

    with pytest.raises(NotImplementedError, match="Half has no forward"):
        Half().forward(np.ones((1, 1)))
    with pytest.raises(NotImplementedError, match="Half has no backward"):
        Half().backward(np.ones((1, 1)))


@every_layer
def test_a_gradient_of_another_shape_is_refused(make, shape, rng):
    layer = make()
    layer.build(shape, rng, np.float64)
    da = layer.forward(rng.normal(size=(5, *shape)), training=True)
    for other in (da[:1], da[..., :1], da[0], np.ones(()), da[:, None]):
        with pytest.raises(ValueError, match="must have shape .*, got"):
            layer.backward(other)


@every_layer
def test_backward_before_forward_says_so(make, shape, rng):
    layer = make()
    layer.build(shape, rng, np.float64)
    with pytest.raises(AttributeError, match="forward keeps what backward needs"):
        layer.backward(np.ones((5, 3)))


def test_what_build_makes_is_missing_before():
    with pytest.raises(AttributeError, match="Dense has no 'W', or not yet: build makes the par"):
        cu.Dense(3).forward(np.ones((5, 4)))


def test_softmax_goes_back_along_the_last_axis(rng):
    layer = cu.Softmax()
    z, da = rng.normal(size=(2, 2, 4, 3))
    layer.forward(z)
    whole = layer.backward(da)
    for one_z, one_da, dz in zip(z, da, whole, strict=True):
        layer.forward(one_z)
        assert_allclose(layer.backward(one_da), dz)
