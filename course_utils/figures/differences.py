"""Slopes by finite differences. Lesson 3."""

import numpy as np

from .picture import show
from .style import COLOURS


def plot_differences(at=1.0, step=0.5):
    """The tangent of x³ at a point, and its slope by both finite differences. Lesson 3.

    at : where the slope is wanted; step : how far away the function is looked at
    """
    from matplotlib import pyplot as plt

    x = np.linspace(at - 1.4 * step, at + 1.3 * step, 100)
    slope = 3 * at**2
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.1), sharey=True)
    said = [f"The curve of x cubed with its tangent at {at:g}, of slope {slope:.2f}, twice."]
    for ax, low, title in zip(axes, (at, at - step), ("one-sided", "centred"), strict=True):
        ends = np.array([low, at + step])
        measured = (ends[1] ** 3 - ends[0] ** 3) / (ends[1] - ends[0])
        ax.plot(x, x**3, label="f(x) = x³")
        ax.plot(x, at**3 + slope * (x - at), ":", color="black", label=f"true slope at {at:g}")
        ax.plot(ends, ends**3, "--o", color=COLOURS[1], label="difference")
        ax.set(xlabel="x", title=f"{title}: slope {measured:.2f}")
        said.append(f"The {title} chord from {ends[0]:g} to {ends[1]:g} has slope {measured:.2f}.")
    axes[0].legend()
    show(fig, " ".join(said))
