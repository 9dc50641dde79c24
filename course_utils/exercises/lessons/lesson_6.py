"""Lesson 6, convolutional networks: its exercises."""

# ruff: noqa: B905  (the references show what stands in the notebook: zip without strict)

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ... import convolution
from ...layers import Dropout
from ..authoring import Exercise, Misconception


def convolve(image, kernel):
    """Slide a kernel over an image: at each place, the sum of the window times the kernel.

    image is (H, W), kernel is (k, k). Returns the feature map, (H - k + 1, W - k + 1).
    """
    H, W = image.shape
    k = len(kernel)
    z = np.zeros((H - k + 1, W - k + 1))
    for i in range(H - k + 1):
        for j in range(W - k + 1):
            window = image[i : i + k, j : j + k]
            z[i, j] = np.sum(window * kernel)
    return z


def output_size(size, kernel_size, stride, padding):
    """How many places a window has along one axis of an image.

    The image has size pixels there, the window kernel_size; the window moves stride pixels at a
    time; padding zeros are put at each end. All are whole numbers. Returns an int.
    """
    return (size + 2 * padding - kernel_size) // stride + 1


def conv2d(x, W, b):
    """Slide F kernels over every image of a batch, one pixel at a time, without padding.

    x is (N, H, W, C), W is (k, k, C, F), b is (F,). Returns z, (N, H - k + 1, W - k + 1, F).
    """
    N, height, width, C = x.shape
    k, F = len(W), len(b)
    kernels = W.reshape(k * k * C, F)  # as the W of a dense layer
    z = np.zeros((N, height - k + 1, width - k + 1, F))
    for i, j in np.ndindex(z.shape[1:3]):
        window = x[:, i : i + k, j : j + k]
        z[:, i, j] = window.reshape(N, k * k * C) @ kernels + b
    return z


def max_pool(x, size):
    """The largest value in each window of size × size pixels, for each channel by itself.

    x is (N, H, W, C). The windows lie side by side; what is left over at the right and at the
    bottom is not used. Returns a, (N, H // size, W // size, C).
    """
    N, H, W, C = x.shape
    a = np.zeros((N, H // size, W // size, C))
    for i, j in np.ndindex(a.shape[1:3]):
        window = x[:, i * size : (i + 1) * size, j * size : (j + 1) * size]
        a[:, i, j] = window.max(axis=(1, 2))
    return a


def conv2d_backward(dz, x, W):
    """The gradients of z = conv2d(x, W, b), from dz, the one of its output.

    dz is (N, H - k + 1, W - k + 1, F), x is (N, H, W, C), W is (k, k, C, F).
    Returns dx and dW, shaped as x and W, and db, (F,).
    """
    k = len(W)
    dx, dW = np.zeros_like(x), np.zeros_like(W)
    kernels = W.reshape(-1, W.shape[-1])
    for i, j in np.ndindex(dz.shape[1:3]):
        window = x[:, i : i + k, j : j + k]
        dz_here = dz[:, i, j]  # (N, F): at each place, the backward of a dense layer
        dx[:, i : i + k, j : j + k] += (dz_here @ kernels.T).reshape(window.shape)
        dW += (window.reshape(len(x), -1).T @ dz_here).reshape(W.shape)
    db = dz.sum(axis=(0, 1, 2))
    return dx, dW, db


def max_pool_backward(da, x, size):
    """The gradient dx of a = max_pool(x, size), from da, the one of its output.

    da is (N, H // size, W // size, C), x is (N, H, W, C). Returns dx, shaped as x: each window's
    da goes to its largest pixel, of equal ones to only one of them.
    """
    dx = np.zeros_like(x)
    for n, i, j, c in np.ndindex(da.shape):
        window = x[n, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
        row, column = divmod(window.argmax(), size)
        dx[n, i * size + row, j * size + column, c] = da[n, i, j, c]
    return dx


def dropout(x, da, uniform, rate):
    """Dropout forward and back: some values become 0, the others larger, so that the mean stays.

    x, da and uniform have one shape; uniform holds random numbers from 0 to 1, and a value is
    dropped where its number is below rate. Returns a, from x, and dx, from da.
    """
    mask = (uniform >= rate) / (1 - rate)
    return x * mask, da * mask


def combine_gradients(gradients, rows):
    """The gradient of the mean over a whole batch, from those of its parts.

    gradients is a list of arrays of one shape, each the gradient of the mean over its part,
    and rows is a list of whole numbers, how many rows each part has. Returns an array.
    """
    total = 0
    for gradient, n in zip(gradients, rows):
        total = total + n * gradient
    return total / sum(rows)


def _numbers(rng, *shape):
    return rng.normal(size=shape).round(2)


def _distinct(rng, *shape):
    """No two are equal, and in most windows all are below 0."""
    size = math.prod(shape)
    return ((rng.permutation(size) - 0.8 * size) / 10).reshape(shape)


# 6.1: one image, one kernel


def _slide(image, kernel, combine=lambda window, kernel: np.sum(window * kernel)):
    """combine(window, kernel) at every place."""
    places = sliding_window_view(image, kernel.shape)
    z = np.zeros(places.shape[:2])
    for i, j in np.ndindex(z.shape):
        z[i, j] = combine(places[i, j], kernel)
    return z


def _slide_into_an_image(image, kernel):
    z, places = np.zeros_like(image), _slide(image, kernel)
    z[: places.shape[0], : places.shape[1]] = places
    return z


def _slide_but_the_last(image, kernel):
    z = _slide(image, kernel)
    z[-1], z[:, -1] = 0, 0
    return z


def _slide_part(part):
    """All zeros but for a part: what a return inside a loop leaves."""

    def convolve(image, kernel):
        z = _slide(image, kernel)
        kept = np.zeros_like(z)
        kept[part] = z[part]
        return kept

    return convolve


def _slide_square(image, kernel):
    z = _slide(image, kernel)
    z[:, len(z) :] = 0
    return z


def _slide_four_loops(image, kernel):
    H, W, k = *image.shape, kernel.shape[0]
    z = [[0.0] * (W - k + 1) for _ in range(H - k + 1)]
    for i in range(H - k + 1):
        for j in range(W - k + 1):
            for p in range(k):
                for q in range(k):
                    z[i][j] += image[i + p, j + q] * kernel[p, q]
    return np.array(z)


def _slide_by_taps(image, kernel):
    rows, columns = (n - len(kernel) + 1 for n in image.shape)
    z = 0
    for (p, q), weight in np.ndenumerate(kernel):
        z = z + weight * image[p : p + rows, q : q + columns]
    return z


# 6.2: the number of places


def _use_size(implementation, size, kernel_size, stride, padding):
    """Each argument is a row of numbers, for one call after the other."""
    settings = np.stack([size, kernel_size, stride, padding], axis=1).tolist()
    counts = [implementation(*setting) for setting in settings]
    return None if any(count is None for count in counts) else np.array(counts)


def _size_inputs(rng):
    return {
        "size": np.append(rng.integers(8, 15, size=3), [28, 28, 28, 7, 12, 11]),
        "kernel_size": np.append(rng.integers(3, 6, size=3), [3, 5, 3, 7, 2, 4]),
        "stride": np.append(rng.integers(2, 4, size=3), [1, 1, 2, 2, 5, 4]),
        "padding": np.append(rng.integers(1, 3, size=3), [0, 2, 1, 0, 0, 3]),
    }


def _size_by_steps(size, kernel_size, stride, padding):
    start, places = -padding, 0
    while start + kernel_size <= size + padding:
        start, places = start + stride, places + 1
    return places


# 6.3: a batch, channels and filters

NUMBER_FOR_ARRAY = ("'int' object", "of type 'int'", "with shape () ")  # in the messages of errors
KERNELS_HIDDEN = (
    "W is the kernels here. After a line such as N, H, W, C = x.shape it is a number: give the "
    "width another name."
)


def _windows(x, k):
    """What the window sees at each place: (N, H', W', k, k, C)."""
    return np.moveaxis(sliding_window_view(x, (k, k), axis=(1, 2)), 3, -1)


def _correlate(x, W):
    windows = _windows(x, len(W))
    return windows.reshape(*windows.shape[:3], -1) @ W.reshape(-1, W.shape[-1])


def _conv(x, W, b):
    return _correlate(x, W) + b


def _conv_but_the_last(x, W, b):
    z = _conv(x, W, b)
    z[:, -1], z[:, :, -1] = 0, 0
    return z


def _conv_square(x, W, b):
    z = _conv(x, W, b)
    z[:, :, z.shape[1] :] = 0
    return z


def _conv_part(part):
    """All zeros but for a part: what a return inside a loop, or a missing loop, leaves."""

    def conv2d(x, W, b):
        z = _conv(x, W, b)
        kept = np.zeros_like(z)
        kept[part] = z[part]
        return kept

    return conv2d


def _conv_alike(axis):
    """The sum over an axis, given to every entry along it."""

    def conv2d(x, W, b):
        z = _correlate(x, W)
        return np.broadcast_to(z.sum(axis=axis, keepdims=True), z.shape) + b

    return conv2d


def _conv_all_loops(x, W, b):
    N, height, width, C = x.shape
    k, _, _, F = W.shape
    z = np.zeros((N, height - k + 1, width - k + 1, F))
    for n, i, j, f in np.ndindex(z.shape):
        z[n, i, j, f] = b[f]
        for p, q, c in np.ndindex(k, k, C):
            z[n, i, j, f] += x[n, i + p, j + q, c] * W[p, q, c, f]
    return z


def _conv_by_filters(x, W, b):
    k, rows, columns = len(W), x.shape[1] - len(W) + 1, x.shape[2] - len(W) + 1
    z = np.empty((len(x), rows, columns, W.shape[3]))
    for i in range(rows):
        for j in range(columns):
            for f in range(W.shape[3]):
                products = x[:, i : i + k, j : j + k, :] * W[:, :, :, f]
                z[:, i, j, f] = products.sum(axis=(1, 2, 3)) + b[f]
    return z


def _conv_by_convolve(x, W, b):
    """With exercise 6.1, for each image, channel and filter."""
    images = []
    for image in x:
        maps = [
            sum(_slide(image[:, :, c], W[:, :, c, f]) for c in range(W.shape[2])) + b[f]
            for f in range(W.shape[3])
        ]
        images.append(np.stack(maps, axis=-1))
    return np.stack(images)


def _conv_by_taps(x, W, b):
    """Shifted images, each times one pixel of all kernels."""
    k, rows, columns = len(W), x.shape[1] - len(W) + 1, x.shape[2] - len(W) + 1
    return b + sum(
        x[:, p : p + rows, q : q + columns] @ W[p, q] for p in range(k) for q in range(k)
    )


def _conv_in_columns(x, W, b):
    """All windows as the rows of one matrix."""
    windows = _windows(x, len(W))
    return (windows.reshape(-1, W[..., 0].size) @ W.reshape(-1, len(b)) + b).reshape(
        *windows.shape[:3], -1
    )


# 6.4: max-pooling


def _pool(x, size, reduce=np.max):
    """reduce over each window of pixels."""
    h, w = x.shape[1] // size, x.shape[2] // size
    parts = x[:, : h * size, : w * size].reshape(len(x), h, size, w, size, -1)
    return reduce(parts, axis=(2, 4))


def _pool_everywhere(x, size):
    """Windows that move by one pixel."""
    return _windows(x, size).max(axis=(3, 4))


def _pool_larger(x, size):
    a = np.zeros_like(_pool(x, size))
    for i, j in np.ndindex(a.shape[1:3]):
        at = np.s_[:, i * size : (i + 1) * size + 1, j * size : (j + 1) * size + 1]
        a[:, i, j] = x[at].max(axis=(1, 2))
    return a


def _pool_up(x, size):
    """With the smaller windows at the edge."""
    below, right = -x.shape[1] % size, -x.shape[2] % size
    fill = [(0, 0), (0, below), (0, right), (0, 0)]
    return _pool(np.pad(x, fill, constant_values=-np.inf), size)


def _pool_torn(x, size):
    h, w = x.shape[1] // size, x.shape[2] // size
    parts = x[:, : h * size, : w * size].reshape(len(x), h, w, size, size, -1)
    return parts.max(axis=(3, 4))


def _pool_over(axis):
    def max_pool(x, size):
        a = _pool(x, size)
        return np.broadcast_to(a.max(axis=axis, keepdims=True), a.shape)

    return max_pool


def _pool_square(x, size):
    a = _pool(x, size)
    a[:, :, x.shape[1] // size :] = 0
    return a


def _pool_but_the_last(x, size):
    a = _pool(x, size)
    a[:, -1], a[:, :, -1] = 0, 0
    return a


def _pool_places(x, size):
    h, w, C = x.shape[1] // size, x.shape[2] // size, x.shape[3]
    parts = _windows(x, size)[:, ::size, ::size][:, :h, :w]
    return parts.reshape(len(x), h, w, size * size, C).argmax(axis=3)


def _pool_all_loops(x, size):
    N, H, W, C = x.shape
    a = np.full((N, H // size, W // size, C), -np.inf)
    for n in range(N):
        for c in range(C):
            for i in range(H // size):
                for j in range(W // size):
                    for p in range(size):
                        for q in range(size):
                            pixel = x[n, i * size + p, j * size + q, c]
                            a[n, i, j, c] = max(a[n, i, j, c], pixel)
    return a


def _pool_by_shifts(x, size):
    H, W = x.shape[1] // size * size, x.shape[2] // size * size
    a = x[:, 0:H:size, 0:W:size]
    for p in range(size):
        for q in range(size):
            a = np.maximum(a, x[:, p:H:size, q:W:size])
    return a


def _pool_by_starts(x, size):
    _, H, W, _ = x.shape
    rows = [
        np.stack(
            [x[:, i : i + size, j : j + size].max((1, 2)) for j in range(0, W - size + 1, size)], 1
        )
        for i in range(0, H - size + 1, size)
    ]
    return np.stack(rows, axis=1)


# 6.5: a convolution's way back


def _backward(dz, x, W):
    """dx as one more convolution: of the padded dz with the kernels turned round."""
    return _spread(dz, W), _products(dz, x, W), dz.sum(axis=(0, 1, 2))


def _spread(dz, W):
    around = (len(W) - 1, len(W) - 1)
    padded = np.pad(dz, [(0, 0), around, around, (0, 0)])
    return _correlate(padded, W[::-1, ::-1].swapaxes(2, 3))


def _products(dz, x, W):
    axes = (0, 1, 2)
    return np.tensordot(_windows(x, len(W)), dz, axes=(axes, axes))


def _backward_with(dx=None, dW=None, db=None):
    """The way back with one or more outputs from other functions of (dz, x, W)."""

    def conv2d_backward(dz, x, W):
        right = _backward(dz, x, W)
        others = (f and f(dz, x, W) for f in (dx, dW, db))
        return tuple(r if o is None else o for r, o in zip(right, others))

    return conv2d_backward


def _dx_overwritten(dz, x, W):
    k, dx = len(W), np.zeros_like(x)
    for i, j in np.ndindex(dz.shape[1:3]):
        dx[:, i : i + k, j : j + k] = np.tensordot(dz[:, i, j], W, axes=(1, 3))
    return dx


def _dx_last_filter(dz, x, W):
    return _dx_overwritten(dz[..., -1:], x, W[..., -1:])


def _dx_mixed(dz, x, W):
    return _spread(dz, np.moveaxis(W.reshape(W.shape[3], *W.shape[:3]), 0, -1))


def _dW_at_the_last_place(dz, x, W):
    return _products(dz[:, -1:, -1:], x[:, -len(W) :, -len(W) :], W)


def _dW_mixed(dz, x, W):
    return np.moveaxis(_products(dz, x, W), -1, 0).reshape(W.shape)


def _dW_images_mixed(dz, x, W):
    return _products(dz.sum(axis=0, keepdims=True), x.sum(axis=0, keepdims=True), W)


def _but_the_last_places(dz, x, W):
    fewer = dz.copy()
    fewer[:, -1], fewer[:, :, -1] = 0, 0
    return fewer


def _the_last_place(dz):
    last = np.zeros_like(dz)
    last[:, -1, -1] = dz[:, -1, -1]
    return last


def _backward_by_einsum(dz, x, W):
    k, (rows, columns) = len(W), dz.shape[1:3]
    dx, dW = np.zeros(x.shape), np.zeros(W.shape)
    for p, q in np.ndindex(k, k):
        seen = np.s_[:, p : p + rows, q : q + columns]
        dx[seen] += np.einsum("nijf,cf->nijc", dz, W[p, q])
        dW[p, q] = np.einsum("nijc,nijf->cf", x[seen], dz)
    return dx, dW, np.einsum("nijf->f", dz)


def _backward_all_loops(dz, x, W):
    dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros(W.shape[-1])
    k = W.shape[0]
    for n, i, j, f in np.ndindex(dz.shape):
        dx[n, i : i + k, j : j + k] += dz[n, i, j, f] * W[..., f]
        dW[..., f] += dz[n, i, j, f] * x[n, i : i + k, j : j + k]
        db[f] += dz[n, i, j, f]
    return dx, dW, db


def _backward_by_tensordot(dz, x, W):
    k, dx, dW, db = len(W), np.zeros_like(x), np.zeros_like(W), 0
    for i in range(dz.shape[1]):
        for j in range(dz.shape[2]):
            here = dz[:, i, j]
            dx[:, i : i + k, j : j + k] += np.tensordot(here, W, axes=(1, 3))
            dW += np.tensordot(x[:, i : i + k, j : j + k], here, axes=(0, 0))
            db = db + here.sum(axis=0)
    return dx, dW, db


# 6.6: the way back through max-pooling


def _pool_inputs(N, H, W, C, size):
    """In every other window the two largest pixels are equal."""

    def inputs(rng):
        x = _distinct(rng, N, H, W, C)
        da = _numbers(rng, N, H // size, W // size, C)
        for n, i, j, c in np.ndindex(da.shape):
            window = x[n, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
            if (n + i + j + c) % 2:
                window[window == np.sort(window, axis=None)[-2]] = window.max()
        return {"da": da, "x": x, "size": size}

    return inputs


def _use_pool_backward(implementation, da, x, size):
    """dx. Which of equal pixels gets da, or how they share it, is nobody's business.

    So where they get da together, the first one has it all in what is compared.
    """
    dx = implementation(da.copy(), x.copy(), size)
    if np.shape(dx) != x.shape or np.asarray(dx).dtype.kind != "f":
        return dx
    h, w = da.shape[1] * size, da.shape[2] * size
    largest = x[:, :h, :w] == _stretch(_pool(x, size), size)
    dx = np.array(dx)
    part = dx[:, :h, :w]
    fair = np.isclose(_pool(part * largest, size, np.sum), da)
    won = _unpool(lambda window, size: _first(window), full=False)(da, x, size)
    part[:] = np.where(largest & _stretch(fair, size), won, part) + 0.0  # no -0
    return dx


def _stretch(a, size):
    """Each number of a for all pixels of its window."""
    return a.repeat(size, axis=1).repeat(size, axis=2)


def _unpool(weigh, full=True):
    """A way back that multiplies da by weigh(window, size), window by window.

    window is (N, size, size, C), and so is the weight, or something that broadcasts to it.
    """

    def max_pool_backward(da, x, size):
        h, w = da.shape[1] * size, da.shape[2] * size
        dx = np.zeros_like(x if full else x[:, :h, :w])
        for i, j in np.ndindex(da.shape[1:3]):
            at = np.s_[:, i * size : (i + 1) * size, j * size : (j + 1) * size]
            dx[at] = da[:, i : i + 1, j : j + 1] * weigh(x[at], size)
        return dx

    return max_pool_backward


def _first(window):
    """1 at the first largest pixel, by image and channel, 0 elsewhere."""
    N, size, _, C = window.shape
    flat = window.reshape(N, size * size, C)
    first = np.arange(size * size)[:, None] == flat.argmax(axis=1)[:, None]
    return first.reshape(window.shape) * 1.0


def _equal(*axis):
    def weigh(window, size):
        return window == window.max(axis=axis, keepdims=True)

    return weigh


def _unpool_at(place):
    """A way back that puts da[n, i, j, c] at place(i, j, row, column, size)."""

    def max_pool_backward(da, x, size):
        dx = np.zeros_like(x)
        for n, i, j, c in np.ndindex(da.shape):
            window = x[n, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
            row, column = divmod(window.argmax(), size)
            dx[n, *place(i, j, row, column, size), c] = da[n, i, j, c]
        return dx

    return max_pool_backward


def _unpool_by_mask(da, x, size):
    """Equal pixels share the gradient."""
    h, w = da.shape[1] * size, da.shape[2] * size
    mask = x[:, :h, :w] == _stretch(_pool(x, size), size)
    shared = da / _pool(mask, size, np.sum)
    return np.pad(
        _stretch(shared, size) * mask, [(0, 0), (0, x.shape[1] - h), (0, x.shape[2] - w), (0, 0)]
    )


def _unpool_to_the_last(da, x, size):
    """Of equal pixels, the last one gets it."""
    dx = np.zeros(x.shape)
    for n in range(len(x)):
        for i in range(da.shape[1]):
            for j in range(da.shape[2]):
                for c in range(da.shape[3]):
                    best = -np.inf
                    for p in range(i * size, i * size + size):
                        for q in range(j * size, j * size + size):
                            if x[n, p, q, c] >= best:
                                best, winner = x[n, p, q, c], (p, q)
                    dx[n, winner[0], winner[1], c] += da[n, i, j, c]
    return dx


def _unpool_unravelled(da, x, size):
    dx = np.zeros_like(x)
    for i, j in np.ndindex(da.shape[1:3]):
        for n in range(len(x)):
            for c in range(x.shape[3]):
                window = x[n, i * size : i * size + size, j * size : j * size + size, c]
                p, q = np.unravel_index(np.argmax(window), window.shape)
                dx[n, i * size : i * size + size, j * size : j * size + size, c][p, q] = da[
                    n, i, j, c
                ]
    return dx


# 6.7: dropout


def _dropout_inputs(*shape, rate):
    def inputs(rng):
        size = math.prod(shape)
        uniform = rng.permutation((np.arange(size) + rng.uniform(0.1, 0.9, size)) / size).reshape(
            shape
        )
        x = _numbers(rng, *shape)
        x.flat[uniform.argmax()] = 0  # one that is kept is 0 of itself
        return {"x": x, "da": _numbers(rng, *shape), "uniform": uniform, "rate": rate}

    return inputs


def _drop(forward, backward=None):
    """Dropout by a mask for x, and another one for da where there is one: of (uniform, rate)."""

    def dropout(x, da, uniform, rate):
        return x * forward(uniform, rate), da * (backward or forward)(uniform, rate)

    return dropout


def _kept(uniform, rate):
    return (uniform >= rate) * 1.0


def _inverted(uniform, rate):
    return (uniform >= rate) / (1 - rate)


def _dropout_by_index(x, da, uniform, rate):
    a, dx = x / (1 - rate), da / (1 - rate)
    a[uniform < rate] = 0
    dx[uniform < rate] = 0
    return a, dx


def _dropout_all_loops(x, da, uniform, rate):
    a, dx = np.zeros_like(x), np.zeros_like(da)
    for i in np.ndindex(x.shape):
        if not uniform[i] < rate:
            a[i] = x[i] / (1 - rate)
            dx[i] = da[i] / (1 - rate)
    return a, dx


# 6.8: gradients of parts

ANY_AXES = (
    "The gradients may have any number of axes: a loop over zip(gradients, rows) works for all."
)


def _dividing_each_time(gradients, rows):
    total = 0
    for gradient, n in zip(gradients, rows):
        total = (total + n * gradient) / sum(rows)
    return total


def _running_weighted_mean(gradients, rows):
    mean, N = gradients[0], rows[0]
    for gradient, n in zip(gradients[1:], rows[1:]):
        mean, N = (N * mean + n * gradient) / (N + n), N + n
    return mean


EXERCISES = [
    Exercise(
        "6.1",
        reference=convolve,
        inputs=lambda rng: {"image": _numbers(rng, 4, 6), "kernel": _numbers(rng, 3, 3)},
        other_sizes=lambda rng: {"image": _numbers(rng, 6, 4), "kernel": _numbers(rng, 2, 2)},
        returns=("z",),
        hints=[
            "Where is the window when its top left pixel is at row i and column j? Which rows and "
            "which columns does it cover?",
            "The window is image[i : i + k, j : j + k], with k = len(kernel). i runs through "
            "range(H - k + 1), j through range(W - k + 1).",
            "Make z = np.zeros((H - k + 1, W - k + 1)). At each place: "
            "z[i, j] = np.sum(window * kernel).",
        ],
        misconceptions=[
            Misconception(
                "The kernel was turned round, upside down and left to right. That is what a "
                "convolution is in mathematics; here the kernel lies on the window as it is.",
                lambda image, kernel: _slide(image, kernel[::-1, ::-1]),
            ),
            Misconception(
                "The rows and the columns of the kernel were exchanged. Pixel (p, q) of the "
                "window is multiplied by kernel[p, q]: no transpose.",
                lambda image, kernel: _slide(image, kernel.T),
            ),
            Misconception(
                "Only the product of the window's last pixel is left: the others were replaced. "
                "Add them up: z[i, j] += ...",
                lambda image, kernel: _slide(image, kernel, lambda w, k: w[-1, -1] * k[-1, -1]),
            ),
            Misconception(
                "The products were averaged. Add them up: np.sum.",
                lambda image, kernel: _slide(image, kernel) / kernel.size,
            ),
            Misconception(
                "window @ kernel is the matrix product, rows times columns. Here each pixel is "
                "multiplied by the number that lies on it: window * kernel.",
                lambda image, kernel: _slide(image, kernel, lambda w, k: np.sum(w @ k)),
            ),
            Misconception(
                "One row and one column of places are missing. The last window begins at row "
                "H - k, and range stops one earlier: range(H - k + 1).",
                lambda image, kernel: _slide(image, kernel)[:-1, :-1],
            ),
            Misconception(
                "The last row and the last column of z were never filled. The last window begins "
                "at row H - k, and range stops one earlier: range(H - k + 1).",
                _slide_but_the_last,
            ),
            Misconception(
                "The sums are right, but z is as large as the image, with zeros at the right and "
                "at the bottom. There are only (H - k + 1, W - k + 1) places.",
                _slide_into_an_image,
            ),
            Misconception(
                "This is one number, the sum at the last place. Keep each sum where it belongs: "
                "z[i, j] = ...",
                lambda image, kernel: _slide(image, kernel)[-1, -1],
            ),
            Misconception(
                "Each place holds the sum of all places before it, too. Is the sum set to 0 "
                "inside both loops?",
                lambda image, kernel: (z := _slide(image, kernel)).cumsum().reshape(z.shape),
            ),
            Misconception(
                "The sums are right, but they stand in one row. Make z = np.zeros((H - k + 1, "
                "W - k + 1)) first, and put each sum into its place, z[i, j].",
                lambda image, kernel: _slide(image, kernel).ravel(),
            ),
            Misconception(
                "Some columns of places were not visited. Rows and columns are not equally many: "
                "H - k + 1 rows, W - k + 1 columns.",
                _slide_square,
            ),
            Misconception(
                "Only the first place was filled. Does the return stand inside the loops?",
                _slide_part(np.s_[:1, :1]),
            ),
            Misconception(
                "These are the sums of the windows alone: the kernel is missing. Multiply each "
                "window by it before you sum.",
                lambda image, kernel: _slide(image, kernel, lambda w, k: np.sum(w)),
            ),
            Misconception(
                "Only the first row was filled. Does the return stand inside the outer loop?",
                _slide_part(np.s_[:1]),
            ),
        ],
        variants=[
            _slide_four_loops,
            _slide_by_taps,
            lambda image, kernel: np.einsum(
                "ijpq,pq->ij", sliding_window_view(image, kernel.shape), kernel
            ),
            lambda image, kernel: np.tensordot(
                sliding_window_view(image, kernel.shape), kernel, axes=2
            ),
            lambda image, kernel: _slide(image, kernel, lambda w, k: w.ravel() @ k.ravel()),
            lambda image, kernel: _slide(image, kernel, np.vdot),
        ],
        library=(convolution.conv2d, convolution.Conv2D),
    ),
    Exercise(
        "6.2",
        reference=output_size,
        inputs=_size_inputs,
        returns=("count",),
        run=_use_size,
        hints=[
            "Put the window at the very start. How many pixels are left after its end, and how "
            "often can it move into them?",
            "With the padding the axis has size + 2 * padding pixels, so "
            "size + 2 * padding - kernel_size are left. It moves stride of them at a time.",
            "The number of moves is what is left, // stride. The places are one more: the first "
            "place needs no move.",
        ],
        misconceptions=[
            Misconception(
                "The 1 is missing: these are the moves. The first place, before any move, counts "
                "too.",
                lambda size, kernel_size, stride, padding: (
                    (size + 2 * padding - kernel_size) // stride
                ),
            ),
            Misconception(
                "The padding was counted once. There are padding zeros at each of the two ends: "
                "2 * padding.",
                lambda size, kernel_size, stride, padding: (
                    (size + padding - kernel_size) // stride + 1
                ),
            ),
            Misconception(
                "The padding was left out. It makes the axis longer by 2 * padding.",
                lambda size, kernel_size, stride, padding: (size - kernel_size) // stride + 1,
            ),
            Misconception(
                "The stride was left out. The window moves stride pixels at a time: divide by it.",
                lambda size, kernel_size, stride, padding: size + 2 * padding - kernel_size + 1,
            ),
            Misconception(
                "It was rounded up. What is left over at the end is too small for another move: "
                "// rounds down.",
                lambda size, kernel_size, stride, padding: (
                    math.ceil((size + 2 * padding - kernel_size) / stride) + 1
                ),
            ),
            Misconception(
                "This is a number with a fraction. There are only whole places: divide with //.",
                lambda size, kernel_size, stride, padding: (
                    (size + 2 * padding - kernel_size) / stride + 1
                ),
            ),
            Misconception(
                "The number is right, but it is a float. // between whole numbers gives a whole "
                "one; int(...) makes one.",
                lambda size, kernel_size, stride, padding: float(
                    (size + 2 * padding - kernel_size) // stride + 1
                ),
            ),
            Misconception(
                "Only the window's size was divided: // goes before + and -. Put brackets round "
                "the pixels that are left.",
                lambda size, kernel_size, stride, padding: (
                    size + 2 * padding - kernel_size // stride + 1
                ),
            ),
            Misconception(
                "The 1 was added before the division. Divide the pixels that are left, then add "
                "the first place.",
                lambda size, kernel_size, stride, padding: (
                    (size + 2 * padding - kernel_size + 1) // stride
                ),
            ),
            Misconception(
                "The window's own size was left out: it must fit as a whole. Subtract "
                "kernel_size first.",
                lambda size, kernel_size, stride, padding: (size + 2 * padding) // stride + 1,
            ),
        ],
        variants=[
            _size_by_steps,
            lambda size, kernel_size, stride, padding: len(
                range(0, size + 2 * padding - kernel_size + 1, stride)
            ),
            lambda size, kernel_size, stride, padding: int(
                (size + 2 * padding - kernel_size) / stride + 1
            ),
            lambda size, kernel_size, stride, padding: (
                math.floor((size + 2 * padding - kernel_size) / stride) + 1
            ),
            lambda size, kernel_size, stride, padding: (
                (size + 2 * padding - kernel_size + stride) // stride
            ),
            lambda size, kernel_size, stride, padding: np.int64(
                np.floor((size - kernel_size + 2 * padding) / stride) + 1
            ),
        ],
        library=(convolution.output_size,),
    ),
    Exercise(
        "6.3",
        reference=conv2d,
        inputs=lambda rng: {
            "x": _numbers(rng, 5, 4, 7, 3),
            "W": _numbers(rng, 2, 2, 3, 4),
            "b": _numbers(rng, 4),
        },
        other_sizes=lambda rng: {
            "x": _numbers(rng, 2, 7, 6, 1),
            "W": _numbers(rng, 3, 3, 1, 8),
            "b": _numbers(rng, 8),
        },
        returns=("z",),
        errors=dict.fromkeys(NUMBER_FOR_ARRAY, KERNELS_HIDDEN),
        hints=[
            "At one place, what goes in and what comes out? How many numbers does the window of "
            "one image hold, and how many sums are made of them?",
            "A window is a row of k * k * C numbers for each image, a kernel a column of as many. "
            "So one place is a dense layer: rows @ columns + b.",
            "window = x[:, i : i + k, j : j + k], then "
            "z[:, i, j] = window.reshape(len(x), -1) @ W.reshape(-1, len(b)) + b.",
        ],
        misconceptions=[
            Misconception(
                "The biases are missing: each filter adds its own to all its sums.",
                lambda x, W, b: _correlate(x, W),
            ),
            Misconception(
                "The kernels were turned round, upside down and left to right. Here they lie on "
                "the window as they are.",
                lambda x, W, b: _conv(x, W[::-1, ::-1], b),
            ),
            Misconception(
                "The numbers of the kernels got mixed up. W is (k, k, C, F): "
                "W.reshape(-1, F) has a column for each filter; W.reshape(F, -1) tears them apart.",
                lambda x, W, b: _conv(x, W.reshape(len(b), -1).T.reshape(W.shape), b),
            ),
            Misconception(
                "The bias was added to each product before they were summed, so it counts "
                "k * k * C times. Sum first, then add b once.",
                lambda x, W, b: _conv(x, W, b * W[..., 0].size),
            ),
            Misconception(
                "Only the last channel is left: what the others gave was replaced. Add them up, "
                "with +=.",
                lambda x, W, b: _conv(x[..., -1:], W[:, :, -1:], b),
            ),
            Misconception(
                "The channels were kept apart: z has an axis too many. A filter adds up the "
                "products of all channels to one number.",
                lambda x, W, b: np.einsum("nijpqc,pqcf->nijcf", _windows(x, len(W)), W) + b,
            ),
            Misconception(
                "Only the first image was filled: x[0] is one image, x[:, ...] are all of them.",
                _conv_part(np.s_[:1]),
            ),
            Misconception(
                "Only the first place was filled. Does the return stand inside the loops?",
                _conv_part(np.s_[:, :1, :1]),
            ),
            Misconception(
                "The sum went over the images too, and each image got the total. Sum over "
                "axis=(1, 2, 3), the window's rows, columns and channels, not over axis 0.",
                _conv_alike(axis=0),
            ),
            Misconception(
                "The sum went over the filters too, and each filter got the total. Each filter "
                "makes a sum of its own.",
                _conv_alike(axis=3),
            ),
            Misconception(
                "One row and one column of places are missing. The last window begins at row "
                "H - k, and range stops one earlier: range(H - k + 1).",
                lambda x, W, b: _conv(x, W, b)[:, :-1, :-1],
            ),
            Misconception(
                "The last row and the last column of z were never filled. The last window begins "
                "at row H - k, and range stops one earlier: range(H - k + 1).",
                _conv_but_the_last,
            ),
            Misconception(
                "The filters come in the second axis. In this course channels are last: z is "
                "(N, H - k + 1, W - k + 1, F).",
                lambda x, W, b: np.moveaxis(_conv(x, W, b), -1, 1),
            ),
            Misconception(
                "The places come first and the images after them. z is "
                "(N, H - k + 1, W - k + 1, F): put what belongs to a place into z[:, i, j].",
                lambda x, W, b: np.moveaxis(_conv(x, W, b), 0, 2),
            ),
            Misconception(
                "Some columns of places were not visited. Rows and columns are not equally many: "
                "H - k + 1 rows, W - k + 1 columns.",
                _conv_square,
            ),
            Misconception(
                "Only the first row of places was filled. Does the return stand inside the outer "
                "loop?",
                _conv_part(np.s_[:, :1]),
            ),
            Misconception(
                "Only the last image was filled. Is the line that fills z inside all loops?",
                _conv_part(np.s_[-1:]),
            ),
            Misconception(
                "The bias was added for each channel, so it counts C times. Sum over the "
                "channels first, then add b once.",
                lambda x, W, b: _conv(x, W, b * W.shape[2]),
            ),
        ],
        variants=[
            _conv,
            _conv_all_loops,
            _conv_by_filters,
            _conv_by_convolve,
            _conv_by_taps,
            _conv_in_columns,
            lambda x, W, b: np.einsum("nijpqc,pqcf->nijf", _windows(x, len(W)), W) + b,
        ],
        library=(convolution.conv2d, convolution.Conv2D),
    ),
    Exercise(
        "6.4",
        reference=max_pool,
        inputs=lambda rng: {"x": _distinct(rng, 5, 7, 9, 6), "size": 2},
        other_sizes=lambda rng: {"x": _distinct(rng, 5, 8, 13, 7), "size": 3},
        returns=("a",),
        hints=[
            "The windows don't overlap. At which row does window i begin, if each is size rows "
            "high?",
            "It covers the rows i * size to (i + 1) * size, that is the slice "
            "i * size : (i + 1) * size. There are H // size of them.",
            "a = np.zeros((N, H // size, W // size, C)), and at each place "
            "a[:, i, j] = window.max(axis=(1, 2)): over rows and columns, not over images and "
            "channels.",
        ],
        misconceptions=[
            Misconception(
                "This is the mean of each window. Max-pooling takes its largest number.",
                lambda x, size: _pool(x, size, np.mean),
            ),
            Misconception(
                "Where all numbers of a window are negative, it gave 0. The largest of -3 and -1 "
                "is -1: don't start from 0, and put no zeros around the image.",
                lambda x, size: np.maximum(_pool(x, size), 0),
            ),
            Misconception(
                "The windows overlap: they moved by one pixel. Window i begins at row i * size.",
                _pool_everywhere,
            ),
            Misconception(
                "There are as many windows as there should be, but they moved by one pixel. "
                "Window i begins at row i * size.",
                lambda x, size: _pool_everywhere(x, size)[
                    :, : x.shape[1] // size, : x.shape[2] // size
                ],
            ),
            Misconception(
                "The windows are one pixel too large. The end of a slice is not part of it: the "
                "rows are i * size : (i + 1) * size.",
                _pool_larger,
            ),
            Misconception(
                "The smaller windows at the edge were used too. Only whole windows count: there "
                "are H // size by W // size of them.",
                _pool_up,
            ),
            Misconception(
                "The maximum went over the channels too. Each channel is pooled by itself: "
                "axis=(1, 2).",
                _pool_over(3),
            ),
            Misconception(
                "The maximum went over the images too. Each image is pooled by itself: "
                "axis=(1, 2).",
                _pool_over(0),
            ),
            Misconception(
                "The maximum went over all images and channels. Each is pooled by itself: "
                "axis=(1, 2).",
                _pool_over((0, 3)),
            ),
            Misconception(
                "reshape keeps the reading order, so these blocks are no windows. Reshape to "
                "(N, H // size, size, W // size, size, C), and take the maximum over axes 2 "
                "and 4.",
                _pool_torn,
            ),
            Misconception(
                "Some columns of windows were not visited. Rows and columns are not equally "
                "many: H // size rows, W // size columns.",
                _pool_square,
            ),
            Misconception(
                "The last row and the last column of windows were not visited: range(n) stops at "
                "n - 1 by itself.",
                _pool_but_the_last,
            ),
            Misconception(
                "These are the places of the largest pixels in their windows, as argmax gives "
                "them. Return the pixels themselves: max.",
                _pool_places,
            ),
        ],
        variants=[
            lambda x, size: _pool(x, size),
            _pool_all_loops,
            _pool_by_shifts,
            _pool_by_starts,
            lambda x, size: _windows(x, size)[:, ::size, ::size].max(axis=(3, 4)),
        ],
        library=(convolution.max_pool2d, convolution.MaxPool2D),
    ),
    Exercise(
        "6.5",
        reference=conv2d_backward,
        inputs=lambda rng: {
            "dz": _numbers(rng, 5, 3, 6, 4),
            "x": _numbers(rng, 5, 4, 7, 3),
            "W": _numbers(rng, 2, 2, 3, 4),
        },
        other_sizes=lambda rng: {
            "dz": _numbers(rng, 2, 5, 4, 8),
            "x": _numbers(rng, 2, 7, 6, 1),
            "W": _numbers(rng, 3, 3, 1, 8),
        },
        returns=("dx", "dW", "db"),
        errors=dict.fromkeys(NUMBER_FOR_ARRAY, KERNELS_HIDDEN),
        forward=_correlate,
        differences={"dx": "x", "dW": "W"},
        hints=[
            "Look at one window. Its pixels were multiplied by W, and W by its pixels. What do "
            "the pixels get from dz[:, i, j], and what does W?",
            "As in a dense layer: the window's pixels get dz_here @ kernels.T, the kernels get "
            "window.T @ dz_here, with the window as rows (N, k * k * C) and the kernels as "
            "(k * k * C, F). Reshape both back.",
            "dx[:, i : i + k, j : j + k] += ... and dW += ... at every place, as each pixel is in "
            "several windows, and each weight is used in all. db = dz.sum(axis=(0, 1, 2)).",
        ],
        misconceptions=[
            Misconception(
                "dx was replaced where it should grow. A pixel is in several windows and gets "
                "something from each: dx[...] += ...",
                _backward_with(dx=_dx_overwritten),
            ),
            Misconception(
                "dW holds only what the last place gave. The kernel was used at all places: "
                "dW += ...",
                _backward_with(dW=_dW_at_the_last_place),
            ),
            Misconception(
                "dx and dW were replaced at each place where they should grow. Begin with zeros "
                "and add, with +=, what each place gives.",
                _backward_with(dx=_dx_overwritten, dW=_dW_at_the_last_place),
            ),
            Misconception(
                "dx and dW hold only what the last place gave: they were set to 0 at each place. "
                "Make the zeros before the loop.",
                lambda dz, x, W: (
                    *_backward(_the_last_place(dz), x, W)[:2],
                    dz.sum(axis=(0, 1, 2)),
                ),
            ),
            Misconception(
                "dx, dW and db hold only what the last place gave: they were set to 0 at each "
                "place. Make the zeros before the loop.",
                lambda dz, x, W: _backward(_the_last_place(dz), x, W),
            ),
            Misconception(
                "db holds only what the last place gave. b was added at all places, in all "
                "images: sum dz over axes 0, 1 and 2.",
                _backward_with(db=lambda dz, x, W: dz[:, -1, -1].sum(axis=0)),
            ),
            Misconception(
                "db was summed over the images only. b was added at every place too: sum dz over "
                "axes 0, 1 and 2.",
                _backward_with(db=lambda dz, x, W: dz.sum(axis=0)),
            ),
            Misconception(
                "db is the sum of everything. Each filter has its own b: sum dz over axes 0, 1 "
                "and 2, so that the filters remain.",
                _backward_with(db=lambda dz, x, W: dz.sum()),
            ),
            Misconception(
                "db is a mean. b was added at each place of each image, and each sends its dz "
                "back: sum.",
                _backward_with(db=lambda dz, x, W: dz.mean(axis=(0, 1, 2))),
            ),
            Misconception(
                "db is N times too small: the loss has taken the mean over the batch already, so "
                "each image's dz counts in full. Sum over axes 0, 1 and 2.",
                _backward_with(db=lambda dz, x, W: dz.mean(axis=0).sum(axis=(0, 1))),
            ),
            Misconception(
                "dW and db are N times too small: the loss has taken the mean over the batch "
                "already. No layer divides by N again.",
                lambda dz, x, W: (
                    _spread(dz, W),
                    _products(dz, x, W) / len(x),
                    dz.sum(axis=(0, 1, 2)) / len(x),
                ),
            ),
            Misconception(
                "All three are N times too small: the loss has taken the mean over the batch "
                "already. No layer divides by N again.",
                lambda dz, x, W: tuple(part / len(x) for part in _backward(dz, x, W)),
            ),
            Misconception(
                "In dx the kernel lies the wrong way round. With a loop over the windows, use W "
                "as it is; if W slides over a padded dz, turn it: W[::-1, ::-1].",
                _backward_with(dx=lambda dz, x, W: _spread(dz, W[::-1, ::-1])),
            ),
            Misconception(
                "In dx the numbers of the kernels got mixed up. W is (k, k, C, F): use "
                "W.reshape(-1, F).T; W.reshape(F, -1) tears the filters apart.",
                _backward_with(dx=_dx_mixed),
            ),
            Misconception(
                "dW is right, but it is still a matrix (k * k * C, F). Give it the shape of W, "
                "with dW.reshape(W.shape).",
                _backward_with(dW=lambda dz, x, W: _products(dz, x, W).reshape(-1, W.shape[3])),
            ),
            Misconception(
                "In dW the pixels and dz were summed over the images before they were multiplied. "
                "Each image's pixels meet their own dz: multiply first, window.T @ dz_here.",
                _backward_with(dW=_dW_images_mixed),
            ),
            Misconception(
                "dW holds the right numbers in the wrong places. dz_here.T @ window is "
                "(F, k * k * C), but W has its filters last: window.T @ dz_here, then reshape.",
                _backward_with(dW=_dW_mixed),
            ),
            Misconception(
                "The last row and the last column of places were not visited. There are "
                "dz.shape[1] by dz.shape[2] places, and range stops one earlier by itself.",
                lambda dz, x, W: (
                    *_backward(_but_the_last_places(dz, x, W), x, W)[:2],
                    dz.sum(axis=(0, 1, 2)),
                ),
            ),
            Misconception(
                "Only the first place was visited. Does the return stand inside the loops?",
                lambda dz, x, W: _backward(dz * (np.indices(dz.shape)[1:3].sum(axis=0) == 0), x, W),
            ),
            Misconception(
                "Nothing was added up: dx, dW and db hold only what came last. Begin with zeros "
                "and write += in all three lines.",
                _backward_with(
                    dx=_dx_last_filter,
                    dW=lambda dz, x, W: _dW_at_the_last_place(dz[-1:], x[-1:], W),
                    db=lambda dz, x, W: dz[-1, -1, -1],
                ),
            ),
        ],
        variants=[
            _backward,
            _backward_by_einsum,
            _backward_all_loops,
            _backward_by_tensordot,
            lambda dz, x, W: list(_backward_by_tensordot(dz, x, W)),
        ],
        library=(convolution.conv2d_backward, convolution.Conv2D),
    ),
    Exercise(
        "6.6",
        reference=max_pool_backward,
        inputs=_pool_inputs(3, 5, 9, 6, size=2),
        other_sizes=_pool_inputs(5, 8, 13, 7, size=3),
        returns=("dx",),
        run=_use_pool_backward,
        hints=[
            "Nudge a pixel that is not the largest of its window: what happens to the output? "
            "And if you nudge the largest?",
            "Start with dx = np.zeros_like(x). Window (i, j) of image n and channel c is "
            "x[n, i * size : (i + 1) * size, j * size : (j + 1) * size, c]; "
            "row, column = divmod(window.argmax(), size) is where its largest pixel is.",
            "row and column count from the window's corner, so the pixel is "
            "dx[n, i * size + row, j * size + column, c]. It gets da[n, i, j, c].",
        ],
        misconceptions=[
            Misconception(
                "dx is 0 everywhere. Was something written into a copy? dx[...].ravel() is one, "
                "and so is a window after reshape or copy: write into dx[n, row, column, c].",
                _unpool(lambda window, size: np.zeros_like(window)),
            ),
            Misconception(
                "Where several pixels of a window are equally large, each got all of da: too much "
                "was handed out. A mask such as window == window.max() does so. Give it to one, "
                "such as that of argmax.",
                _unpool(_equal(1, 2)),
            ),
            Misconception(
                "da was shared out evenly among all pixels of a window: that is the way back of "
                "a mean. Of a maximum, only the largest pixel had a say, and it gets all.",
                _unpool(lambda window, size: np.full(window.shape, 1 / size**2)),
            ),
            Misconception(
                "Every pixel of a window got da. Only the largest one had a say in the maximum; "
                "the others get 0.",
                _unpool(lambda window, size: np.ones_like(window)),
            ),
            Misconception(
                "The largest pixel got da times its own value. The slope of the maximum is 1 "
                "there: it gets da.",
                _unpool(lambda window, size: _first(window) * window),
            ),
            Misconception(
                "The largest pixels hold 1: this is the mask. Multiply it by da.",
                lambda da, x, size: _unpool(lambda window, size: _first(window))(
                    np.ones_like(da), x, size
                ),
            ),
            Misconception(
                "All went into the corner of the image: row and column of the largest pixel "
                "count from the corner of its window. Add i * size and j * size.",
                _unpool_at(lambda i, j, row, column, size: (row, column)),
            ),
            Misconception(
                "The window (i, j) begins at row i * size, not at i, and at column j * size. "
                "Here dx was filled from i and j on.",
                _unpool_at(lambda i, j, row, column, size: (i + row, j + column)),
            ),
            Misconception(
                "Row and column within the window were exchanged. argmax counts row by row: the "
                "row is number // size, the column number % size, as divmod gives them.",
                _unpool_at(lambda i, j, row, column, size: (i * size + column, j * size + row)),
            ),
            Misconception(
                "The largest was looked for in all images and channels at once. Each image and "
                "each channel has its own: axis=(1, 2) with keepdims=True, or one at a time.",
                _unpool(_equal(0, 1, 2, 3)),
            ),
            Misconception(
                "The pixels left over at the edge are missing. They had no say and get 0, but dx "
                "has the shape of x.",
                _unpool(lambda window, size: _first(window), full=False),
            ),
        ],
        variants=[
            _unpool(lambda window, size: _first(window)),
            _unpool_by_mask,
            _unpool_to_the_last,
            _unpool_unravelled,
        ],
        library=(convolution.max_pool2d_backward, convolution.MaxPool2D),
    ),
    Exercise(
        "6.7",
        reference=dropout,
        inputs=_dropout_inputs(4, 5, rate=0.33),
        other_sizes=_dropout_inputs(2, 3, 2, rate=0.2),
        returns=("a", "dx"),
        hints=[
            "Which comparison of uniform and rate says what is kept? What is True times a number?",
            "mask = uniform >= rate is 1 where a value is kept, 0 where it is dropped. By what "
            "must the kept ones be divided, so that the mean stays?",
            "mask = (uniform >= rate) / (1 - rate). Multiply x by it for a, and da by the very "
            "same mask for dx.",
        ],
        misconceptions=[
            Misconception(
                "The kept values are too small: divide them by 1 - rate, and da there too, so "
                "that the mean stays as it was.",
                _drop(_kept),
            ),
            Misconception(
                "The way forward is scaled and the way back is not. a is x times the mask "
                "divided by 1 - rate, so dx is da times the very same.",
                _drop(_inverted, _kept),
            ),
            Misconception(
                "The kept values were divided by rate. A part 1 - rate of them is kept: divide "
                "by 1 - rate.",
                _drop(lambda uniform, rate: (uniform >= rate) / rate),
            ),
            Misconception(
                "The kept values were multiplied by 1 - rate, which makes them smaller still. "
                "Divide, so that they make up for the dropped ones.",
                _drop(lambda uniform, rate: (uniform >= rate) * (1 - rate)),
            ),
            Misconception(
                "It keeps what it should drop. A value is dropped where uniform is below rate, "
                "so it is kept where uniform >= rate.",
                _drop(lambda uniform, rate: (uniform < rate) / (1 - rate)),
            ),
            Misconception(
                "It keeps what it should drop, and doesn't scale: kept is where uniform >= rate, "
                "and what is kept is divided by 1 - rate.",
                _drop(lambda uniform, rate: (uniform < rate) * 1.0),
            ),
            Misconception(
                "rate was taken as the part that is kept. It is the part that is dropped: kept "
                "is where uniform >= rate, and what is kept is divided by 1 - rate.",
                _drop(lambda uniform, rate: (uniform < rate) / rate),
            ),
            Misconception(
                "The gradient goes through dropped values too. What was dropped had no say: "
                "multiply da by the same mask as x.",
                _drop(_inverted, lambda uniform, rate: np.ones_like(uniform)),
            ),
            Misconception(
                "da was multiplied by a. The slope of a = x · mask is the mask: dx = da * mask.",
                lambda x, da, uniform, rate: (
                    x * _inverted(uniform, rate),
                    x * da * _inverted(uniform, rate),
                ),
            ),
            Misconception(
                "The mask was read off a, by a != 0. A value that was kept may be 0 itself, as "
                "many are after a ReLU: use uniform >= rate for both.",
                lambda x, da, uniform, rate: (
                    x * _inverted(uniform, rate),
                    da * _inverted(uniform, rate) * (x != 0),
                ),
            ),
            Misconception(
                "/ goes before -: the mask was divided by 1, and then rate was subtracted. Put "
                "brackets round 1 - rate.",
                _drop(lambda uniform, rate: (uniform >= rate) / 1 - rate),
            ),
            Misconception(
                "The dropped values were left out, and the shape is lost. They become 0 and stay "
                "where they are: multiply by the mask.",
                lambda x, da, uniform, rate: (
                    x[uniform >= rate] / (1 - rate),
                    da[uniform >= rate] / (1 - rate),
                ),
            ),
            Misconception(
                "The mask was read off a, by a > 0. A kept value may be 0 or negative: use "
                "uniform >= rate for both.",
                lambda x, da, uniform, rate: (
                    x * _inverted(uniform, rate),
                    da * _inverted(uniform, rate) * (x > 0),
                ),
            ),
        ],
        variants=[
            _dropout_by_index,
            _dropout_all_loops,
            _drop(lambda uniform, rate: np.where(uniform < rate, 0, 1 / (1 - rate))),
            _drop(lambda uniform, rate: ~(uniform < rate) * (1 / (1 - rate))),
            _drop(lambda uniform, rate: (uniform > rate).astype(int) / (1 - rate)),
            lambda x, da, uniform, rate: [
                np.where(uniform < rate, 0, v / (1 - rate)) for v in (x, da)
            ],
        ],
        library=(Dropout,),
    ),
    Exercise(
        "6.8",
        reference=combine_gradients,
        inputs=lambda rng: {
            "gradients": [_numbers(rng, 2, 4) for _ in range(3)],
            "rows": [5, 3, 7],
        },
        other_sizes=lambda rng: {
            "gradients": [_numbers(rng, 3) for _ in range(2)],
            "rows": [1, 4],
        },
        returns=("gradient",),
        errors=dict.fromkeys(("einstein sum", "for array of dimension"), ANY_AXES),
        hints=[
            "Each gradient is a mean over its rows. What is the sum over the rows of a part?",
            "n * gradient is the sum over a part with n rows. Add up the parts. By what must "
            "the total be divided to be a mean again?",
            "Add up n * gradient for all pairs in zip(gradients, rows), then divide by sum(rows).",
        ],
        misconceptions=[
            Misconception(
                "All parts count the same here. A part with more rows weighs more: multiply "
                "each gradient by its rows, and divide by all rows.",
                lambda gradients, rows: sum(gradients) / len(gradients),
            ),
            Misconception(
                "Right for arrays of two axes only. A loop over zip(gradients, rows) works for "
                "any number of axes.",
                lambda gradients, rows: (
                    (np.reshape(rows, (-1, 1, 1)) * gradients).sum(axis=0) / sum(rows)
                ),
            ),
            Misconception(
                "The gradients were added up. Each is a mean already: multiply each by its rows, "
                "and divide the total by all rows.",
                lambda gradients, rows: sum(gradients),
            ),
            Misconception(
                "This is the sum over all rows. Divide it by sum(rows): the mean is wanted.",
                lambda gradients, rows: sum(n * g for g, n in zip(gradients, rows)),
            ),
            Misconception(
                "The total was divided by the number of parts. It is a sum over rows: divide it "
                "by sum(rows).",
                lambda gradients, rows: (
                    sum(n * g for g, n in zip(gradients, rows)) / len(gradients)
                ),
            ),
            Misconception(
                "Only the first part was counted. Does the return stand inside the loop?",
                lambda gradients, rows: rows[0] * gradients[0] / sum(rows),
            ),
            Misconception(
                "Only the last part is left: add to the total, with +=, and don't replace it.",
                lambda gradients, rows: rows[-1] * gradients[-1] / sum(rows),
            ),
            Misconception(
                "Only the first two parts were used. There may be any number of them: loop over "
                "zip(gradients, rows).",
                lambda gradients, rows: (
                    (rows[0] * gradients[0] + rows[1] * gradients[1]) / (rows[0] + rows[1])
                ),
            ),
            Misconception(
                "The first gradient was counted once too often: the total began with it. Begin "
                "with 0, or with np.zeros_like(gradients[0]).",
                lambda gradients, rows: (
                    (gradients[0] + sum(n * g for g, n in zip(gradients, rows))) / sum(rows)
                ),
            ),
            Misconception(
                "The total was divided in each round of the loop. Add up everything, then divide "
                "once, after the loop.",
                _dividing_each_time,
            ),
            Misconception(
                "This is one number, the mean of everything. The gradient has the shape of each "
                "part's: with np.mean or np.average, axis=0 goes over the parts only.",
                lambda gradients, rows: np.mean(gradients),
            ),
            Misconception(
                "The parts are still apart: add up what each gives to one array.",
                lambda gradients, rows: [n * g / sum(rows) for g, n in zip(gradients, rows)],
            ),
        ],
        variants=[
            _running_weighted_mean,
            lambda gradients, rows: np.average(gradients, axis=0, weights=rows),
            lambda gradients, rows: np.tensordot(rows, gradients, axes=1) / sum(rows),
            lambda gradients, rows: np.einsum(
                "p,p...->...", np.array(rows) / np.sum(rows), np.stack(gradients)
            ),
            lambda gradients, rows: sum(g * (n / sum(rows)) for g, n in zip(gradients, rows)),
        ],
    ),
]
