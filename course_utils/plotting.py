"""Figures of the lessons, each with a sentence that says what it shows.

`plot_...` functions draw a whole figure and show it; `draw_...` functions draw into axes that
you give them. Colours come from a colour-blind-safe set, and colour is never the only
difference: lines differ in their dashes, classes in their markers.
"""

import html
import io
import textwrap
from itertools import pairwise

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap

from .activations import (
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    softmax,
    tanh,
    tanh_derivative,
)
from .convolution import conv2d
from .losses import binary_cross_entropy, softmax_cross_entropy

# The palette of Okabe and Ito, without its yellow, which is faint on white.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
DASHES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1))]
MARKERS = ["o", "^", "s", "D", "v", "P", "X"]
# For a probability: pale versions of the colours of class 0 and class 1, white between them.
SHADES = LinearSegmentedColormap.from_list("shades", ["#9CC9E8", "#FFFFFF", "#F3C2A0"])
# For numbers of both signs: 0 is white, and below 0 is darker than above, in grey print too.
SIGNED = LinearSegmentedColormap.from_list("signed", ["#08306B", "#FFFFFF", "#D55E00"])


def use_style():
    """Set matplotlib up as in all lessons: safe colours with dashes, readable letters."""
    matplotlib.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=COLOURS, linestyle=DASHES),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "figure.constrained_layout.use": True,
            "figure.dpi": 90,
            "font.size": 11,
            "image.cmap": "cividis",
            "legend.frameon": False,
        }
    )


def show(fig, alt):
    """Display a matplotlib figure with `alt`, a sentence that says what can be seen in it.

    The sentence stands in the picture's metadata and, folded, below it: there a screen reader
    finds it, and anyone who cannot see the picture well.
    """
    from IPython.display import display
    from matplotlib import pyplot as plt

    display(
        {"image/png": png(fig, alt), "text/plain": f"Figure: {alt}"},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )
    described = f"<details><summary>Description</summary>{html.escape(alt)}</details>"
    display({"text/html": described, "text/plain": ""}, raw=True)
    plt.close(fig)


def png(fig, alt):
    """The figure as the bytes of a PNG file that carries `alt` as its description."""
    buffer = io.BytesIO()
    # Not fig.savefig, which draws everything twice.
    FigureCanvasAgg(fig).print_png(
        buffer, metadata={"Description": alt}, pil_kwargs={"compress_level": 3}
    )
    return buffer.getvalue()


def plot_history(history):
    """Curves of a History: the loss, and the validation accuracy where there is one."""
    from matplotlib import pyplot as plt

    panels = 2 if history.validation_accuracy else 1
    fig, axes = plt.subplots(1, panels, figsize=(4.5 * panels, 3.2), squeeze=False)
    draw_curves(
        axes[0, 0],
        {"training": history.loss, "validation": history.validation_loss},
        ylabel="loss",
    )
    alt = f"Loss over {len(history)} epochs: training {_span(history.loss)}"
    if history.validation_loss:
        alt += f", validation {_span(history.validation_loss)}"
    if panels == 2:
        draw_curves(axes[0, 1], {"validation": history.validation_accuracy}, ylabel="accuracy")
        alt += (
            f". Validation accuracy {_span(history.validation_accuracy)} "
            f"on {history.validation_samples:,} samples"
        )
    show(fig, alt + ".")


def _span(values):
    return f"from {values[0]:.3g} to {values[-1]:.3g}"


def draw_curves(ax, curves, xlabel="epoch", ylabel="loss", logarithmic=False):
    """Draw {label: values}, one value an epoch from epoch 1 on; empty curves are left out."""
    for label, values in curves.items():
        if len(values):
            ax.plot(range(1, len(values) + 1), values, label=label)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    if logarithmic:
        ax.set_yscale("log")
    ax.legend()


def plot_images(images, titles=None, columns=10, alt=None):
    """Show grey-scale images, (N, 784), (N, 28, 28) or (N, 28, 28, 1), in rows of `columns`."""
    from matplotlib import pyplot as plt

    images = np.asarray(images)
    side = int(np.sqrt(images[0].size))
    if side * side != images[0].size:
        raise ValueError(f"images must be square, got {images[0].size} pixels each")
    rows = -(-len(images) // columns)
    height = 1.0 if titles is None else 1.3
    fig, axes = plt.subplots(rows, columns, figsize=(0.9 * columns, height * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for i, (ax, image) in enumerate(zip(axes.flat, images, strict=False)):
        ax.imshow(image.reshape(side, side), cmap="gray_r")
        if titles is not None:
            ax.set_title(titles[i], fontsize=9)
    show(fig, alt or f"{len(images)} images, {side} by {side} pixels.")


def draw_points(ax, X, y, names=("class 0", "class 1")):
    """Draw points X (N, 2), each class y in its own colour and marker."""
    for k, name in enumerate(names):
        ax.plot(
            *X[y == k].T,
            MARKERS[k],
            color=COLOURS[k],
            markersize=5,
            label=name,
            markeredgecolor="white",
            markeredgewidth=0.5,
        )


def draw_decision_boundary(ax, probability, X, y, names=("class 0", "class 1"), resolution=120):
    """Shade the plane by the probability of class 1, with the line where it is one half.

    probability : function of points (M, 2), returning the probabilities (M,)
    X, y : points (N, 2) and their classes (N,), 0 or 1, drawn on top
    """
    low, high = X.min(axis=0) - 0.3, X.max(axis=0) + 0.3
    x1, x2 = np.meshgrid(*(np.linspace(low[i], high[i], resolution) for i in range(2)))
    p = probability(np.column_stack([x1.ravel(), x2.ravel()])).reshape(x1.shape)
    extent = (low[0], high[0], low[1], high[1])
    ax.imshow(
        p,
        extent=extent,
        origin="lower",
        aspect="auto",
        vmin=0,
        vmax=1,
        cmap=SHADES,
        interpolation="nearest",
    )
    ax.contour(x1, x2, p, levels=[0.5], colors="black", linewidths=1.5)
    draw_points(ax, X, y, names)


def draw_loss_surface(ax, X, y, b, path, limit, resolution=31):
    """Contours of a logistic unit's loss over its two weights, at bias b, and a path on them.

    X, y : points (N, 2) and classes (N,), 0 or 1
    path : weights (steps, 2); the last one is marked
    limit : the weights are drawn from -limit to limit
    """
    grid = np.linspace(-limit, limit, resolution)
    w1, w2 = np.meshgrid(grid, grid)
    z = X @ np.vstack([w1.ravel(), w2.ravel()]) + b
    y = y[:, None]
    # the binary cross-entropy of every column of z
    loss = (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean(axis=0)
    levels = np.geomspace(loss.min() * 1.02, loss.max(), 12)  # closer together near the minimum
    ax.contour(w1, w2, loss.reshape(w1.shape), levels=levels, cmap="cividis", linewidths=1)
    path = np.atleast_2d(path)
    ax.plot(*path.T, "-", color=COLOURS[1], linewidth=1.5)
    ax.plot(*path[-1], "o", color=COLOURS[1], markeredgecolor="black", markersize=9)
    ax.set(xlabel="weight w1", ylabel="weight w2", xlim=(-limit, limit), ylim=(-limit, limit))


def draw_logistic_unit(axes, X, y, w, b, names, limit):
    """A logistic unit seen twice: its boundary among the points, its point on the loss surface.

    Returns the sentence that describes the picture.
    """
    w = np.asarray(w, dtype=float)
    z = X @ w + b
    loss, _ = binary_cross_entropy(z, y)
    accuracy = np.mean((z > 0) == y)
    draw_decision_boundary(axes[0], lambda points: sigmoid(points @ w + b), X, y, names, 50)
    axes[0].set_title(f"w = ({w[0]:.1f}, {w[1]:.1f}), b = {b:.1f}")
    axes[0].set(xlabel="input x1", ylabel="input x2")
    draw_loss_surface(axes[1], X, y, b, w, limit, resolution=21)
    axes[1].set_title(f"loss {loss:.3f}, accuracy {accuracy:.3f}")
    return (
        f"A logistic unit with weights {w[0]:.1f} and {w[1]:.1f} and bias {b:.1f} among "
        f"{len(X)} points, and its place on the loss surface: loss {loss:.3f}, "
        f"accuracy {accuracy:.3f}."
    )


def plot_logistic_units(X, y, units, names=("class 0", "class 1"), limit=6.0):
    """Small multiples of a logistic unit: one column for each (w1, w2, b) in `units`. Lesson 1."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(2, len(units), figsize=(3.3 * len(units), 5.8), squeeze=False)
    said = [
        draw_logistic_unit(axes[:, i], X, y, (w1, w2), b, names, limit)
        for i, (w1, w2, b) in enumerate(units)
    ]
    show(fig, " ".join(said))


def plot_recorded_curves(curves, chosen):
    """Small multiples of draw_recorded_curves, one for each (rate, batch size). Lesson 5."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(
        1, len(chosen), figsize=(3 * len(chosen), 3), sharey=True, squeeze=False
    )
    said = [
        draw_recorded_curves(ax, curves, *setting)
        for ax, setting in zip(axes[0], chosen, strict=True)
    ]
    for ax in axes[0, 1:]:
        ax.set_ylabel("")
    show(fig, " ".join(said))


def draw_recorded_curves(ax, curves, learning_rate, batch_size):
    """Draw every recorded training run in grey and one of them, chosen, on top.

    curves : {(learning_rate, batch_size): validation losses, one an epoch}
    Returns the sentence that describes the picture.
    """
    for values in curves.values():
        ax.plot(range(1, len(values) + 1), values, "-", color="0.8", linewidth=1)
    chosen = curves[learning_rate, batch_size]
    ax.plot(range(1, len(chosen) + 1), chosen, "-o", color=COLOURS[0], markersize=4)
    top = np.log(10)  # what guessing among ten classes costs
    ax.axhline(top, color="black", linestyle=":", linewidth=1)
    ax.annotate("guessing", (len(chosen), top), ha="right", va="bottom", fontsize=9)
    ax.set(xlabel="epoch", ylabel="validation loss", ylim=(0, 1.15 * top))
    ax.set_title(f"learning rate {learning_rate:g}, batch size {batch_size}")
    return (
        f"Validation loss over {len(chosen)} epochs with learning rate {learning_rate:g} and "
        f"batch size {batch_size}: {_span(chosen)}."
    )


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


def draw_network(ax, sizes, names=None, most=6):
    """Draw a dense network as columns of circles, each joined to all of the next column.

    sizes : how many circles in each column, the inputs first; of more than `most` only some
        are drawn, with dots between them
    names : what to write under each column; by default its number of circles
    Returns the sentence that describes the picture.
    """
    heights = []
    for size in sizes:
        shown = min(size, most)
        y = np.arange(shown) - (shown - 1) / 2
        if size > most:  # leave a gap in the middle, for the dots
            y = np.where(y > 0, y + 0.5, y - 0.5)
        heights.append(-y)
    for column, (left, right) in enumerate(pairwise(heights)):
        for start in left:
            for end in right:
                ax.plot([column, column + 1], [start, end], "-", color="0.7", linewidth=0.8)
    for column, (y, size) in enumerate(zip(heights, sizes, strict=True)):
        x = np.full(len(y), column)
        colour = COLOURS[0] if column else "white"  # an input is a number, not a unit
        ax.plot(x, y, "o", color=colour, markeredgecolor="black", markersize=13)
        if size > most:
            ax.text(column, 0, "⋮", ha="center", va="center", fontsize=15)
    bottom = min(y.min() for y in heights) - 0.9
    for column, name in enumerate(names or sizes):
        ax.text(column, bottom, str(name), ha="center", va="top")
    ax.set(xlim=(-0.4, len(sizes) - 0.6), ylim=(bottom - 1.1, -bottom - 0.3))
    ax.axis("off")
    columns = ", ".join(f"{size} (some drawn)" if size > most else str(size) for size in sizes)
    return (
        f"A network as columns of circles, from left to right {columns}; every circle is joined "
        "to every circle of the next column."
    )


def draw_softmax(axes, logits, label, limit=5.0):
    """Logits of one sample, their softmax, and the gradient of its cross-entropy: three bar charts.

    axes : three; logits : (K,), within -limit..limit; label : the true class, 0..K-1
    The bars of the true class are hatched. Returns the sentence that describes the picture.
    """
    logits = np.asarray(logits, dtype=float)
    a = softmax(logits)
    loss, gradient = softmax_cross_entropy(logits[None], np.array([label]))
    panels = (
        (logits, "logits z", f"logits, true class {label}", (-1.35 * limit, 1.35 * limit), ".1f"),
        (a, "probability a", f"softmax, cross-entropy {loss:.3f}", (0, 1.2), ".3f"),
        (gradient[0], "slope of the loss", "gradient", (-1.35, 1.35), ".3f"),
    )
    for ax, (values, ylabel, title, heights, form) in zip(axes, panels, strict=True):
        bars = ax.bar(range(len(values)), values, color=COLOURS[0])
        bars[label].set(facecolor="#F3C2A0", edgecolor=COLOURS[1], hatch="//")
        ax.bar_label(bars, labels=[format(v + 0.0, form) for v in values], padding=2, fontsize=9)
        ax.axhline(0, color="black", linewidth=1)
        ax.set(xlabel="class", ylabel=ylabel, ylim=heights)
        ax.set_xticks(range(len(values)))
        ax.set_title(title)
    return (
        f"Logits {_listed(logits, '.1f')} become probabilities {_listed(a, '.3f')}. With true "
        f"class {label} the cross-entropy is {loss:.3f} and its gradient "
        f"{_listed(gradient[0], '.3f')}."
    )


def _listed(values, form):
    return ", ".join(format(v + 0.0, form) for v in values)


def plot_softmax(examples, limit=5.0):
    """Small multiples of draw_softmax: one row for each (logits, label) in `examples`. Lesson 3."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(len(examples), 3, figsize=(10.5, 2.6 * len(examples)), squeeze=False)
    said = [
        draw_softmax(row, logits, label, limit)
        for row, (logits, label) in zip(axes, examples, strict=True)
    ]
    show(fig, " ".join(said))


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


def draw_numbers(ax, values, title="", limit=None):
    """A small table (rows, columns) as squares with their numbers in them, shaded by the number.

    limit : the shades go from -limit to limit; by default to the number that is largest in size
    """
    values = np.asarray(values, dtype=float)
    limit = limit or np.abs(values).max() or 1.0
    ax.imshow(values, cmap=SHADES, vmin=-limit, vmax=limit)
    for (row, column), value in np.ndenumerate(values):
        ax.text(column, row, f"{round(value, 2) + 0.0:g}", ha="center", va="center", fontsize=10)
    height, width = values.shape
    ax.hlines(np.arange(height + 1) - 0.5, -0.5, width - 0.5, color="0.6", linewidth=0.8)
    ax.vlines(np.arange(width + 1) - 0.5, -0.5, height - 0.5, color="0.6", linewidth=0.8)
    ax.set(xlim=(-0.55, width - 0.45), ylim=(height - 0.45, -0.55))
    ax.set_title(title)
    ax.axis("off")


def draw_signed(ax, values, title="", limit=None):
    """A picture of numbers of both signs, (H, W): white is 0, orange above, dark blue below.

    limit : the colours go from -limit to limit; by default to the number that is largest in size
    """
    limit = limit or np.abs(values).max() or 1.0
    ax.imshow(values, cmap=SIGNED, vmin=-limit, vmax=limit)
    _frame(ax)
    ax.set_title(title)


def _frame(ax):
    """Nothing but a thin line around a picture."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color="0.6")


def draw_convolution(axes, image, kernel):
    """An image, a kernel, and the feature map that it gives, in three axes.

    image : (H, W), from 0, paper, to 1, ink; kernel : (k, k)
    Returns the sentence that describes the picture.
    """
    kernel = np.asarray(kernel, dtype=float)
    z = conv2d(image[None, ..., None], kernel[..., None, None], 0.0)[0, ..., 0]
    axes[0].imshow(image, cmap="gray_r", vmin=0, vmax=1)
    _frame(axes[0])
    axes[0].set_title(f"image, {_by(image)}")
    draw_numbers(axes[1], kernel, "kernel")
    z = z.round(9) + 0.0  # no colours for rounding, and no -0
    low, high = z.min(), z.max()
    draw_signed(axes[2], z, f"feature map, {_by(z)}: {low:.2f} to {high:.2f}")
    rows = " / ".join(", ".join(f"{value + 0.0:g}" for value in row) for row in kernel)
    return (
        f"A picture of {_by(image)} pixels; the kernel {rows}; and the feature map of {_by(z)}, "
        f"with values from {low:.2f} to {high:.2f}."
    )


def _by(image):
    return " × ".join(map(str, image.shape))


def plot_convolutions(examples):
    """Small multiples of draw_convolution, a row for each (image, kernel) given. Lesson 6."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(len(examples), 3, figsize=(9, 2.7 * len(examples)), squeeze=False)
    said = [
        draw_convolution(row, image, kernel)
        for row, (image, kernel) in zip(axes, examples, strict=True)
    ]
    show(fig, " ".join(said))
