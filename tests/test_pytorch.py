"""The same numbers as PyTorch, in float64: layers, losses, networks, and steps of optimizers.

PyTorch's Linear keeps its weights as (outputs, inputs), ours are (inputs, outputs). Its images
are (N, C, H, W) and its kernels (F, C, k, k), ours are (N, H, W, C) and (k, k, C, F).
Convolutions are compared in float32 too, the dtype they are for.
"""

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import course_utils as cu
from course_utils.exercises.lessons.lesson_11 import uniform_weights

TOLERANCE = {"rtol": 1e-10, "atol": 1e-12}


@pytest.fixture(scope="module", autouse=True)
def one_thread(torch):
    """On arrays as small as these, threads mostly wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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


# What makes deep networks learn

NORMALIZATIONS = {
    "BatchNorm": (cu.BatchNorm, lambda nn: nn.BatchNorm1d(4)),
    "LayerNorm": (cu.LayerNorm, lambda nn: nn.LayerNorm(4)),
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("make", "make_theirs"), NORMALIZATIONS.values(), ids=NORMALIZATIONS)
def test_normalization(torch, make, make_theirs, training, rng):
    layer, theirs = make(), make_theirs(torch.nn).double()
    layer.build((4,), rng, np.float64)
    with torch.no_grad():
        for own, parameter in zip(layer.parameters, theirs.parameters(), strict=True):
            own[:] = rng.normal(size=4)
            parameter.copy_(torch.tensor(own))
    for _ in range(3):  # there are running means then
        x, dz = rng.normal(3, 2, (6, 4)), rng.normal(size=(6, 4))
        theirs(torch.tensor(x)), layer.forward(x, training=True)
    z = layer.forward(x, training)
    dx = layer.backward(dz)

    their_x = torch.tensor(x, requires_grad=True)
    theirs.train(training)
    output = theirs(their_x)
    output.backward(torch.tensor(dz))
    assert_allclose(z, output.detach(), **TOLERANCE)
    assert_allclose(dx, their_x.grad, **TOLERANCE)
    for own, parameter in zip(layer.gradients, theirs.parameters(), strict=True):
        assert_allclose(own, parameter.grad, **TOLERANCE)


def test_batch_norm_of_images(torch, rng):
    layer, theirs = cu.BatchNorm(momentum=0.8), torch.nn.BatchNorm2d(3, momentum=0.2).double()
    layer.build((4, 5, 3), rng, np.float64)
    for _ in range(3):
        x, dz = rng.normal(3, 2, (2, 4, 5, 3)), rng.normal(size=(2, 4, 5, 3))
        z = layer.forward(x, training=True)
        their_x = to_torch(torch, x)
        output = theirs(their_x)
    output.backward(to_torch(torch, dz))
    assert_allclose(z, from_torch(output), **TOLERANCE)
    assert_allclose(layer.backward(dz), from_torch(their_x.grad), **TOLERANCE)
    assert_allclose(layer.running_mean, theirs.running_mean, **TOLERANCE)
    assert_allclose(layer.running_variance, theirs.running_var, **TOLERANCE)


def two_deep_ones(torch):
    """BatchNorm, LayerNorm and Residual in our network and in PyTorch's, and a batch for them."""
    nn = torch.nn

    class Around(nn.Sequential):
        def forward(self, x):
            return x + super().forward(x)

    rng = np.random.default_rng(0)
    inner = [cu.Dense(6), cu.LayerNorm(), cu.ReLU(), cu.Dense(6)]
    layers = [cu.Dense(6), cu.BatchNorm(), cu.ReLU(), cu.Residual(inner), cu.BatchNorm(0.8)]
    ours = cu.Sequential([*layers, cu.Tanh(), cu.Dense(3)], input_shape=5, rng=rng)
    theirs = nn.Sequential(
        nn.Linear(5, 6),
        nn.BatchNorm1d(6, momentum=0.1),
        nn.ReLU(),
        Around(nn.Linear(6, 6), nn.LayerNorm(6), nn.ReLU(), nn.Linear(6, 6)),
        nn.BatchNorm1d(6, momentum=0.2),
        nn.Tanh(),
        nn.Linear(6, 3),
    ).double()
    with torch.no_grad():
        for parameter, own in zip(theirs.parameters(), ours.parameters(), strict=True):
            parameter.copy_(torch.tensor(own.T))
    return ours, theirs, rng.normal(size=(20, 12, 5)), rng.integers(3, size=(20, 12))


def test_twenty_steps_of_a_deep_network(torch):
    """AdamW, a warm-up and a cosine, gradients clipped: all that lesson 10 has, together."""
    ours, theirs, batches, labels = two_deep_ones(torch)
    optimizer = cu.AdamW(cu.warm_up(5, cu.cosine_decay(0.02, steps=15)), weight_decay=0.1)
    weights = [p for p in theirs.parameters() if p.ndim > 1]
    others = [p for p in theirs.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": 0.1}, {"params": others, "weight_decay": 0}]
    their_optimizer = torch.optim.AdamW(groups, lr=0.02)
    kinds = torch.optim.lr_scheduler
    warm_up = kinds.LinearLR(their_optimizer, start_factor=1 / 5, total_iters=4)
    cosine = kinds.CosineAnnealingLR(their_optimizer, T_max=15)
    schedule = kinds.SequentialLR(their_optimizer, [warm_up, cosine], milestones=[5])
    clipped = 0
    for X, y in zip(batches, labels, strict=True):
        value, gradient = cu.softmax_cross_entropy(ours.forward(X, training=True), y)
        ours.backward(gradient)
        gradients, norm = cu.clip_gradients(ours.gradients(), 0.8)
        clipped += norm > 0.8
        optimizer.step(ours.parameters(), gradients)

        their_value = torch.nn.functional.cross_entropy(theirs(torch.tensor(X)), torch.tensor(y))
        their_optimizer.zero_grad()
        their_value.backward()
        their_norm = torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.8)
        their_optimizer.step()
        schedule.step()
        # PyTorch divides by norm + 1e-6 to clip.
        assert_allclose(value, their_value.item(), rtol=1e-5)
        assert_allclose(norm, their_norm.item(), rtol=1e-5)
    assert 0 < clipped < 20
    for own, parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_allclose(own, parameter.detach().numpy().T, rtol=1e-5, atol=1e-6)
    theirs.eval()
    expected = theirs(torch.tensor(batches[0])).detach()
    assert_allclose(ours.forward(batches[0]), expected, rtol=1e-4, atol=1e-5)


def test_twenty_steps_of_adamw(torch):
    ours, theirs, batches, labels = two_deep_ones(torch)
    optimizer = cu.AdamW(0.01, weight_decay=0.1, beta1=0.8, beta2=0.99)
    weights = [p for p in theirs.parameters() if p.ndim > 1]
    others = [p for p in theirs.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": 0.1}, {"params": others, "weight_decay": 0}]
    their_optimizer = torch.optim.AdamW(groups, lr=0.01, betas=(0.8, 0.99))
    for X, y in zip(batches, labels, strict=True):
        value, gradient = cu.softmax_cross_entropy(ours.forward(X, training=True), y)
        ours.backward(gradient)
        optimizer.step(ours.parameters(), ours.gradients())

        their_value = torch.nn.functional.cross_entropy(theirs(torch.tensor(X)), torch.tensor(y))
        their_optimizer.zero_grad()
        their_value.backward()
        their_optimizer.step()
        assert_allclose(value, their_value.item(), rtol=1e-9)


# Images

CLOSE = {"float64": 1e-10, "float32": 1e-5}


def assert_close(got, expected, least=0):
    """As near as the dtype lets it be, against the largest number, or `least` where that is more.

    With `least` one number alone may be near 0, a difference of larger ones and of their rounding.
    """
    assert got.shape == expected.shape
    assert str(got.dtype) == str(expected.dtype)
    largest = max(least, np.abs(expected).max())
    assert np.abs(got - expected).max() <= CLOSE[str(got.dtype)] * largest


def to_torch(torch, images):
    """A leaf (N, C, H, W) that keeps its gradient, laid out in memory as PyTorch likes it."""
    return torch.tensor(np.ascontiguousarray(images.transpose(0, 3, 1, 2)), requires_grad=True)


def kernels_to_torch(torch, W):
    return torch.tensor(np.ascontiguousarray(W.transpose(3, 2, 0, 1)), requires_grad=True)


def from_torch(images):
    return images.detach().numpy().transpose(0, 2, 3, 1)


@st.composite
def convolutions(draw):
    """A Conv2D that is not built, and the shape of its images (N, H, W, C)."""
    kernel_size = draw(st.integers(1, 7))
    padding = draw(st.integers(0, kernel_size - 1))
    length = st.integers(max(1, kernel_size - 2 * padding), kernel_size + 9)
    filters, stride = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    shape = draw(st.integers(1, 5)), draw(length), draw(length), draw(st.integers(1, 8))
    return cu.Conv2D(filters, kernel_size, stride, padding), shape


@pytest.mark.parametrize("dtype", CLOSE)
@settings(max_examples=100, deadline=None)
@given(case=convolutions(), seed=st.integers(0, 1000))
def test_conv2d(torch, dtype, case, seed):
    layer, shape = case
    rng = np.random.default_rng(seed)
    layer.build(shape[1:], rng, dtype)
    layer.b[:] = rng.normal(size=layer.filters)
    x = rng.normal(size=shape).astype(dtype)
    z = layer.forward(x)
    dz = rng.normal(size=z.shape).astype(dtype)
    dx = layer.backward(dz)

    theirs, b = to_torch(torch, x), torch.tensor(layer.b, requires_grad=True)
    W = kernels_to_torch(torch, layer.W)
    output = torch.nn.functional.conv2d(theirs, W, b, layer.stride, layer.padding)
    output.backward(to_torch(torch, dz))
    assert_close(z, from_torch(output), least=1)
    assert_close(dx, from_torch(theirs.grad), least=1)
    assert_close(layer.dW, W.grad.numpy().transpose(2, 3, 1, 0), least=1)
    assert_close(layer.db, b.grad.numpy(), least=1)


@st.composite
def poolings(draw):
    """A MaxPool2D, and the shape of its images."""
    size, stride = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    length = st.integers(size, size + 9)
    shape = draw(st.integers(1, 5)), draw(length), draw(length), draw(st.integers(1, 4))
    return cu.MaxPool2D(size, stride), shape


@pytest.mark.parametrize("dtype", CLOSE)
@settings(max_examples=100, deadline=None)
@given(case=poolings(), most=st.integers(0, 4), seed=st.integers(0, 1000))
def test_max_pool2d(torch, dtype, case, most, seed):
    """On small whole numbers: there are many ties, and sums have no rounding."""
    layer, shape = case
    rng = np.random.default_rng(seed)
    layer.build(shape[1:], rng, dtype)
    x = rng.integers(-most, most + 1, shape).astype(dtype)
    a = layer.forward(x)
    da = rng.integers(1, 10, a.shape).astype(dtype)

    theirs = to_torch(torch, x)
    output = torch.nn.functional.max_pool2d(theirs, layer.size, layer.stride)
    output.backward(to_torch(torch, da))
    assert_array_equal(a, from_torch(output))
    assert_array_equal(layer.backward(da), from_torch(theirs.grad))


@pytest.mark.parametrize("dtype", CLOSE)
def test_the_network_of_pytorchs_mnist_example(torch, dtype, rng):
    """Without its Dropout, whose random numbers are others."""
    layers = [cu.Conv2D(32, 3), cu.ReLU(), cu.Conv2D(64, 3), cu.ReLU(), cu.MaxPool2D()]
    layers += [cu.Flatten(), cu.Dense(128), cu.ReLU(), cu.Dense(10)]
    ours = cu.Sequential(layers, input_shape=(28, 28, 1), rng=rng, dtype=dtype)
    for b in ours.parameters()[1::2]:
        b[:] = 0.1 * rng.normal(size=b.shape)
    nn = torch.nn
    theirs = nn.Sequential(
        nn.Conv2d(1, 32, 3, 1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, 1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
        nn.LogSoftmax(dim=1),
    ).to(getattr(torch, dtype))

    def as_theirs(parameter):
        """In their order of axes; and Flatten reads their images channel by channel."""
        if parameter.shape == (9216, 128):
            by_pixel = parameter.reshape(12, 12, 64, 128)
            return by_pixel.transpose(2, 0, 1, 3).reshape(9216, 128).T
        return parameter.transpose(3, 2, 0, 1) if parameter.ndim == 4 else parameter.T

    with torch.no_grad():
        for parameter, own in zip(theirs.parameters(), ours.parameters(), strict=True):
            parameter.copy_(torch.tensor(as_theirs(own).copy()))

    X, y = rng.normal(size=(4, 28, 28, 1)).astype(dtype), np.array([7, 0, 9, 7])
    logits = ours.forward(X, training=True)
    value, gradient = cu.softmax_cross_entropy(logits, y)
    dX = ours.backward(gradient, input_gradient=True)

    their_X = to_torch(torch, X)
    output = theirs(their_X)
    loss = nn.functional.nll_loss(output, torch.tensor(y))
    loss.backward()
    assert_close(cu.log_softmax(logits), output.detach().numpy())
    assert abs(value - loss.item()) < CLOSE[dtype]
    assert_close(dX, from_torch(their_X.grad))
    for own, parameter in zip(ours.gradients(), theirs.parameters(), strict=True):
        assert_close(as_theirs(own), parameter.grad.numpy())


@pytest.fixture(scope="module")
def one_epoch(torch):
    """The tool that runs the cells of lesson 11; it needs PyTorch to be imported."""
    return importlib.import_module("one_epoch")


def test_lesson_11_carries_weights_both_ways(one_epoch, rng):
    """By the code that its cells show; with biases, so that they are carried too."""
    code = one_epoch.lesson_code()
    images = rng.random((4, 28, 28, 1))
    ours = code["our_network"](rng)
    for b in ours.parameters()[1::2]:
        b[:] = 0.1 * rng.normal(size=b.shape)
    for carry in (
        lambda net: code["fill_pytorch"](net, ours),
        lambda net: code["fill_ours"](ours, net),
    ):
        net = code["Net"]().double().eval()
        assert code["difference"](net, ours, images) > 1e-2
        carry(net)
        assert code["difference"](net, ours, images) < 1e-10


def test_the_losses_that_lesson_11_stores_are_those_of_its_code(one_epoch):
    losses = one_epoch.first_losses(one_epoch.lesson_code())
    assert_allclose(losses, cu.load_one_epoch()["first_losses"], atol=1e-8)


@pytest.mark.parametrize("shape", [(40, 300), (3, 3, 5, 60)])
def test_exercise_11_2_draws_weights_as_pytorchs_layers_do(torch, rng, shape):
    torch.manual_seed(0)
    nn = torch.nn
    layer = nn.Linear(40, 300) if len(shape) == 2 else nn.Conv2d(5, 60, 3)
    theirs = layer.weight.detach().numpy()
    W = uniform_weights(shape, rng, np.float64)
    assert_allclose(np.abs(theirs).max(), np.abs(W).max(), rtol=0.01)
    assert_allclose(theirs.std(), W.std(), rtol=0.05)
