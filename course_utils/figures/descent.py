"""Paths of gradient descent in a long, narrow valley. Lesson 5."""

import numpy as np

from .explorer import Explorer, choice, counter, slider
from .picture import show
from .style import COLOURS

STEEPNESS = np.array([1.0, 25.0])  # of lesson 5's valley
START = np.array([-8.0, 2.0])


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
        ax.plot(path[:, 0], path[:, 1], ".-", color="black", linewidth=1)
        _draw_valley(ax, w1, w2, steepness)
        ax.set(title=title)
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


def _draw_valley(ax, w1, w2, steepness):
    """Contours of the loss over the grid w1, w2, and a star at the lowest point."""
    loss = (steepness[0] * w1**2 + steepness[1] * w2**2) / 2
    ax.contour(w1, w2, loss, levels=12, cmap="cividis", linewidths=0.8)
    ax.plot(0, 0, "*", color=COLOURS[1], markersize=12)
    ax.set(xlabel="w1")


def crossings(path):
    """How often the path crosses w2 = 0, the floor of the valley."""
    return int(np.sum(path[1:, 1] * path[:-1, 1] < 0))


def walk_down(learning_rate, momentum, steps):
    """The places (steps + 1, 2) of a descent with momentum in lesson 5's valley."""
    w, velocity = START, np.zeros(2)
    path = [w]
    for _ in range(steps):
        velocity = momentum * velocity + STEEPNESS * w
        w = w - learning_rate * velocity
        path.append(w)
    return np.array(path)


def valley_explorer():
    """Choose momentum and learning rate; see the descent in a long, narrow valley. Lesson 5."""

    def axes(figure):
        ax = figure.subplots()
        _draw_valley(ax, *np.meshgrid(np.linspace(-10, 4, 80), np.linspace(-3, 3, 80)), STEEPNESS)
        ax.set(xlim=(-10, 4), ylim=(-3, 3), ylabel="w2")
        return ax

    def draw(ax, momentum, learning_rate, steps):
        path = walk_down(learning_rate, momentum, steps)
        seen = np.abs(path) < 1e6  # what flies off further is out of the picture all the same
        ax.plot(*np.where(seen, path, np.nan).T, ".-", color="black", linewidth=1)
        ax.plot(*path[-1], "o", color=COLOURS[1], markeredgecolor="black", markersize=9)
        distance = np.linalg.norm(path[-1])
        crossed = crossings(path)
        ax.set_title(f"after {steps} steps {distance:.3g} away, floor crossed {crossed} times")
        return (
            f"Descent in a long, narrow valley with momentum {momentum:.1f} and learning rate "
            f"{learning_rate:g}: after {steps} steps it has crossed the floor {crossed} times "
            f"and is {distance:.3g} from the lowest point."
        )

    controls = {
        "momentum": slider("momentum", 0.0, 0.0, 0.9, 0.1),
        "learning_rate": choice("learning rate", [0.01, 0.02, 0.04, 0.07, 0.08, 0.09, 0.1]),
        "steps": counter("steps", 40, first=20),
    }
    return Explorer("momentum in a valley", controls, axes, draw)
