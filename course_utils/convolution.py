"""Convolution and max-pooling of images (N, H, W, C), by definition. Derived in lesson 6.

With loops, as the lesson builds them. The layers in fast_convolution.py give the same numbers in
a small part of the time; tests hold the two against each other.
"""

import numpy as np

from ._validation import check_count


def check_image_shape(layer, input_shape):
    """Refuse what is no (H, W, C) as the input of a layer for images; return it."""
    if len(input_shape) != 3:
        raise ValueError(
            f"{layer} takes images, shape (H, W, C), not {input_shape}: "
            "a grey picture of 28 × 28 pixels is (28, 28, 1)"
        )
    return input_shape


def output_size(size, kernel_size, stride=1, padding=0):
    """How many places a window has along an axis of `size` pixels; what is left over is unused.

    Raises ValueError where the window is larger than the padded image. Derived in lesson 6.
    """
    check_count("kernel_size", kernel_size)
    check_count("stride", stride)
    if kernel_size > size + 2 * padding:
        raise ValueError(
            f"a window of {kernel_size} pixels does not fit into {size} pixels "
            f"with {padding} of padding on each side"
        )
    return (size + 2 * padding - kernel_size) // stride + 1


def conv2d(x, W, b, stride=1, padding=0):
    """Slide every kernel over every image: z[n, i, j, f] = sum(window at (i, j) * kernel f) + b[f].

    x is (N, H, W, C), W is (k, k, C, F), b is (F,); returns z, (N, H', W', F). `padding` rings
    of zeros go around each image; the window moves `stride` pixels at a time. With loops: the
    layer Conv2D does the same quickly. Derived in lesson 6.
    """
    k = len(W)
    padded = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    height, width = (output_size(size, k, stride, padding) for size in x.shape[1:3])
    z = np.empty((len(x), height, width, W.shape[-1]), np.result_type(x, W, b))
    for i, j in np.ndindex(height, width):
        rows, columns = _window(i, j, k, stride)
        z[:, i, j] = np.tensordot(padded[:, rows, columns], W, axes=3) + b
    return z


def conv2d_backward(dz, x, W, stride=1, padding=0):
    """The gradients dx, dW and db of conv2d(x, W, b, stride, padding), from dz.

    Every window goes back the way it came: its pixels were weighted by W, so dx gets dz · W
    there; W was weighted by its pixels, so dW gets pixels · dz. Derived in lesson 6.
    """
    k = len(W)
    padded = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    dtype = np.result_type(dz, x, W)
    dx, dW = np.zeros(padded.shape, dtype), np.zeros(W.shape, dtype)
    for i, j in np.ndindex(dz.shape[1:3]):
        rows, columns = _window(i, j, k, stride)
        dx[:, rows, columns] += np.tensordot(dz[:, i, j], W, axes=(1, 3))
        dW += np.tensordot(padded[:, rows, columns], dz[:, i, j], axes=(0, 0))
    height, width = x.shape[1:3]
    inside = slice(padding, padding + height), slice(padding, padding + width)
    return dx[:, *inside], dW, dz.sum(axis=(0, 1, 2))


def max_pool2d(x, size=2, stride=None):
    """The largest value in each window of size × size pixels, for each channel by itself.

    x is (N, H, W, C); the window moves `stride` pixels at a time, its own size unless told.
    With loops: the layer MaxPool2D does the same quickly. Derived in lesson 6.
    """
    stride = size if stride is None else stride
    height, width = (output_size(length, size, stride) for length in x.shape[1:3])
    a = np.empty((len(x), height, width, x.shape[3]), x.dtype)
    for i, j in np.ndindex(height, width):
        rows, columns = _window(i, j, size, stride)
        a[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return a


def max_pool2d_backward(da, x, size=2, stride=None):
    """The gradient dx of max_pool2d(x, size, stride), from da.

    Each window passes its gradient to its largest pixel alone; of equals, to the first. Where
    windows overlap, gradients add up. Derived in lesson 6.
    """
    stride = size if stride is None else stride
    dx = np.zeros(x.shape, da.dtype)
    for i, j in np.ndindex(da.shape[1:3]):
        rows, columns = _window(i, j, size, stride)
        pixels = x[:, rows, columns].reshape(len(x), size * size, -1)
        winner = np.arange(size * size)[:, None] == pixels.argmax(axis=1)[:, None]
        passed = winner * da[:, i, j][:, None]
        dx[:, rows, columns] += passed.reshape(len(x), size, size, -1)
    return dx


def _window(i, j, size, stride):
    """The rows and the columns that the window at place (i, j) covers."""
    return slice(i * stride, i * stride + size), slice(j * stride, j * stride + size)
