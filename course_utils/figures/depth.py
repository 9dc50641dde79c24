"""A signal on its way through many layers, and the gradient on its way back. Lesson 10."""

import numpy as np
from ipywidgets import Layout, SelectionSlider

from .explorer import LABEL, WIDTH, Explorer, menu
from .picture import show
from .style import COLOURS

LOWEST, HIGHEST = 1e-12, 1e12  # what lies beyond is drawn at the edge


def draw_sizes(axes, inputs, gradients, title=""):
    """Draw how large the input and the gradient of the weights are, layer by layer.

    axes : two axes, one for each
    inputs, gradients : one size a layer, from the first to the last
    Returns the sentence that describes the picture.
    """
    said = []
    panels = (("size of the input", inputs), ("size of dW", gradients))
    for ax, (name, sizes), colour, marker in zip(axes, panels, COLOURS, "o^", strict=False):
        layers = np.arange(1, len(sizes) + 1)
        ax.plot(layers, np.clip(sizes, LOWEST, HIGHEST), marker, color=colour, markersize=4)
        ax.axhline(1, color="0.7", linewidth=1, linestyle=":")
        ax.set(xlabel="layer", ylabel=name, yscale="log", xlim=(0, len(sizes) + 1))
        ax.set(ylim=(LOWEST / 10, HIGHEST * 10), yticks=[1e-12, 1e-6, 1, 1e6, 1e12])
        ax.minorticks_off()
        ax.set_title(f"{sizes[0]:.1e} to {sizes[-1]:.1e}", fontsize=10)
        said.append(f"{name} from {sizes[0]:.1e} in layer 1 to {sizes[-1]:.1e} in the last")
    if title:
        axes[0].set_title(f"{title}\n{axes[0].get_title()}", fontsize=10)
    return f"{title + ': ' if title else ''}{', '.join(said)}."


def plot_depth(measure, chosen):
    """Small multiples of draw_sizes, one column for each of `chosen`. Lesson 10.

    measure : function (depth, initializer, cure) → (sizes of the inputs, sizes of the gradients)
    chosen : list of (depth, initializer, cure)
    """
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(
        2, len(chosen), figsize=(3 * len(chosen), 4.6), sharey=True, squeeze=False
    )
    said = [
        draw_sizes(pair, *measure(*setting), title="{} layers, {},\n{}".format(*setting))
        for pair, setting in zip(axes.T, chosen, strict=True)
    ]
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    show(fig, " ".join(sentence.replace("\n", " ") for sentence in said))


def depth_explorer(measure, depths, initializers, cures):
    """Choose depth, initialisation and cure; see what becomes of signal and gradient. Lesson 10.

    measure : as for plot_depth; it is called at every move
    depths : the depths to choose from; the others are lists of names
    """
    controls = {
        "depth": SelectionSlider(
            options=depths,
            value=depths[len(depths) // 2],
            description="layers",
            style=LABEL,
            layout=Layout(width=WIDTH),
        ),
        "initializer": menu("weights", {name: name for name in initializers}),
        "cure": menu("cure", {name: name for name in cures}),
    }

    def draw(axes, depth, initializer, cure):
        said = draw_sizes(axes, *measure(depth, initializer, cure))
        for ax in axes:
            ax.set_xlim(0, max(depths) + 1)  # always the same: other ticks take time
        return said

    return Explorer(
        "depth, initialisation and cure", controls, lambda figure: figure.subplots(1, 2), draw
    )


def draw_gradient_histograms(ax, gradients):
    """Draw the histogram of log10 |dW| of the first, the middle and the last hidden layer.

    gradients : one array a layer, from the first to the last
    Returns the sentence that describes the picture.
    """
    last = len(gradients) - 1
    chosen = sorted({0, last // 2, last})
    lowest = min(_orders(gradients[i]).min() for i in chosen)
    highest = max(_orders(gradients[i]).max() for i in chosen)
    bins = np.linspace(np.floor(lowest), np.ceil(highest) + 1e-9, 40)
    said = []
    for i, colour, style in zip(chosen, COLOURS, ("-", "--", ":"), strict=False):
        numbers = _orders(gradients[i])
        share = np.full(numbers.size, 1 / numbers.size)
        outline = {"histtype": "step", "color": colour, "linestyle": style, "linewidth": 2}
        ax.hist(numbers, bins, weights=share, label=f"layer {i + 1}", **outline)
        said.append(f"layer {i + 1} around 1e{np.median(numbers):.0f}")
    ax.set(xlabel="log10 |dW|", yticks=[], ylim=(0, 1.7 * ax.get_ylim()[1]))
    ax.legend(fontsize=9, loc="upper left")
    return ", ".join(said)


def _orders(gradient):
    """log10 of the numbers' absolute values, without those that are 0."""
    numbers = np.abs(gradient[gradient != 0])
    return np.log10(numbers)
