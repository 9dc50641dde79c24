"""Lesson 8, generalisation: its exercises."""

# ruff: noqa: B905  (the references show what stands in the notebook: zip without strict)

import math

import numpy as np

from ...layers import Dropout
from ..authoring import Exercise, Slip


def bias_and_variance(curves, truth):
    """How far the mean fit is from the truth, and how much the fits differ.

    curves is (S, M), the S fits at M places; truth is (M,), the curve without noise there.
    Returns bias squared and variance, each one number, a mean over the places.
    """
    mean_fit = curves.mean(axis=0)
    bias_squared = np.mean((mean_fit - truth) ** 2)
    variance = np.mean((curves - mean_fit) ** 2)
    return bias_squared, variance


def _curves(rng, S=6, M=4):
    truth = rng.normal(size=M).round(2)
    return {"curves": (truth + 0.5 + rng.normal(size=(S, M))).round(2), "truth": truth}


def _bias_by_loop(curves, truth):
    bias_squared = variance = 0.0
    S, M = curves.shape
    for j in range(M):
        middle = sum(curves[:, j]) / S
        bias_squared += (middle - truth[j]) ** 2 / M
        for i in range(S):
            variance += (curves[i, j] - middle) ** 2 / (S * M)
    return bias_squared, variance


two_parts = Exercise(
    "8.1",
    bias_and_variance,
    returns=("bias_squared", "variance"),
    inputs=_curves,
    sizes=[{"S": 2, "M": 7}, {"S": 9, "M": 1}],
    hints=[
        "The mean fit is a curve itself: at each place, the mean over the S fits. Which axis is "
        "that?",
        "mean_fit = curves.mean(axis=0). Bias squared is the mean of (mean_fit - truth)². For the "
        "variance, the same with curves and mean_fit.",
        "np.mean((mean_fit - truth) ** 2) and np.mean((curves - mean_fit) ** 2).",
    ],
    misconceptions=[
        Slip("The mean goes over the places here, and mixes left and right. The mean fit is a mean "
             "over the S fits: axis=0.",
             "curves.mean(axis=0)", "curves.mean(axis=1, keepdims=True)"),
        Slip("The mean of everything is one number. The mean fit is a curve: take the mean over "
             "the fits only, axis=0.", "curves.mean(axis=0)", "curves.mean()"),
        Slip("This is the error of single fits: their variance is in it, too. For the bias, take "
             "the mean fit first, and then its distance from the truth.",
             "(mean_fit - truth)", "(curves - truth)"),
        Slip("The spread is measured around the truth, so the bias is in it. Variance is the "
             "spread around the mean fit.", "(curves - mean_fit)", "(curves - truth)"),
        Slip("The bias is squared only after the mean: where the mean fit is too high in one place "
             "and too low in another, that cancels. Square first, then take the mean.",
             "np.mean((mean_fit - truth) ** 2)", "np.mean(mean_fit - truth) ** 2"),
        Slip("The bias is not squared, and what is too high cancels what is too low: square the "
             "difference at each place.",
             "np.mean((mean_fit - truth) ** 2)", "np.mean(mean_fit - truth)"),
        Slip("This is the absolute bias: square it.",
             "np.mean((mean_fit - truth) ** 2)", "np.mean(abs(mean_fit - truth))"),
        Slip("That is a standard deviation. Variance is its square: leave the root out.",
             "np.mean((curves - mean_fit) ** 2)", "np.sqrt(np.mean((curves - mean_fit) ** 2))"),
        Slip("The two are in the wrong order: bias squared first, then variance.",
             "return bias_squared, variance", "return variance, bias_squared"),
        Slip("This is the variance of all numbers together: that the curve itself goes up and down "
             "is in it. Take the variance over the fits, axis=0, and then the mean over the "
             "places.", "np.mean((curves - mean_fit) ** 2)", "np.var(curves)"),
        Slip("The variance is still one number for each place: take the mean over the places.",
             "np.mean((curves - mean_fit) ** 2)", "curves.var(axis=0)"),
        Slip("Bias squared is still one number for each place: take the mean over the places.",
             "np.mean((mean_fit - truth) ** 2)", "(mean_fit - truth) ** 2"),
        Slip("Added up over the places: a mean is wanted.",
             "np.mean((mean_fit - truth) ** 2)", "np.sum((mean_fit - truth) ** 2)"),
        Slip("The variance has S - 1 in it (ddof=1). Here all S fits are what there is: divide by "
             "S, as np.mean and np.var do.",
             "np.mean((curves - mean_fit) ** 2)", "curves.var(axis=0, ddof=1).mean()"),
    ],
    variants=[
        _bias_by_loop,
        lambda curves, truth: (
            ((curves.mean(0) - truth) ** 2).sum() / len(truth),
            curves.var(axis=0).mean(),
        ),
    ],
)  # fmt: skip


def cross_validate(X, y, folds, fit, error):
    """K-fold cross-validation: the mean of the K validation errors, and its standard error.

    folds is a list of K pairs of row numbers (train, validation). fit(X, y) returns a model,
    and error(model, X, y) one number.
    """
    errors = []
    for train, validation in folds:
        model = fit(X[train], y[train])
        errors.append(error(model, X[validation], y[validation]))
    return np.mean(errors), np.std(errors, ddof=1) / np.sqrt(len(errors))


def _line(X, y):
    """The slope and height of a line: a model that is quickly fitted."""
    slope = np.sum((X - X.mean()) * y) / np.sum((X - X.mean()) ** 2)
    return np.array([slope, y.mean() - slope * X.mean()])


def _absolute_error(model, X, y):
    return np.mean(np.abs(np.polyval(model, X) - y))


def _folds(rng, N=11, K=4):
    X = rng.normal(size=N).round(2)
    parts = np.array_split(rng.permutation(N), K)
    folds = [(np.concatenate(parts[:k] + parts[k + 1 :]), parts[k]) for k in range(K)]
    return {
        "X": X,
        "y": (X**2 + rng.normal(size=N)).round(2),
        "folds": folds,
        "fit": _line,
        "error": _absolute_error,
    }


def _cross_validate_by_hand(X, y, folds, fit, error):
    K = len(folds)
    errors = [error(fit(X[t], y[t]), X[v], y[v]) for t, v in folds]
    mean = sum(errors) / K
    return mean, (sum((e - mean) ** 2 for e in errors) / (K - 1) / K) ** 0.5


ERROR = "np.std(errors, ddof=1) / np.sqrt(len(errors))"
k_fold = Exercise(
    "8.2",
    cross_validate,
    returns=("mean", "standard_error"),
    inputs=_folds,
    sizes=[{"N": 20, "K": 5}, {"N": 9, "K": 2}],
    errors=dict.fromkeys(
        ("object is not callable", "has no attribute 'predict'"),
        "What a model is, only fit and error know: error(model, X[validation], y[validation]).",
    ),
    hints=[
        "For each pair: which rows may the model see, and on which is it measured? Collect the K "
        "errors in a list.",
        "model = fit(X[train], y[train]), and then error(model, X[validation], y[validation]).",
        "np.mean(errors), and np.std(errors, ddof=1) / np.sqrt(K), with K = len(errors).",
    ],
    misconceptions=[
        Slip("The model has learned from all rows, those that it is measured on among them. Fit it "
             "on the rows `train` alone.", "fit(X[train], y[train])", "fit(X, y)"),
        Slip("This is the training error: measure on the rows `validation`.",
             "X[validation], y[validation]", "X[train], y[train]"),
        Slip("The error is measured on all rows, and most of them were learned from. Take the rows "
             "`validation` alone.", "X[validation], y[validation]", "X, y"),
        Slip("The two parts are swapped: the model learns from the large part, `train`, and is "
             "measured on `validation`.",
             "for train, validation in", "for validation, train in"),
        Slip("This is the standard deviation of one fold's error. The standard error of the mean "
             "is smaller: divide by the root of K.", ERROR, "np.std(errors, ddof=1)"),
        Slip("The standard deviation was divided by K: divide by the root of K.",
             "np.sqrt(len(errors))", "len(errors)"),
        Slip("The standard deviation divides by K here. With as few numbers as this, and the mean "
             "taken from them, divide by K - 1: ddof=1.", "errors, ddof=1", "errors"),
        Slip("The root of the number of samples was taken. The mean is one of K errors, one for "
             "each fold: np.sqrt(len(errors)).", "np.sqrt(len(errors))", "np.sqrt(len(X))"),
        Slip("This is the square of the standard error. Take the root.",
             ERROR, "np.var(errors, ddof=1) / len(errors)"),
        Slip("The errors were added up: the mean is wanted.",
             "np.mean(errors)", "np.sum(errors)"),
        Slip("The smallest of the K errors flatters the model. Return their mean.",
             "np.mean(errors)", "np.min(errors)"),
        Slip("Only the last fold's error is left: collect all K in a list.",
             "np.mean(errors)", "errors[-1]"),
        Slip("The K errors are returned as they are: return their mean.",
             "np.mean(errors)", "np.array(errors)"),
        Slip("There is one model, fitted on the first fold's rows, and it has seen the validation "
             "rows of all the others. Fit a new model in each fold.",
             "model = fit(X[train], y[train])",
             "model = fit(X[folds[0][0]], y[folds[0][0]])"),
    ],
    variants=[_cross_validate_by_hand],
)  # fmt: skip


def honest_scores(X, y, folds, choose, fit, score):
    """Scores of K-fold cross-validation in which the choice of columns is part of learning.

    folds is a list of pairs of row numbers (train, validation). choose(X, y) returns column
    numbers; fit(X, y) returns a model; score(model, X, y) returns one number.
    Returns the scores, (K,).
    """
    scores = []
    for train, validation in folds:
        columns = choose(X[train], y[train])
        model = fit(X[train][:, columns], y[train])
        scores.append(score(model, X[validation][:, columns], y[validation]))
    return np.array(scores)


def _most_telling(X, y):
    """The three columns that differ most between small and large y, the clearest first."""
    apart = np.abs((X * (y - y.mean())[:, None]).mean(axis=0) / X.std(axis=0))
    return np.argsort(-apart)[:3]


def _least_squares(X, y):
    """A line through 0 in all columns, with a little weight decay."""
    return np.linalg.solve(X.T @ X + np.eye(X.shape[1]), X.T @ y)


def _squared_error(model, X, y):
    return np.mean((X @ model - y) ** 2)


def _noise(rng, N=12, D=15, K=3):
    parts = np.array_split(rng.permutation(N), K)
    return {
        "X": rng.normal(size=(N, D)),
        "y": rng.normal(size=N),
        "folds": [(np.concatenate(parts[:k] + parts[k + 1 :]), parts[k]) for k in range(K)],
        "choose": _most_telling,
        "fit": _least_squares,
        "score": _squared_error,
    }


def _honest_by_parts(X, y, folds, choose, fit, score):
    found = np.zeros(len(folds))
    for k, (train, validation) in enumerate(folds):
        X_train, y_train = X[train], y[train]
        chosen = choose(X_train, y_train)
        found[k] = score(fit(X_train[:, chosen], y_train), X[:, chosen][validation], y[validation])
    return found


CHOICE = "choose(X[train], y[train])"
leak = Exercise(
    "8.3",
    honest_scores,
    returns="scores",
    inputs=_noise,
    sizes=[{"N": 20, "K": 4, "D": 30}, {"N": 14, "K": 2}],
    hints=[
        "Which rows does each line of the published function look at? Only one line looks at rows "
        "that it must not see.",
        "To choose columns is to learn from the labels. So it belongs into the loop, where the "
        "validation rows are known.",
        "Inside the loop: columns = choose(X[train], y[train]). Then fit on X[train][:, columns], "
        "and score on X[validation][:, columns].",
    ],
    misconceptions=[
        Slip("The columns are still chosen with all labels, the validation rows' among them: that "
             "is the leak. Choose from X[train] and y[train].", CHOICE, "choose(X, y)"),
        Slip("The columns are chosen by the validation rows: by the very labels that are to be "
             "predicted. Choose from X[train] and y[train].",
             CHOICE, "choose(X[validation], y[validation])"),
        Slip("The columns are chosen once, from the first fold's training rows, and those are "
             "other folds' validation rows. Choose anew in each fold.",
             CHOICE, "choose(X[folds[0][0]], y[folds[0][0]])"),
        Slip("The choice is mended, but now the model learns from all rows. Fit on X[train] too.",
             "fit(X[train][:, columns], y[train])", "fit(X[:, columns], y)"),
        Slip("The score is measured on the training rows: take X[validation] and y[validation].",
             "X[validation][:, columns], y[validation]", "X[train][:, columns], y[train]"),
        Slip("The score is measured on all rows, and most of them were learned from.",
             "X[validation][:, columns], y[validation]", "X[:, columns], y"),
        Slip("The columns are chosen a second time, by the validation rows. The model was fitted "
             "to the columns that were chosen from the training rows: use those.",
             "scores.append(", "columns = choose(X[validation], y[validation])\n"
             "        scores.append("),
        Slip("The choice is not used: the model learns from all columns.",
             "X[train][:, columns]", "X[train]", "X[validation][:, columns]", "X[validation]"),
        Slip("Training and validation rows are swapped.",
             "for train, validation in", "for validation, train in"),
        Slip("This is the mean: return all K scores.",
             "np.array(scores)", "np.mean(scores)"),
        Slip("Only the first fold was scored. Does the return stand inside the loop?",
             "\n    return", "\n        return"),
    ],
    variants=[_honest_by_parts],
)  # fmt: skip


def add_weight_decay(parameters, gradients, decay):
    """The L2 penalty on all weights, and the gradients with its own added.

    parameters and gradients are lists of arrays in the same order. Arrays of two axes or more
    are weights; arrays of one axis are biases, and are spared.
    Returns the penalty, a number, and a list of new gradients; changes nothing.
    """
    penalty, new = 0.0, []
    for parameter, gradient in zip(parameters, gradients):
        if parameter.ndim > 1:
            penalty += decay / 2 * np.sum(parameter**2)
            gradient = gradient + decay * parameter
        new.append(gradient)
    return penalty, new


def _weights_and_biases(rng, shapes=((3, 4), (4,), (4, 2), (2,)), decay=0.3):
    return {
        "parameters": [rng.normal(size=shape).round(2) for shape in shapes],
        "gradients": [rng.normal(size=shape).round(2) for shape in shapes],
        "decay": decay,
    }


def _decay_by_loops(parameters, gradients, decay):
    new = [np.array(gradient) for gradient in gradients]
    squares = 0.0
    for i, parameter in enumerate(parameters):
        if len(parameter.shape) == 1:
            continue
        squares += float((parameter * parameter).sum())
        new[i] += decay * parameter
    return 0.5 * decay * squares, new


SUM = "decay / 2 * np.sum(parameter**2)"
STEP = "gradient + decay * parameter"
decay_exercise = Exercise(
    "8.4",
    add_weight_decay,
    returns=("penalty", "gradients"),
    keeps_arguments=True,
    inputs=_weights_and_biases,
    sizes=[{"shapes": ((2, 5), (5,)), "decay": 0.01}, {"shapes": ((3, 3, 2, 4), (4,), (4, 3))},
           {"shapes": ((4,), (3, 4), (4, 2))}],
    hints=[
        "parameter.ndim says how many axes an array has: 2 for the weights of a dense layer, 1 for "
        "its biases. What is the derivative of decay / 2 · w² with respect to w?",
        "Go through zip(parameters, gradients). For weights add decay / 2 * np.sum(parameter**2) "
        "to the penalty; their gradient becomes gradient + decay * parameter.",
        "For biases the gradient stays as it is. Put each gradient into a new list, and don't use "
        "+= on an array that was passed to you.",
    ],
    misconceptions=[
        Slip("The biases decay, too. They have one axis, and are spared: only arrays with "
             "parameter.ndim > 1 are weights.", "if parameter.ndim > 1:", "if True:"),
        Slip("The penalty spares the biases, their gradients do not: leave the gradient of an "
             "array with one axis as it is.",
             "if parameter.ndim > 1:", "if parameter.ndim == 1:\n"
             "            gradient = gradient + decay * parameter\n        else:"),
        Slip("Only the kernels of convolutions or only dense weights were meant here: weights are "
             "all arrays of two axes or more, parameter.ndim > 1.",
             "parameter.ndim > 1", "parameter.ndim == 2"),
        Slip("The biases decay and the weights do not: it is the other way round.",
             "parameter.ndim > 1", "parameter.ndim == 1"),
        Slip("The ½ is missing from the penalty, and its gradient would be 2 · decay · W. With "
             "decay / 2 it is decay · W.", SUM, "decay * np.sum(parameter**2)"),
        Slip("The gradient has a 2 too many: the ½ of the penalty cancels the 2 that comes down "
             "from the square.", STEP, "gradient + 2 * decay * parameter"),
        Slip("The gradient has a ½ too many: the derivative of decay / 2 · w² is decay · w.",
             STEP, "gradient + decay / 2 * parameter"),
        Slip("The sign is wrong: the penalty is added to the loss, so its gradient is added too. "
             "The step then goes against it, and the weights become smaller.",
             STEP, "gradient - decay * parameter"),
        Slip("The penalty's gradient is not there yet: add decay * parameter to each weight's "
             "gradient.", STEP, "gradient"),
        Slip("This is the penalty's gradient alone. Add it to the gradient of the loss.",
             STEP, "decay * parameter"),
        Slip("The gradient itself was multiplied by decay: what decays is the weight. Add decay * "
             "parameter.", STEP, "gradient + decay * gradient"),
        Slip("This is the L1 penalty, the sum of the sizes. L2 has the squares: parameter**2.",
             "parameter**2", "abs(parameter)"),
        Slip("The weights were added up without being squared: a large positive one and a large "
             "negative one would cancel.", "np.sum(parameter**2)", "np.sum(parameter)"),
        Slip("The sum was squared, and not the weights: np.sum(parameter**2).",
             "np.sum(parameter**2)", "np.sum(parameter) ** 2"),
        Slip("The mean of the squares was taken: the penalty is their sum.",
             "np.sum(parameter**2)", "np.mean(parameter**2)"),
        Slip("Only the last array's penalty is left: add up, with +=.",
             f"penalty += {SUM}", f"penalty = {SUM}"),
        Slip("The biases' gradients are missing from the list: append them as they are.",
             "        new.append(gradient)", "            new.append(gradient)"),
        Slip("The factor decay is missing from the penalty.", SUM, "np.sum(parameter**2) / 2"),
        Slip("The factor decay is missing from the gradient.", STEP, "gradient + parameter"),
    ],
    variants=[
        _decay_by_loops,
        lambda parameters, gradients, decay: (
            sum(decay * np.sum(p**2) / 2 for p in parameters if p.ndim > 1),
            [g + decay * p * (p.ndim > 1) for p, g in zip(parameters, gradients)],
        ),
    ],
)  # fmt: skip


def dropout(x, da, uniform, rate):
    """Dropout forward and back: some values become 0, the others larger, so that the mean stays.

    x, da and uniform have one shape; uniform holds random numbers from 0 to 1, and a value is
    dropped where its number is below rate. Returns a, from x, and dx, from da.
    """
    mask = (uniform >= rate) / (1 - rate)
    return x * mask, da * mask


def _values_to_drop(rng, shape=(4, 5), rate=0.33):
    """One that is kept is 0 of itself; the number of another one is exactly rate."""
    count = math.prod(shape)
    uniform = (rng.permutation(count) + rng.uniform(0.1, 0.9, count)) / count
    uniform[np.abs(uniform - rate).argmin()] = rate
    x, da = rng.normal(size=(2, count)).round(2)
    x[uniform.argmax()] = 0
    arrays = {"x": x, "da": da, "uniform": uniform}
    return {name: value.reshape(shape) for name, value in arrays.items()} | {"rate": rate}


def _dropout_by_index(x, da, uniform, rate):
    a, dx = x / (1 - rate), da / (1 - rate)
    a[uniform < rate] = 0
    dx[uniform < rate] = 0
    return a, dx


def _dropout_all_loops(x, da, uniform, rate):
    a, dx = np.zeros_like(x), np.zeros_like(da)
    for i in np.ndindex(x.shape):
        if not uniform[i] < rate:
            a[i] = x[i] / (1 - rate)
            dx[i] = da[i] / (1 - rate)
    return a, dx


dropping = Exercise(
    "8.5",
    dropout,
    returns=("a", "dx"),
    inputs=_values_to_drop,
    sizes=[{"shape": (2, 3, 2), "rate": 0.2}, {"shape": (7,), "rate": 0.5}],
    hints=[
        "Which comparison of uniform and rate says what is kept? What is True times a number?",
        "mask = uniform >= rate is 1 where a value is kept, 0 where it is dropped. By what must "
        "the kept ones be divided, so that the mean stays?",
        "mask = (uniform >= rate) / (1 - rate). Multiply x by it for a, and da by the very same "
        "mask for dx.",
    ],
    misconceptions=[
        Slip("The kept values are too small: divide them by 1 - rate, and da there too, so that "
             "the mean stays as it was.", "/ (1 - rate)", "* 1"),
        Slip("The way forward is scaled and the way back is not. a is x times the mask divided by "
             "1 - rate, so dx is da times the very same.", "da * mask", "da * (mask > 0)"),
        Slip("The kept values were divided by rate. A part 1 - rate of them is kept: divide by "
             "1 - rate.", "(1 - rate)", "rate"),
        Slip("The kept values were multiplied by 1 - rate, which makes them smaller still. Divide, "
             "so that they make up for the dropped ones.", ") / (", ") * ("),
        Slip("It keeps what it should drop. A value is dropped where uniform is below rate, so it "
             "is kept where uniform >= rate.", ">=", "<"),
        Slip("It keeps what it should drop, and doesn't scale: kept is where uniform >= rate, and "
             "what is kept is divided by 1 - rate.", ">=", "<", "/ (1 - rate)", "* 1"),
        Slip("rate was taken as the part that is kept. It is the part that is dropped: kept is "
             "where uniform >= rate, and what is kept is divided by 1 - rate.",
             ">=", "<", "(1 - rate)", "rate"),
        Slip("A value whose number is exactly rate is not below it, so it is kept: uniform >= "
             "rate, and not >.", ">=", ">"),
        Slip("dx was divided by 1 - rate twice: the mask holds that division already.",
             "da * mask", "da * mask / (1 - rate)"),
        *(Slip("The gradient goes through dropped values too. What was dropped had no say: "
               "multiply da by the same mask as x.", "da * mask", dx)
          for dx in ("da", "da / (1 - rate)")),
        Slip("da was multiplied by a. The slope of a = x · mask is the mask: dx = da * mask.",
             "da * mask", "da * x * mask"),
        Slip("The mask was read off a, by a != 0. A value that was kept may be 0 itself, as many "
             "are after a ReLU: uniform >= rate is right for both.",
             "da * mask", "da * mask * (x != 0)"),
        Slip("The mask was read off a, by a > 0. A kept value may be 0 or negative: use uniform >= "
             "rate for both.", "da * mask", "da * mask * (x > 0)"),
        Slip("/ goes before -: the mask was divided by 1, and then rate was subtracted. Put "
             "brackets round 1 - rate.", "(1 - rate)", "1 - rate"),
        Slip("/ goes before -: it was divided by 1, and then rate was subtracted. Put brackets "
             "round 1 - rate.", "/ (1 - rate)", "* 1",
             "x * mask", "x * mask / 1 - rate", "da * mask", "da * mask / 1 - rate"),
        Slip("The dropped values were left out, and the shape is lost. They become 0 and stay "
             "where they are: multiply by the mask.",
             "x * mask", "(x * mask)[mask > 0]", "da * mask", "(da * mask)[mask > 0]"),
    ],
    variants=[
        _dropout_by_index,
        _dropout_all_loops,
        lambda x, da, uniform, rate: [
            np.where(uniform < rate, 0, v / (1 - rate)) for v in (x, da)
        ],
        lambda x, da, uniform, rate: np.stack([x, da]) * ~(uniform < rate) * (1 / (1 - rate)),
    ],
    library=(Dropout,),
)  # fmt: skip


def reliability(confidence, right, groups):
    """Hold what a classifier says of itself against how often it is right.

    confidence is (N,), the probability of the class that was chosen; right is (N,) and True where
    that class was the true one. Sorts by confidence and parts into so many groups, as equal in
    size as np.array_split makes them. Returns two arrays (groups,): mean confidence, accuracy.
    """
    order = np.argsort(confidence)
    parts = np.array_split(order, groups)
    says = np.array([confidence[rows].mean() for rows in parts])
    accuracy = np.array([right[rows].mean() for rows in parts])
    return says, accuracy


def _said_and_done(rng, N=23, groups=4):
    confidence = rng.permutation(np.linspace(0.3, 0.99, N)) ** rng.uniform(0.5, 1)
    right = rng.random(N) < confidence**2
    return {"confidence": confidence, "right": right, "groups": groups}


def _reliability_sorted(confidence, right, groups):
    pairs = sorted(zip(confidence.tolist(), right.tolist()))
    says, accuracy, start = [], [], 0
    for g in range(groups):
        size = len(pairs) // groups + (g < len(pairs) % groups)
        part = pairs[start : start + size]
        says.append(sum(c for c, _ in part) / size)
        accuracy.append(sum(r for _, r in part) / size)
        start += size
    return np.array(says), np.array(accuracy)


SORTED = "np.argsort(confidence)"
diagram = Exercise(
    "8.6",
    reliability,
    returns=("confidence", "accuracy"),
    inputs=_said_and_done,
    sizes=[{"N": 30, "groups": 5}, {"N": 9, "groups": 2}, {"N": 7, "groups": 1}],
    hints=[
        "np.argsort(confidence) gives row numbers, the least confident first. np.array_split cuts "
        "them into groups.",
        "For each group of rows: confidence[rows].mean() and right[rows].mean(). The mean of True "
        "and False is the share of True.",
        "order = np.argsort(confidence); parts = np.array_split(order, groups); then two arrays "
        "with one mean for each part.",
    ],
    misconceptions=[
        Slip("The samples are not sorted: each group holds sure and unsure answers, and all groups "
             "look alike. Sort by confidence first.", SORTED, "np.arange(len(confidence))"),
        Slip("`right` stayed in its old order. The rows of a group are order[...]: use the same "
             "rows for confidence and for right.",
             "right[rows].mean() for rows in parts",
             "part.mean() for part in np.array_split(right, groups)"),
        Slip("The most confident group comes first. Sort upwards, the least confident first.",
             SORTED, "np.argsort(-confidence)"),
        Slip("The samples were sorted by right or wrong. Sort by confidence.",
             SORTED, 'np.argsort(right, kind="stable")'),
        Slip("The two are in the wrong order: mean confidence first, then accuracy.",
             "return says, accuracy", "return accuracy, says"),
        Slip("These are counts of right answers. An accuracy is a share: take the mean.",
             "right[rows].mean()", "right[rows].sum()"),
        Slip("This is the share of wrong answers: 1 minus the accuracy.",
             "right[rows].mean()", "1 - right[rows].mean()"),
        Slip("The right answers of a group were divided by all N samples. Divide by the group's "
             "own size: take the mean.", "right[rows].mean()", "right[rows].sum() / len(right)"),
        Slip("This is the mean confidence of the right answers alone. Take it over all samples of "
             "the group.", "confidence[rows].mean()", "confidence[rows][right[rows]].mean()"),
        Slip("The largest confidence of each group was taken: take the mean.",
             "confidence[rows].mean()", "confidence[rows].max()"),
        Slip("The groups are equally wide in confidence here, and not equally large: some may be "
             "almost empty. np.array_split of the sorted rows makes them as large as each other.",
             "np.array_split(order, groups)",
             "[order[(np.digitize(confidence[order], np.linspace(confidence.min(), "
             "confidence.max() + 1e-9, groups + 1)[1:-1])) == g] for g in range(groups)]"),
    ],
    variants=[
        _reliability_sorted,
        lambda confidence, right, groups: tuple(
            np.array([p.mean() for p in np.array_split(values[confidence.argsort()], groups)])
            for values in (confidence, right)
        ),
    ],
)  # fmt: skip


EXERCISES = [two_parts, k_fold, leak, decay_exercise, dropping, diagram]
