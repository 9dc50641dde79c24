"""Training by mini-batches. Derived in lesson 5."""

from dataclasses import dataclass, field

import numpy as np

from ._validation import check_between, check_count, check_finite, check_generator, check_rows
from .early_stopping import EarlyStopping
from .interrupts import StopButton
from .losses import mean_squared_error
from .network import classes
from .optimizers import Optimizer, clip_gradients
from .progress_bar import progress_bar
from .workers import check_workers, shared_among

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
        yield X.take(rows, axis=0), y.take(rows, axis=0)  # quicker than X[rows]


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
    augment=None,
    clip_norm=None,
):
    """Train a network by mini-batches: forward, loss, backward, step, again and again.

    Parameters
    ----------
    network : Sequential; its weights are changed in place
    X, y : inputs (N, ...) and targets (N, ...)
    loss : function (outputs, targets) → (value, gradient), as in losses.py
    optimizer : SGD, Adam or AdamW
    epochs : how many times to go through the data
    batch_size : rows a step
    rng : numpy.random.Generator that shuffles the rows
    validation : (X, y) to measure at the end of each epoch, or None
    callbacks : list of functions (epoch, network, history), called at the end of each epoch,
        from 1 on. One that returns True ends the training; a method `finish` of one is called
        with the network at the end. EarlyStopping is one (lesson 8).
    progress : True or False to show a progress bar or not; None shows it where somebody watches
    workers : how many threads share each batch, 64 at most. For convolutions as many as the
        processor has cores; a small network of dense layers is quicker with one. The same number
        gives the same result at every run. Derived in lesson 7.

    Returns
    -------
    History. A KeyboardInterrupt (the stop button) ends the training early, after the step that
    is being made: the network keeps what it has learned, and the History holds the epochs that
    were finished. Where a step does not end, press again after a few seconds.

    Raises FloatingPointError where the loss, a weight or an output for the validation data is no
    finite number any more; the network then has the weights of the end of the last good epoch.
    What is wrong with the other arguments raises TypeError or ValueError before the first step.
    Derived in lesson 5.
    """
    check_rows(X, y)
    check_count("epochs", epochs)
    check_count("batch_size", batch_size)
    check_workers(workers)
    check_generator(rng)
    _check_optimizer(optimizer)
    checked_loss = _checked(loss)
    callbacks = _functions(callbacks)
    if validation is None and any(isinstance(c, EarlyStopping) for c in callbacks):
        raise ValueError("EarlyStopping needs validation=(X, y) to measure on, got None")
    if clip_norm is not None:
        check_between("clip_norm", clip_norm, 0, np.inf, low_included=False)
    if augment is not None and not callable(augment):
        raise TypeError(f"augment must be a function such as shift_images, got {augment!r}")
    if network.input_shape is None:
        network.build(np.shape(X)[1:])
    if validation is not None:
        validation = _checked_validation(network, checked_loss, validation)
    history = History(validation_samples=0 if validation is None else len(validation[0]))
    good = [array.copy() for array in network.arrays()]
    steps = -(-len(X) // batch_size)
    bar = progress_bar(epochs * steps, progress)
    epoch = 0
    try:
        with bar, np.errstate(**QUIET):
            for epoch in range(1, epochs + 1):
                total = 0.0
                # Anew in each epoch: a callback may have changed the network.
                with StopButton() as stop, shared_among(workers, network) as shared:
                    for X_batch, y_batch in minibatches(X, y, batch_size, rng):
                        if augment is not None:
                            X_batch = _augmented(X_batch, augment, rng)
                        outputs = shared.forward(X_batch, training=True)
                        value, gradient = checked_loss(outputs, y_batch)
                        if not np.isfinite(value):
                            what = f"the loss became {value}"
                            raise FloatingPointError(_diverged(what, epoch, X, y))
                        shared.backward(gradient)
                        gradients = network.gradients()
                        if clip_norm is not None:
                            gradients, _ = clip_gradients(gradients, clip_norm)
                        optimizer.step(network.parameters(), gradients)
                        total += value * len(X_batch)
                        bar.update()
                        stop.look()
                if not all(np.isfinite(p).all() for p in network.parameters()):
                    raise FloatingPointError(_diverged("a weight is not finite", epoch, X, y))
                measured = () if validation is None else _measure(network, loss, *validation, epoch)
                with StopButton():  # so that these belong together
                    history.loss.append(total / len(X))
                    history.validation_loss.extend(measured[:1])
                    history.validation_accuracy.extend(measured[1:])
                    for array, last in zip(network.arrays(), good, strict=True):
                        last[...] = array
                    bar.set_postfix_str(repr(history)[8:-1])
                ends = [callback(epoch, network, history) is True for callback in callbacks]
                if any(ends):
                    break
    except FloatingPointError:
        with StopButton():
            for array, last in zip(network.arrays(), good, strict=True):
                array[...] = last
            optimizer.forget()  # its running means may not be finite any more
            raise
    except KeyboardInterrupt:
        print(f"Stopped in epoch {epoch} of {epochs}: {history}")
    for callback in callbacks:
        if hasattr(callback, "finish"):
            callback.finish(network)
    return history


def _augmented(X, augment, rng):
    changed = augment(X, rng)
    if np.shape(changed) != X.shape:
        raise ValueError(
            f"augment must return a batch of the shape that it gets, {X.shape}, "
            f"got {np.shape(changed)}"
        )
    return changed


def _check_optimizer(optimizer):
    if isinstance(optimizer, type):
        raise TypeError(
            f"optimizer must be an optimizer such as SGD(0.1), got the class {optimizer.__name__}: "
            "call it with a learning rate"
        )
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an optimizer such as SGD(0.1), got {optimizer!r}")


def _functions(callbacks):
    """The callbacks as a list: a generator could be gone through only once."""
    if callable(callbacks):
        raise TypeError("callbacks must be a list of functions, got one alone: put it into [ ]")
    try:
        callbacks = list(callbacks)
    except TypeError:
        raise TypeError(f"callbacks must be a list of functions, got {callbacks!r}") from None
    for callback in callbacks:
        if not callable(callback):
            raise TypeError(f"callbacks must be functions, got {callback!r}")
    return callbacks


def _checked(loss):
    """The loss, which now says in a sentence where what it returns is no (value, gradient)."""
    if not callable(loss):
        raise TypeError(f"loss must be a function such as softmax_cross_entropy, got {loss!r}")

    def checked(outputs, targets):
        returned = loss(outputs, targets)
        if not isinstance(returned, (tuple, list)) or len(returned) != 2:
            raise TypeError(
                "loss must return two things, its value and its gradient for the outputs, "
                f"got {type(returned).__name__} {returned!r:.60}"
            )
        value, gradient = returned
        if np.ndim(value) != 0:
            raise ValueError(f"loss must return one number, got shape {np.shape(value)}")
        if np.shape(gradient) != outputs.shape:
            raise ValueError(
                f"loss must return a gradient of the outputs' shape {outputs.shape}, "
                f"got {np.shape(gradient)}"
            )
        return value, gradient

    return checked


def _checked_validation(network, loss, validation):
    """X and y as arrays, where they can be measured: better now than after an epoch."""
    try:
        X, y = validation
    except (TypeError, ValueError):
        raise TypeError(f"validation must be (X, y) or None, got {validation!r:.60}") from None
    check_rows(X, y)
    X, y = np.asarray(X), np.asarray(y)
    try:
        with np.errstate(**QUIET):  # the outputs for one row do to try all of y
            outputs = np.repeat(network.forward(X[:1]), len(y), axis=0)
            value, _ = loss(outputs, y)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"validation cannot be measured: {error}") from error
    check_finite("X of validation", X)
    if not np.isfinite(value):  # unless the loss knows what to do with what is not
        check_finite("y of validation", y)
    return X, y


def _measure(network, loss, X, y, epoch):
    """The loss on X and y; and the accuracy, where y holds class numbers."""
    outputs = network.predict(X)
    if not np.isfinite(outputs).all():
        what = "an output for the validation data is not finite"
        raise FloatingPointError(_diverged(what, epoch, X, y))
    value = loss(outputs, y)[0]
    if y.dtype.kind in "iu" and y.size == len(y) and loss is not mean_squared_error:
        return value, float(np.mean(classes(outputs) == y.reshape(len(y))))
    return (value,)


def _diverged(what, epoch, X, y):
    size, y = float(np.abs(X).max()), np.asarray(y)
    if not np.isfinite(size):
        cause = "X holds numbers that are not finite: look at the data"
    elif y.dtype.kind == "f" and not np.isfinite(y).all():
        cause = "y holds numbers that are not finite: look at the targets"
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
