"""Lesson 4, backpropagation: its exercises."""

import numpy as np

import course_utils as cu

from ...gradients import check_gradients, numerical_gradient, relative_error
from ...layers import Dense
from ...network import Sequential
from ...optimizers import SGD
from ..authoring import Exercise, Misconception

ACTIVATIONS = {"identity": lambda z: z, "relu": lambda z: np.maximum(z, 0), "tanh": np.tanh}
DERIVATIVES = {
    "identity": lambda z: np.ones_like(z),
    "relu": lambda z: (z > 0).astype(z.dtype),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
}


def forward(X, layers):
    cache = []
    for layer in layers:
        z = X @ layer["W"] + layer["b"]
        cache.append({"x": X, "z": z})
        X = ACTIVATIONS[layer["activation"]](z)
    return X, cache


def slope(loss, x, i, epsilon=1e-5):
    kept = x[i]
    x[i] = kept + epsilon
    above = loss()
    x[i] = kept - epsilon
    below = loss()
    x[i] = kept
    return (above - below) / (2 * epsilon)


def graph_gradients(x, w, y):
    """The slopes of L = (x · w + x - y)² for each of its inputs.

    x, w and y are numbers. Returns dx, dw, dy, three numbers.
    """
    p = x * w
    s = p + x
    d = s - y
    dd = 2 * d
    ds, dy = dd, -dd
    dp = ds
    dw = dp * x
    dx = dp * w + ds  # x is used twice
    return dx, dw, dy


def dense_backward(dz, x, W):
    """The gradients of a dense layer z = x W + b, from dz, the one of its output.

    dz is (N, H), x is (N, D), W is (D, H). Returns dx, (N, D), dW, (D, H), and db, (H,).
    """
    dx = dz @ W.T
    dW = x.T @ dz
    db = dz.sum(axis=0)
    return dx, dW, db


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


def sgd_step(layers, gradients, learning_rate):
    """Move every W and b in layers a small step against its gradient, in place.

    layers and gradients are lists of dicts with "W" and "b", in the same order.
    Returns nothing: the parameters in layers are changed, the gradients are not.
    """
    for i in range(len(layers)):
        layers[i]["W"] -= learning_rate * gradients[i]["W"]
        layers[i]["b"] -= learning_rate * gradients[i]["b"]


def train(layers, X, Y, loss, learning_rate, steps, callback):
    """Train a network on all of X and Y in every step; the parameters in layers are changed.

    loss is a function of (output, Y) that returns its value and its gradient for the output.
    callback(steps_done, layers) is called after every step. Returns the losses before each step.
    """
    losses = []
    for steps_done in range(1, steps + 1):
        output, cache = forward(X, layers)
        value, da = loss(output, Y)
        sgd_step(layers, backward(da, layers, cache), learning_rate)
        losses.append(value)
        callback(steps_done, layers)
    return losses


class Tanh(cu.Layer):
    """a = tanh(z), number by number."""

    def forward(self, z, training=False):
        """The activation a, from z; keeps what backward will need."""
        self.a = np.tanh(z)
        return self.a

    def backward(self, da):
        """dz, from da, the gradient for the output of the last forward."""
        return da * (1 - self.a**2)


# What follows is wrong, or right in another way.


def _graph(x, w, y):
    """dd and the right answer, for what is wrong in one place only."""
    dd = 2 * (x * w + x - y)
    return dd, (dd * (w + 1), dd * x, -dd)


def _dense_by_samples(dz, x, W):
    dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros(W.shape[1])
    for i in range(len(x)):
        dx[i] = W @ dz[i]
        dW += np.outer(x[i], dz[i])
        db += dz[i]
    return dx, dW, db


def _backward_with(derivative=None, dense=None, order=None):
    """A way back that differs from the reference in one of three places."""

    def from_z(layers, cache, i):
        return DERIVATIVES[layers[i]["activation"]](cache[i]["z"])

    derivative, dense = derivative or from_z, dense or dense_backward

    def backward(da, layers, cache):
        gradients = [None] * len(layers)
        for i in reversed(range(len(layers))):
            dz = da * derivative(layers, cache, i)
            da, dW, db = dense(dz, cache[i]["x"], layers[i]["W"])
            gradients[i] = {"W": dW, "b": db}
        return order(gradients) if order else gradients

    return backward


def _derivative_of_the_activation(layers, cache, i):
    name = layers[i]["activation"]
    return DERIVATIVES[name](ACTIVATIONS[name](cache[i]["z"]))


def _activation_for_its_derivative(layers, cache, i):
    return ACTIVATIONS[layers[i]["activation"]](cache[i]["z"])


def _derivative_of_x(layers, cache, i):
    """The name of the layer before, with the z of this one."""
    return DERIVATIVES[layers[i - 1]["activation"]](cache[i]["z"])


def _same_da_as_dz(da, layers, cache):
    """Hands dz on to the layer before, times W.T, and forgets the derivative of the last layer."""
    gradients = [None] * len(layers)
    last = len(layers) - 1
    for i in reversed(range(len(layers))):
        dz = da if i == last else da * DERIVATIVES[layers[i]["activation"]](cache[i]["z"])
        da, dW, db = dense_backward(dz, cache[i]["x"], layers[i]["W"])
        gradients[i] = {"W": dW, "b": db}
    return gradients


def _backward_without_copies(da, layers, cache):
    """Right: builds the list from its end."""
    gradients = []
    for layer, kept in zip(layers[::-1], cache[::-1], strict=True):
        if layer["activation"] == "relu":
            dz = np.where(kept["z"] > 0, da, 0)
        elif layer["activation"] == "tanh":
            dz = da * (1 - np.tanh(kept["z"]) ** 2)
        else:
            dz = da
        gradients.insert(0, {"W": kept["x"].T @ dz, "b": dz.sum(axis=0)})
        da = dz @ layer["W"].T
    return gradients


def _backward_recursively(da, layers, cache):
    if not layers:
        return []
    dz = da * DERIVATIVES[layers[-1]["activation"]](cache[-1]["z"])
    dx, dW, db = dense_backward(dz, cache[-1]["x"], layers[-1]["W"])
    return [*_backward_recursively(dx, layers[:-1], cache[:-1]), {"W": dW, "b": db}]


def _numerical(loss, x, sides=2, epsilon=1e-5, restore=True):
    numerical = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + epsilon
        above = loss()
        x[i] = kept - epsilon if sides == 2 else kept
        below = loss()
        if restore:
            x[i] = kept
        numerical[i] = (above - below) / (sides * epsilon)
    return numerical


def _error(g, n):
    return np.linalg.norm(g - n) / (np.linalg.norm(g) + np.linalg.norm(n))


def _check_by_entries(loss, x, gradient):
    n = _numerical(loss, x)
    return np.mean(np.abs(gradient - n) / (np.abs(gradient) + np.abs(n)))


def _check_the_first_axis(loss, x, gradient):
    numerical = np.zeros_like(x)
    for i in range(min(x.shape)):
        numerical[i, i] = slope(loss, x, (i, i))
    return _error(gradient, numerical)


def _check_with_a_copy(loss, x, gradient):
    return _error(gradient, _numerical(loss, x.copy()))


def _check_flat(loss, x, gradient):
    numerical = [slope(loss, x, i) for i in np.ndindex(*x.shape)]
    g, n = gradient.ravel(), np.array(numerical)
    return float(np.sqrt(((g - n) ** 2).sum()) / (np.sqrt((g**2).sum()) + np.sqrt((n**2).sum())))


def _check_with_larger_steps(loss, x, gradient):
    return _error(gradient, _numerical(loss, x, epsilon=1e-4))


def _use_check(implementation, x, A, gradient):
    error = implementation(lambda: np.sum(np.exp(2 * x) * A), x, gradient)
    return error, x


def _check_inputs(rng):
    # All curved the same way, so that differences to one side are off for certain.
    x, A = rng.normal(scale=0.7, size=(2, 3)), rng.uniform(0.5, 2, size=(2, 3))
    gradient = 2 * np.exp(2 * x) * A + rng.uniform(0.5, 3, size=x.shape)
    return {"x": x, "A": A, "gradient": gradient}


def _mended_with(gate):
    def mended_backward(dlogits, X, a1, W2):
        dz1 = gate(dlogits @ W2.T, a1)
        return X.T @ dz1, dz1.sum(axis=0), a1.T @ dlogits, dlogits.sum(axis=0)

    return mended_backward


_mended = _mended_with(lambda da1, a1: np.where(a1 > 0, da1, 0))


def _mended_averaging(dlogits, X, a1, W2):
    return tuple(part / len(X) for part in _mended(dlogits, X, a1, W2))


def _mended_also_above(dlogits, X, a1, W2):
    dW1, db1, _, _ = _mended(dlogits, X, a1, W2)
    gated = dlogits * (dlogits > 0)
    return dW1, db1, a1.T @ gated, gated.sum(axis=0)


def _mended_inputs(rng):
    a1 = np.maximum(rng.normal(size=(6, 4)), 0)
    a1[0, 0], a1[1, 1] = 0, 0.5  # at least one closed gate and one open one
    return {
        "dlogits": rng.normal(size=(6, 2)),
        "X": rng.normal(size=(6, 3)),
        "a1": a1,
        "W2": rng.normal(size=(4, 2)),
    }


def _step_new_names(layers, gradients, learning_rate):
    for layer, gradient in zip(layers, gradients, strict=True):
        W, b = layer["W"], layer["b"]
        W = W - learning_rate * gradient["W"]
        b = b - learning_rate * gradient["b"]


def _step_with(W_factor, b_factor=None, which=slice(None)):
    """A step whose factors before the gradients are given as functions of the learning rate."""
    b_factor = b_factor or W_factor

    def sgd_step(layers, gradients, learning_rate):
        for layer, gradient in list(zip(layers, gradients, strict=True))[which]:
            layer["W"] += W_factor(learning_rate) * gradient["W"]
            layer["b"] += b_factor(learning_rate) * gradient["b"]

    return sgd_step


def _step_assigning(layers, gradients, learning_rate):
    for layer, gradient in zip(layers, gradients, strict=True):
        for name in ("W", "b"):
            layer[name] = -learning_rate * gradient[name]


def _step_on_entries(layers, gradients, learning_rate):
    for layer, gradient in zip(layers, gradients, strict=True):
        for name in ("W", "b"):
            layer[name][...] = layer[name] - learning_rate * gradient[name]


def _step_on_keys(layers, gradients, learning_rate):
    for layer, gradient in zip(layers, gradients, strict=True):
        for name in gradient:
            layer[name] = layer[name] - learning_rate * gradient[name]


def _use_step(implementation, layers, gradients, learning_rate):
    implementation(layers, gradients, learning_rate)
    return [{"W": layer["W"], "b": layer["b"]} for layer in layers], gradients


def _step_inputs(rng):
    sizes = (4, 3, 2)
    layers = _layers(rng, sizes, ("relu", "identity"))
    gradients = [
        {"W": rng.normal(size=layer["W"].shape), "b": rng.normal(size=layer["b"].shape)}
        for layer in layers
    ]
    return {"layers": layers, "gradients": gradients, "learning_rate": rng.uniform(0.05, 0.4)}


def _layers(rng, sizes, activations):
    return [
        {"W": rng.normal(size=(D, H)), "b": rng.normal(size=H), "activation": activation}
        for D, H, activation in zip(sizes, sizes[1:], activations, strict=False)
    ]


def _network_inputs(rng):
    layers = _layers(rng, (3, 5, 4, 2), ("relu", "tanh", "identity"))
    while True:  # nearly always the first is good
        X = rng.normal(size=(6, 3))
        output, cache = forward(X, layers)
        gates = cache[0]["z"] > 0
        if gates.any(axis=1).all() and not gates.all():
            break
    # The last layer has an activation too, so that its derivative cannot be left out.
    layers[-1]["activation"] = "tanh"
    return {"da": rng.normal(size=output.shape), "layers": layers, "cache": cache}


def _squared_error(output, Y):
    difference = output - Y
    return np.mean(difference**2), 2 / difference.size * difference


def _train_with(record="before", advance=None, rounds=None, call="after", number=0):
    """A training loop that differs from the reference in one place."""

    def train(layers, X, Y, loss, learning_rate, steps, callback):
        losses = []
        for done in range(1, (rounds or (lambda steps: steps))(steps) + 1):
            output, cache = forward(X, layers)
            value, da = loss(output, Y)
            if call == "before":
                callback(done + number, layers)
            (advance or sgd_step)(layers, backward(da, layers, cache), learning_rate)
            if record == "after":
                value, _ = loss(forward(X, layers)[0], Y)
            if record == "gradient":
                value = np.abs(da).mean()
            losses.append(value)
            if call == "after":
                callback(done + number, layers)
        if call == "end":
            callback(steps, layers)
        return losses

    return train


def _train_with_the_first_gradient(layers, X, Y, loss, learning_rate, steps, callback):
    output, cache = forward(X, layers)
    _, da = loss(output, Y)
    gradients = backward(da, layers, cache)
    losses = []
    for done in range(1, steps + 1):
        losses.append(loss(forward(X, layers)[0], Y)[0])
        sgd_step(layers, gradients, learning_rate)
        callback(done, layers)
    return losses


def _train_with_the_first_forward(layers, X, Y, loss, learning_rate, steps, callback):
    output, cache = forward(X, layers)
    losses = []
    for done in range(1, steps + 1):
        value, da = loss(output, Y)
        sgd_step(layers, backward(da, layers, cache), learning_rate)
        losses.append(value)
        callback(done, layers)
    return losses


def _train_on_a_copy(layers, X, Y, loss, learning_rate, steps, callback):
    copies = [{key: np.copy(v) if key in "Wb" else v for key, v in la.items()} for la in layers]
    return _train_with()(copies, X, Y, loss, learning_rate, steps, callback)


def _train_returning_the_last(layers, X, Y, loss, learning_rate, steps, callback):
    return _train_with()(layers, X, Y, loss, learning_rate, steps, callback)[-1:]


def _train_without_sgd_step(layers, X, Y, loss, learning_rate, steps, callback):
    losses = [0.0] * steps
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


def _add_gradient(layers, gradients, learning_rate):
    sgd_step(layers, gradients, -learning_rate)


def _use_train(implementation, layers, X, Y, learning_rate, steps):
    seen = []

    def callback(steps_done, layers):
        seen.append([float(steps_done), float(layers[0]["W"].sum())])

    losses = implementation(layers, X, Y, _squared_error, learning_rate, steps, callback)
    parameters = [{"W": layer["W"], "b": layer["b"]} for layer in layers]
    if isinstance(losses, (list, tuple)):
        losses = np.array([float(value) for value in losses])
    return losses, parameters, np.array(seen)


def _train_inputs(rng):
    return {
        "layers": _layers(rng, (2, 4, 1), ("tanh", "identity")),
        "X": rng.normal(size=(5, 2)),
        "Y": rng.normal(size=(5, 1)),
        "learning_rate": 0.1,
        "steps": 3,
    }


def _tanh_layer(keep, way_back):
    """A class that keeps keep(z) and goes back by way_back(da, what was kept)."""

    class Tanh(cu.Layer):
        def forward(self, z, training=False):
            self.kept = keep(z)
            return np.tanh(z)

        def backward(self, da):
            return way_back(da, self.kept)

    return Tanh


class _SharedTanh(cu.Layer):
    def forward(self, z, training=False):
        _SharedTanh.a = np.tanh(z)
        return _SharedTanh.a

    def backward(self, da):
        return da * (1 - _SharedTanh.a**2)


class _FirstTanh(cu.Layer):
    def forward(self, z, training=False):
        if not hasattr(self, "a"):
            self.a = np.tanh(z)
        return np.tanh(z)

    def backward(self, da):
        return da * (1 - self.a**2)


class _SigmoidForTanh(cu.Layer):
    def forward(self, z, training=False):
        self.a = 1 / (1 + np.exp(-z))
        return self.a

    def backward(self, da):
        return da * self.a * (1 - self.a)


def _use_tanh(implementation, z, da, another_z):
    layer, other = implementation(), implementation()
    layer.forward(another_z[::-1])  # an earlier batch
    a = layer.forward(z)
    other.forward(another_z)
    return a, layer.backward(da)


EXERCISES = [
    Exercise(
        "4.1",
        reference=graph_gradients,
        inputs=lambda rng: {
            "x": float(np.round(rng.uniform(1.2, 3), 2)),
            "w": float(np.round(rng.uniform(-3, -1.2), 2)),
            "y": float(np.round(rng.uniform(0.2, 0.9), 2)),
        },
        returns=("dx", "dw", "dy"),
        hints=[
            "Go forward first: p, s, d. Then back, the last line first: what is dd, if dL is 1?",
            "dd = 2 · d, ds = dd, dp = ds. Now x: on which two lines is it used?",
            "x gets dp · w from the product and ds from the plus. Add both.",
        ],
        misconceptions=[
            Misconception(
                "dx has only one of its two parts, the one through p. x is used twice: in "
                "s = p + x it gets ds besides. Add the two.",
                lambda x, w, y: (_graph(x, w, y)[0] * w, *_graph(x, w, y)[1][1:]),
            ),
            Misconception(
                "dx has only one of its two parts, the one straight into s. x is used twice: "
                "through p = x · w it gets dp · w besides. Add the two.",
                lambda x, w, y: (_graph(x, w, y)[0], *_graph(x, w, y)[1][1:]),
            ),
            Misconception(
                "Everything is half as large as it should be: the square's slope is 2 · d, not d.",
                lambda x, w, y: tuple(part / 2 for part in _graph(x, w, y)[1]),
            ),
            Misconception(
                "dy has the wrong sign: y is subtracted in d = s - y, so dy = -dd.",
                lambda x, w, y: (*_graph(x, w, y)[1][:2], _graph(x, w, y)[0]),
            ),
            Misconception(
                "dw was taken times w itself. In a product, each factor gets the slope times "
                "the other factor: dw = dp · x.",
                lambda x, w, y: (
                    _graph(x, w, y)[1][0],
                    _graph(x, w, y)[0] * w,
                    _graph(x, w, y)[1][2],
                ),
            ),
            Misconception(
                "In p = x · w each factor was multiplied by itself: dp · x went to x and dp · w "
                "to w. Each factor gets dp times the other one.",
                lambda x, w, y: (
                    _graph(x, w, y)[0] * (x + 1),
                    _graph(x, w, y)[0] * w,
                    _graph(x, w, y)[1][2],
                ),
            ),
            Misconception(
                "The slope of the square is missing: these are the slopes of d, not of "
                "L = d². Multiply all by dd = 2 · d.",
                lambda x, w, y: (w + 1, x, -1.0),
            ),
            Misconception(
                "The two parts of dx were multiplied. Along an arrow slopes are multiplied; "
                "where a number is used twice, its parts are added.",
                lambda x, w, y: (_graph(x, w, y)[0] ** 2 * w, *_graph(x, w, y)[1][1:]),
            ),
        ],
        variants=[
            lambda x, w, y: (
                2 * (x * w + x - y) * (w + 1),
                2 * (x * w + x - y) * x,
                2 * (y - x * w - x),
            ),
            lambda x, w, y: list(np.array([w + 1, x, -1]) * 2 * (x * (w + 1) - y)),
        ],
    ),
    Exercise(
        "4.2",
        reference=dense_backward,
        inputs=lambda rng: {
            "dz": rng.normal(size=(5, 3)),
            "x": rng.normal(size=(5, 4)),
            "W": rng.normal(size=(4, 3)),
        },
        returns=("dx", "dW", "db"),
        hints=[
            "dW has the shape of W, (D, H). Which product of x (N, D) and dz (N, H) has it?",
            "A transpose is needed twice: x.T in one product, W.T in the other.",
            "db is the sum of dz over the samples, dz.sum(axis=0). dx is dz @ W.T.",
        ],
        misconceptions=[
            Misconception(
                "dW and db are N times too small: the loss has taken the mean over the batch "
                "already. No layer divides by N again.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz / len(x), dz.mean(axis=0)),
            ),
            Misconception(
                "All three are N times too small: the loss has taken the mean over the batch "
                "already. No layer divides by N again.",
                lambda dz, x, W: (dz @ W.T / len(x), x.T @ dz / len(x), dz.mean(axis=0)),
            ),
            Misconception(
                "dW is N times too small, the others are right: the loss has taken the mean "
                "already. Leave the division out.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz / len(x), dz.sum(axis=0)),
            ),
            Misconception(
                "db is the mean over the samples where it should be the sum: 1/N is in dz already.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz, dz.mean(axis=0)),
            ),
            Misconception(
                "db was not summed over the samples. Every sample uses the same bias, so its "
                "parts add up: axis=0.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz, dz),
            ),
            Misconception(
                "db was summed over the units instead of the samples: that is axis=1, it should "
                "be axis=0.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz, dz.sum(axis=1)),
            ),
            Misconception(
                "db is a single number: the sum went over both axes. Give it axis=0.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz, dz.sum()),
            ),
            Misconception(
                "dW is its own transpose: x.T @ dz is (D, H), dz.T @ x is (H, D). It must have the "
                "shape of W.",
                lambda dz, x, W: (dz @ W.T, dz.T @ x, dz.sum(axis=0)),
            ),
            Misconception(
                "db has shape (1, H): leave keepdims out, so that it has the shape (H,) of b.",
                lambda dz, x, W: (dz @ W.T, x.T @ dz, dz.sum(axis=0, keepdims=True)),
            ),
            Misconception(
                "dx and dW have changed places: the order is dx, dW, db.",
                lambda dz, x, W: (x.T @ dz, dz @ W.T, dz.sum(axis=0)),
            ),
            Misconception(
                "All three have the sign of a step. The gradient points uphill; the minus comes "
                "later, in the step.",
                lambda dz, x, W: (-(dz @ W.T), -(x.T @ dz), -dz.sum(axis=0)),
            ),
        ],
        variants=[
            lambda dz, x, W: (np.dot(dz, W.T), np.dot(dz.T, x).T, np.ones(len(dz)) @ dz),
            lambda dz, x, W: (
                np.einsum("nh,dh->nd", dz, W),
                np.einsum("nd,nh->dh", x, dz),
                np.einsum("nh->h", dz),
            ),
            _dense_by_samples,
        ],
        forward=lambda x, W, dz: x @ W + np.zeros(dz.shape[1]),
        differences={"dx": "x", "dW": "W"},
        library=(Dense,),
    ),
    Exercise(
        "4.3",
        reference=backward,
        inputs=_network_inputs,
        returns=("gradients",),
        hints=[
            "Which layer comes first on the way back? And what is the da of the layer before it?",
            "In each round, from the last layer to the first: dz from da and the derivative at z; "
            "dx, dW, db from dense_backward; and dx is the da of the next round.",
            'dz = da * DERIVATIVES[layers[i]["activation"]](cache[i]["z"]). With '
            "gradients = [None] * len(layers) each dict can go to its own place i.",
        ],
        misconceptions=[
            Misconception(
                "The derivatives of the activations are missing: dz is da times the derivative "
                "at z. Only then comes the dense layer.",
                _backward_with(derivative=lambda layers, cache, i: 1.0),
            ),
            Misconception(
                "The last layer's activation was left out: its dz is da times its derivative, "
                "too, whatever activation it has.",
                _same_da_as_dz,
            ),
            Misconception(
                "The derivatives were taken of the activation a. DERIVATIVES takes z: look into "
                "the cache for it.",
                _backward_with(derivative=_derivative_of_the_activation),
            ),
            Misconception(
                "da was multiplied by the activation itself. It must be its derivative: "
                "DERIVATIVES, not ACTIVATIONS.",
                _backward_with(derivative=_activation_for_its_derivative),
            ),
            Misconception(
                "Each layer got the derivative of the layer before it. The name of the "
                "activation and its z must be of the same layer: both with the same i.",
                _backward_with(derivative=_derivative_of_x),
            ),
            Misconception(
                "Every layer got the derivative of ReLU, whatever its dict says. Look it up by "
                'name: DERIVATIVES[layer["activation"]].',
                _backward_with(derivative=lambda layers, cache, i: (cache[i]["z"] > 0) * 1.0),
            ),
            Misconception(
                "The gradients are right, and in the order of the way back: the last layer "
                "first. Turn the list around before you return it: gradients[::-1].",
                _backward_with(order=lambda gradients: gradients[::-1]),
            ),
            Misconception(
                "The weights' gradients are N times too small: the loss has taken the mean "
                "already. No layer divides by N again.",
                _backward_with(
                    dense=lambda dz, x, W: (dz @ W.T, x.T @ dz / len(x), dz.mean(axis=0))
                ),
            ),
            Misconception(
                "All entries are those of the first layer. Was one dict made before the loop and "
                "changed in it? Make a new one in each round.",
                _backward_with(order=lambda gradients: [gradients[0]] * len(gradients)),
            ),
            Misconception(
                "Only the last layer's gradients are there. Make the empty list once, before "
                "the loop, and return after the loop.",
                _backward_with(order=lambda gradients: gradients[-1:]),
            ),
            Misconception(
                "Every layer was given the same da, or a wrong one: the dx that dense_backward "
                "returns must become the da of the next round.",
                _backward_with(
                    dense=lambda dz, x, W: (np.ones(x.shape), *dense_backward(dz, x, W)[1:])
                ),
            ),
        ],
        variants=[_backward_without_copies, _backward_recursively],
        library=(Sequential,),
    ),
    Exercise(
        "4.4",
        reference=gradient_check,
        inputs=_check_inputs,
        returns=("error", "x afterwards"),
        run=_use_check,
        hints=[
            "Which array do you need beside `gradient`, and which shape has it?",
            "numerical = np.zeros_like(x), and then a loop over np.ndindex(x.shape) that sets "
            "numerical[i] to slope(loss, x, i).",
            "Three lengths: of the difference, of gradient, of numerical. np.linalg.norm gives "
            "each, and a matrix may be passed to it as it is.",
        ],
        misconceptions=[
            Misconception(
                "The difference was not divided by the size of the two. Without that nobody can "
                "tell whether it is large: divide by |gradient| + |numerical|.",
                lambda loss, x, gradient: np.linalg.norm(gradient - _numerical(loss, x)),
            ),
            Misconception(
                "This is the largest difference, not the relative error: take the lengths of all "
                "three arrays, np.linalg.norm.",
                lambda loss, x, gradient: np.abs(gradient - _numerical(loss, x)).max(),
            ),
            Misconception(
                "Divided by the size of the gradient alone. In the formula both sizes stand "
                "below the line, so that the result is at most 1.",
                lambda loss, x, gradient: (
                    np.linalg.norm(gradient - _numerical(loss, x)) / np.linalg.norm(gradient)
                ),
            ),
            Misconception(
                "Divided by the size of the numerical gradient alone. In the formula both sizes "
                "stand below the line, so that the result is at most 1.",
                lambda loss, x, gradient: (
                    np.linalg.norm(gradient - (n := _numerical(loss, x))) / np.linalg.norm(n)
                ),
            ),
            Misconception(
                "Divided by the length of the sum. The lengths must be taken first and then "
                "added: in a sum of arrays, numbers of different sign cancel.",
                lambda loss, x, gradient: (
                    np.linalg.norm(gradient - (n := _numerical(loss, x)))
                    / np.linalg.norm(gradient + n)
                ),
            ),
            Misconception(
                "The brackets are missing: a / b + c divides by b only. Write a / (b + c).",
                lambda loss, x, gradient: (
                    np.linalg.norm(gradient - (n := _numerical(loss, x))) / np.linalg.norm(gradient)
                    + np.linalg.norm(n)
                ),
            ),
            Misconception(
                "The lengths were subtracted. Take the difference of the arrays first, and then "
                "its length: two arrays may be equally long and point apart.",
                lambda loss, x, gradient: (
                    abs(np.linalg.norm(gradient) - np.linalg.norm(n := _numerical(loss, x)))
                    / (np.linalg.norm(gradient) + np.linalg.norm(n))
                ),
            ),
            Misconception(
                "A relative error was taken for each place and then the mean. One tiny slope can "
                "spoil that: take the lengths of the whole arrays.",
                _check_by_entries,
            ),
            Misconception(
                "A copy of x was nudged. loss() uses x itself and does not see the copy, so all "
                "slopes came out as 0.",
                _check_with_a_copy,
            ),
            Misconception(
                "Only the places on the diagonal were visited. np.ndindex(x.shape) gives every "
                "place of an array of any shape.",
                _check_the_first_axis,
            ),
            Misconception(
                "x is not as it was: after each nudge, the number must be put back. slope does so.",
                lambda loss, x, gradient: _error(gradient, _numerical(loss, x, restore=False)),
            ),
            Misconception(
                "The differences were taken to one side only. Nudge up and down: with both, the "
                "error is far smaller. slope does so.",
                lambda loss, x, gradient: _error(gradient, _numerical(loss, x, sides=1)),
            ),
            Misconception(
                "Squares instead of lengths: the root is missing. np.linalg.norm takes it.",
                lambda loss, x, gradient: (
                    np.sum((gradient - (n := _numerical(loss, x))) ** 2)
                    / (np.sum(gradient**2) + np.sum(n**2))
                ),
            ),
        ],
        variants=[_check_flat, _check_with_larger_steps],
        library=(check_gradients, numerical_gradient, relative_error),
    ),
    Exercise(
        "4.5",
        reference=mended_backward,
        inputs=_mended_inputs,
        returns=("dW1", "db1", "dW2", "db2"),
        hints=[
            "Which line makes dz1? What can a1 be, after a ReLU: is it ever below 0?",
            "The gate is open where z1 > 0. There a1 is z1; elsewhere a1 is exactly 0. "
            "So what does a1 >= 0 say about a closed unit?",
            "One character is too many: the gate is a1 > 0.",
        ],
        misconceptions=[
            Misconception(
                "The bug is still there: a1 comes from a ReLU and is never below 0, so the gate "
                "a1 >= 0 is open everywhere. Where is a unit closed?",
                _mended_with(lambda da1, a1: da1 * (a1 >= 0)),
            ),
            Misconception(
                "The gate is turned round: the gradient passes where the unit is closed. It must "
                "pass where a1 is above 0.",
                _mended_with(lambda da1, a1: da1 * (a1 <= 0)),
            ),
            Misconception(
                "The gate was taken of the gradient da1. It depends on the way forward: a1 > 0.",
                _mended_with(lambda da1, a1: np.maximum(da1, 0)),
            ),
            Misconception(
                "da1 was multiplied by a1 itself. ReLU's slope is 1 where the unit is open, "
                "however large a1 is: multiply by a1 > 0.",
                _mended_with(lambda da1, a1: da1 * a1),
            ),
            Misconception(
                "dW1 and db1 were mended by dividing by something: the gradient is still there "
                "for closed units, and 1/N is in dlogits already.",
                _mended_with(lambda da1, a1: da1 / len(a1)),
            ),
            Misconception(
                "The gate is right, and all four were divided by N besides: 1/N is in dlogits "
                "already.",
                _mended_averaging,
            ),
            Misconception(
                "dlogits got a gate of its own. The last layer has no ReLU, and dW2 and db2 were "
                "right before: leave their lines as they are.",
                _mended_also_above,
            ),
            Misconception(
                "The gate a1 > 0 replaced da1: what flows back was lost. Multiply, da1 * (a1 > 0).",
                _mended_with(lambda da1, a1: (a1 > 0) * 1.0),
            ),
            Misconception(
                "The gate opens at 1 where it should at 0: was the slope rounded, or the gate "
                "taken of something else? It is a1 > 0.",
                _mended_with(lambda da1, a1: da1 * (a1 > 1)),
            ),
            Misconception(
                "The gate used the slope of tanh or sigmoid, 1 - a² or a (1 - a). This layer is a "
                "ReLU: its slope is 1 or 0.",
                _mended_with(lambda da1, a1: da1 * (1 - a1**2)),
            ),
        ],
        variants=[
            _mended,
            _mended_with(lambda da1, a1: da1 * (a1 != 0)),
            _mended_with(lambda da1, a1: da1 * np.sign(a1)),
            _mended_with(lambda da1, a1: da1 * ~(a1 <= 0)),
        ],
    ),
    Exercise(
        "4.6",
        reference=sgd_step,
        inputs=_step_inputs,
        returns=("parameters", "gradients afterwards"),
        run=_use_step,
        in_place=("layers",),
        hints=[
            "Which way is the loss falling: along the gradient, or against it?",
            'For every layer there are two arrays to change, layers[i]["W"] and layers[i]["b"].',
            'layers[i]["W"] -= learning_rate * gradients[i]["W"], and the same for "b".',
        ],
        misconceptions=[
            Misconception(
                "Nothing has changed: W = W - ... makes a new array and leaves the network's own "
                'as it was. Write layer["W"] -= ..., or assign to layer["W"].',
                _step_new_names,
            ),
            Misconception(
                "The step goes uphill: the gradient points to where the loss grows. Subtract it.",
                _step_with(lambda rate: rate),
            ),
            Misconception(
                "The learning rate is missing: the step is learning_rate times the gradient.",
                _step_with(lambda rate: -1.0),
            ),
            Misconception(
                "The weights moved and the biases did not. Each layer has two arrays that learn.",
                _step_with(lambda rate: -rate, lambda rate: 0.0),
            ),
            Misconception(
                "The biases moved and the weights did not. Each layer has two arrays that learn.",
                _step_with(lambda rate: 0.0, lambda rate: -rate),
            ),
            Misconception(
                "Only the first layer moved. Does something return, or stop, inside the loop?",
                _step_with(lambda rate: -rate, which=slice(1)),
            ),
            Misconception(
                "Only the last layer moved. Is the changing line inside the loop?",
                _step_with(lambda rate: -rate, which=slice(-1, None)),
            ),
            Misconception(
                "The parameters were replaced by the step. =- is not -=: the first one assigns "
                "the negative.",
                _step_assigning,
            ),
            Misconception(
                "The gradients were divided by the learning rate. A small rate makes small "
                "steps: multiply.",
                _step_with(lambda rate: -1 / rate),
            ),
            Misconception(
                "The biases move without the learning rate: both arrays take a step of "
                "learning_rate times their gradient.",
                _step_with(lambda rate: -rate, lambda rate: -1.0),
            ),
        ],
        variants=[_step_on_entries, _step_on_keys, _step_with(lambda rate: -rate)],
        library=(SGD,),
    ),
    Exercise(
        "4.7",
        reference=train,
        inputs=_train_inputs,
        returns=("losses", "parameters", "what the callback saw"),
        run=_use_train,
        in_place=("layers",),
        hints=[
            "What are the four parts of one round, and which of your functions is each of them?",
            "output, cache = forward(X, layers); value, da = loss(output, Y); then backward and "
            "sgd_step. All of it inside the loop: after a step, everything is different.",
            "for steps_done in range(1, steps + 1): at its end losses.append(value) and "
            "callback(steps_done, layers). After the loop: return losses.",
        ],
        misconceptions=[
            Misconception(
                "Every step went along the first gradient. After a step the network is another "
                "one: forward, loss and backward belong inside the loop.",
                _train_with_the_first_gradient,
            ),
            Misconception(
                "The forward pass was made once, before the loop. After a step the network is "
                "another one, and so is its output: forward belongs inside the loop.",
                _train_with_the_first_forward,
            ),
            Misconception(
                "The losses were measured after each step. Keep the value that came with the "
                "gradient, from before the step.",
                _train_with(record="after"),
            ),
            Misconception(
                "Nothing was learned: the step is missing, or it changed copies. Call "
                "sgd_step(layers, gradients, learning_rate) in each round.",
                _train_with(advance=lambda layers, gradients, learning_rate: None),
            ),
            Misconception(
                "A copy of the network was trained; the one that was passed is as before. Work "
                "on layers itself.",
                _train_on_a_copy,
            ),
            Misconception(
                "The steps go uphill: was the gradient added? sgd_step subtracts it, with a "
                "positive learning rate.",
                _train_with(advance=_add_gradient),
            ),
            Misconception(
                "The callback was called before the step, with a network that has not made it "
                "yet. Call it at the end of the round.",
                _train_with(call="before"),
            ),
            Misconception(
                "The callback counts from 0. After the first step, one step is done: pass 1.",
                _train_with(number=-1),
            ),
            Misconception(
                "The callback was called only once, after the loop. It belongs inside, at the "
                "end of every round.",
                _train_with(call="end"),
            ),
            Misconception(
                "The callback was never called: callback(steps_done, layers), at the end of "
                "every round.",
                _train_with(call="never"),
            ),
            Misconception(
                "Only one round was made. Is the return inside the loop?",
                _train_with(rounds=lambda steps: 1),
            ),
            Misconception(
                "One round is missing: range(1, steps) ends at steps - 1. Use range(steps), or "
                "range(1, steps + 1).",
                _train_with(rounds=lambda steps: steps - 1),
            ),
            Misconception(
                "One round too many: range(steps) makes exactly that many.",
                _train_with(rounds=lambda steps: steps + 1),
            ),
            Misconception(
                "Only the last loss is returned. Make the empty list once, before the loop.",
                _train_returning_the_last,
            ),
        ],
        variants=[
            _train_without_sgd_step,
            lambda layers, X, Y, loss, learning_rate, steps, callback: np.array(
                _train_with()(layers, X, Y, loss, learning_rate, steps, callback)
            ),
        ],
    ),
    Exercise(
        "4.8",
        reference=Tanh,
        inputs=lambda rng: {
            "z": rng.normal(size=(4, 3)),
            "da": rng.normal(size=(4, 3)),
            "another_z": rng.normal(size=(4, 3)),
        },
        returns=("a", "dz"),
        run=_use_tanh,
        hints=[
            "What does backward need to know of the way forward? Where can forward leave it?",
            "forward: self.a = np.tanh(z), and return it.",
            "backward: da times 1 - self.a ** 2.",
        ],
        misconceptions=[
            Misconception(
                "backward returns the slope alone: da is missing. What comes from behind must be "
                "multiplied by it.",
                _tanh_layer(np.tanh, lambda da, a: 1 - a**2),
            ),
            Misconception(
                "The slope 1 - a² was taken with z in the place of a. Keep a = tanh(z) in forward.",
                _tanh_layer(lambda z: z, lambda da, z: da * (1 - z**2)),
            ),
            Misconception(
                "tanh was taken twice: of a, which is tanh(z) already. The slope is 1 - a ** 2.",
                _tanh_layer(np.tanh, lambda da, a: da * (1 - np.tanh(a) ** 2)),
            ),
            Misconception(
                "This is the sigmoid's slope, a (1 - a). That of tanh is 1 - a².",
                _tanh_layer(np.tanh, lambda da, a: da * a * (1 - a)),
            ),
            Misconception(
                "The square is missing: the slope is 1 - a², not 1 - a.",
                _tanh_layer(np.tanh, lambda da, a: da * (1 - a)),
            ),
            Misconception(
                "da was sent through tanh: backward must use the a of the way forward, not da "
                "in its place.",
                _tanh_layer(np.tanh, lambda da, a: 1 - np.tanh(da) ** 2),
            ),
            Misconception(
                "da was multiplied by the activation itself, not by its slope 1 - a².",
                _tanh_layer(np.tanh, lambda da, a: da * a),
            ),
            Misconception(
                "da was passed on as it came: the slope 1 - a² is missing.",
                _tanh_layer(np.tanh, lambda da, a: da),
            ),
            Misconception(
                "All layers of this kind share one memory: another layer's forward has replaced "
                "what this one kept. Keep it in self, not in the class or in a global name.",
                _SharedTanh,
            ),
            Misconception(
                "backward used an earlier batch: forward must keep its a anew at each call.",
                _FirstTanh,
            ),
            Misconception(
                "This is the sigmoid, forward and back. tanh is np.tanh(z), between -1 and 1.",
                _SigmoidForTanh,
            ),
        ],
        variants=[
            _tanh_layer(lambda z: z, lambda da, z: da * (1 - np.tanh(z) ** 2)),
            _tanh_layer(lambda z: z, lambda da, z: da / np.cosh(z) ** 2),
            _tanh_layer(np.tanh, lambda da, a: da - da * a * a),
        ],
        library=(cu.Tanh,),
    ),
]
