"""Explorers: moving a control draws the picture that belongs to its value."""

import base64
import io
import re

import ipywidgets
import numpy as np
import pytest
from PIL import Image

import course_utils as cu
from course_utils.widgets import Explorer


@pytest.fixture
def points(rng):
    X = rng.normal(size=(30, 2))
    return X, (X[:, 0] > 0).astype(int)


def alt_of(explorer):
    return re.search('alt="([^"]*)"', explorer.picture.value)[1]


def picture_of(explorer):
    data = re.search(r"base64,([^\"]+)", explorer.picture.value)[1]
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_an_explorer_draws_at_once_and_after_each_move():
    seen = []

    def draw(figure, a):
        seen.append(a)
        figure.subplots().plot([0, a])
        return f"A line to {a}."

    explorer = Explorer("a line", {"a": ipywidgets.FloatSlider(1.0)}, draw)
    first = explorer.picture.value
    explorer.controls["a"].value = 2.0
    assert seen == [1.0, 2.0]
    assert explorer.picture.value != first
    assert alt_of(explorer) == "A line to 2.0."
    assert picture_of(explorer).text["Description"] == "A line to 2.0."


def test_the_stored_text_of_an_explorer_is_the_same_at_every_run(points):
    explorer = cu.logistic_unit_explorer(*points)
    assert repr(explorer).startswith("Explorer: a logistic unit")
    assert repr(explorer) == repr(cu.logistic_unit_explorer(*points))
    assert explorer._repr_mimebundle_()["text/plain"] == repr(explorer)


def test_logistic_unit_explorer_tells_the_loss_of_its_sliders(points):
    X, y = points
    explorer = cu.logistic_unit_explorer(X, y)
    explorer.controls["w1"].value = 2.0
    explorer.controls["b"].value = 0.5
    loss, _ = cu.binary_cross_entropy(X @ np.array([2.0, -1.0]) + 0.5, y)
    assert f"loss {loss:.3f}" in alt_of(explorer)


def test_training_explorer_shows_the_chosen_run():
    curves = {(r, s): [r, s / 100] for r in (0.1, 0.3) for s in (8, 32)}
    explorer = cu.training_explorer(curves)
    explorer.controls["learning_rate"].value = 0.1
    explorer.controls["batch_size"].value = 8
    assert "learning rate 0.1 and batch size 8: from 0.1 to 0.08." in alt_of(explorer)


def test_activation_explorer_tells_value_and_slope_of_its_controls():
    explorer = cu.activation_explorer()
    explorer.controls["name"].value = "tanh"
    explorer.controls["z"].value = -0.5
    a = np.tanh(-0.5)
    assert f"value {a:.3f}, slope {1 - a * a:.3f}." in alt_of(explorer)
