"""A line's loss, over its weight alone and over weight and bias. Lesson 1."""

import numpy as np

from .points import draw_path
from .style import COLOURS


def draw_line_slopes(ax, x, y, b, weights, places):
    """The mean squared error of w x + b over w, the bias kept, and its tangent at some places.

    x, y : (N,), the samples of the line
    weights : (lowest, highest) weight that is drawn
    places : the weights at which a tangent is drawn
    Returns the sentence that describes the picture.
    """
    w = np.linspace(*weights, 101)
    loss = ((w[:, None] * x + b - y) ** 2).mean(axis=1)
    ax.plot(w, loss, "-")
    said = []
    for place in places:
        error = place * x + b - y
        height, slope = np.mean(error**2), 2 * np.mean(error * x)
        ends = place + np.array([-1.5, 1.5])
        ax.plot(ends, height + slope * (ends - place), "--", color=COLOURS[1])
        ax.plot(place, height, "o", color=COLOURS[1])
        kind, offset, side = ("negative", -12, "right") if slope < 0 else ("positive", 12, "left")
        style = {"textcoords": "offset points", "ha": side}
        ax.annotate(f"slope {kind}", (place, height), (offset, -12), **style)
        said.append(f"at w = {place:g} the tangent's slope is {kind}")
    ax.set(xlabel=f"weight w, with b = {b:g}", ylabel="loss", ylim=(0, loss.max()))
    return (
        f"The loss of a line over its weight, from {weights[0]:g} to {weights[1]:g}: a curve that "
        f"falls and then rises, lowest near {w[loss.argmin()]:.0f}; {', '.join(said)}."
    )


def draw_line_loss(ax, x, y, path, w_limits, b_limits, labelled=()):
    """Contours of the mean squared error of w x + b over w and b, and a path on them.

    x, y : (N,), the samples of the line
    path : {step: (w, b)}, the places that gradient descent came to; the last one is
        drawn large, and the lowest point of the loss is a cross
    w_limits, b_limits : (lowest, highest) of what is drawn
    labelled : steps of the path whose number is written beside them
    Returns the sentence that describes the picture.
    """
    w, b = np.meshgrid(np.linspace(*w_limits, 81), np.linspace(*b_limits, 81))
    loss = ((w[..., None] * x + b[..., None] - y) ** 2).mean(axis=-1)
    levels = np.geomspace(loss.min() * 1.02, loss.max(), 12)  # closer together near the minimum
    ax.contour(w, b, loss, levels=levels, cmap="cividis", linewidths=1)
    lowest = np.polyfit(x, y, 1)
    draw_path(ax, list(path.values()))
    ax.plot(*lowest, "x", color="black", markersize=9, markeredgewidth=2)
    style = {"textcoords": "offset points", "ha": "right", "bbox": {"pad": 1, "color": "white"}}
    for step in labelled:
        ax.annotate(f"{step:,}", path[step], (-7, -13), **style)
    ax.set(xlabel="weight w", ylabel="bias b", xlim=w_limits, ylim=b_limits)
    ax.set_box_aspect(1)
    steps, (w_end, b_end) = list(path.items())[-1]
    return (
        "Contours of a line's loss over w and b, and the path of gradient descent: after "
        f"{steps:,} steps it is at w = {w_end:.1f}, b = {b_end:.1f}; the lowest point is at "
        f"w = {lowest[0]:.1f}, b = {lowest[1]:.1f}."
    )
