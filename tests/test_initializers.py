"""First weights: how large they are, and that they come from the Generator alone."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import course_utils as cu

RANDOM = [cu.normal, cu.xavier, cu.he]


def test_zeros():
    assert_array_equal(cu.zeros((2, 3)), [[0, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize(
    ("initializer", "shape", "variance"),
    [
        (cu.normal, (100, 400), 0.01**2),
        (cu.xavier, (100, 400), 2 / (100 + 400)),
        (cu.he, (100, 400), 2 / 100),
        (cu.xavier, (5, 3, 20, 40), 2 / (5 * 3 * 20 + 5 * 3 * 40)),
        (cu.he, (5, 3, 20, 40), 2 / (5 * 3 * 20)),
    ],
)
def test_mean_and_variance(initializer, shape, variance, rng):
    weights = initializer(shape, rng)
    assert weights.shape == shape
    # With n numbers the variance is known to about √(2/n), the mean to √(variance/n).
    n = weights.size
    assert_allclose(weights.var(), variance, rtol=4 * np.sqrt(2 / n))
    assert_allclose(weights.mean(), 0, atol=4 * np.sqrt(variance / n))


def test_normal_takes_a_scale(rng):
    assert_allclose(cu.normal((200, 100), rng, scale=3).std(), 3, rtol=0.03)


def test_he_keeps_the_size_of_the_signal_through_relu(rng):
    a = rng.normal(size=(500, 300))
    for _ in range(5):
        a = cu.relu(a @ cu.he((300, 300), rng))
    assert 0.5 < np.mean(a**2) < 2


@pytest.mark.parametrize("initializer", [cu.zeros, *RANDOM])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(initializer, dtype, rng):
    assert initializer((3, 4), rng, dtype).dtype == dtype


@pytest.mark.parametrize("initializer", RANDOM)
def test_float32_has_the_same_numbers_up_to_rounding(initializer):
    single = initializer((3, 4), np.random.default_rng(5), np.float32)
    double = initializer((3, 4), np.random.default_rng(5), np.float64)
    assert_allclose(single, double, rtol=1e-7)


@pytest.mark.parametrize("initializer", RANDOM)
def test_the_same_seed_gives_the_same_weights(initializer):
    first, again, other = (initializer((3, 4), np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert_array_equal(first, again)
    assert not np.array_equal(first, other)
