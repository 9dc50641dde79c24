"""Polynomials fitted to noisy points: too stiff, right, too bendy. Lesson 8."""

import functools

import numpy as np
from numpy.polynomial import polynomial

from .explorer import Explorer, choice, counter
from .picture import show
from .style import COLOURS

LIMIT, NOISE, DRAWS, HIGHEST = 2.0, 0.3, 40, 15
PLACES = np.linspace(-LIMIT, LIMIT, 101)


def curve(x):
    """What the points would be without noise."""
    return np.sin(2 * x + 0.5)


@functools.cache
def fits(degree, N):
    """Polynomials of one degree, each fitted to N points whose noise was drawn anew.

    Returns y (DRAWS, N), the points; fitted (DRAWS, 101), the polynomials at PLACES; and two
    means over the draws: the training error, and the generalisation error, both mean squared.
    """
    x = np.linspace(-LIMIT, LIMIT, N)
    y = curve(x) + np.random.default_rng(0).normal(0, NOISE, size=(DRAWS, N))
    coefficients = polynomial.polyfit(x / LIMIT, y.T, degree)
    fitted = polynomial.polyval(PLACES / LIMIT, coefficients)
    training = np.mean((polynomial.polyval(x / LIMIT, coefficients) - y) ** 2)
    generalisation = np.mean((fitted - curve(PLACES)) ** 2) + NOISE**2
    return y, fitted, training, generalisation


def draw_fits(ax, degree, N):
    """Fits of one degree to many draws of N points, their mean, and the curve without noise.

    Returns the sentence that describes the picture.
    """
    y, fitted, training, generalisation = fits(degree, N)
    few = {"markersize": 3, "alpha": 0.6} if N < 60 else {"markersize": 2, "alpha": 0.3}
    ax.plot(PLACES, fitted.T, "-", color="0.75", linewidth=0.7)
    ax.plot(np.linspace(-LIMIT, LIMIT, N), y[0], "o", color="black", **few)
    ax.plot(PLACES, curve(PLACES), "--", color="black", linewidth=1.5, label="without noise")
    ax.plot(PLACES, fitted.mean(axis=0), "-", color=COLOURS[1], linewidth=2, label="mean fit")
    ax.set(xlabel="x", ylabel="y", ylim=(-2.4, 2.4))
    ax.set_title(f"degree {degree}, {N} points")
    return (
        f"Degree {degree}, {N} points, {DRAWS} draws: training error {training:.3f}, "
        f"generalisation error {generalisation:.3f}."
    )


def draw_errors(ax, degree, N):
    """Training and generalisation error over all degrees, the chosen degree marked."""
    degrees = range(HIGHEST + 1)
    errors = np.array([fits(d, N)[2:] for d in degrees])
    for values, name, style, colour in zip(
        errors.T, ("training", "generalisation"), ("-", "--"), COLOURS, strict=False
    ):
        ax.plot(degrees, values, style, color=colour, label=name)
        ax.plot(degree, values[degree], "o", color=colour)
    ax.axhline(NOISE**2, color="black", linestyle=":", linewidth=1)
    ax.set(xlabel="degree", ylabel="mean squared error", yscale="log", ylim=(0.01, 2))
    ax.set_title(f"best degree: {errors[:, 1].argmin()}")
    ax.legend(loc="upper center", fontsize=9)


def plot_polynomials(degrees, counts):
    """Small multiples of draw_fits: a row for each number of points. Lesson 8."""
    from matplotlib import pyplot as plt

    size = 3.4 * len(degrees), 2.4 * len(counts)
    fig, axes = plt.subplots(len(counts), len(degrees), figsize=size, squeeze=False, sharey=True)
    said = [
        draw_fits(ax, degree, N)
        for row, N in zip(axes, counts, strict=True)
        for ax, degree in zip(row, degrees, strict=True)
    ]
    for ax in axes[:-1].flat:
        ax.set_xlabel("")
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    axes[0, 0].legend(loc="lower right", fontsize=8)
    show(fig, " ".join(said))


def polynomial_explorer():
    """Choose degree and number of points; see fits to many draws, and both errors. Lesson 8."""

    def draw(axes, degree, N):
        said = draw_fits(axes[0], degree, N)
        draw_errors(axes[1], degree, N)
        return said

    controls = {
        "degree": counter("degree", HIGHEST, first=3),
        "N": choice("points", [20, 30, 50, 100, 200]),
    }
    name = "polynomials that are fitted to noisy points"
    return Explorer(name, controls, lambda figure: figure.subplots(1, 2), draw)
