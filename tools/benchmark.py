"""How fast the NumPy networks are, beside PyTorch and scikit-learn: `make bench`.

Each contender has a process of its own, as a user would run it, and they take turns, so that a
noisy machine troubles them alike; medians and ratios are printed. Memory is the peak while
training, over what was in use when data and network were there, in another process.
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass

import numpy as np
import psutil

import course_utils as cu

RATE = 0.01


@dataclass
class Work:
    """A training job: the network, the batch size, and how many rows one measurement takes."""

    network: str  # "mlp" or "cnn"
    batch: int
    rows: int
    side: int = 28  # of a picture, in pixels
    threads: int = 2

    def data(self):
        """The shipped digits again and again, cut or repeated to `side` pixels; float32."""
        (X, y), _ = cu.load_mnist(dtype=np.float32)
        some = np.arange(self.rows) % len(X)
        if self.network == "mlp":
            return X[some], y[some]
        pictures = np.tile(X[some].reshape(-1, 28, 28), (1, 2, 2))
        return np.ascontiguousarray(pictures[:, : self.side, : self.side, None]), y[some]


def course_utils_trainer(work, X, y):
    rng = np.random.default_rng(0)
    if work.network == "mlp":
        layers = [cu.Dense(500), cu.ReLU(), cu.Dense(150), cu.ReLU(), cu.Dense(10)]
        workers = 1  # its products are large enough for BLAS to share them itself
    else:
        layers = [cu.Conv2D(32, 3), cu.ReLU(), cu.Conv2D(64, 3), cu.MaxPool2D(), cu.ReLU()]
        layers += [cu.Dropout(0.25), cu.Flatten(), cu.Dense(128), cu.ReLU(), cu.Dropout(0.5)]
        layers += [cu.Dense(10)]
        workers = work.threads
    network = cu.Sequential(layers, input_shape=X.shape[1:], rng=rng, dtype=np.float32)
    optimizer = cu.SGD(RATE)

    def epoch(X, y):
        cu.train(
            network,
            X,
            y,
            loss=cu.softmax_cross_entropy,
            optimizer=optimizer,
            epochs=1,
            batch_size=work.batch,
            rng=rng,
            progress=False,
            workers=workers,
        )

    return epoch


def autograd_trainer(work, X, y):
    """The same network without a layer: its gradients are autograd's."""
    layers = [cu.Dense(500), cu.ReLU(), cu.Dense(150), cu.ReLU(), cu.Dense(10)]
    rng = np.random.default_rng(0)
    network = cu.Sequential(layers, input_shape=784, rng=rng, dtype=np.float32)
    parameters = [cu.Tensor(p, requires_grad=True) for p in network.parameters()]
    W1, b1, W2, b2, W3, b3 = parameters
    optimizer = cu.SGD(RATE)

    def epoch(X, y):
        for X_batch, y_batch in cu.minibatches(X, y, work.batch, rng):
            for parameter in parameters:
                parameter.zero_grad()
            logits = ((X_batch @ W1 + b1).relu() @ W2 + b2).relu() @ W3 + b3
            logits.softmax_cross_entropy(y_batch).backward()
            optimizer.step([p.data for p in parameters], [p.grad for p in parameters])

    return epoch


def pytorch_trainer(work, X, y):
    import torch
    from torch import nn

    torch.set_num_threads(work.threads)
    torch.manual_seed(0)
    if work.network == "mlp":
        layers = [nn.Linear(784, 500), nn.ReLU(), nn.Linear(500, 150), nn.ReLU()]
        layers += [nn.Linear(150, 10)]
    else:
        half = work.side // 2 - 2
        layers = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU()]
        layers += [nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten()]
        layers += [nn.Linear(64 * half * half, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)]
    network = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE)
    loss = nn.CrossEntropyLoss()

    def epoch(X, y):
        X, y = torch.from_numpy(X), torch.from_numpy(y)
        if work.network == "cnn":
            X = X.permute(0, 3, 1, 2)  # with one channel nothing moves in memory
        order = torch.randperm(len(X))
        for start in range(0, len(X), work.batch):
            rows = order[start : start + work.batch]
            optimizer.zero_grad()
            loss(network(X[rows]), y[rows]).backward()
            optimizer.step()

    return epoch


def scikit_learn_trainer(work, X, y):
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(
        (500, 150),
        solver="sgd",
        batch_size=work.batch,
        learning_rate_init=RATE,
        momentum=0,
        alpha=0,
        random_state=0,
    )
    all_classes = np.unique(y)
    return lambda X, y: network.partial_fit(X, y, classes=all_classes)


TRAINERS = {
    "course_utils": course_utils_trainer,
    "autograd": autograd_trainer,
    "PyTorch": pytorch_trainer,
    "scikit-learn": scikit_learn_trainer,
}


# In the process of one contender


def run(name, work):
    """Train once for each line that comes in; print the seconds that it took."""
    X, y = work.data()
    epoch = TRAINERS[name](work, X, y)
    for _ in sys.stdin:
        epoch(X[: 2 * work.batch], y[: 2 * work.batch])  # wakes up caches and threads
        start = time.perf_counter()
        epoch(X, y)
        print(time.perf_counter() - start, flush=True)


def print_peak_memory(name, work):
    X, y = work.data()
    epoch = TRAINERS[name](work, X, y)
    process, finished = psutil.Process(), threading.Event()
    before = peak = process.memory_info().rss

    def watch():
        nonlocal peak
        while not finished.wait(0.001):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    epoch(X, y)
    epoch(X, y)
    finished.set()
    watcher.join()
    print((peak - before) / 1e6)


# In the process that compares


def start(mode, name, work):
    options = [f"--{key}={value}" for key, value in asdict(work).items()]
    threads = {v: str(work.threads) for v in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
    return subprocess.Popen(
        [sys.executable, __file__, mode, name, *options],
        env=os.environ | threads,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def compare(works, names, rounds):
    """The median seconds and the peak megabytes of each (name, work), taken in turns."""
    processes = {(name, i): start("run", name, w) for i, w in enumerate(works) for name in names}
    seconds = {key: [] for key in processes}
    for round in range(rounds + 1):
        for key, process in processes.items():
            print("go", file=process.stdin, flush=True)
            took = float(process.stdout.readline())
            if round:  # the first round warms up
                seconds[key].append(took)
    for process in processes.values():
        process.communicate()
    medians = {key: statistics.median(times) for key, times in seconds.items()}
    memory = {(n, i): float(start("memory", n, works[i]).communicate()[0]) for n, i in processes}
    return medians, memory


def print_table(title, unit, works, labels, names, rounds):
    medians, memory = compare(works, names, rounds)
    print(f"{title}\nmedian of {rounds} rounds in turns, float32")
    heads = [unit, "course_utils / it", "peak MB", "course_utils / it"]
    print(f"{'':<30}" + "".join(f"{head:>19}" for head in heads))
    for i, (work, label) in enumerate(zip(works, labels, strict=True)):
        scale = 1 if unit.startswith("s ") else 1000 * work.batch / work.rows
        for name in names:
            time_ratio = medians["course_utils", i] / medians[name, i]
            memory_ratio = memory["course_utils", i] / memory[name, i]
            print(
                f"{label:<16}{name:<14}{medians[name, i] * scale:>19.3g}{time_ratio:>19.2f}"
                f"{memory[name, i]:>19.0f}{memory_ratio:>19.2f}"
            )
    print()


def main(rounds):
    names = ["course_utils", "autograd", "PyTorch", "scikit-learn"]
    try:
        import torch  # noqa: F401
    except ImportError:
        print("PyTorch is not installed: its rows are missing\n")
        names.remove("PyTorch")
    works = [Work("mlp", 128, 60_000)]
    title = "MLP 784-500-150-10, batch 128, 60,000 rows an epoch"
    print_table(title, "s an epoch", works, ["2 threads"], names, rounds)

    names.remove("scikit-learn")  # it has no convolution
    names.remove("autograd")  # nor has this
    title = "CNN of PyTorch's MNIST example: "
    works = [Work("cnn", 64, 3200, threads=threads) for threads in (2, 1)]
    labels = ["2 threads", "1 thread"]
    print_table(title + "batch 64, 28 × 28 pixels", "ms a step", works, labels, names, rounds)
    works = [Work("cnn", batch, 2560) for batch in (16, 64, 256)]
    labels = [f"batch {work.batch}" for work in works]
    print_table(title + "2 threads, 28 × 28 pixels", "ms a step", works, labels, names, rounds)
    works = [Work("cnn", 64, 1280, side) for side in (14, 28, 56)]
    labels = [f"{work.side} × {work.side} pixels" for work in works]
    print_table(title + "2 threads, batch 64", "ms a step", works, labels, names, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", nargs="?", choices=["run", "memory"])
    parser.add_argument("name", nargs="?", choices=TRAINERS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--network")
    for number in ("batch", "rows", "side", "threads"):
        parser.add_argument(f"--{number}", type=int)
    arguments = vars(parser.parse_args())
    mode, name, rounds = (arguments.pop(key) for key in ("mode", "name", "rounds"))
    if mode is None:
        main(rounds)
    else:
        {"run": run, "memory": print_peak_memory}[mode](name, Work(**arguments))
