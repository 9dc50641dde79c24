"""A network as circles and lines, a layer as rectangles, a pass through them. Lesson 2."""

from itertools import pairwise

import numpy as np
from matplotlib.patches import Rectangle

from .picture import show
from .style import COLOURS, SHADES


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


def draw_dense_layer(ax, N, D, H):
    """Draw z = X @ W + b as rectangles of N, D and H squares, one unit's number filled in.

    N, D, H : how many samples, inputs and units to draw
    Returns the sentence that describes the picture.
    """
    row, column = min(1, N - 1), min(2, H - 1)
    pale = {"row": SHADES(0.0), "column": SHADES(1.0), "both": COLOURS[4]}
    rectangles = {  # name: (shape, left edge, the squares that are filled, with what)
        "X": ((N, D), 0, lambda i, j: "row" if i == row else None),
        "W": ((D, H), D + 1.6, lambda i, j: "column" if j == column else None),
        "b": ((1, H), D + H + 3.2, lambda i, j: "column" if j == column else None),
        "z": ((N, H), D + 2 * H + 5.4, lambda i, j: "both" if (i, j) == (row, column) else None),
    }
    letters = {"X": "N D", "W": "D H", "b": "H", "z": "N H"}
    for name, ((rows, columns), left, filled) in rectangles.items():
        top = rows / 2
        for i, j in np.ndindex(rows, columns):
            colour = pale.get(filled(i, j), "white")
            ax.add_patch(Rectangle((left + j, top - i - 1), 1, 1, fc=colour, ec="0.3", lw=0.8))
        shape = ", ".join(letters[name].split()) + ("," if name == "b" else "")
        ax.text(left + columns / 2, top + 0.3, f"{name}  ({shape})", ha="center", va="bottom")
    for sign, left in (("@", D + 0.8), ("+", D + H + 2.4), ("=", D + 2 * H + 4.3)):
        ax.text(left, 0, sign, ha="center", va="center", fontsize=15)
    ax.text(-0.3, 0, "samples", ha="right", va="center", rotation=90)
    for name, what in (("X", "inputs"), ("W", "units"), ("z", "units")):
        (rows, columns), left, _ = rectangles[name]
        ax.text(left + columns / 2, -rows / 2 - 0.3, what, ha="center", va="top")
    ax.set(xlim=(-1.2, D + 3 * H + 5.6), ylim=(-N / 2 - 1.2, N / 2 + 1.5), aspect="equal")
    ax.axis("off")
    return (
        f"Four rectangles of squares: X with {N} rows and {D} columns, times W with {D} rows and "
        f"{H} columns, plus b with one row of {H}, is z with {N} rows and {H} columns. Row "
        f"{row + 1} of X and column {column + 1} of W and of b are coloured, and the one square "
        f"of z that they make."
    )


def plot_forward_pass(image, hidden, logits, probabilities, label):
    """Show one picture on its way through a network with one hidden layer. Lesson 2.

    image : (784,); hidden : activations (H,), drawn in rows of ten; logits, probabilities : (K,)
    label : what the picture shows
    """
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(1, 4, figsize=(11, 2.6))
    axes[0].imshow(image.reshape(28, 28), cmap="gray_r")
    axes[1].imshow(hidden.reshape(-1, 10), cmap="gray_r", vmin=0)
    classes = np.arange(len(logits))
    axes[2].bar(classes, logits)
    axes[3].bar(classes, probabilities)
    axes[3].set_ylim(0, 1)
    titles = (f"{image.size} inputs", f"{hidden.size} activations")
    titles += (f"{len(logits)} logits", f"{len(logits)} probabilities")
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title)
    for ax in axes[:2]:
        ax.axis("off")
    for ax in axes[2:]:
        ax.set(xlabel="digit", xticks=classes)
    show(
        fig,
        f"A handwritten {label}, the {hidden.size} hidden activations as a grey pattern, the "
        f"{len(logits)} logits and the {len(logits)} probabilities; the largest, "
        f"{probabilities.max():.2f}, is that of {probabilities.argmax()}.",
    )
