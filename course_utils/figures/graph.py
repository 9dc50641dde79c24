"""Computational graphs, drawn from what the numbers in them remember. Lesson 9."""

from itertools import pairwise

import numpy as np
from matplotlib.patches import FancyArrowPatch

from ..autograd import Tensor
from .explorer import Explorer, menu, slider
from .picture import show
from .style import INK


def draw_graph(ax, end, names, size=11):
    """The graph that `end` was computed by: values above the boxes, gradients below.

    end : a Tensor, or whatever has data, grad, operation and inputs as a Tensor has; the local
        derivatives in inputs may be numbers, too. They stand on the arrows.
    names : {name: one of the numbers}, for those that have one

    Returns the sentence that describes the picture. Lesson 9.
    """
    called = {id(node): name for name, node in names.items()}
    order = Tensor.graph(end)
    places, borders = _places(order), {}
    columns, rows = zip(*places.values(), strict=True)
    ax.set(xlim=(-0.6, max(columns) + 0.6), ylim=(min(rows) - 0.9, max(rows) + 0.7))
    ax.axis("off")
    for node in order:
        name, said = called.get(id(node), ""), node.operation
        label = f"{name} = {said}" if name and said else name or said or _value(node.data)
        box = ax.text(*places[id(node)], label, ha="center", va="center", fontsize=size, bbox=BOX)
        borders[id(node)] = _Border(box)
    slopes = [_draw_arrows(ax, node, places, borders, size) for node in order]
    found = []
    for node, its_slopes in zip(order, slopes, strict=True):
        column, row = places[id(node)]
        name = called.get(id(node), node.operation)
        if name:  # of a constant the box tells the value already
            above = {"color": INK[0], "va": "bottom", "ha": "center", "fontsize": size}
            ax.text(column, row + 0.24, _value(node.data), bbox=WHITE, **above)
            found.append(f"{name} is {_value(node.data)}")
        if node.grad is not None:
            below = {"color": INK[1], "va": "top", "ha": "center", "fontsize": size}
            ax.text(column, row - 0.24, f"grad {_value(node.grad)}", bbox=WHITE, **below)
            found[-1] += f", its gradient {_value(node.grad)}"
        if its_slopes:
            found[-1] += f", slopes {' and '.join(its_slopes)}"
    return f"A graph of {len(order)} boxes: {'; '.join(found)}."


BOX = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "0.3", "linewidth": 1.5}
WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}  # over the arrows


def _places(order):
    """{id of a number: (column, row)}: operands stand to the left of what they are used for."""
    column, used_in = {}, {}
    for node in order:
        column[id(node)] = 1 + max((column[id(o)] for o, _ in node.inputs), default=-1)
        for operand, _ in node.inputs:
            used_in.setdefault(id(operand), []).append(id(node))
    row, leaves = {}, 0
    for node in order:
        if node.inputs:
            row[id(node)] = float(np.mean([row[id(operand)] for operand, _ in node.inputs]))
        else:  # just before its first use
            column[id(node)] = min((column[user] for user in used_in.get(id(node), [])), default=1)
            column[id(node)] -= 1
            row[id(node)] = float(leaves)
            leaves += 1
    for its_column in set(column.values()):
        there = sorted((n for n in column if column[n] == its_column), key=row.get)
        for below, above in pairwise(there):
            row[above] = max(row[above], row[below] + 1)
    return {n: (column[n], row[n]) for n in column}


def _draw_arrows(ax, node, places, borders, size):
    """The arrows to a number from its operands, each with its slope; returns the slopes."""
    slopes = []
    end = places[id(node)]
    operands = [id(operand) for operand, _ in node.inputs]
    for i, (operand, derivative) in enumerate(node.inputs):
        start = places[id(operand)]
        bend = 0.0
        if operands.count(id(operand)) > 1:  # x · x: two arrows between the same boxes
            bend = 0.3 if i else -0.3
        elif any(_stands_between(place, start, end) for place in places.values()):
            bend = 0.45
        arrow = FancyArrowPatch(
            *(start, end),
            **{"arrowstyle": "-|>", "mutation_scale": size, "color": "0.5", "linewidth": 1.3},
            **{"connectionstyle": f"arc3,rad={bend}", "shrinkA": 0, "shrinkB": 0},
            **{"patchA": borders[id(operand)], "patchB": borders[id(node)], "zorder": 3},
        )
        ax.add_artist(arrow).set_in_layout(False)
        slope = derivative
        if callable(derivative):
            slope = derivative(np.ones_like(node.data)) if np.ndim(node.data) == 0 else None
        if slope is not None and np.size(slope) == 1:
            slopes.append(_value(slope))
            left, right = ax.transData.transform([start, end])
            across, up = right - left
            middle = (left + right) / 2 + 0.5 * bend * np.array([up, -across])  # of the arc
            at = ax.transData.inverted().transform(middle)
            style = {"ha": "center", "va": "center", "fontsize": size - 1, "color": "0.25"}
            ax.text(*at, slopes[-1], bbox=WHITE, style="italic", **style)
    return slopes


class _Border:
    """Where arrows begin and end. They ask of many points whether a box contains them.

    The box itself would work out its outline for each of them anew: it takes as long as the rest.
    """

    def __init__(self, box):
        self.patch, self.extent = box.get_bbox_patch(), None

    def contains(self, point):
        if self.extent is None:  # the box is drawn before its arrows
            self.extent = self.patch.get_window_extent()
        return self.extent.contains(point.x, point.y), {}


def _stands_between(place, start, end):
    """Whether a box at this place would be in the way of a straight arrow."""
    if not start[0] < place[0] < end[0]:
        return False
    share = (place[0] - start[0]) / (end[0] - start[0])
    return abs(start[1] + share * (end[1] - start[1]) - place[1]) < 0.45


def _value(data):
    """A number in short, or the shape of an array."""
    if np.size(data) > 1:
        return f"{np.shape(data)}"
    return f"{np.round(np.ravel(data)[0], 2) + 0.0:g}"  # + 0.0 turns -0.0 into 0.0


def plot_graph(end, names, title=""):
    """One graph as a figure. Lesson 9."""
    from matplotlib import pyplot as plt

    places = _places(Tensor.graph(end)).values()
    columns, rows = (max(place[i] for place in places) for i in (0, 1))
    fig, ax = plt.subplots(figsize=(1.5 * columns + 2.2, 0.95 * rows + 2.0))
    alt = draw_graph(ax, end, names)
    ax.set_title(title)
    show(fig, alt)


def plot_graphs(formulas, a=2.0, b=1.0, c=-1.5):
    """Small multiples, one for each of {what it is called: function of a, b and c}. Lesson 9."""
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(len(formulas), 1, figsize=(9.5, 3.4 * len(formulas)))
    said = []
    for ax, (name, formula) in zip(np.ravel(axes), formulas.items(), strict=True):
        said.append(f"{name}: {_draw_formula(ax, formula, a, b, c)}")
        ax.set_title(name)
    show(fig, " ".join(said))


def _draw_formula(ax, formula, a, b, c):
    names = {
        name: Tensor(value, requires_grad=True) for name, value in {"a": a, "b": b, "c": c}.items()
    }
    end = formula(**names)
    end.backward()
    return draw_graph(ax, end, names)


def graph_explorer(formulas):
    """The graph of a formula of a, b and c, its values and gradients as they move. Lesson 9.

    formulas : {what it is called: function of the tensors a, b and c that returns one number}
    """
    controls = {
        "formula": menu("formula", formulas),
        "a": slider("a", 2.0, -3.0, 3.0, 0.5),
        "b": slider("b", 1.0, -3.0, 3.0, 0.5),
        "c": slider("c", -1.5, -3.0, 3.0, 0.5),
    }

    def axes(figure):
        return figure.add_axes((0.01, 0.01, 0.98, 0.98))

    def draw(ax, formula, a, b, c):
        return _draw_formula(ax, formula, a, b, c)

    return Explorer("a graph with its gradients", controls, axes, draw, figsize=(6.8, 3.4))
