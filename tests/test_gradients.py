"""Gradients by differences: right on known functions, and able to catch wrong code."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import course_utils as cu
from course_utils.gradients import GradientCheck


@pytest.mark.parametrize(
    ("f", "derivative"),
    [
        (lambda x: np.sum(x**2), lambda x: 2 * x),
        (lambda x: np.sum(np.sin(x)), np.cos),
        (lambda x: np.prod(x), lambda x: np.prod(x) / x),
        (lambda x: 5.0, np.zeros_like),
    ],
    ids=["squares", "sines", "product", "constant"],
)
@pytest.mark.parametrize("shape", [(), (3,), (3, 2), (2, 1, 2)])
def test_numerical_gradient_of_known_functions(f, derivative, shape, rng):
    x = np.array(rng.uniform(0.5, 2, shape))
    assert_allclose(cu.numerical_gradient(f, x), derivative(x), rtol=1e-8, atol=1e-9)


def test_numerical_gradient_puts_x_back(rng):
    x = rng.normal(size=(3, 2))
    before = x.copy()
    cu.numerical_gradient(np.sum, x)
    assert_array_equal(x, before)


def test_numerical_gradient_puts_x_back_when_f_raises(rng):
    x = rng.normal(size=(3, 2))
    before = x.copy()
    calls = iter([1.0, 1.0, 1.0])  # enough for the first number and half of the second
    with pytest.raises(StopIteration):
        cu.numerical_gradient(lambda x: next(calls), x)
    assert_array_equal(x, before)


def test_numerical_gradient_moves_x_itself():
    """So that x may be the weights of a network that f uses."""
    W = np.array([3.0])
    assert_allclose(cu.numerical_gradient(lambda _: W[0] ** 2, W), 6)


@pytest.mark.parametrize(
    ("x", "got"),
    [
        (np.zeros(2, np.float32), "float32 array"),
        (np.zeros(2, int), "int64 array"),
        ([1.0, 2.0], "list"),
        (1.0, "float"),
    ],
)
def test_numerical_gradient_wants_a_float64_array(x, got):
    with pytest.raises(TypeError, match=f"x must be a float64 array, got {got}"):
        cu.numerical_gradient(np.sum, x)


def test_numerical_gradient_wants_one_number():
    with pytest.raises(ValueError, match=r"f must return one number, got shape \(2,\)"):
        cu.numerical_gradient(lambda x: x, np.zeros(2))


def test_numerical_gradient_wants_a_step_above_0():
    with pytest.raises(ValueError, match="epsilon must be a number above 0, got 0"):
        cu.numerical_gradient(np.sum, np.zeros(2), epsilon=0)


def test_relative_error_by_hand():
    # |(3, 4) - (3, 0)| = 4, over 5 + 3.
    assert cu.relative_error([3, 4], [3, 0]) == 4 / 8
    assert cu.relative_error([1, 2], [1, 2]) == 0
    assert cu.relative_error([1, 2], [-1, -2]) == 1
    assert cu.relative_error([0, 0], [0, 0]) == 0


def check(*layers, loss=cu.softmax_cross_entropy):
    """check_gradients on a batch of 5 samples of 4 numbers, in 3 classes."""
    rng = np.random.default_rng(0)
    network = cu.Sequential(list(layers), input_shape=4, rng=rng)
    return cu.check_gradients(network, loss, rng.normal(size=(5, 4)), np.array([2, 0, 1, 1, 2]))


def wrong_names(result):
    return [
        line.split("  ")[0].rstrip()
        for line in repr(result).splitlines()
        if line.endswith("  wrong")
    ]


def test_right_code_passes():
    result = check(cu.Dense(6), cu.ReLU(), cu.Dense(3))
    assert result.passed
    assert wrong_names(result) == []


def test_the_table_has_a_line_for_the_input_and_each_parameter():
    lines = repr(check(cu.Dense(6), cu.Tanh(), cu.Dense(3))).splitlines()
    assert lines[0] == "gradient of   relative error  largest difference"
    assert lines[1] == "X                 below 1e-9          below 1e-9"
    assert [line[:12] for line in lines[2:]] == [
        "W of layer 1",
        "b of layer 1",
        "W of layer 3",
        "b of layer 3",
    ]


def test_check_gradients_takes_an_input_that_cannot_be_written(rng):
    network = cu.Sequential([cu.Dense(3)], input_shape=4, rng=rng)
    X = rng.normal(size=(5, 4))
    X.setflags(write=False)
    assert cu.check_gradients(network, cu.mean_squared_error, X, np.zeros((5, 3))).passed


def test_check_gradients_leaves_weights_and_input_alone(rng):
    network = cu.Sequential([cu.Dense(3)], input_shape=4, rng=rng)
    X = rng.normal(size=(5, 4))
    before = [X.copy(), *(p.copy() for p in network.parameters())]
    cu.check_gradients(network, cu.mean_squared_error, X, np.zeros((5, 3)))
    assert all(map(np.array_equal, [X, *network.parameters()], before))


class DividedByN(cu.Dense):
    """The loss took the mean already."""

    def parameter_gradients(self, dz):
        self.dW = self.x.T @ dz / len(dz)
        self.db = dz.sum(axis=0) / len(dz)


class FirstRowOfBias(cu.Dense):
    def parameter_gradients(self, dz):
        super().parameter_gradients(dz)
        self.db = dz[0]


class BiasNotSummed(cu.Dense):
    def parameter_gradients(self, dz):
        super().parameter_gradients(dz)
        self.db = dz


class WeightsTransposed(cu.Dense):
    """Sums the right way only where the layer is square, and there it is wrong unseen."""

    def backward(self, dz):
        self.parameter_gradients(dz)
        return dz @ self.W


class GateThatNeverCloses(cu.ReLU):
    """The derivative of the activation with >=: an activation is never below 0."""

    def forward(self, z, training=False):
        a = super().forward(z)
        self.passes = a >= 0
        return a


def test_a_second_division_by_n_is_found():
    result = check(DividedByN(6), cu.ReLU(), cu.Dense(3))
    assert not result.passed
    assert wrong_names(result) == ["W of layer 1", "b of layer 1"]


def test_a_bias_gradient_that_is_not_summed_is_found():
    result = check(FirstRowOfBias(6), cu.ReLU(), cu.Dense(3))
    assert not result.passed
    assert wrong_names(result) == ["b of layer 1"]


def test_a_bias_gradient_of_another_shape_is_refused():
    message = r"gradient of b of layer 1 must have its shape \(3,\), got \(5, 3\)"
    with pytest.raises(ValueError, match=message):
        check(BiasNotSummed(3))


def test_a_forgotten_transpose_is_found_in_a_square_layer():
    result = check(cu.Dense(6), cu.Tanh(), WeightsTransposed(6), cu.Tanh(), cu.Dense(3))
    assert not result.passed
    assert wrong_names(result) == ["X", "W of layer 1", "b of layer 1"]


def test_a_forgotten_transpose_does_not_even_run_elsewhere():
    with pytest.raises(ValueError, match="matmul"):
        check(cu.Dense(6), cu.Tanh(), WeightsTransposed(3))


def test_a_relu_gate_that_never_closes_is_found():
    result = check(cu.Dense(6), GateThatNeverCloses(), cu.Dense(3))
    assert not result.passed
    assert wrong_names(result) == ["X", "W of layer 1", "b of layer 1"]


def test_a_loss_with_a_sum_for_a_mean_is_found():
    def loss(logits, labels):
        value, gradient = cu.softmax_cross_entropy(logits, labels)
        return value, gradient * len(labels)

    result = check(cu.Dense(3), loss=loss)
    assert not result.passed
    assert wrong_names(result) == ["X", "W of layer 1", "b of layer 1"]


def test_a_gradient_that_is_not_a_number_does_not_pass():
    def loss(logits, labels):
        value, gradient = cu.softmax_cross_entropy(logits, labels)
        return value, gradient * np.nan

    assert not check(cu.Dense(3), loss=loss).passed


def test_the_tolerance_decides():
    def loss(logits, labels):
        value, gradient = cu.softmax_cross_entropy(logits, labels)
        return value, gradient * 1.001

    rng = np.random.default_rng(0)
    network = cu.Sequential([cu.Dense(3)], input_shape=4, rng=rng)
    X, y = rng.normal(size=(2, 4)), np.array([0, 2])
    assert not cu.check_gradients(network, loss, X, y, tolerance=1e-4).passed
    assert cu.check_gradients(network, loss, X, y, tolerance=1e-2).passed


def test_an_error_of_the_size_of_the_tolerance_passes():
    result = GradientCheck({"X": (1e-7, 1e-7)}, tolerance=1e-7)
    assert result.passed
    assert wrong_names(result) == []
    assert not GradientCheck({"X": (1e-7, 1e-7), "W": (1.1e-7, 1e-7)}, tolerance=1e-7).passed


def test_the_table_gives_the_order_of_what_was_measured():
    lines = repr(GradientCheck({"X": (0.25, 3e-5), "W": (1e-9, 0.9e-9)}, 1e-7)).splitlines()
    assert lines[1].split() == ["X", "2e-01", "3e-05", "wrong"]
    assert lines[2].split() == ["W", "1e-09", "below", "1e-9"]


def test_check_gradients_measures_the_largest_difference_and_the_relative_error():
    """A wrong gradient is the smaller one here, so that the sign of the difference counts."""

    def loss(outputs, _):
        return float(outputs.sum()), np.array([[0.5, 3.0]])  # right would be 1 and 1

    network = cu.Sequential([cu.Dense(2)], input_shape=1, rng=np.random.default_rng(0))
    network.layers[0].W[...] = [[1.0, 1.0]]
    errors = cu.check_gradients(network, loss, np.array([[2.0]]), None).errors
    assert list(errors) == ["X", "W of layer 1", "b of layer 1"]
    # b: (0.5, 3) against (1, 1); W: twice these; X: 3.5 against 2.
    b = np.sqrt(0.25 + 4) / (np.sqrt(0.25 + 9) + np.sqrt(2))
    assert_allclose(errors["b of layer 1"], (b, 2), rtol=1e-8)
    assert_allclose(errors["W of layer 1"], (b, 4), rtol=1e-8)
    assert_allclose(errors["X"], (1.5 / 5.5, 1.5), rtol=1e-8)


def test_a_largest_difference_below_is_one_too():
    def loss(outputs, _):
        return float(outputs.sum()), np.array([[-2.0, 1.0]])

    network = cu.Sequential([cu.Dense(2)], input_shape=1, rng=np.random.default_rng(0))
    errors = cu.check_gradients(network, loss, np.array([[2.0]]), None).errors
    assert_allclose(errors["b of layer 1"][1], 3, rtol=1e-8)


def test_check_gradients_steps_as_far_as_it_is_told():
    """|z| has another slope within epsilon of 0; differences see it only where they reach it."""

    def loss(outputs, _):
        return float(np.abs(outputs).sum()), np.sign(outputs)

    network = cu.Sequential([cu.Dense(1)], input_shape=1, rng=np.random.default_rng(0))
    network.layers[0].W[...], network.layers[0].b[...] = 1, 0
    near = {"network": network, "loss": loss, "X": np.array([[1e-3]]), "y": None}
    assert cu.check_gradients(**near, epsilon=1e-5).passed
    assert not cu.check_gradients(**near, epsilon=1e-2).passed


def test_check_gradients_of_a_masked_array_is_refused(rng):
    network = cu.Sequential([cu.Dense(3)], input_shape=4, rng=rng)
    X = np.ma.masked_array(np.ones((5, 4)), np.eye(5, 4))
    with pytest.raises(TypeError, match="X must not be a masked array"):
        cu.check_gradients(network, cu.mean_squared_error, X, np.zeros((5, 3)))
