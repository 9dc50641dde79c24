"""A network as circles and lines. Lesson 2."""

from itertools import pairwise

import numpy as np

from .style import COLOURS


def draw_network(ax, sizes, names=None, most=6):
    """Draw a dense network as columns of circles, each joined to all of the next column.

    sizes : how many circles in each column, the inputs first; of more than `most` only some
        are drawn, with dots between them
    names : what to write under each column; by default its number of circles
    Returns the sentence that describes the picture.
    """
    heights = []
    for size in sizes:
        shown = min(size, most)
        y = np.arange(shown) - (shown - 1) / 2
        if size > most:  # leave a gap in the middle, for the dots
            y = np.where(y > 0, y + 0.5, y - 0.5)
        heights.append(-y)
    for column, (left, right) in enumerate(pairwise(heights)):
        for start in left:
            for end in right:
                ax.plot([column, column + 1], [start, end], "-", color="0.7", linewidth=0.8)
    for column, (y, size) in enumerate(zip(heights, sizes, strict=True)):
        x = np.full(len(y), column)
        colour = COLOURS[0] if column else "white"  # an input is a number, not a unit
        ax.plot(x, y, "o", color=colour, markeredgecolor="black", markersize=13)
        if size > most:
            ax.text(column, 0, "⋮", ha="center", va="center", fontsize=15)
    bottom = min(y.min() for y in heights) - 0.9
    for column, name in enumerate(names or sizes):
        ax.text(column, bottom, str(name), ha="center", va="top")
    ax.set(xlim=(-0.4, len(sizes) - 0.6), ylim=(bottom - 1.1, -bottom - 0.3))
    ax.axis("off")
    columns = ", ".join(f"{size} (some drawn)" if size > most else str(size) for size in sizes)
    return (
        f"A network as columns of circles, from left to right {columns}; every circle is joined "
        "to every circle of the next column."
    )
