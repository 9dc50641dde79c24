"""Explorers: sliders and a picture that answers. Each has a static equivalent in its lesson."""

import base64
import html

import ipywidgets
from matplotlib.figure import Figure

from . import plotting


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
        # Margins set by hand: working them out (layout="constrained") draws everything twice.
        self.figure = Figure(figsize=figsize, dpi=75, layout="none")
        self.figure.subplots_adjust(left=0.09, right=0.98, bottom=0.15, top=0.9, wspace=0.25)
        self.picture = ipywidgets.HTML()
        for control in controls.values():
            control.observe(self.redraw, names="value")
        self.redraw()
        super().__init__([*controls.values(), self.picture])

    def redraw(self, change=None):
        """Draw the picture for the values that the controls have now."""
        self.figure.clear()
        alt = self.draw(self.figure, **{key: c.value for key, c in self.controls.items()})
        data = base64.b64encode(plotting.png(self.figure, alt)).decode()
        self.picture.value = (
            f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}" '
            'style="max-width: 100%">'
        )

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
