"""Explorers: sliders and a picture that answers. Each has a static equivalent in its lesson."""

import json
from contextlib import contextmanager
from pathlib import Path

import ipywidgets
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .picture import as_html, encode

SCRIPT = (Path(__file__).parent / "explorer.js").read_text(encoding="utf-8")


class _Shown:
    """A widget that says in a sentence what it is where it cannot be shown as a widget."""

    def _ipython_display_(self):
        display(self._repr_mimebundle_(), raw=True)
        script = SCRIPT.replace("INSTEAD", json.dumps(repr(self)))
        display({"text/html": f"<script>\n{script}</script>", "text/plain": ""}, raw=True)


class LivePicture(_Shown, ipywidgets.HTML):
    """A picture that is drawn anew at each `redraw`, where it is displayed.

    Explorers show one below their controls; in lesson 4 one shows a decision boundary form
    while a network trains.
    """

    def __init__(self, name, figsize=(5, 4)):
        super().__init__()
        self.name = name
        self.figure = Figure(figsize=figsize, dpi=90, layout="none")
        # Margins set by hand: working them out (layout="constrained") draws everything twice.
        width, height = figsize
        self.margins = {
            "left": 0.75 / width,
            "right": 1 - 0.15 / width,
            "bottom": 0.6 / height,
            "top": 1 - 0.4 / height,
            "wspace": 0.4,
        }
        self.canvas = FigureCanvasAgg(self.figure)
        self.start()

    def start(self):
        """Empty the figure."""
        self.figure.clear()
        self.figure.subplots_adjust(**self.margins)
        self.background = self.frames = None

    def redraw(self, draw):
        """Empty the figure, let draw(figure) fill it, and show it; draw returns what is seen."""
        self.start()
        alt = draw(self.figure)
        self.canvas.draw()
        self._show(alt)

    def move(self, draw):
        """Let draw() draw into the axes that are there, instead of what it drew before.

        What stood in the axes before the first call stays. Frames, ticks and labels, most of the
        work, are drawn anew only where draw() changed them.
        """
        axes = self.figure.axes
        still = {artist for ax in axes for artist in ax.get_children()}
        alt = draw()
        new = [[a for a in ax.get_children() if a not in still] for ax in axes]
        moving = []
        for ax, artists in zip(axes, new, strict=True):
            if ax.axison and any(a.zorder < 1 for a in artists):  # a picture, which hides them
                artists = [*artists, *ax.spines.values()]
            moving += sorted([*artists, ax.title], key=lambda a: a.zorder)
        frames = [_frame(ax) for ax in axes]
        if frames != self.frames:
            for artist in moving:
                artist.set_animated(True)  # left out by canvas.draw
            self.canvas.draw()
            self.background = self.canvas.copy_from_bbox(self.figure.bbox)
            self.frames = frames
        self.canvas.restore_region(self.background)
        renderer = self.canvas.get_renderer()
        for artist in moving:
            artist.draw(renderer)
        self._show(alt)
        for ax, artists in zip(axes, new, strict=True):
            for artist in artists:
                artist.remove()
            ax.containers.clear()  # of bars, which are gone

    def _show(self, alt):
        self.value = as_html(encode(self.canvas.buffer_rgba(), alt, quick=True), alt)

    def __repr__(self):
        return f"Live picture: {self.name}."


def _frame(ax):
    """All that the frame of the axes, its ticks and its labels depend on."""
    return (
        ax.axison,
        ax.get_aspect(),
        *(ax.get_xlim(), ax.get_xlabel(), tuple(ax.get_xticks())),
        *(ax.get_ylim(), ax.get_ylabel(), tuple(ax.get_yticks())),
    )


class Explorer(_Shown, ipywidgets.VBox):
    """Controls, and below them a picture that answers whenever one of them is moved.

    Parameters
    ----------
    name : str, what is explored
    controls : {keyword of draw: ipywidgets control}
    axes : function (figure) that makes the axes in the empty figure and draws what never changes
    draw : function (axes, **values) that draws the rest and returns the sentence that describes
        the picture
    figsize : (width, height) in inches; 6.8 wide fits beside JupyterLab's file browser
    actions : further widgets to stand behind the controls, such as buttons
    """

    waiting = False  # for the last of several controls that are set together

    def __init__(self, name, controls, axes, draw, figsize=(6.8, 3), actions=()):
        self.name, self.controls, self.draw = name, controls, draw
        self.picture = LivePicture(name, figsize)
        self.axes = axes(self.picture.figure)
        for control in controls.values():
            control.observe(self.redraw, names="value")
        self.redraw()
        flow = ipywidgets.Layout(display="flex", flex_flow="row wrap")
        shown = [*controls.values(), *actions]
        super().__init__([ipywidgets.Box(shown, layout=flow), self.picture])

    def redraw(self, change=None):
        """Draw the picture for the values that the controls have now."""
        if self.waiting:
            return
        values = {key: control.value for key, control in self.controls.items()}
        self.picture.move(lambda: self.draw(self.axes, **values))

    @contextmanager
    def together(self):
        """Set several controls within it: the picture is drawn once, after the last."""
        self.waiting = True
        try:
            yield
        finally:
            self.waiting = False
        self.redraw()

    def __repr__(self):
        return f"Explorer: {self.name}. Run this cell to move its controls."


WIDTH = "21em"  # two controls beside each other, as wide as the picture
LABEL = {"description_width": "7.5em"}


def slider(description, value, low, high, step):
    """A slider for a number, wide enough to read, that answers while it is dragged."""
    return ipywidgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        readout_format=".1f",
        description=description,
        style=LABEL,
        layout=ipywidgets.Layout(width=WIDTH),
    )


def counter(description, last, first=0):
    """A slider through the whole numbers from 0 to last; it starts at `first`."""
    return ipywidgets.IntSlider(
        value=first,
        min=0,
        max=last,
        description=description,
        style=LABEL,
        layout=ipywidgets.Layout(width=WIDTH),
    )


def choice(description, options):
    """A slider that moves through a few given values; it starts in their middle."""
    return ipywidgets.SelectionSlider(
        options=[(f"{option:g}", option) for option in options],
        value=options[len(options) // 2],
        description=description,
        style=LABEL,
        layout=ipywidgets.Layout(width=WIDTH),
    )


def menu(description, options):
    """A row of buttons for {what is written on it: value}; the first one is chosen."""
    return ipywidgets.ToggleButtons(
        options=list(options.items()),
        description=description,
        style={"description_width": "6.5em", "button_width": "auto"},
    )


def button(description, pressed):
    """A button that calls pressed()."""
    made = ipywidgets.Button(description=description, layout=ipywidgets.Layout(width="auto"))
    made.on_click(lambda _: pressed())
    return made


def play(tick):
    """A button to play and to pause: tick() ten times a second. explorer.js hides its stop button.

    The browser counts, and tells the kernel only when it has answered to the count before: where
    a tick takes longer, fewer are made, and other cells can run between two of them.
    """
    width = ipywidgets.Layout(width="auto")
    made = ipywidgets.Play(interval=100, max=10**9, show_repeat=False, layout=width)
    made.observe(lambda change: tick(), names="value")
    return made
