"""Lesson 10, depth and optimisation: its exercises."""

# ruff: noqa: B905  (the references show what stands in the notebook: zip without strict)

import numpy as np

from ... import blocks, normalization, optimizers, schedules
from ..authoring import Exercise, Misconception, Slip, arrays
from ..broken_networks import CAUSE


def size(array):
    return np.sqrt(np.mean(array**2))


def update_ratios(parameters, gradients, learning_rate):
    """How large a step of gradient descent is, compared with what it changes.

    parameters and gradients are lists of arrays, in the same order. Returns a list with
    size(step) / size(W) for each array of two axes or more; biases are left out.
    """
    ratios = []
    for W, dW in zip(parameters, gradients):
        if W.ndim > 1:
            step = learning_rate * dW
            ratios.append(size(step) / size(W))
    return ratios


def _network_arrays(rng, L=3, first=0):
    shapes = [(6, 4), (4,), (4, 3), (3,), (3, 2, 2), (2,)][first : first + L]
    return {
        "parameters": [rng.normal(size=shape) for shape in shapes],
        "gradients": [rng.normal(size=shape) for shape in shapes],
        "learning_rate": 0.1,
    }


ratios = Exercise(
    "10.1",
    update_ratios,
    returns="ratios",
    inputs=_network_arrays,
    sizes=[{"L": 1}, {"L": 6}, {"first": 1, "L": 5}],
    hints=[
        "Which arrays have two axes or more? W.ndim counts them. What does one step of gradient "
        "descent change W by?",
        "zip(parameters, gradients) gives each array together with its gradient. The step is "
        "learning_rate * dW; size(...) is the lesson's function, which array.size is not.",
    ],
    misconceptions=[
        Slip("That is the size of the gradient over the size of W. A step is the learning rate "
             "times the gradient.", "learning_rate * dW", "dW"),
        Slip("Upside down: a ratio of 0.001 should say that the step is a thousandth of the "
             "weights, so divide the step by W.", "size(step) / size(W)", "size(W) / size(step)"),
        Slip("Biases are in it, too. They start at zero, where a ratio says nothing: keep "
             "the arrays with W.ndim > 1.", "if W.ndim > 1", "if W.ndim > 0"),
        Slip("Only arrays with exactly two axes are kept, and the filters of a convolution have "
             "four: two axes or more.", "W.ndim > 1", "W.ndim == 2"),
        Slip("That is the size of the quotients, entry by entry. A weight near 0 makes one of "
             "them huge; take both sizes first, then divide.",
             "size(step) / size(W)", "size(step / W)"),
        Slip("Lengths and sizes are mixed: the length grows with the number of entries, the size "
             "does not. Take the same measure above and below.",
             "size(step) / size(W)", "np.linalg.norm(step) / size(W)"),
        Slip("Those are the means. Positive and negative entries cancel in them: take size().",
             "size(step) / size(W)", "np.mean(step) / np.mean(W)"),
        Slip("Only the first ratio came back. Is return inside the loop?",
             "return ratios", "return ratios[:1]"),
        Misconception(
            "Every second array was taken, wherever the biases stand. W.ndim tells which arrays "
            "have two axes or more.",
            lambda parameters, gradients, learning_rate: [
                size(learning_rate * dW) / size(W)
                for W, dW in zip(parameters[::2], gradients[::2])
            ],
        ),
        Slip(".size counts the entries of an array. size(...), the lesson's function, is the root "
             "of the mean of their squares.", "size(step) / size(W)", "step.size / W.size"),
        Misconception(
            "The weights met the gradients of biases: the biases were taken out of one list and "
            "not out of the other. Take the pairs first, with zip, and then look at W.ndim.",
            lambda parameters, gradients, learning_rate: [
                size(learning_rate * dW) / size(W)
                for W, dW in zip([W for W in parameters if W.ndim > 1], gradients)
            ],
        ),
        Slip("This compares the step with the weights after it. Divide by the weights that it "
             "starts from.", "size(W)", "size(W - step)"),
    ],
    variants=[
        lambda parameters, gradients, learning_rate: [
            learning_rate * np.linalg.norm(g) / np.linalg.norm(p)
            for p, g in zip(parameters, gradients)
            if len(p.shape) >= 2
        ],
        lambda parameters, gradients, learning_rate: [
            np.sqrt((learning_rate * g) ** 2).std() * 0
            + np.sqrt(((learning_rate * g) ** 2).sum() / (p**2).sum())
            for p, g in zip(parameters, gradients)
            if p.ndim != 1
        ],
    ],
)  # fmt: skip


def residual_backward(da, x, W1, W2):
    """The gradients of a residual block: a = x + f(x), with f(x) = relu(x W1) W2.

    da and x are (N, D), W1 is (D, H), W2 is (H, D). Returns dx, dW1, dW2.
    """
    z = x @ W1
    h = np.maximum(z, 0)
    dW2 = h.T @ da
    dz = (da @ W2.T) * (z > 0)
    dW1 = x.T @ dz
    dx = da + dz @ W1.T
    return dx, dW1, dW2


def _residual_by_mask(da, x, W1, W2):
    h = x.dot(W1)
    open_gates = h > 0
    dh = np.where(open_gates, da.dot(W2.T), 0)
    dx = dh.dot(W1.T)
    dx += da
    return dx, x.T.dot(dh), np.where(open_gates, h, 0).T.dot(da)


residual = Exercise(
    "10.2",
    residual_backward,
    returns=("dx", "dW1", "dW2"),
    inputs=arrays(da="N D", x="N D", W1="D H", W2="H D"),
    sizes=[{"N": 1}, {"H": 1}],
    forward=lambda x, W1, W2: x + np.maximum(x @ W1, 0) @ W2,
    differences={"dx": "x", "dW1": "W1", "dW2": "W2"},
    upstream="da",
    hints=[
        "x is used twice: once inside f, once by the plus. What does lesson 4 say about a number "
        "that is used twice?",
        "A plus passes da on to both. Inside f go back as in lesson 4: dense layer, gate, dense "
        "layer. Compute z = x @ W1 and h = np.maximum(z, 0) anew.",
        "dx is da, from the way around, plus what comes back through f: dz @ W1.T.",
    ],
    misconceptions=[
        Slip("dx lacks the way around. x is used twice, and both parts add up.",
             "da + dz @ W1.T", "dz @ W1.T"),
        Slip("dx is only da: what comes back through f is missing, dz @ W1.T.",
             "da + dz @ W1.T", "da"),
        Slip("dx adds x, and not da. On the way back there are gradients only: the plus "
             "passes da on.", "da + dz @ W1.T", "x + dz @ W1.T"),
        Slip("dx adds da twice: f passes on nothing but dz @ W1.T, and the plus da.",
             "da + dz @ W1.T", "2 * da + dz @ W1.T"),
        Slip("The two ways are multiplied. Where a number is used twice, the parts add up.",
             "da + dz @ W1.T", "da * (dz @ W1.T)"),
        Slip("The gate never closes. Is it missing, or does it ask for h >= 0, which is always "
             "so? What comes back through W2 passes the ReLU where z > 0.",
             "(da @ W2.T) * (z > 0)", "da @ W2.T"),
        Slip("The gate asks whether the gradient is above 0. It asks for z: what came forward "
             "decides what goes back.", "(da @ W2.T) * (z > 0)", "np.maximum(da @ W2.T, 0)"),
        Slip("The product multiplies by h in place of the gate: ReLU's slope is 1 or 0.",
             "(z > 0)", "h"),
        Slip("dW2 is made of z. What W2 met on the way forward is h, after the ReLU.",
             "h.T @ da", "z.T @ da"),
        Slip("The sum x + f(x) went through the gradient for W2: W2 met h alone.",
             "h.T @ da", "h.T @ (da + x)"),
        Slip("f was given dx already: W1 met x, and its gradient is x.T @ dz, with the dz of "
             "inside f.", "x.T @ dz", "x.T @ (dz + da @ W1)"),
    ],
    variants=[_residual_by_mask],
    library=(blocks.Residual,),
)  # fmt: skip


def batch_norm(x, gamma, beta, running_mean, running_variance, training, momentum=0.9):
    """Normalize each feature, in training with the batch's statistics, else with the running ones.

    x is (N, D); gamma, beta and the running ones are (D,). Returns z, (N, D), and the running
    mean and variance as they are afterwards; outside training they stay as they were.
    """
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
        unbiased = x.var(axis=0, ddof=1)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_variance = momentum * running_variance + (1 - momentum) * unbiased
    else:
        mean, variance = running_mean, running_variance
    x_hat = (x - mean) / np.sqrt(variance + 1e-5)
    return gamma * x_hat + beta, running_mean, running_variance


def _to_normalize(rng, N=5, D=4, mode="training"):
    return {
        "x": rng.normal(0.7, 2, size=(N, D)),
        "gamma": rng.normal(1, 0.3, size=D),
        "beta": rng.normal(size=D),
        "running_mean": rng.normal(size=D),
        "running_variance": rng.uniform(0.5, 2, size=D),
        "training": mode == "training",
        "momentum": 0.9,
    }


def _batch_norm_by_steps(x, gamma, beta, running_mean, running_variance, training, momentum=0.9):
    if not training:
        z = gamma * (x - running_mean) / (running_variance + 1e-5) ** 0.5 + beta
        return z, running_mean, running_variance
    N = len(x)
    mean = x.sum(axis=0) / N
    variance = ((x - mean) ** 2).sum(axis=0) / N
    z = gamma * ((x - mean) / np.sqrt(variance + 1e-5)) + beta
    running_mean = running_mean + (1 - momentum) * (mean - running_mean)
    kept = momentum * running_variance
    return z, running_mean, kept + (1 - momentum) * variance * N / (N - 1)


EITHER = "    else:\n        mean, variance = running_mean, running_variance\n"
NEW_MEAN = "momentum * running_mean + (1 - momentum) * mean"
NEW_VARIANCE = "momentum * running_variance + (1 - momentum) * unbiased"
BATCH_MEAN = "momentum * running_mean + (1 - momentum) * x.mean(axis=0)"
NORMALIZE = "    x_hat ="

normalize = Exercise(
    "10.3",
    batch_norm,
    returns=("z", "running_mean", "running_variance"),
    keeps_arguments=True,
    inputs=_to_normalize,
    sizes=[{"mode": "evaluation"}, {"mode": "evaluation", "N": 1}, {"N": 2}],
    tolerance=1e-3,  # the small number that keeps the root from 0 may be another
    errors={
        "could not be broadcast": "A mean and a variance for each feature have shape (D,): "
        "axis=0, over the batch. axis=1 makes one for each row, as in LayerNorm.",
    },
    hints=[
        "Two cases. In which of them do you look at the batch at all? In which do the running "
        "ones change?",
        "In training: x.mean(axis=0) and x.var(axis=0) normalize the batch. Then the running "
        "ones move a tenth of the way to the batch's, the variance with ddof=1.",
        "Outside training mean, variance = running_mean, running_variance. The last two lines, "
        "x_hat and gamma * x_hat + beta, are the same for both cases.",
    ],
    misconceptions=[
        Slip("Outside training the batch is looked at: what a row gives must not depend on its "
             "neighbours then. Take running_mean and running_variance.",
             EITHER, "    else:\n        mean, variance = x.mean(axis=0), x.var(axis=0)\n"),
        Slip("In training, too, the running ones normalize. The batch is normalized with its own "
             "mean and variance; the running ones only learn from them.",
             EITHER, "", NORMALIZE, "    mean, variance = running_mean, running_variance\n"
             "    x_hat ="),
        Slip("The running ones stay as they were in training: then evaluation works with "
             "the values from the start. Return the new ones.",
             NEW_MEAN, "running_mean", NEW_VARIANCE, "running_variance"),
        Slip("The running ones are the last batch's alone. Keep momentum of the old, and add "
             "1 - momentum of the new.", NEW_MEAN, "mean", NEW_VARIANCE, "unbiased"),
        Slip("momentum and 1 - momentum are exchanged: most of the old is kept, a tenth comes "
             "from the batch. (PyTorch's momentum is the other way round.)",
             NEW_MEAN, "(1 - momentum) * running_mean + momentum * mean",
             NEW_VARIANCE, "(1 - momentum) * running_variance + momentum * unbiased"),
        Slip("The running variance takes the batch's with N in the denominator: the batch's own "
             "mean lies too near, so N - 1 belongs there, ddof=1.", ", ddof=1", ""),
        Slip("The batch is normalized with the variance over N - 1; that one is only for the "
             "running variance.", "x.mean(axis=0), x.var(axis=0)\n",
             "x.mean(axis=0), x.var(axis=0, ddof=1)\n"),
        Slip("Each row is normalized over its features: that is LayerNorm. BatchNorm takes each "
             "feature over the batch, axis=0.",
             "mean, variance = x.mean(axis=0), x.var(axis=0)",
             "mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)",
             NEW_MEAN, "momentum * running_mean + (1 - momentum) * x.mean(axis=0)"),
        Slip("Each row is normalized over its features: that is LayerNorm. BatchNorm takes each "
             "feature over the batch, axis=0.",
             "mean, variance = x.mean(axis=0), x.var(axis=0)",
             "mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)",
             "x.var(axis=0, ddof=1)", "x.var(axis=1, ddof=1, keepdims=True)"),
        *(Slip("All numbers share one mean and one variance. Each feature has its own, over the "
               "batch: axis=0.", "x.mean(axis=0), x.var(axis=0)\n", "x.mean(), x.var()\n",
               "x.var(axis=0, ddof=1)", unbiased)
          for unbiased in ("x.var(axis=0, ddof=1)", "x.var(ddof=1)")),
        Slip("It divides by the variance. Its root, the standard deviation, is needed.",
             "np.sqrt(variance + 1e-5)", "(variance + 1e-5)"),
        Slip("gamma and beta are missing: z = gamma * x_hat + beta.",
             "gamma * x_hat + beta", "x_hat"),
        Slip("The running mean is updated, the running variance is not.",
             NEW_VARIANCE, "running_variance"),
        Slip("The running ones move outside training as well: looking at validation digits would "
             "change the network.", EITHER, EITHER + f"        running_mean = {BATCH_MEAN}\n"),
        Slip("The running ones move outside training as well: looking at validation digits would "
             "change the network.", EITHER, EITHER + f"        running_mean = {BATCH_MEAN}\n"
             "        running_variance = momentum * running_variance "
             "+ (1 - momentum) * x.var(axis=0, ddof=1)\n"),
    ],
    variants=[_batch_norm_by_steps],
    library=(normalization.BatchNorm,),
)  # fmt: skip


def clip(gradients, max_norm):
    """The gradients, made shorter by one factor where together they are longer than max_norm.

    gradients is a list of arrays. Their norm is the root of the sum of the squares of all numbers
    in all of them. Returns a list of arrays; those that came in stay as they are.
    """
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
    factor = max_norm / norm if norm > max_norm else 1.0
    return [factor * gradient for gradient in gradients]


def _long_gradients(rng, L=3, long=3):
    shapes = [(2, 3), (3,), (3, 4), (4,)][:L]
    return {
        "gradients": [rng.normal(0, long, size=shape) for shape in shapes],
        "max_norm": 1.5,
    }


def _clip_by_length(gradients, max_norm):
    norm = np.linalg.norm(np.concatenate([gradient.ravel() for gradient in gradients]))
    return [gradient * min(1, max_norm / norm) for gradient in gradients]


NORM = "np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))"

clipping = Exercise(
    "10.4",
    clip,
    returns="clipped",
    keeps_arguments=True,
    inputs=_long_gradients,
    sizes=[{"L": 1}, {"long": 0.01}, {"long": 0.2}],
    hints=[
        "First one number: the norm of all arrays together. Then decide whether anything is to be "
        "done, and if so by what factor every array must shrink.",
        "norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients)). With the factor "
        "max_norm / norm the new norm is max_norm.",
    ],
    misconceptions=[
        Slip("Gradients that were short enough became longer: only where norm > max_norm is "
             "anything to be done.", " if norm > max_norm else 1.0", ""),
        Slip("Every array is clipped by itself, so the direction of the step changes. One norm "
             "for all, and one factor.",
             "factor * gradient for", "gradient * min(1, max_norm / np.linalg.norm(gradient)) for"),
        Slip("Every number is cut off at max_norm, so the direction of the step changes. "
             "Multiply all by one factor.",
             "factor * gradient for", "np.clip(gradient, -max_norm, max_norm) for"),
        Slip("The lengths of the arrays were added. Add the squares of all numbers, and take the "
             "root once, at the end.",
             NORM, "sum(np.linalg.norm(gradient) for gradient in gradients)"),
        Slip("The root is missing: the norm is the root of the sum of the squares.",
             NORM, "sum(np.sum(gradient**2) for gradient in gradients)"),
        Slip("The factor is upside down: it must be below 1 where the norm is too large.",
             "max_norm / norm", "norm / max_norm"),
        Slip("They are all divided by their norm, so they have norm 1 and not max_norm.",
             "max_norm / norm", "1 / norm"),
        Slip("Where the norm is too large, nothing is left. They should become shorter, and "
             "keep their direction.", "max_norm / norm", "0.0"),
        Misconception("The norm came along. It is needed on the way only: return the list.",
                      lambda gradients, max_norm: (
                          _clip_by_length(gradients, max_norm), np.linalg.norm(
                              np.concatenate([gradient.ravel() for gradient in gradients])))),
        Slip("The norm is that of the largest array alone; it is over all of them together.",
             NORM, "max(np.linalg.norm(gradient) for gradient in gradients)"),
        Slip("This takes the size, the root of the mean, of the squares: the norm is the root of "
             "their sum.", NORM,
             "np.sqrt(np.mean(np.concatenate([gradient.ravel() for gradient in gradients]) ** 2))"),
    ],
    variants=[_clip_by_length],
    library=(optimizers.clip_gradients,),
)  # fmt: skip


def mended_step(W, gradient, m, s, t, learning_rate, weight_decay):
    """One step of AdamW for one array: W, m and s are changed in place.

    W, gradient, m and s have the same shape; t counts the steps, 1 at the first.
    Returns nothing.
    """
    m *= 0.9
    m += 0.1 * gradient
    s *= 0.999
    s += 0.001 * gradient**2
    m_hat = m / (1 - 0.9**t)
    s_hat = s / (1 - 0.999**t)
    update = m_hat / (np.sqrt(s_hat) + 1e-6)
    update = update + weight_decay * W
    W -= learning_rate * update


def _before_a_step(rng, D=4, H=3, t=3):
    return {
        "W": rng.normal(size=(D, H)),
        "gradient": rng.normal(size=(D, H)),
        "m": 0.1 * rng.normal(size=(D, H)),
        "s": 0.01 * rng.uniform(0.1, 1, size=(D, H)),
        "t": t,
        "learning_rate": 0.1,
        "weight_decay": 0.2,
    }


def _after_a_step(implementation, W, gradient, m, s, t, learning_rate, weight_decay):
    implementation(W, gradient, m, s, t, learning_rate, weight_decay)
    return W, m, s


def _adamw_in_place(W, gradient, m, s, t, learning_rate, weight_decay):
    m[...] = 0.9 * m + 0.1 * gradient
    s[...] = 0.999 * s + 0.001 * np.square(gradient)
    W *= 1 - learning_rate * weight_decay
    W -= learning_rate * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-6)


M_KEPT = ("m *= 0.9\n    m += 0.1", "m = 0.9 * m + 0.1")
S_KEPT = ("s *= 0.999\n    s += 0.001", "s = 0.999 * s + 0.001")
M_HAT, S_HAT = "m_hat = m / (1 - 0.9**t)", "s_hat = s / (1 - 0.999**t)"

adamw = Exercise(
    "10.5",
    mended_step,
    returns=("W", "m", "s"),
    inputs=_before_a_step,
    run=_after_a_step,
    in_place=("W", "m", "s"),
    sizes=[{"t": 1}, {"t": 500}],
    tolerance=1e-3,  # the small number that keeps the root from 0 may be another
    hints=[
        "m and s start at zero. After the first step m is 0.1 · gradient and s is "
        "0.001 · gradient². What would they have to be multiplied by to be gradient and "
        "gradient²?",
        "After t steps m lacks the factor 1 - 0.9**t, and s the factor 1 - 0.999**t. Divide by "
        "them, and use the quotients in the update.",
        "m_hat = m / (1 - 0.9**t), s_hat = s / (1 - 0.999**t), and "
        "update = m_hat / (np.sqrt(s_hat) + 1e-6). m and s themselves stay undivided.",
    ],
    misconceptions=[
        Slip("That is the published step as it stands: m and s start at zero, and nothing makes "
             "up for it. Divide them by 1 - 0.9**t and 1 - 0.999**t.",
             M_HAT, "m_hat = m", S_HAT, "s_hat = s"),
        Slip("m is corrected, s is not.", S_HAT, "s_hat = s"),
        Slip("s is corrected, m is not.", M_HAT, "m_hat = m"),
        Slip("The powers are missing: after t steps the factor is 1 - 0.9**t, not 1 - 0.9.",
             "0.9**t)\n    s_hat", "0.9)\n    s_hat",
             "0.999**t)\n    update =", "0.999)\n    update ="),
        Slip("Multiplied instead of divided: m is too small at first, and has to become larger.",
             "m / (1 - 0.9**t)", "m * (1 - 0.9**t)", "s / (1 - 0.999**t)", "s * (1 - 0.999**t)"),
        Slip("m and s themselves were divided, so the next step starts from the wrong ones. "
             "Keep them, and put the quotients into names of their own.",
             M_HAT, "m /= 1 - 0.9**t\n    m_hat = m", S_HAT, "s /= 1 - 0.999**t\n    s_hat = s"),
        Slip("The weight decay went into the gradient, and through m and s: there it is divided by "
             "the root of s. In AdamW it is added to the update.",
             "    m *= 0.9\n", "    gradient = gradient + weight_decay * W\n    m *= 0.9\n",
             "update = update + weight_decay * W", "update = update"),
        Slip("The weight decay got lost.", "update = update + weight_decay * W", "update = update"),
        Slip("The root of s is missing: the step is m_hat over the root of s_hat.",
             "np.sqrt(s_hat)", "s_hat"),
        Slip("t begins at 1 with the first step already; this corrects for one step too many.",
             "0.9**t)\n    s_hat", "0.9 ** (t + 1))\n    s_hat",
             "0.999**t)\n    update =", "0.999 ** (t + 1))\n    update ="),
        Slip("The two factors are exchanged: m has 0.9, s has 0.999.",
             "0.9**t)\n    s_hat", "0.999**t)\n    s_hat",
             "0.999**t)\n    update =", "0.9**t)\n    update ="),
        *(Slip(f"{names} not changed: the next step would begin from the old ones. Change them in "
               "place, with m *= 0.9 and m += 0.1 * gradient.", *edits)
          for names, edits in (("m and s have", (*M_KEPT, *S_KEPT)), ("m has", M_KEPT),
                               ("s has", S_KEPT))),
        Slip("W has not changed. The step is made in place: W -= ..., not W = W - ...",
             "W -= learning_rate", "W = W - learning_rate"),
    ],
    variants=[_adamw_in_place],
    library=(optimizers.AdamW, optimizers.Adam),
)  # fmt: skip


def rate_at(step, highest, warm_up, steps):
    """The learning rate of a step: warm-up, then half a wave of the cosine down to 0.

    step counts from 0. In the first warm_up steps the rate rises evenly, from highest / warm_up
    to highest. Then it falls along the cosine and would reach 0 at step number `steps`.
    """
    if step < warm_up:
        return highest * (step + 1) / warm_up
    done = (step - warm_up) / (steps - warm_up)
    return highest * (1 + np.cos(np.pi * done)) / 2


def _a_step(rng, step=37):
    return {"step": step, "highest": 0.3, "warm_up": 10, "steps": 90}


def _rate_by_library_words(step, highest, warm_up, steps):
    up = np.minimum(1.0, (step + 1) / warm_up)
    half_wave = np.cos(np.pi / 2 * max(step - warm_up, 0) / (steps - warm_up)) ** 2
    return highest * (up if step < warm_up else half_wave)


schedule = Exercise(
    "10.6",
    rate_at,
    returns="rate",
    inputs=_a_step,
    sizes=[{"step": 0}, {"step": 4}, {"step": 9}, {"step": 10}, {"step": 89}],
    hints=[
        "Two cases. What is the rate at step 0, what at step warm_up - 1? And how far, from 0 to "
        "1, has the second part come at a step?",
        "In the warm-up highest * (step + 1) / warm_up. After it, the part done is "
        "(step - warm_up) / (steps - warm_up).",
        "(1 + np.cos(np.pi * done)) / 2 goes from 1 to 0 while done goes from 0 to 1.",
    ],
    misconceptions=[
        Slip("The first step has rate 0: it moves nothing. Count it as the first part of the way, "
             "(step + 1) / warm_up.", "(step + 1) / warm_up", "step / warm_up"),
        Slip("The first step has rate 0, as np.linspace(0, highest, warm_up) begins: it moves "
             "nothing. The first rate is highest / warm_up.",
             "(step + 1) / warm_up", "step / (warm_up - 1)"),
        Slip("The cosine starts at step 0, so at the end of the warm-up the rate jumps down. "
             "Count its steps from the end of the warm-up.",
             "(step - warm_up) / (steps - warm_up)", "step / steps"),
        Slip("The cosine does not reach 0 at the end: it has steps - warm_up steps, not steps.",
             "(steps - warm_up)", "steps"),
        Slip("The cosine itself goes down to -1: add 1 and halve it.",
             "(1 + np.cos(np.pi * done)) / 2", "np.cos(np.pi * done)"),
        Slip("Half is missing: 1 + cos begins at 2.",
             "(1 + np.cos(np.pi * done)) / 2", "(1 + np.cos(np.pi * done))"),
        Slip("That is a quarter of a wave, steepest at its end. Half a wave goes from 1 to -1 and "
             "is flat at both ends; add 1 and halve it.",
             "(1 + np.cos(np.pi * done)) / 2", "np.cos(np.pi / 2 * done)"),
        Slip("That is a straight line down, not half a wave of the cosine.",
             "(1 + np.cos(np.pi * done)) / 2", "(1 - done)"),
        Slip("np.cos takes radians: half a wave is np.pi, not 180.", "np.pi * done", "180 * done"),
        Slip("A whole wave goes down and up again: half of one is np.pi.",
             "np.pi * done", "2 * np.pi * done"),
        Slip("It rises, and stays: after the warm-up the rate must fall.",
             "(1 + np.cos(np.pi * done)) / 2", "(1 + 0 * done)"),
        Slip("There is no warm-up: the first steps have the highest rate.",
             "highest * (step + 1) / warm_up", "highest"),
        Slip("It rises from the highest rate at the start to the end: (1 - cos) goes up, "
             "(1 + cos) goes down.", "1 + np.cos", "1 - np.cos"),
    ],
    variants=[_rate_by_library_words],
    library=(schedules.warm_up, schedules.cosine_decay),
)  # fmt: skip


def diagnosis():
    """What is wrong with each of the five networks.

    Returns a dict with the keys "A" to "E". Each value is one of "input scale", "first weights",
    "learning rate", "labels", "softmax twice", "dead units".
    """
    return {
        "A": "input scale",
        "B": "first weights",
        "C": "learning rate",
        "D": "labels",
        "E": "softmax twice",
    }


WHERE = {
    "A": "Look at the first line of its report, which is measured before any step.",
    "B": "Look at the sizes, layer by layer, before the first step.",
    "C": "Its sizes and its first loss are as they should be: look at the ratios.",
    "D": "It learns 20 digits by heart, and of 2,000 it learns nothing.",
    "E": "It cannot learn 20 digits by heart: look at where its loss stops.",
}


SAID = {
    ("A", "first weights"): (
        "A's first loss is far too large, but its weights are He's. What do they "
        "multiply? Look at the range of the input."
    ),
    ("A", "learning rate"): (
        "A's first loss is measured before any step, so no rate has acted yet. Look "
        "at the range of the input."
    ),
    ("B", "learning rate"): (
        "B's signal gets smaller from layer to layer, before the first step. A rate "
        "that is too small would leave the sizes as they should be."
    ),
    ("B", "dead units"): (
        "In B nothing is dead for good: all sizes shrink by the same factor from "
        "layer to layer. What sets that factor?"
    ),
    ("C", "first weights"): (
        "C's sizes are the same in all layers, and its first loss is near log 10: the "
        "weights are right. Look at the ratios of update to weight."
    ),
    ("D", "learning rate"): (
        "D gets 20 digits right, so its steps are large enough. Its training loss on "
        "2,000 does not fall: is there anything to be learned from them?"
    ),
    ("D", "first weights"): (
        "D's sizes are as they should be in all layers, and it can learn 20 digits by "
        "heart. What is left is the data."
    ),
    ("E", "labels"): (
        "E cannot even learn 20 digits by heart, and for that any labels would do. "
        "Its loss stops near 1.46: which outputs can never come below that?"
    ),
    ("E", "learning rate"): (
        "E's loss on 20 digits falls, and then stops near 1.46. A small rate would "
        "be slow; it would not stop there."
    ),
}


def _one_wrong(letter, said, sentence):
    return Slip(sentence, f'"{letter}": "{CAUSE[letter]}"', f'"{letter}": "{said}"')


def _others_wrong(known):
    """For each letter and each cause that nothing is said about yet: where to look."""
    for letter, cause in CAUSE.items():
        for said in [*CAUSE.values(), "dead units"]:
            if said != cause and (letter, said) not in known:
                yield _one_wrong(letter, said, f"{letter} is not {said!r}. {WHERE[letter]}")


def _judged(diagnosis):
    """What was said of each network: 'right', or the cause that it is not."""
    said = diagnosis()
    if not isinstance(said, dict):
        return said
    return {
        letter: "right" if cause == CAUSE.get(letter) else f"not {cause}"
        for letter, cause in said.items()
    }


def _all_rates():
    return dict.fromkeys(CAUSE, "learning rate")


diagnoses = Exercise(
    "10.7",
    diagnosis,
    returns="diagnosis",
    inputs=lambda rng: {},
    run=_judged,
    hints=[
        "Go down the list for one network at a time, and stop at the first line that is not as it "
        "should be. What was wrong before the first step cannot be the learning rate.",
        "A: look at the first line. B: the sizes fall by the same factor in every layer. C: "
        "everything but one number is as it should be. D: it can learn 20 digits by heart. E: it "
        "cannot get below a certain loss on them, however long it tries.",
        'The dict looks like this: {"A": "input scale", "B": ..., "C": ..., "D": ..., "E": ...}.',
    ],
    misconceptions=[
        *(_one_wrong(*pair, sentence) for pair, sentence in SAID.items()),
        *_others_wrong(SAID),
        Misconception(
            "Only C has a learning rate that is wrong. Go through the list from the top: the "
            "first line that is not as it should be tells more than the last.",
            _all_rates,
        ),
    ],
    variants=[
        lambda: dict(zip("ABCDE", ["input scale", "first weights", "learning rate",
                                   "labels", "softmax twice"])),
        lambda: {"E": "softmax twice", "D": "labels", "C": "learning rate", "B": "first weights",
                 "A": "input scale"},
    ],
)  # fmt: skip


EXERCISES = [ratios, residual, normalize, clipping, adamw, schedule, diagnoses]
