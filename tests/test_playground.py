"""The playground: what it trains, what it says, and the line that makes it again."""

import re

import numpy as np
import psutil
import pytest

import course_utils as cu
from course_utils.figures.playground import ACTIVATIONS, DATA, Experiment


def alt_of(shown):
    return re.search('alt="([^"]*)"', shown.picture.value)[1]


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_line_makes_the_same_again(data, activation):
    settings = {"hidden": (4, 3), "learning_rate": 0.1, "weight_decay": 0.003, "noise": 0.1}
    for chosen in ({}, settings, {"hidden": (), "seed": 12}):
        shown = cu.playground(data, activation=activation, **chosen)
        again = eval(shown.experiment.line(), {"cu": cu})
        assert again.experiment == shown.experiment
        assert alt_of(again) == alt_of(shown)
        for name, control in again.controls.items():
            assert control.value == getattr(shown.experiment, name)


def test_every_control_changes_the_line_and_the_picture():
    shown = cu.playground()
    shown.train(20)
    new = {
        "data": "circles",
        "activation": "relu",
        "hidden": (4, 4),
        "noise": 0.3,
        "seed": 4,
        "learning_rate": 1.0,
        "weight_decay": 0.03,
    }
    for name, value in new.items():
        before, steps = shown.picture.value, len(shown.experiment.losses)
        shown.controls[name].value = value
        assert getattr(shown.experiment, name) == value
        if name in ("learning_rate", "weight_decay"):
            assert len(shown.experiment.losses) == steps  # goes on
        else:
            assert len(shown.experiment.losses) == 1  # starts anew
            assert shown.picture.value != before
        shown.train(5)
    assert shown.code.value == "<code>" + shown.experiment.line().replace('"', "&quot;") + "</code>"
    assert shown.experiment == eval(shown.experiment.line(), {"cu": cu}).experiment


def test_it_trains_as_train_does():
    experiment = Experiment("circles", (5,), "relu", 0.2, 0.01, 0.1, 3)
    other = Experiment("circles", (5,), "relu", 0.2, 0.01, 0.1, 3)
    experiment.train(30)
    history = cu.train(
        other.network,
        other.X,
        other.y[:, None],
        loss=cu.binary_cross_entropy,
        optimizer=cu.SGD(0.2, weight_decay=0.01),
        epochs=30,
        batch_size=len(other.X),
        rng=np.random.default_rng(0),
    )
    found = [loss for loss, _ in experiment.losses[:-1]]
    np.testing.assert_allclose(found, history.loss)


def test_the_buttons_step_play_and_reset():
    shown = cu.playground("spirals", hidden=(4,))
    one, hundred, player, reset = shown.buttons
    first = alt_of(shown)
    one.click()
    hundred.click()
    player.value = 1
    player.value = 2
    assert f"After {1 + 100 + 2 * shown.per_tick} steps" in alt_of(shown)
    reset.click()
    assert alt_of(shown) == first


def test_weights_that_run_away_are_said_and_reset_brings_them_back():
    shown = cu.playground("spirals", hidden=(32, 32), activation="relu", learning_rate=100.0)
    with np.errstate(over="raise", invalid="raise"):
        shown.train(300)
    assert "which has diverged" in alt_of(shown)
    steps = len(shown.experiment.losses)
    shown.train(10)
    assert len(shown.experiment.losses) == steps
    assert np.isfinite(shown.experiment.losses).all()
    shown.reset()
    assert "diverged" not in alt_of(shown)


@pytest.mark.parametrize(
    "name, value",
    [
        ("data", "xor"),
        ("hidden", 8),
        ("hidden", (8, 0)),
        ("hidden", (2.5,)),
        ("activation", "gelu"),
        ("learning_rate", 0),
        ("learning_rate", "fast"),
        ("weight_decay", -1),
        ("noise", -0.1),
        ("seed", -1),
        ("seed", 1.5),
    ],
)
def test_other_settings_are_refused_by_name(name, value):
    with pytest.raises((ValueError, TypeError), match=f"^{name} must be"):
        cu.playground(**{name: value})


@pytest.mark.parametrize("data", DATA)
def test_both_classes_are_on_both_sides(data):
    experiment = Experiment(data)
    for y in (experiment.y, experiment.y_val):
        assert 35 <= y.sum() <= 65
    assert not np.array_equal(experiment.X, experiment.X_val)


def test_playing_leaves_nothing_behind():
    shown, process = cu.playground(), psutil.Process()

    def ticks(count):
        for _ in range(count):
            shown.train(1)
        return process.memory_info().rss

    before = ticks(50)
    assert ticks(500) - before < 20e6
