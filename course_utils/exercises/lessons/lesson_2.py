"""Lesson 2, the forward pass: its exercises."""

import itertools

import numpy as np

from ... import activations
from ...layers import Dense
from ...network import Sequential
from ..authoring import Exercise, Misconception


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(z, 0)


def dense_forward(x, W, b):
    """The pre-activations of a dense layer.

    x is (N, D), W is (D, H), b is (H,). Returns z, (N, H).
    """
    return x @ W + b


def merge_layers(W1, b1, W2, b2):
    """One dense layer that does what two do with no activation between them.

    W1 is (D, H), b1 is (H,), W2 is (H, K), b2 is (K,). Returns W, (D, K), and b, (K,).
    """
    return W1 @ W2, b1 @ W2 + b2


def leaky_relu(z, slope):
    """The leaky ReLU and its derivative.

    z has any shape, slope is a number. Returns a and da_dz, each of the shape of z.
    """
    a = np.where(z > 0, z, slope * z)
    da_dz = np.where(z > 0, 1.0, slope)
    return a, da_dz


def softmax(z):
    """Turn each row of logits into probabilities.

    z is (N, K). Returns a, (N, K): every row is positive and sums to 1.
    """
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def count_parameters(D, architecture):
    """How many weights and biases a network has.

    D is the number of inputs, architecture a list of dicts, each with "units". Returns an int.
    """
    total = 0
    for layer in architecture:
        H = layer["units"]
        total += D * H + H
        D = H  # the next layer reads this one's units
    return total


ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": relu,
    "leaky_relu": lambda z: leaky_relu(z, 0.01)[0],
    "tanh": np.tanh,
    "sigmoid": sigmoid,
}


def forward(X, layers):
    """Run a batch through all layers, and keep what the way back will need.

    X is (N, D); layers is a list of dicts with "W", "b" and "activation" (a name).
    Returns the last activation, (N, K), and the cache: a list of {"x": x, "z": z}, one a layer.
    """
    a, cache = X, []
    for layer in layers:
        x = a
        z = dense_forward(x, layer["W"], layer["b"])
        a = ACTIVATIONS[layer["activation"]](z)
        cache.append({"x": x, "z": z})
    return a, cache


def _wrong_forward(activate=None, keep=None, bias=1):
    """A forward pass that differs from the reference in one of three places."""

    def by_name(layers, layer, z):
        return ACTIVATIONS[layer["activation"]](z)

    def x_and_z(X, x, z, a):
        return {"x": x, "z": z}

    activate, keep = activate or by_name, keep or x_and_z

    def forward(X, layers):
        a, cache = X, []
        for layer in layers:
            x = a
            z = x @ layer["W"] + bias * layer["b"]
            a = activate(layers, layer, z)
            cache.append(keep(X, x, z, a))
        return a, cache

    return forward


def _softmax_on_top(X, layers):
    output, cache = _forward_by_index(X, layers)
    return softmax(output), cache


def _cache_backwards(X, layers):
    output, cache = _forward_by_index(X, layers)
    return output, cache[::-1]


def _one_dict_for_all(X, layers):
    output, cache = _forward_by_index(X, layers)
    return output, [cache[-1]] * len(layers)


def _cache_of_the_last_layer(X, layers):
    output, cache = _forward_by_index(X, layers)
    return output, cache[-1:]


def _forward_by_index(X, layers):
    xs, zs = [X], []
    for i in range(len(layers)):
        zs.append(xs[i].dot(layers[i]["W"]) + layers[i]["b"])
        xs.append(ACTIVATIONS[layers[i]["activation"]](zs[i]))
    return xs[-1], [{"z": z, "x": x} for x, z in zip(xs[:-1], zs, strict=True)]


def _forward_recursively(X, layers):
    if not layers:
        return X, []
    z = np.einsum("nd,dh->nh", X, layers[0]["W"]) + layers[0]["b"]
    a, rest = _forward_recursively(ACTIVATIONS[layers[0]["activation"]](z), layers[1:])
    return a, [{"x": X, "z": z}, *rest]


def _softmax_by_rows(z):
    return np.array([np.exp(row) / np.exp(row).sum() for row in z])


def _pairs(D, architecture):
    """(how many numbers it reads, how many units it has) of each layer."""
    sizes = [D, *(layer["units"] for layer in architecture)]
    return list(itertools.pairwise(sizes))


def _count(D, architecture):
    return sum(m * n + n for m, n in _pairs(D, architecture))


def _dense_one_by_one(x, W, b):
    z = np.zeros((len(x), W.shape[1]))
    for i in range(len(x)):
        for j in range(W.shape[1]):
            z[i, j] = sum(x[i, d] * W[d, j] for d in range(len(W))) + b[j]
    return z


def _leaky_in_place(z, slope):
    a, da_dz = z.copy(), np.ones_like(z)
    a[z < 0] *= slope
    da_dz[z < 0] = slope
    return a, da_dz


def _leaky_inputs(rng):
    z = rng.normal(scale=2, size=(5, 3))
    z[0], z[1] = -np.abs(z[0]), np.abs(z[1])  # both sides are there, whatever was drawn
    return {"z": z, "slope": float(rng.uniform(0.1, 0.4))}


def _architecture(rng):
    units = rng.permutation(np.arange(2, 9))[:4]  # all different
    names = ("relu", "tanh", "identity")
    return {
        "D": int(units[0]),
        "architecture": [
            {"units": int(u), "activation": name} for u, name in zip(units[1:], names, strict=True)
        ],
    }


def _small_network(rng):
    return {
        "X": rng.normal(size=(5, 3)),
        "layers": [
            {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4), "activation": "tanh"},
            {"W": rng.normal(size=(4, 6)), "b": rng.normal(size=6), "activation": "identity"},
            {"W": rng.normal(size=(6, 2)), "b": rng.normal(size=2), "activation": "sigmoid"},
        ],
    }


EXERCISES = [
    Exercise(
        "2.1",
        reference=dense_forward,
        inputs=lambda rng: {
            "x": rng.normal(size=(5, 3)),
            "W": rng.normal(size=(3, 4)),
            "b": rng.normal(size=4),
        },
        returns=("z",),
        hints=[
            "In lesson 1 a unit was X @ w + b. What changes when w has a column for each unit?",
            "x is (N, D) and W is (D, H): which product of the two has the shape (N, H)?",
            "b, (H,), broadcasts over the rows of x @ W, (N, H): just add it.",
        ],
        misconceptions=[
            Misconception(
                "The bias is missing: z is x @ W, plus b.",
                lambda x, W, b: x @ W,
            ),
            Misconception(
                "The bias is subtracted: it is added to x @ W.",
                lambda x, W, b: x @ W - b,
            ),
            Misconception(
                "The bias was added to each of the D products before they were summed, so it "
                "counts D times. Sum first (that is what @ does), then add b once.",
                lambda x, W, b: (x[:, :, None] * W + b).sum(axis=1),
            ),
            Misconception(
                "Every unit got the sum of all biases. Each unit has its own: add b, not its sum.",
                lambda x, W, b: x @ W + b.sum(),
            ),
            Misconception(
                "Every unit got the same bias, the first one. Each unit has its own: add b.",
                lambda x, W, b: x @ W + b[0],
            ),
            Misconception(
                "The units are in the rows and the samples in the columns. In this course samples "
                "are rows: x @ W, with x first, and nothing transposed.",
                lambda x, W, b: W.T @ x.T + b[:, None],
            ),
            Misconception(
                "The products were averaged over the D inputs. A unit adds them up.",
                lambda x, W, b: x @ W / x.shape[1] + b,
            ),
            Misconception(
                "The units were added up to one number for each sample. They stay apart: "
                "z has one column for each unit, (N, H).",
                lambda x, W, b: (x @ W + b).sum(axis=1),
            ),
            Misconception(
                "There is already a sigmoid in it. This function returns the pre-activation z; "
                "the activation comes after it.",
                lambda x, W, b: sigmoid(x @ W + b),
            ),
            Misconception(
                "There is already a ReLU in it. This function returns the pre-activation z, "
                "negative values too; the activation comes after it.",
                lambda x, W, b: relu(x @ W + b),
            ),
        ],
        variants=[
            lambda x, W, b: np.dot(x, W) + b,
            lambda x, W, b: b + np.einsum("nd,dh->nh", x, W),
            lambda x, W, b: (W.T @ x.T + b[:, None]).T,
            lambda x, W, b: np.column_stack([x, np.ones(len(x))]) @ np.vstack([W, b]),
            lambda x, W, b: np.column_stack([x @ W[:, j] + b[j] for j in range(len(b))]),
            _dense_one_by_one,
        ],
        library=(Dense,),
    ),
    Exercise(
        "2.2",
        reference=merge_layers,
        inputs=lambda rng: {
            "W1": rng.normal(size=(3, 4)),
            "b1": rng.normal(size=4),
            "W2": rng.normal(size=(4, 2)),
            "b2": rng.normal(size=2),
        },
        returns=("W", "b"),
        hints=[
            "Look at the formula above the exercise: what stands behind X, and what stands alone?",
            "The merged W is (D, K). Which product of W1, (D, H), and W2, (H, K), has that shape?",
            "b1 is what the first layer adds. Before it comes out, it goes through the second "
            "layer: b1 @ W2.",
        ],
        misconceptions=[
            Misconception(
                "The first layer's bias is lost in b. What it adds goes through the second layer: "
                "b1 @ W2 is part of b.",
                lambda W1, b1, W2, b2: (W1 @ W2, b2),
            ),
            Misconception(
                "The second layer's bias is missing in b: it is added at the end, as it is.",
                lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2),
            ),
            Misconception(
                "b1 was added to b2 without going through the second layer's weights. Multiply "
                "out: (x W1 + b1) W2 has the term b1 W2.",
                lambda W1, b1, W2, b2: (W1 @ W2, b1.sum() + b2),
            ),
            Misconception(
                "The first bias was added to the weights W1. It belongs to b: multiply out "
                "(x W1 + b1) W2, and see which terms have an x.",
                lambda W1, b1, W2, b2: ((W1 + b1) @ W2, b2),
            ),
            Misconception(
                "The biases were added to the merged weights. W holds only what multiplies x: "
                "W1 @ W2.",
                lambda W1, b1, W2, b2: (W1 @ W2 + b1 @ W2 + b2, b1 @ W2 + b2),
            ),
            Misconception(
                "The merged W is transposed, (K, D). Inputs are its rows: W1 @ W2, in the order "
                "in which x meets them.",
                lambda W1, b1, W2, b2: (W2.T @ W1.T, b1 @ W2 + b2),
            ),
            Misconception(
                "An activation stands between the two layers here. This exercise has none: with "
                "a ReLU between them two layers cannot be merged.",
                lambda W1, b1, W2, b2: (relu(W1) @ W2, relu(b1) @ W2 + b2),
            ),
        ],
        variants=[
            lambda W1, b1, W2, b2: (np.dot(W1, W2), np.dot(b1, W2) + b2),
            lambda W1, b1, W2, b2: [(W2.T @ W1.T).T, b2 + W2.T @ b1],
            lambda W1, b1, W2, b2: (
                np.einsum("dh,hk->dk", W1, W2),
                (b1[:, None] * W2).sum(axis=0) + b2,
            ),
            lambda W1, b1, W2, b2: (W1 @ W2, np.zeros(len(W1)) @ W1 @ W2 + b1 @ W2 + b2),
        ],
    ),
    Exercise(
        "2.3",
        reference=leaky_relu,
        inputs=_leaky_inputs,
        returns=("a", "da_dz"),
        hints=[
            "There are two sides, z > 0 and the rest. What are a and its slope on each?",
            "np.where(z > 0, this, that) takes from `this` where z > 0, and from `that` elsewhere.",
            "On the right side a is z and its slope is 1; on the left a is slope * z, a straight "
            "line whose slope is the number slope.",
        ],
        misconceptions=[
            Misconception(
                "This is ReLU: left of zero a is 0, and so is its slope. The leaky one lets a "
                "little through there: slope * z.",
                lambda z, slope: (np.maximum(z, 0), (z > 0).astype(float)),
            ),
            Misconception(
                "a is right, but the derivative is ReLU's: left of zero it is 0. There a is "
                "slope * z, which has the slope `slope`.",
                lambda z, slope: (np.where(z > 0, z, slope * z), (z > 0).astype(float)),
            ),
            Misconception(
                "Left of zero the derivative is slope * z, the value itself. The derivative of "
                "slope * z is the number slope.",
                lambda z, slope: (np.where(z > 0, z, slope * z), np.where(z > 0, 1.0, slope * z)),
            ),
            Misconception(
                "Right of zero the derivative is z, the value itself. The derivative of z is 1.",
                lambda z, slope: (np.where(z > 0, z, slope * z), np.where(z > 0, z, slope)),
            ),
            Misconception(
                "Left of zero a is the number slope, a constant. It should be slope * z, a line "
                "through zero.",
                lambda z, slope: (np.where(z > 0, z, slope), np.where(z > 0, 1.0, slope)),
            ),
            Misconception(
                "The two sides of zero are swapped: where z > 0 it should be z, with slope 1.",
                lambda z, slope: (np.where(z > 0, slope * z, z), np.where(z > 0, slope, 1.0)),
            ),
            Misconception(
                "The two sides are swapped in the derivative only: where z > 0 it is 1.",
                lambda z, slope: (np.where(z > 0, z, slope * z), np.where(z > 0, slope, 1.0)),
            ),
            Misconception(
                "Left of zero a is positive: z lost its sign there. It should be slope * z, a "
                "small negative number.",
                lambda z, slope: (np.where(z > 0, z, -slope * z), np.where(z > 0, 1.0, slope)),
            ),
            Misconception(
                "Left of zero the derivative has the wrong sign: slope * z falls when z falls, "
                "so its slope is positive.",
                lambda z, slope: (np.where(z > 0, z, slope * z), np.where(z > 0, 1.0, -slope)),
            ),
            Misconception(
                "Left of zero z was divided by slope: the leak is slope * z.",
                lambda z, slope: (np.where(z > 0, z, z / slope), np.where(z > 0, 1.0, 1 / slope)),
            ),
        ],
        variants=[
            lambda z, slope: (np.maximum(z, slope * z), np.where(z >= 0, 1.0, slope)),
            lambda z, slope: (
                np.maximum(z, 0) + slope * np.minimum(z, 0),
                (z > 0) + slope * (z <= 0),
            ),
            lambda z, slope: (z * np.where(z > 0, 1, slope), np.where(z > 0, 1, slope)),
            lambda z, slope: (
                np.array([[v if v > 0 else slope * v for v in row] for row in z]),
                np.array([[1 if v > 0 else slope for v in row] for row in z]),
            ),
            _leaky_in_place,
        ],
        library=(activations.leaky_relu, activations.leaky_relu_derivative),
    ),
    Exercise(
        "2.4",
        reference=softmax,
        inputs=lambda rng: {"z": rng.normal(size=(5, 3))},
        other_sizes=lambda rng: {"z": rng.normal(size=(4, 6))},
        returns=("a",),
        hints=[
            "Two steps: make every number positive, then divide each row by its own sum.",
            "axis=1 sums along each row. What is the shape of that sum, and does (N, K) divided "
            "by it fit?",
            "e.sum(axis=1, keepdims=True) is (N, 1), and broadcasts over the columns of e.",
        ],
        misconceptions=[
            Misconception(
                "The columns sum to 1, not the rows: it was summed along axis=0. A row is a "
                "sample: sum along axis=1.",
                lambda z: np.exp(z) / np.exp(z).sum(axis=0),
            ),
            Misconception(
                "It was divided by the sum of the whole array: all samples share one total of 1. "
                "Each row should sum to 1: axis=1, with keepdims=True.",
                lambda z: np.exp(z) / np.exp(z).sum(),
            ),
            Misconception(
                "Divided, but without exp: negative logits stay negative, and those are no "
                "probabilities. Take np.exp(z) first.",
                lambda z: z / z.sum(axis=1, keepdims=True),
            ),
            Misconception(
                "This is exp(z) alone. Divide each row by its sum, so that it sums to 1.",
                lambda z: np.exp(z),
            ),
            Misconception(
                "This is the sigmoid, which looks at each logit alone; the rows don't sum to 1. "
                "Divide exp(z) by the sum of its row.",
                lambda z: sigmoid(z),
            ),
            Misconception(
                "The sign is turned over: the smallest logit gets the largest probability. It is "
                "exp(z), not exp(-z).",
                lambda z: np.exp(-z) / np.exp(-z).sum(axis=1, keepdims=True),
            ),
            Misconception(
                "Each row was divided by its largest value, so that the largest is 1. Divide by "
                "the sum of the row.",
                lambda z: np.exp(z) / np.exp(z).max(axis=1, keepdims=True),
            ),
            Misconception(
                "It was divided by the mean of the row: the rows sum to K. Divide by the sum.",
                lambda z: np.exp(z) / np.exp(z).mean(axis=1, keepdims=True),
            ),
            Misconception(
                "The largest logit gets all of the probability: that is a maximum. The softmax "
                "gives every class a share, exp(z) divided by the sum of the row.",
                lambda z: (z == z.max(axis=1, keepdims=True)).astype(float),
            ),
            Misconception(
                "These are the logarithms of the probabilities: leave the logarithm out.",
                lambda z: z - np.log(np.exp(z).sum(axis=1, keepdims=True)),
            ),
            Misconception(
                "From each number the largest of its column was subtracted. That changes a row; "
                "only the same number for a whole row changes nothing: axis=1.",
                lambda z: (
                    np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=1, keepdims=True)
                ),
            ),
            Misconception(
                "It was divided by the sum of the logits, not by the sum of their exp. Keep "
                "e = np.exp(z), and divide e by the sum of e.",
                lambda z: np.exp(z) / z.sum(axis=1, keepdims=True),
            ),
            Misconception(
                "Powers of 2, or another base, were taken. It is e: np.exp(z).",
                lambda z: 2**z / (2**z).sum(axis=1, keepdims=True),
            ),
        ],
        variants=[
            lambda z: (
                np.exp(z - z.max(axis=1, keepdims=True))
                / np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
            ),
            lambda z: np.exp(z) / np.exp(z).sum(axis=1)[:, None],
            lambda z: (np.exp(z.T) / np.exp(z.T).sum(axis=0)).T,
            lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=-1, keepdims=True),
            lambda z: np.exp(z - np.log(np.exp(z).sum(axis=1, keepdims=True))),
            _softmax_by_rows,
        ],
        library=(activations.softmax, activations.log_softmax, activations.softmax_jacobian),
    ),
    Exercise(
        "2.5",
        reference=count_parameters,
        inputs=_architecture,
        returns=("count",),
        hints=[
            "A layer that reads D numbers and has H units: what are the shapes of its W and b?",
            "W holds D * H numbers, b holds H. Add both to a total, layer by layer.",
            "The first layer reads D inputs. What does the second one read? Change D at the end "
            "of each round of the loop.",
        ],
        misconceptions=[
            Misconception(
                "The biases are missing: each unit has one, besides its weights.",
                lambda D, architecture: sum(m * n for m, n in _pairs(D, architecture)),
            ),
            Misconception(
                "One bias was counted for each layer. Each unit has its own: H for a layer.",
                lambda D, architecture: sum(m * n + 1 for m, n in _pairs(D, architecture)),
            ),
            Misconception(
                "Every layer was taken to read the D inputs. Only the first does; the others "
                "read the units of the layer before.",
                lambda D, architecture: sum(D * u["units"] + u["units"] for u in architecture),
            ),
            Misconception(
                "The inputs were given biases too. They are no units: they compute nothing.",
                lambda D, architecture: _count(D, architecture) + D,
            ),
            Misconception(
                "These are the units. Each of them has a weight for each number that it reads, "
                "and a bias.",
                lambda D, architecture: sum(u["units"] for u in architecture),
            ),
            Misconception(
                "The two sides of a layer were added. Every unit has a weight for every input, "
                "so a layer has D * H weights.",
                lambda D, architecture: sum(m + n + n for m, n in _pairs(D, architecture)),
            ),
            Misconception(
                "A bias was counted for each input of a layer. It is one for each unit: D * H + H.",
                lambda D, architecture: sum(m * n + m for m, n in _pairs(D, architecture)),
            ),
            Misconception(
                "The first layer's parameters are missing: its weights read the D inputs.",
                lambda D, architecture: _count(architecture[0]["units"], architecture[1:]),
            ),
            Misconception(
                "Only the last layer was counted: add each layer to the total (+=), don't "
                "replace it.",
                lambda D, architecture: _count(D, architecture) - _count(D, architecture[:-1]),
            ),
            Misconception(
                "Only the first layer was counted. Does the return stand inside the loop?",
                lambda D, architecture: _count(D, architecture[:1]),
            ),
            Misconception(
                "The last layer was left out. The output units have weights and biases too.",
                lambda D, architecture: _count(D, architecture[:-1]),
            ),
        ],
        variants=[
            lambda D, architecture: sum((m + 1) * n for m, n in _pairs(D, architecture)),
            lambda D, architecture: sum(
                np.zeros((m, n)).size + np.zeros(n).size for m, n in _pairs(D, architecture)
            ),
            lambda D, architecture: np.int64(_count(D, architecture)),
        ],
        library=(Sequential,),
    ),
    Exercise(
        "2.6",
        reference=forward,
        inputs=_small_network,
        returns=("output", "cache"),
        hints=[
            "What is the input x of the first layer? And what is it for each layer after?",
            "In each round of a loop over layers: z from x, W and b; a from z; put x and z into "
            "the cache; and a is the x of the next round.",
            'The activation of a layer is ACTIVATIONS[layer["activation"]], a function: call it '
            "with z.",
        ],
        misconceptions=[
            Misconception(
                "You returned z of the last layer. Its activation comes after it, whatever it is.",
                lambda X, layers: (
                    _forward_by_index(X, layers)[1][-1]["z"],
                    _forward_by_index(X, layers)[1],
                ),
            ),
            Misconception(
                "No activation was applied: the next layer got z where it should get a. Call "
                'ACTIVATIONS[layer["activation"]] with z.',
                _wrong_forward(activate=lambda layers, layer, z: z),
            ),
            Misconception(
                "Every layer got a ReLU, whatever its dict says. Look the activation up by name: "
                'ACTIVATIONS[layer["activation"]].',
                _wrong_forward(activate=lambda layers, layer, z: relu(z)),
            ),
            Misconception(
                "Every layer got the first layer's activation, the last one too. Look it up in "
                'each round: layer["activation"].',
                _wrong_forward(
                    activate=lambda layers, layer, z: ACTIVATIONS[layers[0]["activation"]](z)
                ),
            ),
            Misconception(
                "Every layer got a sigmoid, whatever its dict says. Look the activation up by "
                'name: ACTIVATIONS[layer["activation"]].',
                _wrong_forward(activate=lambda layers, layer, z: sigmoid(z)),
            ),
            Misconception(
                "The biases are missing: z is x @ W + b, as in dense_forward.",
                _wrong_forward(bias=0),
            ),
            Misconception(
                "The cache holds a under the name z. Keep z as it was before the activation.",
                _wrong_forward(keep=lambda X, x, z, a: {"x": x, "z": a}),
            ),
            Misconception(
                "The cache holds the layer's output under the name x. Keep what came into the "
                "layer, before x is replaced.",
                _wrong_forward(keep=lambda X, x, z, a: {"x": a, "z": z}),
            ),
            Misconception(
                "The cache holds the network's input X for every layer. Keep the input of the "
                "layer itself: from the second on, the activation of the one before.",
                _wrong_forward(keep=lambda X, x, z, a: {"x": X, "z": z}),
            ),
            Misconception(
                "A softmax was put on the output. Only the activations in the list belong to "
                "the network: here the last one is the identity.",
                _softmax_on_top,
            ),
            Misconception(
                "The cache is in the wrong order: the first layer comes first. append puts a new "
                "entry at the end.",
                _cache_backwards,
            ),
            Misconception(
                "All entries of the cache are the last layer's. Was one dict made before the "
                "loop and changed in it? Make a new one in each round.",
                _one_dict_for_all,
            ),
            Misconception(
                "The cache holds only the last layer. Make the empty list once, before the loop.",
                _cache_of_the_last_layer,
            ),
        ],
        variants=[
            _forward_by_index,
            _forward_recursively,
            lambda X, layers: list(_forward_by_index(X, layers)),
        ],
        library=(Sequential,),
    ),
]
