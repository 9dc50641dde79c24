"""Lesson 2, the forward pass: its exercises."""

import contextlib
import itertools

import numpy as np

from ... import activations
from ...layers import Dense
from ...network import Sequential
from ..authoring import Exercise, Slip, arrays


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(z, 0)


def dense_forward(x, W, b):
    """The pre-activations of a dense layer.

    x is (N, D), W is (D, H), b is (H,). Returns z, (N, H).
    """
    return x @ W + b


dense = Exercise(
    "2.1",
    dense_forward,
    returns="z",
    inputs=arrays(x="N D", W="D H", b="H"),
    sizes=[{"N": 1}, {"H": 1}],
    hints=[
        "In lesson 1 a unit was X @ w + b. What changes when w has a column for each unit?",
        "x is (N, D) and W is (D, H): which product of the two has the shape (N, H)?",
        "b, (H,), broadcasts over the rows of x @ W, (N, H): just add it.",
    ],
    misconceptions=[
        Slip("The bias is missing: z is x @ W, plus b.", " + b", ""),
        Slip("The bias was added to each of the D products. Sum first, as @ does, then add b once.",
             "+ b", "+ len(W) * b"),
        Slip("Every unit got the sum of all biases. Each has its own: add b.", "+ b", "+ b.sum()"),
        Slip("Every unit got the first bias. Each has its own: add b.", "+ b", "+ b[0]"),
        Slip("The samples are in the columns. Here they are rows: x @ W, and nothing transposed.",
             "x @ W + b", "(x @ W + b).T"),
        Slip("The products were averaged. A unit adds them up.", "x @ W", "x @ W / len(W)"),
        Slip("The units were added up. They stay apart: z has one column for each unit, (N, H).",
             "x @ W + b", "(x @ W + b).sum(axis=1)"),
        Slip("There is already a sigmoid in it. z comes before the activation.",
             "x @ W + b", "sigmoid(x @ W + b)"),
        Slip("There is already a ReLU in it. z comes before the activation, and may be negative.",
             "x @ W + b", "relu(x @ W + b)"),
    ],
    variants=[
        lambda x, W, b: b + np.einsum("nd,dh->nh", x, W),
        lambda x, W, b: (W.T @ x.T + b[:, None]).T,
        lambda x, W, b: np.array([[row @ W[:, j] + b[j] for j in range(len(b))] for row in x]),
    ],
    library=(Dense,),
)  # fmt: skip


def merge_layers(W1, b1, W2, b2):
    """One dense layer that does what two do with no activation between them.

    W1 is (D, H), b1 is (H,), W2 is (H, K), b2 is (K,). Returns W, (D, K), and b, (K,).
    """
    return W1 @ W2, b1 @ W2 + b2


merged = Exercise(
    "2.2",
    merge_layers,
    returns=("W", "b"),
    inputs=arrays(W1="D H", b1="H", W2="H K", b2="K"),
    sizes=[{"D": 2, "K": 1}],
    errors={"shapes (3,) (6,)": "b1 has a number for each hidden unit, b2 one for each class: b1 "
                                "must go through the second layer first, b1 @ W2."},
    hints=[
        "Look at the formula above the exercise: what stands behind X, and what stands alone?",
        "The merged W is (D, K). Which product of W1, (D, H), and W2, (H, K), has that shape?",
        "b1 is what the first layer adds. It too goes through the second layer: b1 @ W2.",
    ],
    misconceptions=[
        Slip("The first layer's bias is lost in b. It goes through the second layer: b1 @ W2.",
             "b1 @ W2 + ", ""),
        Slip("The second layer's bias is missing: it is added at the end, as it is.", " + b2", ""),
        Slip("b1 did not go through the second layer: (x W1 + b1) W2 has the term b1 W2.",
             "b1 @ W2", "b1.sum()"),
        Slip("b1 was added to the weights W1. Multiply out (x W1 + b1) W2: b1 W2 has no x.",
             "W1 @ W2, b1 @ W2 + ", "(W1 + b1) @ W2, "),
        Slip("There are biases in W. It holds only what multiplies x: W1 @ W2.",
             "W1 @ W2", "W1 @ W2 + b1 @ W2 + b2"),
        Slip("b2 was added to the weights W2. It comes after them, as it is: b1 @ W2 + b2.",
             "b1 @ W2 + b2", "b1 @ (W2 + b2)"),
        Slip("W is transposed, (K, D). Inputs are its rows: W1 @ W2, in the order x meets them.",
             "W1 @ W2", "(W1 @ W2).T"),
        *(Slip("There is a ReLU between the layers. Only without one can two layers be merged.",
               "W1 @ W2", "relu(W1) @ W2", "b1 @ W2", bias)
          for bias in ("b1 @ W2", "relu(b1) @ W2")),
    ],
    variants=[
        lambda W1, b1, W2, b2: [(W2.T @ W1.T).T, b2 + W2.T @ b1],
        lambda W1, b1, W2, b2: (np.dot(W1, W2), (b1[:, None] * W2).sum(axis=0) + b2),
    ],
)  # fmt: skip


def leaky_relu(z, slope):
    """The leaky ReLU and its derivative.

    z has any shape, slope is a number. Returns a and da_dz, each of the shape of z.
    """
    a = np.where(z > 0, z, slope * z)
    da_dz = np.where(z > 0, 1.0, slope)
    return a, da_dz


def _leaky_in_place(z, slope):
    a, da_dz = z.copy(), np.ones_like(z)
    a[z < 0] *= slope
    da_dz[z < 0] = slope
    return a, da_dz


def _with_zeros(rng, shape=(5, 3)):
    z = rng.normal(scale=2, size=shape)
    z.flat[:2] = 0
    return {"z": z, "slope": float(rng.uniform(0.1, 0.4))}


def _any_slope_in_the_corner(leaky_relu, z, slope):
    """At z = 0 each number from slope to 1 is a right derivative: it counts as slope."""
    returned = leaky_relu(z, slope)
    with contextlib.suppress(Exception):  # what was returned may be anything
        a, da_dz = returned
        return a, np.where((z == 0) & (slope <= da_dz) & (da_dz <= 1), slope, da_dz)
    return returned


leaky = Exercise(
    "2.3",
    leaky_relu,
    returns=("a", "da_dz"),
    inputs=_with_zeros,
    sizes=[{"shape": (7,)}, {"shape": (2, 3, 4)}],
    run=_any_slope_in_the_corner,
    hints=[
        "There are two sides, z > 0 and the rest. What are a and its slope on each?",
        "np.where(z > 0, this, that) takes from `this` where z > 0, and from `that` elsewhere.",
        "Right of zero a is z, and its slope 1; left of it a is slope * z, a line of that slope.",
    ],
    misconceptions=[
        Slip("This is ReLU. Left of zero the leaky one lets a little through: slope * z.",
             "slope * z", "0 * z", "1.0, slope", "1.0, 0"),
        Slip("The derivative is ReLU's. Left of zero a is slope * z, and its derivative slope.",
             "1.0, slope", "1.0, 0"),
        Slip("Left of zero the derivative is slope * z, the value itself. It is slope alone.",
             "1.0, slope", "1.0, slope * z"),
        Slip("Right of zero the derivative is z. That of z is 1.", "1.0, slope", "z, slope"),
        Slip("Left of zero a is slope. It is a line, slope * z.", "slope * z", "slope"),
        Slip("slope * z was added on both sides. It belongs to the left one: right of zero a is z.",
             "z, slope * z", "z + slope * z, slope * z"),
        Slip("The two sides of zero are swapped: where z > 0 it should be z, with slope 1.",
             "z, slope * z", "slope * z, z", "1.0, slope", "slope, 1.0"),
        Slip("Left of zero a is positive: z lost its sign there.", "slope * z", "-slope * z"),
        Slip("Left of zero z was divided by slope: the leak is slope * z.",
             "slope * z", "z / slope", "1.0, slope", "1.0, 1 / slope"),
        *(Slip("The leak is the same whatever slope is passed: use the argument slope.",
               "slope * z", f"{leak} * z", "1.0, slope", f"1.0, {leak}")
          for leak in (0.1, 0.01)),
    ],
    variants=[
        lambda z, slope: (np.maximum(z, slope * z), np.where(z >= 0, 1.0, slope)),
        lambda z, slope: (np.maximum(z, 0) + slope * np.minimum(z, 0), 1 - (1 - slope) * (z <= 0)),
        lambda z, slope: (z * np.where(z > 0, 1, slope), np.where(z > 0, 1, slope)),
        _leaky_in_place,
    ],
    library=(activations.leaky_relu, activations.leaky_relu_derivative),
)  # fmt: skip


def softmax(z):
    """Turn each row of logits into probabilities.

    z is (N, K). Returns a, (N, K): every row is positive and sums to 1.
    """
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


probabilities = Exercise(
    "2.4",
    softmax,
    returns="a",
    inputs=arrays(z="N K"),
    sizes=[{"N": 1}, {"K": 2}, {"N": 4, "K": 4}],
    hints=[
        "Two steps: make every number positive, then divide each row by its own sum.",
        "axis=1 sums along each row. What shape has that sum, and does (N, K) divided by it fit?",
        "e.sum(axis=1, keepdims=True) is (N, 1), and broadcasts over the columns of e.",
    ],
    misconceptions=[
        Slip("The columns sum to 1, not the rows. A row is a sample: sum along axis=1.",
             "axis=1, keepdims=True", "axis=0"),
        Slip("All rows share one sum. Each row should sum to 1: axis=1, with keepdims=True.",
             "axis=1, keepdims=True", ""),
        Slip("Without exp, negative logits stay negative: no probabilities.", "np.exp(z)", "z"),
        Slip("This is exp(z) alone. Divide each row by its sum, so that it sums to 1.",
             " / e.sum(axis=1, keepdims=True)", ""),
        Slip("This is the sigmoid, which looks at each logit alone. Divide by the row's sum.",
             "e / e.sum(axis=1, keepdims=True)", "e / (1 + e)"),
        Slip("The sign is turned over: the smallest logit gets the largest probability.",
             "np.exp(z)", "np.exp(-z)"),
        Slip("Each row was divided by its largest value, not its sum.", "e.sum", "e.max"),
        Slip("Each row was divided by its mean, so it sums to K. Take its sum.", "e.sum", "e.mean"),
        Slip("The largest logit gets everything. In a softmax each class has a share.",
             "e / e.sum(axis=1, keepdims=True)", "1.0 * (e == e.max(axis=1, keepdims=True))"),
        Slip("These are the logarithms of the probabilities: leave the logarithm out.",
             "return e / e.sum", "return z - np.log(e.sum", "True)", "True))"),
        Slip("The largest of each column was subtracted. Only one number for a whole row cancels.",
             "np.exp(z)", "np.exp(z - z.max(axis=0))"),
        Slip("The largest logit was subtracted above, and not in the sum below: it must be both.",
             "return e", "return np.exp(z - z.max(axis=1, keepdims=True))"),
        Slip("Only the first three classes are summed. The sum goes over all K classes: axis=1.",
             "e.sum", "e[:, :3].sum"),
        Slip("It was divided by the sum of the logits, not of their exp.", "e.sum", "z.sum"),
        *(Slip("Powers of 2, or another base, were taken. It is e: np.exp(z).",
               "np.exp(z)", f"{base}.0**z")
          for base in (2, 10)),
    ],
    variants=[
        lambda z: np.exp(z) / np.exp(z).sum(axis=1)[:, None],
        lambda z: (np.exp(z.T) / np.exp(z.T).sum(axis=0)).T,
        lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=-1, keepdims=True),
        lambda z: np.exp(z - np.log(np.exp(z).sum(axis=1, keepdims=True))),
        lambda z: np.array([np.exp(row) / np.exp(row).sum() for row in z]),
    ],
    library=(activations.softmax, activations.log_softmax, activations.softmax_jacobian),
)  # fmt: skip


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


def _architecture(rng, D=13, L=3):
    units = rng.permutation(np.arange(2, 12))[:L]  # all different
    return {"D": D, "architecture": [{"units": int(n), "activation": "relu"} for n in units]}


counted = Exercise(
    "2.5",
    count_parameters,
    returns="count",
    inputs=_architecture,
    sizes=[{"L": 2}, {"L": 1}],
    hints=[
        "A layer that reads D numbers and has H units: what are the shapes of its W and b?",
        "W holds D * H numbers, b holds H. Add both to a total, layer by layer.",
        "The first layer reads D inputs. What does the second one read? Change D at the end of "
        "each round of the loop.",
    ],
    misconceptions=[
        Slip("The biases are missing: each unit has one, besides its weights.", " + H", ""),
        Slip("One bias was counted for each layer. Each unit has its own: H.", "+ H", "+ 1"),
        Slip("Only the first layer reads the D inputs, the others the units of the layer before.",
             "D = H", "pass"),
        Slip("D was changed before the layer was counted: change it after.", "D * H", "H * H"),
        Slip("The inputs are no units: they have no biases.", "total = 0", "total = D"),
        Slip("These are the units. Each has a weight for each number that it reads, and a bias.",
             "D * H + H", "H"),
        Slip("The two sides of a layer were added. Every unit has a weight for every input: D * H.",
             "D * H", "D + H"),
        Slip("A bias was counted for each input. It is one for each unit: H.", "+ H", "+ D"),
        Slip("The first layer's parameters are missing: its weights read the D inputs.",
             "total = 0", "total = -(D + 1) * architecture[0]['units']"),
        Slip("Only the last layer was counted: add each to the total (+=).", "total +=", "total ="),
        Slip("Only the first layer was counted. Does the return stand inside the loop?",
             "    return", "        return"),
        Slip("Only the first two layers were counted. There may be any number: loop over them.",
             "in architecture", "in architecture[:2]"),
        Slip("The last layer was left out. The output units have weights and biases too.",
             "in architecture", "in architecture[:-1]"),
    ],
    variants=[
        lambda D, architecture: np.sum(
            [(m + 1) * n for m, n in itertools.pairwise([D, *(u["units"] for u in architecture)])]
        ),
    ],
    library=(Sequential,),
)  # fmt: skip


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


def _forward_recursively(X, layers):
    if not layers:
        return X, []
    z = np.einsum("nd,dh->nh", X, layers[0]["W"]) + layers[0]["b"]
    a, rest = _forward_recursively(ACTIVATIONS[layers[0]["activation"]](z), layers[1:])
    return a, [{"z": z, "x": X}, *rest]


def _network(rng, N=5, D=4, L=3):
    widths = [D, *range(D + 2, D + 1 + L), 3]
    names = ("sigmoid", "identity", "leaky_relu", "tanh", "relu")  # for L = 3 the last two first
    layers = [
        {"W": rng.normal(size=(m, n)), "b": rng.normal(size=n), "activation": names[(i + L) % 5]}
        for i, (m, n) in enumerate(itertools.pairwise(widths))
    ]
    return {"X": rng.normal(size=(N, D)), "layers": layers}


forward_pass = Exercise(
    "2.6",
    forward,
    returns=("output", "cache"),
    inputs=_network,
    sizes=[{"L": 1, "N": 1}, {"L": 2}],
    hints=[
        "What is the input x of the first layer? And what is it for each layer after?",
        "In each round of a loop over layers: z from x, W and b; a from z; put x and z into the "
        "cache; and a is the x of the next round.",
        'A layer\'s activation is ACTIVATIONS[layer["activation"]], a function: call it with z.',
    ],
    misconceptions=[
        Slip("You returned z of the last layer. Its activation comes after it, whatever it is.",
             "return a", "return z"),
        Slip("No activation was applied: the next layer got z where it should get a.",
             'ACTIVATIONS[layer["activation"]](z)', "z"),
        *(Slip("The code itself chooses the activation. Each layer's dict names its own: "
               'ACTIVATIONS[layer["activation"]].',
               'ACTIVATIONS[layer["activation"]](z)', chosen)
          for chosen in ("relu(z)", "sigmoid(z)", "np.tanh(z)",
                         "z if layer is layers[-1] else relu(z)",
                         'relu(z) if layer["activation"] == "relu" else z')),
        Slip("Every layer got the first layer's activation. Look it up in each round.",
             'layer["activation"]', 'layers[0]["activation"]'),
        Slip("The biases are missing: z is x @ W + b, as in dense_forward.", 'layer["b"]', "0"),
        Slip("The cache holds a under the name z. Keep z as it was before the activation.",
             '"z": z', '"z": a'),
        Slip("A ReLU changed the z that was kept: let it make a new array, not change its own.",
             '"z": z', '"z": a if layer["activation"] == "relu" else z'),
        Slip("The cache holds the layer's output under the name x. Keep what came into the layer.",
             '"x": x', '"x": a'),
        Slip("The cache holds the network's input X for every layer. Keep each layer's own input.",
             '"x": x', '"x": X'),
        Slip("A softmax was put on the output. Only the activations in the list belong there.",
             "return a", "return softmax(a)"),
        Slip("The cache begins with the last layer. The first comes first: append adds at the end.",
             "return a, cache", "return a, cache[::-1]"),
        Slip("All entries of the cache are the last layer's. Make a new dict in each round.",
             "return a, cache", "return a, [cache[-1]] * len(cache)"),
        Slip("The cache holds only the last layer. Make the empty list once, before the loop.",
             "return a, cache", "return a, cache[-1:]"),
    ],
    variants=[_forward_recursively, lambda X, layers: list(_forward_recursively(X, layers))],
    library=(Sequential,),
)  # fmt: skip


EXERCISES = [dense, merged, leaky, probabilities, counted, forward_pass]
