"""A kernel and its feature map. Lesson 6."""

import ipywidgets
import numpy as np
import traitlets

from ..convolution import conv2d
from .explorer import Explorer, counter, menu
from .images import draw_numbers, draw_signed, frame
from .picture import show


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
