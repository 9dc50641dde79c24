"""A logistic unit, its boundary and its loss surface. Lesson 1."""

import numpy as np

from ..activations import sigmoid
from ..losses import binary_cross_entropy
from .explorer import Explorer, slider
from .picture import show
from .points import draw_decision_boundary
from .style import COLOURS


def draw_loss_surface(ax, X, y, b, path, limit, resolution=31):
    """Contours of a logistic unit's loss over its two weights, at bias b, and a path on them.

    X, y : points (N, 2) and classes (N,), 0 or 1
    path : weights (steps, 2); the last one is marked
    limit : the weights are drawn from -limit to limit
    """
    grid = np.linspace(-limit, limit, resolution)
    w1, w2 = np.meshgrid(grid, grid)
    z = X @ np.vstack([w1.ravel(), w2.ravel()]) + b
    y = y[:, None]
    # the binary cross-entropy of every column of z
    loss = (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean(axis=0)
    levels = np.geomspace(loss.min() * 1.02, loss.max(), 12)  # closer together near the minimum
    ax.contour(w1, w2, loss.reshape(w1.shape), levels=levels, cmap="cividis", linewidths=1)
    path = np.atleast_2d(path)
    ax.plot(*path.T, "-", color=COLOURS[1], linewidth=1.5)
    ax.plot(*path[-1], "o", color=COLOURS[1], markeredgecolor="black", markersize=9)
    ax.set(xlabel="weight w1", ylabel="weight w2", xlim=(-limit, limit), ylim=(-limit, limit))


def draw_logistic_unit(axes, X, y, w, b, names, limit):
    """A logistic unit seen twice: its boundary among the points, its point on the loss surface.

    Returns the sentence that describes the picture.
    """
    w = np.asarray(w, dtype=float)
    z = X @ w + b
    loss, _ = binary_cross_entropy(z, y)
    accuracy = np.mean((z > 0) == y)
    draw_decision_boundary(axes[0], lambda points: sigmoid(points @ w + b), X, y, names, 50)
    axes[0].set_title(f"w = ({w[0]:.1f}, {w[1]:.1f}), b = {b:.1f}")
    axes[0].set(xlabel="input x1", ylabel="input x2")
    draw_loss_surface(axes[1], X, y, b, w, limit, resolution=21)
    axes[1].set_title(f"loss {loss:.3f}, accuracy {accuracy:.3f}")
    return (
        f"A logistic unit with weights {w[0]:.1f} and {w[1]:.1f} and bias {b:.1f} among "
        f"{len(X)} points, and its place on the loss surface: loss {loss:.3f}, "
        f"accuracy {accuracy:.3f}."
    )


def plot_logistic_units(X, y, units, names=("class 0", "class 1"), limit=6.0):
    """Small multiples of a logistic unit: one column for each (w1, w2, b) in `units`. Lesson 1."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(2, len(units), figsize=(3.3 * len(units), 5.8), squeeze=False)
    said = [
        draw_logistic_unit(axes[:, i], X, y, (w1, w2), b, names, limit)
        for i, (w1, w2, b) in enumerate(units)
    ]
    show(fig, " ".join(said))


def logistic_unit_explorer(X, y, names=("class 0", "class 1"), limit=6.0):
    """Move the two weights and the bias of a logistic unit; see its boundary and its loss.

    X : (N, 2), standardised inputs; y : (N,), 0 or 1; limit : largest weight. Lesson 1.
    """

    def draw(axes, w1, w2, b):
        return draw_logistic_unit(axes, X, y, (w1, w2), b, names, limit)

    controls = {
        "w1": slider("weight w1", 1.0, -limit, limit, 0.1),
        "w2": slider("weight w2", -1.0, -limit, limit, 0.1),
        "b": slider("bias b", 0.0, -limit, limit, 0.1),
    }
    name = "a logistic unit, its boundary and its loss"
    return Explorer(name, controls, lambda figure: figure.subplots(1, 2), draw)
