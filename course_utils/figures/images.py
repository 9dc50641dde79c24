"""Images, and tables of numbers as pictures."""

import numpy as np

from .picture import show
from .style import SHADES, SIGNED


def plot_images(images, titles=None, columns=10, alt=None):
    """Show grey-scale images, (N, 784), (N, 28, 28) or (N, 28, 28, 1), in rows of `columns`."""
    from matplotlib import pyplot as plt

    images = np.asarray(images)
    side = int(np.sqrt(images[0].size))
    if side * side != images[0].size:
        raise ValueError(f"images must be square, got {images[0].size} pixels each")
    rows = -(-len(images) // columns)
    height = 1.0 if titles is None else 1.3
    fig, axes = plt.subplots(rows, columns, figsize=(0.9 * columns, height * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for i, (ax, image) in enumerate(zip(axes.flat, images, strict=False)):
        ax.imshow(image.reshape(side, side), cmap="gray_r")
        if titles is not None:
            ax.set_title(titles[i], fontsize=9)
    show(fig, alt or f"{len(images)} images, {side} by {side} pixels.")


def draw_numbers(ax, values, title="", limit=None):
    """A small table (rows, columns) as squares with their numbers in them, shaded by the number.

    limit : the shades go from -limit to limit; by default to the number that is largest in size
    """
    values = np.asarray(values, dtype=float)
    limit = limit or np.abs(values).max() or 1.0
    ax.imshow(values, cmap=SHADES, vmin=-limit, vmax=limit)
    for (row, column), value in np.ndenumerate(values):
        ax.text(column, row, f"{round(value, 2) + 0.0:g}", ha="center", va="center", fontsize=10)
    height, width = values.shape
    ax.hlines(np.arange(height + 1) - 0.5, -0.5, width - 0.5, color="0.6", linewidth=0.8)
    ax.vlines(np.arange(width + 1) - 0.5, -0.5, height - 0.5, color="0.6", linewidth=0.8)
    ax.set(xlim=(-0.55, width - 0.45), ylim=(height - 0.45, -0.55))
    ax.set_title(title)
    ax.axis("off")


def draw_signed(ax, values, title="", limit=None):
    """A picture of numbers of both signs, (H, W): white is 0, orange above, dark blue below.

    limit : the colours go from -limit to limit; by default to the number that is largest in size
    """
    limit = limit or np.abs(values).max() or 1.0
    ax.imshow(values, cmap=SIGNED, vmin=-limit, vmax=limit)
    frame(ax)
    ax.set_title(title)


def frame(ax):
    """Nothing but a thin line around a picture."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color="0.6")
