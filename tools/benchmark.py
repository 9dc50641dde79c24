"""How fast the NumPy networks are, beside PyTorch and scikit-learn: `make bench`.

Each contender has a process of its own, as a user would run it, and they take turns, so that a
noisy machine troubles them alike; medians and ratios are printed. Memory is the peak while
training, over what was in use when data and network were there, in another process. The limit
of all is the rate of matrix products: a line says what part of it a contender reaches.
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
import psutil

import course_utils as cu

RATE = 0.01
HIDDEN_SIZES = (500, 150)
PRODUCT = 1024  # the size of the matrices whose product shows what the machine can do


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

    def flops_per_row(self):
        """Of the matrix products, forward and backward; the first layer's input has no gradient.

        A convolution is counted as its definition says; there are ways that need fewer.
        """
        if self.network == "mlp":
            sizes = (784, *HIDDEN_SIZES, 10)
            products = [n * m for n, m in pairwise(sizes)]
        else:
            first, second = self.side - 2, self.side - 4
            pooled = (second // 2) ** 2 * 64
            products = [first**2 * 9 * 32, second**2 * 9 * 32 * 64, pooled * 128, 128 * 10]
        return 2 * (3 * sum(products) - products[0])


# A contender is a function (work, X, y) that returns (epoch(X, y), scores(X)), both functions.


def with_layers(work, X, y, workers=None):
    rng = np.random.default_rng(0)
    if work.network == "mlp":
        layers = [cu.Dense(500), cu.ReLU(), cu.Dense(150), cu.ReLU(), cu.Dense(10)]
        workers = workers or 1  # its products are large enough for BLAS to share them itself
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

    return epoch, network.predict


def with_two_workers(work, X, y):
    return with_layers(work, X, y, workers=2)


def with_estimator(work, X, y):
    classifier = cu.NeuralNetClassifier(
        HIDDEN_SIZES,
        optimizer="sgd",
        learning_rate=RATE,
        momentum=0,
        batch_size=work.batch,
        random_state=0,
    )
    classes = np.unique(y)
    return lambda X, y: classifier.partial_fit(X, y, classes=classes), classifier.predict_proba


def with_autograd(work, X, y):
    """The same network without a layer: its gradients are autograd's."""
    layers = [cu.Dense(500), cu.ReLU(), cu.Dense(150), cu.ReLU(), cu.Dense(10)]
    rng = np.random.default_rng(0)
    network = cu.Sequential(layers, input_shape=784, rng=rng, dtype=np.float32)
    parameters = [cu.Tensor(p, requires_grad=True) for p in network.parameters()]
    W1, b1, W2, b2, W3, b3 = parameters
    optimizer = cu.SGD(RATE)

    def forward(X):
        return ((X @ W1 + b1).relu() @ W2 + b2).relu() @ W3 + b3

    def epoch(X, y):
        for X_batch, y_batch in cu.minibatches(X, y, work.batch, rng):
            for parameter in parameters:
                parameter.zero_grad()
            forward(X_batch).softmax_cross_entropy(y_batch).backward()
            optimizer.step([p.data for p in parameters], [p.grad for p in parameters])

    return epoch, lambda X: forward(X).data


def with_pytorch(work, X, y, channels_last=False):
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
    if channels_last:
        network = network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE)
    loss = nn.CrossEntropyLoss()

    def epoch(X, y):
        X, y = torch.from_numpy(X), torch.from_numpy(y)
        if work.network == "cnn":
            X = X.permute(0, 3, 1, 2)  # with one channel nothing moves in memory
        order = torch.randperm(len(X))
        for start in range(0, len(X), work.batch):
            rows = order[start : start + work.batch]
            X_batch = X[rows]
            if channels_last:
                X_batch = X_batch.contiguous(memory_format=torch.channels_last)
            optimizer.zero_grad()
            loss(network(X_batch), y[rows]).backward()
            optimizer.step()

    def scores(X):
        with torch.no_grad():
            return network(torch.from_numpy(X)).numpy()

    return epoch, scores


def with_pytorch_channels_last(work, X, y):
    return with_pytorch(work, X, y, channels_last=True)


def with_scikit_learn(work, X, y):
    from sklearn.neural_network import MLPClassifier

    classifier = MLPClassifier(
        HIDDEN_SIZES,
        solver="sgd",
        batch_size=work.batch,
        learning_rate_init=RATE,
        momentum=0,
        alpha=0,
        random_state=0,
    )
    classes = np.unique(y)
    return lambda X, y: classifier.partial_fit(X, y, classes=classes), classifier.predict_proba


def only_products(work, X, y):
    """Large products of matrices that need about as many flops as training needs."""
    A, B = np.random.default_rng(0).standard_normal((2, PRODUCT, PRODUCT), dtype=np.float32)
    result = np.empty_like(A)

    def epoch(X, y):
        for _ in range(_products(work, len(X))):
            np.matmul(A, B, out=result)

    return epoch, None


def _products(work, rows):
    return max(1, round(rows * work.flops_per_row() / (2 * PRODUCT**3)))


LAB = {"OPENBLAS_THREAD_TIMEOUT": "4"}  # as tools/lab.py sets it: threads that wait go to sleep
WARM = {  # memory that is freed stays with the process: PyTorch's quickest state
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
}
CONTENDERS = {  # name: the function, and what its process has in its environment
    "course_utils": (with_layers, LAB),
    "the estimator": (with_estimator, LAB),
    "autograd": (with_autograd, LAB),
    "PyTorch": (with_pytorch, WARM),
    "channels_last": (with_pytorch_channels_last, WARM),
    "scikit-learn": (with_scikit_learn, LAB),
    "only products": (only_products, LAB),
    "threads that spin": (with_layers, {}),
    "one BLAS thread": (with_layers, {"OPENBLAS_NUM_THREADS": "1"}),
    "two workers": (with_two_workers, LAB),
}


# In the process of one contender


def run(name, work):
    """For each line "train" print the seconds that it took; for "accuracy", what is reached."""
    X, y = work.data()
    epoch, scores = CONTENDERS[name][0](work, X, y)
    for line in sys.stdin:
        if line.strip() == "accuracy":
            _, (X_test, y_test) = cu.load_mnist(dtype=np.float32)
            print(np.mean(scores(X_test).argmax(axis=1) == y_test), flush=True)
            continue
        epoch(X[: 2 * work.batch], y[: 2 * work.batch])  # wakes up caches and threads
        start = time.perf_counter()
        epoch(X, y)
        print(time.perf_counter() - start, flush=True)


def print_peak_memory(name, work):
    X, y = work.data()
    epoch, _ = CONTENDERS[name][0](work, X, y)
    process, finished = psutil.Process(), threading.Event()
    before = peak = process.memory_info().rss

    def watch():
        nonlocal peak
        while not finished.wait(0.001):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
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
        env=os.environ | threads | CONTENDERS[name][1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(process, what):
    print(what, file=process.stdin, flush=True)
    return float(process.stdout.readline())


def median_seconds(work, names, rounds):
    """Of each contender's epoch, the contenders in turns; and what an MLP reaches, None else."""
    processes = {name: start("run", name, work) for name in names}
    seconds = {name: [] for name in names}
    for round in range(rounds + 1):
        for name, process in processes.items():
            took = ask(process, "train")
            if round:  # the first round warms up
                seconds[name].append(took)
    reached = {
        name: ask(process, "accuracy")
        for name, process in processes.items()
        if work.network == "mlp" and name != "only products"
    }
    for process in processes.values():
        process.communicate()
    return {name: statistics.median(times) for name, times in seconds.items()}, reached


def print_table(title, work, names, rounds, ours="course_utils", memory=True):
    """A line for each contender; a ratio below 1 says that ours needs less than it."""
    seconds, reached = median_seconds(work, [*names, "only products"], rounds)
    peak = {}
    if memory:
        peak = {name: float(start("memory", name, work).communicate()[0]) for name in names}
    limit = seconds["only products"] / _products(work, work.rows) / (2 * PRODUCT**3)  # s a flop
    least = limit * work.rows * work.flops_per_row()
    print(f"{title}, batch {work.batch}, {work.threads} threads")
    print(f"only products: {1e-9 / limit:.0f} GFLOP/s")
    heads = ["ms a step", "part of that", "ours / it"]
    heads += ["peak MB", "ours / it"] * memory + ["accuracy"] * bool(reached)
    print(f"{'':<20}" + "".join(f"{head:>14}" for head in heads))
    for name in names:
        line = f"{name:<20}{1000 * seconds[name] * work.batch / work.rows:>14.3g}"
        line += f"{least / seconds[name]:>14.2f}{seconds[ours] / seconds[name]:>14.2f}"
        if memory:
            line += f"{peak[name]:>14.0f}{peak[ours] / peak[name]:>14.2f}"
        if reached:
            line += f"{reached[name]:>14.4f}"
        print(line)
    print(flush=True)


def print_shared(rounds):
    """Who should share an MLP's work, where this machine is idle and where it is not."""
    names = ["course_utils", "threads that spin", "one BLAS thread", "two workers"]
    work = Work("mlp", 128, 12_800)
    print_table("MLP, nothing else runs", work, names, rounds, memory=False)
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        print_table("MLP, another program takes a core", work, names, rounds, memory=False)
    finally:
        busy.kill()
        busy.wait()


def main(rounds):
    opponents = ["PyTorch", "channels_last"]
    try:
        import torch

        print(f"PyTorch {torch.__version__}, ", end="")
    except ImportError:
        print("PyTorch is not installed: its lines are missing\n")
        opponents = []
    print(f"NumPy {np.__version__}; float32, medians of {rounds} rounds in turns\n")
    names = ["course_utils", "autograd", *opponents[:1], "scikit-learn"]  # no picture, no channels
    print_table("MLP 784-500-150-10", Work("mlp", 128, 30_000), names, rounds)
    names = ["the estimator", "scikit-learn"]
    work = Work("mlp", 128, 30_000)
    print_table("MLP 784-500-150-10 as a classifier", work, names, rounds, ours="the estimator")
    names = ["course_utils", *opponents]
    for work in (
        Work("cnn", 64, 1280),
        Work("cnn", 64, 1280, threads=1),
        Work("cnn", 16, 1280),
        Work("cnn", 256, 1280),
        Work("cnn", 64, 2560, side=14),
        Work("cnn", 64, 640, side=56),
    ):
        title = f"CNN of PyTorch's MNIST example, {work.side} × {work.side} pixels"
        print_table(title, work, names, rounds)
    print_shared(rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", nargs="?", choices=["run", "memory"])
    parser.add_argument("name", nargs="?", choices=CONTENDERS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--network")
    for number in ("batch", "rows", "side", "threads"):
        parser.add_argument(f"--{number}", type=int)
    arguments = vars(parser.parse_args())
    mode, name, rounds = (arguments.pop(key) for key in ("mode", "name", "rounds"))
    if mode is None:
        main(rounds)
    else:
        {"run": run, "memory": print_peak_memory}[mode](name, Work(**arguments))
