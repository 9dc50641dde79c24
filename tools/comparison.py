"""What lesson 7 reads and could not compute while it is read: `make comparison`.

    python tools/comparison.py [PART ...]

measures these parts, all unless told, and stores each where lesson 7 finds it:

- networks: large CNNs against MLPs of the same training time. Each network learns from the 8,000
  shipped digits in about the same time, on two cores, in five runs that differ in their seed, and
  is measured once on the 2,000 test digits. Sizes, learning rates and dropout were chosen on the
  validation digits, among a handful for each kind of network; the test digits chose nothing.
- rates: the learning rates that were tried for lesson 7's small networks.
- rows: its CNN, on validation digits drawn at random and on the last ones.

A run repeats digit by digit on the same kind of processor with the same number of workers, and
not on others: rounding differs there, float32 has seven digits, and within a few steps the
network is another one of the same kind. What repeats is the mean, within its standard error.
"""

import json
import sys
import time

import numpy as np
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

import course_utils as cu
from course_utils.comparison import FILE

SEEDS = (0, 1, 2, 3, 4)
RATE, MOMENTUM, BATCH = 0.05, 0.9, 64


def mlp(*hidden, dropout):
    layers = []
    for units in hidden:
        layers += [cu.Dense(units), cu.ReLU(), cu.Dropout(dropout)]
    return [cu.Flatten(), *layers, cu.Dense(10)]


def cnn(*convolutions):
    return [
        *convolutions,
        cu.Dropout(0.25),
        cu.Flatten(),
        cu.Dense(128),
        cu.ReLU(),
        cu.Dropout(0.5),
        cu.Dense(10),
    ]


def pytorch_example():
    return cnn(cu.Conv2D(32, 3), cu.ReLU(), cu.Conv2D(64, 3), cu.MaxPool2D(), cu.ReLU())


def two_poolings():
    first = [cu.Conv2D(16, 5), cu.MaxPool2D(), cu.ReLU()]
    return cnn(*first, cu.Conv2D(32, 5), cu.MaxPool2D(), cu.ReLU())


# Name: layers, epochs that take about half a minute on two cores, weight decay, workers (a dense
# layer's products are large enough for BLAS to share them among the cores itself).
CONTENDERS = {
    "MLP 784-512-10": (lambda: mlp(512, dropout=0.5), 300, 1e-4, 1),
    "MLP 784-512-256-10": (lambda: mlp(512, 256, dropout=0.3), 220, 1e-4, 1),
    "CNN of PyTorch's example": (pytorch_example, 10, 0, 2),
    "CNN with 5 × 5 windows": (two_poolings, 45, 0, 2),
}


def train_and_measure(layers, epochs, weight_decay, workers, seed, digits):
    (X, y), (X_test, y_test) = digits
    rng = np.random.default_rng(seed)
    network = cu.Sequential(layers, input_shape=(28, 28, 1), rng=rng, dtype=np.float32)
    optimizer = cu.SGD(RATE, MOMENTUM, weight_decay)

    def slow_down(epoch, network, history):
        optimizer.learning_rate = RATE * max(1 - epoch / epochs, 1e-3)

    start = time.perf_counter()
    cu.train(
        network,
        X,
        y,
        loss=cu.softmax_cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=BATCH,
        rng=rng,
        callbacks=[slow_down],
        workers=workers,
    )
    seconds = time.perf_counter() - start
    accuracy = accuracy_score(y_test, network.predict_classes(X_test))
    return network.parameter_count, seconds, accuracy


def networks():
    digits = [(as_images(X), y) for X, y in cu.load_mnist(dtype=np.float32)]
    found = {}
    for name, (layers, epochs, weight_decay, workers) in CONTENDERS.items():
        runs = [
            train_and_measure(layers(), epochs, weight_decay, workers, seed, digits)
            for seed in SEEDS
        ]
        parameters, seconds, accuracies = zip(*runs, strict=True)
        found[name] = {
            "parameters": parameters[0],
            "epochs": epochs,
            "seconds": [round(s, 1) for s in seconds],
            "accuracies": [round(a, 4) for a in accuracies],
        }
        print(
            f"{name:26}{parameters[0]:>10,} parameters{epochs:>5} epochs"
            f"{np.mean(seconds):>7.1f} s   {np.mean(accuracies):.4f} on {len(digits[1][1]):,}"
            f" (standard deviation {np.std(accuracies, ddof=1):.4f} over {len(SEEDS)} seeds)"
        )
    return found


def small_cnn():
    first = [cu.Conv2D(8, 5, stride=2), cu.ReLU()]
    second = [cu.Conv2D(16, 5), cu.MaxPool2D(), cu.ReLU()]
    return [*first, *second, cu.Flatten(), cu.Dense(10)]


def small_mlp(units):
    return [cu.Flatten(), cu.Dense(units), cu.ReLU(), cu.Dense(10)]


# Lesson 7's own networks: name, layers, epochs, the rates that were tried.
SMALL = {
    "CNN": (small_cnn, 3, (0.02, 0.04, 0.08)),
    "MLP 784-8-10": (lambda: small_mlp(8), 18, (0.005, 0.01, 0.02, 0.04)),
    "MLP 784-100-10": (lambda: small_mlp(100), 18, (0.025, 0.05, 0.1)),
}


def small_accuracy(layers, epochs, rate, seed, parts):
    """Validation accuracy of a network trained as in lesson 7, with one thread."""
    X, X_val, y, y_val = parts
    rng = np.random.default_rng(seed)
    network = cu.Sequential(layers, input_shape=(28, 28, 1), rng=rng)
    optimizer = cu.SGD(rate, MOMENTUM)

    def slow_down(epoch, network, history):
        optimizer.learning_rate = rate * (1 - epoch / epochs)

    cu.train(
        network,
        as_images(X),
        y,
        loss=cu.softmax_cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=32,
        rng=rng,
        callbacks=[slow_down],
    )
    return round(accuracy_score(y_val, network.predict_classes(as_images(X_val))), 4)


def parts_at_random():
    (X, y), _ = cu.load_mnist()
    return train_test_split(X, y, test_size=1000, random_state=0, stratify=y)


def rates():
    found = {}
    with threadpool_limits(1, "blas"):
        for name, (layers, epochs, tried) in SMALL.items():
            found[name] = {
                str(rate): [
                    small_accuracy(layers(), epochs, rate, seed, parts_at_random())
                    for seed in range(3)
                ]
                for rate in tried
            }
            print(name, found[name])
    return found


def rows():
    (X, y), _ = cu.load_mnist()
    last = X[:-1000], X[-1000:], y[:-1000], y[-1000:]
    found = {}
    with threadpool_limits(1, "blas"):
        for name, parts in (("drawn at random", parts_at_random()), ("the last 1,000", last)):
            found[name] = [small_accuracy(small_cnn(), 3, 0.04, seed, parts) for seed in range(3)]
            print(name, found[name])
    return found


def as_images(X):
    return X.reshape(-1, 28, 28, 1)


PARTS = {"networks": networks, "rates": rates, "rows": rows}


def main():
    (_, y), (_, y_test) = cu.load_mnist()
    for part in sys.argv[1:] or PARTS:
        found = PARTS[part]()
        stored = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
        stored |= {"trained_on": len(y), "tested_on": len(y_test), part: found}
        FILE.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
