"""Convolution and pooling by definition: the loops by hand, by SciPy and by differences."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.signal import correlate2d

import course_utils as cu


def assert_close(got, expected, tolerance=1e-10):
    """Of the same shape, and as near as `tolerance` times the largest number."""
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= tolerance * np.abs(expected).max()


def image(rows):
    """One image of one channel."""
    return np.array(rows, float)[None, :, :, None]


def kernel(rows):
    """One kernel for one channel."""
    return np.array(rows, float)[:, :, None, None]


COUNTING = image([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
SMALL = kernel([[1, 2], [0, -1]])


# Where windows go


@pytest.mark.parametrize("size", [3, 4, 9, 10])
@pytest.mark.parametrize("kernel_size", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_output_size_is_the_number_of_windows(size, kernel_size, stride, padding):
    starts = range(0, size + 2 * padding - kernel_size + 1, stride)
    assert cu.output_size(size, kernel_size, stride, padding) == len(starts)


def test_a_window_as_large_as_the_padded_image_has_one_place():
    assert cu.output_size(3, 7, padding=2) == 1


def test_a_window_larger_than_the_padded_image_is_refused():
    message = "a window of 8 pixels does not fit into 3 pixels with 2 of padding on each side"
    with pytest.raises(ValueError, match=message):
        cu.output_size(3, 8, padding=2)


# The loops, by hand


def test_conv2d_by_hand():
    # 1·1 + 2·2 - 5 = 0, 2·1 + 3·2 - 6 = 2, 4·1 + 5·2 - 8 = 6, 5·1 + 6·2 - 9 = 8, and b = 10.
    z = cu.conv2d(COUNTING, SMALL, np.array([10.0]))
    assert_array_equal(z, image([[10, 12], [16, 18]]))


def test_conv2d_by_hand_with_stride_and_padding():
    # In a ring of zeros the windows are (0 0 / 0 1), (0 0 / 2 3), (0 4 / 0 7) and (5 6 / 8 9).
    z = cu.conv2d(COUNTING, SMALL, np.zeros(1), stride=2, padding=1)
    assert_array_equal(z, image([[-1, -3], [2 * 4 - 7, 8]]))


def test_conv2d_adds_up_channels_and_keeps_filters_apart():
    x = np.array([2.0, 3.0]).reshape(1, 1, 1, 2)
    W = np.array([[1.0, 10], [100, 1000]]).reshape(1, 1, 2, 2)
    z = cu.conv2d(x, W, np.array([0.5, 0.25]))
    assert_array_equal(z.ravel(), [2 + 300 + 0.5, 20 + 3000 + 0.25])


def test_conv2d_backward_by_hand():
    dz = image([[1, 2], [3, 4]])
    dx, dW, db = cu.conv2d_backward(dz, COUNTING, SMALL)
    # dW: 1·1 + 2·2 + 3·4 + 4·5, 1·2 + 2·3 + 3·5 + 4·6, 1·4 + 2·5 + 3·7 + 4·8, ...
    assert_array_equal(dW, kernel([[37, 47], [67, 77]]))
    assert_array_equal(db, [1 + 2 + 3 + 4])
    # The middle pixel was seen four times: -1·1 + 0·2 + 2·3 + 1·4 = 9.
    assert_array_equal(dx, image([[1, 4, 4], [3, 9, 6], [0, -3, -4]]))


def test_conv2d_backward_by_hand_leaves_the_padding_out():
    # One pixel, 5, in a ring of zeros: each window sees it under another weight.
    dz = image([[1, 10], [100, 1000]])
    dx, dW, db = cu.conv2d_backward(dz, image([[5]]), kernel([[1, 2], [3, 4]]), padding=1)
    assert_array_equal(dx, image([[1 * 4 + 10 * 3 + 100 * 2 + 1000 * 1]]))
    assert_array_equal(dW, kernel([[5 * 1000, 5 * 100], [5 * 10, 5 * 1]]))
    assert_array_equal(db, [1111])


PIXELS = [[1, 3, 2, 0], [4, 2, 0, 5], [7, 7, 1, 1], [6, 7, 1, 1]]


def test_max_pool2d_by_hand():
    assert_array_equal(cu.max_pool2d(image(PIXELS)), image([[4, 5], [7, 1]]))


def test_max_pool2d_backward_by_hand_goes_to_the_first_of_equals():
    dx = cu.max_pool2d_backward(image([[10, 20], [30, 40]]), image(PIXELS))
    expected = [[0, 0, 0, 0], [10, 0, 0, 20], [30, 0, 40, 0], [0, 0, 0, 0]]
    assert_array_equal(dx, image(expected))


def test_max_pool2d_keeps_channels_apart():
    x = np.concatenate([image(PIXELS), -image(PIXELS)], axis=3)
    a = cu.max_pool2d(x)
    assert_array_equal(a[..., 0], [[[4, 5], [7, 1]]])
    assert_array_equal(a[..., 1], [[[-1, 0], [-6, -1]]])


def test_max_pool2d_by_hand_where_windows_overlap():
    x = image([[0, 1, 0], [1, 9, 1], [0, 1, 0]])
    assert_array_equal(cu.max_pool2d(x, size=2, stride=1), image([[9, 9], [9, 9]]))
    dx = cu.max_pool2d_backward(image([[1, 10], [100, 1000]]), x, size=2, stride=1)
    assert_array_equal(dx, image([[0, 0, 0], [0, 1111, 0], [0, 0, 0]]))


def test_max_pool2d_by_hand_leaves_out_what_no_window_covers():
    assert_array_equal(cu.max_pool2d(COUNTING), image([[5]]))
    dx = cu.max_pool2d_backward(image([[3]]), COUNTING)
    assert_array_equal(dx, image([[0, 0, 0], [0, 3, 0], [0, 0, 0]]))


def test_max_pool2d_by_hand_with_a_stride_above_the_size():
    a = cu.max_pool2d(image(PIXELS), size=1, stride=3)
    assert_array_equal(a, image([[1, 0], [6, 1]]))
    dx = cu.max_pool2d_backward(image([[1, 2], [3, 4]]), image(PIXELS), size=1, stride=3)
    assert_array_equal(dx, image([[1, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0, 0], [3, 0, 0, 4]]))


# The loops, by SciPy and by differences


@pytest.mark.parametrize("kernel_size", [1, 2, 3, 5])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (3, 0), (1, 1), (2, 2)])
def test_conv2d_of_one_channel_is_what_scipy_says(kernel_size, stride, padding, rng):
    x, W = rng.normal(size=(7, 10)), rng.normal(size=(kernel_size, kernel_size))
    expected = correlate2d(np.pad(x, padding), W, mode="valid")[::stride, ::stride]
    z = cu.conv2d(image(x), kernel(W), np.zeros(1), stride, padding)
    assert_close(z, image(expected), 1e-13)


def test_conv2d_of_many_channels_is_the_sum_of_what_scipy_says(rng):
    x, W, b = rng.normal(size=(2, 6, 9, 3)), rng.normal(size=(3, 3, 3, 4)), rng.normal(size=4)
    z = cu.conv2d(x, W, b)
    assert z.shape == (2, 4, 7, 4)
    for n, f in np.ndindex(2, 4):
        by_channel = [correlate2d(x[n, :, :, c], W[:, :, c, f], mode="valid") for c in range(3)]
        assert_close(z[n, :, :, f], sum(by_channel) + b[f], 1e-13)


@pytest.mark.parametrize(("k", "stride", "padding"), [(2, 1, 0), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_conv2d_backward_agrees_with_differences(k, stride, padding, rng):
    x, W, b = rng.normal(size=(2, 5, 4, 2)), rng.normal(size=(k, k, 2, 3)), rng.normal(size=3)
    dz = rng.normal(size=cu.conv2d(x, W, b, stride, padding).shape)

    def value(_):
        return np.sum(cu.conv2d(x, W, b, stride, padding) * dz)  # its gradient for z is dz

    gradients = cu.conv2d_backward(dz, x, W, stride, padding)
    for gradient, array in zip(gradients, (x, W, b), strict=True):
        assert gradient.shape == array.shape
        assert cu.relative_error(gradient, cu.numerical_gradient(value, array)) < 1e-7


@pytest.mark.parametrize(("size", "stride"), [(2, None), (2, 1), (3, 2), (1, 2), (2, 3)])
def test_max_pool2d_backward_agrees_with_differences(size, stride, rng):
    x = rng.normal(size=(2, 5, 6, 2))
    da = rng.normal(size=cu.max_pool2d(x, size, stride).shape)
    value = lambda x: np.sum(cu.max_pool2d(x, size, stride) * da)
    dx = cu.max_pool2d_backward(da, x, size, stride)
    assert dx.shape == x.shape
    assert cu.relative_error(dx, cu.numerical_gradient(value, x)) < 1e-7


def test_images_of_whole_numbers_are_not_rounded():
    x, W = np.arange(16).reshape(1, 4, 4, 1), np.full((2, 2, 1, 1), 0.1)
    z = cu.conv2d(x, W, np.array([0.5]))
    assert np.isclose(z[0, 0, 0, 0], (0 + 1 + 4 + 5) * 0.1 + 0.5)
    dx, dW, _ = cu.conv2d_backward(z, x, W)
    floats = cu.conv2d_backward(z, x.astype(float), W)
    assert_array_equal(dx, floats[0])
    assert_array_equal(dW, floats[1])
    da = np.full((1, 2, 2, 1), 0.25)
    assert cu.max_pool2d_backward(da, x).sum() == 1.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_loops_keep_the_dtype(dtype, rng):
    x, W = rng.normal(size=(2, 7, 5, 2)).astype(dtype), rng.normal(size=(3, 3, 2, 4)).astype(dtype)
    z, a = cu.conv2d(x, W, np.zeros(4, dtype), padding=1), cu.max_pool2d(x)
    gradients = [*cu.conv2d_backward(z, x, W, padding=1), cu.max_pool2d_backward(a, x)]
    assert {array.dtype for array in (z, a, *gradients)} == {np.dtype(dtype)}


def test_loops_leave_their_arguments_alone(rng):
    x, W, b = rng.normal(size=(2, 7, 5, 2)), rng.normal(size=(3, 3, 2, 4)), rng.normal(size=4)
    before = [x.copy(), W.copy(), b.copy()]
    z, a = cu.conv2d(x, W, b), cu.max_pool2d(x)
    dz, da = z.copy(), a.copy()
    cu.conv2d_backward(dz, x, W)
    cu.max_pool2d_backward(da, x)
    assert all(map(np.array_equal, [x, W, b, dz, da], [*before, z, a]))
