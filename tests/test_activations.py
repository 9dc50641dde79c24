"""Activation functions: their values, their derivatives, and what very large numbers do."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import course_utils as cu

FUNCTIONS = [cu.sigmoid, cu.tanh, cu.relu, cu.leaky_relu, cu.softmax, cu.log_softmax]
DERIVATIVES = [
    cu.sigmoid_derivative,
    cu.tanh_derivative,
    cu.relu_derivative,
    cu.leaky_relu_derivative,
    cu.softmax_jacobian,
    cu.log_softmax_jacobian,
]


def test_sigmoid_by_hand():
    # 1 / (1 + exp(-ln 3)) = 1 / (1 + 1/3) = 3/4
    assert_allclose(cu.sigmoid([0, np.log(3), -np.log(3)]), [1 / 2, 3 / 4, 1 / 4])


def test_softmax_by_hand():
    # exp gives 1, 2 and 5, which sum to 8.
    logits = np.log([[1.0, 2.0, 5.0]])
    assert_allclose(cu.softmax(logits), [[1 / 8, 2 / 8, 5 / 8]])
    assert_allclose(cu.log_softmax(logits), np.log([[1 / 8, 2 / 8, 5 / 8]]))


def test_tanh_is_a_stretched_sigmoid():
    z = np.linspace(-3, 3, 7)
    assert_allclose(cu.tanh(z), 2 * cu.sigmoid(2 * z) - 1, atol=1e-15)


def test_relu_and_leaky_relu_by_hand():
    assert_allclose(cu.relu([-2.0, 0.0, 3.0]), [0, 0, 3])
    assert_allclose(cu.leaky_relu([-2.0, 0.0, 3.0], slope=0.1), [-0.2, 0, 3])


def test_relu_derivative_is_0_at_0():
    assert_allclose(cu.relu_derivative([-1.0, 0.0, 1.0]), [0, 0, 1])
    assert_allclose(cu.leaky_relu_derivative([-1.0, 0.0, 1.0], slope=0.1), [0.1, 0.1, 1])


def test_softmax_rows_sum_to_1(rng):
    assert_allclose(cu.softmax(rng.normal(size=(4, 3))).sum(axis=1), np.ones(4))


def test_softmax_is_the_same_for_shifted_logits(rng):
    logits = rng.normal(size=(4, 3))
    shifts = np.array([[10], [-10], [0], [500]])
    assert_allclose(cu.softmax(logits + shifts), cu.softmax(logits))


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (cu.sigmoid, lambda z: cu.sigmoid_derivative(cu.sigmoid(z))),
        (cu.tanh, lambda z: cu.tanh_derivative(cu.tanh(z))),
        (cu.relu, cu.relu_derivative),
        (cu.leaky_relu, cu.leaky_relu_derivative),
    ],
    ids=["sigmoid", "tanh", "relu", "leaky_relu"],
)
def test_derivative_agrees_with_differences(function, derivative, rng):
    z = rng.normal(size=(4, 3))
    differences = cu.numerical_gradient(lambda z: function(z).sum(), z)
    assert cu.relative_error(derivative(z), differences) < 1e-7


@pytest.mark.parametrize(
    ("function", "jacobian"),
    [(cu.softmax, cu.softmax_jacobian), (cu.log_softmax, cu.log_softmax_jacobian)],
    ids=["softmax", "log_softmax"],
)
def test_jacobian_agrees_with_differences(function, jacobian, rng):
    z = rng.normal(size=(2, 3))
    exact = jacobian(function(z))
    assert exact.shape == (2, 3, 3)
    for i in range(3):
        differences = cu.numerical_gradient(lambda z, i=i: function(z)[:, i].sum(), z)
        assert cu.relative_error(exact[:, i, :], differences) < 1e-7


def test_sigmoid_of_huge_numbers():
    assert_allclose(cu.sigmoid([-1000.0, 1000.0]), [0, 1])


def test_softmax_of_huge_numbers():
    logits = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -2000.0]])
    assert_allclose(cu.softmax(logits), [[1, 0, 0], [0.5, 0.5, 0]])


def test_log_softmax_of_huge_numbers_is_not_minus_infinity():
    assert_allclose(cu.log_softmax([[1000.0, 0.0, -1000.0]]), [[0, -1000, -2000]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", FUNCTIONS + DERIVATIVES)
def test_keeps_the_dtype(function, dtype):
    assert function(np.array([[-0.5, 0.25, 1.0]], dtype)).dtype == dtype


def test_leaky_relu_keeps_float32_whatever_the_slope_is():
    z = np.array([-1, 1], np.float32)
    assert cu.leaky_relu(z, slope=np.float64(0.1)).dtype == np.float32


@pytest.mark.parametrize("function", FUNCTIONS)
def test_integers_become_float64(function):
    assert function([[-1, 0, 2]]).dtype == np.float64


@pytest.mark.parametrize("function", FUNCTIONS)
def test_leaves_its_argument_alone(function):
    z = np.array([[-1.0, 0.0, 2.0]])
    function(z)
    assert_allclose(z, [[-1, 0, 2]])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_refuses_what_is_no_number(function):
    with pytest.raises(TypeError, match="z must be an array of numbers, got dtype"):
        function(["one"])


@pytest.mark.parametrize("function", [cu.softmax, cu.log_softmax])
@pytest.mark.parametrize("shape", [(3,), (2, 4, 3), (4, 4, 4)])
def test_the_last_axis_is_the_one_of_the_classes(function, shape, rng):
    z = rng.normal(size=shape)
    row_by_row = [function(row[None])[0] for row in z.reshape(-1, 3 if 3 in shape else 4)]
    assert_allclose(function(z), np.reshape(row_by_row, shape))


@pytest.mark.parametrize("jacobian", [cu.softmax_jacobian, cu.log_softmax_jacobian])
@pytest.mark.parametrize("shape", [(3,), (2, 4, 3)])
def test_a_jacobian_comes_for_each_row(jacobian, shape, rng):
    values = rng.normal(size=shape)
    row_by_row = [jacobian(row[None])[0] for row in values.reshape(-1, 3)]
    assert_allclose(jacobian(values), np.reshape(row_by_row, (*shape, 3)))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_masked_array_is_refused(function):
    with pytest.raises(TypeError, match="z must not be a masked array: fill what is missing"):
        function(np.ma.masked_array([[1.0, 2.0]], [[True, False]]))
