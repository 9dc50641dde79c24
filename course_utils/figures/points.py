"""Points of two classes in the plane, and the boundary that a model draws between them."""

import numpy as np

from .style import COLOURS, MARKERS, SHADES


def draw_points(ax, X, y, names=("class 0", "class 1")):
    """Draw points X (N, 2), each class y in its own colour and marker."""
    for k, name in enumerate(names):
        ax.plot(
            *X[y == k].T,
            MARKERS[k],
            color=COLOURS[k],
            markersize=5,
            label=name,
            markeredgecolor="white",
            markeredgewidth=0.5,
        )


def draw_decision_boundary(ax, probability, X, y, names=("class 0", "class 1"), resolution=120):
    """Shade the plane by the probability of class 1, with the line where it is one half.

    probability : function of points (M, 2), returning the probabilities (M,)
    X, y : points (N, 2) and their classes (N,), 0 or 1, drawn on top
    """
    low, high = X.min(axis=0) - 0.3, X.max(axis=0) + 0.3
    x1, x2 = np.meshgrid(*(np.linspace(low[i], high[i], resolution) for i in range(2)))
    p = probability(np.column_stack([x1.ravel(), x2.ravel()])).reshape(x1.shape)
    extent = (low[0], high[0], low[1], high[1])
    ax.imshow(
        p,
        extent=extent,
        origin="lower",
        aspect="auto",
        vmin=0,
        vmax=1,
        cmap=SHADES,
        interpolation="nearest",
    )
    ax.contour(x1, x2, p, levels=[0.5], colors="black", linewidths=1.5)
    draw_points(ax, X, y, names)
