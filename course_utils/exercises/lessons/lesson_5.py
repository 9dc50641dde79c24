"""Lesson 5, mini-batches: its exercises."""

# ruff: noqa: B905  (the references show what stands in the notebook: zip without strict)

import numpy as np

from ... import gradients as gradients_by_numbers
from ...layers import Dense
from ...losses import softmax_cross_entropy
from ...network import Sequential
from ...training import train
from ..authoring import Exercise, Misconception


def minibatches(X, y, batch_size, order):
    """Part the samples into batches.

    X is (N, ...), y is (N,); order holds the numbers 0..N-1, shuffled.
    Returns a list of pairs (X_batch, y_batch) of batch_size samples; the last may be smaller.
    """
    batches = []
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        batches.append((X[rows], y[rows]))
    return batches


def train_epoch(network, batches, loss_function, learning_rate):
    """One pass through the batches, with a step of gradient descent after each.

    batches is a list of pairs (X_batch, y_batch). Changes the network's parameters in place.
    Returns the mean loss over all samples, each batch's taken before its step.
    """
    total, N = 0, 0
    for X_batch, y_batch in batches:
        logits = network.forward(X_batch, training=True)
        loss, gradient = loss_function(logits, y_batch)
        network.backward(gradient)
        for parameter, its_gradient in zip(network.parameters(), network.gradients()):
            parameter -= learning_rate * its_gradient
        total += loss * len(X_batch)
        N += len(X_batch)
    return total / N


def momentum_step(parameters, gradients, velocities, learning_rate, momentum):
    """One step of gradient descent with momentum, in place.

    parameters, gradients and velocities are lists of arrays, in the same order.
    Changes the arrays in parameters and velocities, and returns nothing.
    """
    for parameter, gradient, velocity in zip(parameters, gradients, velocities):
        velocity *= momentum
        velocity += gradient
        parameter -= learning_rate * velocity


def precision_and_recall(confusion):
    """Precision and recall of each class.

    confusion is (K, K): row = what it is, column = what the network says. No row and no
    column is empty. Returns precision and recall, each (K,).
    """
    right = np.diag(confusion)
    return right / confusion.sum(axis=0), right / confusion.sum(axis=1)


def gradient_check(f, x, gradient, epsilon):
    """Hold a gradient against centred differences.

    f takes an array like x and returns one number; gradient has the shape of x.
    Returns the centred differences, of the shape of x, and the relative error, a number.
    """
    numerical = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += epsilon
        below[i] -= epsilon
        numerical[i] = (f(above) - f(below)) / (2 * epsilon)
    size = np.linalg.norm(gradient) + np.linalg.norm(numerical)
    return numerical, np.linalg.norm(gradient - numerical) / size


def mended_backward(dz, x, W):
    """The backward of a dense layer, mended.

    dz is (N, H), x is (N, D), W is (D, H). Returns dx, dW and db, shaped as x, W and b.
    """
    dx = dz @ W.T
    dW = x.T @ dz
    db = dz.sum(axis=0)
    return dx, dW, db


# 5.1: batches


def _use_batches(implementation, X, y, batch_size, order):
    """All rows, which leave a smaller last batch; and the first six, which do not."""

    def listed(result):
        # A generator that yields the batches is as good as a list of them.
        return list(result) if hasattr(result, "__next__") else result

    first = implementation(X[:6], y[:6], batch_size, order[order < 6])
    return listed(implementation(X, y, batch_size, order)), listed(first)


def _parted(rows_from, X, y, batch_size, order):
    """Batches whose rows of X and of y a function chooses, for each start."""
    return [
        (X[rows_from(start)[0]], y[rows_from(start)[1]]) for start in range(0, len(X), batch_size)
    ]


def _batches_in_order(X, y, batch_size, order):
    return _parted(lambda s: (slice(s, s + batch_size),) * 2, X, y, batch_size, order)


def _batches_only_X(X, y, batch_size, order):
    return _parted(
        lambda s: (order[s : s + batch_size], slice(s, s + batch_size)), X, y, batch_size, order
    )


def _batches_only_y(X, y, batch_size, order):
    return _parted(
        lambda s: (slice(s, s + batch_size), order[s : s + batch_size]), X, y, batch_size, order
    )


def _batches_without_last(X, y, batch_size, order):
    return _batches_by_while(X, y, batch_size, order)[: len(X) // batch_size]


def _batches_shuffled_whole(X, y, batch_size, order):
    batches = _batches_in_order(X, y, batch_size, order)
    return [batches[i] for i in order if i < len(batches)]


def _batches_of_neighbours(X, y, batch_size, order):
    starts = order[::batch_size]
    return [(X[s : s + batch_size], y[s : s + batch_size]) for s in starts]


def _batches_all_the_first(X, y, batch_size, order):
    return _parted(lambda s: (order[:batch_size],) * 2, X, y, batch_size, order)


def _batches_wrong_end(X, y, batch_size, order):
    return _parted(lambda s: (order[s:batch_size],) * 2, X, y, batch_size, order)


def _batches_sliding(X, y, batch_size, order):
    rows = [order[start : start + batch_size] for start in range(len(X))]
    return [(X[r], y[r]) for r in rows]


def _batches_one_too_many(X, y, batch_size, order):
    starts = range(0, len(X) // batch_size * batch_size + 1, batch_size)
    rows = [order[start : start + batch_size] for start in starts]
    return [(X[r], y[r]) for r in rows]


def _batches_apart(X, y, batch_size, order):
    batches = _batches_by_while(X, y, batch_size, order)
    return [X_batch for X_batch, _ in batches], [y_batch for _, y_batch in batches]


def _batches_yielded(X, y, batch_size, order):
    X, y = X[order], y[order]
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


def _batches_split(X, y, batch_size, order):
    starts = np.arange(batch_size, len(X), batch_size)
    return list(zip(np.split(X[order], starts), np.split(y[order], starts)))


def _batches_by_while(X, y, batch_size, order):
    batches, start = [], 0
    while start < len(X):
        end = min(start + batch_size, len(X))
        batches.append([X[order[start:end]], y[order[start:end]]])
        start = end
    return batches


# 5.2: an epoch


def _epoch_inputs(rng):
    """A layer that has gone back once, as in the middle of a training; batches of 5, 5 and 2."""
    network = Sequential([Dense(4)], input_shape=3, rng=rng)
    X, y = rng.normal(size=(12, 3)), rng.integers(4, size=12)
    network.backward(softmax_cross_entropy(network.forward(X), y)[1])
    batches = [(X[start : start + 5], y[start : start + 5]) for start in (0, 5, 10)]
    return {
        "network": network,
        "batches": batches,
        "loss_function": softmax_cross_entropy,
        "learning_rate": 0.5,
    }


def _use_epoch(implementation, network, batches, loss_function, learning_rate):
    layer = network.layers[0]
    W, b = layer.W, layer.b  # the arrays that must change
    loss = implementation(network, batches, loss_function, learning_rate)
    return loss, W.copy(), b.copy()


def _epoch(
    network, batches, loss_function, rate, *, backward=True, each=True, mean=None, after=False
):
    """An epoch with some parts left out or moved, for wrong ways to write it."""
    losses, sizes = [], []

    def step():
        for parameter, gradient in zip(network.parameters(), network.gradients()):
            parameter -= rate * gradient

    for X_batch, y_batch in batches:
        loss, gradient = loss_function(network.forward(X_batch, training=True), y_batch)
        if backward:
            network.backward(gradient)
        if each:
            step()
        if after:
            loss, _ = loss_function(network.forward(X_batch), y_batch)
        losses.append(loss)
        sizes.append(len(X_batch))
    if not each:
        step()
    return np.dot(losses, sizes) / sum(sizes) if mean is None else mean(losses, sizes)


def _epoch_old_gradients(network, batches, loss_function, learning_rate):
    losses, sizes = [], []
    for X_batch, y_batch in batches:
        loss, gradient = loss_function(network.forward(X_batch, training=True), y_batch)
        old = [g.copy() for g in network.gradients()]
        network.backward(gradient)
        for parameter, its_gradient in zip(network.parameters(), old):
            parameter -= learning_rate * its_gradient
        losses.append(loss)
        sizes.append(len(X_batch))
    return np.dot(losses, sizes) / sum(sizes)


def _epoch_accumulated(network, batches, loss_function, learning_rate):
    losses, sizes = [], []
    sums = [np.zeros_like(p) for p in network.parameters()]
    for X_batch, y_batch in batches:
        loss, gradient = loss_function(network.forward(X_batch, training=True), y_batch)
        network.backward(gradient)
        for parameter, its_gradient, its_sum in zip(
            network.parameters(), network.gradients(), sums
        ):
            its_sum += its_gradient
            parameter -= learning_rate * its_sum
        losses.append(loss)
        sizes.append(len(X_batch))
    return np.dot(losses, sizes) / sum(sizes)


def _epoch_by_index(network, batches, loss_function, learning_rate):
    losses = []
    for X_batch, y_batch in batches:
        logits = network.forward(X_batch, training=True)
        loss, gradient = loss_function(logits, y_batch)
        network.backward(gradient)
        parameters, gradients = network.parameters(), network.gradients()
        for i in range(len(parameters)):
            parameters[i][...] = parameters[i] - learning_rate * gradients[i]
        losses += [loss] * len(y_batch)
    return sum(losses) / len(losses)


def _epoch_by_layer(network, batches, loss_function, learning_rate):
    N = sum(len(y_batch) for _, y_batch in batches)
    mean = 0.0
    for X_batch, y_batch in batches:
        loss, gradient = loss_function(network.forward(X_batch), y_batch)
        mean += loss * len(X_batch) / N
        network.backward(gradient)
        for layer in network.layers:
            for parameter, its_gradient in zip(layer.parameters, layer.gradients):
                np.subtract(parameter, learning_rate * its_gradient, out=parameter)
    return mean


# 5.3: momentum


def _momentum_inputs(rng):
    shapes = ((2, 3), (3,))
    return {
        "parameters": [rng.normal(size=shape) for shape in shapes],
        "gradients": [rng.normal(size=shape) for shape in shapes],
        "velocities": [rng.normal(size=shape) for shape in shapes],
        "learning_rate": 0.1,
        "momentum": 0.8,
    }


def _use_momentum(implementation, parameters, gradients, velocities, learning_rate, momentum):
    """What the arrays hold after a step."""
    kept = list(parameters)  # the arrays themselves, even if the list's entries are exchanged
    implementation(parameters, gradients, velocities, learning_rate, momentum)
    return [p.copy() for p in kept], [np.array(v) for v in velocities]


def _stepping(change):
    """A step for lists, from one that changes p and v for the gradient g in place."""

    def step(parameters, gradients, velocities, learning_rate, momentum):
        for p, g, v in zip(parameters, gradients, velocities):
            change(p, g, v, learning_rate, momentum)

    return step


@_stepping
def _momentum_uphill(p, g, v, rate, m):
    v[...] = m * v + g
    p += rate * v


@_stepping
def _momentum_velocity_lost(p, g, v, rate, m):
    p -= rate * (m * v + g)


@_stepping
def _momentum_parameter_lost(p, g, v, rate, m):
    v[...] = m * v + g


@_stepping
def _momentum_unused(p, g, v, rate, m):
    v[...] = m * v + g
    p -= rate * g


@_stepping
def _momentum_old_velocity(p, g, v, rate, m):
    p -= rate * v
    v[...] = m * v + g


@_stepping
def _momentum_mean(p, g, v, rate, m):
    v[...] = m * v + (1 - m) * g
    p -= rate * v


@_stepping
def _momentum_on_gradient(p, g, v, rate, m):
    v[...] = v + m * g
    p -= rate * v


@_stepping
def _momentum_undamped(p, g, v, rate, m):
    v += g
    p -= rate * v


@_stepping
def _momentum_rate_inside(p, g, v, rate, m):
    v[...] = m * v - rate * g
    p += v


@_stepping
def _momentum_no_rate(p, g, v, rate, m):
    v[...] = m * v + g
    p -= v


@_stepping
def _momentum_by_assignment(p, g, v, rate, m):
    v[...] = g + m * v
    p[...] = p - v * rate


def _momentum_by_index(parameters, gradients, velocities, learning_rate, momentum):
    for i in range(len(parameters)):
        velocities[i] = momentum * velocities[i] + gradients[i]
        parameters[i] -= learning_rate * velocities[i]


# 5.5: a gradient check


def _bowl(x):
    """Something smooth, in which each number of x matters to the slope of the others."""
    return float(np.log(np.exp(x).sum()))


def _differences(x, one):
    numerical = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = 1
        numerical[i] = one(step)
    return numerical


def _error(gradient, numerical):
    size = np.linalg.norm(gradient) + np.linalg.norm(numerical)
    return np.linalg.norm(gradient - numerical) / size


def _with_error(numerical, gradient):
    return numerical, _error(gradient, numerical)


def _check_one_sided(f, x, gradient, epsilon):
    numerical = _differences(x, lambda step: (f(x + epsilon * step) - f(x)) / epsilon)
    return _with_error(numerical, gradient)


def _check_single_epsilon(f, x, gradient, epsilon):
    return _with_error(2 * _check_by_steps(f, x, gradient, epsilon)[0], gradient)


def _check_precedence(f, x, gradient, epsilon):
    return _with_error(
        _check_by_steps(f, x, gradient, epsilon)[0] * 2 * epsilon / 2 * epsilon, gradient
    )


def _check_undivided(f, x, gradient, epsilon):
    return _with_error(_check_by_steps(f, x, gradient, epsilon)[0] * 2 * epsilon, gradient)


def _check_downwards(f, x, gradient, epsilon):
    return _with_error(-_check_by_steps(f, x, gradient, epsilon)[0], gradient)


def _check_all_at_once(f, x, gradient, epsilon):
    slope = (f(x + epsilon) - f(x - epsilon)) / (2 * epsilon)
    return _with_error(np.full_like(x, slope), gradient)


def _check_not_put_back(f, x, gradient, epsilon):
    x, numerical = x.copy(), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += epsilon
        above = f(x)
        x[i] -= 2 * epsilon
        numerical[i] = (above - f(x)) / (2 * epsilon)
    return _with_error(numerical, gradient)


def _check_put_back_half(f, x, gradient, epsilon):
    numerical = _differences(x, lambda step: (f(x + epsilon * step) - f(x)) / (2 * epsilon))
    return _with_error(numerical, gradient)


def _check_without_copies(f, x, gradient, epsilon):
    return _with_error(np.zeros_like(x), gradient)


def _check_with_error(error):
    def check(f, x, gradient, epsilon):
        numerical = _check_by_steps(f, x, gradient, epsilon)[0]
        return numerical, error(gradient, numerical)

    return check


def _check_in_place(f, x, gradient, epsilon):
    x, numerical = x.astype(float), np.empty(x.shape)
    for i, kept in np.ndenumerate(x.copy()):
        x[i] = kept + epsilon
        above = f(x)
        x[i] = kept - epsilon
        below = f(x)
        x[i] = kept
        numerical[i] = (above - below) / 2 / epsilon
    difference = np.sqrt(((numerical - gradient) ** 2).sum())
    size = np.sqrt((numerical**2).sum()) + np.sqrt((gradient**2).sum())
    return numerical, float(difference / size)


def _check_by_steps(f, x, gradient, epsilon):
    numerical = _differences(
        x, lambda step: (f(x + epsilon * step) - f(x - epsilon * step)) / (2 * epsilon)
    )
    return _with_error(numerical, gradient)


EXERCISES = [
    Exercise(
        "5.1",
        reference=minibatches,
        run=_use_batches,
        inputs=lambda rng: {
            "X": rng.normal(size=(7, 2)),
            "y": rng.permutation(10)[:7],
            "batch_size": 3,
            "order": rng.permutation(7),
        },
        returns=("batches", "batches of 6 rows"),
        hints=[
            "Which rows belong to the first batch? To the second? order[0:3] picks three of the "
            "shuffled row numbers; where does the next slice begin?",
            "range(0, len(X), batch_size) counts where the batches begin. For each start take "
            "rows = order[start : start + batch_size]. A slice that reaches beyond the end just "
            "stops there, so the smaller last batch comes by itself.",
            "For each start append (X[rows], y[rows]) to a list, with the same rows for both.",
        ],
        misconceptions=[
            Misconception(
                "The last, smaller batch is dropped: its samples would never be learned from. "
                "Let the loop run to len(X); a slice that reaches too far stops by itself.",
                _batches_without_last,
            ),
            Misconception(
                "The samples come as they stand: order is not used. Take the rows "
                "order[start : start + batch_size] instead of start : start + batch_size.",
                _batches_in_order,
            ),
            Misconception(
                "X is shuffled and y is not, so each digit gets another's label: take the same "
                "rows of both.",
                _batches_only_X,
            ),
            Misconception(
                "y is shuffled and X is not, so each digit gets another's label: take the same "
                "rows of both.",
                _batches_only_y,
            ),
            Misconception(
                "Only the order of the batches is shuffled: inside each are the same neighbours "
                "every time. Shuffle the rows, before they are parted.",
                _batches_shuffled_whole,
            ),
            Misconception(
                "Only where each batch begins is shuffled; then come neighbours, so some samples "
                "come twice and others never. Take batch_size entries of order as rows.",
                _batches_of_neighbours,
            ),
            Misconception(
                "Every batch is the first one: the slice must move on with start.",
                _batches_all_the_first,
            ),
            Misconception(
                "Only the first batch has samples: a slice goes from start to start + batch_size, "
                "not to batch_size.",
                _batches_wrong_end,
            ),
            Misconception(
                "There are as many batches as samples, and they overlap: the starts are "
                "batch_size apart, range(0, len(X), batch_size).",
                _batches_sliding,
            ),
            Misconception(
                "Where N can be divided by batch_size, there is one batch too many, and it is "
                "empty: its mean loss would be no number.",
                _batches_one_too_many,
            ),
            Misconception(
                "Those are two lists, one of inputs and one of labels: return one list of pairs "
                "(X_batch, y_batch).",
                _batches_apart,
            ),
        ],
        variants=[_batches_yielded, _batches_split, _batches_by_while],
    ),
    Exercise(
        "5.2",
        reference=train_epoch,
        run=_use_epoch,
        inputs=_epoch_inputs,
        returns=("mean loss", "W after it", "b after it"),
        hints=[
            "Four things happen to each batch: forward, loss, backward, step. Write them first, "
            "and think of the number to return afterwards.",
            "The step: for parameter, its_gradient in zip(network.parameters(), "
            "network.gradients()): parameter -= ... With -= the network's own array changes; "
            "parameter = parameter - ... would make another one.",
            "A batch's loss is a mean over its samples. Add up loss * len(X_batch), and at the "
            "end divide by the number of all samples.",
        ],
        misconceptions=[
            Misconception(
                "The network does not change: parameter = parameter - ... makes a new array and "
                "leaves the network's own alone. Use parameter -= ..., which changes it in place.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, 0
                ),
            ),
            Misconception(
                "It walks uphill: a step goes against the gradient, with a minus.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, -learning_rate
                ),
            ),
            Misconception(
                "The weights move right, but the loss is the mean of the batches' means. The last "
                "batch is smaller, and its samples count too much: weigh each loss by "
                "len(X_batch).",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, learning_rate, mean=lambda l, n: np.mean(l)
                ),
            ),
            Misconception(
                "The loss returned is the last batch's alone, not the mean over all samples.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, learning_rate, mean=lambda l, n: l[-1]
                ),
            ),
            Misconception(
                "The loss is a sum over the batches: divide by the number of samples, after "
                "weighing each batch's loss by its size.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, learning_rate, mean=lambda l, n: sum(l)
                ),
            ),
            Misconception(
                "The loss is a sum over all samples: divide it by how many they are.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, learning_rate, mean=lambda l, n: np.dot(l, n)
                ),
            ),
            Misconception(
                "The sum of the batches' mean losses is divided by the number of samples: each "
                "batch's loss must be multiplied by its size first.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network,
                    batches,
                    loss_function,
                    learning_rate,
                    mean=lambda l, n: sum(l) / sum(n),
                ),
            ),
            Misconception(
                "backward is never called, so network.gradients() still holds the gradients of "
                "some step long ago: call network.backward(gradient) before the step.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, learning_rate, backward=False
                ),
            ),
            Misconception(
                "Each step uses the gradients of the batch before: take network.gradients() "
                "after network.backward(gradient).",
                _epoch_old_gradients,
            ),
            Misconception(
                "There is only one step, after all batches: the step stands inside the loop over "
                "the batches.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, learning_rate, each=False
                ),
            ),
            Misconception(
                "The gradients add up from batch to batch: each step takes those of its own "
                "batch only.",
                _epoch_accumulated,
            ),
            Misconception(
                "The learning rate is missing: a step is the learning rate times the gradient.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, 1
                ),
            ),
            Misconception(
                "Each loss is measured after the step. Take the one that the gradient came with, "
                "before the step.",
                lambda network, batches, loss_function, learning_rate: _epoch(
                    network, batches, loss_function, learning_rate, after=True
                ),
            ),
        ],
        variants=[_epoch_by_index, _epoch_by_layer],
        library=(train,),
    ),
    Exercise(
        "5.3",
        reference=momentum_step,
        run=_use_momentum,
        in_place=("parameters", "velocities"),
        inputs=_momentum_inputs,
        returns=("parameters", "velocities"),
        hints=[
            "The function returns nothing. What must the arrays hold when it is done, and which "
            "of Python's assignments change an array instead of making another?",
            "Go through all three lists at once with zip. For each: first the velocity (times "
            "momentum, plus gradient), then the parameter, with the velocity as it is now.",
            "velocity *= momentum; velocity += gradient; parameter -= learning_rate * velocity.",
        ],
        misconceptions=[
            Misconception(
                "Nothing has changed: velocity = ... and parameter = ... make new arrays, which "
                "are lost when the function ends. Change the arrays in place: *=, +=, -=.",
                lambda parameters, gradients, velocities, learning_rate, momentum: [
                    p - learning_rate * (momentum * v + g)
                    for p, g, v in zip(parameters, gradients, velocities)
                ],
            ),
            Misconception(
                "The parameters move, but the velocities are as before, so the next step will "
                "have nothing to carry on: change them in place, with *= and +=.",
                _momentum_velocity_lost,
            ),
            Misconception(
                "The velocities are right, but the parameters have not moved: "
                "parameter = parameter - ... makes a new array. Use parameter -= ...",
                _momentum_parameter_lost,
            ),
            Misconception(
                "It walks uphill: the parameter moves against the velocity, with a minus.",
                _momentum_uphill,
            ),
            Misconception(
                "The velocities are right, but the parameters step by the gradient alone: it is "
                "the velocity that moves them.",
                _momentum_unused,
            ),
            Misconception(
                "The parameters step by the old velocity: renew the velocity first, then step.",
                _momentum_old_velocity,
            ),
            Misconception(
                "The gradient is multiplied by 1 - momentum. Some books do so; the formula above "
                "adds the whole gradient.",
                _momentum_mean,
            ),
            Misconception(
                "momentum multiplies the gradient: it belongs to the old velocity, of which a "
                "part is carried on.",
                _momentum_on_gradient,
            ),
            Misconception(
                "The old velocity is carried on in full, and would never die away: multiply it "
                "by momentum.",
                _momentum_undamped,
            ),
            Misconception(
                "The learning rate (and a minus) went into the velocity. Some books do so; in the "
                "formula above v holds gradients only, and the learning rate comes in the step.",
                _momentum_rate_inside,
            ),
            Misconception(
                "The learning rate is missing: the step is the learning rate times the velocity.",
                _momentum_no_rate,
            ),
        ],
        variants=[_momentum_by_assignment, _momentum_by_index],
    ),
    Exercise(
        "5.4",
        reference=precision_and_recall,
        inputs=lambda rng: {"confusion": rng.permutation(np.arange(1, 10)).reshape(3, 3)},
        returns=("precision", "recall"),
        hints=[
            "Where in the table is the number of 9s that were called a 9? Which row or column "
            "holds all that were called a 9, and which all that are a 9?",
            "np.diag(confusion) holds the right ones of each class. Column j holds all that "
            "the network called j. sum(axis=0) adds up each column, sum(axis=1) each row.",
            "Precision is np.diag(confusion) / confusion.sum(axis=0); recall divides by the "
            "sums of the rows.",
        ],
        misconceptions=[
            Misconception(
                "Precision and recall are swapped. Precision looks at all that were called a 9, "
                "which is a column, and sum(axis=0) adds up each column.",
                lambda confusion: (
                    np.diag(confusion) / confusion.sum(axis=1),
                    np.diag(confusion) / confusion.sum(axis=0),
                ),
            ),
            Misconception(
                "Both are divided by the number of all samples: divide by the sum of each "
                "class's own column, or row.",
                lambda confusion: (
                    np.diag(confusion) / confusion.sum(),
                    np.diag(confusion) / confusion.sum(),
                ),
            ),
            Misconception(
                "Both are recall: for the precision add up the columns, axis=0.",
                lambda confusion: (
                    np.diag(confusion) / confusion.sum(axis=1),
                    np.diag(confusion) / confusion.sum(axis=1),
                ),
            ),
            Misconception(
                "Both are precision: for the recall add up the rows, axis=1.",
                lambda confusion: (
                    np.diag(confusion) / confusion.sum(axis=0),
                    np.diag(confusion) / confusion.sum(axis=0),
                ),
            ),
            Misconception(
                "The right ones are missing from the denominator: all that were called a 9 are "
                "the wrong and the right ones, the whole column.",
                lambda confusion: (
                    np.diag(confusion) / (confusion.sum(axis=0) - np.diag(confusion)),
                    np.diag(confusion) / (confusion.sum(axis=1) - np.diag(confusion)),
                ),
            ),
            Misconception(
                "Those are the shares that are wrong, one minus precision and recall: the right "
                "ones stand on the diagonal.",
                lambda confusion: (
                    1 - np.diag(confusion) / confusion.sum(axis=0),
                    1 - np.diag(confusion) / confusion.sum(axis=1),
                ),
            ),
            Misconception(
                "That is a mean over the classes, one number: keep one for each class.",
                lambda confusion: (
                    (np.diag(confusion) / confusion.sum(axis=0)).mean(),
                    (np.diag(confusion) / confusion.sum(axis=1)).mean(),
                ),
            ),
            Misconception(
                "Every number of the table is divided, not only the right ones: take the "
                "diagonal, np.diag(confusion).",
                lambda confusion: (
                    confusion / confusion.sum(axis=0),
                    confusion / confusion.sum(axis=1),
                ),
            ),
            Misconception(
                "// divides without a remainder, so every share below 1 becomes 0: use /.",
                lambda confusion: (
                    np.diag(confusion) // confusion.sum(axis=0),
                    np.diag(confusion) // confusion.sum(axis=1),
                ),
            ),
        ],
        variants=[
            lambda confusion: (
                np.array([confusion[k, k] / confusion[:, k].sum() for k in range(len(confusion))]),
                np.array([confusion[k, k] / confusion[k].sum() for k in range(len(confusion))]),
            ),
            lambda confusion: (
                np.diagonal(confusion) / sum(confusion),
                np.diagonal(confusion) / sum(confusion.T),
            ),
            lambda confusion: (
                (confusion / confusion.sum(axis=0)).diagonal(),
                (confusion / confusion.sum(axis=1, keepdims=True)).diagonal(),
            ),
        ],
    ),
    Exercise(
        "5.5",
        reference=gradient_check,
        inputs=lambda rng: {
            "f": _bowl,
            "x": rng.normal(size=(2, 3)),
            "gradient": rng.normal(size=(2, 3)),
            "epsilon": 0.1,
        },
        returns=("numerical", "error"),
        hints=[
            "How would you do it for one number of x by hand? Which two values of f do you need, "
            "and what must be as before when you come to the next number?",
            "for i in np.ndindex(x.shape) goes through the places. Make two copies, "
            "above, below = x.copy(), x.copy(); add epsilon to above[i], take it away from "
            "below[i], and fill numerical[i].",
            "numerical[i] = (f(above) - f(below)) / (2 * epsilon). After the loop divide "
            "np.linalg.norm(gradient - numerical) by the sum of the two norms.",
        ],
        misconceptions=[
            Misconception(
                "numerical is twice too large: from x - epsilon to x + epsilon it is two epsilons, "
                "so divide by 2 * epsilon.",
                _check_single_epsilon,
            ),
            Misconception(
                "/ 2 * epsilon divides by 2 and then multiplies by epsilon: put 2 * epsilon in "
                "brackets.",
                _check_precedence,
            ),
            Misconception(
                "The difference of the two losses is not divided by how far the nudges are apart, "
                "2 * epsilon.",
                _check_undivided,
            ),
            Misconception(
                "Those are one-sided differences, from x to x + epsilon. They are far less "
                "exact than centred ones: nudge down as well, and divide by 2 * epsilon.",
                _check_one_sided,
            ),
            Misconception(
                "The nudge goes to one side only, and yet the difference is divided by two "
                "epsilons: use f(below) in place of f(x).",
                _check_put_back_half,
            ),
            Misconception(
                "numerical has the wrong sign: it is the value above minus the value below.",
                _check_downwards,
            ),
            Misconception(
                "All numbers of x are nudged together, which gives one slope for all. Nudge "
                "one number at a time, x[i].",
                _check_all_at_once,
            ),
            Misconception(
                "A nudged number is not put back before the next one is nudged: start from a "
                "fresh copy of x each time.",
                _check_not_put_back,
            ),
            Misconception(
                "numerical is zero: above and below are the same array, so what one gains the "
                "other loses. above = x makes no copy; x.copy() does.",
                _check_without_copies,
            ),
            Misconception(
                "numerical is right. The error is the plain length of the difference: divide it "
                "by the sum of both lengths, so that it does not depend on their size.",
                _check_with_error(lambda g, n: np.linalg.norm(g - n)),
            ),
            Misconception(
                "numerical is right. The error is divided by the length of one gradient only: "
                "divide by the sum of both.",
                _check_with_error(lambda g, n: np.linalg.norm(g - n) / np.linalg.norm(n)),
            ),
            Misconception(
                "numerical is right. The error is divided by the length of one gradient only, "
                "the one to be checked: divide by the sum of both.",
                _check_with_error(lambda g, n: np.linalg.norm(g - n) / np.linalg.norm(g)),
            ),
            Misconception(
                "numerical is right. The error divides by the length of the sum: take the length "
                "of each, then add.",
                _check_with_error(lambda g, n: np.linalg.norm(g - n) / np.linalg.norm(g + n)),
            ),
            Misconception(
                "numerical is right. The error compares the two lengths, and not the directions: "
                "subtract the arrays first, then take the length.",
                _check_with_error(
                    lambda g, n: (
                        abs(np.linalg.norm(g) - np.linalg.norm(n))
                        / (np.linalg.norm(g) + np.linalg.norm(n))
                    )
                ),
            ),
            Misconception(
                "numerical is right. The error is one for each number of x: take lengths with "
                "np.linalg.norm, so that one number is left.",
                _check_with_error(lambda g, n: np.abs(g - n) / (np.abs(g) + np.abs(n))),
            ),
        ],
        variants=[_check_in_place, _check_by_steps],
        library=(gradients_by_numbers.numerical_gradient, gradients_by_numbers.relative_error),
    ),
    Exercise(
        "5.6",
        reference=mended_backward,
        inputs=lambda rng: {
            "dz": rng.normal(size=(5, 3)),
            "x": rng.normal(size=(5, 4)),
            "W": rng.normal(size=(4, 3)),
        },
        returns=("dx", "dW", "db"),
        hints=[
            "Which of the three did your check find right? By what factor are the others off, "
            "in both batches?",
            "The mean over the batch is in dz already: whoever made dz divided by N. What is "
            "left to do over the samples is a sum.",
            "Copy the write-up's lines, and take the two divisions by N out.",
        ],
        misconceptions=[
            Misconception(
                "That is the write-up's mistake as it stands: dW and db are N times too small, "
                "for dz already holds the mean over the batch. No layer divides by N again.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz / len(x), dz.sum(axis=0) / len(x)),
            ),
            Misconception(
                "dW is mended, db is not: it is still divided by N.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz, dz.mean(axis=0)),
            ),
            Misconception(
                "db is mended, dW is not: it is still divided by N.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz / len(x), dz.sum(axis=0)),
            ),
            Misconception(
                "dW and db are N times too large now. Leave the division out; there is nothing "
                "to multiply by.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz * len(x), dz.sum(axis=0) * len(x)),
            ),
            Misconception(
                "dW and db are mended, but now dx is divided by N: it was right before.",
                lambda dz, x, W: (dz @ W.T / len(x), x.T @ dz, dz.sum(axis=0)),
            ),
            Misconception(
                "Now all three are divided by N: dx was right, and the division belongs nowhere.",
                lambda dz, x, W: (
                    dz @ W.T / len(x),
                    x.T @ dz / len(x),
                    dz.sum(axis=0) / len(x),
                ),
            ),
            Misconception(
                "db is not summed over the batch: there is one bias for each unit, so db is (H,).",
                lambda dz, x, W: (dz @ W.T, x.T @ dz, dz),
            ),
            Misconception(
                "db is one number: sum over the samples only, axis=0.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz, dz.sum()),
            ),
            Misconception(
                "db is summed over the units: it is over the samples that it must be, axis=0.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz, dz.sum(axis=1)),
            ),
            Misconception(
                "dW is transposed: it must have the shape of W, (D, H), so it is x.T @ dz.",
                lambda dz, x, W: (dz @ W.T, dz.T @ x, dz.sum(axis=0)),
            ),
        ],
        variants=[
            lambda dz, x, W: (dz.dot(W.T), (dz.T @ x).T, np.ones(len(dz)) @ dz),
            lambda dz, x, W: [
                np.einsum("nh,dh->nd", dz, W),
                np.einsum("nd,nh->dh", x, dz),
                np.sum(dz, axis=0),
            ],
            lambda dz, x, W: (dz @ W.T, sum(np.outer(r, d) for r, d in zip(x, dz)), sum(dz)),
        ],
        forward=lambda x, W: x @ W,
        differences={"dx": "x", "dW": "W"},
        library=(Dense,),
    ),
]
