"""Paths of gradient descent in a long, narrow valley. Lesson 5."""

import numpy as np

from .picture import show
from .style import COLOURS


def plot_valley(paths, steepness):
    """Draw paths of gradient descent on the loss (s1 w1² + s2 w2²) / 2, side by side. Lesson 5.

    paths : {title: (steps + 1, 2) array of the places (w1, w2)}
    steepness : the two numbers s1 and s2
    """
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(1, len(paths), figsize=(5 * len(paths), 3), sharey=True, squeeze=False)
    places = np.concatenate(list(paths.values()))
    low, high = places.min(axis=0), places.max(axis=0)
    margin = 0.1 * (high - low)
    w1, w2 = np.meshgrid(*np.linspace(low - margin, high + margin, 80).T)
    said = []
    for ax, (title, path) in zip(axes[0], paths.items(), strict=True):
        loss = (steepness[0] * w1**2 + steepness[1] * w2**2) / 2
        ax.contour(w1, w2, loss, levels=12, cmap="cividis", linewidths=0.8)
        ax.plot(path[:, 0], path[:, 1], ".-", color="black", linewidth=1)
        ax.plot(0, 0, "*", color=COLOURS[1], markersize=12)
        ax.set(title=title, xlabel="w1")
        said.append(
            f"With {title} the path crosses the floor {crossings(path)} times and ends "
            f"{np.linalg.norm(path[-1]):.2g} from the lowest point"
        )
    axes[0, 0].set_ylabel("w2")
    steps = len(path) - 1
    show(
        fig,
        f"Descent in {steps} steps in a long, narrow valley, whose lowest point is "
        f"marked by a star. {'. '.join(said)}.",
    )


def crossings(path):
    """How often the path crosses w2 = 0, the floor of the valley."""
    return int(np.sum(path[1:, 1] * path[:-1, 1] < 0))
