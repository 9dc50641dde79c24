"""How fast the NumPy network is, beside PyTorch and scikit-learn: `make bench`.

The contenders take turns in one process, so that a noisy machine troubles them alike; medians
and ratios are printed. Memory is measured in a process for each, as the peak over what was in
use once the data and the libraries were loaded.
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time

THREADS = "2"
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, THREADS)

import numpy as np  # noqa: E402  (the variables above must be set before)
import psutil  # noqa: E402

import course_utils as cu  # noqa: E402

SIZES, BATCH, RATE, ROWS = (784, 500, 150, 10), 128, 0.1, 60_000


def data():
    """The shipped digits again and again, up to the 60,000 rows of the full MNIST; float32."""
    (X, y), _ = cu.load_mnist(dtype=np.float32)
    rows = np.arange(ROWS) % len(X)
    return X[rows], y[rows]


def course_utils_epoch(X, y):
    rng = np.random.default_rng(0)
    layers = [cu.Dense(500), cu.ReLU(), cu.Dense(150), cu.ReLU(), cu.Dense(10)]
    network = cu.Sequential(layers, input_shape=784, rng=rng, dtype=np.float32)
    optimizer = cu.SGD(RATE)

    def epoch():
        cu.train(
            network,
            X,
            y,
            loss=cu.softmax_cross_entropy,
            optimizer=optimizer,
            epochs=1,
            batch_size=BATCH,
            rng=rng,
            progress=False,
        )

    return epoch


def pytorch_epoch(X, y):
    import torch
    from torch import nn

    torch.set_num_threads(int(THREADS))
    torch.manual_seed(0)
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    network = nn.Sequential(
        nn.Linear(784, 500), nn.ReLU(), nn.Linear(500, 150), nn.ReLU(), nn.Linear(150, 10)
    )
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE)
    loss = nn.CrossEntropyLoss()

    def epoch():
        order = torch.randperm(len(X))
        for start in range(0, len(X), BATCH):
            rows = order[start : start + BATCH]
            optimizer.zero_grad()
            loss(network(X[rows]), y[rows]).backward()
            optimizer.step()

    return epoch


def scikit_learn_epoch(X, y):
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(
        SIZES[1:-1],
        solver="sgd",
        batch_size=BATCH,
        learning_rate_init=RATE,
        momentum=0,
        alpha=0,
        random_state=0,
    )
    all_classes = np.unique(y)
    return lambda: network.partial_fit(X, y, classes=all_classes)


CONTENDERS = {
    "course_utils": course_utils_epoch,
    "PyTorch": pytorch_epoch,
    "scikit-learn": scikit_learn_epoch,
}


def peak_megabytes(name):
    """The peak memory of two epochs over what was in use before, of a process of its own."""
    command = [sys.executable, __file__, "--memory", name]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def print_peak(name):
    X, y = data()
    CONTENDERS[name](X[:BATCH], y[:BATCH])()  # imports and first allocations
    epoch = CONTENDERS[name](X, y)
    process, finished = psutil.Process(), threading.Event()
    before = peak = process.memory_info().rss

    def watch():
        nonlocal peak
        while not finished.wait(0.001):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    epoch()
    epoch()
    finished.set()
    watcher.join()
    print((peak - before) / 1e6)


def main(rounds):
    X, y = data()
    epochs, seconds = {}, {}
    for name, make in CONTENDERS.items():
        try:
            epochs[name], seconds[name] = make(X, y), []
        except ImportError:
            print(f"{name} is not installed: its row is missing")
    for round in range(rounds + 1):
        for name, epoch in epochs.items():
            start = time.perf_counter()
            epoch()
            if round:  # the first round warms up
                seconds[name].append(time.perf_counter() - start)
    print(
        f"MLP {'-'.join(map(str, SIZES))}, batch {BATCH}, float32, {ROWS:,} rows an epoch,",
        f"{THREADS} threads, median of {rounds} rounds in turns",
    )
    print(f"{'':<14}{'s an epoch':>11}{'course_utils / it':>19}{'peak MB over data':>19}")
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, median in medians.items():
        ratio = medians["course_utils"] / median
        print(f"{name:<14}{median:>11.3f}{ratio:>19.2f}{peak_megabytes(name):>19.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--memory", choices=CONTENDERS)
    arguments = parser.parse_args()
    if arguments.memory:
        print_peak(arguments.memory)
    else:
        main(arguments.rounds)
