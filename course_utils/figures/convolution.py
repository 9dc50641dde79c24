"""Kernels, their windows, and the feature maps that they give. Lesson 6."""

import ipywidgets
import numpy as np
import traitlets

from ..convolution import conv2d
from .explorer import Explorer, counter, menu
from .images import draw_numbers, draw_signed, frame
from .picture import show
from .style import COLOURS


def draw_convolution(axes, image, kernel):
    """An image, a kernel, and the feature map that it gives, in three axes.

    image : (H, W), from 0, paper, to 1, ink; kernel : (k, k)
    Returns the sentence that describes the picture.
    """
    kernel = np.asarray(kernel, dtype=float)
    z = conv2d(image[None, ..., None], kernel[..., None, None], 0.0)[0, ..., 0]
    axes[0].imshow(image, cmap="gray_r", vmin=0, vmax=1)
    frame(axes[0])
    axes[0].set_title(f"image, {_by(image)}")
    draw_numbers(axes[1], kernel, "kernel")
    z = z.round(9) + 0.0  # no colours for rounding, and no -0
    low, high = z.min(), z.max()
    draw_signed(axes[2], z, f"feature map, {_by(z)}\n{low:.2f} to {high:.2f}")
    rows = " / ".join(", ".join(f"{value + 0.0:g}" for value in row) for row in kernel)
    return (
        f"A picture of {_by(image)} pixels; the kernel {rows}; and the feature map of {_by(z)}, "
        f"with values from {low:.2f} to {high:.2f}."
    )


def _by(image):
    return " × ".join(map(str, image.shape))


def plot_convolutions(examples):
    """Small multiples of draw_convolution, a row for each (image, kernel) given. Lesson 6."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(len(examples), 3, figsize=(9, 2.7 * len(examples)), squeeze=False)
    said = [
        draw_convolution(row, image, kernel)
        for row, (image, kernel) in zip(axes, examples, strict=True)
    ]
    show(fig, " ".join(said))


def _rectangle(ax, corner, width, height, **style):
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle(corner, width, height, **{"fill": False, "linewidth": 2.5, **style}))


def draw_frame(ax, i, j, k, **style):
    """A frame around the window of k × k pixels whose top left pixel is at row i, column j."""
    _rectangle(ax, (j - 0.5, i - 0.5), k, k, **{"edgecolor": COLOURS[1], **style})


def plot_windows(image, kernel, places):
    """For each place (i, j): the image (H, W) with its window, the window, kernel, products."""
    from matplotlib import pyplot as plt

    k, sums = len(kernel), []
    fig, axes = plt.subplots(len(places), 4, figsize=(8.4, 2.2 * len(places)), squeeze=False)
    for row, (i, j) in zip(axes, places, strict=True):
        window = image[i : i + k, j : j + k]
        products = window * kernel
        sums.append(f"{products.sum():.2f}")
        row[0].imshow(image, cmap="gray_r")
        draw_frame(row[0], i, j, k)
        row[0].axis("off")
        draw_numbers(row[1], window, "window", limit=1)
        draw_numbers(row[2], kernel, "times kernel", limit=1)
        draw_numbers(row[3], products, f"products, sum {sums[-1]}", limit=1)
    show(
        fig,
        "Windows on a picture, each with its pixels, the kernel and their products, which add up "
        f"to {', '.join(sums)}.",
    )


def plot_kernels(image, kernels):
    """Kernels {name: (k, k)} in a row, and below each the feature map of the image (H, W)."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(2, 1 + len(kernels), figsize=(11, 4.6))
    axes[0, 0].axis("off")
    axes[1, 0].imshow(image, cmap="gray_r")
    frame(axes[1, 0])
    axes[1, 0].set_title("the picture")
    said = []
    for (above, below), (name, kernel) in zip(axes.T[1:], kernels.items(), strict=True):
        z = conv2d(image[None, ..., None], np.asarray(kernel)[..., None, None], 0.0)[0, ..., 0]
        draw_numbers(above, kernel, name)
        draw_signed(below, z.round(9) + 0.0)
        said.append(f"{name} from {z.min():.1f} to {z.max():.1f}")
    show(
        fig,
        f"A picture, {len(kernels)} kernels and their feature maps, dark blue below 0 and orange "
        f"above: {', '.join(said)}.",
    )


def draw_places(ax, size, kernel_size, stride, padding):
    """The places of a window on an image of size × size pixels, as dots in their middles.

    The zeros of the padding stand around the image; the first two windows have frames.
    Returns how many places there are along one axis.
    """
    k = kernel_size
    edges = np.arange(size + 1) - 0.5
    ax.hlines(edges, -0.5, size - 0.5, color="0.7", linewidth=1)
    ax.vlines(edges, -0.5, size - 0.5, color="0.7", linewidth=1)
    inside = range(padding, padding + size)
    for row, column in np.ndindex(size + 2 * padding, size + 2 * padding):
        if row not in inside or column not in inside:
            ax.text(column - padding, row - padding, "0", fontsize=9, ha="center", va="center")
    starts = np.arange(-padding, size + padding - k + 1, stride)
    rows, columns = np.meshgrid(starts + (k - 1) / 2, starts + (k - 1) / 2)
    ax.plot(columns.ravel(), rows.ravel(), "o", color="black", markersize=5)
    for start, colour, dashes in zip(starts, (COLOURS[1], COLOURS[0]), ("-", "--"), strict=False):
        draw_frame(ax, -padding, start, k, edgecolor=colour, linestyle=dashes, linewidth=3)
    ax.set(xlim=(-1.6, size + 0.6), ylim=(size + 0.6, -1.6), aspect="equal")
    ax.set_title(f"stride {stride}, padding {padding}: {len(starts)} × {len(starts)}")
    ax.axis("off")
    return len(starts)


def plot_places(size, kernel_size, settings):
    """draw_places for each (stride, padding) given, beside each other."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(1, len(settings), figsize=(10, 3.8))
    said = []
    for ax, (stride, padding) in zip(axes, settings, strict=True):
        count = draw_places(ax, size, kernel_size, stride, padding)
        said.append(f"{count} by {count} with stride {stride} and padding {padding}")
    show(
        fig,
        f"The places of a window of {kernel_size} by {kernel_size} on an image of {size} by "
        f"{size}: {', '.join(said)}. With padding, the windows at the edge reach into zeros.",
    )


def _draw_stack(ax, left, size, window, channels, label, colour, face="white"):
    """Channels as squares behind one another, with a window in each."""
    for c in reversed(range(channels)):
        x, y = left + 0.35 * c, 0.35 * c
        style = {"fill": True, "linewidth": 1}
        _rectangle(ax, (x, y), size, size, facecolor=face, edgecolor="0.3", **style)
        corner = (x + 1, y + size - 1 - window)
        _rectangle(ax, corner, window, window, facecolor=colour, edgecolor="black", **style)
    ax.text(left + size / 2, -0.5, label, ha="center", va="top")


def plot_channels():
    """A window through all channels of an image, times a kernel as deep, gives one number."""
    from matplotlib import pyplot as plt

    fig, ax = plt.subplots(figsize=(10, 3))
    _draw_stack(ax, 0, 4.5, 1.2, 3, "x: H × W, C channels", "#F3C2A0")
    _draw_stack(ax, 9, 1.2, 0, 3, "one kernel: k × k × C", "#F3C2A0", "#F3C2A0")
    _draw_stack(ax, 14, 3.9, 0.4, 5, "z: H′ × W′, F channels", "#9CC9E8")
    ax.text(7.4, 0.6, "window\ntimes", ha="center", va="center")
    ax.text(12.6, 0.6, "adds up to\none number", ha="center", va="center")
    ax.set(xlim=(-0.5, 20.5), ylim=(-1.6, 6), aspect="equal")
    ax.axis("off")
    show(
        fig,
        "Left, an image as three squares behind one another, its channels, with a window on the "
        "front one. Middle, a kernel as large as the window and three squares deep, too. Right, "
        "the result, five channels deep, with one number marked.",
    )


class KernelEditor(ipywidgets.VBox):
    """A kernel's numbers, each in a box of its own, and a menu of kernels that fills them.

    kernels : {name: (k, k)}; it starts with the first. `value` is the kernel, as rows of numbers.
    """

    value = traitlets.Tuple()

    def __init__(self, kernels):
        kernels = {
            name: tuple(tuple(map(float, row)) for row in rows) for name, rows in kernels.items()
        }
        if len({np.shape(rows) for rows in kernels.values()}) != 1:
            raise ValueError("kernels must hold kernels of one size, at least one of them")
        self.value = next(iter(kernels.values()))
        self.menu = menu("kernel", {**kernels, "your own": ()})
        self.boxes = [
            [self._box(number, f"row {i}, column {j}") for j, number in enumerate(row)]
            for i, row in enumerate(self.value)
        ]
        self.filling = False
        self.menu.observe(self._fill, names="value")
        super().__init__([self.menu, *map(ipywidgets.HBox, self.boxes)])

    def _box(self, number, name):
        box = ipywidgets.BoundedFloatText(
            value=number,
            min=-99.0,
            max=99.0,
            step=0.5,
            continuous_update=True,
            description=name,  # for a screen reader; there is no room to show it
            style={"description_width": "0"},
            layout=ipywidgets.Layout(width="6em"),
        )
        box.observe(self._read, names="value")
        return box

    def _fill(self, change):
        """A kernel was chosen: its numbers go into the boxes, and all at once into `value`."""
        if not change.new:
            return
        self.filling = True
        for boxes, numbers in zip(self.boxes, change.new, strict=True):
            for box, number in zip(boxes, numbers, strict=True):
                box.value = number
        self.filling = False
        self.value = change.new

    def _read(self, change):
        """A number was written by hand: the kernel is the reader's own now."""
        if not self.filling:
            self.menu.value = ()
            self.value = tuple(tuple(box.value for box in boxes) for boxes in self.boxes)


def kernel_explorer(images, kernels):
    """Edit a kernel by hand, or choose one; the feature map of an image answers. Lesson 6.

    images : (n, H, W) or (n, H, W, 1), from 0 to 1; kernels : {name: (k, k)}, for the menu
    """
    images = np.asarray(images)
    images = images.reshape(images.shape[:3])

    def axes(figure):
        figure.subplots_adjust(left=0.02, right=0.98, bottom=0.02, top=0.82, wspace=0.08)
        return figure.subplots(1, 3)

    def draw(axes, kernel, image):
        return draw_convolution(axes, images[image], kernel)

    controls = {
        "kernel": KernelEditor(kernels),
        "image": counter("image", len(images) - 1),
    }
    name = "a kernel and its feature map"
    return Explorer(name, controls, axes, draw, figsize=(6.8, 2.6))
