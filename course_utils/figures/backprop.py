"""Backpropagation through a graph of numbers. Lesson 4."""

import textwrap

import ipywidgets

from .explorer import Explorer, slider
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
    steps = backprop_steps(x, w1, w2, y)
    what, new_values, new_gradients = steps[step]
    values, gradients = {}, {}
    for _, v, g in steps[: step + 1]:
        values.update(v)
        gradients.update(g)
    for start, end in ARROWS:
        forward = end in new_values
        # x gets its gradient in two steps, one for each of its arrows
        other = start == "x" and (end == "p") != ("w1" in new_gradients)
        _draw_arrow(ax, start, end, forward, start in new_gradients and not other)
    for name, ((column, row), label) in GRAPH.items():
        now = name in new_values or name in new_gradients
        box = {
            "boxstyle": "round,pad=0.35",
            "facecolor": "white" if name in values else "0.92",
            "edgecolor": "black" if now else "0.5",
            "linewidth": 3 if now else 1,
        }
        ax.text(column, row, label, ha="center", va="center", fontsize=size, bbox=box)
        white = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}  # over the arrows
        style = {"ha": "center", "fontsize": size, "bbox": white}
        if name in values:
            text, weight = f"{values[name]:.2f}", "bold" if name in new_values else "normal"
            ax.text(column, row + 0.25, text, va="bottom", color=COLOURS[0], weight=weight, **style)
        if name in gradients:
            text = f"d{name} = {gradients[name]:.2f}"
            weight = "bold" if name in new_gradients else "normal"
            ax.text(column, row - 0.25, text, va="top", color=COLOURS[1], weight=weight, **style)
    ax.set(xlim=(-0.7, 9.3), ylim=(-0.65, 2.6))
    ax.set_title(textwrap.fill(f"step {step}: {what}", 72), fontsize=size)
    ax.axis("off")
    found = [f"{name} is {value:.2f}" for name, value in new_values.items()]
    found += [f"d{name} is {value:.2f}" for name, value in new_gradients.items()]
    return f"Step {step}, {what}: {', '.join(found)}."


def _draw_arrow(ax, start, end, forward, back):
    """An arrow between two boxes of the graph; a dashed one backwards where `back`."""
    (left, low), label = GRAPH[start]
    (right, high), other_label = GRAPH[end]
    # from the right edge of one box to the left edge of the other, about
    ends = [
        (left + 0.08 + 0.062 * len(label), low),
        (right - 0.08 - 0.062 * len(other_label), high),
    ]
    tail, head = ends[::-1] if back else ends
    ax.annotate(
        "",
        xy=head,
        xytext=tail,
        arrowprops={
            "arrowstyle": "-|>",
            "color": COLOURS[1] if back else "black" if forward else "0.65",
            "linewidth": 2.5 if forward or back else 1,
            "linestyle": "--" if back else "-",
            "shrinkA": 1,
            "shrinkB": 1,
        },
    )


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

    def draw(figure, step, x, w1, w2, y):
        axes = figure.add_axes((0.01, 0.01, 0.98, 0.86))
        return draw_backprop(axes, step, x, w1, w2, y)

    last = len(backprop_steps(2.0, 1.0, -1.5, 1.0)) - 1
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
