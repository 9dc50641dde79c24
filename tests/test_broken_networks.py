"""The five broken networks of lesson 10: each has one fault, which its repair removes."""

import numpy as np
import pytest

import course_utils as cu
from course_utils.exercises.broken_networks import CAUSE, broken_network


def test_each_is_broken_in_one_thing_only():
    sound = [broken_network(letter, cause) for letter, cause in CAUSE.items()]
    for it in sound:
        assert it.X_train.max() <= 1 and it.learning_rate == 0.1
        assert len(it.network.layers) == 11
        np.testing.assert_array_equal(it.network.layers[0].W, sound[0].network.layers[0].W)
        np.testing.assert_array_equal(it.y_train, cu.load_mnist()[0][1][:2000])


def test_another_repair_repairs_nothing():
    assert broken_network("A", "labels").X_train.max() == 255
    assert broken_network("C", "first weights").learning_rate == 1e-4


def test_the_loss_of_two_softmaxes_stops_above_its_bound():
    network = broken_network("E").network
    logits = network.predict(broken_network("E").X_train[:5])
    assert np.allclose(logits.sum(axis=1), 1)
    bound = -np.log(np.e / (np.e + 9))
    assert cu.softmax_cross_entropy(np.eye(10), np.arange(10))[0] == pytest.approx(bound)


def test_an_unknown_letter_is_refused():
    with pytest.raises(ValueError, match="letter must be one of A, B, C, D, E, got 'F'"):
        broken_network("F")
