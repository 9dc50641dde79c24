"""Augmentation: every shift is made, nothing else is, and training takes it."""

import functools

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from three_clouds import train

import course_utils as cu


@pytest.mark.parametrize("shape", [(200, 5, 7), (200, 5, 7, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_image_is_moved_by_a_few_pixels(shape, dtype, rng):
    X = rng.random(shape).astype(dtype) + 1
    before = X.copy()
    moved = cu.shift_images(X, rng, pixels=1)
    assert_array_equal(X, before)
    assert (moved.shape, moved.dtype) == (X.shape, dtype)
    found = set()
    for image, its in zip(X, moved, strict=True):
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                expected = np.roll(image, (down, right), axis=(0, 1))
                expected[[] if down == 0 else [0] if down == 1 else [-1]] = 0
                expected[:, [] if right == 0 else [0] if right == 1 else [-1]] = 0
                if np.array_equal(expected, its):
                    found.add((down, right))
                    break
            else:
                continue
            break
        else:
            pytest.fail("an image that no shift gives")
    assert len(found) == 9


def test_shifts_are_as_likely_as_each_other(rng):
    X = np.zeros((9000, 5, 5))
    X[:, 2, 2] = 1
    where = cu.shift_images(X, rng, pixels=1).mean(axis=0)
    assert np.abs(where[1:4, 1:4] - 1 / 9).max() < 0.015
    assert where.sum() == pytest.approx(1)


def test_no_pixels_change_nothing(rng):
    X = rng.random((4, 5, 5))
    assert_array_equal(cu.shift_images(X, rng, pixels=0), X)


@pytest.mark.parametrize(
    ("X", "pixels", "message"),
    [
        (np.ones((4, 784)), 2, r"X must hold images.* got \(4, 784\).*reshape"),
        (np.ones((4, 5, 9)), 5, "pixels must be a whole number from 0 to height and width - 1"),
        (np.ones((4, 5, 5)), -1, "pixels must be a whole number"),
        (np.ones((4, 5, 5)), 1.5, "pixels must be a whole number"),
    ],
)
def test_wrong_arguments_are_refused(X, pixels, message, rng):
    with pytest.raises(ValueError, match=message):
        cu.shift_images(X, rng, pixels)


def test_a_seed_is_no_generator():
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator"):
        cu.shift_images(np.ones((4, 5, 5)), 0)


def small_cnn():
    layers = [cu.Conv2D(2, 3), cu.ReLU(), cu.Flatten(), cu.Dense(2)]
    return cu.Sequential(layers, input_shape=(6, 6, 1), rng=np.random.default_rng(1))


def test_training_by_hand(rng):
    """Batches are shuffled and moved by the same generator, in turn."""
    X, y = rng.random((10, 6, 6, 1)), rng.integers(2, size=10)
    augment = functools.partial(cu.shift_images, pixels=1)
    trained, by_hand, optimizer = small_cnn(), small_cnn(), cu.SGD(0.1)
    train(trained, X, y, batch_size=4, epochs=2, rng=np.random.default_rng(5), augment=augment)
    rng = np.random.default_rng(5)
    for _ in range(2):
        for X_batch, y_batch in cu.minibatches(X, y, 4, rng):
            outputs = by_hand.forward(augment(X_batch, rng))
            by_hand.backward(cu.softmax_cross_entropy(outputs, y_batch)[1])
            optimizer.step(by_hand.parameters(), by_hand.gradients())
    assert all(map(np.array_equal, trained.parameters(), by_hand.parameters()))


def test_what_does_not_augment_is_refused(rng):
    X, y = rng.random((10, 6, 6, 1)), rng.integers(2, size=10)
    with pytest.raises(TypeError, match="augment must be a function such as shift_images, got 2"):
        train(small_cnn(), X, y, augment=2)
    with pytest.raises(ValueError, match=r"augment must return a batch of the shape .* got \(9,"):
        train(small_cnn(), X, y, augment=lambda X, rng: X[1:])
