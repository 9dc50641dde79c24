"""Losses: values and gradients by hand, against differences, at extremes, on wrong input."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import course_utils as cu


def test_mean_squared_error_by_hand():
    value, gradient = cu.mean_squared_error([[3.0, 0.0]], [[1.0, -1.0]])
    assert value == (2**2 + 1**2) / 2
    assert_allclose(gradient, [[2 * 2 / 2, 2 * 1 / 2]])


def test_binary_cross_entropy_by_hand():
    # sigmoid(ln 3) = 3/4; the second label is 0, to which it gives 1/4.
    value, gradient = cu.binary_cross_entropy(np.log([3.0, 3.0]), [1, 0])
    assert_allclose(value, (-np.log(3 / 4) - np.log(1 / 4)) / 2)
    assert_allclose(gradient, [(3 / 4 - 1) / 2, (3 / 4 - 0) / 2])


def test_softmax_cross_entropy_by_hand():
    # Probabilities (1, 2, 5) / 8 with class 2 right, and (1, 1, 2) / 4 with class 0 right.
    value, gradient = cu.softmax_cross_entropy(np.log([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]]), [2, 0])
    assert_allclose(value, (-np.log(5 / 8) - np.log(1 / 4)) / 2)
    assert_allclose(gradient, [[1 / 16, 2 / 16, -3 / 16], [-3 / 8, 1 / 8, 2 / 8]])


CASES = {
    "mean_squared_error": (cu.mean_squared_error, (4, 3), np.arange(12.0).reshape(4, 3)),
    "mean_squared_error, one axis": (cu.mean_squared_error, (4,), np.arange(4.0)),
    "binary_cross_entropy": (cu.binary_cross_entropy, (4,), np.array([0, 1, 1, 0])),
    "binary_cross_entropy, a column": (cu.binary_cross_entropy, (3, 1), np.array([[0], [1], [1]])),
    "softmax_cross_entropy": (cu.softmax_cross_entropy, (4, 3), np.array([2, 0, 1, 2])),
}


@pytest.mark.parametrize(("loss", "shape", "targets"), CASES.values(), ids=CASES)
def test_gradient_agrees_with_differences(loss, shape, targets, rng):
    outputs = rng.normal(size=shape)
    differences = cu.numerical_gradient(lambda z: loss(z, targets)[0], outputs)
    assert cu.relative_error(loss(outputs, targets)[1], differences) < 1e-7


@pytest.mark.parametrize(("loss", "shape", "targets"), CASES.values(), ids=CASES)
def test_is_a_mean_over_the_batch(loss, shape, targets, rng):
    outputs = rng.normal(size=shape)
    value, gradient = loss(outputs, targets)
    twice, half = loss(np.concatenate([outputs] * 2), np.concatenate([targets] * 2))
    assert_allclose(twice, value)
    assert_allclose(half[: len(outputs)], gradient / 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("loss", "shape", "targets"), CASES.values(), ids=CASES)
def test_value_is_a_float_and_gradient_keeps_the_dtype(loss, shape, targets, dtype, rng):
    outputs = rng.normal(size=shape).astype(dtype)
    value, gradient = loss(outputs, targets)
    assert type(value) is float
    assert gradient.dtype == dtype
    assert gradient.shape == shape


def test_binary_cross_entropy_of_huge_logits():
    value, gradient = cu.binary_cross_entropy([1000.0, -1000.0, 1000.0, -1000.0], [1, 0, 0, 1])
    assert value == (0 + 0 + 1000 + 1000) / 4
    assert_allclose(gradient, [0, 0, 1 / 4, -1 / 4])


def test_softmax_cross_entropy_of_huge_logits():
    value, gradient = cu.softmax_cross_entropy([[1000.0, -1000.0], [1000.0, -1000.0]], [0, 1])
    assert value == (0 + 2000) / 2
    assert_allclose(gradient, [[0, 0], [1 / 2, -1 / 2]])


def test_one_logit_and_two_logits_agree(rng):
    """A logistic unit is a softmax over the logits 0 and z."""
    z, y = rng.normal(size=5), np.array([0, 1, 1, 0, 1])
    one = cu.binary_cross_entropy(z, y)
    two = cu.softmax_cross_entropy(np.column_stack([np.zeros(5), z]), y)
    assert_allclose(one[0], two[0])
    assert_allclose(one[1], two[1][:, 1])


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (cu.mean_squared_error, r"predictions \(4, 1\) and targets \(4,\)"),
        (cu.binary_cross_entropy, r"logits \(4, 1\) and labels \(4,\)"),
    ],
)
def test_a_column_against_one_axis_is_refused(loss, message):
    with pytest.raises(ValueError, match=f"must have the same shape, got {message}"):
        loss(np.zeros((4, 1)), np.zeros(4))


def test_class_labels_in_a_column_are_refused():
    with pytest.raises(ValueError, match=r"labels must have shape \(4,\).*got \(4, 1\)"):
        cu.softmax_cross_entropy(np.zeros((4, 3)), np.zeros((4, 1), int))


def test_binary_labels_other_than_0_and_1_are_refused():
    with pytest.raises(ValueError, match=r"labels must be 0 or 1, got -1"):
        cu.binary_cross_entropy(np.zeros(3), [1, -1, 0])


@pytest.mark.parametrize("wrong", [12, 10, -1])
def test_a_label_outside_the_classes_is_refused(wrong):
    with pytest.raises(
        ValueError, match=rf"labels must be integers in 0\.\.9, got {wrong} at row 3"
    ):
        cu.softmax_cross_entropy(np.zeros((5, 10)), [0, 9, 1, wrong, 2])


def test_labels_that_are_no_integers_are_refused():
    with pytest.raises(TypeError, match=r"labels must be integers in 0\.\.2, got dtype float64"):
        cu.softmax_cross_entropy(np.zeros((2, 3)), [0.0, 1.0])


def test_too_few_labels_are_refused():
    with pytest.raises(ValueError, match=r"labels must have shape \(3,\).*got \(2,\)"):
        cu.softmax_cross_entropy(np.zeros((3, 4)), [0, 1])


def test_logits_without_a_class_axis_are_refused():
    with pytest.raises(ValueError, match=r"logits must have shape \(N, K\), got \(3,\)"):
        cu.softmax_cross_entropy(np.zeros(3), [0, 1, 2])


@pytest.mark.parametrize(
    ("loss", "first", "second"),
    [
        (cu.mean_squared_error, "predictions", "targets"),
        (cu.binary_cross_entropy, "logits", "labels"),
    ],
)
def test_text_is_refused_by_name(loss, first, second):
    with pytest.raises(TypeError, match=f"{first} must be an array of numbers"):
        loss(["a"], [1.0])
    with pytest.raises(TypeError, match=f"{second} must be an array of numbers"):
        loss([1.0], ["a"])


@pytest.mark.parametrize("loss", [cu.mean_squared_error, cu.binary_cross_entropy])
def test_masked_arrays_are_refused(loss):
    whole, masked = np.ones((2, 1)), np.ma.masked_array(np.ones((2, 1)), [[True], [False]])
    for arguments in ((whole, masked), (masked, whole)):
        with pytest.raises(TypeError, match="must not be a masked array: fill what is missing"):
            loss(*arguments)


def test_masked_labels_are_refused():
    labels = np.ma.masked_array([0, 1], [True, False])
    with pytest.raises(TypeError, match="labels must not be a masked array"):
        cu.softmax_cross_entropy(np.zeros((2, 3)), labels)
