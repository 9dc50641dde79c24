"""A small data set, a network and its training, for the tests of training and of workers."""

import numpy as np

import course_utils as cu


def three_clouds(rows=90):
    """Points around three centres: (rows, 2) inputs and the number of the centre."""
    rng = np.random.default_rng(7)
    y = np.arange(rows) % 3
    return rng.normal(size=(rows, 2)) + np.array([[0, 3], [3, 0], [-3, -3]])[y], y


def new_network(*more, dtype=np.float64, outputs=3):
    """A small network with dropout; `more` layers may follow its last one."""
    layers = [cu.Dense(8), cu.ReLU(), cu.Dropout(0.1), cu.Dense(outputs), *more]
    return cu.Sequential(layers, input_shape=2, rng=np.random.default_rng(1), dtype=dtype)


def train(network, X=None, y=None, **changes):
    if X is None:
        X, y = three_clouds()
    settings = {
        "loss": cu.softmax_cross_entropy,
        "optimizer": cu.SGD(0.1),
        "epochs": 3,
        "batch_size": 20,
        "rng": np.random.default_rng(2),
    }
    return cu.train(network, X, y, **settings | changes)


def copies(network):
    return [p.copy() for p in network.parameters()]


def fit_a_plane(X, learning_rate, **changes):
    network = cu.Sequential([cu.Dense(1)], input_shape=2, rng=np.random.default_rng(1))
    settings = {"loss": cu.mean_squared_error, "optimizer": cu.SGD(learning_rate), "epochs": 100}
    train(network, X, X[:, :1] / 100, **settings | changes)
