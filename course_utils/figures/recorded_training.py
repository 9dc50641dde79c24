"""Training runs that were recorded. Lesson 5."""

import numpy as np

from .curves import span
from .explorer import Explorer, choice
from .picture import show
from .style import COLOURS


def draw_recorded_curves(ax, curves, learning_rate, batch_size):
    """Draw every recorded training run in grey and one of them, chosen, on top.

    curves : {(learning_rate, batch_size): validation losses, one an epoch}
    Returns the sentence that describes the picture.
    """
    for values in curves.values():
        ax.plot(range(1, len(values) + 1), values, "-", color="0.8", linewidth=1)
    chosen = curves[learning_rate, batch_size]
    ax.plot(range(1, len(chosen) + 1), chosen, "-o", color=COLOURS[0], markersize=4)
    top = np.log(10)  # what guessing among ten classes costs
    ax.axhline(top, color="black", linestyle=":", linewidth=1)
    ax.annotate("guessing", (len(chosen), top), ha="right", va="bottom", fontsize=9)
    ax.set(xlabel="epoch", ylabel="validation loss", ylim=(0, 1.15 * top))
    ax.set_title(f"learning rate {learning_rate:g}, batch size {batch_size}")
    return (
        f"Validation loss over {len(chosen)} epochs with learning rate {learning_rate:g} and "
        f"batch size {batch_size}: {span(chosen)}."
    )


def plot_recorded_curves(curves, chosen):
    """Small multiples of draw_recorded_curves, one for each (rate, batch size). Lesson 5."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(
        1, len(chosen), figsize=(3 * len(chosen), 3), sharey=True, squeeze=False
    )
    said = [
        draw_recorded_curves(ax, curves, *setting)
        for ax, setting in zip(axes[0], chosen, strict=True)
    ]
    for ax in axes[0, 1:]:
        ax.set_ylabel("")
    show(fig, " ".join(said))


def training_explorer(curves):
    """Choose learning rate and batch size; see the recorded loss among all the others. Lesson 5.

    curves : {(learning_rate, batch_size): validation losses, one an epoch}
    """
    rates = sorted({rate for rate, _ in curves})
    sizes = sorted({size for _, size in curves})

    def draw(ax, learning_rate, batch_size):
        return draw_recorded_curves(ax, curves, learning_rate, batch_size)

    controls = {
        "learning_rate": choice("learning rate", rates),
        "batch_size": choice("batch size", sizes),
    }
    return Explorer("recorded training runs", controls, lambda figure: figure.subplots(), draw)
