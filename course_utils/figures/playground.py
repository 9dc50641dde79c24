"""A small network that learns before one's eyes, on points in the plane. Lessons 4, 8 and 10."""

import html
from dataclasses import dataclass, fields
from functools import partial

import ipywidgets
import numpy as np
from sklearn.datasets import make_circles, make_moons

from .._validation import check_between, check_count
from ..activations import sigmoid
from ..initializers import he, xavier
from ..layers import Dense, ReLU, Sigmoid, Tanh
from ..losses import binary_cross_entropy
from ..network import Sequential
from ..optimizers import SGD
from .explorer import LABEL, WIDTH, LivePicture, _Shown, button, counter, menu, play
from .picture import show
from .points import draw_decision_boundary
from .style import COLOURS, MARKERS

POINTS = 200  # half of them to train on, half to validate


def make_spirals(n_samples, noise, random_state):
    """Two spirals, wound into each other: points (n_samples, 2) and their classes 0 and 1."""
    rng = np.random.default_rng(random_state)
    y = np.arange(n_samples) % 2
    along = np.sqrt(rng.random(n_samples))  # the same number of points on each piece of the way
    angle = 3 * np.pi * along + np.pi * y
    X = 2 * along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + rng.normal(0, noise, X.shape), y


DATA = {"moons": make_moons, "circles": partial(make_circles, factor=0.5), "spirals": make_spirals}
ACTIVATIONS = {"relu": (ReLU, he), "tanh": (Tanh, xavier), "sigmoid": (Sigmoid, xavier)}
HIDDEN = [(), (2,), (3,), (4,), (8,), (32,), (4, 4), (8, 8), (32, 32), (8, 8, 8, 8), (8,) * 6]
RATES = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
DECAYS = [0.0, 0.001, 0.003, 0.01, 0.03, 0.1]


LINES = (
    {"label": "training", "color": COLOURS[0], "linestyle": "-"},
    {"label": "validation", "color": COLOURS[1], "linestyle": "--"},
)


def _axes(figure, rows=1):
    """Two axes a row, for the points and for the losses, with what never changes."""
    axes = figure.subplots(rows, 2, squeeze=False)
    for _, curves in axes:
        curves.set(xlabel="step", ylabel="loss")
        for line in LINES:
            curves.plot([], [], **line)
        curves.legend(loc="upper right", fontsize=8)
    return axes


@dataclass
class Experiment:
    """A network and its points, trained step by step; the settings are those of `playground`."""

    data: str = "moons"
    hidden: tuple = (8,)
    activation: str = "tanh"
    learning_rate: float = 0.3
    weight_decay: float = 0.0
    noise: float = 0.2
    seed: int = 0

    def __post_init__(self):
        for name, known in (("data", DATA), ("activation", ACTIVATIONS)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name} must be one of {', '.join(known)}, got {getattr(self, name)!r}"
                )
        if not isinstance(self.hidden, (tuple, list)):
            raise TypeError(f"hidden must be sizes such as (8,) or (8, 8), got {self.hidden!r}")
        self.hidden = tuple(self.hidden)
        for units in self.hidden:
            check_count("hidden", units)
        check_between("learning_rate", self.learning_rate, 0, np.inf, low_included=False)
        check_between("weight_decay", self.weight_decay, 0, np.inf)
        check_between("noise", self.noise, 0, np.inf)
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise ValueError(f"seed must be a whole number, at least 0, got {self.seed!r}")
        self.start()

    def start(self):
        """New points, new first weights, as the seed draws them."""
        X, y = DATA[self.data](POINTS, noise=self.noise, random_state=self.seed)
        half = POINTS // 2  # scikit-learn's points are shuffled, those of the spirals are random
        self.X, self.y, self.X_val, self.y_val = X[:half], y[:half], X[half:], y[half:]
        layer, initializer = ACTIVATIONS[self.activation]
        layers = [made for units in self.hidden for made in (Dense(units, initializer), layer())]
        rng = np.random.default_rng(self.seed)
        self.network = Sequential([*layers, Dense(1, initializer)], input_shape=2, rng=rng)
        self.losses = []  # (training, validation), after each step
        self.measure()

    def measure(self):
        """Keep the losses that the network has now."""
        self.losses.append(
            tuple(
                binary_cross_entropy(self.network.predict(X)[:, 0], y)[0]
                for X, y in ((self.X, self.y), (self.X_val, self.y_val))
            )
        )

    def train(self, steps):
        """Steps of gradient descent on all training points, as long as the weights stay finite."""
        optimizer = SGD(self.learning_rate, weight_decay=self.weight_decay)
        for _ in range(steps):
            if self.diverged():
                return
            z = self.network.forward(self.X, training=True)
            _, dz = binary_cross_entropy(z, self.y[:, None])
            self.network.backward(dz)
            optimizer.step(self.network.parameters(), self.network.gradients())
            if not self.diverged():
                self.measure()

    def diverged(self):
        """Whether the weights have grown beyond all measure."""
        return not all((abs(p) < 1e6).all() for p in self.network.parameters())

    def line(self):
        """The line of code that begins with these settings; what is usual is left out."""
        said = [f'"{self.data}"']
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if value != field.default:
                said.append(f"{field.name}={value!r}".replace("'", '"'))
        return f"cu.playground({', '.join(said)})"

    def draw(self, axes):
        """Draw the boundary, and the losses so far, into two axes; return what is seen."""
        points, curves = axes
        both = np.concatenate([self.X, self.X_val])
        draw_decision_boundary(points, self.probability, self.X, self.y, resolution=60, around=both)
        for k in (0, 1):  # the validation points, small
            held_out = self.X_val[self.y_val == k]
            points.plot(*held_out.T, MARKERS[k], color=COLOURS[k], markersize=2)
        what = f"hidden {self.hidden}, {self.activation}" if self.hidden else "no hidden layer"
        points.set_title(what)
        steps, losses = len(self.losses) - 1, np.array(self.losses)
        shown = np.unique(np.linspace(0, steps, 300).astype(int))
        for line, values in zip(LINES, losses.T, strict=True):
            curves.plot(shown, values[shown], **line)
        end = 2 ** np.ceil(np.log2(max(steps, 128)))  # seldom another one: it takes time
        curves.set(xlim=(0, end), ylim=(0, 1))
        right = np.sum((self.probability(self.X_val) > 0.5) == self.y_val)
        last = f"{losses[-1, 0]:.2f} / {losses[-1, 1]:.2f}, {right} of {len(self.y_val)} right"
        curves.set_title("diverged" if self.diverged() else f"step {steps}: {last}", fontsize=9.5)
        return (
            f"Points of two classes, {self.data}, and the boundary of a network with {what}"
            f"{', which has diverged' * self.diverged()}. After {steps} steps: training loss "
            f"{losses[-1, 0]:.2f}, validation loss {losses[-1, 1]:.2f}, {right} of "
            f"{len(self.y_val)} validation points right."
        )

    def probability(self, X):
        """The probability of class 1 that the network gives to points (M, 2): (M,)."""
        return sigmoid(self.network.predict(X)[:, 0])


class Playground(_Shown, ipywidgets.VBox):
    """Controls for an Experiment, and its picture; made by `playground`."""

    per_tick = 10  # steps of training, for each of the player's ticks

    def __init__(self, experiment):
        self.experiment = experiment
        now = experiment
        self.controls = {
            "data": menu("points", {name: name for name in DATA}),
            "activation": menu("activation", {name: name for name in ACTIVATIONS}),
            "hidden": _choice("hidden sizes", HIDDEN, now.hidden, _sizes),
            "learning_rate": _choice("learning rate", RATES, now.learning_rate),
            "weight_decay": _choice("weight decay", DECAYS, now.weight_decay),
            "noise": _choice("noise", [0.0, 0.1, 0.2, 0.3, 0.4], now.noise),
            "seed": counter("seed", max(9, now.seed), first=now.seed),
        }
        self.controls["data"].value, self.controls["activation"].value = now.data, now.activation
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self.set(name, change["new"]), names="value")
        self.buttons = [
            button("one step", lambda: self.train(1)),
            button("100 steps", lambda: self.train(100)),
            play(lambda: self.train(self.per_tick)),
            button("reset", self.reset),
        ]
        self.code = ipywidgets.HTML()
        self.picture = LivePicture("a network that learns", (6.8, 2.8))
        (self.axes,) = _axes(self.picture.figure)
        self.redraw()
        flow = ipywidgets.Layout(display="flex", flex_flow="row wrap")
        controls = ipywidgets.Box([*self.controls.values(), *self.buttons], layout=flow)
        super().__init__([controls, self.picture, self.code])

    def set(self, name, value):
        """Change a setting; unless it is one of the optimizer's, the network starts anew."""
        setattr(self.experiment, name, value)
        if name not in ("learning_rate", "weight_decay"):
            self.experiment.start()
        self.redraw()

    def train(self, steps):
        """Make so many steps, and draw."""
        self.experiment.train(steps)
        self.redraw()

    def reset(self):
        """Back to the first weights."""
        self.experiment.start()
        self.redraw()

    def redraw(self):
        """Draw the picture, and write the line of code."""
        self.picture.move(lambda: self.experiment.draw(self.axes))
        line = f"<code>{html.escape(self.experiment.line())}</code>"
        if self.code.value != line:
            self.code.value = line

    def __repr__(self):
        return "Playground: a network that learns. Run this cell to move its controls."


def _choice(description, options, now, write="{:g}".format):
    """A slider through given values, of which `now` is one or becomes one; it stands there."""
    options = sorted({*options, now}, key=lambda value: (np.size(value), value))
    return ipywidgets.SelectionSlider(
        options=[(write(option), option) for option in options],
        value=now,
        description=description,
        style=LABEL,
        layout=ipywidgets.Layout(width=WIDTH),
    )


def _sizes(hidden):
    """The sizes in few letters: 8, 4, or 6 × 8 for six times the same."""
    if len(hidden) > 2 and len(set(hidden)) == 1:
        return f"{len(hidden)} × {hidden[0]}"
    return ", ".join(map(str, hidden)) or "none"


def playground(
    data="moons",
    *,
    hidden=(8,),
    activation="tanh",
    learning_rate=0.3,
    weight_decay=0.0,
    noise=0.2,
    seed=0,
):
    """Watch a small network learn to tell points of two classes apart. Lessons 4, 8 and 10.

    Parameters
    ----------
    data : "moons", "circles" or "spirals"; 100 points to train on, drawn large, and 100 to validate
    hidden : the sizes of the hidden layers, such as (8, 8); () for none
    activation : "relu", "tanh" or "sigmoid"
    learning_rate : of gradient descent on all training points; changes apply at once
    weight_decay : as of SGD; changes apply at once
    noise : standard deviation of the normal noise on the points
    seed : of the points and the first weights

    A change of another setting starts the network anew. Below the picture stands the line of code
    that begins with the settings chosen. Raises ValueError or TypeError, which names the argument,
    for other settings.
    """
    return Playground(
        Experiment(data, hidden, activation, learning_rate, weight_decay, noise, seed)
    )


def plot_playground(settings, steps):
    """What the playground shows after so many steps, for each of the settings. Lessons 4, 8, 10.

    settings : list of dictionaries of keyword arguments of `playground`
    """
    from matplotlib import pyplot as plt

    check_count("steps", steps)
    fig = plt.figure(figsize=(9, 3 * len(settings)))
    axes = _axes(fig, len(settings))
    said = []
    for row, setting in zip(axes, settings, strict=True):
        experiment = Experiment(**setting)
        experiment.train(steps)
        said.append(experiment.draw(row))
    show(fig, " ".join(said))
