"""A logistic unit as a picture, its boundary and its loss surface. Lesson 1."""

import numpy as np

from ..activations import sigmoid
from ..losses import binary_cross_entropy
from .explorer import Explorer, button, choice, play, slider
from .picture import show
from .points import draw_decision_boundary, draw_path
from .style import SHADES


def draw_neuron(ax, x, w, b):
    """One neuron with a sigmoid, at work: its inputs, weights, bias, sum and activation.

    x, w : sequences of D numbers; b : number
    Returns the sentence that describes the picture.
    """
    z = float(np.dot(x, w) + b)
    a = float(sigmoid(np.array(z)))
    heights = -1.5 * (np.arange(len(x)) - (len(x) - 1) / 2)
    middle, end = (3.4, 0), (5.6, 0)
    above = (middle[0], heights[0] + 0.9)
    for i, (height, x_i, w_i) in enumerate(zip(heights, x, w, strict=True), 1):
        _arrow(ax, (0, height), middle)
        ax.text(1.6, height * 0.53, f"w{i} = {w_i:g}", ha="center", va="center", bbox=BLANK)
        _disc(ax, (0, height), f"x{i}\n{x_i:.2f}", "white")
    _arrow(ax, above, middle)
    ax.text(*above, f"b = {b:g}", ha="center", va="center", bbox=BLANK)
    _arrow(ax, middle, end)
    _disc(ax, middle, f"z\n{z:.2f}", SHADES(0.1))
    _arrow(ax, end, (7.45, 0))
    _disc(ax, end, f"σ(z)\n{a:.2f}", SHADES(0.9))
    ax.text(7.15, 0, f"a = {a:.2f}", va="center")
    bottom = heights[-1] - 1.0
    names = {0: "inputs", 1.6: "weights", 3.4: "sum", 5.6: "sigmoid", 7.4: "activation"}
    for column, name in names.items():
        ax.text(column, bottom, name, ha="center", va="center", color="0.35")
    ax.text(above[0] + 0.7, above[1], "bias", va="center", color="0.35")
    ax.set(xlim=(-0.6, 8.2), ylim=(bottom - 0.3, above[1] + 0.3), aspect="equal")
    ax.axis("off")
    products = " + ".join(f"{w_i:g} · {x_i:.2f}" for w_i, x_i in zip(w, x, strict=True))
    return (
        f"A neuron, from left to right: {len(x)} inputs, an arrow with a weight from each to the "
        f"sum z = {products} + {b:g} = {z:.2f}, the bias from above; then the sigmoid; out comes "
        f"the activation {a:.2f}."
    )


BLANK = {"boxstyle": "round,pad=0.15", "color": "white"}


def _disc(ax, place, text, colour):
    ax.plot(*place, "o", color=colour, markeredgecolor="black", markersize=42)
    ax.text(*place, text, ha="center", va="center", linespacing=1.1)


def _arrow(ax, start, end):
    """An arrow that ends at the disc around `end`."""
    style = {"arrowstyle": "-|>", "color": "0.3", "shrinkA": 0, "shrinkB": 21}
    ax.annotate("", end, start, arrowprops=style, zorder=1)


def draw_loss_surface(ax, X, y, b, path, limit, resolution=31):
    """Contours of a logistic unit's loss over its two weights, at bias b, and a path on them.

    X, y : points (N, 2) and classes (N,), 0 or 1
    path : weights (steps, 2), each marked, the last one more
    limit : the weights are drawn from -limit to limit
    """
    grid = np.linspace(-limit, limit, resolution)
    w1, w2 = np.meshgrid(grid, grid)
    z = (X @ np.vstack([w1.ravel(), w2.ravel()]) + b).astype(np.float32)  # enough for contours
    y = y[:, None]
    # the binary cross-entropy of every column of z
    loss = (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean(axis=0)
    levels = np.geomspace(loss.min() * 1.02, loss.max(), 12)  # closer together near the minimum
    ax.contour(w1, w2, loss.reshape(w1.shape), levels=levels, cmap="cividis", linewidths=1)
    draw_path(ax, path)
    ax.set(xlabel="weight w1", ylabel="weight w2", xlim=(-limit, limit), ylim=(-limit, limit))


def draw_logistic_unit(axes, X, y, w, b, names, limit, path=None):
    """A logistic unit seen twice: its boundary among the points, its point on the loss surface.

    path : weights (steps, 2) on the way to w, if there was one
    Returns the sentence that describes the picture.
    """
    w = np.asarray(w, dtype=float)
    z = X @ w + b
    loss, _ = binary_cross_entropy(z, y)
    accuracy = np.mean((z > 0) == y)
    draw_decision_boundary(axes[0], lambda points: sigmoid(points @ w + b), X, y, names, 50)
    axes[0].set_title(f"w = ({w[0]:.1f}, {w[1]:.1f}), b = {b:.1f}")
    axes[0].set(xlabel="input x1", ylabel="input x2")
    draw_loss_surface(axes[1], X, y, b, w if path is None else path, limit, resolution=21)
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
    """Move the two weights and the bias of a logistic unit, or let gradient descent move them.

    See its boundary and its loss. X : (N, 2), standardised inputs; y : (N,), 0 or 1; limit :
    largest weight; a step that would lead out of the map ends at its edge. Lesson 1.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    path = []  # the places (w1, w2, b) of the descent

    def draw(axes, w1, w2, b, rate):
        # The sliders stand at multiples of 0.1; the descent is exact.
        if not path or not np.allclose(np.round(path[-1], 1), (w1, w2, b), atol=0.01):
            path[:] = [(w1, w2, b)]  # moved by hand: a new start
        *w, b = path[-1]
        return draw_logistic_unit(axes, X, y, w, b, names, limit, np.array(path)[:, :2])

    def descend(steps):
        rate = controls["rate"].value
        for _ in range(steps):
            *w, b = path[-1]
            _, dz = binary_cross_entropy(X @ w + b, y)
            step = rate * np.array([*(X.T @ dz), dz.sum()])
            path.append(tuple(np.clip(path[-1] - step, -limit, limit).tolist()))
        show_the_last()

    def reset():
        path[:] = path[:1]
        show_the_last()

    def show_the_last():
        with explorer.together():
            for name, value in zip(("w1", "w2", "b"), path[-1], strict=True):
                controls[name].value = round(value, 1)

    controls = {
        "w1": slider("weight w1", 1.0, -limit, limit, 0.1),
        "w2": slider("weight w2", -1.0, -limit, limit, 0.1),
        "b": slider("bias b", 0.0, -limit, limit, 0.1),
        "rate": choice("learning rate", [0.1, 0.3, 1.0, 3.0, 10.0]),
    }
    actions = [
        button("one step", lambda: descend(1)),
        button("ten steps", lambda: descend(10)),
        play(lambda: descend(1)),
        button("reset", reset),
    ]
    name = "a logistic unit, its boundary and its loss"
    explorer = Explorer(name, controls, lambda figure: figure.subplots(1, 2), draw, actions=actions)
    return explorer
