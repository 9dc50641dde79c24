"""A digit that one draws, and what networks see and say. Lessons 5 and 7."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets
from ipywidgets.widgets.trait_types import CByteMemoryView
from PIL import Image

from .._validation import as_floats, check_finite
from ..activations import softmax
from ..fast_convolution import Conv2D
from ..layers import ReLU
from .explorer import Explorer, counter
from .images import frame
from .picture import show
from .style import COLOURS

SIDE = 140  # pixels of the canvas: five for each of MNIST's
FIRST_MAPS = 8


def center_digit(pixels):
    """A drawing as MNIST would have it: 20 pixels long, its centre of mass in the middle.

    Parameters
    ----------
    pixels : (H, W), from 0, paper, to 1, ink; H and W of any size

    Returns
    -------
    (28, 28), from 0 to 1. What is around the ink is cut off; the longer side of the rest is scaled
    to 20 pixels, the shorter one with it, and it is moved by whole pixels until its centre of mass
    is at row 14, column 14. Without ink: zeros.

    Raises ValueError where pixels is no picture from 0 to 1. Lesson 5 uses it; that a centred
    digit is easier to read is measured in lesson 7.
    """
    pixels = as_floats("pixels", pixels)
    if pixels.ndim != 2:
        raise ValueError(f"pixels must be one picture, of shape (H, W), got {pixels.shape}")
    _check_ink("pixels", pixels)
    result = np.zeros((28, 28))
    rows, columns = pixels.any(axis=1).nonzero()[0], pixels.any(axis=0).nonzero()[0]
    if not len(rows):
        return result
    ink = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = np.maximum(1, np.round(20 * np.array(ink.shape) / max(ink.shape))).astype(int)
    small = Image.fromarray(ink.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
    ink = np.clip(small, 0, 1)
    # Where its corner must be so that the centre of mass is in the middle, and all of it inside.
    top = 14 - np.average(np.arange(height), weights=ink.sum(axis=1))
    left = 14 - np.average(np.arange(width), weights=ink.sum(axis=0))
    top, left = np.clip(np.round((top, left)).astype(int), 0, (28 - height, 28 - width))
    result[top : top + height, left : left + width] = ink
    return result


def _check_ink(name, array):
    """Refuse an array that is not from 0 to 1, such as bytes from 0 to 255."""
    check_finite(name, array)
    if array.size and not 0 <= array.min() <= array.max() <= 1:
        raise ValueError(
            f"{name} must be from 0, paper, to 1, ink, got {array.min():g} to {array.max():g}"
        )


class Paper(anywidget.AnyWidget):
    """Paper to draw on, with a button that empties it; `value` is its ink, SIDE * SIDE bytes."""

    _esm = (Path(__file__).parent / "digit.js").read_text(encoding="utf-8")
    side = traitlets.Int(SIDE).tag(sync=True)
    name = traitlets.Unicode("paper: draw a digit with mouse, finger or pen").tag(sync=True)
    # Not sent back to the page that drew it: it would put an older drawing over a newer one.
    value = CByteMemoryView(bytes(SIDE * SIDE)).tag(sync=True, echo_update=False)

    def pixels(self):
        """The ink as (SIDE, SIDE), from 0 to 1."""
        return np.frombuffer(self.value, np.uint8).reshape(SIDE, SIDE) / 255

    def put(self, image):
        """Show an image (28, 28), from 0 to 1, in place of what was drawn."""
        ink = np.round(255 * np.asarray(image)).astype(np.uint8)
        self.value = np.kron(ink, np.ones((SIDE // 28, SIDE // 28), np.uint8)).tobytes()


def _convolving(networks):
    """The first of the networks that has a convolution, or None."""
    return next(
        (n for n in networks.values() if any(isinstance(layer, Conv2D) for layer in n.layers)), None
    )


def _first_maps(network, image):
    """What a network's first convolution, and a ReLU behind it, makes of an image: (H, W, C)."""
    first = next(i for i, layer in enumerate(network.layers) if isinstance(layer, Conv2D))
    behind = network.layers[first + 1 : first + 2]
    x = image.reshape(1, *network.input_shape)
    for layer in [*network.layers[: first + 1], *(one for one in behind if isinstance(one, ReLU))]:
        x = layer.forward(x)
    return x[0]


def draw_digit_answers(axes, networks, image):
    """An image (28, 28), and the probabilities that each network gives to the ten digits.

    axes : {"seen": for the image, name of a network: for its bars, "maps": for the feature maps
        of the first convolution that there is}; networks : {name: network}
    Returns the sentence that describes the picture.
    """
    axes["seen"].imshow(image, cmap="gray_r", vmin=0, vmax=1)
    frame(axes["seen"])
    axes["seen"].set_title("what they see")
    said = []
    for name, network in networks.items():
        a = softmax(network.predict(image.reshape(1, *network.input_shape)))[0]
        answer = int(a.argmax())
        colours = [COLOURS[1] if digit == answer else COLOURS[0] for digit in range(len(a))]
        axes[name].bar(range(len(a)), a, color=colours)
        axes[name].set(ylim=(0, 1.05), xticks=range(len(a)), yticks=(0, 0.5, 1))
        axes[name].set_ylabel("probability", fontsize=9, labelpad=1)
        axes[name].set_title(f"{name}: {answer}")
        said.append(f"{name}: {answer}, with probability {a[answer]:.2f}.")
    if "maps" in axes:
        maps = np.moveaxis(_first_maps(_convolving(networks), image)[:, :, :FIRST_MAPS], 2, 0)
        apart = np.pad(maps, ((0, 0), (0, 0), (0, 1)), constant_values=np.nan)
        axes["maps"].imshow(np.concatenate(apart, axis=1), cmap="gray_r", vmin=0, vmax=maps.max())
        for number in range(1, len(maps)):
            axes["maps"].axvline(number * apart.shape[2] - 1, color="0.6", linewidth=1)
        frame(axes["maps"])
        axes["maps"].set_xlabel("feature maps of the first convolution")
    what = f"A drawing of {(image > 0.5).sum()} dark pixels" if image.any() else "Empty paper"
    return f"{what}. {' '.join(said)}"


def _axes(figure, networks):
    """The axes for draw_digit_answers in an empty figure."""
    rows = [["seen", *networks]]
    if _convolving(networks):
        rows.append(["maps"] * len(rows[0]))
    ratios = {"width_ratios": [1] + [1.4] * len(networks), "height_ratios": [2, 1][: len(rows)]}
    return figure.subplot_mosaic(rows, **ratios)


def _check(networks):
    """Refuse networks that do not take an image of 28 by 28."""
    if not isinstance(networks, dict) or not networks:
        raise TypeError('networks must be a dictionary such as {"MLP": network}')
    for name, network in networks.items():
        if name in ("seen", "maps"):
            raise ValueError(f"networks: {name!r} is the name of another part of the picture")
        shape = getattr(network, "input_shape", None)
        if shape is None or np.prod(shape) != 28 * 28:
            raise ValueError(
                f"networks: {name!r} must take images of 28 by 28, as 784 numbers or as "
                f"(28, 28, 1), but its input_shape is {shape}"
            )
        if network.output_shape != (10,):
            raise ValueError(
                f"networks: {name!r} must give a logit to each of the ten digits, but its output "
                f"has shape {network.output_shape}"
            )


def plot_digit_answers(networks, images):
    """What draw_digit_answers draws, for each of the images (28, 28). Lessons 5 and 7."""
    from matplotlib import pyplot as plt

    _check(networks)
    images = as_floats("images", images)
    if not len(images) or images.shape[1:] != (28, 28):
        raise ValueError(f"images must be (n, 28, 28), at least one, got {images.shape}")
    _check_ink("images", images)
    height = 3.6 if _convolving(networks) else 2.4
    fig = plt.figure(figsize=(3 * (1 + len(networks)), height * len(images)))
    parts = np.atleast_1d(fig.subfigures(len(images), 1))
    said = [
        draw_digit_answers(_axes(part, networks), networks, image)
        for part, image in zip(parts, images, strict=True)
    ]
    show(fig, " ".join(said))


def digit_explorer(networks, images):
    """Draw a digit, and see what each network sees and says. Lessons 5 and 7.

    Parameters
    ----------
    networks : {name: Sequential of 784 numbers, or of (28, 28, 1)}; of the first one with a Conv2D
        the feature maps are shown as well
    images : (n, 784), (n, 28, 28) or (n, 28, 28, 1), from 0 to 1: digits to put on the paper
        without drawing

    The drawing is centred and scaled by `center_digit`. Raises TypeError or ValueError, which names
    the argument, where a network does not take such images, or images are others.
    """
    _check(networks)
    images = as_floats("images", images)
    if not len(images) or images.shape[1:] not in ((784,), (28, 28), (28, 28, 1)):
        raise ValueError(
            f"images must be (n, 784) or (n, 28, 28), at least one, got {images.shape}"
        )
    _check_ink("images", images)
    images = images.reshape(-1, 28, 28)
    paper, shelf = Paper(), [np.zeros((28, 28)), *images]
    paper.put(images[0])
    stored = counter("stored digit", len(images), first=1)  # 0 is empty paper
    stored.observe(lambda change: paper.put(shelf[change["new"]]), names="value")

    def emptied(change):
        if not paper.pixels().any():
            stored.value = 0

    paper.observe(emptied, names="value")

    def axes(figure):
        figure.subplots_adjust(left=0.02, right=0.98, bottom=0.1, top=0.9, wspace=0.35, hspace=0.3)
        return _axes(figure, networks)

    def draw(axes, value):
        return draw_digit_answers(axes, networks, center_digit(paper.pixels()))

    name = "what networks say to a digit that you draw"
    size = (6.8, 3.2 if _convolving(networks) else 2.2)
    return Explorer(name, {"value": paper}, axes, draw, size, [stored])
