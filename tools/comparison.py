"""Large CNNs against MLPs of the same training time: `make comparison`.

Each network learns from the 8,000 shipped digits in about the same time, on two cores, in three
runs that differ in their seed, and is measured on the 2,000 test digits. The result is stored
where lesson 7 finds it. Sizes, learning rates and dropout were chosen on the validation digits
of lesson 5, among a handful for each kind of network; the test digits chose nothing.
"""

import json
import time

import numpy as np
from sklearn.metrics import accuracy_score

import course_utils as cu
from course_utils.comparison import FILE

SEEDS = (0, 1, 2)
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


def main():
    digits = [(X.reshape(-1, 28, 28, 1), y) for X, y in cu.load_mnist(dtype=np.float32)]
    result = {"trained_on": len(digits[0][1]), "tested_on": len(digits[1][1]), "networks": {}}
    for name, (layers, epochs, weight_decay, workers) in CONTENDERS.items():
        runs = [
            train_and_measure(layers(), epochs, weight_decay, workers, seed, digits)
            for seed in SEEDS
        ]
        parameters, seconds, accuracies = zip(*runs, strict=True)
        result["networks"][name] = {
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
    FILE.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
