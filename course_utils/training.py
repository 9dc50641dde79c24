"""Training by mini-batches. Derived in lesson 5."""

import contextlib
import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ._validation import check_count, check_generator, check_rows
from .losses import mean_squared_error
from .network import classes
from .progress_bar import progress_bar

# An overflow shows in the loss, where it is explained; NumPy's own warnings would not be.
QUIET = {"over": "ignore", "invalid": "ignore", "divide": "ignore"}


def minibatches(X, y, batch_size, rng=None):
    """Go through X and y once, `batch_size` rows at a time; the last batch may be smaller.

    With a Generator the rows come in a new random order, the same for X and y; without one
    they come as they stand. Only the order is shuffled: the data set itself is not copied.
    Yields (X_batch, y_batch). Raises ValueError where X and y differ in length. Lesson 5.
    """
    check_rows(X, y)
    check_count("batch_size", batch_size)
    X, y = np.asarray(X), np.asarray(y)  # a list has no rows[...], a data frame finds them by label
    if rng is None:
        for start in range(0, len(X), batch_size):
            yield X[start : start + batch_size], y[start : start + batch_size]
        return
    check_generator(rng)
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


@dataclass
class History:
    """One number an epoch: what `train` saw.

    loss is the mean over the epoch's batches, each taken before its step, dropout on.
    validation_loss and validation_accuracy are taken at the end of the epoch, on
    validation_samples samples; they stay empty where there is nothing to measure them on.
    """

    loss: list = field(default_factory=list)
    validation_loss: list = field(default_factory=list)
    validation_accuracy: list = field(default_factory=list)
    validation_samples: int = 0

    def __len__(self):
        return len(self.loss)

    def __repr__(self):
        if not self.loss:
            return "History(no epoch finished)"
        said = [f"{len(self)} epoch{'s' if len(self) > 1 else ''}", f"loss {self.loss[-1]:.4g}"]
        if self.validation_loss:
            said.append(f"validation loss {self.validation_loss[-1]:.4g}")
        if self.validation_accuracy:
            accuracy = f"{self.validation_accuracy[-1]:.4g}"
            said.append(f"validation accuracy {accuracy} on {self.validation_samples:,} samples")
        return f"History({', '.join(said)})"


def train(
    network,
    X,
    y,
    *,
    loss,
    optimizer,
    epochs,
    batch_size,
    rng,
    validation=None,
    callbacks=(),
    progress=None,
    workers=1,
):
    """Train a network by mini-batches: forward, loss, backward, step, again and again.

    Parameters
    ----------
    network : Sequential; its weights are changed in place
    X, y : inputs (N, ...) and targets (N, ...)
    loss : function (outputs, targets) → (value, gradient), as in losses.py
    optimizer : SGD or Adam
    epochs : how many times to go through the data
    batch_size : rows a step
    rng : numpy.random.Generator that shuffles the rows
    validation : (X, y) to measure at the end of each epoch, or None
    callbacks : functions (epoch, network, history), called at the end of each epoch, from 1 on
    progress : True or False to show a progress bar or not; None shows it where somebody watches
    workers : how many threads share each batch. For convolutions as many as the processor has
        cores; a small network of dense layers is quicker with one. The same number gives the
        same result at every run. Derived in lesson 6.

    Returns
    -------
    History. A KeyboardInterrupt (the stop button) ends the training early: the network keeps
    what it has learned, and the History holds the epochs that were finished.

    Raises FloatingPointError where the loss or a weight is no finite number any more; the
    network then has the weights of the end of the last good epoch. Derived in lesson 5.
    """
    check_rows(X, y)
    check_count("epochs", epochs)
    check_count("batch_size", batch_size)
    check_count("workers", workers)
    check_generator(rng)
    if validation is not None:
        check_rows(*validation)
    history = History(validation_samples=0 if validation is None else len(validation[0]))
    good = [p.copy() for p in network.parameters()]
    steps = -(-len(X) // batch_size)
    bar = progress_bar(epochs * steps, progress)
    epoch = 0
    try:
        with bar, np.errstate(**QUIET):
            for epoch in range(1, epochs + 1):
                total = 0.0
                # Anew in each epoch: a callback may have changed the network.
                with _share_among(workers, network, loss) as forward_and_backward:
                    for X_batch, y_batch in minibatches(X, y, batch_size, rng):
                        value = forward_and_backward(X_batch, y_batch)
                        if not np.isfinite(value):
                            what = f"the loss became {value}"
                            raise FloatingPointError(_diverged(what, epoch, X))
                        optimizer.step(network.parameters(), network.gradients())
                        total += value * len(X_batch)
                        bar.update()
                if not all(np.isfinite(p).all() for p in network.parameters()):
                    raise FloatingPointError(_diverged("a weight is not finite", epoch, X))
                measured = () if validation is None else _measure(network, loss, *validation)
                history.loss.append(total / len(X))
                history.validation_loss.extend(measured[:1])
                history.validation_accuracy.extend(measured[1:])
                for p, last in zip(network.parameters(), good, strict=True):
                    last[...] = p
                bar.set_postfix_str(repr(history)[8:-1])
                for callback in callbacks:
                    callback(epoch, network, history)
    except FloatingPointError:
        for p, last in zip(network.parameters(), good, strict=True):
            p[...] = last
        optimizer.forget()  # its running means may not be finite any more
        raise
    except KeyboardInterrupt:
        print(f"Stopped in epoch {epoch} of {epochs}: {history}")
    return history


@contextlib.contextmanager
def _share_among(workers, network, loss):
    """Give a function (X, y) that leaves the gradients in the network and returns the loss.

    Data-parallel training, as large machines do it: each worker has its own copy of the network,
    in which only the parameters are the same arrays, and takes its part of the batch forward and
    backward. The gradient of the whole is the sum over the parts, each weighted by its share of
    the rows, since the loss is a mean over rows. It is summed in the order of the workers,
    whoever is done first, so that rounding is the same at every run.
    """
    if workers == 1:
        yield lambda X, y: _loss_with_gradients(network, loss, X, y, share=1)
        return

    networks = [network, *(_copy_sharing_parameters(network) for _ in range(workers - 1))]

    def shared(X, y):
        busy = networks[: len(X)]  # of a last, small batch not everyone gets a part
        parts = zip(np.array_split(X, len(busy)), np.array_split(y, len(busy)), strict=True)
        first, *others = [(*part, len(part[0]) / len(X)) for part in parts]
        jobs = [
            pool.submit(_loss_with_gradients, worker, loss, *part)
            for worker, part in zip(busy[1:], others, strict=True)
        ]
        value = _loss_with_gradients(network, loss, *first)
        for worker, job in zip(busy[1:], jobs, strict=True):
            value += job.result()
            for mine, theirs in zip(network.layers, worker.layers, strict=True):
                mine.add_gradients_of(theirs)
        return value

    from threadpoolctl import threadpool_limits

    # Without the limit BLAS would start threads for each worker's products; no core is free.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(workers - 1) as pool:
        yield shared


def _copy_sharing_parameters(network):
    """A network with the same parameter arrays, but layers and random numbers of its own."""
    instead = {id(p): p for p in network.parameters()}
    if network.rng is not None:  # wherever a layer, or one within a layer, keeps it
        instead[id(network.rng)] = network.rng.spawn(1)[0]
    return copy.deepcopy(network, instead)


@np.errstate(**QUIET)  # a thread does not have the settings of the one that started it
def _loss_with_gradients(network, loss, X, y, share):
    value, gradient = loss(network.forward(X, training=True), y)
    network.backward(gradient if share == 1 else gradient * gradient.dtype.type(share))
    return value * share


def _measure(network, loss, X, y):
    """The loss on X and y; and the accuracy, where y holds class numbers."""
    outputs = network.predict(X)
    value = loss(outputs, y)[0]
    y = np.asarray(y)
    if y.dtype.kind in "iu" and y.size == len(y) and loss is not mean_squared_error:
        return value, float(np.mean(classes(outputs) == y.reshape(len(y))))
    return (value,)


def _diverged(what, epoch, X):
    size = float(np.abs(X).max())
    if not np.isfinite(size):
        cause = "X holds numbers that are not finite: look at the data"
    elif size > 20:
        cause = (
            f"X holds numbers up to {size:.3g}: scale the input to about 0..1 "
            "(normalize=True, or StandardScaler) and try again"
        )
    else:
        cause = "the learning rate is probably too large: try a tenth of it"
    return (
        f"training stopped in epoch {epoch}: {what}; {cause}. "
        "The network has its weights of the last good epoch"
    )
