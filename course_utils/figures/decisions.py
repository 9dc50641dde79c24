"""From probabilities to decisions: which mistakes are made, and how many. Lessons 3 and 5."""

import numpy as np

from .explorer import Explorer, slider
from .picture import show
from .style import COLOURS, MARKERS


def plot_confusion(true, predicted, names):
    """The confusion matrix: true classes (N,) down, predicted ones (N,) across. Lesson 3.

    names : of the classes 0..K-1. The description tells the three commonest mistakes.
    """
    from matplotlib import pyplot as plt
    from sklearn.metrics import ConfusionMatrixDisplay

    fig, ax = plt.subplots(figsize=(6, 5.2))
    drawn = ConfusionMatrixDisplay.from_predictions(
        true,
        predicted,
        labels=range(len(names)),
        display_labels=names,
        ax=ax,
        colorbar=False,
        cmap="cividis",
        xticks_rotation=60,
    )
    mistakes = drawn.confusion_matrix * (1 - np.eye(len(names), dtype=int))
    order = np.argsort(-mistakes, axis=None, kind="stable")[:3]
    said = [
        f"{names[i]} called {names[j]}, {mistakes[i, j]} times"
        for i, j in zip(*np.unravel_index(order, mistakes.shape), strict=True)
        if mistakes[i, j]
    ]
    show(
        fig,
        f"A table of counts with {len(names)} rows and columns, true class down, predicted class "
        f"across, largest on the diagonal. The commonest mistakes: {'; '.join(said)}.",
    )


def plot_mistakes(confusion):
    """A confusion matrix, row = what it is, column = what was said, shaded by the errors. Lesson 5.

    The right answers on the diagonal have no shade: they are so many more that beside them all
    errors would look alike.
    """
    from matplotlib import pyplot as plt

    confusion = np.asarray(confusion)
    errors = confusion - np.diag(np.diag(confusion))
    fig, ax = plt.subplots(figsize=(5.4, 4.8))
    ax.imshow(np.ma.masked_equal(errors, 0), cmap="Oranges", vmin=0, vmax=1.5 * errors.max())
    for (row, column), count in np.ndenumerate(confusion):
        if count:
            weight = "bold" if row != column else "normal"
            ax.text(column, row, count, ha="center", va="center", fontsize=9, fontweight=weight)
    ticks = range(len(confusion))
    ax.set(xticks=ticks, yticks=ticks, xlabel="what the network says", ylabel="what it is")
    ax.spines[:].set(visible=True, color="0.6")
    largest = np.argsort(errors, axis=None, kind="stable")[::-1][:3]
    places = [divmod(int(place), len(errors)) for place in largest]
    named = [f"{i} as {j}, {errors[i, j]} times" for i, j in places]
    show(
        fig,
        f"A table of what {confusion.sum():,} pictures are and what the network says. "
        f"{np.trace(confusion):,} are on the diagonal, right. The most frequent errors: "
        f"{'; '.join(named)}.",
    )


def plot_precision_recall(thresholds, precision, recall, chosen, samples):
    """Precision and recall over the threshold, all (n,), with a line at the chosen one. Lesson 3.

    samples : how many were measured, and which, for the label: "160 validation samples"
    """
    from matplotlib import pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.2))
    ax.plot(thresholds, precision, label="precision")
    ax.plot(thresholds, recall, label="recall")
    ax.axvline(chosen, color="0.4", linestyle=":", label=f"threshold {chosen:.2f}")
    ax.set(xlabel="threshold", ylabel=f"on {samples}", ylim=(0, 1.03))
    ax.legend(loc="lower center")
    show(
        fig,
        f"Precision and recall over the threshold, from {thresholds[0]:.2f} to "
        f"{thresholds[-1]:.2f}, on {samples}. Recall goes from {recall[0]:.2f} to "
        f"{recall[-1]:.2f}, precision from {precision[0]:.2f} to {precision[-1]:.2f}. A dotted "
        f"line marks the chosen threshold {chosen:.2f}.",
    )


def threshold_explorer(probability, y, names=("class 0", "class 1")):
    """Move a threshold; see who is on which side of it, its precision and its recall. Lesson 3.

    probability : (N,), of class 1; y : (N,), 0 or 1, both classes among them
    Raises ValueError where the two do not fit each other, or a class is missing.
    """
    probability, y = np.asarray(probability, dtype=float), np.asarray(y)
    if probability.ndim != 1 or not np.all((probability >= 0) & (probability <= 1)):
        raise ValueError("probability must be N numbers from 0 to 1, one for each sample")
    if y.shape != probability.shape or set(np.unique(y).tolist()) != {0, 1}:
        raise ValueError(
            f"y must be {len(probability)} zeros and ones, one for each probability, got "
            f"{y.shape} with the values {np.unique(y)[:5]}"
        )
    thresholds = np.linspace(0, 0.99, 100)
    curves = np.array([_precision_and_recall(probability, y, t) for t in thresholds]).T

    def axes(figure):
        left, right = figure.subplots(1, 2)
        for k in range(2):
            shown = probability[y == k]
            heights = k + 0.6 * (np.arange(len(shown)) % 20 / 19 - 0.5)  # so that none hides
            left.plot(shown, heights, MARKERS[k], color=COLOURS[k], markersize=4)
        left.set(xlim=(0, 1), ylim=(-0.5, 1.75), xlabel=f"probability of {names[1]}")
        left.set_yticks([0, 1], names, rotation=90, va="center")
        for values, name, style in zip(curves, ("precision", "recall"), ("-", "--"), strict=True):
            right.plot(thresholds, values, style, color=COLOURS[2 + (name == "recall")], label=name)
        right.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="threshold")
        right.legend(loc="lower center")
        return left, right

    def draw(axes, threshold):
        left, right = axes
        for ax in axes:
            ax.axvline(threshold, color="0.3", linestyle=":")
        says = probability > threshold
        counts = {
            (k, said): int(np.sum((y == k) & (says == said))) for k in (0, 1) for said in (0, 1)
        }
        for (k, said), count in counts.items():
            side, text = ("left", f" {count}") if said else ("right", f"{count} ")
            weight = "normal" if k == said else "bold"
            left.text(max(threshold, 0.1), k + 0.42, text, ha=side, va="bottom", weight=weight)
        precision, recall = _precision_and_recall(probability, y, threshold)
        for value in (precision, recall):
            right.plot(threshold, value, "o", color="black")
        left.set_title(f"missed {counts[1, 0]}, false alarms {counts[0, 1]}")
        right.set_title(f"precision {precision:.3f}, recall {recall:.3f}")
        return (
            f"At the threshold {threshold:.2f}, {counts[1, 1]} of {names[1]} are found and "
            f"{counts[1, 0]} missed, {counts[0, 1]} of {names[0]} are false alarms and "
            f"{counts[0, 0]} are left in peace: precision {precision:.3f}, recall {recall:.3f}."
        )

    control = slider("threshold", 0.5, 0.0, 0.99, 0.01)
    control.readout_format = ".2f"
    return Explorer("a threshold", {"threshold": control}, axes, draw)


def _precision_and_recall(probability, y, threshold):
    """Precision is not a number where nobody is called class 1."""
    says = probability > threshold
    found = np.sum(says & (y == 1))
    return found / says.sum() if says.any() else np.nan, found / np.sum(y == 1)
