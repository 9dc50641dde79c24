"""Backpropagation through a graph of numbers. Lesson 4."""

import textwrap

from matplotlib.text import OffsetFrom

from .explorer import Explorer, counter, slider
from .picture import show
from .style import COLOURS

# The graph of lesson 4: where each number stands, and how it is worked out from others.
GRAPH = {
    "w1": ((0, 2), "w1"),
    "x": ((0, 1), "x"),
    "w2": ((0, 0), "w2"),
    "p": ((1.7, 2), "p = x · w1"),
    "q": ((1.7, 0), "q = x · w2"),
    "h": ((3.7, 2), "h = max(p, 0)"),
    "s": ((5.4, 1), "s = h + q"),
    "y": ((5.4, 0), "y"),
    "d": ((7.1, 1), "d = s - y"),
    "L": ((8.6, 1), "L = d²"),
}

ARROWS = [
    ("w1", "p"), ("x", "p"), ("x", "q"), ("w2", "q"), ("p", "h"),
    ("h", "s"), ("q", "s"), ("s", "d"), ("y", "d"), ("d", "L"),
]  # fmt: skip

PAD = 0.35  # around the text in a box, in heights of a letter


def backprop_steps(x, w1, w2, y):
    """The steps through the graph L = (max(x · w1, 0) + x · w2 - y)², forward and back.

    Returns a list of (what is done, {name: value}, {name: gradient}): the values and the
    gradients are those that the step works out. Lesson 4.
    """
    p, q = x * w1, x * w2
    h = max(p, 0.0)
    s = h + q
    d = s - y
    L = d * d
    dd = 2 * d
    dp = dd if p > 0 else 0.0
    dw1, dx1 = dp * x + 0.0, dp * w1 + 0.0  # + 0.0 turns -0.0 into 0.0
    gate = "open, p > 0: the gradient passes" if p > 0 else "closed, p is not above 0: 0 passes"

    def n(number):
        return f"({number:.2f})" if round(number, 2) < 0 else f"{number:.2f}"

    return [
        ("the inputs", {"x": x, "w1": w1, "w2": w2, "y": y}, {}),
        (f"p = x · w1 = {n(x)} · {n(w1)}", {"p": p}, {}),
        (f"h = max(p, 0) = max({p:.2f}, 0)", {"h": h}, {}),
        (f"q = x · w2 = {n(x)} · {n(w2)}", {"q": q}, {}),
        (f"s = h + q = {n(h)} + {n(q)}", {"s": s}, {}),
        (f"d = s - y = {n(s)} - {n(y)}", {"d": d}, {}),
        (f"L = d² = {n(d)}²", {"L": L}, {}),
        ("back: how much does L change with L? dL = 1", {}, {"L": 1.0}),
        (f"back through the square: dd = dL · 2d = 1 · 2 · {n(d)}", {}, {"d": dd}),
        ("back through the minus: ds = dd · 1, dy = dd · (-1)", {}, {"s": dd, "y": 0.0 - dd}),
        ("back through the plus: it passes ds on, dh = ds, dq = ds", {}, {"h": dd, "q": dd}),
        (f"back through max: the gate is {gate}", {}, {"p": dp}),
        (
            f"back through x · w1: dw1 = dp · x, and dx = dp · w1 = {n(dp)} · {n(w1)} so far",
            {},
            {"w1": dw1, "x": dx1},
        ),
        (
            "back through x · w2: dw2 = dq · x, and x is used twice, so both parts add up: "
            f"dx = {n(dx1)} + {n(dd)} · {n(w2)}",
            {},
            {"w2": dd * x + 0.0, "x": dx1 + dd * w2},
        ),
    ]


def draw_backprop(ax, step, x, w1, w2, y, size=10.5):
    """The graph of backprop_steps as it stands after `step`, values above, gradients below.

    What the step works out has a thick edge, and thick arrows lead to it: solid ones forward,
    dashed ones back. Returns the sentence that describes the picture.
    """
    return _draw_step(ax, _draw_graph(ax, size), step, x, w1, w2, y)


def _draw_graph(ax, size=10.5):
    """The graph without numbers; returns {name: its box}."""
    ax.set(xlim=(-1.0, 9.3), ylim=(-0.65, 2.6))
    ax.axis("off")
    boxes = {name: _draw_box(ax, name, size, edgecolor="0.5", linewidth=1) for name in GRAPH}
    for start, end in ARROWS:
        _draw_arrow(ax, boxes, start, end, color="0.65", linewidth=1)
    return boxes


def _draw_box(ax, name, size, **edge):
    (column, row), label = GRAPH[name]
    box = {"boxstyle": f"round,pad={PAD}", "facecolor": "white", **edge}
    return ax.text(column, row, label, ha="center", va="center", fontsize=size, bbox=box)


def _draw_arrow(ax, boxes, start, end, arrowstyle="-|>", **style):
    """An arrow from the right edge of the box `start` to the left edge of the box `end`.

    There the numbers above and below the boxes do not hide it. "<|-" draws it the other way round.
    """
    rise = GRAPH[end][0][1] - GRAPH[start][0][1]
    side = 0.5 if rise == 0 else float(rise < 0)  # of two arrows to a box, each its own end
    pad = PAD * boxes[end].get_fontsize()
    ax.annotate(
        "",
        xy=(-pad, 0),
        xycoords=OffsetFrom(boxes[end], (0, side), unit="points"),
        xytext=(pad, 0),
        textcoords=OffsetFrom(boxes[start], (1, 0.5), unit="points"),
        arrowprops={"arrowstyle": arrowstyle, "shrinkA": 0, "shrinkB": 0, **style},
    ).set_in_layout(False)


def _draw_step(ax, boxes, step, x, w1, w2, y):
    """What `step` and the steps before it have worked out, into the graph with these boxes."""
    steps = backprop_steps(x, w1, w2, y)
    what, new_values, new_gradients = steps[step]
    values, gradients = {}, {}
    for _, v, g in steps[: step + 1]:
        values.update(v)
        gradients.update(g)
    size = boxes["x"].get_fontsize()
    for start, end in ARROWS:
        # x gets its gradient in two steps, one for each of its arrows
        other = start == "x" and (end == "p") != ("w1" in new_gradients)
        if end in new_values:
            _draw_arrow(ax, boxes, start, end, color="black", linewidth=2.5)
        elif start in new_gradients and not other:
            _draw_arrow(ax, boxes, start, end, color="white", linewidth=3)
            back = {"color": COLOURS[1], "linewidth": 2.5, "linestyle": "--"}
            _draw_arrow(ax, boxes, start, end, "<|-", **back)
    for name in [*new_values, *new_gradients]:
        _draw_box(ax, name, size, edgecolor="black", linewidth=3)
    white = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}  # over the arrows
    style = {"ha": "center", "fontsize": size, "bbox": white}
    for name, value in values.items():
        (column, row), weight = GRAPH[name][0], "bold" if name in new_values else "normal"
        style |= {"va": "bottom", "color": COLOURS[0], "weight": weight}
        ax.text(column, row + 0.25, f"{value:.2f}", **style)
    for name, value in gradients.items():
        (column, row), weight = GRAPH[name][0], "bold" if name in new_gradients else "normal"
        style |= {"va": "top", "color": COLOURS[1], "weight": weight}
        ax.text(column, row - 0.25, f"d{name} = {value:.2f}", **style)
    ax.set_title(textwrap.fill(f"step {step}: {what}", 72), fontsize=size)
    found = [f"{name} is {value:.2f}" for name, value in new_values.items()]
    found += [f"d{name} is {value:.2f}" for name, value in new_gradients.items()]
    return f"Step {step}, {what}: {', '.join(found)}."


def plot_backprop_steps(steps=(3, 6, 8, 10, 12, 13), x=2.0, w1=1.0, w2=-1.5, y=1.0):
    """Small multiples of draw_backprop, one for each of `steps`. Lesson 4."""
    from matplotlib import pyplot as plt

    rows = -(-len(steps) // 2)
    fig, axes = plt.subplots(rows, 2, figsize=(13, 3.4 * rows), squeeze=False)
    said = [
        draw_backprop(ax, step, x, w1, w2, y, size=10)
        for ax, step in zip(axes.flat, steps, strict=False)
    ]
    for ax in axes.flat[len(steps) :]:
        ax.axis("off")
    start = f"A graph of numbers from the inputs x {x:g}, w1 {w1:g}, w2 {w2:g} and y {y:g} to L. "
    show(fig, start + " ".join(said))


def backprop_explorer():
    """Step forward and back through a graph of numbers, and change its inputs. Lesson 4."""

    controls = {
        "step": counter("step", len(backprop_steps(2.0, 1.0, -1.5, 1.0)) - 1),
        "x": slider("x", 2.0, -3.0, 3.0, 0.5),
        "w1": slider("w1", 1.0, -3.0, 3.0, 0.5),
        "w2": slider("w2", -1.5, -3.0, 3.0, 0.5),
        "y": slider("y", 1.0, -3.0, 3.0, 0.5),
    }

    def axes(figure):
        ax = figure.add_axes((0.01, 0.01, 0.98, 0.84))
        return ax, _draw_graph(ax)

    def draw(axes, **values):
        return _draw_step(*axes, **values)

    return Explorer("backpropagation through a graph of numbers", controls, axes, draw)
