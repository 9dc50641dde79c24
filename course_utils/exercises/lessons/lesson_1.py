"""Lesson 1, one logistic unit: its exercises."""

import numpy as np

from ... import activations, losses
from ..authoring import Exercise, Misconception


def predict(x, w, b):
    return w * x + b


def squared_error(prediction, y):
    """How wrong the predictions of a line are: the mean of the squared errors.

    prediction and y are (N,). Returns one number.
    """
    return np.mean((prediction - y) ** 2)


def squared_error_gradient(x, y, w, b):
    """The slopes of a line's loss.

    x and y are (N,), w and b are numbers. Returns dw and db, two numbers.
    """
    error = predict(x, w, b) - y
    return 2 * np.mean(error * x), 2 * np.mean(error)


def sigmoid(z):
    """The sigmoid of each number in z.

    z is an array of any shape. Returns an array of the same shape.
    """
    return 1 / (1 + np.exp(-z))


def unit(X, w, b):
    z = X @ w + b
    return sigmoid(z)


def cross_entropy(a, y):
    """How wrong the probabilities of a unit are: the binary cross-entropy.

    a, the probability of class 1, and y, which is 0 or 1, are (N,). Returns one number.
    """
    return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))


def gradient(X, y, w, b):
    """The slopes of a logistic unit's loss.

    X is (N, D), y is (N,), w is (D,), b is a number. Returns dw, (D,), and db, a number.
    """
    dz = (unit(X, w, b) - y) / len(y)
    return X.T @ dz, dz.sum()


def fit_unit(X, y, learning_rate, steps):
    """Gradient descent for a logistic unit that starts with weights and bias zero.

    X is (N, D), y is (N,). Returns w, (D,); b, a number; and path, (steps + 1, D):
    the weights at the start and after each step.
    """
    w, b = np.zeros(X.shape[1]), 0.0
    path = [w.copy()]
    for _ in range(steps):
        dw, db = gradient(X, y, w, b)
        w -= learning_rate * dw
        b -= learning_rate * db
        path.append(w.copy())
    return w, b, np.array(path)


def _squared_error_by_loop(prediction, y):
    total = 0
    for p, t in zip(prediction, y, strict=True):
        total += (p - t) * (p - t)
    return total / len(y)


def _surprise(a, y):
    return -np.log(np.where(y == 1, a, 1 - a)).sum() / len(y)


def _gradient_by_loop(X, y, w, b):
    dw, db = np.zeros(X.shape[1]), 0.0
    a = unit(X, w, b)
    for i in range(len(X)):
        dw += (a[i] - y[i]) * X[i]
        db += a[i] - y[i]
    return dw / len(X), db / len(X)


def _column_against_row(X, y, w, b):
    dz = (unit(X, w, b)[:, None] - y) / len(y)
    return X.T @ dz, dz.sum()


def _times_slope(X, y, w, b):
    a = unit(X, w, b)
    dz = (a - y) * a * (1 - a) / len(y)
    return X.T @ dz, dz.sum()


def _descend(X, y, steps, move, copy=True):
    """Gradient descent with a step of its own, for wrong and for right ways to go."""
    w, b = np.zeros(X.shape[1]), 0.0
    path = [w.copy()]
    for _ in range(steps):
        w, b = move(w, b)
        path.append(w.copy() if copy else w)
    return w, b, np.array(path)


def _fit_new_arrays(X, y, learning_rate, steps):
    w, b, path = np.zeros(X.shape[1]), 0, np.zeros((steps + 1, X.shape[1]))
    for step in range(1, steps + 1):
        dw, db = gradient(X, y, w, b)
        w, b = w - learning_rate * dw, b - learning_rate * db
        path[step] = w
    return w, b, path


def _fit_uncopied(X, y, learning_rate, steps):
    w, b, _ = _fit_new_arrays(X, y, learning_rate, steps)
    return w, b, np.tile(w, (steps + 1, 1))


def _fit_uphill(X, y, learning_rate, steps):
    return _fit_new_arrays(X, y, -learning_rate, steps)


def _fit_without_bias(X, y, learning_rate, steps):
    def move(w, b):
        return w - learning_rate * gradient(X, y, w, b)[0], b

    return _descend(X, y, steps, move)


def _fit_one_gradient(X, y, learning_rate, steps):
    dw, db = gradient(X, y, np.zeros(X.shape[1]), 0.0)

    def move(w, b):
        return w - learning_rate * dw, b - learning_rate * db

    return _descend(X, y, steps, move)


def _fit_one_after_the_other(X, y, learning_rate, steps):
    def move(w, b):
        w = w - learning_rate * gradient(X, y, w, b)[0]
        return w, b - learning_rate * gradient(X, y, w, b)[1]

    return _descend(X, y, steps, move)


def _fit_without_start(X, y, learning_rate, steps):
    w, b, path = _fit_new_arrays(X, y, learning_rate, steps)
    return w, b, path[1:]


def _fit_without_end(X, y, learning_rate, steps):
    w, b, path = _fit_new_arrays(X, y, learning_rate, steps)
    return w, b, path[:-1]


def _a_line(rng):
    return {"x": rng.normal(2, 1, size=4), "y": rng.normal(1, 2, size=4), "w": 1.5, "b": -0.5}


def _probabilities(rng):
    return {"a": rng.uniform(0.1, 0.9, size=5), "y": rng.permutation([0, 1, 1, 0, 1])}


def _samples(rng):
    return {"X": rng.normal(1, 1, size=(5, 2)), "y": rng.permutation([0, 1, 1, 0, 1])}


EXERCISES = [
    Exercise(
        "1.1",
        reference=squared_error,
        inputs=lambda rng: {"prediction": rng.normal(size=4), "y": rng.normal(1, 2, size=4)},
        returns=("loss",),
        hints=[
            "Which three things happen to the errors, in which order, in the formula above?",
            "NumPy subtracts arrays number by number, ** 2 squares each number, and np.mean "
            "turns many numbers into one.",
            "Take prediction - y, square it, and then take np.mean of that.",
        ],
        misconceptions=[
            Misconception(
                "That is the sum of the squared errors, N times the mean: look at the 1/N in "
                "front of the sum.",
                lambda prediction, y: np.sum((prediction - y) ** 2),
            ),
            Misconception(
                "That is the square of the mean error. Errors of both signs cancel before they "
                "are squared: square each error first, then take the mean.",
                lambda prediction, y: np.mean(prediction - y) ** 2,
            ),
            Misconception(
                "That is the mean error, not squared. Positive and negative errors cancel in it.",
                lambda prediction, y: np.mean(prediction - y),
            ),
            Misconception(
                "That is the mean of the sizes of the errors. The squared error squares them: "
                "use ** 2 in place of np.abs.",
                lambda prediction, y: np.mean(np.abs(prediction - y)),
            ),
            Misconception(
                "That is the square root of the mean of the squared errors. Here the loss is the "
                "mean itself: leave out the root.",
                lambda prediction, y: np.sqrt(np.mean((prediction - y) ** 2)),
            ),
            Misconception(
                "That is one half of the loss. Some books put a 1/2 before it; the formula "
                "above does not.",
                lambda prediction, y: np.mean((prediction - y) ** 2) / 2,
            ),
            Misconception(
                "Those are the squared errors, one for each sample. The loss is one number: "
                "their mean.",
                lambda prediction, y: (prediction - y) ** 2,
            ),
        ],
        variants=[
            _squared_error_by_loop,
            lambda prediction, y: ((y - prediction) ** 2).sum() / len(y),
            lambda prediction, y: np.square(prediction - y).mean(),
            lambda prediction, y: (prediction - y) @ (prediction - y) / y.size,
        ],
        library=(losses.mean_squared_error,),
    ),
    Exercise(
        "1.2",
        reference=squared_error_gradient,
        inputs=_a_line,
        returns=("dw", "db"),
        hints=[
            "Both formulas hold the same thing in brackets. How would you get it, for all samples "
            "at once?",
            "error = predict(x, w, b) - y is (N,). db is twice its mean. What must each error be "
            "multiplied by before the mean is taken for dw?",
            "dw is 2 * np.mean(error * x), and db is the same without x.",
        ],
        misconceptions=[
            Misconception(
                "dw and db are N times too large: the sum was taken where the formula takes "
                "the mean, with 1/N.",
                lambda x, y, w, b: (
                    2 * np.sum((w * x + b - y) * x),
                    2 * np.sum(w * x + b - y),
                ),
            ),
            Misconception(
                "dw and db are half of what they should be: the 2 that comes down from the square "
                "is missing.",
                lambda x, y, w, b: (np.mean((w * x + b - y) * x), np.mean(w * x + b - y)),
            ),
            Misconception(
                "Both slopes have the wrong sign: the error is the prediction minus y, not y minus "
                "the prediction.",
                lambda x, y, w, b: (
                    2 * np.mean((y - w * x - b) * x),
                    2 * np.mean(y - w * x - b),
                ),
            ),
            Misconception(
                "dw has no x in it: by the chain rule each error is multiplied by the derivative "
                "of the prediction, which is x for the weight and 1 for the bias.",
                lambda x, y, w, b: (2 * np.mean(w * x + b - y), 2 * np.mean(w * x + b - y)),
            ),
            Misconception(
                "dw is the mean error times the mean of x. Multiply each error by its own x "
                "first, then take the mean of the products.",
                lambda x, y, w, b: (
                    2 * np.mean(w * x + b - y) * np.mean(x),
                    2 * np.mean(w * x + b - y),
                ),
            ),
            Misconception(
                "db has an x in it too. For the bias the derivative of the prediction is 1, "
                "so db is twice the mean of the errors alone.",
                lambda x, y, w, b: (
                    2 * np.mean((w * x + b - y) * x),
                    2 * np.mean((w * x + b - y) * x),
                ),
            ),
            Misconception(
                "dw and db come in the wrong order: return dw first.",
                lambda x, y, w, b: (
                    2 * np.mean(w * x + b - y),
                    2 * np.mean((w * x + b - y) * x),
                ),
            ),
            Misconception(
                "The prediction leaves out the bias b: it is w * x + b.",
                lambda x, y, w, b: (2 * np.mean((w * x - y) * x), 2 * np.mean(w * x - y)),
            ),
            Misconception(
                "The errors are still squared. The derivative of a square is 2 times what was "
                "squared: use the errors as they are.",
                lambda x, y, w, b: (
                    2 * np.mean((w * x + b - y) ** 2 * x),
                    2 * np.mean((w * x + b - y) ** 2),
                ),
            ),
            Misconception(
                "Those are the slopes of each sample by itself, N numbers for each of dw and db: "
                "take their mean.",
                lambda x, y, w, b: (2 * (w * x + b - y) * x, 2 * (w * x + b - y)),
            ),
        ],
        variants=[
            lambda x, y, w, b: (
                2 / len(x) * np.sum((w * x + b - y) * x),
                2 / len(x) * np.sum(w * x + b - y),
            ),
            lambda x, y, w, b: (2 * x @ (w * x + b - y) / x.size, 2 * (w * x + b - y).mean()),
            lambda x, y, w, b: [-2 * np.mean((y - w * x - b) * x), -2 * np.mean(y - w * x - b)],
        ],
    ),
    Exercise(
        "1.3",
        reference=sigmoid,
        inputs=lambda rng: {"z": 2 * rng.normal(size=(2, 3))},
        returns=("a",),
        hints=[
            "Read the fraction from the inside out: what is computed first, and what is all of "
            "the denominator?",
            "np.exp(-z) takes e to the power -z for each number. Python divides before it adds: "
            "where do brackets have to stand?",
            "It is 1 / (1 + np.exp(-z)), brackets and all.",
        ],
        misconceptions=[
            Misconception(
                "That is 1 + exp(-z), the denominator alone. Python divides before it adds, so "
                "1 / 1 + np.exp(-z) is (1 / 1) + np.exp(-z): put the denominator in brackets.",
                lambda z: 1 / 1 + np.exp(-z),
            ),
            Misconception(
                "It falls where it should rise: the minus sign before z is missing, in exp(-z).",
                lambda z: 1 / (1 + np.exp(z)),
            ),
            Misconception(
                "That is exp(z), or 1 / exp(-z), which grows without an end: the 1 + in the "
                "denominator is missing.",
                lambda z: np.exp(z),
            ),
            Misconception(
                "The denominator is 1 plus exp(-z), not 1 minus.",
                lambda z: 1 / (1 - np.exp(-z)),
            ),
            Misconception(
                "That is tanh, another S, from -1 to 1. A probability lies between 0 and 1.",
                lambda z: np.tanh(z),
            ),
            Misconception(
                "That is a (1 - a), the slope of the sigmoid. Return the sigmoid, a, itself.",
                lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
            ),
            Misconception(
                "That is exp(z) divided by a sum over all numbers (a softmax, lesson 2). In the "
                "sigmoid each number stands for itself: divide by 1 + exp(-z).",
                lambda z: np.exp(z) / np.exp(z).sum(),
            ),
        ],
        variants=[
            lambda z: np.exp(z) / (1 + np.exp(z)),
            lambda z: (1 + np.exp(-z)) ** -1.0,
            lambda z: 0.5 * (1 + np.tanh(z / 2)),
            lambda z: np.where(z >= 0, 1, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z))),
            lambda z: 1 / (1 + np.e**-z),
        ],
        library=(activations.sigmoid,),
    ),
    Exercise(
        "1.4",
        reference=cross_entropy,
        inputs=_probabilities,
        returns=("loss",),
        hints=[
            "Write the inside of the sum for one sample first. Then ask what changes if a and y "
            "hold N numbers.",
            "y * np.log(a) is (N,). Add the second term, in which both y and a are turned into "
            "1 minus themselves. Which two things still stand before the bracket?",
            "It is minus np.mean of y * np.log(a) + (1 - y) * np.log(1 - a).",
        ],
        misconceptions=[
            Misconception(
                "The minus sign is missing: a logarithm of a probability is negative, a loss "
                "should be positive.",
                lambda a, y: np.mean(y * np.log(a) + (1 - y) * np.log(1 - a)),
            ),
            Misconception(
                "That is the sum over the samples, N times the mean: look at the 1/N.",
                lambda a, y: -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)),
            ),
            Misconception(
                "The second term is missing: a sample with y = 0 costs nothing, whatever the unit "
                "says of it.",
                lambda a, y: -np.mean(y * np.log(a)),
            ),
            Misconception(
                "Every sample is counted as if y were 1. Where y is 0 the surprise is the "
                "logarithm of 1 - a, the probability that was given to y = 0.",
                lambda a, y: -np.mean(np.log(a)),
            ),
            Misconception(
                "The two classes are swapped: log(a) belongs to y, log(1 - a) to 1 - y.",
                lambda a, y: -np.mean((1 - y) * np.log(a) + y * np.log(1 - a)),
            ),
            Misconception(
                "a and y are swapped: the logarithm is taken of the probability a, never of the "
                "label y, whose logarithm is infinite at 0.",
                lambda a, y: -np.mean(a * np.log(y) + (1 - a) * np.log(1 - y)),
            ),
            Misconception(
                "The minus sign reaches the first term only: put both terms in brackets, with a "
                "plus between them, before you change the sign.",
                lambda a, y: np.mean(-y * np.log(a) + (1 - y) * np.log(1 - a)),
            ),
            Misconception(
                "That is a logarithm to the base 2 or 10; the formula takes the natural one, "
                "np.log.",
                lambda a, y: -np.mean(y * np.log2(a) + (1 - y) * np.log2(1 - a)),
            ),
            Misconception(
                "Those are the surprises, one for each sample. The loss is one number: their mean.",
                lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)),
            ),
            Misconception(
                "That is the mean of the squared errors, the loss of the line. Here it is minus "
                "the logarithm of a probability.",
                lambda a, y: np.mean((a - y) ** 2),
            ),
        ],
        variants=[
            _surprise,
            lambda a, y: np.mean(-y * np.log(a) - (1 - y) * np.log(1 - a)),
            lambda a, y: -(y @ np.log(a) + (1 - y) @ np.log(1 - a)) / len(a),
            lambda a, y: -np.mean(np.log(y * a + (1 - y) * (1 - a))),
            lambda a, y: -np.mean(y * np.log(a + 1e-12) + (1 - y) * np.log(1 - a + 1e-12)),
        ],
        library=(losses.binary_cross_entropy,),
    ),
    Exercise(
        "1.5",
        reference=gradient,
        inputs=lambda rng: dict(**_samples(rng), w=rng.normal(size=2), b=0.5),
        returns=("dw", "db"),
        hints=[
            "Both formulas begin from the same N numbers: what the unit said, minus what was "
            "true. Which function gives you what the unit said?",
            "Call them dz, and divide them by N once: then a plain sum is already the mean. "
            "X is (N, D) and dz is (N,): which product of the two is (D,)?",
            "dz = (unit(X, w, b) - y) / len(y); then dw is X.T @ dz, and db is the sum of dz.",
        ],
        misconceptions=[
            Misconception(
                "dw and db are N times too large: the mean over the samples, 1/N, is missing.",
                lambda X, y, w, b: (X.T @ (unit(X, w, b) - y), (unit(X, w, b) - y).sum()),
            ),
            Misconception(
                "dw and db are N times too small: they are divided by N twice. Take the mean "
                "once, either in dz or at the end.",
                lambda X, y, w, b: (
                    X.T @ (unit(X, w, b) - y) / len(y) ** 2,
                    (unit(X, w, b) - y).sum() / len(y) ** 2,
                ),
            ),
            Misconception(
                "dw is right, but db is divided by N twice: where dz already holds 1/N, the sum "
                "of dz is the mean.",
                lambda X, y, w, b: (
                    X.T @ (unit(X, w, b) - y) / len(y),
                    (unit(X, w, b) - y).mean() / len(y),
                ),
            ),
            Misconception(
                "dw is a mean, but db is still a sum: it too is divided by N.",
                lambda X, y, w, b: (
                    X.T @ (unit(X, w, b) - y) / len(y),
                    (unit(X, w, b) - y).sum(),
                ),
            ),
            Misconception(
                "db is a mean, but dw is still a sum: it too is divided by N.",
                lambda X, y, w, b: (X.T @ (unit(X, w, b) - y), (unit(X, w, b) - y).mean()),
            ),
            Misconception(
                "Both have the wrong sign: it is what the unit said minus what was true, a - y.",
                lambda X, y, w, b: (
                    X.T @ (y - unit(X, w, b)) / len(y),
                    (y - unit(X, w, b)).mean(),
                ),
            ),
            Misconception(
                "The sigmoid is missing: a - y takes the probability a = unit(X, w, b), and not "
                "the weighted sum z.",
                lambda X, y, w, b: (X.T @ (X @ w + b - y) / len(y), (X @ w + b - y).mean()),
            ),
            Misconception(
                "The slope of the sigmoid, a (1 - a), is multiplied in once too often: it cancels "
                "against the loss's, and a - y is all that is left.",
                _times_slope,
            ),
            Misconception(
                "dw and db are twice too large: the 2 belongs to the squared error of the line; "
                "the cross-entropy has none.",
                lambda X, y, w, b: (
                    2 * X.T @ (unit(X, w, b) - y) / len(y),
                    2 * (unit(X, w, b) - y).mean(),
                ),
            ),
            Misconception(
                "db is not summed: there is one bias, so db is one number, and a - y holds N.",
                lambda X, y, w, b: (
                    X.T @ (unit(X, w, b) - y) / len(y),
                    (unit(X, w, b) - y) / len(y),
                ),
            ),
            Misconception(
                "A column (N, 1) was subtracted from a row of N numbers (N,), and broadcasting "
                "made a table (N, N) of it: keep both a and y at (N,).",
                _column_against_row,
            ),
            Misconception(
                "dw is summed along the wrong axis: it has a number for each sample where it "
                "should have one for each weight. X.T @ dz sums over the samples.",
                lambda X, y, w, b: (
                    (X * (unit(X, w, b) - y)[:, None]).sum(axis=1) / len(y),
                    (unit(X, w, b) - y).mean(),
                ),
            ),
            Misconception(
                "dw has no X in it: each weight's slope is the sum of a - y times the input "
                "that the weight belongs to.",
                lambda X, y, w, b: (
                    np.full(len(w), (unit(X, w, b) - y).mean()),
                    (unit(X, w, b) - y).mean(),
                ),
            ),
            Misconception(
                "dw and db come in the wrong order: return dw first.",
                lambda X, y, w, b: (
                    (unit(X, w, b) - y).mean(),
                    X.T @ (unit(X, w, b) - y) / len(y),
                ),
            ),
        ],
        variants=[
            _gradient_by_loop,
            lambda X, y, w, b: (X.T @ (unit(X, w, b) - y) / len(y), np.mean(unit(X, w, b) - y)),
            lambda X, y, w, b: (
                ((unit(X, w, b) - y) @ X) / X.shape[0],
                (unit(X, w, b) - y).mean(),
            ),
            lambda X, y, w, b: (
                (X * (unit(X, w, b) - y)[:, None]).mean(axis=0),
                (unit(X, w, b) - y).mean(axis=0),
            ),
        ],
    ),
    Exercise(
        "1.6",
        reference=fit_unit,
        inputs=lambda rng: dict(**_samples(rng), learning_rate=0.5, steps=3),
        returns=("w", "b", "path"),
        hints=[
            "Look at fit_line, and go through it line by line. What is another here? The weights "
            "are an array now, the gradient is another one, and what is kept is the weights.",
            "Before the loop: w = np.zeros(X.shape[1]), b = 0.0, path = [w.copy()]. In the loop: "
            "take both slopes, make both steps, then append. Why a copy? Because w -= ... changes "
            "the very array that a list without copies would hold again and again.",
            "In the loop: dw, db = gradient(X, y, w, b); w -= learning_rate * dw; "
            "b -= learning_rate * db; path.append(w.copy()). At the end return w, b, "
            "np.array(path).",
        ],
        misconceptions=[
            Misconception(
                "Every row of path is the same, the last weights: w -= ... changes the array that "
                "the list already holds. Append w.copy().",
                _fit_uncopied,
            ),
            Misconception(
                "It walks uphill: the slope points to where the loss grows, so the step is minus "
                "the learning rate times the slope.",
                _fit_uphill,
            ),
            Misconception(
                "The bias never moves: b -= learning_rate * db is missing.",
                _fit_without_bias,
            ),
            Misconception(
                "The gradient was taken once, before the loop. After each step the slope is "
                "another: take it anew inside the loop.",
                _fit_one_gradient,
            ),
            Misconception(
                "The bias is moved by a gradient that was taken after the weights had moved. Take "
                "both slopes at the same place, then make both steps.",
                _fit_one_after_the_other,
            ),
            Misconception(
                "The first row is missing from path: it begins with the weights before any step, "
                "so keep them before the loop.",
                _fit_without_start,
            ),
            Misconception(
                "The last row is missing from path: keep the weights after each step, not "
                "before it.",
                _fit_without_end,
            ),
            Misconception(
                "The learning rate is missing: a step is the learning rate times the slope.",
                lambda X, y, learning_rate, steps: _fit_new_arrays(X, y, 1.0, steps),
            ),
            Misconception(
                "The steps are N times too short: gradient already takes the mean, so nothing is "
                "divided by N again.",
                lambda X, y, learning_rate, steps: _fit_new_arrays(
                    X, y, learning_rate / len(X), steps
                ),
            ),
            Misconception(
                "It makes one step and is done: does the return stand inside the loop?",
                lambda X, y, learning_rate, steps: _fit_new_arrays(X, y, learning_rate, 1),
            ),
        ],
        variants=[
            _fit_new_arrays,
            lambda X, y, learning_rate, steps: _descend(
                X,
                y,
                steps,
                lambda w, b: (
                    w - learning_rate * gradient(X, y, w, b)[0],
                    b - learning_rate * gradient(X, y, w, b)[1],
                ),
                copy=False,
            ),
        ],
    ),
]
