"""Conv2D and MaxPool2D: the layers for images, and what makes them quick. Lessons 6 and 7.

They compute what the loops in convolution.py define; tests hold the two against each other.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ._validation import check_below, check_count, check_shape
from .convolution import check_image_shape, output_size
from .initializers import he
from .layers import Layer

NUMBERS_AT_ONCE = 500_000  # in the windows and products of a few images: they fit the cache


def winograd_matrices(kernel_size, tile=6):
    """Bt, G, At: At @ ((G @ g) * (Bt @ d)) slides a kernel g along a tile d.

    From a tile of 6 numbers and a kernel of 3 it gives four sums for six products, where plain
    sliding takes twelve; tile + 1 - kernel_size sums for `tile` products, with a tile of up to 8.
    This is Winograd's algorithm: the values of a product of polynomials are the products of
    their values, six values determine it, and sliding is the transpose of multiplying. Tried out
    in lesson 7.
    """
    points = (1, 0, -1, 2, -1 / 2, 1 / 2, -2)[: tile - 1]

    def values(coefficients):  # of a polynomial at the points, and its leading coefficient
        powers = np.vander(points, coefficients, increasing=True)
        return np.vstack([powers, np.eye(coefficients)[-1]])

    return np.linalg.inv(values(tile)).T, values(kernel_size), values(tile + 1 - kernel_size).T


class Conv2D(Layer):
    """Convolution: every filter slides over the image and gives one channel of the output.

    x is (N, H, W, C), z is (N, H', W', filters); W is (k, k, C, filters), b is (filters,),
    with k = kernel_size and H' = (H + 2 · padding - k) // stride + 1. The kernels start as
    `initializer` draws them, the biases at 0.01.

    It computes what conv2d and conv2d_backward define, in four steps: the rows of an image in
    tiles, combined by Bt; the windows along each combined row, as rows of a matrix; its product
    with the kernels, whose rows G combines; At, which makes rows of z of the products. Where
    Winograd's algorithm saves nothing, Bt and G change nothing, and At only adds up. A few images
    go at a time, so that their windows stay in the processor's cache. Derived in lesson 6.

    Winograd's algorithm has its price. Combining rows rounds more: in float32 an error in z is up
    to about 2e-6 of its largest number (64 channels), that of conv2d 5e-7; in float64 neither
    matters. And a pixel that is not finite makes NaN of all the rows of z that its tiles give: up
    to 2 · 6 rows for a kernel of 3, of which it touches 3 by definition.
    """

    parameter_names = ("W", "b")
    settings = ("filters", "kernel_size", "stride", "padding")

    def __init__(self, filters, kernel_size, stride=1, padding=0, initializer=he):
        check_count("filters", filters)
        check_count("kernel_size", kernel_size)
        check_count("stride", stride)
        check_below("padding", padding, "kernel_size", kernel_size)
        self.filters, self.kernel_size = int(filters), int(kernel_size)
        self.stride, self.padding, self.initializer = int(stride), int(padding), initializer

    def build(self, input_shape, rng, dtype):
        height, width, channels = check_image_shape(self, input_shape)
        k, stride, padding = self.kernel_size, self.stride, self.padding
        self.rows, self.columns = (output_size(n, k, stride, padding) for n in (height, width))
        self.W = self.initializer((k, k, channels, self.filters), rng, dtype)
        # Not 0: on blank paper z is the bias, and rounding would open and close ReLU's gate there.
        self.b = np.full(self.filters, 0.01, dtype)
        if stride == 1 and 2 <= k <= 5:
            # The tile that has the fewest rows to multiply, with those that reach too far.
            tile = min(6, 8, key=lambda tile: -(-self.rows // (tile + 1 - k)) * tile)
            matrices = winograd_matrices(k, tile)
        else:  # plainly: a tile is as high as a window, and gives one row of sums
            matrices = np.eye(k), np.eye(k), np.ones((1, k))
        self.Bt, self.G, self.At = (m.astype(dtype) for m in matrices)
        self.sums, self.tile = self.At.shape  # rows of z that a tile gives; rows of pixels in it
        self.tiles = -(-self.rows // self.sums)  # so many tiles; the last may give rows too many
        self.step = stride * self.sums  # rows of pixels from one tile to the next
        return self.rows, self.columns, self.filters

    def forward(self, x, training=False):
        self.x = x
        z = np.empty((len(x), self.tiles, self.sums, self.columns * self.filters), x.dtype)
        kernels = np.tensordot(self.G, self.W, axes=1).reshape(self.tile, -1, self.filters)
        for some, space in self._a_few_at_a_time(x):
            np.matmul(space.windows, kernels, out=space.products)
            space.products[0] += self.b  # At's first column is 1: b comes into each sum once
            np.matmul(self.At, space.products_by_tile, out=z[some])
        z = z.reshape(len(x), self.tiles * self.sums, self.columns, self.filters)
        return z[:, : self.rows]

    def backward(self, dz):
        dx = np.empty_like(self.x)
        self.parameter_gradients(dz, dx)
        return dx

    def parameter_gradients(self, dz, dx=None):
        """dW and db; and dx where there is one to fill.

        The steps of forward from the last to the first, each transposed: At.T takes dz to the
        products; these are a dense layer's, for each row of a tile; then back to the pixels.
        """
        check_shape("dz", dz, (len(self.x), self.rows, self.columns, self.filters))
        self.db = np.ones(dz[..., 0].size, dz.dtype) @ dz.reshape(-1, self.filters)  # a quick sum
        kernels = np.tensordot(self.G, self.W, axes=1).transpose(1, 0, 3, 2)
        dkernels = 0
        for some, space in self._a_few_at_a_time(self.x):
            space.dsums[:, : self.rows] = dz[some]
            np.matmul(self.At.T, space.dsums_by_tile, out=space.products_by_tile)
            dkernels += space.windows.swapaxes(1, 2) @ space.products
            if dx is not None:
                np.matmul(space.products, kernels, out=space.dwindows)
                space.put_back(dx[some])
        self.dW = np.tensordot(self.G.T, dkernels, axes=1).reshape(self.W.shape)

    def _a_few_at_a_time(self, x):
        """Go through the images: which these few are, and a workspace that holds their windows."""
        window = self.kernel_size * x.shape[-1]
        numbers = self.tile * self.tiles * self.columns * (window + self.filters)
        few = max(1, min(len(x), NUMBERS_AT_ONCE // numbers))
        for start in range(0, len(x), few):
            some = slice(start, start + few)
            if start == 0 or start + few > len(x):  # the last ones may be fewer
                space = _Workspace(self, x[some])
            space.fill(x[some])
            yield some, space


class _Workspace:
    """Memory for a few images, n, on their way to z and back; some of it under two names.

    padded            (n, ..., ..., C): the images, with zeros around; `image` is what they fill
    rows_by_tile      (n, tiles, tile, ...): the same numbers; tiles overlap
    combined          shaped as rows_by_tile: Bt times each tile
    combined_windows  (tile, n, tiles, columns, k, C): the same numbers; windows overlap
    windows           (tile, places, k · C): a copy of them, as rows of matrices
    products          (tile, places, filters): windows times kernels
    products_by_tile  (n, tiles, tile, ...): the same numbers
    dsums             (n, ..., columns, filters): dz, with rows of zeros for those too many
    dsums_by_tile     (n, tiles, sums, ...): the same numbers
    """

    def __init__(self, layer, x):
        n, height, width, C = x.shape
        k, padding, tile, tiles = layer.kernel_size, layer.padding, layer.tile, layer.tiles
        self.Bt, self.step = layer.Bt, layer.step
        self.padded = np.zeros((n, self.step * tiles + tile - 1, width + 2 * padding, C), x.dtype)
        self.image = self.padded[:, padding : padding + height, padding : padding + width]
        by_tile = sliding_window_view(self.padded, tile, axis=1, writeable=True)[:, :: self.step]
        self.rows_by_tile = np.moveaxis(by_tile, -1, 2).reshape(n, tiles, tile, -1)
        self.combined = np.empty(self.rows_by_tile.shape, x.dtype)
        rows = self.combined.reshape(n, tiles, tile, -1, C)
        by_window = sliding_window_view(rows, k, axis=3, writeable=True)[:, :, :, :: layer.stride]
        self.combined_windows = by_window.transpose(2, 0, 1, 3, 5, 4)

        places = n * tiles * layer.columns
        self.windows = np.empty((tile, places, k * C), x.dtype)
        self.dwindows = self.windows.reshape(k, tile, places, C)  # the way back needs no windows
        self.products = np.empty((tile, places, layer.filters), x.dtype)
        self.products_by_tile = self.products.reshape(tile, n, tiles, -1).transpose(1, 2, 0, 3)
        self.dsums = np.zeros((n, tiles * layer.sums, layer.columns, layer.filters), x.dtype)
        self.dsums_by_tile = self.dsums.reshape(n, tiles, layer.sums, -1)

    def fill(self, x):
        """From pixels to tiles of rows, to their combinations, to windows."""
        self.image[...] = x
        np.matmul(self.Bt, self.rows_by_tile, out=self.combined)
        self.windows.reshape(self.combined_windows.shape)[...] = self.combined_windows

    def put_back(self, dx):
        """From dwindows to combined rows, to tiles of rows, to pixels: what overlaps adds up."""
        self.combined[...] = 0
        for column, numbers in enumerate(self.dwindows):
            there = self.combined_windows[..., column, :]
            there += numbers.reshape(there.shape)
        tiles = self.Bt.T @ self.combined
        self.padded[...] = 0
        for row in range(0, tiles.shape[2], self.step):  # so many rows of all tiles don't overlap
            some = np.s_[:, :, row : row + self.step]
            self.rows_by_tile[some] += tiles[some]
        dx[...] = self.image
        self.padded[...] = 0  # for fill


class MaxPool2D(Layer):
    """The largest value in each window of size × size pixels, for each channel by itself.

    x is (N, H, W, C), a is (N, H', W', C) with H' = (H - size) // stride + 1; the stride is the
    size unless told. It computes what max_pool2d and max_pool2d_backward define: the maximum
    across, then down; each time it keeps which pixel won, for the way back. Derived in lesson 6.
    """

    settings = ("size", "stride")

    def __init__(self, size=2, stride=None):
        check_count("size", size)
        check_count("stride", size if stride is None else stride)
        self.size, self.stride = int(size), int(stride or size)

    def build(self, input_shape, rng, dtype):
        height, width, channels = check_image_shape(self, input_shape)
        rows, columns = (output_size(n, self.size, self.stride) for n in (height, width))
        return rows, columns, channels

    def forward(self, x, training=False):
        across, self.columns_won = self._largest(x, axis=2)
        down, self.rows_won = self._largest(across, axis=1)
        self.x_shape, self.across_shape, self.a_shape = x.shape, across.shape, down.shape
        return down

    def backward(self, da):
        check_shape("da", da, self.a_shape)
        across = self._to_winners(da, self.rows_won, self.across_shape, axis=1)
        return self._to_winners(across, self.columns_won, self.x_shape, axis=2)

    def _largest(self, x, axis):
        largest, *others = self._pixels(x, axis)
        won = []
        for pixel in others:
            won.append(pixel > largest)
            largest = np.maximum(largest, pixel)
        return largest, won

    def _to_winners(self, da, won, shape, axis):
        dx = np.zeros(shape, da.dtype)
        first, *others = self._pixels(dx, axis)
        for pixel, beat_the_earlier in zip(others[::-1], won[::-1], strict=True):
            if self.stride < self.size:  # windows overlap, and what they send adds up
                pixel += da * beat_the_earlier
            else:
                np.multiply(da, beat_the_earlier, out=pixel)
            da = da * ~beat_the_earlier  # what is left for the earlier ones
        first += da
        return dx

    def _pixels(self, x, axis):
        """For each pixel of a window along an axis: the view of x that is this pixel of all."""
        places = x.shape[axis] - self.size + 1  # with a stride of 1
        for pixel in range(self.size):
            yield x[(slice(None),) * axis + (slice(pixel, pixel + places, self.stride),)]
