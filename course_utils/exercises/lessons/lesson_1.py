"""Lesson 1, one logistic unit: its exercises."""

import numpy as np

from ... import activations, losses
from ..authoring import Exercise, Slip, arrays


def labels(rng, N):
    return rng.permutation(np.arange(N) % 2)  # both classes are there


def squared_error(prediction, y):
    """How wrong the predictions of a line are: the mean of the squared errors.

    prediction and y are (N,). Returns one number.
    """
    return np.mean((prediction - y) ** 2)


line_loss = Exercise(
    "1.1",
    squared_error,
    returns="loss",
    inputs=arrays(prediction="N", y=lambda rng, N: rng.normal(1, 2, size=N)),
    sizes=[{"N": 1}],
    hints=[
        "Which three things happen to the errors, in which order, in the formula above?",
        "NumPy subtracts arrays number by number, ** 2 squares each number, and np.mean turns "
        "many numbers into one.",
        "Take prediction - y, square it, and then take np.mean of that.",
    ],
    misconceptions=[
        Slip("That is the sum of the squared errors: look at the 1/N in front of the sum.",
             "np.mean", "np.sum"),
        Slip("That is the square of the mean error. Errors of both signs cancel before they are "
             "squared: square each error first, then take the mean.",
             "(prediction - y) ** 2)", "prediction - y) ** 2"),
        Slip("That is the difference of the squares: take the difference first, then square it.",
             "(prediction - y) ** 2", "prediction**2 - y**2"),
        Slip("That is the mean error, not squared. Positive and negative errors cancel in it.",
             " ** 2", ""),
        Slip("That is the mean of the sizes of the errors: use ** 2 in place of np.abs.",
             "(prediction - y) ** 2", "np.abs(prediction - y)"),
        Slip("That is the root of the loss. The loss is the mean itself: leave out the root.",
             "** 2)", "** 2) ** 0.5"),
        Slip("That is half the loss. Some books put a 1/2 before it; the formula above does not.",
             "** 2)", "** 2) / 2"),
        Slip("Those are the squared errors of each sample. The loss is one number: their mean.",
             "np.mean", ""),
    ],
    variants=[
        lambda prediction, y: ((y - prediction) ** 2).sum() / len(y),
        lambda prediction, y: np.square(prediction - y).mean(),
        lambda prediction, y: (prediction - y) @ (prediction - y) / y.size,
        lambda prediction, y: sum((p - t) ** 2 for p, t in zip(prediction, y)) / len(y),  # noqa: B905
    ],
    library=(losses.mean_squared_error,),
)  # fmt: skip


def predict(x, w, b):
    return w * x + b


def squared_error_gradient(x, y, w, b):
    """The slopes of a line's loss.

    x and y are (N,), w and b are numbers. Returns dw and db, two numbers.
    """
    error = predict(x, w, b) - y
    return 2 * np.mean(error * x), 2 * np.mean(error)


line_slopes = Exercise(
    "1.2",
    squared_error_gradient,
    returns=("dw", "db"),
    inputs=arrays(x=lambda rng, N: rng.normal(2, 1, size=N), y="N", w=1.5, b=-0.5),
    sizes=[{"N": 1}],
    hints=[
        "Both formulas hold the same thing in brackets. How would you get it, for all samples at "
        "once?",
        "error = predict(x, w, b) - y is (N,). db is twice its mean. What must each error be "
        "multiplied by before the mean is taken for dw?",
        "dw is 2 * np.mean(error * x), and db is the same without x.",
    ],
    misconceptions=[
        Slip("dw and db are N times too large: the formula has a 1/N, so it is a mean.",
             "predict(x, w, b) - y", "(predict(x, w, b) - y) * len(y)"),
        Slip("dw and db are half of what they should be: the 2 of the square is missing.",
             "predict(x, w, b) - y", "(predict(x, w, b) - y) / 2"),
        Slip("Both slopes have the wrong sign: the error is the prediction minus y.",
             "predict(x, w, b) - y", "y - predict(x, w, b)"),
        Slip("dw has no x in it: by the chain rule each error is multiplied by the derivative of "
             "w * x + b, which is x for the weight and 1 for the bias.",
             "error * x", "error"),
        Slip("That is the mean error times the mean of x: multiply each error by its x first.",
             "np.mean(error * x)", "np.mean(error) * np.mean(x)"),
        Slip("db has an x in it too: for the bias the derivative of the prediction is 1.",
             "np.mean(error)", "np.mean(error * x)"),
        Slip("The prediction leaves out the bias b: it is w * x + b.",
             "predict(x, w, b)", "w * x"),
        *(Slip("The errors are still squared. The derivative of a square is 2 times what was "
               "squared: use the errors as they are.",
               "error * x", "error ** 2 * x", "np.mean(error)", f"np.mean({in_db})")
          for in_db in ("error", "error ** 2")),
        Slip("Those are the slopes of each sample by itself: take their means.",
             "np.mean(error * x), 2 * np.mean(error)", "(error * x), 2 * error"),
    ],
    variants=[
        lambda x, y, w, b: (2 * x @ (w * x + b - y) / x.size, 2 * (w * x + b - y).mean()),
        lambda x, y, w, b: [-2 * np.mean((y - w * x - b) * x), -2 * np.mean(y - w * x - b)],
        lambda x, y, w, b: 2 * np.array([x, np.ones(len(x))]) @ (w * x + b - y) / len(x),
    ],
)  # fmt: skip


def sigmoid(z):
    """The sigmoid of each number in z.

    z is an array of any shape. Returns an array of the same shape.
    """
    return 1 / (1 + np.exp(-z))


def any_shape(rng, shape=(2, 3), dtype=float):
    return {"z": (2 * rng.normal(size=shape)).astype(dtype)}


bend = Exercise(
    "1.3",
    sigmoid,
    returns="a",
    inputs=any_shape,
    sizes=[{"shape": (7,)}, {"shape": (3, 2, 4)}, {"shape": (3, 4), "dtype": int}],
    hints=[
        "Read the fraction from the inside out: what is computed first, and what is all of the "
        "denominator?",
        "np.exp(-z) takes e to the power -z for each number. Python divides before it adds: "
        "where do brackets have to stand?",
        "It is 1 / (1 + np.exp(-z)), brackets and all.",
    ],
    misconceptions=[
        Slip("That is 1 + exp(-z), the denominator alone. Python divides before it adds, so "
             "1 / 1 + np.exp(-z) is (1 / 1) + np.exp(-z): put the denominator in brackets.",
             "(1 + np.exp(-z))", "1 + np.exp(-z)"),
        Slip("It falls where it should rise: the minus sign before z is missing, in exp(-z).",
             "-z", "z"),
        Slip("That is exp(z), or 1 / exp(-z): the 1 + in the denominator is missing.",
             "1 + ", ""),
        Slip("The denominator is 1 plus exp(-z), not 1 minus.",
             "1 + ", "1 - "),
        Slip("That is tanh, another S, from -1 to 1. A probability lies between 0 and 1.",
             "1 / (1 + np.exp(-z))", "np.tanh(z)"),
        Slip("That is a (1 - a), the slope of the sigmoid. Return the sigmoid, a, itself.",
             "1 / (1 + np.exp(-z))", "np.exp(-z) / (1 + np.exp(-z)) ** 2"),
        Slip("That is a softmax (lesson 2), with a sum over all. Here each number stands alone.",
             "1 / (1 + np.exp(-z))", "np.exp(z) / np.exp(z).sum()"),
        Slip("Wrong where z holds whole numbers: then so does the array that is filled, for "
             "zeros_like takes over its type, and all is cut off to 0 or 1.",
             "1 / (1 + np.exp(-z))", "(1 / (1 + np.exp(-z))).astype(z.dtype)"),
    ],
    variants=[
        lambda z: np.exp(z) / (1 + np.exp(z)),
        lambda z: (1 + np.exp(-z)) ** -1.0,
        lambda z: 0.5 * (1 + np.tanh(z / 2)),
        lambda z: np.where(z >= 0, 1, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z))),
        lambda z: 1 / (1 + np.e**-z),
    ],
    library=(activations.sigmoid,),
)  # fmt: skip


def cross_entropy(a, y):
    """How wrong the probabilities of a unit are: the binary cross-entropy.

    a, the probability of class 1, and y, which is 0 or 1, are (N,). Returns one number.
    """
    return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))


surprise = Exercise(
    "1.4",
    cross_entropy,
    returns="loss",
    inputs=arrays(a=lambda rng, N: rng.uniform(0.1, 0.9, size=N), y=labels),
    sizes=[{"N": 1}],
    hints=[
        "Write the inside of the sum for one sample first. Then ask what changes if a and y hold "
        "N numbers.",
        "y * np.log(a) is (N,). Add the second term, in which both y and a are turned into 1 "
        "minus themselves. Which two things still stand before the bracket?",
        "It is minus np.mean of y * np.log(a) + (1 - y) * np.log(1 - a).",
    ],
    misconceptions=[
        Slip("The minus is missing: a logarithm of a probability is negative, a loss positive.",
             "-np.mean", "np.mean"),
        Slip("That is the sum over the samples: look at the 1/N.",
             "np.mean", "np.sum"),
        Slip("The second term is missing: a sample with y = 0 costs nothing, whatever is said.",
             " + (1 - y) * np.log(1 - a)", ""),
        Slip("Every sample counts as if y were 1. Where y is 0, what was given to it is 1 - a.",
             "y * np.log(a) + (1 - y) * np.log(1 - a)", "np.log(a)"),
        Slip("The two classes are swapped: log(a) belongs to y, log(1 - a) to 1 - y.",
             "y * np.log(a) + (1 - y)", "(1 - y) * np.log(a) + y"),
        Slip("a and y are swapped: the logarithm is of the probability, that of 0 is infinite.",
             "y * np.log(a) + (1 - y) * np.log(1 - a)", "a * np.log(y) + (1 - a) * np.log(1 - y)"),
        Slip("The minus reaches the first term only: it stands before both, in brackets.",
             "-np.mean(y", "np.mean(-y"),
        Slip("1 - y needs brackets of its own: Python multiplies before it subtracts.",
             "(1 - y)", "1 - y"),
        *(Slip("That is a logarithm to the base 2 or 10; the formula has the natural one, np.log.",
               "np.log(a)", f"np.{log}(a)", "np.log(1 - a)", f"np.{log}(1 - a)")
          for log in ("log2", "log10")),
        Slip("It is the logarithm of 1 - a, not 1 minus the logarithm of a.",
             "np.log(1 - a)", "(1 - np.log(a))"),
        Slip("Those are the surprises of each sample. The loss is one number: their mean.",
             "np.mean", ""),
        Slip("Each class was given a mean of its own. There is one mean, over all N samples.",
             "-np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))",
             "-np.mean(np.log(a[y == 1])) - np.mean(np.log(1 - a[y == 0]))"),
        Slip("That is the loss of the line. Here it is minus the logarithm of a probability.",
             "-np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))", "np.mean((a - y) ** 2)"),
    ],
    variants=[
        lambda a, y: -np.log(np.where(y == 1, a, 1 - a)).sum() / len(y),
        lambda a, y: np.mean(-y * np.log(a) - (1 - y) * np.log(1 - a)),
        lambda a, y: -(y @ np.log(a) + (1 - y) @ np.log(1 - a)) / len(a),
        lambda a, y: -np.mean(np.log(y * a + (1 - y) * (1 - a))),
        lambda a, y: -np.mean(y * np.log(a + 1e-12) + (1 - y) * np.log(1 - a + 1e-12)),
    ],
    library=(losses.binary_cross_entropy,),
)  # fmt: skip


def unit(X, w, b):
    z = X @ w + b
    return sigmoid(z)


def gradient(X, y, w, b):
    """The slopes of a logistic unit's loss.

    X is (N, D), y is (N,), w is (D,), b is a number. Returns dw, (D,), and db, a number.
    """
    dz = (unit(X, w, b) - y) / len(y)
    return X.T @ dz, dz.sum()


def _gradient_by_loop(X, y, w, b):
    dw, db = np.zeros(X.shape[1]), 0.0
    for x, truth in zip(X, y, strict=True):
        error = unit(x, w, b) - truth
        dw, db = dw + error * x, db + error
    return dw / len(X), db / len(X)


unit_slopes = Exercise(
    "1.5",
    gradient,
    returns=("dw", "db"),
    inputs=arrays(X="N D", y=labels, w="D", b=0.5),
    sizes=[{"N": 1}, {"D": 2}, {"D": 1}],
    hints=[
        "Both formulas begin from the same N numbers: what the unit said, minus what was true. "
        "Which function gives you what the unit said?",
        "Call them dz, and divide them by N once: then a plain sum is already the mean. X is "
        "(N, D) and dz is (N,): which product of the two is (D,)?",
        "dz = (unit(X, w, b) - y) / len(y); then dw is X.T @ dz, and db is the sum of dz.",
    ],
    misconceptions=[
        Slip("dw and db are N times too large: the mean over the samples, 1/N, is missing.",
             " / len(y)", ""),
        Slip("It is divided by D, the number of inputs. The mean is over the N samples.",
             "len(y)", "X.shape[1]"),
        Slip("dw and db are divided by N twice. Take the mean once, in dz or at the end.",
             "len(y)", "len(y) ** 2"),
        Slip("db is divided by N twice: where dz already holds 1/N, the sum of dz is the mean.",
             "dz.sum()", "dz.mean()"),
        Slip("dw is a mean, but db is still a sum: it too is divided by N.",
             "dz.sum()", "dz.sum() * len(y)"),
        Slip("db is a mean, but dw is still a sum: it too is divided by N.",
             "X.T @ dz", "len(y) * X.T @ dz"),
        Slip("Both have the wrong sign: it is what the unit said minus what was true, a - y.",
             "unit(X, w, b) - y", "y - unit(X, w, b)"),
        Slip("The sigmoid is missing: a is unit(X, w, b), a probability, not the weighted sum.",
             "unit(X, w, b)", "X @ w + b"),
        Slip("The slope of the sigmoid, a (1 - a), has already cancelled: a - y is all of dz.",
             "/ len(y)", "/ len(y) * unit(X, w, b) * (1 - unit(X, w, b))"),
        Slip("The 2 belongs to the squared error of the line. The cross-entropy has none.",
             "/ len(y)", "/ len(y) * 2"),
        Slip("db is not summed: there is one bias, so db is one number.",
             "dz.sum()", "dz"),
        Slip("A column (N, 1) minus a row (N,) makes a table (N, N): keep both a and y at (N,).",
             "unit(X, w, b)", "unit(X, w, b)[:, None]"),
        Slip("dw has a number for each sample, not for each weight: sum over the samples.",
             "X.T @ dz", "(X.T * dz).sum(axis=0)"),
        Slip("dw has only two numbers, as if D were 2. X.T @ dz has one for each input.",
             "X.T @ dz", "X.T[:2] @ dz"),
        Slip("dw has no X in it: each error counts times the input that the weight weighs.",
             "X.T @ dz", "np.ones(len(w)) * dz.sum()"),
    ],
    variants=[
        _gradient_by_loop,
        lambda X, y, w, b: (X.T @ (unit(X, w, b) - y) / len(y), np.mean(unit(X, w, b) - y)),
        lambda X, y, w, b: ((unit(X, w, b) - y) @ X / X.shape[0], (unit(X, w, b) - y).mean()),
        lambda X, y, w, b: ((X.T * (unit(X, w, b) - y)).mean(1), (unit(X, w, b) - y).mean(axis=0)),
    ],
)  # fmt: skip


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


def _fit_new_arrays(X, y, learning_rate, steps):
    w, b, path = np.zeros(X.shape[1]), 0, np.zeros((steps + 1, X.shape[1]))
    for step in range(1, steps + 1):
        dw, db = gradient(X, y, w, b)
        path[step] = w = w - learning_rate * dw
        b = b - learning_rate * db
    return w, b, path


def _descent(rng, N=5, D=4, steps=3):
    return {"X": rng.normal(size=(N, D)), "y": labels(rng, N), "learning_rate": 0.5, "steps": steps}


descent = Exercise(
    "1.6",
    fit_unit,
    returns=("w", "b", "path"),
    inputs=_descent,
    sizes=[{"D": 2}, {"steps": 20}, {"steps": 0}],
    hints=[
        "Look at fit_line, and go through it line by line. What is another here? The weights are "
        "an array now, the gradient is another one, and what is kept is the weights.",
        "Before the loop: w = np.zeros(X.shape[1]), b = 0.0, path = [w.copy()]. In the loop: take "
        "both slopes, make both steps, then append. Why a copy? Because w -= ... changes the very "
        "array that a list without copies would hold again and again.",
        "In the loop: dw, db = gradient(X, y, w, b); w -= learning_rate * dw; "
        "b -= learning_rate * db; path.append(w.copy()). At the end return w, b, np.array(path).",
    ],
    misconceptions=[
        Slip("Each row of path is the last weights: w -= changes the very array. Append w.copy().",
             "[w.copy()]", "[w]", "append(w.copy())", "append(w)"),
        Slip("It walks uphill: the slope points to where the loss grows, so subtract the step.",
             "w -=", "w +=", "b -=", "b +="),
        Slip("w and b were replaced by the step: subtract it from what they were, with -=.",
             "w -=", "w =", "b -=", "b ="),
        Slip("The bias never moves: b -= learning_rate * db is missing.",
             "b -= learning_rate * db", "pass"),
        Slip("The slopes are those of the start in every step: take them anew inside the loop.",
             "gradient(X, y, w, b)", "gradient(X, y, 0 * w, 0)"),
        Slip("The bias moves by a slope that was taken after the weights had moved. Take both "
             "slopes at one place, then make both steps.",
             "learning_rate * db", "learning_rate * gradient(X, y, w, b)[1]"),
        *(Slip("The first row of path is missing: keep the weights before the loop too.",
               "np.array(path)", without)
          for without in ("np.array(path[1:])", "np.array(path)[1:]")),
        *(Slip("The last row of path is missing: keep the weights after each step, not before.",
               "np.array(path)", without)
          for without in ("np.array(path[:-1])", "np.array(path)[:-1]")),
        Slip("The learning rate is missing: a step is the learning rate times the slope.",
             "learning_rate * dw", "dw", "learning_rate * db", "db"),
        Slip("The steps are N times too short: gradient has already taken the mean.",
             "* dw", "* dw / len(X)", "* db", "* db / len(X)"),
        Slip("It makes one step and is done: does the return stand inside the loop?",
             "    return", "        return"),
    ],
    variants=[_fit_new_arrays],
)  # fmt: skip


EXERCISES = [line_loss, line_slopes, bend, surprise, unit_slopes, descent]
