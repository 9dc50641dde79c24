"""Explorers: sliders and a picture that answers. Each has a static equivalent in its lesson."""

import base64
import html

import ipywidgets
from matplotlib.figure import Figure

from .picture import png


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
        data = base64.b64encode(png(self.figure, alt)).decode()
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


def choice(description, options):
    """A slider that moves through a few given values; it starts in their middle."""
    return ipywidgets.SelectionSlider(
        options=[(f"{option:g}", option) for option in options],
        value=options[len(options) // 2],
        description=description,
        style={"description_width": "initial"},
        layout=ipywidgets.Layout(width="28em"),
    )


def menu(description, options):
    """A menu of {what is shown: value}; it starts with the first."""
    return ipywidgets.Dropdown(
        options=list(options.items()),
        description=description,
        layout=ipywidgets.Layout(width="28em"),
    )
