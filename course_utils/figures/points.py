"""Points of two classes in the plane, the boundary between them, and a path of many steps."""

import numpy as np

from .style import COLOURS, MARKERS, SHADES


def draw_points(ax, X, y, names=("class 0", "class 1")):
    """Draw points X (N, 2), each class in its own colour and marker.

    y : (N,) or (N, 1), whatever the classes are called: the smallest value has the first name,
        and so on; class numbers 0, 1, … have the names of those numbers, even where one does
        not occur
    Raises ValueError where X and y do not fit each other, or where there are more classes than
    names.
    """
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"X must have two columns, got {X.shape}")
    if y.size != len(X):
        raise ValueError(f"y must have one class for each of the {len(X)} points, got {y.shape}")
    y = y.ravel()
    classes = np.unique(y)
    if set(classes.tolist()) <= set(range(len(names))):
        classes = np.arange(len(names))
    if len(classes) > len(names):
        raise ValueError(f"y has {len(classes)} classes, but there are {len(names)} names")
    for place, (k, name) in enumerate(zip(classes, names, strict=False)):
        ax.plot(
            *X[y == k].T,
            MARKERS[place],
            color=COLOURS[place],
            markersize=5,
            label=name,
            markeredgecolor="white",
            markeredgewidth=0.5,
        )


def draw_decision_boundary(
    ax, probability, X, y, names=("class 0", "class 1"), resolution=120, around=None
):
    """Shade the plane by the probability of class 1, with the line where it is one half.

    probability : function of points (M, 2), returning the probabilities (M,)
    X, y : points (N, 2) and their classes (N,), drawn on top as by draw_points
    around : points (M, 2) that find room in the picture, those of X unless others are given
    """
    around = np.asarray(X if around is None else around)
    low, high = around.min(axis=0) - 0.3, around.max(axis=0) + 0.3
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


def draw_path(ax, places):
    """Draw the places (steps, 2) that a descent came to, a mark for each; the last is large."""
    places = np.atleast_2d(places)
    ax.plot(*places.T, "o-", color=COLOURS[1], linewidth=1, markersize=3)
    ax.plot(*places[-1], "o", color=COLOURS[1], markeredgecolor="black", markersize=9)
