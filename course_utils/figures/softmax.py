"""Logits, softmax and cross-entropy. Lesson 3."""

import numpy as np

from ..activations import softmax
from ..losses import softmax_cross_entropy
from .explorer import Explorer, counter, slider
from .picture import show
from .style import COLOURS


def draw_softmax(axes, logits, label, limit=5.0):
    """Logits of one sample, their softmax, and the gradient of its cross-entropy: three bar charts.

    axes : three; logits : (K,), within -limit..limit; label : the true class, 0..K-1
    The bars of the true class are hatched. Returns the sentence that describes the picture.
    """
    logits = np.asarray(logits, dtype=float)
    a = softmax(logits)
    loss, gradient = softmax_cross_entropy(logits[None], np.array([label]))
    panels = (
        (logits, f"logits z,\ntrue class {label}", (-1.35 * limit, 1.35 * limit), ".1f"),
        (a, f"probabilities a,\ncross-entropy {loss:.3f}", (0, 1.2), ".3f"),
        (gradient[0], "gradient of the\ncross-entropy", (-1.35, 1.35), ".3f"),
    )
    for ax, (values, title, heights, form) in zip(axes, panels, strict=True):
        bars = ax.bar(range(len(values)), values, color=COLOURS[0])
        bars[label].set(facecolor="#F3C2A0", edgecolor=COLOURS[1], hatch="//")
        ax.bar_label(bars, labels=[format(v + 0.0, form) for v in values], padding=2, fontsize=9)
        ax.axhline(0, color="black", linewidth=1)
        ax.set(xlabel="class", ylim=heights)
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

    fig, axes = plt.subplots(len(examples), 3, figsize=(10.5, 2.2 * len(examples)), squeeze=False)
    said = [
        draw_softmax(row, logits, label, limit)
        for row, (logits, label) in zip(axes, examples, strict=True)
    ]
    show(fig, " ".join(said))


def softmax_explorer(logits=(2.0, 1.0, 0.0, -1.0), limit=5.0):
    """Move the logits and choose the true class; see softmax, cross-entropy, gradient. Lesson 3.

    logits : where the sliders stand at first, one for each class; limit : largest logit
    """

    def axes(figure):
        figure.subplots_adjust(left=0.08, top=0.82, wspace=0.25)
        return figure.subplots(1, 3)

    def draw(axes, label, **logits):
        return draw_softmax(axes, list(logits.values()), label, limit)

    controls = {
        f"z{k}": slider(f"logit of {k}", float(z), -limit, limit, 0.1) for k, z in enumerate(logits)
    }
    controls["label"] = counter("true class", len(logits) - 1, first=len(logits) // 2)
    name = "logits, softmax and cross-entropy"
    return Explorer(name, controls, axes, draw)
