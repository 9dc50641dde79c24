"""The same numbers as PyTorch, in float64: layers, losses, networks, and steps of optimizers.

PyTorch's Linear keeps its weights as (outputs, inputs), ours are (inputs, outputs).
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import course_utils as cu

TOLERANCE = {"rtol": 1e-10, "atol": 1e-12}


def test_dense(torch, rng):
    x, dz = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    layer = cu.Dense(3)
    layer.build((4,), rng, np.float64)
    z = layer.forward(x)
    dx = layer.backward(dz)

    theirs = torch.tensor(x, requires_grad=True)
    W = torch.tensor(layer.W.T, requires_grad=True)
    b = torch.tensor(layer.b, requires_grad=True)
    output = torch.nn.functional.linear(theirs, W, b)
    output.backward(torch.tensor(dz))
    assert_allclose(z, output.detach(), **TOLERANCE)
    assert_allclose(dx, theirs.grad, **TOLERANCE)
    assert_allclose(layer.dW, W.grad.T, **TOLERANCE)
    assert_allclose(layer.db, b.grad, **TOLERANCE)


ACTIVATIONS = {
    "ReLU": (cu.ReLU(), lambda nn: nn.ReLU()),
    "LeakyReLU": (cu.LeakyReLU(0.2), lambda nn: nn.LeakyReLU(0.2)),
    "Sigmoid": (cu.Sigmoid(), lambda nn: nn.Sigmoid()),
    "Tanh": (cu.Tanh(), lambda nn: nn.Tanh()),
    "Softmax": (cu.Softmax(), lambda nn: nn.Softmax(dim=1)),
    "Flatten": (cu.Flatten(), lambda nn: nn.Flatten()),
}


@pytest.mark.parametrize(("layer", "make_theirs"), ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_layers_without_weights(torch, layer, make_theirs, rng):
    z, da = 3 * rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    z[0, 0] = 0  # both take 0 for ReLU's derivative there
    a = layer.forward(z)

    theirs = torch.tensor(z, requires_grad=True)
    output = make_theirs(torch.nn)(theirs)
    output.backward(torch.tensor(da))
    assert_allclose(a, output.detach(), **TOLERANCE)
    assert_allclose(layer.backward(da), theirs.grad, **TOLERANCE)


def test_log_softmax(torch, rng):
    z = 30 * rng.normal(size=(5, 4))
    assert_allclose(cu.log_softmax(z), torch.log_softmax(torch.tensor(z), dim=1), **TOLERANCE)


LOSSES = {
    "mean_squared_error": (
        cu.mean_squared_error,
        "mse_loss",
        np.linspace(-1, 2, 15).reshape(5, 3),
    ),
    "binary_cross_entropy": (
        cu.binary_cross_entropy,
        "binary_cross_entropy_with_logits",
        np.eye(5, 3),
    ),
    "softmax_cross_entropy": (
        cu.softmax_cross_entropy,
        "cross_entropy",
        np.array([2, 0, 1, 1, 2]),
    ),
}


@pytest.mark.parametrize(("loss", "name", "targets"), LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("size", [1, 100])
def test_losses(torch, loss, name, targets, size, rng):
    outputs = size * rng.normal(size=(5, 3))
    value, gradient = loss(outputs, targets)

    theirs = torch.tensor(outputs, requires_grad=True)
    their_value = getattr(torch.nn.functional, name)(theirs, torch.tensor(targets))
    their_value.backward()
    assert_allclose(value, their_value.item(), **TOLERANCE)
    assert_allclose(gradient, theirs.grad, **TOLERANCE)


def two_of_the_same(torch):
    """Our network and PyTorch's, with equal weights, and a batch for them."""
    rng = np.random.default_rng(0)
    layers = [cu.Flatten(), cu.Dense(7), cu.ReLU(), cu.Dense(5), cu.Tanh(), cu.Dense(3)]
    ours = cu.Sequential(layers, input_shape=(2, 4), rng=rng)
    nn = torch.nn
    theirs = nn.Sequential(
        nn.Flatten(), nn.Linear(8, 7), nn.ReLU(), nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 3)
    ).double()
    with torch.no_grad():
        for parameter, own in zip(theirs.parameters(), ours.parameters(), strict=True):
            parameter.copy_(torch.tensor(own.T))
    return ours, theirs, rng.normal(size=(6, 2, 4)), np.array([2, 0, 1, 1, 2, 0])


def test_gradients_of_a_whole_network(torch):
    ours, theirs, X, y = two_of_the_same(torch)
    _, gradient = cu.softmax_cross_entropy(ours.forward(X), y)
    dX = ours.backward(gradient, input_gradient=True)

    their_X = torch.tensor(X, requires_grad=True)
    torch.nn.functional.cross_entropy(theirs(their_X), torch.tensor(y)).backward()
    assert_allclose(dX, their_X.grad, **TOLERANCE)
    for own, parameter in zip(ours.gradients(), theirs.parameters(), strict=True):
        assert_allclose(own, parameter.grad.numpy().T, **TOLERANCE)


def sgd(torch, network):
    weights = [p for p in network.parameters() if p.ndim > 1]
    biases = [p for p in network.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": 0.01}, {"params": biases, "weight_decay": 0}]
    return torch.optim.SGD(groups, lr=0.1, momentum=0.9)


OPTIMIZERS = {
    "SGD": (lambda: cu.SGD(0.1, momentum=0.9, weight_decay=0.01), sgd),
    "Adam": (
        lambda: cu.Adam(0.01, beta1=0.8, beta2=0.99),
        lambda torch, network: torch.optim.Adam(network.parameters(), lr=0.01, betas=(0.8, 0.99)),
    ),
}


@pytest.mark.parametrize(("make_ours", "make_theirs"), OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_ten_steps(torch, make_ours, make_theirs):
    ours, theirs, X, y = two_of_the_same(torch)
    optimizer, their_optimizer = make_ours(), make_theirs(torch, theirs)
    for _ in range(10):
        value, gradient = cu.softmax_cross_entropy(ours.forward(X), y)
        ours.backward(gradient)
        optimizer.step(ours.parameters(), ours.gradients())

        their_value = torch.nn.functional.cross_entropy(theirs(torch.tensor(X)), torch.tensor(y))
        their_optimizer.zero_grad()
        their_value.backward()
        their_optimizer.step()
        assert_allclose(value, their_value.item(), **TOLERANCE)
    for own, parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_allclose(own, parameter.detach().numpy().T, **TOLERANCE)
