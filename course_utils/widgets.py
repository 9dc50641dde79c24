"""Explorers: sliders and a picture that answers. Each has a static equivalent in its lesson."""

import base64
import html

import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from . import plotting


class LivePicture(ipywidgets.HTML):
    """A picture that is drawn anew at each `redraw`, where it is displayed.

    Explorers show one below their controls; in lesson 4 one shows a decision boundary form
    while a network trains.
    """

    def __init__(self, name, figsize=(5, 4)):
        super().__init__()
        self.name = name
        self.figure = Figure(figsize=figsize, dpi=75, layout="none")

    def redraw(self, draw):
        """Empty the figure, let draw(figure) fill it, and show it; draw returns what is seen."""
        self.figure.clear()
        # Margins set by hand: working them out (layout="constrained") draws everything twice.
        width, height = self.figure.get_size_inches()
        self.figure.subplots_adjust(
            left=0.7 / width,
            right=1 - 0.2 / width,
            bottom=0.6 / height,
            top=1 - 0.4 / height,
            wspace=0.35,
        )
        alt = draw(self.figure)
        data = base64.b64encode(plotting.png(self.figure, alt)).decode()
        self.value = (
            f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}" '
            'style="max-width: 100%">'
        )

    def __repr__(self):
        return f"Live picture: {self.name}."


class Explorer(ipywidgets.VBox):
    """Controls, and below them a picture that `draw` draws anew whenever one is moved.

    Parameters
    ----------
    name : str, what is explored
    controls : {keyword of draw: ipywidgets control}
    draw : function (figure, **values), drawing into an empty matplotlib figure and returning
        the sentence that describes the picture
    figsize : (width, height) in inches
    """

    def __init__(self, name, controls, draw, figsize=(9, 4)):
        self.name, self.controls, self.draw = name, controls, draw
        self.picture = LivePicture(name, figsize)
        for control in controls.values():
            control.observe(self.redraw, names="value")
        self.redraw()
        super().__init__([*controls.values(), self.picture])

    def redraw(self, change=None):
        """Draw the picture for the values that the controls have now."""
        values = {key: control.value for key, control in self.controls.items()}
        self.picture.redraw(lambda figure: self.draw(figure, **values))

    def __repr__(self):
        return f"Explorer: {self.name}. Run this cell to move its controls."


def slider(description, value, low, high, step):
    """A slider for a number, wide enough to read, that answers while it is dragged."""
    return ipywidgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        layout=ipywidgets.Layout(width="28em"),
    )


def logistic_unit_explorer(X, y, names=("class 0", "class 1"), limit=6.0):
    """Move the two weights and the bias of a logistic unit; see its boundary and its loss.

    X : (N, 2), standardised inputs; y : (N,), 0 or 1; limit : largest weight. Lesson 1.
    """

    def draw(figure, w1, w2, b):
        axes = figure.subplots(1, 2)
        return plotting.draw_logistic_unit(axes, X, y, (w1, w2), b, names, limit)

    controls = {
        "w1": slider("weight w1", 1.0, -limit, limit, 0.1),
        "w2": slider("weight w2", -1.0, -limit, limit, 0.1),
        "b": slider("bias b", 0.0, -limit, limit, 0.1),
    }
    return Explorer("a logistic unit, its boundary and its loss", controls, draw)


def training_explorer(curves):
    """Choose learning rate and batch size; see the recorded loss among all the others. Lesson 5.

    curves : {(learning_rate, batch_size): validation losses, one an epoch}
    """
    rates = sorted({rate for rate, _ in curves})
    sizes = sorted({size for _, size in curves})

    def draw(figure, learning_rate, batch_size):
        return plotting.draw_recorded_curves(figure.subplots(), curves, learning_rate, batch_size)

    controls = {
        "learning_rate": choice("learning rate", rates),
        "batch_size": choice("batch size", sizes),
    }
    return Explorer("recorded training runs", controls, draw, figsize=(8, 4))


def choice(description, options):
    """A slider that moves through a few given values; it starts in their middle."""
    return ipywidgets.SelectionSlider(
        options=[(f"{option:g}", option) for option in options],
        value=options[len(options) // 2],
        description=description,
        style={"description_width": "initial"},
        layout=ipywidgets.Layout(width="28em"),
    )


def activation_explorer(limit=5.0):
    """Choose an activation and move z; see its value, its tangent and its derivative. Lesson 2."""

    def draw(figure, name, z):
        return plotting.draw_activation(figure.subplots(1, 2), name, z, limit)

    titles = {title: name for name, (title, *_) in plotting.ACTIVATIONS.items()}
    controls = {
        "name": menu("activation", titles),
        "z": slider("z", 1.0, -limit, limit, 0.1),
    }
    return Explorer("an activation and its derivative", controls, draw)


def menu(description, options):
    """A menu of {what is shown: value}; it starts with the first."""
    return ipywidgets.Dropdown(
        options=list(options.items()),
        description=description,
        layout=ipywidgets.Layout(width="28em"),
    )


def softmax_explorer(logits=(2.0, 1.0, 0.0, -1.0), limit=5.0):
    """Move the logits and choose the true class; see softmax, cross-entropy, gradient. Lesson 3.

    logits : where the sliders stand at first, one for each class; limit : largest logit
    """

    def draw(figure, label, **values):
        return plotting.draw_softmax(figure.subplots(1, 3), list(values.values()), label, limit)

    controls = {
        f"z{k}": slider(f"logit of {k}", float(z), -limit, limit, 0.1) for k, z in enumerate(logits)
    }
    controls["label"] = choice("true class", range(len(logits)))
    return Explorer("logits, softmax and cross-entropy", controls, draw, figsize=(12, 3.6))


def backprop_explorer():
    """Step forward and back through a graph of numbers, and change its inputs. Lesson 4."""

    def draw(figure, step, x, w1, w2, y):
        axes = figure.add_axes((0.01, 0.01, 0.98, 0.86))
        return plotting.draw_backprop(axes, step, x, w1, w2, y)

    last = len(plotting.backprop_steps(2.0, 1.0, -1.5, 1.0)) - 1
    controls = {
        "step": ipywidgets.IntSlider(
            value=0, min=0, max=last, description="step", layout=ipywidgets.Layout(width="28em")
        ),
        "x": slider("x", 2.0, -3.0, 3.0, 0.5),
        "w1": slider("w1", 1.0, -3.0, 3.0, 0.5),
        "w2": slider("w2", -1.5, -3.0, 3.0, 0.5),
        "y": slider("y", 1.0, -3.0, 3.0, 0.5),
    }
    return Explorer("backpropagation through a graph of numbers", controls, draw, figsize=(12, 4.2))


class KernelEditor(ipywidgets.VBox):
    """A kernel's numbers, each in a box of its own, and a menu of kernels that fills them.

    kernels : {name: (k, k)}; it starts with the first. `value` is the kernel, as rows of numbers.
    """

    value = traitlets.Tuple()

    def __init__(self, kernels):
        kernels = {
            name: tuple(tuple(map(float, row)) for row in rows) for name, rows in kernels.items()
        }
        if len({np.shape(rows) for rows in kernels.values()}) != 1:
            raise ValueError("kernels must hold kernels of one size, at least one of them")
        self.value = next(iter(kernels.values()))
        self.menu = menu("kernel", {**kernels, "your own": ()})
        self.boxes = [[self._box(number) for number in row] for row in self.value]
        self.filling = False
        self.menu.observe(self._fill, names="value")
        super().__init__([self.menu, *map(ipywidgets.HBox, self.boxes)])

    def _box(self, number):
        box = ipywidgets.BoundedFloatText(
            value=number, min=-99.0, max=99.0, step=0.5, layout=ipywidgets.Layout(width="6em")
        )
        box.observe(self._read, names="value")
        return box

    def _fill(self, change):
        """A kernel was chosen: its numbers go into the boxes, and all at once into `value`."""
        if not change.new:
            return
        self.filling = True
        for boxes, numbers in zip(self.boxes, change.new, strict=True):
            for box, number in zip(boxes, numbers, strict=True):
                box.value = number
        self.filling = False
        self.value = change.new

    def _read(self, change):
        """A number was written by hand: the kernel is the reader's own now."""
        if not self.filling:
            self.menu.value = ()
            self.value = tuple(tuple(box.value for box in boxes) for boxes in self.boxes)


def kernel_explorer(images, kernels):
    """Edit a kernel by hand, or choose one; the feature map of an image answers. Lesson 6.

    images : (n, H, W) or (n, H, W, 1), from 0 to 1; kernels : {name: (k, k)}, for the menu
    """
    images = np.asarray(images)
    images = images.reshape(images.shape[:3])

    def draw(figure, kernel, image):
        return plotting.draw_convolution(figure.subplots(1, 3), images[image], kernel)

    controls = {
        "kernel": KernelEditor(kernels),
        "image": ipywidgets.IntSlider(
            value=0,
            min=0,
            max=len(images) - 1,
            description="image",
            layout=ipywidgets.Layout(width="28em"),
        ),
    }
    return Explorer("a kernel and its feature map", controls, draw, figsize=(10, 3.6))
