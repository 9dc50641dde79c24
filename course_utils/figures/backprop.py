"""Backpropagation: a graph of numbers, a layer's products, the training loop. Lesson 4."""

import textwrap
from itertools import pairwise

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.text import OffsetFrom

from .explorer import Explorer, counter, slider
from .images import draw_numbers
from .picture import show
from .style import COLOURS, INK

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
    "r": ((7.1, 1), "r = s - y"),
    "L": ((8.6, 1), "L = r²"),
}

ARROWS = [
    ("w1", "p"), ("x", "p"), ("x", "q"), ("w2", "q"), ("p", "h"),
    ("h", "s"), ("q", "s"), ("s", "r"), ("y", "r"), ("r", "L"),
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
    r = s - y
    L = r * r
    dr = 2 * r
    dp = dr if p > 0 else 0.0
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
        (f"r = s - y = {n(s)} - {n(y)}", {"r": r}, {}),
        (f"L = r² = {n(r)}²", {"L": L}, {}),
        ("back: how much does L change with L? dL = 1", {}, {"L": 1.0}),
        (f"back through the square: dr = dL · 2r = 1 · 2 · {n(r)}", {}, {"r": dr}),
        ("back through the minus: ds = dr · 1, dy = dr · (-1)", {}, {"s": dr, "y": 0.0 - dr}),
        ("back through the plus: it passes ds on, dh = ds, dq = ds", {}, {"h": dr, "q": dr}),
        (f"back through max: the gate is {gate}", {}, {"p": dp}),
        (
            f"back through x · w1: dw1 = dp · x, and dx = dp · w1 = {n(dp)} · {n(w1)} so far",
            {},
            {"w1": dw1, "x": dx1},
        ),
        (
            "back through x · w2: dw2 = dq · x, and x is used twice, so both parts add up: "
            f"dx = {n(dx1)} + {n(dr)} · {n(w2)}",
            {},
            {"w2": dr * x + 0.0, "x": dx1 + dr * w2},
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
    ax.set(xlim=(-1.5, 9.3), ylim=(-0.65, 2.6))
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
    white = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}  # over the arrows
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
    numbers = [(n, f"{v:.2f}", new_values, 0.25, "bottom", 0) for n, v in values.items()]
    numbers += [
        (n, f"d{n} = {v:.2f}", new_gradients, -0.25, "top", 1) for n, v in gradients.items()
    ]
    for name, text, new, rise, va, colour in numbers:
        (column, row), weight = GRAPH[name][0], "bold" if name in new else "normal"
        # Arrows leave to the right: what stands at the inputs on the left ends where they begin.
        at, ha = (0.2, "right") if column == 0 else (column, "center")
        style = {"va": va, "ha": ha, "color": INK[colour], "weight": weight, "fontsize": size}
        ax.text(at, row + rise, text, bbox=white, **style)
    ax.set_title(textwrap.fill(f"step {step}: {what}", 86), fontsize=size)
    found = [f"{name} is {value:.2f}" for name, value in new_values.items()]
    found += [f"d{name} is {value:.2f}" for name, value in new_gradients.items()]
    return f"Step {step}, {what}: {', '.join(found)}."


def plot_backprop_steps(steps=(6, 10, 12, 13), x=2.0, w1=1.0, w2=-1.5, y=1.0):
    """Small multiples of draw_backprop, one for each of `steps`. Lesson 4."""
    from matplotlib import pyplot as plt

    rows = -(-len(steps) // 2)
    fig, axes = plt.subplots(rows, 2, figsize=(13, 2.9 * rows), squeeze=False)
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


def plot_backward_products():
    """The products of a dense layer's way back, as rectangles with their shapes. Lesson 4."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(1, 2, figsize=(11, 2.8))
    _draw_product(axes[0], ("dW", "D", "H"), ("xᵀ", "D", "N"), ("dz", "N", "H"))
    _draw_product(axes[1], ("dx", "N", "D"), ("dz", "N", "H"), ("Wᵀ", "H", "D"))
    show(
        fig,
        "Two matrix products as rectangles: dW (D, H) is x transposed (D, N) times dz (N, H), "
        "and dx (N, D) is dz (N, H) times W transposed (H, D).",
    )


def _draw_product(ax, result, left, right):
    """Three rectangles, result = left @ right; each is (name, rows, columns)."""
    sizes, column = {"N": 5, "D": 2.4, "H": 1.7}, 0
    for (name, rows, columns), sign in ((result, "="), (left, "@"), (right, "")):
        height, width = sizes[rows], sizes[columns]
        ax.add_patch(Rectangle((column, -height / 2), width, height, fill=False, linewidth=2))
        ax.text(column + width / 2, 0, f"{name}\n({rows}, {columns})", ha="center", va="center")
        ax.text(column + width + 0.4, 0, sign, ha="center", va="center")
        column += width + 0.8
    ax.set(xlim=(-0.3, 11.5), ylim=(-2.7, 2.7), aspect="equal")
    ax.axis("off")


# A batch of lesson 4: four samples with three inputs, a layer with two units.
SAMPLES = np.array([[1.0, 2.0, 0.0], [3.0, -1.0, 1.0], [0.0, 1.0, 2.0], [-2.0, 1.0, 1.0]])
SLOPES = np.array([[1.0, -1.0], [0.5, 1.0], [-1.0, 2.0], [1.0, 0.5]])


def draw_weight_gradient(axes, samples):
    """The sum dW = xᵀ dz after the first `samples` samples.

    axes : four, for x, dz, the product and the sum, as _weight_gradient_axes makes them
    Returns the sentence that describes the picture.
    """
    sums = [np.zeros((3, 2)), *np.cumsum(SAMPLES[:, :, None] * SLOPES[:, None, :], axis=0)]
    product = sums[samples] - sums[samples - 1] if samples else sums[0]
    what = f"sample {samples} alone" if samples else "no sample yet"
    draw_numbers(axes[2], product, what, limit=8)
    draw_numbers(axes[3], sums[samples], "dW so far", limit=8)
    if samples:
        for ax, array in zip(axes, (SAMPLES, SLOPES), strict=False):
            row, width = samples - 1.5, array.shape[1]
            ax.add_patch(Rectangle((-0.5, row), width, 1, fill=False, linewidth=3))

    def rows(array):
        return " / ".join(", ".join(f"{number:g}" for number in row) for row in array + 0.0)

    return (
        f"The gradient of a dense layer's weights after {samples} of {len(SAMPLES)} samples. "
        f"The last product is {rows(product)}, the sum so far {rows(sums[samples])}."
    )


def _weight_gradient_axes(figure):
    axes = figure.subplots(1, 4, width_ratios=[3, 2, 2.2, 2.2])
    draw_numbers(axes[0], SAMPLES, "x", limit=8)
    draw_numbers(axes[1], SLOPES, "dz", limit=8)
    return axes


def weight_gradient_explorer():
    """Add up the gradient of a dense layer's weights, sample by sample. Lesson 4."""
    return Explorer(
        "dW of a dense layer, sample by sample",
        {"samples": counter("samples", len(SAMPLES))},
        _weight_gradient_axes,
        draw_weight_gradient,
        figsize=(6.8, 2.6),
    )


def plot_weight_gradient(counts=(1, 2, 4)):
    """Small multiples of draw_weight_gradient, one row for each number of samples. Lesson 4."""
    from matplotlib import pyplot as plt

    fig = plt.figure(figsize=(8, 2.1 * len(counts)))
    parts = fig.subfigures(len(counts), 1, squeeze=False)[:, 0]
    said = [
        draw_weight_gradient(_weight_gradient_axes(part), count)
        for part, count in zip(parts, counts, strict=True)
    ]
    show(fig, " ".join(said))


def plot_training_loop():
    """Forward, loss, backward, step, and again: four boxes and their arrows. Lesson 4."""
    from matplotlib import pyplot as plt

    boxes = {
        "forward": "X and the parameters\ngive the output",
        "loss": "how wrong is it?\nand its own gradient",
        "backward": "the gradient of\nevery parameter",
        "step": "every parameter moves\nagainst its gradient",
    }
    handed_on = ("output", "da", "dW, db")
    fig, ax = plt.subplots(figsize=(11, 3))
    middles = {name: 3 * place for place, name in enumerate(boxes)}
    for name, what in boxes.items():
        box = {"xy": (middles[name] - 0.8, -0.4), "width": 1.6, "height": 0.8}
        ax.add_patch(Rectangle(**box, facecolor="white", edgecolor=COLOURS[0], linewidth=2))
        ax.text(middles[name], 0, name, ha="center", va="center", fontsize=14, weight="bold")
        ax.text(middles[name], -0.55, what, ha="center", va="top", fontsize=11)
    arrow = {"arrowstyle": "-|>", "linewidth": 2, "shrinkA": 0, "shrinkB": 0, "color": "black"}
    for (start, end), what in zip(pairwise(boxes), handed_on, strict=True):
        ends = {"xytext": (middles[start] + 0.8, 0), "xy": (middles[end] - 0.8, 0)}
        ax.annotate("", **ends, arrowprops=arrow)
        ax.text(middles[start] + 1.5, 0.08, what, ha="center", va="bottom", color=INK[1])
    bends = (
        ("forward", "backward", 0.75, "the cache: x and z of every layer", 0.2, "--"),
        ("step", "forward", 1.5, "again, with the new parameters", 0.0, "-"),
    )
    for start, end, height, what, aside, line in bends:
        left, right = middles[start] + aside, middles[end] - aside
        ax.plot([left, left, right], [0.4, height, height], line, color="black", linewidth=2)
        ends = {"xytext": (right, height), "xy": (right, 0.4)}
        ax.annotate("", **ends, arrowprops=arrow | {"linestyle": line})
        ax.text((left + right) / 2, height + 0.06, what, ha="center", va="bottom")
    ax.set(xlim=(-1.4, 10.4), ylim=(-1.3, 1.8))
    ax.axis("off")
    show(
        fig,
        "Four boxes in a row, joined by arrows: forward hands the output on to loss, loss hands da "
        "on to backward, backward hands dW and db on to step. A dashed arrow takes the cache from "
        "forward to backward; one long arrow goes from step back to forward: again, with the new "
        "parameters.",
    )
