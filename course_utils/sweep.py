"""A sweep: many networks, each with settings of its own, on every fold. Looked at in lesson 8.

Each task takes a few numbers and reads the digits itself, where it runs. So it can run anywhere,
in this process or on a machine of a cluster, and run again where a machine is lost, always with
the same result.
"""

import functools
import itertools
import json
from pathlib import Path

from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from .datasets import load_mnist
from .estimator import NeuralNetClassifier

FILE = Path(__file__).parent / "data" / "sweep.json"
DIGITS, FOLDS = 2000, 5


def load_sweep():
    """What `make sweep` measured and stored, a dictionary.

    digits, folds : how many digits, and in how many folds
    settings : a list of dictionaries, each with hidden_sizes, learning_rate, weight_decay, and
        accuracies, one for each fold, measured on the digits of that fold alone

    Looked at in lesson 8.
    """
    return json.loads(FILE.read_text(encoding="utf-8"))


def tasks(**values):
    """A dictionary for each combination of the values, and each fold: the arguments of accuracy."""
    names = [*values, "fold"]
    return [
        dict(zip(names, each, strict=True))
        for each in itertools.product(*values.values(), range(FOLDS))
    ]


def accuracy(fold, **settings):
    """The accuracy on one fold of a network trained on the others, with one BLAS thread.

    settings : of NeuralNetClassifier. Raises RuntimeError with the settings where one is wrong.
    """
    X, y, folds = _digits()
    train, validation = folds[fold]
    try:
        with threadpool_limits(1):
            model = NeuralNetClassifier(random_state=fold, **settings)
            return float(model.fit(X[train], y[train]).score(X[validation], y[validation]))
    except Exception as error:
        raise RuntimeError(f"fold {fold} with {settings}: {error}") from error


@functools.cache
def _digits():
    (X, y), _ = load_mnist(dtype="float32")
    X, y = X[:DIGITS], y[:DIGITS]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    return X, y, list(folds.split(X, y))


def run(tasks, client=None, progress=True):
    """The accuracy of each task, in their order; on the cluster of a Dask client, if given."""
    bar = tqdm(total=len(tasks), disable=not progress)
    if client is None:
        found = []
        for task in tasks:
            found.append(accuracy(**task))
            bar.update()
    else:
        from distributed import as_completed

        # A task says nothing of the digits, and returns a number: what is sent is small.
        futures = [client.submit(accuracy, **task, pure=False) for task in tasks]
        for _ in as_completed(futures):
            bar.update()
        found = client.gather(futures)
    bar.close()
    return found
