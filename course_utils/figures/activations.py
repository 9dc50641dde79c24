"""Activations and their derivatives. Lesson 2."""

import numpy as np

from ..activations import (
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
)
from .explorer import Explorer, menu, slider
from .picture import show
from .style import COLOURS

LEAK = 0.1  # of the leaky ReLU in pictures: its usual 0.01 could not be told from ReLU's 0

# {name: (title, function of z, its derivative as a function of z, limits of the values drawn)}
ACTIVATIONS = {
    "sigmoid": ("sigmoid", sigmoid, lambda z: sigmoid_derivative(sigmoid(z)), (-0.3, 1.3)),
    "tanh": ("tanh", tanh, lambda z: tanh_derivative(tanh(z)), (-1.5, 1.5)),
    "relu": ("ReLU", relu, relu_derivative, (-1.0, 5.0)),
    "leaky_relu": (
        f"leaky ReLU ({LEAK:g})",
        lambda z: leaky_relu(z, LEAK),
        lambda z: leaky_relu_derivative(z, LEAK),
        (-1.0, 5.0),
    ),
}


def draw_activation(axes, name, z, limit=5.0):
    """An activation with its tangent at z, and beside it the derivative with the slope at z.

    name : a key of ACTIVATIONS; z : number in -limit..limit
    Returns the sentence that describes the picture.
    """
    title, function, derivative, values = ACTIVATIONS[name]
    z = round(float(z), 6)  # a slider's 0 may be 1e-16
    value, slope = float(function(z)), float(derivative(z))
    grid = np.linspace(-limit, limit, 201)
    slopes = derivative(grid)
    has_corner = name in ("relu", "leaky_relu")
    if has_corner:
        slopes[np.abs(grid) < 1e-9] = np.nan  # the derivative jumps: no line joins its two sides
    axes[0].plot(grid, function(grid), "-", color=COLOURS[0])
    ends = z + np.array([-1.5, 1.5])
    axes[0].plot(ends, value + slope * (ends - z), "--", color="black", linewidth=1.5)
    axes[0].plot(z, value, "o", color="black", markersize=7)
    axes[0].set(xlabel="z", ylabel="a", xlim=(-limit, limit), ylim=values)
    axes[0].set_title(f"{title}: a = {value:.3f}")
    axes[1].plot(grid, slopes, "-", color=COLOURS[1])
    axes[1].plot(z, slope, "o", color="black", markersize=7)
    axes[1].set(xlabel="z", ylabel="da/dz", xlim=(-limit, limit), ylim=(-0.1, 1.15))
    axes[1].set_title(f"slope {slope:.3f} at z = {z:.1f}")
    choice = " by choice, for z = 0 is its corner" if has_corner and z == 0 else ""
    return (
        f"The {title} with its tangent at z = {z:.1f}, and its derivative: value {value:.3f}, "
        f"slope {slope:.3f}{choice}."
    )


def plot_activations(points):
    """Small multiples of draw_activation: one column for each (name, z) in `points`. Lesson 2."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(2, len(points), figsize=(3 * len(points), 5.2), squeeze=False)
    said = [draw_activation(axes[:, i], name, z) for i, (name, z) in enumerate(points)]
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    show(fig, " ".join(said))


def activation_explorer(limit=5.0):
    """Choose an activation and move z; see its value, its tangent and its derivative. Lesson 2."""

    def draw(axes, name, z):
        return draw_activation(axes, name, z, limit)

    titles = {title: name for name, (title, *_) in ACTIVATIONS.items()}
    controls = {
        "name": menu("activation", titles),
        "z": slider("z", 1.0, -limit, limit, 0.1),
    }
    name = "an activation and its derivative"
    return Explorer(name, controls, lambda figure: figure.subplots(1, 2), draw)
