"""The CNN of PyTorch's example after one epoch, with PyTorch and with ours: `make one-epoch`.

    python tools/one_epoch.py [--data NAME] [--seed SEED] [--library NAME]

trains the two networks of lesson 11, by the code that its cells show, and stores what they reach
on the test set where the lesson finds it. Each begins with the first weights that are usual with
it, and PyTorch a second time with ours. The full MNIST is measured where it can be had. With
--data, --seed, --library only these are trained, and what is stored of the others stays.

It also stores the losses of PyTorch's first steps in float64 from weights that were carried
across, for the lesson to set beside ours.
"""

import argparse
import contextlib
import datetime
import functools
import io
import json
import platform
from pathlib import Path

import nbformat
import numpy as np
import torch
from sklearn.metrics import accuracy_score

import course_utils as cu
from course_utils.exercises.lessons.lesson_11 import dense_to_pytorch
from course_utils.frameworks import FILE

LESSON = Path(__file__).parent.parent / "notebooks" / "11_frameworks.ipynb"
SEEDS = (0, 1, 2)
RATE, BATCH = 0.001, 64
DATA = {
    "Fashion-MNIST": lambda **how: cu.load_fashion_mnist("full", **how),
    "the course's digits": lambda **how: cu.load_mnist(**how),
    "MNIST": lambda **how: cu.load_mnist("full", **how),
}


def lesson_code():
    """What the cells of lesson 11 define that are tagged `pytorch`: {name: object}."""
    names = {"np": np, "cu": cu, "dense_to_pytorch": dense_to_pytorch}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in nbformat.read(LESSON, as_version=4).cells:
            if "pytorch" in cell.metadata.get("tags", []):
                exec(compile(cell.source, cell.id, "exec"), names)
    return names


def pytorch_accuracy(code, train, test, seed, our_weights=False):
    torch.manual_seed(seed)
    net = code["Net"]()
    if our_weights:
        code["fill_pytorch"](net, code["our_network"](np.random.default_rng(seed)))
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    code["pytorch_epoch"](net, *train, optimizer, BATCH, np.random.default_rng(seed))
    net.eval()
    with torch.no_grad():
        parts = [net(code["as_tensor"](X)).numpy() for X in np.array_split(test[0], 20)]
    return accuracy_score(test[1], np.concatenate(parts).argmax(axis=1))


def our_accuracy(code, train, test, seed):
    rng = np.random.default_rng(seed)
    network = code["our_network"](rng, dtype=np.float32)
    code["our_epoch"](network, *train, cu.Adam(RATE), BATCH, rng)
    return accuracy_score(test[1], network.predict_classes(test[0]))


LIBRARIES = {
    "PyTorch": pytorch_accuracy,
    "PyTorch, our first weights": functools.partial(pytorch_accuracy, our_weights=True),
    "ours": our_accuracy,
}


def first_losses(code, steps=30, batch_size=32):
    """Of PyTorch, in float64 and without dropout, from our first weights."""
    (X, y), _ = cu.load_mnist(flatten=False)
    ours = code["our_network"](np.random.default_rng(0), dropout=(0, 0))
    net = code["Net"](dropout=(0, 0)).double()
    code["fill_pytorch"](net, ours)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    rows = slice(0, steps * batch_size)
    rng = np.random.default_rng(1)
    losses = code["pytorch_epoch"](net, X[rows], y[rows], optimizer, batch_size, rng)
    return [round(loss, 12) for loss in losses]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", choices=DATA)
    parser.add_argument("--seed", type=int, choices=SEEDS)
    parser.add_argument("--library", choices=LIBRARIES)
    chosen = parser.parse_args()
    code = lesson_code()
    for name in [chosen.data] if chosen.data else DATA:
        try:
            train, test = DATA[name](flatten=False, dtype=np.float32)
        except (ConnectionError, FileNotFoundError) as error:
            print(f"{name} is not measured: {error}")
            continue
        for seed in SEEDS if chosen.seed is None else [chosen.seed]:
            for library in [chosen.library] if chosen.library else LIBRARIES:
                reached = round(LIBRARIES[library](code, train, test, seed), 4)
                print(f"{name:20} {library:26} seed {seed}: {reached:.4f} on {len(test[0]):,}")
                with stored() as result:
                    measured = result["data"].setdefault(name, {"accuracies": {}})
                    measured["trained_on"], measured["tested_on"] = len(train[0]), len(test[0])
                    by_seed = measured["accuracies"].setdefault(library, {})
                    by_seed[str(seed)] = reached
                    measured["date"] = datetime.date.today().isoformat()
                    measured["versions"] = {
                        "PyTorch": torch.__version__,
                        "NumPy": np.__version__,
                        "Python": platform.python_version(),
                    }
    if chosen.data is None:
        losses = first_losses(code)
        with stored() as result:
            result["first_losses"] = losses


@contextlib.contextmanager
def stored():
    """What the file holds, to be changed; it is written as soon as something is measured."""
    result = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"data": {}}
    yield result
    FILE.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
