"""What networks answer to a picture that is moved, or noisy. Lesson 7."""

import numpy as np

from ..activations import softmax
from .explorer import Explorer, counter, slider
from .images import frame
from .picture import show
from .style import COLOURS


def moved(image, down, right):
    """The picture (H, W) moved by so many pixels; what comes in at the edges is 0, paper."""
    H, W = image.shape
    result = np.zeros_like(image)
    to = np.s_[max(down, 0) : H + min(down, 0), max(right, 0) : W + min(right, 0)]
    result[to] = image[max(-down, 0) : H - max(down, 0), max(-right, 0) : W - max(right, 0)]
    return result


def draw_answers(axes, networks, image, label):
    """A picture, and the probabilities that each network gives to the ten digits.

    axes : one more than there are networks; networks : {name: Sequential of (H, W, 1)}
    image : (H, W); label : the true class, whose bars are hatched
    Returns the sentence that describes the picture.
    """
    axes[0].imshow(image, cmap="gray_r", vmin=0, vmax=1)
    frame(axes[0])
    axes[0].set_title(f"it is a {label}")
    said = []
    for ax, (name, network) in zip(axes[1:], networks.items(), strict=True):
        a = softmax(network.predict(image[None, :, :, None]))[0]
        answer = int(a.argmax())
        bars = ax.bar(range(len(a)), a, color=COLOURS[0])
        bars[label].set(facecolor="#F3C2A0", edgecolor=COLOURS[1], hatch="//")
        ax.set(ylim=(0, 1.05), xticks=range(len(a)))
        ax.set_title(f"{name}:\n{answer}, {'right' if answer == label else 'wrong'}")
        said.append(f"the {name} says {answer} with probability {a[answer]:.2f}")
    return f"A picture of a {label}: {', '.join(said)}."


def plot_answers(networks, pictures):
    """Small multiples of draw_answers: a row for each (image, label) given. Lesson 7."""
    from matplotlib import pyplot as plt

    size = (3 * (1 + len(networks)), 2.1 * len(pictures))
    ratios = [1] + [1.4] * len(networks)
    fig, axes = plt.subplots(
        len(pictures), len(ratios), figsize=size, squeeze=False, width_ratios=ratios
    )
    said = [
        draw_answers(row, networks, image, label)
        for row, (image, label) in zip(axes, pictures, strict=True)
    ]
    show(fig, " ".join(said))


def answer_explorer(networks, images, labels, farthest=6):
    """Move a picture, add noise, and see what each network says to it. Lesson 7.

    networks : {name: Sequential of (H, W, 1)}; images : (n, H, W) or (n, H, W, 1), from 0 to 1;
    labels : (n,), the true classes; farthest : by how many pixels it can be moved each way
    """
    images = np.asarray(images)
    images = images.reshape(images.shape[:3])
    noise = np.random.default_rng(0).normal(size=images.shape[1:])

    def axes(figure):
        figure.subplots_adjust(left=0.02, right=0.98, bottom=0.12, top=0.78, wspace=0.25)
        return figure.subplots(1, 1 + len(networks))

    def draw(axes, image, down, right, strength):
        picture = moved(images[image], down, right) + strength * noise
        return draw_answers(axes, networks, np.clip(picture, 0, 1), int(labels[image]))

    controls = {
        "image": counter("picture", len(images) - 1),
        "down": counter("down", farthest, first=0),
        "right": counter("right", farthest, first=0),
        "strength": slider("noise", 0.0, 0.0, 1.0, 0.1),
    }
    for way in ("down", "right"):
        controls[way].min = -farthest
    name = "what networks say to a picture that is moved or noisy"
    return Explorer(name, controls, axes, draw, figsize=(6.8, 2.4))
