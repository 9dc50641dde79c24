"""From probabilities to decisions: which mistakes are made, and how many. Lessons 3 and 5."""

import numpy as np

from .picture import show


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
