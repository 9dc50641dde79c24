"""Optimizers: every step worked out by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import course_utils as cu

OPTIMIZERS = [
    cu.SGD(0.1),
    cu.SGD(0.1, momentum=0.9, weight_decay=0.01),
    cu.Adam(0.1),
    cu.AdamW(0.1),
]


def test_sgd_by_hand():
    W = np.array([[1.0, 2.0]])
    cu.SGD(0.1).step([W], [np.array([[10.0, -10.0]])])
    assert_allclose(W, [[1 - 0.1 * 10, 2 + 0.1 * 10]])


def test_momentum_by_hand():
    W, optimizer = np.array([[1.0]]), cu.SGD(0.1, momentum=0.5)
    optimizer.step([W], [np.array([[4.0]])])  # v = 4
    assert_allclose(W, 1 - 0.1 * 4)
    optimizer.step([W], [np.array([[2.0]])])  # v = 0.5 · 4 + 2 = 4
    assert_allclose(W, 0.6 - 0.1 * 4)
    optimizer.step([W], [np.array([[0.0]])])  # v = 0.5 · 4 = 2: it rolls on without a gradient
    assert_allclose(W, 0.2 - 0.1 * 2, atol=1e-15)


def test_weight_decay_pulls_weights_but_not_biases():
    W, b = np.array([[2.0]]), np.array([2.0])
    cu.SGD(0.1, weight_decay=0.5).step([W, b], [np.array([[1.0]]), np.array([1.0])])
    assert_allclose(W, 2 - 0.1 * (1 + 0.5 * 2))
    assert_allclose(b, 2 - 0.1 * 1)


def test_weight_decay_goes_through_the_momentum():
    W, optimizer = np.array([[2.0]]), cu.SGD(0.1, momentum=0.5, weight_decay=0.5)
    optimizer.step([W], [np.array([[1.0]])])  # v = 1 + 0.5 · 2 = 2
    assert_allclose(W, 1.8)
    optimizer.step([W], [np.array([[1.0]])])  # v = 0.5 · 2 + 1 + 0.5 · 1.8 = 2.9
    assert_allclose(W, 1.8 - 0.1 * 2.9)


def test_the_first_step_of_adam_is_as_long_as_the_learning_rate():
    W = np.zeros((1, 3))
    cu.Adam(0.1).step([W], [np.array([[1000.0, -1.0, 0.01]])])
    assert_allclose(W, [[-0.1, 0.1, -0.1]], rtol=1e-5)


def test_adam_by_hand():
    W, optimizer = np.array([[1.0]]), cu.Adam(0.1, beta1=0.5, beta2=0.75, epsilon=1.0)
    optimizer.step([W], [np.array([[4.0]])])
    # m = 0.5 · 4 = 2, corrected 2 / 0.5 = 4; s = 0.25 · 16 = 4, corrected 4 / 0.25 = 16.
    assert_allclose(W, 1 - 0.1 * 4 / (4 + 1))
    optimizer.step([W], [np.array([[-2.0]])])
    # m = 0.5 · 2 - 0.5 · 2 = 0: this time it stays.
    assert_allclose(W, 0.92)
    optimizer.step([W], [np.array([[2.0]])])
    # s was 0.75 · 4 + 0.25 · 4 = 4 and stays 4, corrected 4 / (1 - 0.75³);
    # m = 0.5 · 0 + 0.5 · 2 = 1, corrected 1 / (1 - 0.5³).
    assert_allclose(W, 0.92 - 0.1 * (1 / 0.875) / (np.sqrt(4 / 0.578125) + 1))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_parameters_change_in_place_and_gradients_do_not(optimizer, rng):
    W, b = rng.normal(size=(4, 3)), rng.normal(size=3)
    dW, db = rng.normal(size=(4, 3)), rng.normal(size=3)
    parameters, before = [W, b], [W.copy(), b.copy()]
    gradients_before = [dW.copy(), db.copy()]
    optimizer.step(parameters, [dW, db])
    assert parameters[0] is W
    assert not np.isclose(W, before[0]).any()
    assert not np.isclose(b, before[1]).any()
    assert_array_equal(dW, gradients_before[0])
    assert_array_equal(db, gradients_before[1])


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_keeps_the_dtype(optimizer, dtype, rng):
    W = rng.normal(size=(4, 3)).astype(dtype)
    for _ in range(2):
        optimizer.step([W], [np.ones_like(W)])
    assert W.dtype == dtype
    memory = [
        array for value in vars(optimizer).values() if isinstance(value, list) for array in value
    ]
    assert {array.dtype for array in memory} == {np.dtype(dtype)}


@pytest.mark.parametrize("make", [lambda: cu.SGD(0.1, momentum=0.9), lambda: cu.Adam(0.1)])
def test_another_network_starts_afresh(make):
    gradient = np.array([[1.0, -2.0]])
    used, fresh = make(), make()
    used.step([np.zeros((1, 2))], [gradient])
    W_used, W_fresh = np.ones((1, 2)), np.ones((1, 2))
    for _ in range(2):
        used.step([W_used], [gradient])
        fresh.step([W_fresh], [gradient])
    assert_array_equal(W_used, W_fresh)


@pytest.mark.parametrize("optimizer", [cu.SGD(0.1, momentum=0.5), cu.Adam(0.1, beta1=0.5)])
def test_memory_is_kept_from_step_to_step(optimizer):
    W = np.ones((1, 1))
    optimizer.step([W], [np.ones((1, 1))])
    after_one = W.item()
    optimizer.step([W], [np.zeros((1, 1))])
    assert W.item() < after_one


@pytest.mark.parametrize("optimizer", [cu.SGD(0.1), cu.SGD(0.1, momentum=0.9), cu.Adam(0.1)])
def test_finds_the_bottom_of_a_bowl(optimizer):
    x = np.array([3.0, -2.0])
    for _ in range(300):
        optimizer.step([x], [2 * (x - [1, 2])])  # of (x0 - 1)² + (x1 - 2)²
    assert_allclose(x, [1, 2], atol=1e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cu.SGD(0), "learning_rate must be a number above 0, got 0"),
        (lambda: cu.SGD(-0.1), "learning_rate must be a number above 0, got -0.1"),
        (lambda: cu.SGD("fast"), "learning_rate must be a number above 0, got 'fast'"),
        (lambda: cu.SGD(np.nan), "learning_rate must be a number above 0, got nan"),
        (lambda: cu.SGD(0.1, momentum=1), "momentum must be a number at least 0 and below 1"),
        (lambda: cu.SGD(0.1, weight_decay=-1), "weight_decay must be a number at least 0, got -1"),
        (lambda: cu.Adam(0), "learning_rate must be a number above 0, got 0"),
        (lambda: cu.Adam(beta1=1), "beta1 must be a number at least 0 and below 1, got 1"),
        (lambda: cu.Adam(beta2=-0.5), "beta2 must be a number at least 0 and below 1, got -0.5"),
        (lambda: cu.Adam(epsilon=0), "epsilon must be a number above 0, got 0"),
    ],
)
def test_settings_out_of_range_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_one_gradient_too_few_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        cu.SGD(0.1).step([np.zeros(2), np.zeros(2)], [np.zeros(2)])


def test_repr_shows_the_settings():
    assert repr(cu.SGD(0.1, momentum=0.9)) == "SGD(0.1, momentum=0.9, weight_decay=0.0)"
    assert repr(cu.Adam()) == "Adam(0.001, beta1=0.9, beta2=0.999)"


def test_a_gradient_of_another_shape_is_refused(rng):
    b = np.zeros(3)
    with pytest.raises(ValueError, match=r"gradients must have .*, got \(1,\) for \(3,\)"):
        cu.SGD(0.1).step([b], [np.ones(1)])
    assert (b == 0).all()


def test_momentum_may_be_raised_between_two_steps():
    W, optimizer = np.array([[1.0]]), cu.SGD(0.1)
    optimizer.step([W], [np.array([[4.0]])])
    optimizer.momentum = 0.5
    optimizer.step([W], [np.array([[2.0]])])  # v = 2: there was no momentum before
    assert_allclose(W, 1 - 0.4 - 0.2)
    optimizer.step([W], [np.array([[2.0]])])  # v = 0.5 · 2 + 2 = 3
    assert_allclose(W, 0.4 - 0.3)


def test_momentum_that_was_taken_away_is_forgotten():
    W, optimizer = np.array([[1.0]]), cu.SGD(0.1, momentum=0.5)
    optimizer.step([W], [np.array([[4.0]])])
    optimizer.momentum = 0
    optimizer.step([W], [np.array([[0.0]])])
    optimizer.momentum = 0.5
    optimizer.step([W], [np.array([[0.0]])])
    assert_allclose(W, 0.6)


@pytest.mark.parametrize("make", [lambda: cu.SGD(0.1, momentum=0.9), lambda: cu.Adam(0.1)])
@pytest.mark.parametrize("changed", [0, 1])
def test_a_single_new_array_starts_all_afresh(make, changed):
    """A layer whose W was put in the place of another has the other's b still."""
    gradients = [np.array([1.0, -2.0]), np.array([3.0])]
    used, fresh = make(), make()
    parameters = [np.zeros(2), np.zeros(1)]
    used.step(parameters, gradients)
    parameters[changed] = parameters[changed].copy()
    others = [p.copy() for p in parameters]
    for _ in range(2):
        used.step(parameters, gradients)
        fresh.step(others, gradients)
    assert all(map(np.array_equal, parameters, others))


def test_one_gradient_too_many_is_refused():
    W = np.zeros(2)
    with pytest.raises(ValueError, match="longer"):
        cu.SGD(0.1).step([W], [np.ones(2), np.ones(2)])
    assert (W == 0).all()


class Halving(cu.Optimizer):
    """An optimizer of one's own: each step is half as long as the one before."""

    def start(self, parameters):
        self.length = 1.0

    def update(self, parameters, gradients):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= self.length * gradient
        self.length /= 2


def test_an_optimizer_of_ones_own_writes_update_and_start():
    W, optimizer = np.zeros(1), Halving()
    for _ in range(3):
        optimizer.step([W], [np.ones(1)])
    assert_allclose(W, -1.75)
    optimizer.forget()
    optimizer.step([W], [np.ones(1)])
    assert_allclose(W, -2.75)


def test_an_optimizer_without_start_remembers_nothing():
    class Plain(cu.Optimizer):
        def update(self, parameters, gradients):
            parameters[0] -= gradients[0]

    W = np.zeros(1)
    Plain().step([W], [np.ones(1)])
    assert_allclose(W, -1)


def test_an_optimizer_without_update_says_so():
    class Idle(cu.Optimizer):
        pass

    with pytest.raises(NotImplementedError, match="Idle has no update"):
        Idle().step([np.zeros(1)], [np.ones(1)])


def test_adamw_by_hand():
    W, b = np.array([[2.0]]), np.array([2.0])
    optimizer = cu.AdamW(0.1, weight_decay=0.5, epsilon=1.0)
    optimizer.step([W, b], [np.array([[4.0]]), np.array([4.0])])
    # The first step of Adam is 0.1 · 4 / (4 + 1); before it the weight is 2 · (1 - 0.1 · 0.5).
    assert_allclose(W, 1.9 - 0.08)
    assert_allclose(b, 2 - 0.08)  # a bias does not decay


def test_without_decay_adamw_is_adam(rng):
    W, W_adam = np.ones((2, 3)), np.ones((2, 3))
    adamw, adam = cu.AdamW(0.1, weight_decay=0), cu.Adam(0.1)
    for _ in range(3):
        gradient = rng.normal(size=W.shape)
        adamw.step([W], [gradient])
        adam.step([W_adam], [gradient])
    assert_array_equal(W, W_adam)


def test_clipping_by_hand():
    gradients = [np.array([[3.0, 0.0]]), np.array([4.0])]
    clipped, norm = cu.clip_gradients(gradients, 2.5)
    assert norm == 5
    assert_allclose(clipped[0], [[1.5, 0]])
    assert_allclose(clipped[1], [2])
    assert_array_equal(gradients[1], [4])


def test_short_gradients_are_not_clipped():
    gradients = [np.array([3.0, 4.0])]
    clipped, norm = cu.clip_gradients(gradients, 5.0)
    assert (clipped[0] is gradients[0], norm) == (True, 5)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_what_is_not_finite_is_not_clipped_away(value):
    gradients = [np.array([1.0, value])]
    clipped, norm = cu.clip_gradients(gradients, 1.0)
    assert not np.isfinite(norm)
    assert_array_equal(clipped[0], gradients[0])


def test_clipping_keeps_the_dtype():
    clipped, _ = cu.clip_gradients([np.full(3, 9, np.float32)], 1.0)
    assert clipped[0].dtype == np.float32


@pytest.mark.parametrize("max_norm", [0, -1, None])
def test_a_norm_that_is_not_above_zero_is_refused(max_norm):
    with pytest.raises(ValueError, match="max_norm must be a number above 0"):
        cu.clip_gradients([np.ones(3)], max_norm)


def test_a_gradient_that_is_not_there_yet_is_named():
    with pytest.raises(ValueError, match="gradients must be arrays, got None: call backward first"):
        cu.SGD(0.1).step([np.ones(3)], [None])
