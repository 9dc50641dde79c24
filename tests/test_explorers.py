"""Explorers: moving a control draws the picture that belongs to its value."""

import base64
import io
import re

import ipywidgets
import numpy as np
import psutil
import pytest
from PIL import Image

import course_utils as cu
from course_utils.figures.attacks import attacked
from course_utils.figures.explorer import Explorer


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

    def draw(ax, a):
        seen.append(a)
        ax.plot([0, a])
        return f"A line to {a}."

    control = ipywidgets.FloatSlider(1.0)
    explorer = Explorer("a line", {"a": control}, lambda figure: figure.subplots(), draw)
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


def test_the_buttons_of_the_logistic_unit_make_steps_of_gradient_descent(points):
    X, y = points
    explorer = cu.logistic_unit_explorer(X, y)
    controls = explorer.controls
    *_, one, ten, player, reset = explorer.children[0].children
    controls["rate"].value = 0.3
    drawn = []
    explorer.picture.observe(drawn.append, names="value")
    one.click()
    ten.click()
    player.value = 1
    assert len(drawn) == 3  # once each, though three sliders move
    w, b = np.array([1.0, -1.0]), 0.0
    for _ in range(12):
        _, dz = cu.binary_cross_entropy(X @ w + b, y)
        w, b = w - 0.3 * X.T @ dz, b - 0.3 * dz.sum()
    found = [controls[name].value for name in ("w1", "w2", "b")]
    np.testing.assert_allclose(found, np.round([*w, b], 1))  # where the sliders can stand
    loss, _ = cu.binary_cross_entropy(X @ w + b, y)
    assert f"loss {loss:.3f}" in alt_of(explorer)  # and the descent is exact
    reset.click()
    assert [controls[name].value for name in ("w1", "w2", "b")] == [1.0, -1.0, 0.0]


def test_a_descent_that_would_leave_the_map_ends_at_its_edge(points):
    X, y = points
    explorer = cu.logistic_unit_explorer(100 * X, y, limit=6.0)
    explorer.controls["rate"].value = 10.0
    explorer.children[0].children[-3].click()
    assert max(abs(explorer.controls[name].value) for name in ("w1", "w2", "b")) == 6.0


def test_the_threshold_explorer_counts_as_scikit_learn_does(rng):
    from sklearn.metrics import confusion_matrix, precision_score, recall_score

    probability, y = 0.9 * rng.random(50), rng.integers(2, size=50)
    explorer = cu.threshold_explorer(probability, y)
    explorer.controls["threshold"].value = 0.37
    says = probability > 0.37
    (peace, alarms), (missed, found) = confusion_matrix(y, says)
    alt = alt_of(explorer)
    assert f"{found} of class 1 are found and {missed} missed, {alarms} of class 0" in alt
    assert f"{peace} are left in peace" in alt
    scores = precision_score(y, says), recall_score(y, says)
    assert "precision {:.3f}, recall {:.3f}.".format(*scores) in alt
    explorer.controls["threshold"].value = 0.99
    assert "precision nan, recall 0.000" in alt_of(explorer)


@pytest.mark.parametrize(
    "probability, y, name",
    [
        ([0.5, 1.2], [0, 1], "probability"),
        ([0.5, np.nan], [0, 1], "probability"),
        ([[0.5, 0.2]], [[0, 1]], "probability"),
        ([0.5, 0.2], [0, 1, 1], "y"),
        ([0.5, 0.2], [1, 2], "y"),
    ],
)
def test_the_threshold_explorer_refuses_what_is_no_probability_or_class(probability, y, name):
    with pytest.raises(ValueError, match=f"^{name} must be"):
        cu.threshold_explorer(probability, y)


def test_the_valley_explorer_walks_as_sgd_with_momentum_does():
    explorer = cu.valley_explorer()
    explorer.controls["momentum"].value = 0.5
    explorer.controls["steps"].value = 13
    rate = explorer.controls["learning_rate"].value
    w, optimizer = np.array([-8.0, 2.0]), cu.SGD(rate, momentum=0.5)
    for _ in range(13):
        optimizer.step([w], [np.array([1.0, 25.0]) * w])
    assert f"is {np.linalg.norm(w):.3g} from the lowest point." in alt_of(explorer)


def test_the_weight_gradient_explorer_ends_at_the_product():
    from course_utils.figures.backprop import SAMPLES, SLOPES

    explorer = cu.weight_gradient_explorer()
    assert alt_of(explorer).endswith("the sum so far 0, 0 / 0, 0 / 0, 0.")
    explorer.controls["samples"].value = len(SAMPLES)
    dW = " / ".join(", ".join(f"{n:g}" for n in row) for row in SAMPLES.T @ SLOPES)
    assert alt_of(explorer).endswith(f"the sum so far {dW}.")


def test_memory_stays_flat_over_500_moves():
    explorer, process = cu.valley_explorer(), psutil.Process()
    steps = explorer.controls["steps"]

    def moves(count):
        for number in range(count):
            steps.value = number % 30
        return process.memory_info().rss

    before = moves(50)
    assert moves(500) - before < 5e6


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


def test_softmax_explorer_tells_the_cross_entropy_of_its_sliders():
    explorer = cu.softmax_explorer()
    explorer.controls["z0"].value = -3.0
    explorer.controls["label"].value = 0
    loss, _ = cu.softmax_cross_entropy(np.array([[-3.0, 1.0, 0.0, -1.0]]), np.array([0]))
    assert f"true class 0 the cross-entropy is {loss:.3f}" in alt_of(explorer)
    assert explorer.controls["label"].value == 0


def test_the_backprop_explorer_steps():
    explorer = cu.backprop_explorer()
    before = explorer.picture.value
    explorer.controls["step"].value = 13
    assert explorer.picture.value != before
    assert "dx is 2.00" in alt_of(explorer)
    explorer.controls["w1"].value = -1.0
    assert "dw1" not in alt_of(explorer)  # the last step works out dw2 and dx
    assert "dx is 12.00" in alt_of(explorer)


def test_the_polynomial_explorer_tells_both_errors():
    explorer = cu.polynomial_explorer()
    explorer.controls["degree"].value = 15
    explorer.controls["N"].value = 20
    few = alt_of(explorer)
    explorer.controls["N"].value = 200
    assert few.startswith("Degree 15, 20 points") and "Degree 15, 200 points" in alt_of(explorer)
    few, many = (float(re.search(r"error ([\d.]+)\.$", alt)[1]) for alt in (few, alt_of(explorer)))
    assert few > 5 * many


def test_a_live_picture_shows_what_was_drawn_last():
    live = cu.LivePicture("a line")

    def draw(figure):
        figure.subplots().plot([1, 2])
        return "A rising line."

    live.redraw(draw)
    assert 'alt="A rising line."' in live.value
    assert repr(live) == "Live picture: a line."


@pytest.fixture
def kernels():
    return {"edges": [[-1, 0, 1]] * 3, "copy": [[0, 0, 0], [0, 1, 0], [0, 0, 0]]}


def test_the_kernel_explorer_answers_to_a_number_and_to_an_image(rng, kernels):
    images = rng.random((4, 8, 8))
    explorer = cu.kernel_explorer(images, kernels)
    editor = explorer.controls["kernel"]
    assert "the kernel -1, 0, 1 / -1, 0, 1 / -1, 0, 1;" in alt_of(explorer)
    editor.boxes[2][0].value = 2.5
    assert editor.menu.label == "your own"
    assert "the kernel -1, 0, 1 / -1, 0, 1 / 2.5, 0, 1;" in alt_of(explorer)
    explorer.controls["image"].value = 3
    kernel = np.array(editor.value)
    z = cu.conv2d(images[3][None, ..., None], kernel[..., None, None], np.zeros(1))
    assert f"from {z.min():.2f} to {z.max():.2f}." in alt_of(explorer)


def test_the_answer_explorer_moves_the_picture_that_the_networks_see(rng):
    images, seen = rng.random((3, 6, 5)), []

    class Network:
        def predict(self, image):
            seen.append(image[0, :, :, 0])
            return image.sum() * np.eye(10)[[4]]

    explorer = cu.answer_explorer({"CNN": Network()}, images, np.array([4, 7, 4]))
    assert "A picture of a 4: the CNN says 4" in alt_of(explorer)
    explorer.controls["image"].value = 1
    explorer.controls["down"].value = -2
    explorer.controls["right"].value = 1
    assert "A picture of a 7: the CNN says 4" in alt_of(explorer)
    expected = np.zeros((6, 5))
    expected[:4, 1:] = images[1, 2:, :4]
    np.testing.assert_array_equal(seen[-1], expected)
    explorer.controls["strength"].value = 1.0
    assert seen[-1].min() == 0 and seen[-1].max() == 1 and len(np.unique(seen[-1])) > 10


def test_choosing_a_kernel_fills_all_boxes_and_draws_once(rng, kernels):
    explorer = cu.kernel_explorer(rng.random((4, 8, 8, 1)), kernels)
    editor = explorer.controls["kernel"]
    drawn = []
    explorer.picture.observe(drawn.append, names="value")
    editor.menu.label = "copy"
    assert [[box.value for box in row] for row in editor.boxes] == kernels["copy"]
    assert editor.menu.label == "copy"
    assert len(drawn) == 1
    assert "the kernel 0, 0, 0 / 0, 1, 0 / 0, 0, 0;" in alt_of(explorer)
    editor.boxes[1][1].value = 3.0
    editor.menu.label = "copy"  # back again
    assert editor.boxes[1][1].value == 1.0
    assert len(drawn) == 3


@pytest.mark.parametrize("kernels", [{}, {"small": np.ones((3, 3)), "large": np.ones((5, 5))}])
def test_kernels_of_no_or_of_several_sizes_are_refused(kernels):
    with pytest.raises(ValueError, match="kernels must hold kernels of one size"):
        cu.kernel_explorer(np.zeros((1, 28, 28)), kernels)


def test_the_graph_explorer_tells_values_and_gradients_of_its_numbers():
    formulas = {"first": lambda a, b, c: (a * b + c).sigmoid(), "second": lambda a, b, c: a * a}
    explorer = cu.graph_explorer(formulas)
    explorer.controls["a"].value = 1.0
    explorer.controls["b"].value = 0.5
    explorer.controls["c"].value = -0.5
    assert "sigmoid is 0.5, its gradient 1" in alt_of(explorer)
    assert "a is 1, its gradient 0.12" in alt_of(explorer)
    explorer.controls["formula"].value = formulas["second"]
    explorer.controls["a"].value = -3.0
    assert alt_of(explorer).startswith("A graph of 2 boxes: a is -3, its gradient -6; * is 9,")


def test_the_attack_explorer_moves_each_pixel_by_epsilon_uphill(rng):
    network = cu.Sequential([cu.Dense(3), cu.Tanh(), cu.Dense(4)], input_shape=9, rng=rng)
    images, labels = rng.random((2, 9)), np.array([2, 0])
    explorer = cu.attack_explorer(network, images, labels)
    assert alt_of(explorer).startswith("A 2 with epsilon 0.00: ")
    explorer.controls["image"].value = 1
    explorer.controls["epsilon"].value = 0.25
    changed = attacked(network, images[1], 0, 0.25)

    def loss(image):
        return cu.softmax_cross_entropy(network.predict(image[None]), labels[1:])[0]

    slopes = cu.numerical_gradient(loss, images[1].copy())
    np.testing.assert_allclose(changed, np.clip(images[1] + 0.25 * np.sign(slopes), 0, 1))
    a = cu.softmax(network.predict(changed[None]))[0]
    assert f"says {a.argmax()} with probability {a.max():.2f}, and gives 0 {a[0]:.2f}." in alt_of(
        explorer
    )


def test_the_attention_explorer_answers_to_what_is_typed(rng):
    weights = np.zeros((3, 9, 9))
    weights[:, :, 0] = 1
    weights[1] = np.eye(9)
    probabilities = np.zeros((9, 27))
    probabilities[2, 3], probabilities[3, 0] = 0.75, 0.5
    asked = []

    def look(word):
        asked.append(word)
        return weights, probabilities

    explorer = cu.attention_explorer(look, "at")
    alt = alt_of(explorer)
    assert "Head 1: In .at each sign looks most: . at ., a at ., t at .." in alt
    assert "Most likely after it: c 0.75" in alt
    explorer.controls["head"].value = 2
    assert "Head 2: In .at each sign looks most: . at ., a at a, t at t." in alt_of(explorer)
    explorer.controls["word"].value = " Cat "
    assert asked[-1] == "cat"
    assert "Most likely after it: the end 0.50" in alt_of(explorer)
    for no_word in ("c4t", "straightforward", "naïve"):
        explorer.controls["word"].value = no_word
        assert alt_of(explorer) == "Up to 8 letters from a to z, please."
    explorer.controls["word"].value = ""
    assert "In . each sign looks most: . at .." in alt_of(explorer)


def test_the_depth_explorer_measures_what_its_controls_say():
    asked = []

    def measure(depth, initializer, cure):
        asked.append((depth, initializer, cure))
        return [1.0] * depth, [1e-20] * (depth - 1) + [0.5]

    explorer = cu.depth_explorer(measure, [2, 10], ["He", "std 1"], ["none", "residual"])
    explorer.controls["depth"].value = 2
    explorer.controls["initializer"].value = "std 1"
    explorer.controls["cure"].value = "residual"
    assert asked[0] == (10, "He", "none")
    assert asked[-1] == (2, "std 1", "residual")
    assert "size of dW from 1.0e-20 in layer 1 to 5.0e-01 in the last." in alt_of(explorer)
