"""Lesson 6, convolution: its exercises."""

# ruff: noqa: B905  (the references show what stands in the notebook: zip without strict)

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ... import convolution
from ...fast_convolution import Conv2D, MaxPool2D
from ..authoring import Exercise, Misconception, Slip


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


def _image_and_kernel(rng, H=4, W=6, k=3, dtype=float):
    kernel = 3 * rng.normal(size=(k, k))
    return {"image": rng.normal(size=(H, W)).round(2), "kernel": kernel.round(2).astype(dtype)}


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


one_kernel = Exercise(
    "6.1",
    convolve,
    returns="z",
    inputs=_image_and_kernel,
    sizes=[{"H": 6, "W": 4, "k": 2}, {"k": 1}, {"dtype": int}],
    hints=[
        "Where is the window when its top left pixel is at row i and column j? Which rows and "
        "which columns does it cover?",
        "The window is image[i : i + k, j : j + k], with k = len(kernel). i runs through "
        "range(H - k + 1), j through range(W - k + 1).",
        "Make z = np.zeros((H - k + 1, W - k + 1)). At each place: "
        "z[i, j] = np.sum(window * kernel).",
    ],
    misconceptions=[
        Slip("The kernel was turned round, upside down and left to right. That is what a "
             "convolution is in mathematics; here the kernel lies on the window as it is.",
             "window * kernel", "window * kernel[::-1, ::-1]"),
        Slip("The rows and the columns of the kernel were exchanged. Pixel (p, q) of the window is "
             "multiplied by kernel[p, q]: no transpose.", "window * kernel", "window * kernel.T"),
        Slip("Only the product of the window's last pixel is left: the others were replaced. Add "
             "them up: z[i, j] += ...", "np.sum(window * kernel)", "(window * kernel)[-1, -1]"),
        Slip("The products were averaged. Add them up: np.sum.", "np.sum", "np.mean"),
        Slip("window @ kernel is the matrix product, rows times columns. Here each pixel is "
             "multiplied by the number that lies on it: window * kernel.",
             "window * kernel", "window @ kernel"),
        Slip("These are the sums of the windows alone: the kernel is missing. Multiply each window "
             "by it before you sum.", "window * kernel", "window"),
        Slip("window is a piece of the image itself: window *= kernel writes into the image, and "
             "the windows that follow see it. window * kernel makes a new array.",
             "z[i, j] = np.sum(window * kernel)",
             "window *= kernel\n            z[i, j] = np.sum(window)"),
        Slip("The kernel itself is multiplied at each place: kernel *= window changes it. "
             "window * kernel makes a new array.", "z[i, j] = np.sum(window * kernel)",
             "kernel *= window\n            z[i, j] = np.sum(kernel)"),
        Slip("One row and one column of places are missing. The last window begins at row H - k, "
             "and range stops one earlier: range(H - k + 1).", "return z", "return z[:-1, :-1]"),
        Slip("The last row and the last column of z were never filled. The last window begins at "
             "row H - k, and range stops one earlier: range(H - k + 1).",
             "range(H - k + 1)", "range(H - k)", "range(W - k + 1)", "range(W - k)"),
        Slip("The sums are right, but z is as large as the image, with zeros at the right and at "
             "the bottom. There are only (H - k + 1, W - k + 1) places.",
             "(H - k + 1, W - k + 1)", "(H, W)"),
        Slip("The image was taken for a square. Rows and columns are not equally many: H - k + 1 "
             "rows, W - k + 1 columns, with H, W = image.shape.",
             "H, W = image.shape", "H = W = len(image)"),
        Slip("Some columns of places were not visited. Rows and columns are not equally many: "
             "H - k + 1 rows, W - k + 1 columns.", "range(W - k + 1)", "range(H - k + 1)"),
        Slip("This is one number, the sum at the last place. Keep each sum where it belongs: "
             "z[i, j] = ...", "z[i, j]", "z"),
        Slip("Each place holds the sum of all places before it, too. Is the sum set to 0 inside "
             "both loops?", "return z", "return z.cumsum().reshape(z.shape)"),
        Slip("The sums are right, but they stand in one row. Make z = np.zeros((H - k + 1, "
             "W - k + 1)) first, and put each sum into its place, z[i, j].",
             "return z", "return z.ravel()"),
        Slip("Only the first place was filled. Does the return stand inside the loops?",
             "\n    return", "\n            return"),
        Slip("Only the first row was filled. Does the return stand inside the outer loop?",
             "\n    return", "\n        return"),
        Slip("Wrong where the kernel holds whole numbers, as most kernels of the lesson do: z has "
             "the kernel's type, so all sums are cut off to whole numbers. np.zeros without a "
             "dtype holds fractions.", "W - k + 1))", "W - k + 1), kernel.dtype)"),
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
    ],
    library=(convolution.conv2d, Conv2D),
)  # fmt: skip


def output_size(size, kernel_size, stride, padding):
    """How many places a window has along one axis of an image.

    The image has size pixels there, the window kernel_size; the window moves stride pixels at a
    time; padding zeros are put at each end. All are whole numbers. Returns an int.
    """
    return (size + 2 * padding - kernel_size) // stride + 1


def _window_along_an_axis(rng, size=13, kernel_size=4, stride=3, padding=2):
    return {"size": size, "kernel_size": kernel_size, "stride": stride, "padding": padding}


def _size_by_steps(size, kernel_size, stride, padding):
    start, places = -padding, 0
    while start + kernel_size <= size + padding:
        start, places = start + stride, places + 1
    return places


ONE_AXIS = ("size", "kernel_size", "stride", "padding")
places = Exercise(
    "6.2",
    output_size,
    returns="count",
    inputs=_window_along_an_axis,
    sizes=[
        dict(zip(ONE_AXIS, setting))
        for setting in ((28, 3, 1, 0), (28, 5, 1, 2), (28, 3, 2, 1), (7, 7, 2, 0), (12, 2, 5, 0),
                        (11, 4, 4, 3), (9, 3, 2, 0))
    ],
    hints=[
        "Put the window at the very start. How many pixels are left after its end, and how often "
        "can it move into them?",
        "With the padding the axis has size + 2 * padding pixels, so "
        "size + 2 * padding - kernel_size are left. It moves stride of them at a time.",
        "The number of moves is what is left, // stride. The places are one more: the first place "
        "needs no move.",
    ],
    misconceptions=[
        Slip("The 1 is missing: these are the moves. The first place, before any move, counts too.",
             "stride + 1", "stride"),
        Slip("The padding was counted once. There are padding zeros at each of the two ends: "
             "2 * padding.", "2 * padding", "padding"),
        Slip("The padding was left out. It makes the axis longer by 2 * padding.",
             " + 2 * padding", ""),
        Slip("The stride was left out. The window moves stride pixels at a time: divide by it.",
             "// stride ", ""),
        Slip("It was rounded up. What is left over at the end is too small for another move: // "
             "rounds down.", "(size", "-(-(size", "// stride", "// stride)"),
        Slip("A last place that just fits is missing: the window may end exactly where the axis "
             "ends. Is it a < that should be <=, or a range that stops one too early?",
             "(size", "-(-(size", "// stride + 1", "// stride)"),
        Slip("This is a number with a fraction. There are only whole places: divide with //.",
             "//", "/"),
        Slip("The number is right, but it is a float. // between whole numbers gives a whole one; "
             "int(...) makes one.", "stride + 1", "stride + 1.0"),
        Slip("Only the window's size was divided: // goes before + and -. Put brackets round the "
             "pixels that are left.", "(size", "size", "size)", "size"),
        Slip("The 1 was added before the division. Divide the pixels that are left, then add the "
             "first place.", "kernel_size) // stride + 1", "kernel_size + 1) // stride"),
        Slip("The window's own size was left out: it must fit as a whole. Subtract kernel_size "
             "first.", " - kernel_size", ""),
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
        lambda size, kernel_size, stride, padding: np.int64(
            np.floor((size - kernel_size + 2 * padding + stride) / stride)
        ),
    ],
    library=(convolution.output_size,),
)  # fmt: skip


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


def _images_and_kernels(rng, N=5, H=4, width=7, k=2, C=3, F=4):
    x, W = rng.normal(size=(N, H, width, C)), rng.normal(size=(k, k, C, F))
    return {"x": x.round(2), "W": W.round(2), "b": rng.normal(size=F).round(2)}


FEW_CHANNELS = {"N": 2, "H": 7, "width": 6, "k": 3, "C": 1, "F": 8}
KERNELS_HIDDEN = dict.fromkeys(
    ("'int' object", "of type 'int'", "with shape () "),  # in the messages of errors
    "W is the kernels here. After a line such as N, H, W, C = x.shape it is a number: give the "
    "width another name.",
)
WINDOW_ERRORS = KERNELS_HIDDEN | {
    "cannot reshape": "A window of all images is x[:, i : i + k, j : j + k], (N, k, k, C), and the "
    "kernels are (k, k, C, F). Is it one of them that is reshaped here, at a place that exists?",
}


def _windows(x, k):
    """What the window sees at each place: (N, H', W', k, k, C)."""
    return np.moveaxis(sliding_window_view(x, (k, k), axis=(1, 2)), 3, -1)


def _correlate(x, W):
    windows = _windows(x, len(W))
    return windows.reshape(*windows.shape[:3], -1) @ W.reshape(-1, W.shape[-1])


def _conv_all_loops(x, W, b):
    N, height, width, C = x.shape
    k, _, _, F = W.shape
    z = np.zeros((N, height - k + 1, width - k + 1, F))
    for n, i, j, f in np.ndindex(z.shape):
        z[n, i, j, f] = b[f]
        for p, q, c in np.ndindex(k, k, C):
            z[n, i, j, f] += x[n, i + p, j + q, c] * W[p, q, c, f]
    return z


def _conv_by_convolve(x, W, b):
    """With exercise 6.1, for each image, channel and filter."""
    maps = [
        [sum(map(_slide_by_taps, image.T, W.T[f])) + b[f] for f in range(len(b))] for image in x
    ]
    return np.moveaxis(maps, 1, -1).swapaxes(1, 2)


ALL_PLACES = "np.ndindex(z.shape[1:3])"
AT_A_PLACE = "z[:, i, j] = window.reshape(N, k * k * C) @ kernels"
filters = Exercise(
    "6.3",
    conv2d,
    returns="z",
    inputs=_images_and_kernels,
    sizes=[FEW_CHANNELS, {"N": 1, "k": 1}],
    tolerance=1e-4,  # it may call an answer to 6.1 that works in float32
    errors=WINDOW_ERRORS | {
        "mismatch in its core dimension": "Each image's window is a row of k * k * C numbers, each "
        "kernel a column of as many: W.reshape(-1, F), with F = W.shape[3], the last axis of W.",
    },
    hints=[
        "At one place, what goes in and what comes out? How many numbers does the window of one "
        "image hold, and how many sums are made of them?",
        "A window is a row of k * k * C numbers for each image, a kernel a column of as many. So "
        "one place is a dense layer: rows @ columns + b.",
        "window = x[:, i : i + k, j : j + k]. As rows it is window.reshape(len(x), -1), and the "
        "kernels as columns are W.reshape(-1, len(b)). What they make belongs into z[:, i, j].",
    ],
    misconceptions=[
        Slip("The biases are missing: each filter adds its own to all its sums.", " + b", ""),
        Slip("The kernels were turned round, upside down and left to right. Here they lie on the "
             "window as they are.", "W.reshape", "W[::-1, ::-1].reshape"),
        Slip("The rows and the columns of the kernels were exchanged. Pixel (p, q) of the window "
             "is multiplied by W[p, q].", "W.reshape", "W.swapaxes(0, 1).reshape"),
        Slip("The numbers of the kernels got mixed up. W is (k, k, C, F): W.reshape(-1, F) has a "
             "column for each filter; W.reshape(F, -1) tears them apart.",
             "W.reshape(k * k * C, F)", "W.reshape(F, -1).T"),
        Slip("The numbers of different images got mixed up. Each image's window is one row, "
             "window.reshape(N, -1): reshape(-1, N) with a transpose tears the windows apart.",
             "window.reshape(N, k * k * C)", "window.reshape(-1, N).T"),
        Slip("Each filter adds its own b, not the sum of all of them.", "+ b", "+ b.sum()"),
        Slip("The bias was added to each product before they were summed, so it counts k * k * C "
             "times. Sum first, then add b once.", "+ b", "+ b * k * k * C"),
        Slip("The bias was added for each channel, so it counts C times. Sum over the channels "
             "first, then add b once.", "+ b", "+ b * C"),
        Slip("Only the last channel is left: what the others gave was replaced. Add them up, with "
             "+=.", "W.reshape", "np.where(np.arange(C)[:, None] == C - 1, W, 0).reshape"),
        Misconception(
            "The channels were kept apart: z has an axis too many. A filter adds up the products "
            "of all channels to one number.",
            lambda x, W, b: np.einsum("nijpqc,pqcf->nijcf", _windows(x, len(W)), W) + b,
        ),
        Slip("Only the first image was filled: x[0] is one image, x[:, ...] are all of them.",
             AT_A_PLACE, "z[0, i, j] = window[0].ravel() @ kernels"),
        Slip("Only the last image was filled. Is the line that fills z inside all loops?",
             AT_A_PLACE, "z[-1, i, j] = window[-1].ravel() @ kernels"),
        Slip("Only the first place was filled. Does the return stand inside the loops?",
             "\n    return", "\n        return"),
        Slip("Only the first row of places was filled. Does the return stand inside the outer "
             "loop?", ALL_PLACES, "np.ndindex(1, z.shape[2])"),
        Slip("The sum went over the images too, and each image got the total. Sum over "
             "axis=(1, 2, 3), the window's rows, columns and channels, not over axis 0.",
             "window.reshape(N, k * k * C)", "window.sum(axis=0).ravel()"),
        Slip("The sum went over the filters too, and each filter got the total. Each filter makes "
             "a sum of its own.", "@ kernels", "@ kernels.sum(axis=1, keepdims=True)"),
        Slip("One row and one column of places are missing. The last window begins at row H - k, "
             "and range stops one earlier: range(H - k + 1).", "return z", "return z[:, :-1, :-1]"),
        Slip("The last row and the last column of z were never filled. The last window begins at "
             "row H - k, and range stops one earlier: range(H - k + 1).",
             ALL_PLACES, "np.ndindex(z.shape[1] - 1, z.shape[2] - 1)"),
        Slip("The images were taken for squares. Rows and columns are not equally many: x.shape[1] "
             "is the height, x.shape[2] the width.", "width - k + 1", "height - k + 1"),
        Slip("Some columns of places were not visited. Rows and columns are not equally many: "
             "H - k + 1 rows, W - k + 1 columns.",
             ALL_PLACES, "np.ndindex(z.shape[1], z.shape[1])"),
        Slip("The filters come in the second axis. In this course channels are last: z is "
             "(N, H - k + 1, W - k + 1, F).", "return z", "return np.moveaxis(z, -1, 1)"),
        Slip("The places come first and the images after them. z is (N, H - k + 1, W - k + 1, F): "
             "put what belongs to a place into z[:, i, j].",
             "return z", "return np.moveaxis(z, 0, 2)"),
    ],
    variants=[
        _conv_all_loops,
        _conv_by_convolve,
        lambda x, W, b: _correlate(x, W) + b,
        lambda x, W, b: np.einsum("nijpqc,pqcf->nijf", _windows(x, len(W)), W) + b,
    ],
    library=(convolution.conv2d, Conv2D),
)  # fmt: skip


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


def _distinct(rng, *shape):
    """No two are equal, and in most windows all are below 0."""
    size = math.prod(shape)
    return ((rng.permutation(size) - 0.8 * size) / 10).reshape(shape)


def _images_to_pool(rng, N=5, H=7, W=9, C=6, size=2):
    return {"x": _distinct(rng, N, H, W, C), "size": size}


def _pool_all_loops(x, size):
    N, H, W, C = x.shape
    a = np.full((N, H // size, W // size, C), -np.inf)
    for n, i, j, c in np.ndindex(a.shape):
        for p in range(size):
            for q in range(size):
                a[n, i, j, c] = max(a[n, i, j, c], x[n, i * size + p, j * size + q, c])
    return a


def _pool_by_reshape(x, size):
    N, H, W, C = x.shape
    parts = x[:, : H // size * size, : W // size * size]
    return parts.reshape(N, H // size, size, W // size, size, C).max(axis=(2, 4))


ALL_WINDOWS = "np.ndindex(a.shape[1:3])"
THE_WINDOW = "i * size : (i + 1) * size, j * size : (j + 1) * size"
pooling = Exercise(
    "6.4",
    max_pool,
    returns="a",
    inputs=_images_to_pool,
    sizes=[{"H": 8, "W": 13, "C": 7, "size": 3}, {"N": 1, "H": 6, "W": 4}, {"size": 1}],
    errors={
        "cannot reshape": "reshape keeps all numbers. Are pixels left over at the right and at the "
        "bottom? Cut them off first.",
        "zero-size array": "A slice that ends where it begins, or before, holds nothing. The rows "
        "of window i are i * size : (i + 1) * size.",
        "out of bounds for axis": "x has H rows, a has H // size: the same number cannot count the "
        "pixels of the one and the windows of the other.",
    },
    hints=[
        "The windows don't overlap. At which row does window i begin, if each is size rows high?",
        "It covers the rows i * size to (i + 1) * size, that is the slice "
        "i * size : (i + 1) * size. There are H // size of them.",
        "a = np.zeros((N, H // size, W // size, C)), and at each place "
        "a[:, i, j] = window.max(axis=(1, 2)): over rows and columns, not over images and "
        "channels.",
    ],
    misconceptions=[
        Slip("This is the mean of each window. Max-pooling takes its largest number.",
             ".max(", ".mean("),
        Slip("This is the top left pixel of each window, as x[:, ::size, ::size] gives it. "
             "Max-pooling keeps the largest, wherever in the window it lies.",
             "window.max(axis=(1, 2))", "window[:, 0, 0]"),
        Slip("Where all numbers of a window are negative, it gave 0. The largest of -3 and -1 is "
             "-1: don't start from 0, and put no zeros around the image.",
             "axis=(1, 2)", "axis=(1, 2), initial=0"),
        Slip("The windows overlap: they moved by one pixel. Window i begins at row i * size.",
             "H // size, W // size", "H - size + 1, W - size + 1",
             THE_WINDOW, "i : i + size, j : j + size"),
        Slip("There are as many windows as there should be, but they moved by one pixel. Window i "
             "begins at row i * size.", THE_WINDOW, "i : i + size, j : j + size"),
        Slip("The windows are always 2 pixels large and 2 apart. Use size in place of the 2.",
             THE_WINDOW, "2 * i : 2 * i + 2, 2 * j : 2 * j + 2"),
        Slip("The windows are one pixel too large. The end of a slice is not part of it: the rows "
             "are i * size : (i + 1) * size.",
             "(i + 1) * size", "(i + 1) * size + 1", "(j + 1) * size", "(j + 1) * size + 1"),
        Slip("The windows are one pixel too small. A slice stops before its end by itself: the "
             "rows are i * size : (i + 1) * size.",
             "(i + 1) * size", "(i + 1) * size - 1", "(j + 1) * size", "(j + 1) * size - 1"),
        Slip("The smaller windows at the edge were used too. Only whole windows count: there are "
             "H // size by W // size of them.",
             "H // size", "-(-H // size)", "W // size", "-(-W // size)"),
        Slip("What is left over was cut off at the top and at the left. The first window begins "
             "at the first pixel: leave out the last rows and columns.",
             "x.shape", "x.shape\n    x = x[:, H % size :, W % size :]"),
        Slip("The maximum went over the channels too. Each channel is pooled by itself: "
             "axis=(1, 2).", "axis=(1, 2))", "axis=(1, 2, 3))[:, None]"),
        Slip("The maximum went over the images too. Each image is pooled by itself: axis=(1, 2).",
             "axis=(1, 2)", "axis=(0, 1, 2)"),
        Slip("The maximum went over all images and channels. Each is pooled by itself: "
             "axis=(1, 2).", "axis=(1, 2)", ""),
        Slip("reshape keeps the reading order, so these blocks are no windows. Reshape to "
             "(N, H // size, size, W // size, size, C), and take the maximum over axes 2 and 4.",
             "return a", "h, w = a.shape[1:3]\n    x = x[:, : h * size, : w * size]\n"
             "    return x.reshape(N, h, w, size, size, C).max(axis=(3, 4))"),
        Slip("Some columns of windows were not visited. Rows and columns are not equally many: "
             "H // size rows, W // size columns.",
             ALL_WINDOWS, "np.ndindex(a.shape[1], a.shape[1])"),
        Slip("The last row and the last column of windows were not visited: range(n) stops at "
             "n - 1 by itself.", ALL_WINDOWS, "np.ndindex(a.shape[1] - 1, a.shape[2] - 1)"),
        Slip("These are the places of the largest pixels in their windows, as argmax gives them. "
             "Return the pixels themselves: max.",
             "window.max(axis=(1, 2))", "window.reshape(N, -1, C).argmax(axis=1)"),
    ],
    variants=[
        _pool_all_loops,
        _pool_by_reshape,
        lambda x, size: _windows(x, size)[:, ::size, ::size].max(axis=(3, 4)),
    ],
    library=(convolution.max_pool2d, MaxPool2D),
)  # fmt: skip


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


def _convolved(rng, N=3, H=4, width=6, k=2, C=2, F=5):
    """Few numbers: the proof nudges each of them."""
    inputs = _images_and_kernels(rng, N, H, width, k, C, F)
    dz = rng.normal(size=_correlate(inputs["x"], inputs["W"]).shape).round(2)
    return {"dz": dz, "x": inputs["x"], "W": inputs["W"]}


def _backward_by_spreading(dz, x, W):
    """dx as one more convolution: of the padded dz with the kernels turned round."""
    around = (len(W) - 1, len(W) - 1)
    padded = np.pad(dz, [(0, 0), around, around, (0, 0)])
    dx = _correlate(padded, W[::-1, ::-1].swapaxes(2, 3))
    axes = (0, 1, 2)
    return dx, np.tensordot(_windows(x, len(W)), dz, axes=(axes, axes)), dz.sum(axis=axes)


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
    return [dx, dW, db]


DW_HERE = "window.reshape(len(x), -1).T @ dz_here"
DB = "dz.sum(axis=(0, 1, 2))"
ZEROS_AT_EACH_PLACE = ("window = x", "dx, dW = np.zeros(x.shape), 0 * W\n        window = x")
way_back = Exercise(
    "6.5",
    conv2d_backward,
    returns=("dx", "dW", "db"),
    inputs=_convolved,
    sizes=[FEW_CHANNELS, {"N": 1, "k": 1}],
    errors=WINDOW_ERRORS | {
        "out of bounds for axis": "A loop goes too far: there are dz.shape[1] rows and "
        "dz.shape[2] columns of places. Were the two mixed up, or taken from x?",
    },
    forward=_correlate,
    differences={"dx": "x", "dW": "W"},
    hints=[
        "Look at one window. Its pixels were multiplied by W, and W by its pixels. What do the "
        "pixels get from dz[:, i, j], and what does W?",
        "As in a dense layer: the window's pixels get dz_here @ kernels.T, the kernels get "
        "window.T @ dz_here, with the window as rows (N, k * k * C) and the kernels as "
        "(k * k * C, F). Reshape both back.",
        "dx[:, i : i + k, j : j + k] += ... and dW += ... at every place, as each pixel is in "
        "several windows, and each weight is used in all. db = dz.sum(axis=(0, 1, 2)).",
    ],
    misconceptions=[
        Slip("dx was replaced where it should grow. A pixel is in several windows and gets "
             "something from each: dx[...] += ...", "j + k] += ", "j + k] = "),
        Slip("dW holds only what the last place gave. The kernel was used at all places: dW += ...",
             "dW += ", "dW = "),
        Slip("dx and dW were replaced at each place where they should grow. Begin with zeros and "
             "add, with +=, what each place gives.",
             "j + k] += ", "j + k] = ", "dW += ", "dW = "),
        Slip("dx and dW hold only what the last place gave: they were set to 0 at each place. Make "
             "the zeros before the loop.", *ZEROS_AT_EACH_PLACE),
        Slip("dx, dW and db hold only what the last place gave: they were set to 0 at each place. "
             "Make the zeros before the loop.",
             *ZEROS_AT_EACH_PLACE, DB, "dz[:, -1, -1].sum(axis=0)"),
        Slip("Nothing was added up: dx, dW and db hold only what came last. Begin with zeros and "
             "write += in all three lines.",
             "+= (dz_here @ kernels.T)", "= (dz_here[:, -1:] @ kernels[:, -1:].T)",
             f"dW += ({DW_HERE})", "dW = (window[-1].reshape(-1, 1) * dz_here[-1])",
             DB, "dz[-1, -1, -1]"),
        *(Slip("dx is x itself: what is written into dx changes x, and the windows with it. Begin "
               "with an array of its own, np.zeros_like(x).",
               "dx, dW = np.zeros_like(x), np.zeros_like(W)", instead)
          for instead in ("dx, dW = x, np.zeros_like(W)",
                          "dx, dW = x, np.zeros_like(W)\n    dx[:] = 0")),
        Slip("db holds only what the last place gave. b was added at all places, in all images: "
             "sum dz over axes 0, 1 and 2.", DB, "dz[:, -1, -1].sum(axis=0)"),
        Slip("db was summed over the images only. b was added at every place too: sum dz over axes "
             "0, 1 and 2.", DB, "dz.sum(axis=0)"),
        Slip("db is the sum of everything. Each filter has its own b: sum dz over axes 0, 1 and 2, "
             "so that the filters remain.", DB, "dz.sum()"),
        Slip("db is a mean. b was added at each place of each image, and each sends its dz back: "
             "sum.", "dz.sum", "dz.mean"),
        Slip("db is N times too small: the loss has taken the mean over the batch already, so each "
             "image's dz counts in full. Sum over axes 0, 1 and 2.", DB, f"{DB} / len(x)"),
        Slip("dW and db are N times too small: the loss has taken the mean over the batch already. "
             "No layer divides by N again.", "dx, dW, db", "dx, dW / len(x), db / len(x)"),
        Slip("All three are N times too small: the loss has taken the mean over the batch already. "
             "No layer divides by N again.", "k = len(W)", "k, dz = len(W), dz / len(x)"),
        Slip("In dx the kernel lies the wrong way round. With a loop over the windows, use W as it "
             "is; if W slides over a padded dz, turn it: W[::-1, ::-1].",
             "W.reshape", "W[::-1, ::-1].reshape"),
        Slip("In dx the numbers of the kernels got mixed up. W is (k, k, C, F): use "
             "W.reshape(-1, F).T; W.reshape(F, -1) tears the filters apart.",
             "kernels.T", "kernels.reshape(kernels.T.shape)"),
        Slip("dW is right, but it is still a matrix (k * k * C, F). Give it the shape of W, with "
             "dW.reshape(W.shape).", "dx, dW, db", "dx, dW.reshape(kernels.shape), db"),
        Slip("In dW the pixels and dz were summed over the images before they were multiplied. "
             "Each image's pixels meet their own dz: multiply first, window.T @ dz_here.",
             DW_HERE, "window.sum(axis=0).reshape(-1, 1) * dz_here.sum(axis=0)"),
        Slip("dW holds the right numbers in the wrong places. dz_here.T @ window is "
             "(F, k * k * C), but W has its filters last: window.T @ dz_here, then reshape.",
             DW_HERE, "dz_here.T @ window.reshape(len(x), -1)"),
        Slip("The last row and the last column of places were not visited. There are dz.shape[1] "
             "by dz.shape[2] places, and range stops one earlier by itself.",
             "np.ndindex(dz.shape[1:3])", "np.ndindex(dz.shape[1] - 1, dz.shape[2] - 1)"),
        *(Slip("Only the first place was visited. Does the return stand inside the loops?",
               "\n    db", "\n        db", "\n    return", "\n        return", DB, db)
          for db in (DB, "dz_here.sum(axis=0)")),
    ],
    variants=[
        _backward_by_spreading,
        _backward_by_einsum,
        _backward_all_loops,
    ],
    library=(convolution.conv2d_backward, Conv2D),
)  # fmt: skip


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


def _window_at(images, place, size):
    n, i, j, c = place
    return images[n, i * size : (i + 1) * size, j * size : (j + 1) * size, c]


def _pooled(rng, N=3, H=5, W=7, C=4, size=2):
    """In every fourth window the two largest pixels are equal, in every eighth all are 0."""
    x, da = _distinct(rng, N, H, W, C), rng.normal(size=(N, H // size, W // size, C)).round(2)
    da[da == 0] = 0.5
    for place in np.ndindex(da.shape):
        window = _window_at(x, place, size)
        if size > 1 and sum(place) % 4 == 0:
            window[window == np.sort(window, axis=None)[-2]] = window.max()
        if sum(place) % 8 == 2:
            window[:] = 0
    return {"da": da, "x": x, "size": size}


def _with_ties_to_the_first(implementation, da, x, size):
    """dx. Any one of equal pixels may get da; in what is compared, it is the first."""
    dx = implementation(da, x, size)
    if np.shape(dx) != x.shape or np.asarray(dx).dtype.kind not in "fiu":
        return dx
    dx = np.array(dx)
    for place in np.ndindex(da.shape):
        window, sent = _window_at(x, place, size), _window_at(dx, place, size)
        equal = window == window.max()
        if equal.sum() > 1 and np.count_nonzero(sent[equal]) == 1:
            sent[equal] = sorted(sent[equal], key=lambda number: number == 0)
    return dx


def _unpool_to_the_last(da, x, size):
    """Of equal pixels, the last one gets it."""
    dx = np.zeros(x.shape)
    for n, i, j, c in np.ndindex(da.shape):
        best = -np.inf
        for p in range(i * size, i * size + size):
            for q in range(j * size, j * size + size):
                if x[n, p, q, c] >= best:
                    best, winner = x[n, p, q, c], (p, q)
        dx[n, winner[0], winner[1], c] += da[n, i, j, c]
    return dx


def _unpool_unravelled(da, x, size):
    dx = np.zeros_like(x)
    for place in np.ndindex(da.shape):
        window = _window_at(x, place, size)
        _window_at(dx, place, size)[np.unravel_index(window.argmax(), window.shape)] = da[place]
    return dx


PLACE = "i * size + row, j * size + column"
TO_ONE = f"dx[n, {PLACE}, c] = da[n, i, j, c]"
TO_ALL = f"dx[n, {THE_WINDOW}, c] = da[n, i, j, c]"
EQUAL = "(window == window.max())"
pooling_back = Exercise(
    "6.6",
    max_pool_backward,
    returns="dx",
    inputs=_pooled,
    sizes=[{"H": 8, "W": 13, "size": 3}, {"N": 1, "H": 6, "W": 4}, {"size": 1}],
    run=_with_ties_to_the_first,
    errors={
        "out of bounds for axis": "A place beyond the end of an array. dx has the shape of x, not "
        "that of da; and argmax's number makes the row number // size, the column number % size.",
    },
    hints=[
        "Nudge a pixel that is not the largest of its window: what happens to the output? And if "
        "you nudge the largest?",
        "Start with dx = np.zeros_like(x). Window (i, j) of image n and channel c is "
        "x[n, i * size : (i + 1) * size, j * size : (j + 1) * size, c]; "
        "row, column = divmod(window.argmax(), size) is where its largest pixel is.",
        "row and column count from the window's corner, so the pixel is "
        "dx[n, i * size + row, j * size + column, c]. It gets da[n, i, j, c].",
    ],
    misconceptions=[
        Slip("dx is 0 everywhere. Was something written into a copy? dx[...].ravel() is one, and "
             "so is a window after reshape or copy: write into dx[n, row, column, c].",
             "= da[n, i, j, c]", "= 0"),
        Slip("Where several pixels of a window are equally large, each got all of da: too much was "
             "handed out. A mask such as window == window.max() does so. Give it to one, such as "
             "that of argmax.", TO_ONE, f"{TO_ALL} * {EQUAL}"),
        Slip("Where several pixels of a window are equally large, they share da. The exercise "
             "gives all of it to one of them, such as that of argmax.",
             TO_ONE, f"{TO_ALL} * {EQUAL} / {EQUAL}.sum()"),
        Slip("da was shared out evenly among all pixels of a window: that is the way back of a "
             "mean. Of a maximum, only the largest pixel had a say, and it gets all.",
             TO_ONE, f"{TO_ALL} / size**2"),
        Slip("Every pixel of a window got da. Only the largest one had a say in the maximum; the "
             "others get 0.", TO_ONE, TO_ALL),
        Slip("dx began as a copy of x, so the pixels that were not the largest keep their own "
             "values. They had no say and get 0: begin with zeros.", "zeros_like(x)", "array(x)"),
        Slip("The largest pixel got da times its own value. The slope of the maximum is 1 there: "
             "it gets da.", "= da[n, i, j, c]", "= da[n, i, j, c] * window.max()"),
        Slip("The largest pixels hold 1: this is the mask. Multiply it by da.",
             "= da[n, i, j, c]", "= 1"),
        Slip("Where all pixels of a window are negative, the wrong one got da. Was the largest "
             "looked for from 0 on? Start from -np.inf, or from the window's first pixel.",
             "window.argmax()", "np.maximum(window, 0).argmax()"),
        Slip("All went into the corner of the image: row and column of the largest pixel count "
             "from the corner of its window. Add i * size and j * size.", PLACE, "row, column"),
        Slip("The window (i, j) begins at row i * size, not at i, and at column j * size. Here dx "
             "was filled from i and j on.", PLACE, "i + row, j + column"),
        *(Slip("The windows overlap. Window (i, j) begins at row i * size, not at i, and at column "
               "j * size.", THE_WINDOW, "i : i + size, j : j + size",
               TO_ONE, f"dx[n, i + row, j + column, c] {sign} da[n, i, j, c]")
          for sign in ("=", "+=")),
        Slip("Row and column within the window were exchanged. argmax counts row by row: the row "
             "is number // size, the column number % size, as divmod gives them.",
             "row, column =", "column, row ="),
        Slip("The largest was looked for in all images and channels at once. Each image and each "
             "channel has its own: axis=(1, 2) with keepdims=True, or one at a time.",
             TO_ONE, f"{TO_ALL} * (window == x[:, {THE_WINDOW}].max())"),
        Slip("The pixels left over at the edge are missing. They had no say and get 0, but dx has "
             "the shape of x.",
             "return dx", "return dx[:, : da.shape[1] * size, : da.shape[2] * size]"),
    ],
    variants=[_unpool_to_the_last, _unpool_unravelled],
    library=(convolution.max_pool2d_backward, MaxPool2D),
)  # fmt: skip


EXERCISES = [one_kernel, places, filters, pooling, way_back, pooling_back]
