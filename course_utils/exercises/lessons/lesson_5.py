"""Lesson 5, mini-batches: its exercises."""

# ruff: noqa: B905  (the references show what stands in the notebook: zip without strict)

import numpy as np

from ... import training
from ...layers import Dense, Layer, ReLU
from ...losses import softmax_cross_entropy  # noqa: F401  (a misconception calls it)
from ...network import Sequential
from ..authoring import Exercise, Slip


def minibatches(X, y, batch_size, order):
    """Split the samples into batches.

    X is (N, ...), y is (N,); order holds the numbers 0..N-1, shuffled.
    Returns a list of pairs (X_batch, y_batch) of batch_size samples; the last may be smaller.
    """
    batches = []
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        batches.append((X[rows], y[rows]))
    return batches


def _samples(rng, N=7, batch_size=3, shape=(2,)):
    return {
        "X": rng.normal(size=(N, *shape)),
        "y": rng.permutation(N + 3)[:N],
        "batch_size": batch_size,
        "order": rng.permutation(N),
    }


def _batches_of(implementation, X, y, batch_size, order):
    batches = implementation(X, y, batch_size, order)
    return list(batches) if hasattr(batches, "__next__") else batches  # yield is as good


def _batches_yielded(X, y, batch_size, order):
    X, y = X[order], y[order]
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


def _batches_by_while(X, y, batch_size, order):
    batches, start = [], 0
    while start < len(X):
        end = min(start + batch_size, len(X))
        batches.append([X[order[start:end]], y[order[start:end]]])
        start = end
    return batches


batches = Exercise(
    "5.1",
    minibatches,
    returns="batches",
    inputs=_samples,
    run=_batches_of,
    sizes=[{"N": 6}, {"N": 40}, {"batch_size": 1}, {"batch_size": 9}, {"shape": (3, 4)}],
    hints=[
        "Which rows belong to the first batch? To the second? order[0:3] picks three of the "
        "shuffled row numbers; where does the next slice begin?",
        "range(0, len(X), batch_size) counts where the batches begin. For each start take "
        "rows = order[start : start + batch_size]. A slice that reaches beyond the end just "
        "stops there, so the smaller last batch comes by itself.",
        "For each start append (X[rows], y[rows]) to a list, with the same rows for both.",
    ],
    misconceptions=[
        Slip("The last, smaller batch is dropped: its samples would never be learned from. "
             "Let the loop run to len(X); a slice that reaches too far stops by itself.",
             "len(X), batch_size", "len(X) // batch_size * batch_size, batch_size"),
        Slip("The samples come as they stand: order is not used. Take the rows "
             "order[start : start + batch_size] instead of start : start + batch_size.",
             "order[start : start + batch_size]", "slice(start, start + batch_size)"),
        Slip("X is shuffled and y is not, so each digit gets another's label: take the same "
             "rows of both.", "y[rows]", "y[start : start + batch_size]"),
        Slip("y is shuffled and X is not, so each digit gets another's label: take the same "
             "rows of both.", "X[rows]", "X[start : start + batch_size]"),
        Slip("The samples are shuffled twice. X[order] is shuffled already: of it, and of "
             "y[order], take start : start + batch_size, and leave order out.",
             "batches = []", "batches, X, y = [], X[order], y[order]"),
        Slip("Only the order of the batches is shuffled: inside each are the same neighbours "
             "every time. Shuffle the rows, before they are split.",
             "order[start : start + batch_size]", "slice(start, start + batch_size)",
             "return batches", "return [batches[i] for i in order if i < len(batches)]"),
        Slip("Only where each batch begins is shuffled; then come neighbours, so some samples "
             "come twice and others never. Take batch_size entries of order as rows.",
             "order[start : start + batch_size]", "slice(order[start], order[start] + batch_size)"),
        Slip("Every batch is the first one: the slice must move on with start.",
             "[start : start + batch_size]", "[:batch_size]"),
        Slip("Only the first batch has samples: a slice goes from start to start + batch_size, "
             "not to batch_size.", "start + batch_size", "batch_size"),
        Slip("There are as many batches as samples, and they overlap: the starts are "
             "batch_size apart, range(0, len(X), batch_size).",
             "len(X), batch_size", "len(X)"),
        *(Slip("The 32 is only an example: write batch_size in its place.", *edits)
          for edits in (("len(X), batch_size", "len(X), 32"),
                        ("len(X), batch_size", "len(X), 32", "start + batch_size", "start + 32"))),
        Slip("Where N can be divided by batch_size, there is one batch too many, and it is "
             "empty: its mean loss would be no number.",
             "len(X), batch_size", "len(X) // batch_size * batch_size + 1, batch_size"),
        Slip("All batches are about equally large, as np.array_split makes them. Each has "
             "batch_size samples, and only the last may have fewer.",
             "order[start : start + batch_size]",
             "np.array_split(order, -(-len(X) // batch_size))[start // batch_size]"),
        Slip("Those are two lists, one of inputs and one of labels: return one list of pairs "
             "(X_batch, y_batch).",
             "return batches", "return [b[0] for b in batches], [b[1] for b in batches]"),
    ],
    variants=[_batches_yielded, _batches_by_while],
)  # fmt: skip


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


class _HalvesInTraining(Layer):
    """Shows whether forward was told that this is training, without chance as in Dropout."""

    def forward(self, x, training=False):
        self.factor = 0.5 if training else 1
        return self.factor * x

    def backward(self, gradient):
        return self.factor * gradient


def squared_error(logits, labels):
    """Another loss than softmax_cross_entropy that takes the same arguments."""
    difference = logits - np.eye(logits.shape[1])[labels]
    return np.sum(difference**2) / len(labels), 2 * difference / len(labels)


def _epoch(rng, N=8, D=3, H=6, K=4):
    """A network that has gone back once, as in the middle of a training; batches of 5 samples."""
    layers = [Dense(H), ReLU(), _HalvesInTraining(), Dense(K)]
    network = Sequential(layers, input_shape=D, rng=rng)
    X, y = rng.normal(size=(N, D)), rng.integers(K, size=N)
    network.backward(squared_error(network.forward(X), y)[1])
    return {
        "network": network,
        "batches": [(X[start : start + 5], y[start : start + 5]) for start in range(0, N, 5)],
        "loss_function": squared_error,
        "learning_rate": 0.2,
    }


def _after_epoch(implementation, network, batches, loss_function, learning_rate):
    own = network.parameters()  # the arrays that must change
    loss = implementation(network, batches, loss_function, learning_rate)
    return loss, [parameter.copy() for parameter in own]


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
    mean, N = 0.0, sum(len(y_batch) for _, y_batch in batches)
    for X_batch, y_batch in batches:
        loss, gradient = loss_function(network.forward(X_batch, True), y_batch)
        mean += loss * len(X_batch) / N
        network.backward(gradient)
        for layer in network.layers:
            for parameter, its_gradient in zip(layer.parameters, layer.gradients):
                np.subtract(parameter, learning_rate * its_gradient, out=parameter)
    return mean


epoch = Exercise(
    "5.2",
    train_epoch,
    returns=("mean loss", "network.parameters()"),
    inputs=_epoch,
    run=_after_epoch,
    in_place=("network",),
    sizes=[{"N": 12}, {"N": 1}],
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
        Slip("The network has not changed. Is there a step after each batch, and is it made in "
             "place? parameter -= ... changes the network's own array; parameter = parameter - "
             "... makes a new one, of which the network knows nothing.",
             "parameter -=", "parameter = parameter -"),
        Slip("It walks uphill: a step goes against the gradient, with a minus.", "-=", "+="),
        Slip("The steps are right, but the loss is the mean of the batches' means. The last "
             "batch is smaller, and its samples count too much: weigh each loss by len(X_batch).",
             "loss * len(X_batch)", "loss", "N += len(X_batch)", "N += 1"),
        Slip("The steps are right, but the sum of all losses is divided by the number of batches: "
             "divide by the number of samples.", "N += len(X_batch)", "N += 1"),
        Slip("The loss returned is the last batch's alone, not the mean over all samples.",
             "total / N", "loss"),
        Slip("The loss is a sum over the batches: divide by the number of samples, after "
             "weighing each batch's loss by its size.",
             "loss * len(X_batch)", "loss", "total / N", "total"),
        Slip("The loss is a sum over all samples: divide it by how many they are.",
             "total / N", "total"),
        Slip("The sum of the batches' mean losses is divided by the number of samples: each "
             "batch's loss must be multiplied by its size first.", "loss * len(X_batch)", "loss"),
        Slip("The loss function is another than the one that is passed. Call loss_function, "
             "whatever it is: softmax_cross_entropy is only one example.",
             "loss_function(", "softmax_cross_entropy("),
        Slip("forward must know that this is training, for some layers then act otherwise: "
             "network.forward(X_batch, training=True).", ", training=True", ""),
        Slip("backward is never called, so network.gradients() still holds the gradients of "
             "some step long ago: call network.backward(gradient) before the step.",
             "network.backward(gradient)", "pass"),
        Slip("Each step uses the gradients of the batch before: take network.gradients() "
             "after network.backward(gradient).",
             "        network.backward(gradient)\n", "",
             "        total +=", "        network.backward(gradient)\n        total +="),
        Slip("There is only one step, after all batches: the step stands inside the loop over "
             "the batches.",
             "network.gradients())", "network.gradients() if X_batch is batches[-1][0] else [])"),
        Slip("The gradients add up from batch to batch: each step takes those of its own "
             "batch only.",
             "network.gradients())", "sums)",
             "total, N = 0, 0", "total, N, sums = 0, 0, [0 * p for p in network.parameters()]",
             "network.backward(gradient)", "network.backward(gradient)\n"
             "        sums = [s + g for s, g in zip(sums, network.gradients())]"),
        Slip("The learning rate is missing: a step is the learning rate times the gradient.",
             "learning_rate * ", ""),
        Slip("The steps are too short: the gradient was divided by the number of samples in the "
             "loss already, so it is not divided again.",
             "* its_gradient", "* its_gradient / len(X_batch)"),
        *(Slip("Each loss is measured after the step. Take the one that the gradient came with, "
               "before the step.", "        total +=",
               f"        loss, _ = loss_function(network.forward({again}), y_batch)\n"
               "        total +=")
          for again in ("X_batch", "X_batch, training=True")),
    ],
    variants=[_epoch_by_index, _epoch_by_layer],
    library=(training.train,),
)  # fmt: skip


def momentum_step(parameters, gradients, velocities, learning_rate, momentum):
    """One step of gradient descent with momentum, in place.

    parameters, gradients and velocities are lists of arrays, in the same order.
    Changes the arrays in parameters and velocities, and returns nothing.
    """
    for parameter, gradient, velocity in zip(parameters, gradients, velocities):
        velocity *= momentum
        velocity += gradient
        parameter -= learning_rate * velocity


def _moving(rng, L=2):
    """Lists of L arrays each."""
    shapes = [(2, 3), (3,), (3, 4), (4,), (2, 3, 2)][:L]
    return {
        "parameters": [rng.normal(size=shape) for shape in shapes],
        "gradients": [rng.normal(size=shape) for shape in shapes],
        "velocities": [rng.normal(size=shape) for shape in shapes],
        "learning_rate": 0.1,
        "momentum": 0.8,
    }


def _after_step(implementation, parameters, gradients, velocities, learning_rate, momentum):
    """What the arrays hold, whatever the lists then hold in their place."""
    own = list(parameters), list(velocities)
    implementation(parameters, gradients, velocities, learning_rate, momentum)
    return own


def _momentum_by_assignment(parameters, gradients, velocities, learning_rate, momentum):
    for p, g, v in zip(parameters, gradients, velocities):
        v[...] = g + momentum * v
        p[...] = p - v * learning_rate


def _momentum_by_index(parameters, gradients, velocities, learning_rate, momentum):
    for i in range(len(parameters)):
        velocities[i] *= momentum
        velocities[i] += gradients[i]
        parameters[i] -= learning_rate * velocities[i]


carry_on = Exercise(
    "5.3",
    momentum_step,
    returns=("parameters", "velocities"),
    inputs=_moving,
    run=_after_step,
    in_place=("parameters", "velocities"),
    sizes=[{"L": 1}, {"L": 5}],
    hints=[
        "The function returns nothing. What must the arrays hold when it is done, and which "
        "of Python's assignments change an array instead of making another?",
        "Go through all three lists at once with zip. For each: first the velocity (times "
        "momentum, plus gradient), then the parameter, with the velocity as it is now.",
        "velocity *= momentum; velocity += gradient; parameter -= learning_rate * velocity.",
    ],
    misconceptions=[
        Slip("Nothing has changed: velocity = ... and parameter = ... make new arrays, which "
             "are lost when the function ends. Change the arrays in place: *=, +=, -=.",
             "velocity *=", "velocity = velocity *", "parameter -=", "parameter = parameter -"),
        Slip("The parameters move, but the arrays in velocities are as before, so the next step "
             "has nothing to carry on. = makes a new array: change them in place, with *= and +=.",
             "velocity *=", "velocity = velocity *"),
        Slip("The arrays in velocities are multiplied by momentum, but the gradient does not "
             "reach them: velocity = velocity + ... makes a new array. Use velocity += ...",
             "velocity +=", "velocity = velocity +"),
        Slip("The velocities are right, but the parameters have not moved: "
             "parameter = parameter - ... makes a new array. Use parameter -= ...",
             "parameter -=", "parameter = parameter -"),
        Slip("It walks uphill: the parameter moves against the velocity, with a minus.",
             "-=", "+="),
        Slip("The velocities are right, but the parameters step by the gradient alone: it is "
             "the velocity that moves them.", "* velocity", "* gradient"),
        Slip("The parameters step by the old velocity: renew the velocity first, then step.",
             "\n        parameter -= learning_rate * velocity", "",
             "velocity *=", "parameter -= learning_rate * velocity\n        velocity *="),
        Slip("The gradient is multiplied by 1 - momentum. Some books do so; the formula above "
             "adds the whole gradient.", "+= gradient", "+= (1 - momentum) * gradient"),
        Slip("momentum multiplies the gradient: it belongs to the old velocity, of which a "
             "part is carried on.",
             "velocity *= momentum", "pass", "+= gradient", "+= momentum * gradient"),
        Slip("momentum multiplies the gradient too: only the old velocity is multiplied by it. "
             "Multiply first, then add the gradient.", "+= gradient", "+= momentum * gradient"),
        Slip("The old velocity is carried on in full, and would never die away: multiply it "
             "by momentum.", "velocity *= momentum", "pass"),
        *(Slip("The learning rate went into the velocity. Some books do so; in the formula above "
               "v holds gradients only, and the learning rate comes in the step.",
               *edits, "+= gradient", f"{sign}= learning_rate * gradient")
          for sign, edits in (("-", ("-= learning_rate * velocity", "+= velocity")),
                              ("+", ("learning_rate * velocity", "velocity")), ("+", ()))),
        Slip("The learning rate is missing: the step is the learning rate times the velocity.",
             "learning_rate * ", ""),
    ],
    variants=[_momentum_by_assignment, _momentum_by_index],
    errors={
        "can't multiply sequence": "A list of arrays does no arithmetic: go through the lists with "
        "zip, and change one array at a time.",
    },
)  # fmt: skip


def precision_and_recall(confusion):
    """Precision and recall of each class.

    confusion is (K, K): row = what it is, column = what the network says. No row and no
    column is empty. Returns precision and recall, each (K,).
    """
    right = np.diag(confusion)
    return right / confusion.sum(axis=0), right / confusion.sum(axis=1)


def _confusion(rng, K=3):
    return {"confusion": rng.permutation(np.arange(1, K * K + 1)).reshape(K, K)}


shares = Exercise(
    "5.4",
    precision_and_recall,
    returns=("precision", "recall"),
    inputs=_confusion,
    sizes=[{"K": 2}, {"K": 10}],
    hints=[
        "Where in the table is the number of 9s that were called a 9? Which row or column "
        "holds all that were called a 9, and which all that are a 9?",
        "np.diag(confusion) holds the right ones of each class. Column j holds all that "
        "the network called j. sum(axis=0) adds up each column, sum(axis=1) each row.",
        "Precision is np.diag(confusion) / confusion.sum(axis=0); recall divides by the "
        "sums of the rows.",
    ],
    misconceptions=[
        Slip("Precision and recall are swapped. Precision looks at all that were called a 9, "
             "which is a column, and sum(axis=0) adds up each column. It is returned first.",
             "axis=0), right / confusion.sum(axis=1)", "axis=1), right / confusion.sum(axis=0)"),
        Slip("Both are divided by the number of all samples: divide by the sum of each "
             "class's own column, or row.", "axis=0", "", "axis=1", ""),
        Slip("Both are recall: for the precision add up the columns, axis=0.", "axis=0", "axis=1"),
        Slip("Both are precision: for the recall add up the rows, axis=1.", "axis=1", "axis=0"),
        Slip("The right ones are missing from the denominator: all that were called a 9 are "
             "the wrong and the right ones, the whole column.",
             "confusion.sum(axis=0)", "(confusion.sum(axis=0) - right)",
             "confusion.sum(axis=1)", "(confusion.sum(axis=1) - right)"),
        Slip("Those are the shares that are wrong, one minus precision and recall: the right "
             "ones stand on the diagonal.", "return right", "return 1 - right",
             ", right", ", 1 - right"),
        Slip("That is a mean over the classes, one number: keep one for each class.",
             "right / confusion.sum(axis=0)", "(right / confusion.sum(axis=0)).mean()",
             "right / confusion.sum(axis=1)", "(right / confusion.sum(axis=1)).mean()"),
        Slip("Every number of the table is divided, not only the right ones: take the "
             "diagonal, np.diag(confusion).", "np.diag(confusion)", "confusion"),
        Slip("The fractions are cut off, so every share below 1 becomes 0. // does so, and so "
             "does an array of whole numbers, such as np.zeros_like(confusion[0]), when it is "
             "filled: use /, and an array of floats.",
             "return right /", "return right //", ", right /", ", right //"),
        Slip("For the precision, confusion[:k] is all the rows before k. Column k is "
             "confusion[:, k], with a comma.",
             "confusion.sum(axis=0)", "[confusion[:k].sum() for k in range(len(right))]"),
    ],
    variants=[
        lambda confusion: (
            np.array([confusion[k, k] / confusion[:, k].sum() for k in range(len(confusion))]),
            np.array([confusion[k, k] / confusion[k].sum() for k in range(len(confusion))]),
        ),
        lambda confusion: np.diagonal(confusion) / np.array([sum(confusion), sum(confusion.T)]),
        lambda confusion: (
            (confusion / confusion.sum(axis=0)).diagonal(),
            (confusion / confusion.sum(axis=1, keepdims=True)).diagonal(),
        ),
    ],
)  # fmt: skip


def train_with_early_stopping(network, train_one_epoch, validation_loss, patience):
    """Train until the validation loss has found no new low for `patience` epochs in a row.

    train_one_epoch(network) trains for one epoch; validation_loss(network) returns one number.
    Puts the parameters of the best epoch back, in place.
    Returns the validation losses, one for each epoch, as a list.
    """
    losses, lowest, waited = [], np.inf, 0
    while waited < patience:
        train_one_epoch(network)
        loss = validation_loss(network)
        losses.append(loss)
        waited += 1
        if loss < lowest:
            lowest, waited = loss, 0
            best = [parameter.copy() for parameter in network.parameters()]
    for parameter, its_best in zip(network.parameters(), best):
        parameter[...] = its_best
    return losses


# It rises twice before the lowest; after it, it rises and falls; and much later comes a lower one.
COURSE = (2.0, 1.5, 1.6, 1.7, 1.2, 1.3, 1.25, 1.4, 1.35, 1.45, 1.42, 1.5, 0.9, 0.8)


def _one_more_epoch(network):
    network.epoch += 1
    for parameter in network.parameters():
        parameter += 1.0


def _loss_of_epoch(network):
    return network.course[network.epoch] if network.epoch < len(network.course) else 9.0


def _to_stop(rng, patience=3, H=2, course="usual"):
    network = Sequential([Dense(H), ReLU(), Dense(4)], input_shape=3, rng=rng)
    network.epoch = 0
    network.course = {  # the first is the loss before any training
        "usual": [2.3, *(loss + rng.uniform(0, 0.01) for loss in COURSE)],
        "equal": [2.3, 2.0, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5],
        "worse": [1.0, 300.0, 200.0, 250.0, 260.0, 240.0, 230.0],
    }[course]
    return {
        "network": network,
        "train_one_epoch": _one_more_epoch,
        "validation_loss": _loss_of_epoch,
        "patience": patience,
    }


def _after_stopping(implementation, network, train_one_epoch, validation_loss, patience):
    own = network.parameters()
    losses = implementation(network, train_one_epoch, validation_loss, patience)
    return losses, [parameter.copy() for parameter in own]


def _stopping_by_break(network, train_one_epoch, validation_loss, patience):
    losses, kept, best = [], None, 0
    for epoch in range(10_000):
        train_one_epoch(network)
        losses.append(validation_loss(network))
        if losses[-1] < min(losses[:-1], default=np.inf):
            best, kept = epoch, [np.array(p) for p in network.parameters()]
        elif epoch - best >= patience:
            break
    for i, parameter in enumerate(network.parameters()):
        np.copyto(parameter, kept[i])
    return losses


def _stopping_by_history(network, train_one_epoch, validation_loss, patience):
    losses, snapshots = [], []
    while len(losses) <= patience or np.argmin(losses) >= len(losses) - patience:
        train_one_epoch(network)
        losses += [validation_loss(network)]
        snapshots += [[p.copy() for p in network.parameters()]]
    best = snapshots[int(np.argmin(losses))]
    for p, b in zip(network.parameters(), best):
        p -= p - b
    return losses


COPIES = "[parameter.copy() for parameter in network.parameters()]"

stopping = Exercise(
    "5.7",
    train_with_early_stopping,
    returns=("losses", "network.parameters()"),
    inputs=_to_stop,
    run=_after_stopping,
    in_place=("network",),
    sizes=[{"patience": 1}, {"patience": 2}, {"course": "equal"}, {"course": "worse"}],
    hints=[
        "What must be remembered from epoch to epoch? The losses so far, the lowest of them, the "
        "parameters that went with it, and for how many epochs nothing lower has come.",
        "while waited < patience: train, measure, append; waited += 1. If the loss is lower than "
        "all before, keep it, keep a copy of each parameter, and wait from 0 again.",
        "best = [parameter.copy() for parameter in network.parameters()]; and after the loop "
        "parameter[...] = its_best for each pair of zip(network.parameters(), best).",
    ],
    misconceptions=[
        Slip("The losses are right, and the network has its last parameters, not its best. Are the "
             "best ones kept as copies, parameter.copy()? The list network.parameters() holds the "
             "network's own arrays, which change as the training goes on. And are they put back "
             "in place? parameter[...] = its_best fills the network's own array; parameter = "
             "its_best only gives a name to another.", COPIES, "network.parameters()"),
        Slip("It ends after `patience` epochs, whatever the losses do: where the loss finds a new "
             "low, the waiting begins again at 0.",
             "lowest, waited = loss, 0", "lowest = loss"),
        Slip("Each loss is compared with the one before. After a rise, a small fall is no new low: "
             "compare with the lowest so far.",
             "loss < lowest", "loss < min(losses[-2:-1], default=np.inf)"),
        Slip("A loss that only equals the lowest is no new low: it must be below it.",
             "loss < lowest", "loss <= lowest"),
        Slip("The loss before any training counts as a low. Begin with np.inf: the first epoch is "
             "the first that can be kept.", "[], np.inf, 0",
             "[], validation_loss(network), 0\n"
             "    best = [parameter.copy() for parameter in network.parameters()]"),
        Slip("One epoch too many: stop as soon as `patience` epochs have brought no new low.",
             "waited < patience", "waited <= patience"),
        Slip("It stops at the first rise. A loss that rises once may fall again: wait for "
             "`patience` epochs.", "waited < patience", "waited < 1"),
        Slip("It stops after 3 epochs without a new low, whatever patience is: use the argument.",
             "waited < patience", "waited < 3"),
        Slip("It counts all epochs that brought no new low, from the first one on. The waiting "
             "begins again at 0 with each new low: only epochs in a row count.",
             "waited += 1", "waited += loss >= lowest",
             "lowest, waited = loss, 0", "lowest = loss"),
        Slip("Each loss is measured before its epoch is trained: train first, then measure.",
             "        train_one_epoch(network)\n", "",
             "losses.append(loss)", "losses.append(loss)\n        train_one_epoch(network)"),
        Slip("That is one number, the lowest loss: return the list of all losses.",
             "return losses", "return lowest"),
        Slip("The network is right, and the list of losses ends with the best epoch. Return all "
             "that were measured, those of the waiting too.",
             "return losses", "return losses[: losses.index(lowest) + 1]"),
        Slip("Only the losses that were new lows are in the list: append every one.",
             "        losses.append(loss)\n", "",
             "lowest, waited = loss, 0",
             "losses.append(loss)\n            lowest, waited = loss, 0"),
        Slip("The losses are right, and the network has the parameters of its first epoch: keep "
             "new copies whenever the loss finds a new low.",
             COPIES, f"best if len(losses) > 1 else {COPIES}"),
    ],
    variants=[_stopping_by_break, _stopping_by_history],
)  # fmt: skip


def overfit_one_batch(network, X, y, size, epochs, train_one_epoch):
    """Train on the first `size` samples alone, all in one batch, again and again.

    train_one_epoch(network, batches) trains on a list of pairs (X_batch, y_batch) and returns
    the mean loss, as in exercise 5.2.
    Returns the losses, one for each epoch, and the accuracy on these samples at the end.
    """
    X_batch, y_batch = X[:size], y[:size]
    losses = []
    for _ in range(epochs):
        losses.append(train_one_epoch(network, [(X_batch, y_batch)]))
    right = network.predict_classes(X_batch) == y_batch
    return losses, right.mean()


def _steps(network, batches):
    """One epoch, written so that the loss tells which samples came, and in how many batches."""
    total = 0.0
    for X_batch, y_batch in batches:
        loss, gradient = squared_error(network.forward(X_batch, training=True), y_batch)
        network.backward(gradient)
        for parameter, its_gradient in zip(network.parameters(), network.gradients()):
            parameter -= 0.05 * its_gradient
        total += loss * len(X_batch)
    return total / sum(len(y_batch) for _, y_batch in batches)


def _small_batch(rng, N=9, size=4, epochs=5, D=3, K=3):
    return {
        "network": Sequential([Dense(6), ReLU(), Dense(K)], input_shape=D, rng=rng),
        "X": rng.normal(size=(N, D)),
        "y": rng.integers(K, size=N),
        "size": size,
        "epochs": epochs,
        "train_one_epoch": _steps,
    }


def _overfit_by_comprehension(network, X, y, size, epochs, train_one_epoch):
    batch = (X[:size], y[:size])
    losses = [train_one_epoch(network, [batch]) for _ in range(epochs)]
    logits = network.predict(batch[0])
    return losses, np.sum(logits.argmax(axis=1) == batch[1]) / len(batch[1])


def _overfit_by_rows(network, X, y, size, epochs, train_one_epoch):
    rows, losses = np.arange(size), []
    while len(losses) < epochs:
        losses += [train_one_epoch(network, [(X[rows], y[rows])])]
    right = 0
    for answer, label in zip(network.predict_classes(X[rows]), y[rows]):
        right += int(answer == label)
    return np.array(losses), right / size


SAME = "        losses.append(train_one_epoch(network, [(X_batch, y_batch)]))\n"

overfit = Exercise(
    "5.8",
    overfit_one_batch,
    returns=("losses", "accuracy"),
    inputs=_small_batch,
    in_place=("network",),
    sizes=[{"size": 1}, {"epochs": 1}, {"size": 9}],
    hints=[
        "Which samples does the network ever see here? Take them out of X and y first; everything "
        "after that is about them only.",
        "train_one_epoch wants a list of batches. There is one batch, so the list has one pair: "
        "[(X_batch, y_batch)]. Call it `epochs` times and keep what it returns.",
        "The accuracy is the mean of network.predict_classes(X_batch) == y_batch, after the "
        "training.",
    ],
    misconceptions=[
        Slip("It trains on all samples. The test needs a few that are easily learned by heart: "
             "X[:size] and y[:size].", "X[:size], y[:size]", "X, y"),
        Slip("It trains on all samples, in batches of `size`. The test needs one batch, always the "
             "same: the first `size` samples.",
             "[(X_batch, y_batch)]",
             "[(X[i : i + size], y[i : i + size]) for i in range(0, len(X), size)]"),
        Slip("The losses are right. The accuracy is that on all of X: measure it on the samples "
             "that the network has learned from.",
             "predict_classes(X_batch) == y_batch", "predict_classes(X) == y"),
        Slip("The losses are right. The accuracy is a count: divide by the number of samples, or "
             "take the mean.", "right.mean()", "right.sum()"),
        Slip("The losses are right. The accuracy is the share of wrong answers: == compares for "
             "equality.", "predict_classes(X_batch) == y_batch",
             "predict_classes(X_batch) != y_batch"),
        Slip("The accuracy is that of the network before its training: measure it after the loop.",
             "    right = network.predict_classes(X_batch) == y_batch\n", "",
             "    losses = []\n",
             "    right = network.predict_classes(X_batch) == y_batch\n    losses = []\n"),
        Slip("Only the last loss is returned: keep that of every epoch, in a list.",
             "return losses", "return losses[-1]"),
        Slip("The samples come one at a time, each a batch of its own. Put all of them into one "
             "batch: [(X_batch, y_batch)] is a list with one pair.",
             "[(X_batch, y_batch)]",
             "[(X_batch[i : i + 1], y_batch[i : i + 1]) for i in range(size)]"),
        Slip("There is one epoch only: train `epochs` times, always on the same batch.",
             "range(epochs)", "range(1)"),
        Slip("Each epoch has its batch twice: the list has one pair.",
             "[(X_batch, y_batch)]", "[(X_batch, y_batch)] * 2"),
        Slip("Those are the last samples: the first `size` are X[:size].",
             "X[:size], y[:size]", "X[-size:], y[-size:]"),
    ],
    variants=[_overfit_by_comprehension, _overfit_by_rows],
    errors=dict.fromkeys(
        ["values to unpack", "not iterable", "has no len"],
        "train_one_epoch wants a list of pairs, and here the list has one: [(X_batch, y_batch)].",
    ),
)  # fmt: skip


EXERCISES = [batches, epoch, carry_on, shares, stopping, overfit]
