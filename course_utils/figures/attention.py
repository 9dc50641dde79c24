"""Letters, and what attention makes of them. Lesson 12."""

import ipywidgets
import numpy as np

from .explorer import LABEL, WIDTH, Explorer, counter
from .picture import show
from .style import COLOURS

SIGNS = ".abcdefghijklmnopqrstuvwxyz"


def plot_letter_pairs(shares):
    """Which letter follows which: shares (27, 27), rows with the sum 1, as a table of greys.

    Row and column 0 stand for the sign before and after each word. Lesson 12.
    """
    from matplotlib import pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 5.2))
    picture = ax.imshow(shares, cmap="Greys", vmin=0, vmax=0.4)
    ax.set_xticks(range(len(SIGNS)), SIGNS, fontsize=9)
    ax.set_yticks(range(len(SIGNS)), SIGNS, fontsize=9)
    ax.set(xlabel="next sign", ylabel="sign")
    fig.colorbar(picture, label="share of the row", extend="max")
    row, column = np.unravel_index(np.argmax(shares), shares.shape)
    show(
        fig,
        "A table of 27 rows and columns, one for each sign; the darker a field, the more often its "
        f"column's sign follows its row's. Darkest is {SIGNS[column]} after {SIGNS[row]}, "
        f"{shares[row, column]:.2f}. Many fields are white.",
    )


def draw_attention(ax, word, weights):
    """A square for each pair of positions, the darker the more the row takes from the column.

    word : letters, before which a start sign is put; weights : (T, T), T of them at least
    Returns the sentence that describes the picture.
    """
    signs = "." + word
    T = len(signs)
    weights = np.asarray(weights)[:T, :T]
    ax.imshow(weights, cmap="Greys", vmin=0, vmax=1, zorder=0)
    ax.plot([-0.5, T - 0.5, T - 0.5, -0.5, -0.5], [-0.5, -0.5, T - 0.5, T - 0.5, -0.5], "k-", lw=1)
    for i, sign in enumerate(signs):
        ax.text(i, -0.9, sign, ha="center", va="center")
        ax.text(-0.95, i, sign, ha="center", va="center")
    ax.set(xlim=(-1.6, 8.6), ylim=(8.6, -1.6), aspect="equal")
    ax.axis("off")
    most = weights.argmax(axis=1)
    looks = ", ".join(f"{signs[i]} at {signs[j]}" for i, j in enumerate(most))
    return f"In .{word} each sign looks most: {looks}."


def plot_attention(words, weights):
    """The attention of each head, one row of squares for each word. Lesson 12.

    words : list of str; weights : (words, heads, T, T). Rows look, columns are looked at.
    """
    from matplotlib import pyplot as plt

    heads = weights.shape[1]
    fig, axes = plt.subplots(
        len(words), heads, figsize=(2.5 * heads, 2.4 * len(words)), squeeze=False
    )
    said = []
    for row, word, its_weights in zip(axes, words, weights, strict=True):
        for number, ax in enumerate(row):
            sentence = draw_attention(ax, word, its_weights[number])
            said.append(f"Head {number + 1}: {sentence}")
    for number, ax in enumerate(axes[0]):
        ax.set_title(f"head {number + 1}")
    show(fig, " ".join(said))


def draw_next_letters(ax, word, probabilities, count=6):
    """Bars of the most likely signs after a word, from probabilities (27,). Returns a sentence."""
    best = np.argsort(-np.asarray(probabilities), kind="stable")[:count]
    ax.barh(range(count), probabilities[best], color=COLOURS[0])
    for i, sign in enumerate(best):
        ax.text(-0.04, i, "end" if sign == 0 else SIGNS[sign], ha="right", va="center")
        ax.text(probabilities[sign] + 0.02, i, f"{probabilities[sign]:.2f}", va="center")
    ax.set(xlim=(0, 1.2), ylim=(count - 0.5, -0.5), yticks=[], xlabel="probability")
    ax.set_title(f"after {word or 'the start'}")
    said = ", ".join(
        f"{'the end' if sign == 0 else SIGNS[sign]} {probabilities[sign]:.2f}" for sign in best[:3]
    )
    return f"Most likely after it: {said}."


def attention_explorer(look, word="planet", longest=8):
    """Type a word; see where each of its letters looks, and which sign may follow. Lesson 12.

    look : function (word) that returns weights, (heads, T, T), and probabilities of the next sign,
        (T, 27), for the start sign and the letters of the word
    """
    heads = len(look(word)[0])

    def axes(figure):
        figure.subplots_adjust(left=0.01, wspace=0.25, top=0.88, bottom=0.17)
        return figure.subplots(1, 2, width_ratios=(1.2, 1))

    def draw(axes, word, head):
        word = word.strip().lower()
        if not set(word) <= set(SIGNS[1:]) or len(word) > longest:
            what = f"Up to {longest} letters from a to z, please."
            axes[0].text(0.1, 0.5, what, transform=axes[0].transAxes)
            for ax in axes:
                ax.set_title("")
            return what
        weights, probabilities = look(word)
        said = draw_attention(axes[0], word, weights[head - 1])
        axes[0].set_title(f"head {head}")
        return f"Head {head}: {said} {draw_next_letters(axes[1], word, probabilities[len(word)])}"

    controls = {
        "word": ipywidgets.Text(
            value=word,
            description="word",
            style=LABEL,
            layout=ipywidgets.Layout(width=WIDTH),
        ),
        "head": counter("head", heads, first=1),
    }
    controls["head"].min = 1
    return Explorer("where a word's letters look", controls, axes, draw, figsize=(6.8, 3.6))
