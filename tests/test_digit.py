"""A digit that one draws is made as MNIST's digits were, and the networks answer to it."""

import re
import time

import numpy as np
import psutil
import pytest

import course_utils as cu
from course_utils.figures.digit import SIDE


@pytest.fixture(scope="module")
def digits():
    (X, y), _ = cu.load_mnist()
    return X[:300].reshape(-1, 28, 28), y[:300]


@pytest.fixture(scope="module")
def networks(digits):
    X, y = digits
    rng = np.random.default_rng(0)
    mlp = cu.Sequential([cu.Dense(30), cu.ReLU(), cu.Dense(10)], input_shape=784, rng=rng)
    layers = [cu.Conv2D(8, 5, stride=2), cu.ReLU(), cu.Flatten(), cu.Dense(10)]
    cnn = cu.Sequential(layers, input_shape=(28, 28, 1), rng=rng)
    for network in (mlp, cnn):
        cu.train(
            network,
            X.reshape(-1, *network.input_shape),
            y,
            loss=cu.softmax_cross_entropy,
            optimizer=cu.SGD(0.1),
            epochs=5,
            batch_size=10,
            rng=rng,
        )
    return {"MLP": mlp, "CNN": cnn}


def alt_of(explorer):
    return re.search('alt="([^"]*)"', explorer.picture.value)[1]


def test_a_digit_that_is_enlarged_and_moved_is_found_as_it_was(digits):
    for image in digits[0]:
        drawn = np.zeros((5 * 40, 5 * 50))
        drawn[7:147, 100:240] = np.kron(image, np.ones((5, 5)))
        np.testing.assert_allclose(cu.center_digit(drawn), image, atol=1e-6)


@pytest.mark.parametrize("height, width, expected", [(90, 9, (20, 2)), (9, 90, (2, 20))])
def test_the_longer_side_becomes_20_pixels_and_the_centre_of_mass_is_in_the_middle(
    height, width, expected
):
    drawn = np.zeros((100, 100))
    drawn[3 : 3 + height, 5 : 5 + width] = 1
    image = cu.center_digit(drawn)
    rows, columns = image.nonzero()
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == expected
    assert abs(rows.mean() - 14) <= 0.5 and abs(columns.mean() - 14) <= 0.5
    assert image.max() == 1


def test_what_cannot_be_centred_stays_inside():
    drawn = np.zeros((40, 40))
    drawn[0, 0], drawn[30:, 30:] = 0.1, 1  # the centre of mass is near the lower right
    image = cu.center_digit(drawn)
    rows, columns = image.nonzero()
    assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == 20


def test_empty_paper_and_one_pixel():
    assert not cu.center_digit(np.zeros((50, 50))).any()
    assert not cu.center_digit(np.zeros((0, 0))).any()
    dot = np.zeros((50, 50))
    dot[3, 4] = 1
    assert cu.center_digit(dot).sum() == 400


@pytest.mark.parametrize(
    "pixels", [np.zeros(784), np.zeros((2, 28, 28)), np.full((3, 3), 255.0), [[0.0, np.nan]]]
)
def test_what_is_no_drawing_is_refused(pixels):
    with pytest.raises(ValueError, match="^pixels must "):
        cu.center_digit(pixels)


def test_the_networks_see_what_stands_on_the_paper(networks, digits):
    X, _ = digits
    explorer = cu.digit_explorer(networks, X[:20])
    stored = explorer.children[0].children[1]
    stored.value = 8  # the first digit is number 1
    for name, network in networks.items():
        a = cu.softmax(network.predict(X[7].reshape(1, *network.input_shape)))[0]
        assert f"{name}: {a.argmax()}, with probability {a.max():.2f}" in alt_of(explorer)
    drawing = np.zeros((SIDE, SIDE), np.uint8)
    explorer.controls["value"].value = memoryview(drawing.tobytes())  # as the browser sends it
    assert alt_of(explorer).startswith("Empty paper. MLP: ")
    drawing[20:120, 60:70] = 255
    explorer.controls["value"].value = memoryview(drawing.tobytes())
    assert alt_of(explorer).startswith("A drawing of 40 dark pixels")
    assert stored.value == 0  # since the paper was emptied
    stored.value = 8
    np.testing.assert_allclose(explorer.controls["value"].pixels(), np.kron(X[7], np.ones((5, 5))))


def test_networks_that_do_not_read_digits_are_refused(digits):
    images = digits[0][:3]
    other = cu.Sequential([cu.Dense(2)], input_shape=2, rng=np.random.default_rng(0))
    open_ended = cu.Sequential([cu.Dense(10)], rng=np.random.default_rng(0))
    for network in (other, open_ended):
        with pytest.raises(ValueError, match="networks: 'mine' must take images of 28 by 28"):
            cu.digit_explorer({"mine": network}, images)
    one = cu.Sequential([cu.Dense(1)], input_shape=784, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"networks: 'mine' must give a logit .* shape \(1,\)"):
        cu.digit_explorer({"mine": one}, images)
    with pytest.raises(TypeError, match="^networks must be a dictionary"):
        cu.plot_digit_answers(other, images)
    open_ended.build(784)
    with pytest.raises(ValueError, match="^images must"):
        cu.digit_explorer({"mine": open_ended}, np.zeros((3, 5)))


@pytest.mark.parametrize(
    "images", [np.zeros((0, 28, 28)), np.full((2, 28, 28), 255), np.full((2, 28, 28), np.nan)]
)
def test_images_that_are_no_digits_are_refused(networks, images):
    for show in (cu.digit_explorer, cu.plot_digit_answers):
        with pytest.raises(ValueError, match="^images must "):
            show(networks, images)


def test_a_name_that_the_picture_needs_itself_is_refused(networks, digits):
    with pytest.raises(ValueError, match="^networks: 'maps' is the name of another part"):
        cu.digit_explorer({"maps": networks["MLP"]}, digits[0][:3])


def test_drawing_leaves_nothing_behind(networks, digits, capsys):
    explorer = cu.digit_explorer({"MLP": networks["MLP"]}, digits[0][:20])
    process = psutil.Process()
    stored = explorer.children[0].children[1]
    milliseconds = []

    def move(count):
        for number in range(count):
            began = time.perf_counter()
            stored.value = 1 + (7 * number + 1) % 20
            milliseconds.append(1000 * (time.perf_counter() - began))
        return process.memory_info().rss

    before = move(100)
    after = move(500)
    with capsys.disabled():
        print(f"\ndraw a digit: {np.median(milliseconds):.0f} ms, median of {len(milliseconds)}")
    assert after - before < 20e6
