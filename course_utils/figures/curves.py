"""Curves over epochs."""

import matplotlib

from .picture import show


def plot_history(history):
    """Curves of a History: the loss, and the validation accuracy where there is one."""
    from matplotlib import pyplot as plt

    panels = 2 if history.validation_accuracy else 1
    fig, axes = plt.subplots(1, panels, figsize=(4.5 * panels, 3.2), squeeze=False)
    draw_curves(
        axes[0, 0],
        {"training": history.loss, "validation": history.validation_loss},
        ylabel="loss",
    )
    alt = f"Loss over {len(history)} epochs: training {span(history.loss)}"
    if history.validation_loss:
        alt += f", validation {span(history.validation_loss)}"
    if panels == 2:
        draw_curves(axes[0, 1], {"validation": history.validation_accuracy}, ylabel="accuracy")
        alt += (
            f". Validation accuracy {span(history.validation_accuracy)} "
            f"on {history.validation_samples:,} samples"
        )
    show(fig, alt + ".")


def draw_curves(ax, curves, xlabel="epoch", ylabel="loss", logarithmic=False):
    """Draw {label: values}, one value an epoch from epoch 1 on; empty curves are left out."""
    for label, values in curves.items():
        if len(values):
            ax.plot(range(1, len(values) + 1), values, label=label)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    if logarithmic:
        ax.set_yscale("log")
    ax.legend()


def span(values):
    return f"from {values[0]:.3g} to {values[-1]:.3g}"
