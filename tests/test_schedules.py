"""Schedules: by hand, as PyTorch's, and as an optimizer uses them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import course_utils as cu


def rates(schedule, steps):
    return [schedule(step) for step in range(steps)]


def test_step_decay_by_hand():
    assert_allclose(rates(cu.step_decay(8.0, every=2, factor=0.5), 6), [8, 8, 4, 4, 2, 2])


def test_cosine_decay_by_hand():
    expected = [3, 1 + 2 * (1 + np.sqrt(0.5)) / 2, 2, 1 + 2 * (1 - np.sqrt(0.5)) / 2, 1, 1]
    assert_allclose(rates(cu.cosine_decay(3.0, steps=4, final=1.0), 6), expected)
    assert_allclose(cu.cosine_decay(3.0, steps=4)(4), 0, atol=1e-15)


def test_warm_up_by_hand():
    assert_allclose(rates(cu.warm_up(4, 0.8), 6), [0.2, 0.4, 0.6, 0.8, 0.8, 0.8])
    falling = cu.warm_up(2, cu.step_decay(8.0, every=2, factor=0.5))
    assert_allclose(rates(falling, 7), [4, 8, 8, 8, 4, 4, 2])


def test_schedules_are_those_of_pytorch(torch):
    def theirs(make, steps=30):
        parameter = torch.nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([parameter], lr=0.5)
        schedule = make(optimizer, torch.optim.lr_scheduler)
        found = []
        for _ in range(steps):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return found

    steps = theirs(lambda o, s: s.StepLR(o, step_size=7, gamma=0.3))
    assert_allclose(rates(cu.step_decay(0.5, every=7, factor=0.3), 30), steps)
    cosine = theirs(lambda o, s: s.CosineAnnealingLR(o, T_max=30, eta_min=0.1))
    assert_allclose(rates(cu.cosine_decay(0.5, steps=30, final=0.1), 30), cosine)
    warm = theirs(lambda o, s: s.LinearLR(o, start_factor=1 / 10, total_iters=9))
    assert_allclose(rates(cu.warm_up(10, 0.5), 30), warm)


@pytest.mark.parametrize("make", [cu.SGD, cu.Adam, cu.AdamW])
def test_an_optimizer_follows_its_schedule(make, rng):
    def schedule(step):
        return 0.1 / (1 + step)

    following, by_hand = make(schedule), make(0.1)
    W, W_by_hand = np.ones((2, 3)), np.ones((2, 3))
    for step in range(5):
        gradient = rng.normal(size=W.shape)
        following.step([W], [gradient])
        by_hand.learning_rate = 0.1 / (1 + step)
        by_hand.step([W_by_hand], [gradient])
    assert_allclose(W, W_by_hand, rtol=1e-14)
    assert following.steps_made == 5
    assert repr(following).startswith(f"{make.__name__}(schedule")
    following.step([np.ones((2, 3))], [gradient])  # other parameters: from step 0 on
    assert following.steps_made == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cu.step_decay(0, every=5), "rate must be a number above 0, got 0"),
        (lambda: cu.step_decay(0.1, every=0), "every must be a whole number of at least 1"),
        (lambda: cu.step_decay(0.1, every=5, factor=-1), "factor must be a number above 0"),
        (lambda: cu.cosine_decay("0.1", steps=5), "rate must be a number above 0"),
        (lambda: cu.cosine_decay(0.1, steps=2.5), "steps must be a whole number"),
        (lambda: cu.cosine_decay(0.1, steps=5, final=-1), "final must be a number at least 0"),
        (lambda: cu.warm_up(0, 0.1), "steps must be a whole number of at least 1"),
        (lambda: cu.warm_up(5, None), "then must be a number above 0, got None"),
    ],
)
def test_wrong_arguments_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("rate", [-0.1, None, "0.1", float("inf")])
def test_a_schedule_that_gives_no_rate_is_refused(rate):
    W = np.ones((2, 3))
    with pytest.raises(ValueError, match="learning_rate at step 0 must be a number at least 0"):
        cu.SGD(lambda step: rate).step([W], [W])
    assert (W == 1).all()
