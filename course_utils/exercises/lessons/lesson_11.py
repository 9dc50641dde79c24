"""Lesson 11, frameworks: its exercises."""

# ruff: noqa: B905  (the references show what stands in the notebook: zip without strict)

import math

import numpy as np

import course_utils as cu

from ..authoring import Exercise, Misconception, Slip


class MySequential(cu.Layer):
    """Layers one after another, as one layer."""

    def __init__(self, layers):
        """layers is a list of layers; keep it as self.layers."""
        self.layers = layers

    def build(self, input_shape, rng, dtype):
        """Build each layer for the shape that the one before it gives; return the last shape."""
        for layer in self.layers:
            input_shape = layer.build(input_shape, rng, dtype)
        return input_shape

    def forward(self, x, training=False):
        """The output of the last layer. Each layer gets the output of the one before it."""
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def backward(self, da):
        """The gradient for the block's input, from da, the one for its output."""
        for layer in reversed(self.layers):
            da = layer.backward(da)
        return da


class _Backwards(cu.Layer):
    """Right, by another way of writing it."""

    def __init__(self, layers):
        self.layers = list(layers)

    def build(self, input_shape, rng, dtype):
        shapes = [input_shape]
        for layer in self.layers:
            shapes.append(layer.build(shapes[-1], rng, dtype))
        return shapes[-1]

    def forward(self, x, training=False):
        values = [x]
        for layer in self.layers:
            values.append(layer.forward(values[-1], training))
        return values[-1]

    def backward(self, da):
        for i in range(len(self.layers) - 1, -1, -1):
            da = self.layers[i].backward(da)
        return da


def _as_a_block(MySequential, x, da, K):
    """All layers have one width, so that what is left out or out of order raises nothing."""
    rng, D = np.random.default_rng(3), x.shape[1]
    layers = [cu.Dense(D), cu.Tanh(), cu.Dropout(0.5), cu.Dense(D)]
    block = MySequential(list(layers))
    block.build((D,), rng, x.dtype)
    outputs = block.forward(x), block.forward(x, training=True)
    a = x
    for layer in layers:  # whatever came before: backward is tried by itself
        a = layer.forward(a)
    dx, again = block.backward(da), block.forward(x)
    other = MySequential([cu.Dense(K + 2), cu.Tanh(), cu.Dense(K)])
    shape = other.build((D,), rng, np.dtype("float32"))
    made = [f"{parameter.dtype} {parameter.shape}" for parameter in other.parameters]
    return *outputs, dx, again, shape, made


my_sequential = Exercise(
    "11.1",
    MySequential,
    returns=("a", "a in training", "dx", "a after a backward", "the shape that build returns",
             "parameters in float32"),
    inputs=lambda rng, N=5, D=4, K=3: {
        "x": rng.normal(size=(N, D)), "da": rng.normal(size=(N, D)), "K": K
    },
    run=_as_a_block,
    hints=[
        "build and forward are loops from the first layer to the last. In forward, what does each "
        "layer get? And build is given a shape: for which layer, and what does the next one need?",
        "x = layer.forward(x, training=training) hands the output of one layer to the next. "
        "And which layer does the gradient meet first on its way back?",
        "backward: for layer in reversed(self.layers): da = layer.backward(da), then return da.",
    ],
    misconceptions=[
        Slip("training stays behind in your forward: the layers are never told, and Dropout never "
             "drops. Hand it on: layer.forward(x, training=training).",
             "layer.forward(x, training=training)", "layer.forward(x)"),
        Slip("Every layer was built for the block's own input. Each is built for what the layer "
             "before it gives: input_shape = layer.build(input_shape, ...).",
             "input_shape = layer.build(input_shape, rng, dtype)\n        return input_shape",
             "shape = layer.build(input_shape, rng, dtype)\n        return shape"),
        Slip("dtype stays behind in your build: hand it on to each layer.",
             "rng, dtype)\n        return input_shape", "rng, float)\n        return input_shape"),
        Slip("Each layer got the block's x. Give it the output of the layer before.",
             "x = layer.forward(x, training=training)\n        return x",
             "a = layer.forward(x, training=training)\n        return a"),
        Slip("self.layers is turned round for good: the next forward goes from the last layer to "
             "the first. reversed(self.layers) leaves the list as it is.",
             "for layer in reversed(self.layers):\n            da",
             "self.layers.reverse()\n        for layer in self.layers:\n            da"),
        Slip("The layers always train: Dropout drops in evaluation too. Hand on what forward was "
             "told: training=training.", "training=training)", "training=True)"),
        Slip("Only the first layer was used. Does the return stand inside the loop of forward?",
             "training=training)\n        return x", "training=training)\n            return x"),
        Slip("The first layer was left out on the way forward.",
             "for layer in self.layers:\n            x =",
             "for layer in self.layers[1:]:\n            x ="),
        Slip("The last layer was left out on the way back.",
             "reversed(self.layers)", "reversed(self.layers[:-1])"),
        Slip("The first layer was left out on the way back: the gradient for x is what it gives.",
             "reversed(self.layers)", "reversed(self.layers[1:])"),
        Slip("build returns the shape that came in. Return what the last layer gives.",
             "input_shape = layer.build", "layer.build"),
        Slip("build makes the parameters and returns nothing. The layer after the block needs to "
             "know the shape: return input_shape at the end.",
             "\n        return input_shape", ""),
        Slip("backward returns da as it came. Give each layer's result to the next: "
             "da = layer.backward(da).", "da = layer.backward(da)", "layer.backward(da)"),
        Slip("The gradient went through the layers from the first to the last. On the way back the "
             "last layer comes first: reversed(self.layers).",
             "reversed(self.layers)", "self.layers"),
    ],
    errors={
        "object is not callable": "A layer is no function: layer.forward(x, training=training).",
        "name 'layers' is not defined": "The block keeps its layers as self.layers.",
        "needs what forward": "On the way back the last layer comes first.",
        "dz must have shape": "On the way back the last layer comes first: is the list reversed?",
        "da must have shape": "On the way back the last layer comes first: is the list reversed?",
    },
    variants=[_Backwards],
    library=(cu.Block,),
)  # fmt: skip


def uniform_weights(shape, rng, dtype):
    """First weights as PyTorch draws them: uniform from -1/sqrt(fan_in) to 1/sqrt(fan_in).

    shape is (D, H) or (k, k, C, F); fan_in is the product of all its numbers but the last. rng is
    a Generator. Returns an array of this shape and dtype.
    """
    bound = 1 / np.sqrt(np.prod(shape[:-1]))
    return rng.uniform(-bound, bound, shape).astype(dtype)


def _by_random(shape, rng, dtype):
    fan_in = math.prod(shape[:-1])
    return ((2 * rng.random(shape) - 1) / fan_in**0.5).astype(dtype)


def _drawn(uniform_weights, shape, seed, dtype):
    W = uniform_weights(tuple(shape), np.random.default_rng(seed), np.dtype(dtype))
    return W, np.asarray(W).itemsize


initializer = Exercise(
    "11.2",
    uniform_weights,
    returns=("W", "bytes of each number"),
    inputs=lambda rng, shape=(6, 3), dtype="float64": {
        "shape": list(shape), "seed": int(rng.integers(1000)), "dtype": dtype
    },
    sizes=[{"shape": (3, 3, 2, 5)}, {"shape": (7, 2), "dtype": "float32"}, {"shape": (4, 4)}],
    run=_drawn,
    hints=[
        "fan_in is how many numbers a unit adds up. Which axes of the weights does it sum over?",
        "np.prod multiplies all numbers of a tuple. fan_in is the product of which of them, for a "
        "dense layer (D, H) and for a convolution (k, k, C, F)?",
        "The bound is 1 / np.sqrt(np.prod(shape[:-1])). rng.uniform(-bound, bound, shape) draws; "
        ".astype(dtype) gives the type that is asked for.",
    ],
    misconceptions=[
        Slip("The square root is missing: the bound is 1 / sqrt(fan_in).",
             "np.sqrt(np.prod(shape[:-1]))", "np.prod(shape[:-1])"),
        Slip("These weights are all positive: the lower end of the interval is -bound.",
             "-bound, bound, shape", "0, bound, shape"),
        Slip("fan_out was taken in the place of fan_in: shape[-1] is how many units there are. "
             "fan_in is the product of all the others.", "shape[:-1]", "shape[-1:]"),
        Slip("Right for dense layers only: a unit of a convolution adds up k · k · C numbers. "
             "fan_in is the product of all numbers of shape but the last.",
             "np.prod(shape[:-1])", "shape[0]"),
        Slip("Right for dense layers only: a unit of a convolution adds up k · k · C numbers, and "
             "shape[-2] is C alone.", "np.prod(shape[:-1])", "shape[-2]"),
        Slip("The product was taken over all of shape. The last number, how many units there are, "
             "does not belong to fan_in: shape[:-1].", "shape[:-1]", "shape"),
        Slip("The numbers of shape were added. fan_in is their product: np.prod(shape[:-1]).",
             "np.prod", "np.sum"),
        Slip("The type is not the one that was asked for: .astype(dtype) at the end.",
             ".astype(dtype)", ""),
        Slip("These are normally distributed. Uniform means that each number between the two "
             "bounds is as likely as any other: rng.uniform.",
             "rng.uniform(-bound, bound, shape)", "rng.normal(0, bound, shape)"),
        Slip("He's initialiser has a 2 here, PyTorch's layers have a 1.", "1 / np.", "2 / np."),
        Slip("He's initialiser has a 2 under the root, PyTorch's layers have a 1.",
             "1 / np.sqrt(np.prod(shape[:-1]))", "np.sqrt(2 / np.prod(shape[:-1]))"),
    ],
    variants=[_by_random],
)  # fmt: skip


def shared_gradients(parameters, gradients):
    """The gradient of each different array, where some arrays stand in the list several times.

    parameters and gradients are lists of arrays in the same order. Two parameters are shared
    when they are the same array: `p is q`. Returns a list: for each different array of
    parameters, in the order in which they first appear, the sum of its gradients.
    """
    totals = {}
    for p, g in zip(parameters, gradients):
        totals[id(p)] = totals.get(id(p), 0) + g
    return list(totals.values())


def _some_shared(rng, places=(0, 1, 0, 2, 0), shape=(2, 3)):
    values = [rng.integers(1, 9, shape) / 2 for _ in range(max(places) + 1)]
    values.append(values[0].copy())  # equal to the first one, and another array
    return {
        "arrays": values,
        "order": [*places, len(values) - 1],
        "gradients": [rng.normal(size=shape).round(2) for _ in range(len(places) + 1)],
    }


def _totals(shared_gradients, arrays, order, gradients):
    totals = shared_gradients([arrays[i] for i in order], gradients)
    return "a dictionary" if isinstance(totals, dict) else totals


def _one_after_the_other(parameters, gradients):
    different, totals = [], []
    for p, g in zip(parameters, gradients):
        for i, q in enumerate(different):
            if p is q:
                totals[i] = totals[i] + g
                break
        else:
            different.append(p)
            totals.append(g.copy())
    return totals


def _means(parameters, gradients):
    parts = {}
    for p, g in zip(parameters, gradients):
        parts.setdefault(id(p), []).append(g)
    return [sum(part) / len(part) for part in parts.values()]


def _for_every_place(parameters, gradients):
    return [sum(g for q, g in zip(parameters, gradients) if q is p) for p in parameters]


shared = Exercise(
    "11.3",
    shared_gradients,
    returns="gradients",
    inputs=_some_shared,
    sizes=[{"places": (0, 1, 2)}, {"places": (0, 0), "shape": (4,)}, {"shape": (3, 3)}],
    run=_totals,
    hints=[
        "A weight that is used twice changes the loss in two ways. What happens to the two slopes "
        "where one thing is used twice (lesson 4)?",
        "A dictionary helps. id(p) is a number that is the same for the same array, and another "
        "for every other array. totals.get(id(p), 0) is what there is so far, or 0.",
        "for p, g in zip(parameters, gradients): totals[id(p)] = totals.get(id(p), 0) + g. A "
        "dictionary keeps the order: list(totals.values()) is the answer.",
    ],
    misconceptions=[
        Slip("Only the last gradient of a shared array is left: each replaces the one before it. "
             "Used twice, add.", "totals.get(id(p), 0) + g", "g"),
        Slip("That is the dictionary, with ids as its keys: return list(totals.values()).",
             "return list(totals.values())", "return totals"),
        Slip("Only the first gradient of a shared array was counted. Used twice, add.",
             "totals.get(id(p), 0) + g", "totals.get(id(p), g)"),
        Misconception("This is the mean of a shared array's gradients. Used twice, add: moving "
                      "the array moves the loss by both.", _means),
        Slip("Arrays that only hold equal numbers were taken to be shared. Shared means the same "
             "array: p is q, or the same id(p).",
             "totals[id(p)]", "totals[p.tobytes()]", "totals.get(id(p), 0)",
             "totals.get(p.tobytes(), 0)"),
        Misconception("The sums are right, and there is one for every place in the list. An array "
                      "that stands there three times must make one step, not three.",
                      _for_every_place),
        Misconception("Nothing was added up: these are the gradients as they came.",
                      lambda parameters, gradients: list(gradients)),
        Misconception("Everything was added up to one array. Only gradients of the same array "
                      "belong together.", lambda parameters, gradients: [sum(gradients)]),
    ],
    errors={"truth value": "p == q compares number by number. Whether two names mean the same "
                           "array is asked by `p is q`."},
    variants=[_one_after_the_other],
)  # fmt: skip


def dense_to_pytorch(W, height, width, channels):
    """The weights of the dense layer behind Flatten, in PyTorch's order.

    W is (height · width · channels, units): its rows go through the image row by row, and at each
    pixel through the channels. PyTorch's weights are (units, channels · height · width): the
    columns go through the first channel's pixels row by row, then through the next channel's.
    """
    units = W.shape[1]
    W = W.reshape(height, width, channels, units)
    return W.transpose(3, 2, 0, 1).reshape(units, channels * height * width)


def _dense_weights(rng, height=2, width=3, channels=4, units=5):
    W = rng.normal(size=(height * width * channels, units)).round(2)
    return {"W": W, "height": height, "width": width, "channels": channels}


def _pixel_by_pixel(W, height, width, channels):
    order = np.arange(len(W)).reshape(height, width, channels)
    return W.T[:, np.moveaxis(order, 2, 0).ravel()]


def _by_loops(W, height, width, channels):
    rows = [
        W[(i * width + j) * channels + c]
        for c in range(channels)
        for i in range(height)
        for j in range(width)
    ]
    return np.stack(rows, axis=1)


weights = Exercise(
    "11.4",
    dense_to_pytorch,
    returns="weights",
    inputs=_dense_weights,
    sizes=[{"channels": 1}, {"height": 3, "channels": 3, "units": 3}, {"units": 1}],
    hints=[
        "Which four axes are folded into the two of W, and in which order? Unfold them with "
        "reshape first.",
        "(height, width, channels, units) is how they are unfolded. PyTorch's order is units, "
        "channels, height, width: transpose with the numbers of all four axes.",
        "transpose(3, 2, 0, 1). Then fold the last three: reshape(units, channels * height * "
        "width).",
    ],
    misconceptions=[
        Slip("The shape is right and the numbers are mixed up: reshape alone cuts anew what lies "
             "in a row, it moves no axis. Unfold the four axes, transpose, then fold.",
             "W = W.reshape(height, width, channels, units)\n    return W.transpose(3, 2, 0, 1)",
             "return W"),
        Misconception("This is W.T: it turns (inputs, units) into (units, inputs), and the inputs "
                      "still go by pixel. PyTorch's go by channel. Or was W unfolded as (channels, "
                      "height, width, units)? Its rows are height, width, channels.",
                      lambda W, height, width, channels: W.T),
        Slip("Height and width are exchanged on the way, as .T does it with four axes: it turns "
             "them all round. Units, channels, height, width is transpose(3, 2, 0, 1).",
             "(3, 2, 0, 1)", "(3, 2, 1, 0)"),
        Slip("The units are still the last axis. PyTorch's weights begin with them: "
             "(units, inputs).",
             "transpose(3, 2, 0, 1).reshape(units, channels * height * width)",
             "transpose(2, 0, 1, 3).reshape(channels * height * width, units)"),
        Slip("The units were still the last axis when it was folded, and reshape moves no axis: "
             "put axis 3 in front.", "(3, 2, 0, 1)", "(2, 0, 1, 3)"),
        Slip("The axes are in order, and still four. Fold the last three with reshape.",
             ".reshape(units, channels * height * width)", ""),
        Slip("W was unfolded with its units in front. Its rows are the inputs: (height, width, "
             "channels, units).", "W.reshape(height, width, channels, units)",
             "W.reshape(units, height, width, channels)",
             "transpose(3, 2, 0, 1)", "transpose(0, 3, 1, 2)"),
    ],
    errors={"axes don't match array": "Unfolded, W has four axes: name all four."},
    variants=[_pixel_by_pixel, _by_loops],
)  # fmt: skip


def lowest_loss(K):
    """The lowest cross-entropy that a network can reach whose softmax is taken twice.

    Its outputs are probabilities of K classes, and the loss takes them for logits. Returns the
    loss of a sample whose true class has probability 1 and all others 0, a number.
    """
    probabilities = np.zeros(K)
    probabilities[0] = 1
    again = np.exp(probabilities) / np.exp(probabilities).sum()
    return -np.log(again[0])


floor = Exercise(
    "11.5",
    lowest_loss,
    returns="loss",
    inputs=lambda rng, K=10: {"K": K},
    sizes=[{"K": 4}, {"K": 2}, {"K": 7}],
    hints=[
        "The best the network can say is 1, 0, 0, ..., 0. These are taken for logits: what does "
        "softmax make of them?",
        "Softmax of 1, 0, ..., 0: what stands above the line for the true class? And below it, how "
        "many terms are there, and what is each?",
        "-np.log(np.e / (np.e + K - 1)).",
    ],
    misconceptions=[
        Misconception("0 is the lowest loss where softmax is taken once. Here 1, 0, ..., 0 goes "
                      "through softmax again, and comes out softer.", lambda K: 0.0),
        Misconception("log(K) is the loss of a network that guesses. This one is sure and right: "
                      "put 1, 0, ..., 0 through softmax.", lambda K: np.log(K)),
        Slip("The logarithm is missing: the cross-entropy is minus the logarithm of the true "
             "class's probability.", "-np.log(again[0])", "again[0]"),
        Slip("The sign is missing: a logarithm of a probability is negative, the loss is minus "
             "that.", "-np.log", "np.log"),
        Slip("Logarithm to the base 2. The loss takes the natural one, np.log.",
             "np.log(again", "np.log2(again"),
        Slip("Logarithm to the base 10. The loss takes the natural one, np.log.",
             "np.log(again", "np.log10(again"),
        Slip("One number is asked for, the true class's: the entry [0].",
             "np.log(again[0])", "np.log(again)"),
        Misconception("Right for two classes: each of the K - 1 others adds 1 below the line.",
                      lambda K: -np.log(np.e / (np.e + 1))),
        Misconception("There are K classes, and one of them is the true one: K - 1 others each add "
                      "exp(0) = 1 below the line.", lambda K: -np.log(np.e / (np.e + K))),
        Misconception("exp(0) is 1, not 0: each of the K - 1 other classes adds 1 below the line.",
                      lambda K: -np.log(np.e / K)),
        Misconception("This is the loss where all others have 1 and the true class 0: the highest, "
                      "not the lowest.", lambda K: np.log(1 + (K - 1) * np.e)),
    ],
    variants=[
        lambda K: math.log(math.e + K - 1) - 1,
        lambda K: np.log1p((K - 1) / np.e),
    ],
)  # fmt: skip


def fgsm(x, gradient, epsilon):
    """Pictures that are changed a little, so that the loss grows as much as it can.

    x is (N, D), pixels from 0 to 1; gradient is (N, D), the loss's gradient for x. Each pixel
    moves by epsilon, up or down, as the sign of its gradient says, and stays within 0 and 1.
    Returns (N, D).
    """
    return np.clip(x + epsilon * np.sign(gradient), 0, 1)


def _attacked(rng, N=3, D=5, epsilon=0.2):
    x = rng.random((N, D)).round(2)
    x.flat[:2] = 0.0, 1.0
    gradient = rng.normal(size=(N, D)).round(2)
    gradient.flat[:3] = -0.3, 0.4, 0.0
    return {"x": x, "gradient": gradient, "epsilon": epsilon}


attack = Exercise(
    "11.6",
    fgsm,
    returns="x",
    inputs=_attacked,
    sizes=[{"N": 1}, {"epsilon": 0.05}, {"epsilon": 0.7}],
    hints=[
        "The gradient says, for each pixel, which way the loss grows. Training goes against it, "
        "and here?",
        "Which makes every pixel move equally far, the gradient or its sign? np.sign gives 1, -1 "
        "or 0.",
        "np.clip(..., 0, 1) keeps all pixels between paper and ink.",
    ],
    misconceptions=[
        Slip("This goes downhill: the pictures become easier. Add, so that the loss grows.",
             "x + epsilon", "x - epsilon"),
        Slip("The gradient itself was added. The fast gradient sign method takes only its sign, so "
             "that every pixel moves as far as it may.", "np.sign(gradient)", "gradient"),
        Slip("Pixels below 0 or above 1 are no picture any more: np.clip(..., 0, 1).",
             "np.clip(x + epsilon * np.sign(gradient), 0, 1)", "x + epsilon * np.sign(gradient)"),
        Slip("epsilon is missing: each pixel moved by 1.", "epsilon * ", ""),
        Slip("This is the change alone: add it to x.", "np.clip(x + ", "np.clip("),
        Slip("All pixels went up: the sign says which way each one goes.",
             "np.sign(gradient)", "np.abs(np.sign(gradient))"),
        Slip("The gradient was clipped, and the picture not. The picture must stay within 0 and 1.",
             "np.clip(x + epsilon * np.sign(gradient), 0, 1)",
             "x + epsilon * np.clip(np.sign(gradient), 0, 1)"),
        Slip("Where the gradient is 0, the pixel stays: np.sign gives 0 there.",
             "np.sign(gradient)", "np.where(gradient > 0, 1, -1)"),
        Slip("A pixel cannot be less than 0: np.clip(..., 0, 1).", ", 0, 1)", ", -1, 1)"),
        Slip("The sign of x was taken. It is the gradient that says which way the loss grows.",
             "np.sign(gradient)", "np.sign(x)"),
        Slip("The gradient was divided by its length. Only its sign is wanted: each pixel moves "
             "by epsilon.", "np.sign(gradient)", "gradient / np.linalg.norm(gradient)"),
    ],
    variants=[
        lambda x, gradient, epsilon: np.minimum(1, np.maximum(0, x + epsilon * np.sign(gradient))),
        lambda x, gradient, epsilon: (
            x + epsilon * ((gradient > 0) * 1.0 - (gradient < 0))
        ).clip(0, 1),
    ],
)  # fmt: skip


EXERCISES = [my_sequential, initializer, shared, weights, floor, attack]
