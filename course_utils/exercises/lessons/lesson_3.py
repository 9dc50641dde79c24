"""Lesson 3, losses: its exercises."""

import numpy as np

from ... import activations, gradients, losses
from ..authoring import Exercise, Slip, arrays
from .shared import CENTRED_DIFFERENCES, smooth_function


def mean_squared_error(predictions, targets):
    """The mean of the squared errors over every element, and its gradient.

    predictions and targets have the same shape. Returns value, one number, and
    gradient, of the shape of predictions.
    """
    difference = predictions - targets
    value = np.mean(difference**2)
    gradient = 2 * difference / difference.size
    return value, gradient


def outputs(rng, shape=(5, 3), dtype=float):
    targets = (3 * rng.normal(size=shape)).astype(dtype)
    return {"predictions": rng.normal(size=shape), "targets": targets}


squared = Exercise(
    "3.1",
    mean_squared_error,
    returns=("value", "gradient"),
    inputs=outputs,
    sizes=[{"shape": s} for s in [(4, 3), (6, 2), (7,), (2, 3, 4)]] + [{"dtype": int}],
    hints=[
        "Call the difference predictions - targets by a name: both outputs need it. Over how many "
        "numbers is the mean taken?",
        "The derivative of one squared difference is 2 times the difference. What does the mean do "
        "to it? difference.size is the number of all elements.",
        "value = np.mean(difference**2), gradient = 2 * difference / difference.size",
    ],
    misconceptions=[
        Slip("The gradient is half of what it should be: the derivative of a square brings down a "
             "factor of 2.", "2 * difference", "difference"),
        Slip("The gradient is that of the sum, not of the mean: the value was divided by the "
             "number of elements, so the gradient must be too.", " / difference.size", ""),
        Slip("The gradient was divided by the number of rows only. The value is the mean over "
             "every element, rows times columns: use difference.size.",
             "difference.size", "len(difference)"),
        Slip("Both are divided by the number of rows only. Here the mean is taken over every "
             "element, rows times columns.",
             "np.mean(difference**2)", "np.sum(difference**2) / len(difference)",
             "difference.size", "len(difference)"),
        Slip("Value and gradient are those of the sum of the squares: the mean is missing in both.",
             "np.mean", "np.sum", " / difference.size", ""),
        Slip("The gradient has the wrong sign: where a prediction is too large, making it larger "
             "must make the loss larger. Take predictions - targets.",
             "predictions - targets", "targets - predictions"),
        Slip("Value and gradient are both half: this is the loss with a factor 1/2 in front, which "
             "some books use. Here there is no such factor.",
             "np.mean(difference**2)", "np.mean(difference**2) / 2",
             "2 * difference", "difference"),
        Slip("The value is the mean of the absolute errors: square the differences before you take "
             "the mean.", "difference**2", "np.abs(difference)"),
        Slip("The value was averaged over the rows only, so that one number for each column is "
             "left. It should be a single number: np.mean without axis.",
             "difference**2", "difference**2, axis=0"),
        Slip("The gradient was averaged to a single number. Each prediction has a slope of its "
             "own: divide by the number of elements, and do not add them up.",
             "2 * difference / difference.size", "np.mean(2 * difference)"),
        Slip("The value is the square of the mean error. Square first, then take the mean: else "
             "errors up and errors down cancel.",
             "np.mean(difference**2)", "np.mean(difference) ** 2"),
    ],
    variants=[
        lambda predictions, targets: (
            ((targets - predictions) ** 2).mean(), -2 / targets.size * (targets - predictions)
        ),
        lambda predictions, targets: (
            float(np.square(predictions - targets).sum() / predictions.size),
            (predictions - targets) * (2 / predictions.size),
        ),
    ],
    errors=dict.fromkeys(
        ["values to unpack", "tuple index out of range"],
        "predictions may have any number of axes: .size counts the elements, whatever the shape.",
    ),
    library=(losses.mean_squared_error,),
)  # fmt: skip


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


def to_nudge(rng, shape=(2, 3)):
    return {"f": smooth_function(rng, shape), "x": rng.normal(size=shape)}


def nudges_in_place(f, x):
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


by_numbers = Exercise(
    "3.2",
    numerical_gradient,
    returns="gradient",
    inputs=to_nudge,
    sizes=[{"shape": (3, 2)}, {"shape": (4,)}, {"shape": (2, 3, 2)}],
    hints=[
        "One entry at a time: how does f change when only x[i] is moved, up and down? The others "
        "must be where they were.",
        "Loop with `for i in np.ndindex(x.shape)`. Make two copies, x.copy(), and move entry i of "
        "one up by 1e-5 and of the other down by 1e-5.",
        "gradient = np.zeros(x.shape) before the loop; in it gradient[i] = (f(above) - f(below)) / "
        "(2 * 1e-5)",
    ],
    misconceptions=[
        *CENTRED_DIFFERENCES,
        Slip("Only the last slope is left: each replaced the one before. Put it into its place, "
             "gradient[i].", "gradient[i] = ", "gradient = "),
        Slip("One number came out, the sum of all slopes: x + epsilon moves every entry at once. "
             "Move one entry at a time, in a loop, and keep each slope in its place.",
             "above[i]", "above", "below[i]", "below",
             "return gradient", "return gradient.flat[0]"),
    ],
    variants=[nudges_in_place],
    errors=dict.fromkeys(
        ["values to unpack", "tuple index out of range", "too many indices"],
        "x may have any number of axes: np.ndindex(x.shape) visits every entry.",
    ),
    library=(gradients.numerical_gradient,),
)  # fmt: skip


def sigmoid(z):
    """The sigmoid, never taking exp of a number above 0.

    z has any shape. Returns a, of the same shape.
    """
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def any_shape(rng, shape=(4, 3), dtype=float):
    z = np.array(3 * rng.normal(size=shape)).astype(dtype)
    if z.ndim:
        z.flat[1] = 0
    return {"z": z}


def extreme_logits(rng):
    sizes = np.array([[1.0, 30.0, 800.0], [-1.0, -30.0, -800.0], [2e4, -1e4, 0.0]])
    return {"z": sizes * rng.uniform(1, 1.2, size=(3, 3))}


def run_sigmoid(sigmoid, z):
    """The activations, and the largest number that exp was taken of where that overflows, else 0.

    np.exp itself is watched: np.errstate in an answer may hide the warning.
    """
    exp, taken = np.exp, [0.0]

    def watched(x, *arguments, where=True, **named):
        taken.append(np.max(np.asarray(x, float), where=where, initial=-np.inf))
        with np.errstate(over="ignore"):
            return exp(x, *arguments, where=where, **named)

    np.exp = watched
    try:
        with np.errstate(over="call", call=lambda *_: taken.append(np.inf)):
            a = sigmoid(z)
    finally:
        np.exp = exp
    return a, float(max(taken)) if max(taken) > np.log(np.finfo(float).max) else 0.0


def sigmoid_by_masks(z):
    a = np.empty(z.shape)
    positive = z > 0
    a[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    a[~positive] = e / (1 + e)
    return a


RESULT = "np.where(z >= 0, 1, e) / (1 + e)"
safe_sigmoid = Exercise(
    "3.3",
    sigmoid,
    returns=("a", "the largest exponent"),
    inputs=any_shape,
    sizes=[{"shape": (5, 2)}, {"shape": (7,)}, {"shape": ()}, {"dtype": int}],
    extremes=extreme_logits,
    run=run_sigmoid,
    hints=[
        "For which z is exp(-z) a large number? And exp(z)? -np.abs(z) is never above 0.",
        "Let e = np.exp(-np.abs(z)). Where z >= 0 this is exp(-z), elsewhere it is exp(z). Write "
        "both forms of the sigmoid with e.",
        "np.where(z >= 0, 1 / (1 + e), e / (1 + e))",
    ],
    misconceptions=[
        Slip("The values are right, but exp overflowed on the way to them: 1 / (1 + exp(-z)) takes "
             "exp of a large positive number where z is far below 0. np.where around it does not "
             "help, as it computes both of its branches for every z. Take exp of -np.abs(z) only.",
             RESULT, "1 / (1 + np.exp(-z))"),
        Slip("The values are right, but exp overflowed on the way to them: np.where computes both "
             "of its branches for every z and chooses afterwards, so exp(z) is taken of large "
             "positive z too. Take exp of -np.abs(z) only.",
             RESULT, "np.where(z >= 0, 1 / (1 + e), np.exp(z) / (1 + np.exp(z)))"),
        Slip("Where z is large, exp(z) overflows, and infinity / infinity is no number. exp(z) / "
             "(1 + exp(z)) is only safe for z below 0.", RESULT, "np.exp(z) / (1 + np.exp(z))"),
        Slip("1 / 1 + exp(-z) is (1 / 1) + exp(-z): the brackets around 1 + exp(-z) are missing.",
             RESULT, "1 / 1 + np.exp(-z)"),
        Slip("1 / 1 + e is (1 / 1) + e: the brackets around 1 + e are missing.",
             RESULT, "np.where(z >= 0, 1 / 1 + e, e / 1 + e)"),
        Slip("Right where z is 0 or above, mirrored where it is below: with e = exp(-|z|) the "
             "sigmoid is 1 / (1 + e) only for z >= 0. Below, it is e / (1 + e).",
             "np.where(z >= 0, 1, e)", "1"),
        Slip("Right where z is below 0, mirrored where it is above: with e = exp(-|z|) the sigmoid "
             "is e / (1 + e) only for z < 0. Above, it is 1 / (1 + e).",
             "np.where(z >= 0, 1, e)", "e"),
        Slip("This is 1 - sigmoid(z), the probability of the other class: it should rise with z. "
             "Were the two branches of np.where swapped?", "1, e)", "e, 1)"),
        Slip("This is 1 - sigmoid(z), and it overflows: the minus in exp(-z) is missing.",
             RESULT, "1 / (1 + np.exp(z))"),
        Slip("The minus before the absolute value is missing, so exp is taken of numbers above 0 "
             "only: e = exp(-|z|).", "-np.abs(z)", "np.abs(z)"),
        Slip("Where z is below 0 this is one half: z was replaced by 0 there. exp(-z) is for z >= "
             "0; below, the sigmoid is e / (1 + e) with e = exp(z).",
             RESULT, "1 / (1 + np.exp(-np.maximum(z, 0)))"),
        Slip("Where z is exactly 0, neither z > 0 nor z < 0 holds, and nothing was put there. One "
             "of the two must take it in: z >= 0.", "1, e)", "1, e) * (z != 0)"),
        Slip("For whole numbers in z the result was cut off to whole numbers: np.zeros_like(z) and "
             "np.empty_like(z) make an array of the type of z. np.zeros(z.shape) holds fractions.",
             RESULT, f"({RESULT}).astype(z.dtype)"),
        *(Slip("The overflow is gone, and so are the right values: z was cut off at a small size. "
               "Nothing needs to be cut, exp(-|z|) is harmless for any z.",
               "np.abs(z)", f"np.minimum(np.abs(z), {largest})") for largest in (10, 20)),
    ],
    variants=[
        sigmoid_by_masks,
        lambda z: 0.5 * (1 + np.tanh(z / 2)),
        lambda z: np.exp(-np.logaddexp(0, -z)),
        lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
    ],
    library=(activations.sigmoid,),
)  # fmt: skip


def log_sum_exp(z):
    """The logarithm of the sum of exp(z) over each row, for logits of any size.

    z is (N, K). Returns one number for each row, (N,).
    """
    largest = z.max(axis=1)
    return largest + np.log(np.exp(z - largest[:, None]).sum(axis=1))


def extreme_rows(rng):
    """Rows (5, 3): ordinary, far above 0, far below 0, and far apart within a row."""
    z = rng.normal(scale=2, size=(5, 3))
    z[1] += 1000
    z[2] -= 1000
    z[3] += rng.permutation([900.0, -900.0, 0.0])
    z[4] += rng.permutation([60.0, -60.0, 0.0])
    return {"z": z}


LOG_FIRST = (
    "The logarithm was taken before the sum, so that it undoes exp and a plain sum of the logits "
    "is left. Sum first, then take the logarithm of the sum."
)
NO_LOGARITHM = (
    "The logarithm is missing: with it, the sum of many exp becomes a number of the size of a "
    "logit again."
)
log_of_a_sum = Exercise(
    "3.4",
    log_sum_exp,
    returns="log_sum",
    inputs=arrays(z="N K"),
    sizes=[{"N": 1}, {"K": 2}],
    extremes=extreme_rows,
    hints=[
        "What is the largest number that exp is ever taken of, once the largest logit of a row is "
        "subtracted from the row?",
        "z.max(axis=1) is (N,), z is (N, K). To subtract one number from each row make a column of "
        "it: z.max(axis=1)[:, None], or keepdims=True.",
        "largest + np.log(np.exp(z - largest[:, None]).sum(axis=1))",
    ],
    misconceptions=[
        Slip("Right for small logits, but exp overflows for large ones, and for very negative ones "
             "the sum is 0 and its logarithm -infinity. Subtract each row's largest logit before "
             "exp, and add it again at the end.", "largest + ", "", " - largest[:, None]", ""),
        Slip("The largest logit was subtracted before exp but not added again after the logarithm.",
             "largest + ", ""),
        Slip("The largest logit of the whole table was subtracted, not that of each row. Where "
             "rows differ much, a row's exp are then all 0. Take z.max(axis=1, keepdims=True).",
             "z.max(axis=1)", "np.full(len(z), z.max())"),
        Slip("The maximum was subtracted after exp was taken, np.exp(z) - max. It must come off "
             "inside: np.exp(z - max).",
             "np.exp(z - largest[:, None])", "(np.exp(z) - largest[:, None])"),
        Slip("It was summed over the wrong axis: one number for each column came out. Each row is "
             "a sample, so sum over its K logits, axis=1.",
             "z.max(axis=1)", "z.max(axis=0)", "largest[:, None]", "largest",
             ".sum(axis=1)", ".sum(axis=0)"),
        Slip("It was summed over the whole table. There is one answer for each row: axis=1.",
             "z.max(axis=1)", "z.max()", "largest[:, None]", "largest", ".sum(axis=1)", ".sum()"),
        Slip("The mean of the exp was taken, not their sum: the result is too small by log(K) in "
             "each row.", ".sum(", ".mean("),
        Slip(LOG_FIRST, "largest + np.log(np.exp(z - largest[:, None]).sum(axis=1))",
             "z.sum(axis=1)"),
        Slip(LOG_FIRST, ").sum(axis=1))", ")).sum(axis=1)"),
        Slip("The largest logit was multiplied to the sum, which belongs to exp(largest). Outside "
             "the logarithm it is added.", "largest + ", "largest * "),
        Slip("The largest logit was added inside the logarithm. Outside it is added, inside it "
             "would be a factor, exp(largest).", "largest + np.log(", "np.log(largest + "),
        Slip("The largest logit was subtracted at the end. It was taken off inside, so it must be "
             "added again outside.", "largest + ", "-largest + "),
        Slip("This is only the largest logit of each row, which is near the answer where one logit "
             "is far above the others. The logarithm of the sum is missing.",
             " + np.log(np.exp(z - largest[:, None]).sum(axis=1))", ""),
        Slip("The numbers are right, as a column (N, 1). Expected is (N,): leave keepdims away in "
             "the last step.",
             "return largest", "return (largest", "sum(axis=1))", "sum(axis=1)))[:, None]"),
        Slip("This is a table (N, N): the largest logits are a column (N, 1) and the logarithms "
             "are (N,), and each was added to each. Both must be (N,) when they are added.",
             "largest + ", "largest[:, None] + "),
        Slip(NO_LOGARITHM, "largest + np.log(", "(", " - largest[:, None]", ""),
        Slip(NO_LOGARITHM, "np.log(", "("),
    ],
    variants=[
        lambda z: np.logaddexp.reduce(z, axis=1),
        lambda z: np.array([row.max() + np.log(sum(np.exp(row - row.max()))) for row in z]),
    ],
    library=(activations.softmax, activations.log_softmax),
)  # fmt: skip


def gradient_error(loss, logits, labels):
    """How far a loss's gradient is from the numerical one, entry by entry.

    loss is a function: value, gradient = loss(logits, labels). logits is (N, K), labels (N,).
    Returns the absolute differences, (N, K).
    """
    _, gradient = loss(logits, labels)
    numerical = numerical_gradient(lambda z: loss(z, labels)[0], logits)
    return np.abs(gradient - numerical)


def wrong_in_places(rng, N=4, K=2):
    """A loss, no cross-entropy, whose gradient is right in some entries and wrong in others."""
    factors = rng.choice([0.5, 1.0, 2.0, -1.0, 0.0], size=(N, K))
    factors[0, 0], factors[-1, -1] = 1.0, -1.0
    weights = rng.uniform(1, 2, size=(N, K))

    def loss(logits, labels):
        off = logits - 3 * np.eye(K)[labels]
        return np.sum(weights * off**2), 2 * weights * off * factors

    return {"loss": loss, "logits": rng.normal(size=(N, K)), "labels": rng.integers(K, size=N)}


SIGNED = "Errors up and errors down should both count as errors: take np.abs."
RELATIVE = (
    "The differences were divided by the size of the gradients. That is the relative error; here "
    "the plain differences are asked for."
)
ERROR = "np.abs(gradient - numerical)"
compared = Exercise(
    "3.5",
    gradient_error,
    returns="error",
    inputs=wrong_in_places,
    tolerance=1e-4,  # of a difference of differences: where it is 0, rounding is left
    hints=[
        "A loss gives two things. Which of the two is nudged, and which is compared with what the "
        "nudging gives?",
        "numerical_gradient wants a function of one array that returns one number. loss(z, labels) "
        "returns two: take the first, loss(z, labels)[0].",
        "numerical = numerical_gradient(lambda z: loss(z, labels)[0], logits)",
    ],
    misconceptions=[
        Slip(f"Differences with a sign. {SIGNED}", ERROR, "gradient - numerical"),
        Slip(f"Differences with a sign. {SIGNED}", ERROR, "numerical - gradient"),
        Slip("This is the largest difference only. To see which entries are off, keep them all in "
             "their places, (N, K).", ERROR, f"{ERROR}.max()"),
        Slip("The differences were averaged to one number. To see which entries are off, keep them "
             "all in their places, (N, K).", ERROR, f"{ERROR}.mean()"),
        *(Slip("This is the difference of the absolute values: a gradient with the wrong sign "
               "would pass. Subtract first, then take np.abs.", ERROR, error)
          for error in ("np.abs(gradient) - np.abs(numerical)",
                        "np.abs(np.abs(gradient) - np.abs(numerical))")),
        Slip("The numerical gradient is that of softmax_cross_entropy, whatever loss is handed "
             "over. Nudge the logits of the argument: loss(z, labels)[0].",
             "loss(z, labels)", "losses.softmax_cross_entropy(z, labels)"),
        Slip("This is the size of the loss's own gradient: the numerical one came out as zero. The "
             "function that you hand to numerical_gradient must use its argument: lambda z: "
             "loss(z, labels)[0], not loss(logits, labels)[0].",
             "loss(z, labels)", "loss(logits, labels)"),
        Slip("This is the size of the numerical gradient. Subtract it from the gradient that the "
             "loss returns, its second output.", "gradient - numerical", "numerical"),
        Slip("This is the numerical gradient itself. Hold it against the gradient that the loss "
             "returns: the absolute difference of the two.", ERROR, "numerical"),
        Slip(RELATIVE, ERROR, f"{ERROR} / np.abs(numerical)"),
        Slip(RELATIVE, ERROR, f"{ERROR} / (np.abs(gradient) + np.abs(numerical))"),
        Slip("All zero: the gradient was compared with itself. One of the two must come from "
             "numerical_gradient.", "gradient - numerical", "gradient - gradient"),
        Slip("The value of the loss was compared, not its gradient: value, gradient = loss(logits, "
             "labels), and the second is wanted.", "_, gradient", "gradient, _"),
    ],
    variants=[
        lambda loss, logits, labels: np.abs(
            numerical_gradient(lambda z: loss(z, labels)[0], logits) - loss(logits, labels)[1]
        ),
    ],
    errors={
        "'tuple' and 'tuple'": "numerical_gradient needs a function that returns one number. "
        "loss(z, labels) returns two things: take the value, loss(z, labels)[0].",
        "inhomogeneous": "loss returns two things: value, gradient = loss(logits, labels).",
        "is not callable": "numerical_gradient wants a function that it can call, not a number: "
        "lambda z: loss(z, labels)[0].",
        "argument: 'labels'": "numerical_gradient calls its function with one array, and loss "
        "needs the labels too: lambda z: loss(z, labels)[0].",
    },
)  # fmt: skip


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


def a_batch(rng, N=5, K=3):
    return {"logits": rng.normal(size=(N, K)), "labels": rng.integers(K, size=N)}


def extreme_batch(rng):
    logits = extreme_rows(rng)["z"]
    labels = logits.argmin(axis=1)  # the right class got the smallest logit
    labels[0] = logits[0].argmax()
    return {"logits": logits, "labels": labels}


def cross_entropy_by_jacobian(logits, labels):
    N = len(logits)
    log_a = logits - log_sum_exp(logits)[:, None]
    d_log_a = np.zeros_like(logits)
    d_log_a[np.arange(N), labels] = -1 / N
    gradient = d_log_a - np.exp(log_a) * d_log_a.sum(axis=1, keepdims=True)
    return float(-log_a[np.arange(N), labels].sum() / N), gradient


LOG_A = "logits - log_sum_exp(logits)[:, None]"
VALUE = "-log_a[rows, labels].mean()"
THROUGH_A = (VALUE, "-np.log(np.exp(log_a[rows, labels])).mean()")
GRADIENT = "gradient = np.exp(log_a)\n    gradient[rows, labels] -= 1"
OF_ITS_OWN = "gradient = np.zeros(logits.shape)\n    gradient[rows, labels] = "
PUBLISHED = (
    GRADIENT,
    f"{OF_ITS_OWN}-1 / np.exp(log_a)[rows, labels]\n"
    "    gradient *= np.exp(log_a) * (1 - np.exp(log_a))",
)
DIAGONAL = (
    "This is the published gradient still: right at the right class and zero at all others. "
    "a * (1 - a) is only the diagonal of the softmax's derivative; raising one logit also takes "
    "probability from every other class. And with a = 0 it divides by zero. Take the gradient as "
    "it was derived, from z."
)
mended = Exercise(
    "3.6",
    softmax_cross_entropy,
    returns=("value", "gradient"),
    inputs=a_batch,
    sizes=[{"N": 1}, {"K": 2}],
    extremes=extreme_batch,
    hints=[
        "Look at the derivation again: what does the gradient hold at the right class, and what at "
        "the other classes? In the published version one of the two is missing.",
        "log_a = logits - log_sum_exp(logits)[:, None] is the logarithm of the softmax, never "
        "-infinity. The value needs its entries [rows, labels], the gradient np.exp(log_a).",
        "gradient = np.exp(log_a), then gradient[rows, labels] -= 1, then divide by N, for the "
        "value is a mean over the N rows.",
    ],
    misconceptions=[
        Slip(DIAGONAL, *PUBLISHED, *THROUGH_A),
        Slip(DIAGONAL, *PUBLISHED),
        Slip("The gradient is right at the right class and zero at all others. Raising any logit "
             "takes probability from the right class, so the others have a slope too: a itself.",
             GRADIENT, f"{OF_ITS_OWN}np.exp(log_a)[rows, labels] - 1"),
        Slip("The softmax was taken along the wrong axis: the columns of a sum to 1, not the rows. "
             "A row is a sample, and its K probabilities sum to 1: axis=1.",
             LOG_A, "np.log((e := np.exp(logits - logits.max(axis=0))) / e.sum(axis=0))"),
        Slip("The gradient is that of the sum over the batch: the value is a mean, so the gradient "
             "must be divided by N too. No layer will do it later.", "gradient / N", "gradient"),
        Slip("Value and gradient were summed over the batch: take the mean, that is, divide both "
             "by N.", ".mean()", ".sum()", "gradient / N", "gradient"),
        Slip("The value is the mean of all of log_a. In each row only the entry of the right class "
             "counts: log_a[rows, labels].", VALUE, "-log_a.mean()"),
        Slip("The value was averaged over all N times K entries of the table. Each sample counts "
             "once, for its right class: divide by N.", ".mean()", ".sum() / logits.size"),
        Slip("The gradient was divided by N times K, the number of all its entries. The mean is "
             "over the N samples: divide by N.", "gradient / N", "gradient / gradient.size"),
        Slip("Value and gradient were divided by N times K. Each sample counts once, for its right "
             "class: divide by N.",
             ".mean()", ".sum() / logits.size", "gradient / N", "gradient / gradient.size"),
        Slip("The gradient has the wrong sign: at the right class it must be negative, as raising "
             "that logit lowers the loss. It is a minus one-hot.", "gradient / N", "-gradient / N"),
        Slip("The minus in front of the logarithm is missing: a loss is large when the probability "
             "is small.", VALUE, VALUE[1:]),
        Slip("a - one-hot was multiplied by a * (1 - a) once more. The softmax's derivative is in "
             "a - one-hot already: do not apply it twice.",
             "gradient / N", "gradient * np.exp(log_a) * (1 - np.exp(log_a)) / N"),
        Slip("This is the derivative for the probabilities a, -1 / a at the right class. The "
             "softmax's own derivative is left out: the gradient for the logits is a minus "
             "one-hot.", GRADIENT, f"{OF_ITS_OWN}-1 / np.exp(log_a)[rows, labels]"),
        Slip("The gradient is the softmax alone: the 1 at the right class was not subtracted.",
             "    gradient[rows, labels] -= 1\n", ""),
        Slip("The 1 was subtracted after the division by N. First a - one-hot, then divide all of "
             "it by N.", "np.exp(log_a)", "np.exp(log_a) / N", "gradient / N", "gradient"),
        Slip("log_a itself was used for the gradient. The softmax is np.exp(log_a).",
             "np.exp(log_a)", "log_a.copy()"),
        Slip("a[:, labels] takes whole columns, N of them, for every row. One entry from each row "
             "is a[rows, labels], with rows = np.arange(N).",
             "log_a[rows", "log_a[:", "gradient[rows", "gradient[:"),
        Slip("log_a[:, labels] takes whole columns, N of them, for every row. One entry from each "
             "row is log_a[rows, labels], with rows = np.arange(N).", "log_a[rows", "log_a[:"),
        Slip("gradient[:, labels] -= 1 subtracts from whole columns. One entry from each row is "
             "gradient[rows, labels], with rows = np.arange(N).", "gradient[rows", "gradient[:"),
        Slip("The label's number was subtracted from the whole row. A label says which entry: "
             "subtract 1 from that one, gradient[rows, labels] -= 1.",
             "gradient[rows, labels] -= 1", "gradient -= labels[:, None]"),
        Slip("exp of the plain logits overflows, or is 0 in a whole row, and 0 / 0 is no number. "
             "Use log_sum_exp.",
             LOG_A, "np.log((e := np.exp(logits)) / e.sum(axis=1, keepdims=True))"),
        Slip("The value is safe, the gradient is not: exp of the plain logits overflows, or is 0 "
             "in a whole row, and 0 / 0 is no number. The softmax is np.exp(log_a).",
             "np.exp(log_a)", "(e := np.exp(logits)) / e.sum(axis=1, keepdims=True)"),
        Slip("The largest logit of the whole batch was subtracted. Rows far below it then have "
             "only zeros, and 0 / 0 is no number. Take the largest of each row.",
             LOG_A, "np.log((e := np.exp(logits - logits.max())) / e.sum(axis=1, keepdims=True))"),
        Slip("The softmax is safe, and then its logarithm is taken: where the probability has "
             "become 0, log(0) is -infinity. Never go through a: log_a is logits - "
             "log_sum_exp(logits)[:, None].", *THROUGH_A),
        *(Slip(f"log(a + {tiny:g}) hides log(0) and makes it another wrong number: however wrong "
               f"the network is, the loss stops growing at {-np.log(tiny):.0f}. Never go through "
               "a: log_a is logits - log_sum_exp(logits)[:, None].",
               VALUE, f"-np.log(np.exp(log_a[rows, labels]) + {tiny}).mean()")
          for tiny in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)),
    ],
    variants=[cross_entropy_by_jacobian],
    library=(losses.softmax_cross_entropy, activations.softmax, activations.log_softmax),
)  # fmt: skip


def decide(z, threshold):
    """Class 1 where its probability is above the threshold, else class 0.

    z is (N,), the logits of class 1; threshold is a probability between 0 and 1.
    Returns the classes, (N,), integers 0 and 1.
    """
    return (sigmoid(z) > threshold).astype(int)


def logits_of_one_class(rng, N=13, threshold=0.2):
    z = np.linspace(-3, 3, N) + rng.uniform(-0.05, 0.05, size=N)
    z[0] = 0  # a probability of exactly one half
    return {"z": rng.permutation(z), "threshold": threshold}


OTHER_WAY = (
    "The classes are swapped: class 1 is where its probability is above the threshold, not below."
)
decision = Exercise(
    "3.7",
    decide,
    returns="classes",
    inputs=logits_of_one_class,
    sizes=[{"threshold": 0.9}, {"threshold": 0.5}],
    hints=[
        "z is a logit, the threshold is a probability. Which function turns one into the other?",
        "sigmoid(z) > threshold is an array of True and False. .astype(int) makes 1 and 0 of it.",
    ],
    misconceptions=[
        Slip("Class 1 is where z is above the threshold. But z is a logit, and the threshold is a "
             "probability already: compare it, as it is, with sigmoid(z).", "sigmoid(z)", "z"),
        Slip("The threshold was not used: this is class 1 above one half, wherever the threshold "
             "stands.", "threshold", "0.5"),
        Slip(OTHER_WAY, " > ", " <= "),
        Slip(OTHER_WAY, " > ", " < "),
        Slip("Class 1 only where the probability is above the threshold: where the two are equal "
             "it is class 0.", " > ", " >= "),
        Slip("These are the probabilities, not the classes: compare them with the threshold.",
             "(sigmoid(z) > threshold).astype(int)", "sigmoid(z)"),
        Slip("The threshold was turned by the sigmoid, and the logit was not. The threshold is a "
             "probability already: sigmoid(z) > threshold.",
             "sigmoid(z) > threshold", "z > sigmoid(threshold)"),
        Slip("This compares the probability of class 0 with the threshold: 1 - sigmoid(z) was "
             "taken.", "sigmoid(z)", "1 - sigmoid(z)"),
        Slip("The threshold was turned into 1 - threshold. It is the one for class 1 already.",
             "threshold", "1 - threshold"),
        Slip("The classes came out as 1 and -1. They are 1 and 0 here.",
             "(sigmoid(z) > threshold).astype(int)", "np.where(sigmoid(z) > threshold, 1, -1)"),
        Slip("These are the places where class 1 was found. A class for every sample is wanted: 1 "
             "there and 0 elsewhere.",
             "(sigmoid(z) > threshold).astype(int)", "np.flatnonzero(sigmoid(z) > threshold)"),
        Slip("The probabilities above the threshold were kept as they are. Class 1 is the number "
             "1.", ".astype(int)", " * sigmoid(z)"),
    ],
    variants=[
        lambda z, threshold: (z > np.log(threshold / (1 - threshold))).astype(int),
        lambda z, threshold: np.where(1 / (1 + np.exp(-z)) > threshold, 1, 0),
    ],
)  # fmt: skip

EXERCISES = [squared, by_numbers, safe_sigmoid, log_of_a_sum, compared, mended, decision]
