"""Five networks that do not learn, each for a reason of its own. Lesson 10 looks for the reasons.

Whoever reads on knows the answers.
"""

from dataclasses import dataclass

import numpy as np

from ..datasets import load_mnist
from ..initializers import he, normal
from ..layers import Dense, ReLU, Softmax
from ..network import Sequential

CAUSE = {
    "A": "input scale",
    "B": "first weights",
    "C": "learning rate",
    "D": "labels",
    "E": "softmax twice",
}


@dataclass
class Setup:
    """A network before its training, and all that it is to be trained with."""

    network: Sequential
    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    learning_rate: float


def broken_network(letter, repaired=None, seed=0):
    """One of the networks A to E, with its 2,000 digits to train on and 1,000 for validation.

    letter : "A" to "E"
    repaired : a cause, such as "learning rate". What belongs to it is set right, and only that.
    seed : of the first weights

    Raises ValueError for a letter that is none of them. Lesson 10.
    """
    if letter not in CAUSE:
        raise ValueError(f"letter must be one of {', '.join(CAUSE)}, got {letter!r}")
    cause = CAUSE[letter] if CAUSE[letter] != repaired else None
    (images, labels), _ = load_mnist()
    X_train, y_train, X_val, y_val = images[:2000], labels[:2000], images[7000:], labels[7000:]
    if cause == "input scale":
        X_train, X_val = 255 * X_train, 255 * X_val
    if cause == "labels":
        y_train = np.random.default_rng(seed).permutation(y_train)
    initializer = normal if cause == "first weights" else he
    hidden = [layer for _ in range(5) for layer in (Dense(30, initializer), ReLU())]
    layers = [*hidden, Dense(10, initializer)]
    if cause == "softmax twice":
        layers.append(Softmax())
    network = Sequential(layers, input_shape=784, rng=np.random.default_rng(seed))
    rate = 1e-4 if cause == "learning rate" else 0.1
    return Setup(network, X_train, y_train, X_val, y_val, rate)
