"""Lesson 3, losses: its exercises."""

import numpy as np

from ... import activations, gradients, losses
from ..authoring import Exercise, Misconception


def mean_squared_error(predictions, targets):
    """The mean of the squared errors over every element, and its gradient.

    predictions and targets have the same shape. Returns value, one number, and
    gradient, of the shape of predictions.
    """
    difference = predictions - targets
    value = np.mean(difference**2)
    gradient = 2 * difference / difference.size
    return value, gradient


def numerical_gradient(f, x):
    """The slope of f in each entry of x, by centred differences of 1e-5.

    f takes an array like x and returns one number; x has any shape.
    Returns gradient, of the shape of x.
    """
    epsilon = 1e-5
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += epsilon
        below[i] -= epsilon
        gradient[i] = (f(above) - f(below)) / (2 * epsilon)
    return gradient


def sigmoid(z):
    """The sigmoid, never taking exp of a number above 0.

    z has any shape. Returns a, of the same shape.
    """
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def log_sum_exp(z):
    """The logarithm of the sum of exp(z) over each row, for logits of any size.

    z is (N, K). Returns one number for each row, (N,).
    """
    largest = z.max(axis=1)
    return largest + np.log(np.exp(z - largest[:, None]).sum(axis=1))


def gradient_error(loss, logits, labels):
    """How far a loss's gradient is from the numerical one, entry by entry.

    loss is a function: value, gradient = loss(logits, labels). logits is (N, K), labels (N,).
    Returns the absolute differences, (N, K).
    """
    _, gradient = loss(logits, labels)
    numerical = numerical_gradient(lambda z: loss(z, labels)[0], logits)
    return np.abs(gradient - numerical)


def softmax_cross_entropy(logits, labels):
    """The cross-entropy of softmax(logits), the mean over the batch, and its gradient.

    logits is (N, K), of any size; labels is (N,), integers in 0..K-1.
    Returns value, one number, and gradient, (N, K).
    """
    N = len(logits)
    rows = np.arange(N)
    log_a = logits - log_sum_exp(logits)[:, None]
    value = -log_a[rows, labels].mean()
    gradient = np.exp(log_a)
    gradient[rows, labels] -= 1
    return value, gradient / N


def decide(z, threshold):
    """Class 1 where its probability is above the threshold, else class 0.

    z is (N,), the logits of class 1; threshold is a probability between 0 and 1.
    Returns the classes, (N,), integers 0 and 1.
    """
    return (sigmoid(z) > threshold).astype(int)


# 3.1


def _mean_squared_error_inputs(rng):
    return dict(predictions=rng.normal(size=(5, 3)), targets=rng.normal(size=(5, 3)))


def _mean_squared_error_by_loop(predictions, targets):
    gradient = np.empty_like(predictions)
    value = 0.0
    for i in np.ndindex(predictions.shape):
        value += (predictions[i] - targets[i]) ** 2 / predictions.size
        gradient[i] = 2 * (predictions[i] - targets[i]) / predictions.size
    return value, gradient


# 3.2


def _numerical_gradient_inputs(rng):
    A, B, C = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=(2, 3))

    def f(x):
        return np.sum(A * np.sin(x)) + np.sum(B * x) ** 2 + np.sum(C * x**2)

    return dict(f=f, x=rng.normal(size=(2, 3)))


def _nudges_in_place(f, x):
    gradient = np.empty_like(x)
    for i in np.ndindex(*x.shape):
        kept = x[i]
        x[i] = kept + 1e-5
        above = f(x)
        x[i] = kept - 1e-5
        below = f(x)
        x[i] = kept
        gradient[i] = (above - below) / 2e-5
    return gradient


def _nudges_by_a_mask(f, x):
    slopes = []
    for i in range(x.size):
        nudge = np.zeros(x.size)
        nudge[i] = 1e-5
        nudge = nudge.reshape(x.shape)
        slopes.append((f(x + nudge) - f(x - nudge)) / 2e-5)
    return np.array(slopes).reshape(x.shape)


def _differences(difference):
    """A numerical gradient whose slope in entry i is difference(f, x, i)."""

    def implementation(f, x):
        gradient = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            gradient[i] = difference(f, x, i)
        return gradient

    return implementation


def _nudged(x, i, amount):
    x = x.copy()
    x[i] += amount
    return x


def _never_put_back(f, x):
    x = x.copy()
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += 1e-5
        above = f(x)
        x[i] -= 2e-5
        gradient[i] = (above - f(x)) / 2e-5
    return gradient


def _put_back_too_little(f, x):
    x = x.copy()
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += 1e-5
        above = f(x)
        x[i] -= 1e-5
        below = f(x)
        gradient[i] = (above - below) / 2e-5
    return gradient


def _whole_rows(f, x):
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        gradient[i] = (f(_nudged(x, i, 1e-5)) - f(_nudged(x, i, -1e-5))) / 2e-5
    return gradient


# 3.3


def _run_sigmoid(implementation, z):
    """The activations, and whether something overflowed on the way to them."""
    overflows = []
    with np.errstate(over="call", call=lambda *_: overflows.append(True)):
        a = implementation(z)
    return a, bool(overflows)


def _sigmoid_inputs(rng):
    return dict(z=rng.normal(scale=3, size=(4, 3)))


def _sigmoid_extremes(rng):
    sizes = np.array([[1.0, 30.0, 800.0], [-1.0, -30.0, -800.0], [1e4, -1e4, 0.0]])
    return dict(z=sizes * rng.uniform(1, 1.2, size=(3, 3)))


def _sigmoid_where_safe(z):
    return np.where(
        z >= 0,
        1 / (1 + np.exp(-np.maximum(z, 0))),
        np.exp(np.minimum(z, 0)) / (1 + np.exp(np.minimum(z, 0))),
    )


def _sigmoid_by_masks(z):
    a = np.empty_like(z)
    positive = z > 0
    a[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    a[~positive] = e / (1 + e)
    return a


# 3.4


def _log_sum_exp_inputs(rng):
    return dict(z=rng.normal(scale=2, size=(5, 3)))


def _log_sum_exp_extremes(rng):
    return dict(z=_rows_of_all_sizes(rng))


def _rows_of_all_sizes(rng):
    """Logits (5, 3): ordinary, far above 0, far below 0, and far apart within a row."""
    z = rng.normal(scale=2, size=(5, 3))
    z[1] += 1000
    z[2] -= 1000
    z[3] += rng.permutation([900.0, -900.0, 0.0])
    z[4] += rng.permutation([60.0, -60.0, 0.0])
    return z


# 3.5


def _gradient_error_inputs(rng):
    factors = rng.choice([0.5, 1.0, 2.0, -1.0], size=(4, 3))
    factors[0, 0], factors[1, 2] = 1.0, 0.5

    def loss(logits, labels):
        value, gradient = softmax_cross_entropy(logits, labels)
        return value, gradient * factors

    return dict(loss=loss, logits=rng.normal(size=(4, 3)), labels=rng.integers(3, size=4))


def _differences_of(judge):
    """A gradient check that gets from gradient and numerical gradient what judge makes of them."""

    def implementation(loss, logits, labels):
        numerical = numerical_gradient(lambda z: loss(z, labels)[0], logits)
        return judge(loss(logits, labels)[1], numerical)

    return implementation


def _gradient_error_in_two_steps(loss, logits, labels):
    def value(z):
        return loss(z, labels)[0]

    difference = loss(logits, labels)[1] - gradients.numerical_gradient(value, logits.copy())
    return np.where(difference < 0, -difference, difference)


# 3.6


def _cross_entropy_inputs(rng):
    # a batch of five that has every class, two of them twice
    return dict(logits=rng.normal(size=(5, 3)), labels=rng.permutation([0, 1, 2, 0, 2]))


def _cross_entropy_extremes(rng):
    logits = _rows_of_all_sizes(rng)
    labels = logits.argmin(axis=1)  # the right class got the smallest logit
    labels[0] = logits[0].argmax()
    return dict(logits=logits, labels=labels)


def _cross_entropy(gradient=None, value=None):
    """A cross-entropy, stable, of which gradient or value are made in another way.

    Both are functions of the probabilities a, the one-hot targets t and log(a).
    """

    def implementation(logits, labels):
        log_a = logits - log_sum_exp(logits)[:, None]
        a, t = np.exp(log_a), np.eye(logits.shape[1])[labels]
        right_value = -(log_a * t).sum() / len(logits)
        return (
            right_value if value is None else value(a, t, log_a),
            (a - t) / len(logits) if gradient is None else gradient(a, t, log_a),
        )

    return implementation


def _cross_entropy_of(softmax):
    """The cross-entropy with another softmax, and the logarithm taken of what that gives."""

    def implementation(logits, labels):
        a = softmax(logits)
        rows = np.arange(len(logits))
        value = -np.log(a[rows, labels]).mean()
        gradient = a.copy()
        gradient[rows, labels] -= 1
        return value, gradient / len(logits)

    return implementation


def _softmax_with_maximum(z, largest, axis=1):
    e = np.exp(z - largest)
    return e / e.sum(axis=axis, keepdims=True)


def _not_mended(logits, labels):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    value = -np.log(a[rows, labels]).mean()
    da = np.zeros_like(a)
    da[rows, labels] = -1 / a[rows, labels] / len(labels)
    return value, da * a * (1 - a)


def _labels_as_slices(logits, labels):
    log_a = logits - log_sum_exp(logits)[:, None]
    gradient = np.exp(log_a)
    gradient[:, labels] -= 1
    return -log_a[:, labels].mean(), gradient / len(logits)


def _slices_in_the_gradient(logits, labels):
    log_a = logits - log_sum_exp(logits)[:, None]
    gradient = np.exp(log_a)
    gradient[:, labels] -= 1
    return -log_a[np.arange(len(labels)), labels].mean(), gradient / len(logits)


def _labels_as_numbers(logits, labels):
    log_a = logits - log_sum_exp(logits)[:, None]
    value = -log_a[np.arange(len(labels)), labels].mean()
    return value, (np.exp(log_a) - labels[:, None]) / len(logits)


def _cross_entropy_one_hot(logits, labels):
    N, K = logits.shape
    t = np.eye(K)[labels]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_a = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.sum(t * log_a) / N, (np.exp(log_a) - t) / N


def _cross_entropy_by_rows(logits, labels):
    value, gradient = 0.0, np.zeros_like(logits)
    for i, (z, y) in enumerate(zip(logits, labels, strict=True)):
        e = np.exp(z - z.max())
        value += (np.log(e.sum()) - (z[y] - z.max())) / len(logits)
        gradient[i] = e / e.sum()
        gradient[i, y] -= 1
    return value, gradient / len(logits)


def _cross_entropy_by_jacobian(logits, labels):
    N = len(logits)
    log_a = logits - log_sum_exp(logits)[:, None]
    d_log_a = np.zeros_like(logits)
    d_log_a[np.arange(N), labels] = -1 / N
    gradient = d_log_a - np.exp(log_a) * d_log_a.sum(axis=1, keepdims=True)
    return float(-log_a[np.arange(N), labels].sum() / N), gradient


# 3.7


def _decide_inputs(rng):
    z = np.linspace(-3, 3, 13) + rng.uniform(-0.05, 0.05, size=13)
    return dict(z=rng.permutation(z), threshold=float(rng.choice([0.2, 0.25, 0.9])))


EXERCISES = [
    Exercise(
        "3.1",
        reference=mean_squared_error,
        inputs=_mean_squared_error_inputs,
        returns=("value", "gradient"),
        hints=[
            "Call the difference predictions - targets by a name: both outputs need it. Over how "
            "many numbers is the mean taken?",
            "The derivative of one squared difference is 2 times the difference. What does the "
            "mean do to it? difference.size is the number of all elements.",
            "value = np.mean(difference**2), gradient = 2 * difference / difference.size",
        ],
        library=(losses.mean_squared_error,),
        misconceptions=[
            Misconception(
                "The gradient is half of what it should be: the derivative of a square brings "
                "down a factor of 2.",
                lambda predictions, targets: (
                    np.mean((predictions - targets) ** 2),
                    (predictions - targets) / predictions.size,
                ),
            ),
            Misconception(
                "The gradient is that of the sum, not of the mean: the value was divided by the "
                "number of elements, so the gradient must be too.",
                lambda predictions, targets: (
                    np.mean((predictions - targets) ** 2),
                    2 * (predictions - targets),
                ),
            ),
            Misconception(
                "The gradient was divided by the number of rows only. The value is the mean over "
                "every element, rows times columns: use difference.size.",
                lambda predictions, targets: (
                    np.mean((predictions - targets) ** 2),
                    2 * (predictions - targets) / len(predictions),
                ),
            ),
            Misconception(
                "Both are divided by the number of rows only. Here the mean is taken over every "
                "element, rows times columns.",
                lambda predictions, targets: (
                    np.sum((predictions - targets) ** 2) / len(predictions),
                    2 * (predictions - targets) / len(predictions),
                ),
            ),
            Misconception(
                "Value and gradient are those of the sum of the squares: the mean is missing in "
                "both.",
                lambda predictions, targets: (
                    np.sum((predictions - targets) ** 2),
                    2 * (predictions - targets),
                ),
            ),
            Misconception(
                "The gradient has the wrong sign: where a prediction is too large, making it "
                "larger must make the loss larger. Take predictions - targets.",
                lambda predictions, targets: (
                    np.mean((predictions - targets) ** 2),
                    2 * (targets - predictions) / predictions.size,
                ),
            ),
            Misconception(
                "Value and gradient are both half: this is the loss with a factor 1/2 in front, "
                "which some books use. Here there is no such factor.",
                lambda predictions, targets: (
                    np.mean((predictions - targets) ** 2) / 2,
                    (predictions - targets) / predictions.size,
                ),
            ),
            Misconception(
                "The value is the root of the mean squared error. The loss here has no root.",
                lambda predictions, targets: (
                    np.sqrt(np.mean((predictions - targets) ** 2)),
                    2 * (predictions - targets) / predictions.size,
                ),
            ),
            Misconception(
                "The value is the mean of the absolute errors: square the differences before you "
                "take the mean.",
                lambda predictions, targets: (
                    np.mean(np.abs(predictions - targets)),
                    2 * (predictions - targets) / predictions.size,
                ),
            ),
            Misconception(
                "The value was averaged over the rows only, so that one number for each column "
                "is left. It should be a single number: np.mean without axis.",
                lambda predictions, targets: (
                    np.mean((predictions - targets) ** 2, axis=0),
                    2 * (predictions - targets) / predictions.size,
                ),
            ),
            Misconception(
                "The gradient was averaged to a single number. Each prediction has a slope of its "
                "own: divide by the number of elements, and do not add them up.",
                lambda predictions, targets: (
                    np.mean((predictions - targets) ** 2),
                    np.mean(2 * (predictions - targets)),
                ),
            ),
            Misconception(
                "The value is the square of the mean error. Square first, then take the mean: "
                "else errors up and errors down cancel.",
                lambda predictions, targets: (
                    np.mean(predictions - targets) ** 2,
                    2 * (predictions - targets) / predictions.size,
                ),
            ),
        ],
        variants=[
            _mean_squared_error_by_loop,
            lambda predictions, targets: (
                ((targets - predictions) ** 2).mean(),
                -2 / targets.size * (targets - predictions),
            ),
            lambda predictions, targets: (
                float(np.square(predictions - targets).sum() / predictions.size),
                (predictions - targets) * (2 / predictions.size),
            ),
        ],
    ),
    Exercise(
        "3.2",
        reference=numerical_gradient,
        inputs=_numerical_gradient_inputs,
        returns="gradient",
        hints=[
            "One entry at a time: how does f change when only x[i] is moved, up and down? The "
            "others must be where they were.",
            "Loop with `for i in np.ndindex(x.shape)`. Make two copies, x.copy(), and move entry "
            "i of one up by 1e-5 and of the other down by 1e-5.",
            "gradient = np.zeros(x.shape) before the loop; in it "
            "gradient[i] = (f(above) - f(below)) / (2 * 1e-5)",
        ],
        library=(gradients.numerical_gradient,),
        misconceptions=[
            Misconception(
                "Twice the slope: from x - epsilon to x + epsilon the step is 2 epsilon long, and "
                "that is what the difference must be divided by.",
                _differences(
                    lambda f, x, i: (f(_nudged(x, i, 1e-5)) - f(_nudged(x, i, -1e-5))) / 1e-5
                ),
            ),
            Misconception(
                "This is the one-sided difference, f(x + epsilon) - f(x). The centred one looks "
                "to both sides, f(x + epsilon) - f(x - epsilon), and is far more exact.",
                _differences(lambda f, x, i: (f(_nudged(x, i, 1e-5)) - f(x)) / 1e-5),
            ),
            Misconception(
                "This is the one-sided difference, f(x) - f(x - epsilon). The centred one looks "
                "to both sides, f(x + epsilon) - f(x - epsilon), and is far more exact.",
                _differences(lambda f, x, i: (f(x) - f(_nudged(x, i, -1e-5))) / 1e-5),
            ),
            Misconception(
                "Half the slope: the two values are only one epsilon apart. Either x itself was "
                "moved, and then moved back instead of to the other side; or f(x) stands where "
                "f(x - epsilon) should. Is each nudged array a copy of its own, x.copy()?",
                _put_back_too_little,
            ),
            Misconception(
                "All entries were moved together, so each place holds the sum of all slopes. Move "
                "one entry and leave the others where they are.",
                _differences(lambda f, x, i: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5),
            ),
            Misconception(
                "Whole rows were moved together: the loop runs over the first axis only. "
                "np.ndindex(x.shape) visits every single entry.",
                _whole_rows,
            ),
            Misconception(
                "Nearly right: entries that were moved were not put back before the next one was "
                "moved, so f is measured beside x. Take a fresh copy for each entry.",
                _never_put_back,
            ),
            Misconception(
                "The sign is wrong: the slope is f above minus f below.",
                _differences(
                    lambda f, x, i: (f(_nudged(x, i, -1e-5)) - f(_nudged(x, i, 1e-5))) / 2e-5
                ),
            ),
            Misconception(
                "All zero: both values of f were taken at the same place. Is the nudged array "
                "the one that f is given? And are the two nudged arrays two different copies?",
                lambda f, x: np.zeros(x.shape),
            ),
            Misconception(
                "These are the differences of f, not the slopes: they must be divided by the "
                "length of the step, 2 epsilon.",
                _differences(lambda f, x, i: f(_nudged(x, i, 1e-5)) - f(_nudged(x, i, -1e-5))),
            ),
            Misconception(
                "The differences were multiplied by epsilon: `/ 2 * epsilon` divides by 2 and "
                "then multiplies. Write `/ (2 * epsilon)`.",
                _differences(
                    lambda f, x, i: (f(_nudged(x, i, 1e-5)) - f(_nudged(x, i, -1e-5))) / 2 * 1e-5
                ),
            ),
            Misconception(
                "The slopes are right and stand in one flat row: the gradient must have the shape "
                "of x.",
                lambda f, x: _nudges_by_a_mask(f, x).ravel(),
            ),
        ],
        variants=[_nudges_in_place, _nudges_by_a_mask],
    ),
    Exercise(
        "3.3",
        reference=sigmoid,
        inputs=_sigmoid_inputs,
        extremes=_sigmoid_extremes,
        returns=("a", "whether something overflowed"),
        run=_run_sigmoid,
        hints=[
            "For which z is exp(-z) a large number? And exp(z)? -np.abs(z) is never above 0.",
            "Let e = np.exp(-np.abs(z)). Where z >= 0 this is exp(-z), elsewhere it is exp(z). "
            "Write both forms of the sigmoid with e.",
            "np.where(z >= 0, 1 / (1 + e), e / (1 + e))",
        ],
        library=(activations.sigmoid,),
        misconceptions=[
            Misconception(
                "The values are right, but exp overflowed on the way to them: it was taken of a "
                "large positive number. 1 / (1 + exp(-z)) does that where z is far below 0. "
                "np.where does not save you, as it computes both of its branches for every z and "
                "chooses afterwards. Take exp of -np.abs(z) only.",
                lambda z: 1 / (1 + np.exp(-z)),
            ),
            Misconception(
                "Where z is large, exp(z) overflows, and infinity / infinity is no number. "
                "exp(z) / (1 + exp(z)) is only safe for z below 0.",
                lambda z: np.exp(z) / (1 + np.exp(z)),
            ),
            Misconception(
                "1 / 1 + exp(-z) is (1 / 1) + exp(-z): the brackets around 1 + exp(-z) are "
                "missing.",
                lambda z: 1 / 1 + np.exp(-z),
            ),
            Misconception(
                "1 / 1 + e is (1 / 1) + e: the brackets around 1 + e are missing.",
                lambda z: np.where(
                    z >= 0, 1 / 1 + np.exp(-np.abs(z)), np.exp(-np.abs(z)) / 1 + np.exp(-np.abs(z))
                ),
            ),
            Misconception(
                "Right where z is 0 or above, mirrored where it is below: with e = exp(-|z|) the "
                "sigmoid is 1 / (1 + e) only for z >= 0. Below, it is e / (1 + e).",
                lambda z: 1 / (1 + np.exp(-np.abs(z))),
            ),
            Misconception(
                "Right where z is below 0, mirrored where it is above: with e = exp(-|z|) the "
                "sigmoid is e / (1 + e) only for z < 0. Above, it is 1 / (1 + e).",
                lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))),
            ),
            Misconception(
                "This is 1 - sigmoid(z), the probability of the other class: it should rise with "
                "z. Were the two branches of np.where swapped?",
                lambda z: np.where(z >= 0, np.exp(-np.abs(z)), 1) / (1 + np.exp(-np.abs(z))),
            ),
            Misconception(
                "This is 1 - sigmoid(z), and it overflows: the minus in exp(-z) is missing.",
                lambda z: 1 / (1 + np.exp(z)),
            ),
            Misconception(
                "These are the numerators only, 1 where z >= 0 and e elsewhere: the division by "
                "1 + e is missing.",
                lambda z: np.where(z >= 0, 1, np.exp(-np.abs(z))),
            ),
            Misconception(
                "The overflow is gone, and so are the right values: z was cut off at a small "
                "size. Nothing needs to be cut, exp(-|z|) is harmless for any z.",
                lambda z: 1 / (1 + np.exp(-np.clip(z, -10, 10))),
            ),
        ],
        variants=[
            _sigmoid_where_safe,
            _sigmoid_by_masks,
            lambda z: 0.5 * (1 + np.tanh(z / 2)),
            lambda z: np.exp(-np.logaddexp(0, -z)),
            lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
        ],
    ),
    Exercise(
        "3.4",
        library=(activations.softmax, activations.log_softmax),
        reference=log_sum_exp,
        inputs=_log_sum_exp_inputs,
        extremes=_log_sum_exp_extremes,
        returns="log_sum",
        hints=[
            "What is the largest number that exp is ever taken of, once the largest logit of a "
            "row is subtracted from the row?",
            "z.max(axis=1) is (N,), z is (N, K). To subtract one number from each row make a "
            "column of it: z.max(axis=1)[:, None], or keepdims=True.",
            "largest + np.log(np.exp(z - largest[:, None]).sum(axis=1))",
        ],
        misconceptions=[
            Misconception(
                "Right for small logits, but exp overflows for large ones, and for very negative "
                "ones the sum is 0 and its logarithm -infinity. Subtract each row's largest logit "
                "before exp, and add it again at the end.",
                lambda z: np.log(np.exp(z).sum(axis=1)),
            ),
            Misconception(
                "The largest logit was subtracted before exp but not added again after the "
                "logarithm.",
                lambda z: np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)),
            ),
            Misconception(
                "The largest logit of the whole table was subtracted, not that of each row. Where "
                "rows differ much, a row's exp are then all 0. Take z.max(axis=1, keepdims=True).",
                lambda z: z.max() + np.log(np.exp(z - z.max()).sum(axis=1)),
            ),
            Misconception(
                "The maximum was subtracted after exp was taken, np.exp(z) - max. It must come "
                "off inside: np.exp(z - max).",
                lambda z: (
                    z.max(axis=1) + np.log((np.exp(z) - z.max(axis=1, keepdims=True)).sum(axis=1))
                ),
            ),
            Misconception(
                "It was summed over the wrong axis: one number for each column came out. Each row "
                "is a sample, so sum over its K logits, axis=1.",
                lambda z: z.max(axis=0) + np.log(np.exp(z - z.max(axis=0)).sum(axis=0)),
            ),
            Misconception(
                "It was summed over the whole table. There is one answer for each row: axis=1.",
                lambda z: z.max() + np.log(np.exp(z - z.max()).sum()),
            ),
            Misconception(
                "The mean of the exp was taken, not their sum: the result is too small by "
                "log(K) in each row.",
                lambda z: (
                    z.max(axis=1) + np.log(np.exp(z - z.max(axis=1, keepdims=True)).mean(axis=1))
                ),
            ),
            Misconception(
                "The logarithm was taken before the sum, so that it undoes exp and a plain sum "
                "of the logits is left. Sum first, then take the logarithm of the sum.",
                lambda z: z.sum(axis=1),
            ),
            Misconception(
                "The largest logit was multiplied to the sum, which belongs to exp(largest). "
                "Outside the logarithm it is added.",
                lambda z: (
                    z.max(axis=1) * np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1))
                ),
            ),
            Misconception(
                "The largest logit was subtracted at the end. It was taken off inside, so it must "
                "be added again outside.",
                lambda z: (
                    np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)) - z.max(axis=1)
                ),
            ),
            Misconception(
                "This is only the largest logit of each row, which is near the answer where one "
                "logit is far above the others. The logarithm of the sum is missing.",
                lambda z: z.max(axis=1),
            ),
            Misconception(
                "The numbers are right, as a column (N, 1). Expected is (N,): leave keepdims away "
                "in the last step.",
                lambda z: np.logaddexp.reduce(z, axis=1, keepdims=True),
            ),
            Misconception(
                "The logarithm is missing: with it, the sum of many exp becomes a number of the "
                "size of a logit again.",
                lambda z: np.exp(z).sum(axis=1),
            ),
        ],
        variants=[
            lambda z: np.logaddexp.reduce(z, axis=1),
            lambda z: np.array([row.max() + np.log(sum(np.exp(row - row.max()))) for row in z]),
        ],
    ),
    Exercise(
        "3.5",
        reference=gradient_error,
        inputs=_gradient_error_inputs,
        returns="error",
        tolerance=1e-4,  # of a difference of differences: where it is 0, rounding is left
        hints=[
            "A loss gives two things. Which of the two is nudged, and which is compared with what "
            "the nudging gives?",
            "numerical_gradient wants a function of one array that returns one number. "
            "loss(z, labels) returns two: take the first, loss(z, labels)[0].",
            "numerical = numerical_gradient(lambda z: loss(z, labels)[0], logits)",
        ],
        misconceptions=[
            Misconception(
                "Differences with a sign. Errors up and errors down should both count as errors: "
                "take np.abs.",
                _differences_of(lambda gradient, numerical: gradient - numerical),
            ),
            Misconception(
                "Differences with a sign. Errors up and errors down should both count as errors: "
                "take np.abs of numerical - gradient.",
                _differences_of(lambda gradient, numerical: numerical - gradient),
            ),
            Misconception(
                "The differences were squared. The absolute values are asked for: np.abs.",
                _differences_of(lambda gradient, numerical: (gradient - numerical) ** 2),
            ),
            Misconception(
                "This is the largest difference only. To see which entries are off, keep them all "
                "in their places, (N, K).",
                _differences_of(lambda gradient, numerical: np.abs(gradient - numerical).max()),
            ),
            Misconception(
                "The differences were averaged to one number. To see which entries are off, keep "
                "them all in their places, (N, K).",
                _differences_of(lambda gradient, numerical: np.abs(gradient - numerical).mean()),
            ),
            Misconception(
                "This is the difference of the absolute values: a gradient with the wrong sign "
                "would pass. Subtract first, then take np.abs.",
                _differences_of(
                    lambda gradient, numerical: np.abs(np.abs(gradient) - np.abs(numerical))
                ),
            ),
            Misconception(
                "This is the size of the loss's own gradient: the numerical one came out as zero. "
                "The function that you hand to numerical_gradient must use its argument: "
                "lambda z: loss(z, labels)[0], not loss(logits, labels)[0].",
                _differences_of(lambda gradient, numerical: np.abs(gradient)),
            ),
            Misconception(
                "This is the size of the numerical gradient. Subtract it from the gradient that "
                "the loss returns, its second output.",
                _differences_of(lambda gradient, numerical: np.abs(numerical)),
            ),
            Misconception(
                "This is the numerical gradient itself. Hold it against the gradient that the "
                "loss returns: the absolute difference of the two.",
                _differences_of(lambda gradient, numerical: numerical),
            ),
            Misconception(
                "The differences were divided by the size of the numerical gradient. That is the "
                "relative error; here the plain differences are asked for.",
                _differences_of(
                    lambda gradient, numerical: np.abs(gradient - numerical) / np.abs(numerical)
                ),
            ),
            Misconception(
                "All zero: the gradient was compared with itself. One of the two must come from "
                "numerical_gradient.",
                _differences_of(lambda gradient, numerical: np.zeros_like(gradient)),
            ),
            Misconception(
                "The two gradients were added. Take their difference.",
                _differences_of(lambda gradient, numerical: np.abs(gradient + numerical)),
            ),
            Misconception(
                "The value of the loss was compared, not its gradient: "
                "value, gradient = loss(logits, labels), and the second is wanted.",
                lambda loss, logits, labels: np.abs(
                    loss(logits, labels)[0]
                    - numerical_gradient(lambda z: loss(z, labels)[0], logits)
                ),
            ),
        ],
        variants=[
            _gradient_error_in_two_steps,
            lambda loss, logits, labels: np.abs(
                numerical_gradient(lambda z: loss(z, labels)[0], logits) - loss(logits, labels)[1]
            ),
        ],
    ),
    Exercise(
        "3.6",
        reference=softmax_cross_entropy,
        inputs=_cross_entropy_inputs,
        extremes=_cross_entropy_extremes,
        returns=("value", "gradient"),
        hints=[
            "Look at the derivation again: what does the gradient hold at the right class, and "
            "what at the other classes? In the published version one of the two is missing.",
            "log_a = logits - log_sum_exp(logits)[:, None] is the logarithm of the softmax, never "
            "-infinity. The value needs its entries [rows, labels], the gradient np.exp(log_a).",
            "gradient = np.exp(log_a), then gradient[rows, labels] -= 1, then divide by N, for "
            "the value is a mean over the N rows.",
        ],
        library=(losses.softmax_cross_entropy, activations.softmax, activations.log_softmax),
        misconceptions=[
            Misconception(
                "This is the published version still: its gradient is right at the right class "
                "and zero at all others. a * (1 - a) is only the diagonal of the softmax's "
                "derivative; raising one logit also takes probability from every other class. And "
                "with a = 0 it divides by zero. Take the gradient as it was derived, from z.",
                _not_mended,
            ),
            Misconception(
                "The gradient is right at the right class and zero at all others. Raising any "
                "logit takes probability from the right class, so the others have a slope too: a "
                "itself.",
                _cross_entropy(gradient=lambda a, t, log_a: (a - t) * t / len(a)),
            ),
            Misconception(
                "The softmax was taken along the wrong axis: the columns of a sum to 1, not the "
                "rows. A row is a sample, and its K probabilities sum to 1: axis=1.",
                _cross_entropy_of(
                    lambda z: _softmax_with_maximum(z, z.max(axis=0, keepdims=True), axis=0)
                ),
            ),
            Misconception(
                "The gradient is that of the sum over the batch: the value is a mean, so the "
                "gradient must be divided by N too. No layer will do it later.",
                _cross_entropy(gradient=lambda a, t, log_a: a - t),
            ),
            Misconception(
                "The gradient was divided by N twice. The mean is taken once.",
                _cross_entropy(gradient=lambda a, t, log_a: (a - t) / len(a) ** 2),
            ),
            Misconception(
                "Value and gradient were summed over the batch: take the mean, that is, divide "
                "both by N.",
                _cross_entropy(
                    lambda a, t, log_a: a - t,
                    lambda a, t, log_a: -(log_a * t).sum(),
                ),
            ),
            Misconception(
                "The value was averaged over all N times K entries of the table. Each sample "
                "counts once, for its right class: divide by N.",
                _cross_entropy(value=lambda a, t, log_a: -(log_a * t).mean()),
            ),
            Misconception(
                "Value and gradient were divided by N times K. Each sample counts once, for its "
                "right class: divide by N.",
                _cross_entropy(
                    lambda a, t, log_a: (a - t) / a.size,
                    lambda a, t, log_a: -(log_a * t).mean(),
                ),
            ),
            Misconception(
                "The gradient has the wrong sign: at the right class it must be negative, as "
                "raising that logit lowers the loss. It is a minus one-hot.",
                _cross_entropy(gradient=lambda a, t, log_a: (t - a) / len(a)),
            ),
            Misconception(
                "The minus in front of the logarithm is missing: a loss is large when the "
                "probability is small.",
                _cross_entropy(value=lambda a, t, log_a: (log_a * t).sum() / len(a)),
            ),
            Misconception(
                "a - one-hot was multiplied by a * (1 - a) once more. The softmax's derivative is "
                "in a - one-hot already: do not apply it twice.",
                _cross_entropy(gradient=lambda a, t, log_a: (a - t) * a * (1 - a) / len(a)),
            ),
            Misconception(
                "This is the derivative for the probabilities a, -1 / a at the right class. The "
                "softmax's own derivative is left out: the gradient for the logits is a minus "
                "one-hot.",
                _cross_entropy(gradient=lambda a, t, log_a: np.where(t == 1, -1 / a, 0) / len(a)),
            ),
            Misconception(
                "The gradient is the softmax alone: the 1 at the right class was not subtracted.",
                _cross_entropy(gradient=lambda a, t, log_a: a / len(a)),
            ),
            Misconception(
                "The 1 was subtracted after the division by N. First a - one-hot, then divide all "
                "of it by N.",
                _cross_entropy(gradient=lambda a, t, log_a: a / len(a) - t),
            ),
            Misconception(
                "log_a itself was used for the gradient. The softmax is np.exp(log_a).",
                _cross_entropy(gradient=lambda a, t, log_a: (log_a - t) / len(a)),
            ),
            Misconception(
                "a[:, labels] takes whole columns, N of them, for every row. One entry from each "
                "row is a[rows, labels], with rows = np.arange(N).",
                _labels_as_slices,
            ),
            Misconception(
                "gradient[:, labels] -= 1 subtracts from whole columns. One entry from each row "
                "is gradient[rows, labels], with rows = np.arange(N).",
                _slices_in_the_gradient,
            ),
            Misconception(
                "The label's number was subtracted from the whole row. A label says which entry: "
                "subtract 1 from that one, gradient[rows, labels] -= 1.",
                _labels_as_numbers,
            ),
            Misconception(
                "exp of the plain logits overflows, or is 0 in a whole row, and 0 / 0 is no "
                "number. Use log_sum_exp.",
                _cross_entropy_of(lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)),
            ),
            Misconception(
                "The largest logit of the whole batch was subtracted. Rows far below it then have "
                "only zeros, and 0 / 0 is no number. Take the largest of each row.",
                _cross_entropy_of(lambda z: _softmax_with_maximum(z, z.max())),
            ),
            Misconception(
                "The softmax is safe, and then its logarithm is taken: where the probability has "
                "become 0, log(0) is -infinity. Never go through a: log_a is "
                "logits - log_sum_exp(logits)[:, None].",
                _cross_entropy_of(lambda z: _softmax_with_maximum(z, z.max(axis=1, keepdims=True))),
            ),
            *(
                Misconception(
                    f"log(a + {tiny:g}) hides log(0) and makes it another wrong number: however "
                    f"wrong the network is, the loss stops growing at {-np.log(tiny):.0f}. Never "
                    "go through a: log_a is logits - log_sum_exp(logits)[:, None].",
                    _cross_entropy(
                        value=lambda a, t, log_a, tiny=tiny: -(np.log(a + tiny) * t).sum() / len(a)
                    ),
                )
                for tiny in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
            ),
        ],
        variants=[
            _cross_entropy_one_hot,
            _cross_entropy_by_rows,
            _cross_entropy_by_jacobian,
        ],
    ),
    Exercise(
        "3.7",
        reference=decide,
        inputs=_decide_inputs,
        returns="classes",
        hints=[
            "z is a logit, the threshold is a probability. Which function turns one into the "
            "other?",
            "sigmoid(z) > threshold is an array of True and False. .astype(int) makes 1 and 0 of "
            "it.",
        ],
        misconceptions=[
            Misconception(
                "A logit was compared with a probability. Turn z into a probability first: "
                "sigmoid(z) > threshold.",
                lambda z, threshold: (z > threshold).astype(int),
            ),
            Misconception(
                "The threshold was not used: this is class 1 above one half, wherever the "
                "threshold stands.",
                lambda z, threshold: (z > 0).astype(int),
            ),
            Misconception(
                "The classes are swapped: class 1 is where its probability is above the "
                "threshold, not below.",
                lambda z, threshold: (sigmoid(z) <= threshold).astype(int),
            ),
            Misconception(
                "These are the probabilities, not the classes: compare them with the threshold.",
                lambda z, threshold: sigmoid(z),
            ),
            Misconception(
                "The threshold was turned by the sigmoid, and the logit was not. The threshold is "
                "a probability already: sigmoid(z) > threshold.",
                lambda z, threshold: (z > sigmoid(threshold)).astype(int),
            ),
            Misconception(
                "This compares the probability of class 0 with the threshold: 1 - sigmoid(z) was "
                "taken.",
                lambda z, threshold: (1 - sigmoid(z) > threshold).astype(int),
            ),
            Misconception(
                "The classes came out as 1 and -1. They are 1 and 0 here.",
                lambda z, threshold: np.where(sigmoid(z) > threshold, 1, -1),
            ),
            Misconception(
                "These are the places where class 1 was found. A class for every sample is "
                "wanted: 1 there and 0 elsewhere.",
                lambda z, threshold: np.flatnonzero(sigmoid(z) > threshold),
            ),
            Misconception(
                "The probabilities above the threshold were kept as they are. Class 1 is the "
                "number 1.",
                lambda z, threshold: np.where(sigmoid(z) > threshold, sigmoid(z), 0),
            ),
        ],
        variants=[
            lambda z, threshold: (z > np.log(threshold / (1 - threshold))).astype(int),
            lambda z, threshold: np.where(1 / (1 + np.exp(-z)) >= threshold, 1, 0),
            lambda z, threshold: sigmoid(z) > threshold,
        ],
    ),
]
