"""Errors, and the losses made of them. Lesson 3."""

import numpy as np

from .picture import show


def plot_errors(errors):
    """A histogram of the errors (N,) of a line, and the bell curve of the same spread. Lesson 3."""
    from matplotlib import pyplot as plt

    spread = errors.std()
    grid = np.linspace(-3.2 * spread, 3.2 * spread, 201)
    bell = np.exp(-(grid**2) / (2 * spread**2)) / (spread * np.sqrt(2 * np.pi))
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.hist(errors, bins=24, density=True, color="0.8", edgecolor="white", label="errors")
    ax.plot(grid, bell, label="bell curve")
    ax.set(xlabel="error", ylabel="density")
    ax.legend()
    within = np.mean(abs(errors) < spread)
    show(
        fig,
        f"A histogram of the errors, {within:.0%} of them less than one standard deviation from "
        "zero, and a bell curve of the same spread.",
    )


def plot_likelihood(slopes, squared, minus_log):
    """Squared error and minus the log likelihood over the slope of a line. Lesson 3.

    slopes, squared, minus_log : (n,). A dotted line marks the lowest point of each.
    """
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(1, 2, figsize=(9, 2.8))
    names = ("mean squared error", "-log likelihood")
    lowest = [slopes[np.argmin(values)] for values in (squared, minus_log)]
    for ax, values, at, name in zip(axes, (squared, minus_log), lowest, names, strict=True):
        ax.plot(slopes, values)
        ax.axvline(at, color="0.5", linestyle=":")
        ax.set(xlabel="slope w", ylabel=name)
    show(
        fig,
        f"Two curves over the slope of the line: mean squared error, lowest at {lowest[0]:.1f}, "
        f"and minus the logarithm of the likelihood, lowest at {lowest[1]:.1f}.",
    )


def plot_losses_when_1(z, squared, cross_entropy):
    """Squared error and cross-entropy over the logit z, where the truth is 1. Lesson 3.

    z, squared, cross_entropy : (n,)
    """
    from matplotlib import pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3))
    ax.plot(z, squared, label="squared error (a - 1)²")
    ax.plot(z, cross_entropy, label="cross-entropy -log a")
    ax.set(xlabel="logit z, when the truth is 1", ylabel="loss")
    ax.legend()
    at = [0, len(z) // 3, -1]

    def said(values):
        return ", ".join(f"{values[i]:.2f}" for i in at)

    show(
        fig,
        f"Two losses over z when the truth is 1, at z = {', '.join(f'{z[i]:g}' for i in at)}. "
        f"The cross-entropy: {said(cross_entropy)}. The squared error: {said(squared)}.",
    )
