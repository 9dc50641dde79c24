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


def plot_curves(panels, ylabel="", logarithmic=False, said=""):
    """Curves over epochs, in panels side by side. Lesson 5.

    panels : {title: {label: one value an epoch}}
    ylabel : what all panels show, on one common axis; by default each title names its own axis
    said : a sentence to begin the description with
    """
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(
        1, len(panels), figsize=(3.8 * len(panels), 3.4), sharey=bool(ylabel), squeeze=False
    )
    described = [said] if said else []
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        draw_curves(ax, curves, ylabel="" if ylabel else title, logarithmic=logarithmic)
        if ylabel:
            ax.set_title(title)
        each = ", ".join(f"{label} {span(values)}" for label, values in curves.items())
        described.append(f"{title}, over the epochs: {each}.")
    axes[0, 0].set_ylabel(ylabel or axes[0, 0].get_ylabel())
    show(fig, " ".join(described))


def span(values):
    return f"from {values[0]:.3g} to {values[-1]:.3g}"
