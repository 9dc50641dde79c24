"""Pictures that are changed so that a network misreads them. Lesson 11."""

import numpy as np

from ..activations import softmax
from ..losses import softmax_cross_entropy
from .explorer import Explorer, counter, slider
from .images import draw_signed, frame
from .picture import show
from .style import COLOURS


def attacked(network, image, label, epsilon):
    """A picture (D,), each pixel moved by epsilon as the sign of the loss's gradient says."""
    _, gradient = softmax_cross_entropy(network.forward(image[None]), np.array([label]))
    step = epsilon * np.sign(network.backward(gradient, input_gradient=True)[0])
    return np.clip(image + step, 0, 1)


def draw_attack(axes, network, image, label, epsilon):
    """The changed picture, the change, and the probabilities that the network gives.

    axes : three; network : Sequential of rows (D,); image : (D,); label : the true class, whose
    bar is hatched. Returns the sentence that describes the picture.
    """
    side = int(np.sqrt(image.size))
    changed = attacked(network, image, label, epsilon)
    axes[0].imshow(changed.reshape(side, side), cmap="gray_r", vmin=0, vmax=1)
    axes[0].set_title(f"a {label}, ε = {epsilon:.2f}")
    change = (changed - image).reshape(side, side)
    frame(axes[0])
    draw_signed(axes[1], change, "the change", limit=0.4)
    a = softmax(network.predict(changed[None]))[0]
    answer = int(a.argmax())
    bars = axes[2].bar(range(len(a)), a, color=COLOURS[0])
    bars[label].set(facecolor="#F3C2A0", edgecolor=COLOURS[1], hatch="//")
    axes[2].set(ylim=(0, 1.05), xticks=range(len(a)))
    axes[2].set_title(f"{answer}, {'right' if answer == label else 'wrong'}")
    return (
        f"A {label} with epsilon {epsilon:.2f}: the network says {answer} with probability "
        f"{a[answer]:.2f}, and gives {label} {a[label]:.2f}."
    )


def plot_attacks(network, images, labels, chosen, epsilons):
    """Small multiples of draw_attack: a row for each picture chosen and each epsilon. Lesson 11.

    images : (n, D); labels : (n,); chosen : which of the pictures
    """
    from matplotlib import pyplot as plt

    size = (3.4 * len(chosen) + 2.6, 1.75 * len(epsilons))
    fig, axes = plt.subplots(
        len(epsilons), 3 * len(chosen), figsize=size, width_ratios=[1, 1, 1.8] * len(chosen)
    )
    axes = np.reshape(axes, (len(epsilons), len(chosen), 3))
    said = [
        draw_attack(axes[row, column], network, images[i], int(labels[i]), epsilon)
        for column, i in enumerate(chosen)
        for row, epsilon in enumerate(epsilons)
    ]
    show(fig, " ".join(said))


def attack_explorer(network, images, labels):
    """Move epsilon, and see what the network says to a picture that is changed by it. Lesson 11.

    network : Sequential of rows (D,); images : (n, D), from 0 to 1; labels : (n,), true classes
    """

    def axes(figure):
        figure.subplots_adjust(left=0.02, right=0.98, bottom=0.14, top=0.86, wspace=0.15)
        return figure.subplots(1, 3, width_ratios=[1, 1, 1.6])

    def draw(axes, image, epsilon):
        return draw_attack(axes, network, images[image], int(labels[image]), epsilon)

    epsilon = slider("ε", 0.0, 0.0, 0.3, 0.01)
    epsilon.readout_format = ".2f"
    controls = {"image": counter("digit", len(images) - 1), "epsilon": epsilon}
    name = "a digit that is changed so that a network misreads it"
    return Explorer(name, controls, axes, draw, figsize=(6.8, 2.4))
