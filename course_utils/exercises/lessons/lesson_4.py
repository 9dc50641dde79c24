"""Lesson 4, backpropagation: its exercises."""

import copy
import itertools

import numpy as np

import course_utils as cu

from ...gradients import check_gradients, numerical_gradient, relative_error
from ...layers import Dense
from ...network import Sequential
from ...optimizers import SGD
from ..authoring import Exercise, Slip, arrays


def graph_gradients(x, w, y):
    """The slopes of L = (x · w + x - y)² for each of its inputs.

    x, w and y are numbers. Returns dx, dw, dy, three numbers.
    """
    p = x * w
    s = p + x
    r = s - y
    dr = 2 * r
    ds, dy = dr, -dr
    dp = ds
    dw = dp * x
    dx = dp * w + ds  # x is used twice
    return dx, dw, dy


def number(rng):
    return round(float(rng.choice([-1, 1]) * rng.uniform(1.2, 3)), 2)


graph = Exercise(
    "4.1",
    graph_gradients,
    returns=("dx", "dw", "dy"),
    inputs=arrays(x=number, w=number, y=number),
    hints=[
        "Go forward first: p, s, r. Then back, the last line first: what is dr, if dL is 1?",
        "dr = 2 · r, ds = dr, dp = ds. Now x: on which two lines is it used?",
        "x gets dp · w from the product and ds from the plus. Add both.",
    ],
    misconceptions=[
        Slip("dx has only one of its two parts, the one through p. x is used twice: in "
             "s = p + x it gets ds besides. Add the two.", "dp * w + ds", "dp * w"),
        Slip("dx has only one of its two parts, the one straight into s. x is used twice: through "
             "p = x · w it gets dp · w besides. Add the two.", "dp * w + ds", "ds"),
        Slip("Everything is half as large as it should: r² has the slope 2 · r.", "2 * r", "r"),
        Slip("The slope of L = r² is 2 · r: L was put in the place of r.", "2 * r", "2 * r**2"),
        Slip("dy has the wrong sign: y is subtracted in r = s - y, so dy = -dr.", "-dr", "dr"),
        Slip("dy was multiplied by y. A minus passes on -dr as it is.", "-dr", "-dr * y"),
        Slip("y was added: r is s minus y.", "s - y", "s + y"),
        Slip("A plus passes its slope on: from s = p + x, dx gets ds, not x.", "w + ds", "w + x"),
        Slip("dw was taken times w itself. In a product, each factor gets the slope times the "
             "other factor: dw = dp · x.", "dp * x", "dp * w"),
        Slip("In p = x · w each factor was multiplied by itself: dp · x went to x and dp · w to w. "
             "Each factor gets dp times the other one.",
             "dp * x", "dp * w", "dp * w + ds", "dp * x + ds"),
        Slip("The slope of the square is missing: these are the slopes of r, not of L = r². "
             "Multiply all by dr = 2 · r.", "2 * r", "1.0"),
        Slip("The two parts of dx were multiplied. Along an arrow slopes are multiplied; where a "
             "number is used twice, its parts are added.", "dp * w + ds", "dp * w * ds"),
    ],
    variants=[lambda x, w, y: list(np.array([w + 1, x, -1]) * 2 * (x * (w + 1) - y))],
)  # fmt: skip


def dense_backward(dz, x, W):
    """The gradients of a dense layer z = x W + b, from dz, the one of its output.

    dz is (N, H), x is (N, D), W is (D, H). Returns dx, (N, D), dW, (D, H), and db, (H,).
    """
    dx = dz @ W.T
    dW = x.T @ dz
    db = dz.sum(axis=0)
    return dx, dW, db


dense = Exercise(
    "4.2",
    dense_backward,
    returns=("dx", "dW", "db"),
    inputs=arrays(dz="N H", x="N D", W="D H"),
    sizes=[{"N": 1}, {"H": 1}, {"D": 2, "H": 5}],
    hints=[
        "dW has the shape of W, (D, H). Which product of x (N, D) and dz (N, H) has it?",
        "A transpose is needed twice: x.T in one product, W.T in the other.",
        "db is the sum of dz over the samples, dz.sum(axis=0). dx is dz @ W.T.",
    ],
    misconceptions=[
        *(Slip(f"{which} N times too small: the loss has taken the mean over the batch already. "
               "No layer divides by N again.", *edits)
          for which, edits in (
              ("dW and db are", ("x.T @ dz", "x.T @ dz / len(x)", "sum", "mean")),
              ("All three are", ("dx =", "dz = dz / len(x)\n    dx =")),
              ("The others are right, and dW is", ("x.T @ dz", "x.T @ dz / len(x)")))),
        Slip("db is the mean over the samples where it should be the sum: 1/N is in dz already.",
             "sum", "mean"),
        Slip("db was not summed over the samples. Every sample uses the same bias, so its parts "
             "add up: axis=0.", "dz.sum(axis=0)", "dz"),
        Slip("db was summed over the units. The samples are axis=0.", "axis=0", "axis=1"),
        Slip("dW is transposed: x.T @ dz is (D, H), dz.T @ x (H, D).", "x.T @ dz", "dz.T @ x"),
        Slip("dW holds only the last sample's part. Every sample uses the same weights: add their "
             "parts, with +=.", "x.T @ dz", "np.outer(x[-1], dz[-1])"),
        Slip("All three have the sign of a step. The gradient points uphill; the minus comes "
             "later, in the step.", "dx =", "dz = -dz\n    dx ="),
    ],
    variants=[lambda dz, x, W: (np.dot(dz, W.T), np.dot(dz.T, x).T, np.ones(len(dz)) @ dz)],
    forward=lambda x, W, dz: x @ W + np.zeros(dz.shape[1]),
    differences={"dx": "x", "dW": "W"},
    library=(Dense,),
)  # fmt: skip


ACTIVATIONS = {"identity": lambda z: z, "relu": lambda z: np.maximum(z, 0), "tanh": np.tanh}
DERIVATIVES = {
    "identity": lambda z: np.ones_like(z),
    "relu": lambda z: (z > 0).astype(z.dtype),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
}


def backward(da, layers, cache):
    """The gradients of all parameters, from da, the loss's gradient for the output.

    da is (N, K). layers is a list of dicts with "W", "b" and "activation" (a name), cache a list
    of {"x": x, "z": z}, one a layer. Returns a list of {"W": dW, "b": db}, in the same order.
    """
    gradients = [None] * len(layers)
    for i in reversed(range(len(layers))):
        dz = da * DERIVATIVES[layers[i]["activation"]](cache[i]["z"])
        da, dW, db = dense_backward(dz, cache[i]["x"], layers[i]["W"])
        gradients[i] = {"W": dW, "b": db}
    return gradients


def forward(X, layers):
    cache = []
    for layer in layers:
        z = X @ layer["W"] + layer["b"]
        cache.append({"x": X, "z": z})
        X = ACTIVATIONS[layer["activation"]](z)
    return X, cache


def network(rng, widths):
    """Layers with all three activations; the last one has tanh, which no answer may leave out."""
    names = itertools.cycle(("tanh", "relu", "identity"))
    layers = [
        {"W": rng.normal(size=(D, H)), "b": rng.normal(size=H), "activation": next(names)}
        for D, H in reversed(list(itertools.pairwise(widths)))
    ]
    return layers[::-1]


def _way_forward(rng, N=6, L=3):
    layers = network(rng, [*range(L + 3, 3, -1), 2])
    output, cache = forward(rng.normal(size=(N, L + 3)), layers)
    return {"da": rng.normal(size=output.shape), "layers": layers, "cache": cache}


way_back = Exercise(
    "4.3",
    backward,
    returns="gradients",
    inputs=_way_forward,
    sizes=[{"L": 1}, {"L": 2}],
    hints=[
        "Which layer comes first on the way back? And what is the da of the layer before it?",
        "In each round, from the last layer to the first: dz from da and the derivative at z; "
        "dx, dW, db from dense_backward; and dx is the da of the next round.",
        'dz = da * DERIVATIVES[layers[i]["activation"]](cache[i]["z"]). With '
        "gradients = [None] * len(layers) each dict can go to its own place i.",
    ],
    misconceptions=[
        Slip("The derivatives of the activations are missing: dz is da times the derivative at z. "
             "Only then comes the dense layer.",
             'da * DERIVATIVES[layers[i]["activation"]](cache[i]["z"])', "da"),
        Slip("da was left out: dz is da times the derivative at z.", "da * D", "D"),
        Slip("The last layer's activation was left out: its dz is da times its derivative, too, "
             "whatever activation it has.", "= da *", "= da if i == len(layers) - 1 else da *"),
        Slip("The derivatives were taken of the activation a. DERIVATIVES takes z: look into the "
             "cache for it.",
             '(cache[i]["z"])', '(ACTIVATIONS[layers[i]["activation"]](cache[i]["z"]))'),
        Slip("da was multiplied by the activation itself. It must be its derivative: DERIVATIVES, "
             "not ACTIVATIONS.", "DERIVATIVES", "ACTIVATIONS"),
        Slip("Each layer got the derivative of the layer before it. The name of the activation and "
             "its z must be of the same layer: both with the same i.",
             'layers[i]["activation"]', 'layers[i - 1]["activation"]'),
        *(Slip("The code itself chooses the derivative. Each layer's dict names its own "
               'activation: DERIVATIVES[layer["activation"]].', 'layers[i]["activation"]', chosen)
          for chosen in ('"relu"', '"tanh"', '"identity" if i == len(layers) - 1 else "relu"')),
        Slip("The gradients are right, and in the order of the way back: the last layer first. "
             "Turn the list around before you return it: gradients[::-1].",
             "return gradients", "return gradients[::-1]"),
        Slip("The weights' gradients are N times too small: the loss has taken the mean already. "
             "No layer divides by N again.",
             '"W": dW, "b": db', '"W": dW / len(dz), "b": db / len(dz)'),
        Slip("All entries are those of the first layer. Was one dict made before the loop and "
             "changed in it? Make a new one in each round.",
             "return gradients", "return [gradients[0]] * len(gradients)"),
        *(Slip("Only the gradients of one layer are there. Make the empty list once, before the "
               "loop, and return after the loop.", "return gradients", f"return {one}")
          for one in ("gradients[-1:]", "gradients[:1]")),
        *(Slip("The first layer has no gradients: its index is 0, and range(n, 0, -1) ends at 1. "
               "range(n, -1, -1) goes down to 0.", "return gradients", f"return {without}")
          for without in ("[None] + gradients[1:]", "gradients[1:]")),
    ],
    errors={
        "could not be broadcast": "Do da and z belong to the same layer? The way back begins at "
        "the last layer, with the da that is passed; then the dx of each round is the da of the "
        'next. And the derivative is taken at the layer\'s "z".',
    },
    library=(Sequential,),
)  # fmt: skip


def gradient_check(loss, x, gradient):
    """How far a gradient is from the one by centred differences: the relative error.

    loss is a function of no argument that uses the array x; gradient has the shape of x.
    Returns |gradient - numerical| / (|gradient| + |numerical|), a number. x is as before.
    """
    numerical = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        numerical[i] = slope(loss, x, i)
    difference = np.linalg.norm(gradient - numerical)
    return difference / (np.linalg.norm(gradient) + np.linalg.norm(numerical))


def slope(loss, x, i, epsilon=1e-5):
    kept = x[i]
    x[i] = kept + epsilon
    above = loss()
    x[i] = kept - epsilon
    below = loss()
    x[i] = kept
    return (above - below) / (2 * epsilon)


def _wrong_gradient(rng, shape=(3, 4)):
    x, A = rng.normal(scale=0.7, size=shape), rng.normal(size=shape)
    # Too large, but of the right sign: of two numbers of other signs the relative error is just 1.
    return {"x": x, "A": A, "gradient": 2 * np.exp(2 * x) * A * rng.uniform(1.2, 3, size=shape)}


def _check_and_x(gradient_check, x, A, gradient):
    return gradient_check(lambda: np.sum(np.exp(2 * x) * A), x, gradient), x


def _check_with_larger_steps(loss, x, gradient):
    g, n = gradient.ravel(), np.array([slope(loss, x, i, 1e-4) for i in np.ndindex(x.shape)])
    return np.sqrt(np.sum((g - n) ** 2)) / (np.sqrt(g @ g) + np.sqrt(n @ n))


NORMS = ("np.linalg.norm(gradient - numerical)", "np.linalg.norm(gradient)",
         "np.linalg.norm(numerical)")  # fmt: skip
SIZE = " / (np.linalg.norm(gradient) + np.linalg.norm(numerical))"


def lengths_by(measure):
    """Edits that put another measure in the place of the three lengths."""
    return [part for norm in NORMS for part in (norm, measure.format(norm[14:]))]


check = Exercise(
    "4.4",
    gradient_check,
    returns=("error", "x afterwards"),
    inputs=_wrong_gradient,
    sizes=[{"shape": (2, 5)}, {"shape": (4,)}, {"shape": (3, 3)}],
    run=_check_and_x,
    in_place=("x",),
    hints=[
        "Which array do you need beside `gradient`, and which shape has it?",
        "numerical = np.zeros_like(x), and then a loop over np.ndindex(x.shape) that sets "
        "numerical[i] to slope(loss, x, i).",
        "Three lengths: of the difference, of gradient, of numerical. np.linalg.norm gives "
        "each, and a matrix may be passed to it as it is.",
    ],
    misconceptions=[
        Slip("The difference was not divided by the size of the two. Without that nobody can tell "
             "whether it is large: divide by |gradient| + |numerical|.", SIZE, ""),
        Slip("This is the largest difference, not the relative error: take the lengths of all "
             "three arrays, np.linalg.norm.",
             NORMS[0], "np.abs(gradient - numerical).max()", SIZE, ""),
        *(Slip(f"Divided by the size of the {name} gradient alone. In the formula both sizes stand "
               "below the line, so that the result is at most 1.", term, "")
          for name, term in (("checked", f"{NORMS[1]} + "), ("numerical", f" + {NORMS[2]}"))),
        Slip("Divided by the length of the sum. The lengths must be taken first and then added: in "
             "a sum of arrays, numbers of different sign cancel.",
             SIZE, " / np.linalg.norm(gradient + numerical)"),
        Slip("The brackets are missing: a / b + c divides by b only. Write a / (b + c).",
             SIZE, f" / {NORMS[1]} + {NORMS[2]}"),
        Slip("The lengths were subtracted. Take the difference of the arrays first, and then its "
             "length: two arrays may be equally long and point apart.",
             NORMS[0], "abs(np.linalg.norm(gradient) - np.linalg.norm(numerical))"),
        Slip("All slopes came out as 0. loss() uses x itself and does not see a copy: nudge x, and "
             "keep each slope in its place.", "slope(loss, x, i)", "slope(loss, x.copy(), i)"),
        *(Slip("A relative error was taken for each place and then one number of them. One tiny "
               "slope can spoil that: take the lengths of the whole arrays.",
               f"difference{SIZE}",
               f"np.{one}(np.abs(gradient - numerical) / (np.abs(gradient) + np.abs(numerical)))")
          for one in ("mean", "max", "sum")),
        Slip("Whole rows of x were nudged at once: range(len(x)) runs over the rows only. "
             "np.ndindex(x.shape) gives every place.", "np.ndindex(x.shape)", "range(len(x))"),
        *(Slip("Only the first slope was taken. Does the return stand inside the loop?", *edits)
          for edits in (
              ("np.ndindex(x.shape)", "[(0,) * x.ndim]"),
              ("difference =", "numerical, gradient = numerical.flat[0], gradient.flat[0]\n"
               "    difference ="))),
        Slip("numerical is one number, the last slope: give each its place, numerical[i] = ...",
             "numerical[i]", "numerical"),
        Slip("The slopes are twice too large: up and down, the step is 2 epsilon long.",
             "slope(loss, x, i)", "2 * slope(loss, x, i)"),
        Slip("Above the line stands the difference of the two, not their sum.",
             "(gradient - numerical)", "(gradient + numerical)"),
        *(Slip("x is not as it was: after each nudge, the number must be put back. slope does so.",
               "slope(loss, x, i)", f"slope(loss, x, i)\n        x[i] {left}")
          for left in ("-= 1e-5", "+= 1e-5")),
        Slip("The differences were taken to one side only. Nudge up and down: with both, the error "
             "is far smaller. slope does so.", "slope(loss, x, i)",
             "-loss() / 1e-5\n        x[i] += 1e-5\n        numerical[i] += loss() / 1e-5\n"
             "        x[i] -= 1e-5"),
        Slip("Squares instead of lengths: the root is missing. np.linalg.norm takes it.",
             *lengths_by("np.sum({} ** 2)")),
        Slip("The numbers were added with their signs, so that errors up and down cancel. The "
             "length is the root of the sum of their squares: np.linalg.norm.",
             *lengths_by("np.abs(np.sum({}))")),
        *(Slip("These are not the lengths. The length of an array is the root of the sum of its "
               "squares: np.linalg.norm.", *lengths_by(measure))
          for measure in ("np.sum(np.abs({}))", "np.max(np.abs({}))")),
    ],
    variants=[_check_with_larger_steps],
    errors=dict.fromkeys(
        ["tuple index out of range", "too many indices"],
        "x may have one axis or two, as a bias and a weight have: np.ndindex(x.shape) visits every "
        "place of either.",
    )
    | {"not callable": "slope calls loss itself: pass the function, loss, not a number, loss()."},
    library=(check_gradients, numerical_gradient, relative_error),
)  # fmt: skip


def mended_backward(dlogits, X, a1, W2):
    """The gradients of a network with one hidden layer of ReLU units.

    dlogits is (N, K), X is (N, D), a1 is (N, H), the activation after the ReLU, W2 is (H, K).
    Returns dW1, (D, H), db1, (H,), dW2, (H, K), and db2, (K,).
    """
    dW2 = a1.T @ dlogits
    db2 = dlogits.sum(axis=0)
    da1 = dlogits @ W2.T
    dz1 = da1 * (a1 > 0)  # a1 is never below 0, so a1 >= 0 would be true everywhere
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    return dW1, db1, dW2, db2


def silent_units(rng, N, H):
    return np.maximum(rng.normal(size=(N, H)), 0)


mended = Exercise(
    "4.5",
    mended_backward,
    returns=("dW1", "db1", "dW2", "db2"),
    inputs=arrays(dlogits="N K", X="N D", a1=silent_units, W2="H K"),
    sizes=[{"K": 1}, {"D": 2, "H": 6}],
    hints=[
        "Which line makes dz1? What can a1 be, after a ReLU: is it ever below 0?",
        "The gate is open where z1 > 0. There a1 is z1; elsewhere a1 is exactly 0. "
        "So what does a1 >= 0 say about a closed unit?",
        "One character is too many: the gate is a1 > 0.",
    ],
    misconceptions=[
        Slip("The bug is still there: the gate is open everywhere. a1 comes from a ReLU and is "
             "never below 0, so a1 >= 0 lets everything pass. Where is a unit closed?",
             "(a1 > 0)", "(a1 >= 0)"),
        Slip("The gate is turned round: it is open where a1 is above 0.", "(a1 > 0)", "(a1 <= 0)"),
        Slip("The gate was taken of da1. Only the way forward opens it.", "(a1 > 0)", "(da1 > 0)"),
        Slip("da1 was multiplied by a1 itself. ReLU's slope is 1 where the unit is open, however "
             "large a1 is: multiply by a1 > 0.", "(a1 > 0)", "a1"),
        Slip("dW1 and db1 were mended by dividing by something: the gradient is still there for "
             "closed units, and 1/N is in dlogits already.", "* (a1 > 0)", "/ len(a1)"),
        Slip("The gate is right, and all four were divided by N besides: 1/N is in dlogits "
             "already.", "dW2 = a1", "dlogits = dlogits / len(X)\n    dW2 = a1"),
        Slip("dlogits got a gate of its own. The last layer has no ReLU, and dW2 and db2 were "
             "right before: leave their lines as they are.", "a1.T @ dlogits",
             "a1.T @ (dlogits * (dlogits > 0))", "dlogits.sum", "np.maximum(dlogits, 0).sum"),
        Slip("The gate a1 > 0 replaced da1: what flows back was lost. Multiply, da1 * (a1 > 0).",
             "da1 * (a1 > 0)", "(a1 > 0) * 1.0"),
        Slip("The gate opens at 1 where it should at 0: was the slope rounded, or the gate taken "
             "of something else? It is a1 > 0.", "(a1 > 0)", "(a1 > 1)"),
        *(Slip("The gate used the slope of tanh or sigmoid, 1 - a² or a (1 - a). This layer is a "
               "ReLU: its slope is 1 or 0.", "(a1 > 0)", tanh_or_sigmoid)
          for tanh_or_sigmoid in ("(1 - a1**2)", "(a1 * (1 - a1))")),
        Slip("db1 was summed from da1, before the gate. A closed unit's bias has no effect either: "
             "take the sum of dz1.", "dz1.sum", "da1.sum"),
        Slip("dW1 was made from da1, before the gate: take dz1.", "X.T @ dz1", "X.T @ da1"),
    ],
)  # fmt: skip


def sgd_step(layers, gradients, learning_rate):
    """Move every W and b in layers a small step against its gradient, in place.

    layers and gradients are lists of dicts with "W" and "b", in the same order.
    Returns nothing: the parameters in layers are changed, the gradients are not.
    """
    for i in range(len(layers)):
        layers[i]["W"] -= learning_rate * gradients[i]["W"]
        layers[i]["b"] -= learning_rate * gradients[i]["b"]


def parameters_of(layers):
    return [{"W": layer["W"], "b": layer["b"]} for layer in layers]


def _before_a_step(rng, L=3):
    layers = network(rng, [*range(L + 3, 3, -1), 2])
    gradients = parameters_of(network(rng, [*range(L + 3, 3, -1), 2]))
    return {"layers": layers, "gradients": gradients, "learning_rate": rng.uniform(0.05, 0.4)}


def _step_and_gradients(sgd_step, layers, gradients, learning_rate):
    before = copy.deepcopy(gradients)
    sgd_step(layers, gradients, learning_rate)
    kept = [np.array_equal(a[k], b[k]) for a, b in zip(before, gradients, strict=True) for k in a]
    return parameters_of(layers), "as they were" if all(kept) else "changed"


def _step_on_keys(layers, gradients, learning_rate):
    for layer, gradient in zip(layers, gradients, strict=True):
        for name in gradient:
            layer[name] = layer[name] - learning_rate * gradient[name]


STEP_W, STEP_B = 'learning_rate * gradients[i]["W"]', 'learning_rate * gradients[i]["b"]'
step = Exercise(
    "4.6",
    sgd_step,
    returns=("parameters", "what gradients holds"),
    inputs=_before_a_step,
    sizes=[{"L": 1}, {"L": 2}],
    run=_step_and_gradients,
    in_place=("layers", "gradients"),
    hints=[
        "Which way is the loss falling: along the gradient, or against it?",
        'For every layer there are two arrays to change, layers[i]["W"] and layers[i]["b"].',
        'layers[i]["W"] -= learning_rate * gradients[i]["W"], and the same for "b".',
    ],
    misconceptions=[
        Slip("Nothing has changed: W = W - ... makes a new array and leaves the network's own as "
             'it was. Write layer["W"] -= ..., or assign to layer["W"].',
             f"-= {STEP_W}", "-= 0", f"-= {STEP_B}", "-= 0"),
        Slip("The step goes uphill: the gradient points to where the loss grows. Subtract it.",
             '["W"] -=', '["W"] +=', '["b"] -=', '["b"] +='),
        Slip("The learning rate is missing: the step is learning_rate times the gradient.",
             STEP_W, STEP_W[16:], STEP_B, STEP_B[16:]),
        Slip("The biases have not moved, and the weights are right. Each layer has two arrays that "
             'learn: is there a step for "b", and does it change the array in layers?',
             STEP_B, "0"),
        Slip("The weights have not moved, and the biases are right. Each layer has two arrays that "
             'learn: is there a step for "W", and does it change the array in layers?',
             STEP_W, "0"),
        *(Slip(sentence, "range(len(layers))", places) for sentence, places in (
            ("Only the first layer moved. Does something return, or stop, inside the loop?",
             "range(1)"),
            ("Only the last layer moved. Is the changing line inside the loop?",
             "[len(layers) - 1]"),
            ("All layers moved but the last one. Does the loop end too early?",
             "range(len(layers) - 1)"),
            ("All layers moved but the first one. Lists are counted from 0.",
             "range(1, len(layers))"))),
        Slip("The parameters were replaced by the step. =- is not -=: the first one assigns the "
             "negative.", '["W"] -=', '["W"] = -', '["b"] -=', '["b"] = -'),
        Slip("The gradients were divided by the learning rate. A small rate makes small steps: "
             "multiply.", STEP_W, f"1 / {STEP_W}", STEP_B, f"1 / {STEP_B}"),
        *(Slip(f"The {name} move without the learning rate: both arrays take a step of "
               "learning_rate times their gradient.", moved, moved[16:])
          for name, moved in (("biases", STEP_B), ("weights", STEP_W))),
        Slip("The parameters are right, and the gradients were changed, too. They belong to the "
             "caller: *= and -= on an array taken from them change it in place. Write "
             "learning_rate * gradient, which makes a new one.",
             STEP_W, f'{STEP_W}\n        gradients[i]["W"] *= 0'),
    ],
    variants=[_step_on_keys],
    errors={
        "list indices must be integers": "layers and gradients are lists of dicts: take the dict "
        'of one layer first, as in layers[i]["W"].',
    },
    library=(SGD,),
)  # fmt: skip


def train(layers, X, Y, loss, learning_rate, steps, callback):
    """Train a network on all of X and Y in every step; the parameters in layers are changed.

    loss is a function of (output, Y) that returns its value and its gradient for the output.
    callback(steps_done, layers) is called after every step. Returns the losses before each step.
    """
    losses = []
    for steps_done in range(1, steps + 1):
        output, cache = forward(X, layers)
        value, da = loss(output, Y)
        gradients = backward(da, layers, cache)
        sgd_step(layers, gradients, learning_rate)
        losses.append(value)
        callback(steps_done, layers)
    return losses


def lopsided_loss(output, Y):
    """Another one where output and Y change places, in its value and in its gradient."""
    error = output - Y
    return np.mean(np.exp(error) - error), (np.exp(error) - 1) / error.size


def _before_training(rng, N=5, D=3, steps=3):
    return {
        "layers": network(rng, (D, 5, 1)),
        "X": rng.normal(size=(N, D)),
        "Y": rng.permutation(np.arange(N) % 2.0)[:, None],
        "learning_rate": 0.2,
        "steps": steps,
    }


def _training_watched(train, layers, X, Y, learning_rate, steps):
    numbers, seen = [], []

    def callback(steps_done, layers):
        numbers.append(steps_done)
        seen.append(copy.deepcopy(layers))

    losses = train(layers, X, Y, lopsided_loss, learning_rate, steps, callback)
    return losses, parameters_of(layers), numbers, seen


def _train_without_sgd_step(layers, X, Y, loss, learning_rate, steps, callback):
    losses = np.zeros(steps)
    done = 0
    while done < steps:
        output, cache = forward(X, layers)
        losses[done], da = loss(output, Y)
        for layer, gradient in zip(layers, backward(da, layers, cache), strict=True):
            layer["W"] = layer["W"] - learning_rate * gradient["W"]
            layer["b"] = layer["b"] - learning_rate * gradient["b"]
        done += 1
        callback(done, layers)
    return losses


ONCE = "if steps_done == 1: "
loop = Exercise(
    "4.7",
    train,
    returns=("losses", "parameters", "steps_done in callback", "layers in callback"),
    inputs=_before_training,
    sizes=[{"steps": 1}],
    run=_training_watched,
    in_place=("layers",),
    hints=[
        "What are the four parts of one round, and which of your functions is each of them?",
        "output, cache = forward(X, layers); value, da = loss(output, Y); then backward and "
        "sgd_step. All of it inside the loop: after a step, everything is different.",
        "for steps_done in range(1, steps + 1): at its end losses.append(value) and "
        "callback(steps_done, layers). After the loop: return losses.",
    ],
    misconceptions=[
        *(Slip("Every step went along the first gradient. After a step the network is another one: "
               "forward, loss and backward belong inside the loop.",
               "gradients =", f"{ONCE}gradients =", "output, cache =", f"{forward_}output, cache =")
          for forward_ in ("", ONCE)),
        Slip("The forward pass was made once, before the loop. After a step the network is another "
             "one, and so is its output: forward belongs inside the loop.",
             "output, cache =", f"{ONCE}output, cache ="),
        Slip("The losses were measured after each step. Keep the value that came with the "
             "gradient, from before the step.",
             "append(value)", "append(loss(forward(X, layers)[0], Y)[0])"),
        Slip("Nothing was learned: the step is missing, or it changed copies. Call "
             "sgd_step(layers, gradients, learning_rate) in each round.",
             "sgd_step(layers, gradients, learning_rate)", "pass"),
        Slip("A copy of the network was trained; the one that was passed is as before. Work on "
             "layers itself.", "losses = []", "losses, layers = [], copy.deepcopy(layers)"),
        Slip("The steps go uphill: was the gradient added? sgd_step subtracts it, with a positive "
             "learning rate.", "gradients, learning_rate", "gradients, -learning_rate"),
        Slip("Output and Y have changed places: it is loss(output, Y).",
             "loss(output, Y)", "loss(Y, output)"),
        Slip("The loss is always the binary cross-entropy. Call the function that is passed: "
             "loss(output, Y).", "loss(output, Y)", "cu.binary_cross_entropy(output, Y)"),
        *(Slip("The way back begins at da, the gradient that loss returns.", "backward(da", began)
          for began in ("backward(value", "backward(output - Y", "backward((output - Y) / len(Y)")),
        *(Slip(f"The learning rate is always {rate}. Hand on the one that is passed, "
               "learning_rate.", "gradients, learning_rate", f"gradients, {rate}")
          for rate in (0.3, 0.1, 0.5)),  # those of this lesson, and the most usual one
        Slip("The callback was called before the step, with a network that has not made it yet. "
             "Call it at the end of the round.", "        callback(steps_done, layers)\n", "",
             "        sgd_step", "        callback(steps_done, layers)\n        sgd_step"),
        Slip("The callback counts from 0. After the first step, one step is done: pass 1.",
             "callback(steps_done", "callback(steps_done - 1"),
        Slip("The callback gets the same number each time: pass how many steps are done.",
             "callback(steps_done", "callback(steps"),
        Slip("The callback was called only once, after the loop. It belongs inside, at the end of "
             "every round.", "        callback(steps_done", "    callback(steps"),
        Slip("The callback was never called: callback(steps_done, layers), at the end of every "
             "round.", "callback(steps_done, layers)", ""),
        Slip("Only one round was made. Is the return inside the loop?",
             "    return", "        return"),
        Slip("One round is missing: range(1, steps) ends at steps - 1. Use range(steps), or "
             "range(1, steps + 1).", "steps + 1", "steps"),
        Slip("One round too many: range(steps) makes exactly that many.", "steps + 1", "steps + 2"),
        Slip("train must return the losses.", "return losses", "return None"),
        Slip("Only the last loss is returned. Make the empty list once, before the loop.",
             "losses.append(value)", "losses = [value]"),
    ],
    variants=[_train_without_sgd_step],
    errors={
        "NoneType": "Something is None there. sgd_step works in place and returns nothing: call it "
        "without `layers =` before it.",
    },
)  # fmt: skip


class Tanh(cu.Layer):
    """a = tanh(z), number by number."""

    def forward(self, z, training=False):
        """The activation a, from z; keeps what backward will need."""
        self.a = np.tanh(z)
        return self.a

    def backward(self, da):
        """dz, from da, the gradient for the output of the last forward."""
        return da * (1 - self.a**2)


def _two_layers(Tanh, z, da):
    layer, other = Tanh(), Tanh()
    layer.forward(1 - z, training=True)  # an earlier batch
    a = layer.forward(z)
    other.forward(z + 1)
    return a, layer.backward(da)


SLOPE, KEEPS = "(1 - self.a**2)", "self.a = np.tanh(z)\n        return self.a\n"
tanh_layer = Exercise(
    "4.8",
    Tanh,
    returns=("a", "dz"),
    inputs=lambda rng, shape=(4, 3): {"z": rng.normal(size=shape), "da": rng.normal(size=shape)},
    sizes=[{"shape": (6,)}, {"shape": (3, 3)}, {"shape": (2, 3, 4)}],
    run=_two_layers,
    hints=[
        "What does backward need to know of the way forward? Where can forward leave it?",
        "forward: self.a = np.tanh(z), and return it.",
        "backward: da times 1 - self.a ** 2.",
    ],
    misconceptions=[
        Slip("backward returns the slope alone: da is missing. What comes from behind must be "
             "multiplied by it.", f"da * {SLOPE}", SLOPE),
        Slip("The brackets are missing: da * 1 - a² is da minus a². Write da * (1 - a²).",
             SLOPE, "1 - self.a**2"),
        Slip("The slope 1 - a² was taken with z in the place of a. Keep a = tanh(z) in forward.",
             KEEPS, "self.a = z\n        return np.tanh(z)\n"),
        Slip("tanh was taken twice: of a, which is tanh(z) already. The slope is 1 - a ** 2.",
             "self.a**2", "np.tanh(self.a)**2"),
        Slip("This is the sigmoid's slope; tanh has 1 - a².", SLOPE, "self.a * (1 - self.a)"),
        Slip("This is the gate of ReLU; tanh has the slope 1 - a².", SLOPE, "(self.a > 0)"),
        Slip("The square is missing: the slope is 1 - a², not 1 - a.", "self.a**2", "self.a"),
        *(Slip("da was sent through tanh: backward must use the a of the way forward, not da in "
               "its place.", f"da * {SLOPE}", f"{factor}(1 - np.tanh(da) ** 2)")
          for factor in ("", "da * ")),
        Slip("da was multiplied by the activation itself, not by its slope.", SLOPE, "self.a"),
        Slip("da was passed on as it came: the slope is missing.", f"da * {SLOPE}", "da"),
        Slip("All layers of this kind share one memory: another layer's forward has replaced what "
             "this one kept. Keep it in self, not in the class or in a global name.",
             "self.a = np.tanh(z)", "Tanh.a = np.tanh(z)"),
        Slip("backward used an earlier batch: forward must keep its a anew at each call.", KEEPS,
             'self.a = getattr(self, "a", np.tanh(z))\n        return np.tanh(z)\n'),
        Slip("forward returns nothing: it must return a, besides keeping it.",
             KEEPS, "self.a = np.tanh(z)\n"),
        Slip("This is the sigmoid, forward and back. tanh is np.tanh(z), between -1 and 1.",
             "np.tanh(z)", "1 / (1 + np.exp(-z))", SLOPE, "self.a * (1 - self.a)"),
    ],
    library=(cu.Tanh,),
)  # fmt: skip


EXERCISES = [graph, dense, way_back, check, mended, step, loop, tanh_layer]
