"""Automatic differentiation against centred differences, PyTorch, and the layers' backward."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import broadcastable_shapes, mutually_broadcastable_shapes
from numpy.testing import assert_allclose, assert_array_equal

import course_utils as cu
from course_utils import Tensor, no_grad

# name: (function of tensors, the shapes of its operands); what log and / take is above zero
OPERATIONS = {
    "add": (lambda x, y: x + y, (3, 4), (3, 4)),
    "add, rows": (lambda x, y: x + y, (3, 4), (4,)),
    "add, columns": (lambda x, y: x + y, (3, 1), (2, 3, 4)),
    "add a number": (lambda x: x + 2, (3, 4)),
    "add to an array": (lambda x: np.arange(4) + x, (3, 1)),
    "subtract": (lambda x, y: x - y, (3, 4), (1, 4)),
    "subtract from a number": (lambda x: 2 - x, (3, 4)),
    "multiply": (lambda x, y: x * y, (3, 4), (3, 1)),
    "multiply by an array": (lambda x: np.arange(12).reshape(3, 4) * x, (4,)),
    "multiply by itself": (lambda x: x * x, (3, 4)),
    "divide": (lambda x, y: x / (1 + y * y), (3, 4), (4,)),
    "divide a number": (lambda x: 2 / (1 + x * x), (3, 4)),
    "power": (lambda x: x**3, (3, 4)),
    "negative power": (lambda x: (1 + x * x) ** -0.5, (3, 4)),
    "negate": (lambda x: -x, (3, 4)),
    "matrix product": (lambda x, y: x @ y, (3, 4), (4, 2)),
    "product of many matrices": (lambda x, y: x @ y, (5, 3, 4), (5, 4, 2)),
    "one matrix for many": (lambda x, y: x @ y, (5, 3, 4), (4, 2)),
    "array times tensor": (lambda x: np.arange(6).reshape(2, 3) @ x, (3, 4)),
    "vector times vector": (lambda x, y: x @ y, (4,), (4,)),
    "vector times matrix": (lambda x, y: x @ y, (4,), (4, 2)),
    "matrix times vector": (lambda x, y: x @ y, (3, 4), (4,)),
    "exp": (lambda x: x.exp(), (3, 4)),
    "log": (lambda x: (1 + x * x).log(), (3, 4)),
    "tanh": (lambda x: x.tanh(), (3, 4)),
    "sigmoid": (lambda x: x.sigmoid(), (3, 4)),
    "relu": (lambda x: x.relu(), (3, 4)),
    "softmax": (lambda x: x.softmax(), (2, 3, 4)),
    "softmax cross-entropy": (lambda x: x.softmax_cross_entropy([2, 0, 3]), (3, 4)),
    "sum": (lambda x: x.sum(), (3, 4)),
    "sum over rows": (lambda x: x.sum(axis=0), (3, 4)),
    "sum over two axes": (lambda x: x.sum(axis=(0, -1)), (2, 3, 4)),
    "sum that keeps axes": (lambda x: x / (1 + (x * x).sum(axis=-1, keepdims=True)), (3, 4)),
    "mean": (lambda x: x.mean(), (3, 4)),
    "mean over columns": (lambda x: x - x.mean(axis=1, keepdims=True), (3, 4)),
    "reshape": (lambda x: x.reshape(2, -1), (3, 4)),
    "transpose": (lambda x: x.T, (3, 4)),
    "transpose three axes": (lambda x: x.transpose(2, 0, 1), (2, 3, 4)),
    "a row": (lambda x: x[1], (3, 4)),
    "a slice": (lambda x: x[:, 1:3], (3, 4)),
    "rows taken twice": (lambda x: x[[2, 0, 2]], (3, 4)),
    "an embedding": (lambda x: x[np.array([[0, 2], [2, 2]])], (3, 4)),
    "a number of each row": (lambda x: x[np.arange(3), [3, 0, 3]], (3, 4)),
}
every_operation = pytest.mark.parametrize(
    ("f", "shapes"), [(f, shapes) for f, *shapes in OPERATIONS.values()], ids=OPERATIONS
)


@every_operation
def test_gradients_agree_with_differences(f, shapes, rng):
    operands = [Tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]
    weights = rng.normal(size=f(*operands).shape)  # so that each number has a gradient of its own
    (f(*operands) * weights).backward(sum=True)
    for x in operands:
        differences = cu.numerical_gradient(
            lambda _: np.sum(f(*operands).data * weights), x.data, epsilon=1e-5
        )
        assert x.grad.shape == x.shape
        assert cu.relative_error(x.grad, differences) < 1e-7


@every_operation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_and_gradients_keep_the_dtype(f, shapes, dtype, rng):
    operands = [Tensor(rng.normal(size=s).astype(dtype), requires_grad=True) for s in shapes]
    result = f(*operands)
    result.backward(sum=True)
    assert {result.dtype, *(x.grad.dtype for x in operands)} == {np.dtype(dtype)}


@every_operation
def test_operands_are_left_alone(f, shapes, rng):
    operands = [Tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]
    before = [x.data.copy() for x in operands]
    f(*operands).backward(sum=True)
    assert all(map(np.array_equal, [x.data for x in operands], before))


# Against PyTorch, in shapes as they come

WITH_TWO = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / (y * y + 1),
}
WITH_ONE = {
    "**": lambda x: x**3,
    "neg": lambda x: -x,
    "exp": lambda x: x.exp(),
    "log": lambda x: (x * x + 1).log(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: x.sigmoid(),
    "relu": lambda x: x.relu(),
    "sum": lambda x: x.sum(),
    "sum of the last": lambda x: x.sum(-1),
    "mean of the first": lambda x: x.mean(0),
    "reshape": lambda x: x.reshape(-1),
    "first and last": lambda x: x[0] * x[-1],
    "rows twice": lambda x: x[[0, 0, -1]],
}


def assert_like_pytorch(torch, f, theirs, shapes, seed):
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=shape) for shape in shapes]
    ours = [Tensor(array, requires_grad=True) for array in arrays]
    operands = [torch.tensor(array, requires_grad=True) for array in arrays]
    result, expected = f(*ours), theirs(*operands)
    assert_allclose(result.data, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    weights = rng.normal(size=result.shape)
    (result * weights).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    for x, y in zip(ours, operands, strict=True):
        assert x.grad.shape == x.shape
        assert_allclose(x.grad, y.grad.numpy(), rtol=1e-10, atol=1e-12)


@settings(max_examples=200, deadline=None)
@given(
    operation=st.sampled_from(sorted(WITH_TWO)),
    shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4),
    seed=st.integers(0, 1000),
)
def test_two_operands_as_in_pytorch(torch, operation, shapes, seed):
    f = WITH_TWO[operation]
    assert_like_pytorch(torch, f, f, shapes.input_shapes, seed)


@settings(max_examples=200, deadline=None)
@given(
    operation=st.sampled_from(sorted(WITH_ONE)),
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
)
def test_one_operand_as_in_pytorch(torch, operation, shape, seed):
    f = WITH_ONE[operation]
    assert_like_pytorch(torch, f, f, [shape], seed)


@settings(max_examples=200, deadline=None)
@given(
    shapes=mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, max_side=4),
    seed=st.integers(0, 1000),
)
def test_matrix_products_as_in_pytorch(torch, shapes, seed):
    assert_like_pytorch(torch, lambda x, y: x @ y, lambda x, y: x @ y, shapes.input_shapes, seed)


@settings(max_examples=50, deadline=None)
@given(
    shape=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    order=st.permutations(range(4)),
    seed=st.integers(0, 1000),
)
def test_transposes_as_in_pytorch(torch, shape, order, seed):
    axes = [axis for axis in order if axis < len(shape)]
    assert_like_pytorch(
        torch, lambda x: x.transpose(*axes), lambda x: x.permute(*axes), [shape], seed
    )


@settings(max_examples=50, deadline=None)
@given(shape=broadcastable_shapes((3, 4, 5), min_dims=1, min_side=1), seed=st.integers(0, 1000))
def test_softmax_as_in_pytorch(torch, shape, seed):
    assert_like_pytorch(torch, lambda x: x.softmax(), lambda x: x.softmax(-1), [shape], seed)


def test_softmax_cross_entropy_as_in_pytorch(torch):
    labels = np.array([3, 0, 3, 1, 2])
    assert_like_pytorch(
        torch,
        lambda x: 3 * (10 * x).softmax_cross_entropy(labels),
        lambda x: 3 * torch.nn.functional.cross_entropy(10 * x, torch.tensor(labels)),
        [(5, 4)],
        seed=0,
    )


# Networks


def test_a_graph_by_hand():
    """f = (a + b) · b at a = 2, b = 3: df/da = b = 3; b is used twice, df/db = b + (a + b) = 8."""
    a, b = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    s = a + b
    f = s * b
    f.backward()
    assert (f.item(), a.grad, b.grad, s.grad, f.grad) == (15, 3, 8, 3, 1)
    assert [tensor.operation for tensor in f.graph()] == ["", "", "+", "*"]
    assert f.graph()[-2:] == [s, f]
    assert [operand for operand, _ in f.inputs] == [s, b]


def mlp(rng, sizes=(784, 500, 150, 10)):
    """A Sequential, and tensors that hold its arrays."""
    layers = [layer for units in sizes[1:] for layer in (cu.Dense(units), cu.ReLU())][:-1]
    net = cu.Sequential(layers, input_shape=sizes[0], rng=rng)
    return net, [Tensor(p, requires_grad=True) for p in net.parameters()]


def forward(tensors, X):
    W1, b1, W2, b2, W3, b3 = tensors
    return ((X @ W1 + b1).relu() @ W2 + b2).relu() @ W3 + b3


def test_gradients_of_an_mlp_are_those_of_the_layers(rng):
    net, tensors = mlp(rng)
    X, y = rng.random((128, 784)), rng.integers(10, size=128)
    value, gradient = cu.softmax_cross_entropy(net.forward(X), y)
    net.backward(gradient)
    loss = forward(tensors, X).softmax_cross_entropy(y)
    loss.backward()
    assert loss.item() == value
    for tensor, theirs in zip(tensors, net.gradients(), strict=True):
        assert_allclose(tensor.grad, theirs, rtol=1e-12, atol=1e-15)


def test_gradients_add_up_until_they_are_forgotten(rng):
    x = Tensor(rng.normal(size=3), requires_grad=True)
    for times in (1, 2, 3):
        y = (x * x).sum()
        y.backward()
        assert_allclose(x.grad, times * 2 * x.data)
        assert y.grad == 1
    x.zero_grad()
    assert x.grad is None
    y.backward()
    y.backward()  # once more through the same graph
    assert_allclose(x.grad, 2 * 2 * x.data)


def test_gradients_of_two_parameters_are_two_arrays(rng):
    """Clipping in place would scale a shared one twice."""
    x, y = (Tensor(rng.normal(size=3), requires_grad=True) for _ in range(2))
    (x + y).sum().backward()
    x.grad *= 10
    assert_array_equal(x.grad, [10, 10, 10])
    assert_array_equal(y.grad, [1, 1, 1])


def test_a_constant_gets_no_gradient(rng):
    x, constant = Tensor(rng.normal(size=3), requires_grad=True), Tensor(np.ones(3))
    (x * constant).sum().backward()
    assert constant.grad is None
    assert x.grad is not None


def test_a_very_long_graph():
    """Python would not go 100,000 calls deep, neither to go back nor to clear away."""
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.backward()
    assert x.grad == 1
    assert len(y.graph()) == 200_001
    del y


def test_a_graph_with_many_paths_is_gone_through_once():
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(60):  # 2**60 paths
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_within_no_grad_nothing_is_remembered():
    x = Tensor(2.0, requires_grad=True)
    with no_grad():
        y = x * x
    assert (y.inputs, y.requires_grad, y.item()) == ((), False, 4)
    with pytest.raises(ValueError, match="in the middle"), no_grad():
        raise ValueError("in the middle")
    assert (x * x).requires_grad


def test_memory_does_not_grow_from_step_to_step(rng):
    _, tensors = mlp(rng, (20, 30, 30, 3))
    X, y = rng.random((50, 20)), rng.integers(3, size=50)
    optimizer = cu.Adam(0.01)

    def steps(n):
        for _ in range(n):
            for tensor in tensors:
                tensor.zero_grad()
            loss = forward(tensors, X).softmax_cross_entropy(y)
            loss.backward()
            optimizer.step([t.data for t in tensors], [t.grad for t in tensors])

    gc.collect()
    gc.disable()  # nothing may wait for the collector of cycles
    tracemalloc.start()
    try:
        steps(5)
        before = tracemalloc.get_traced_memory()[0]
        steps(50)
        assert tracemalloc.get_traced_memory()[0] - before < 5_000
    finally:
        tracemalloc.stop()
        gc.enable()


def test_a_graph_is_gone_with_its_last_tensor(rng):
    x = Tensor(rng.normal(size=3), requires_grad=True)
    y = x.exp().softmax()[1:]
    inner = weakref.ref(y.inputs[0][0])
    gc.disable()
    try:
        del y
        assert inner() is None
    finally:
        gc.enable()


# What is refused


@pytest.mark.parametrize("shape", [(2,), (0,), (3, 4)])
def test_backward_of_many_numbers_is_refused(shape):
    x = Tensor(np.ones(shape), requires_grad=True)
    with pytest.raises(ValueError, match=r"begins at one number, got shape .*\.mean\(\).*sum=True"):
        (2 * x).backward()
    assert x.grad is None
    (2 * x).backward(sum=True)
    assert_array_equal(x.grad, np.full(shape, 2.0))


def test_one_number_may_have_any_shape():
    x = Tensor(np.arange(4.0).reshape(4, 1), requires_grad=True)
    (2 * x.T @ x).backward()  # (1, 1)
    assert_array_equal(x.grad, 4 * x.data)


def test_backward_of_a_constant_is_refused():
    with pytest.raises(RuntimeError, match="requires_grad=True, outside of no_grad"):
        Tensor(2.0).backward()


def test_two_dtypes_are_refused():
    x = Tensor(np.ones(3, np.float32), requires_grad=True)
    with pytest.raises(TypeError, match="one dtype, got float32 and float64: use .astype"):
        x + np.ones(3)
    assert (x + 2.5 + np.float64(1) + np.ones(3, int) + (x.data > 0)).dtype == np.float32


@pytest.mark.parametrize("other", ["2", None, [object()], [Tensor([1, 2])]])
def test_what_is_no_number_is_refused(other):
    with pytest.raises(TypeError, match="must be an array of numbers"):
        Tensor(2.0) + other
    with pytest.raises(TypeError, match="must be an array of numbers"):
        Tensor(other)


def test_an_exponent_that_is_a_tensor_is_refused():
    with pytest.raises(TypeError, match="exponent must be a number, got Tensor"):
        Tensor(2.0) ** Tensor(3.0)


def test_labels_are_checked():
    with pytest.raises(ValueError, match=r"labels must be integers in 0\.\.3, got 4"):
        Tensor(np.ones((2, 4))).softmax_cross_entropy([0, 4])


def test_repr():
    assert repr(Tensor([1, 2.5])) == "Tensor([1. , 2.5])"
    assert repr(Tensor(3.0, requires_grad=True)) == "Tensor(3., requires_grad=True)"
    assert (len(Tensor([1, 2])), Tensor([1, 2]).ndim, Tensor([[1, 2]]).T.shape) == (2, 1, (2, 1))
