"""The stored comparison of large networks holds what its docstring says."""

import course_utils as cu


def test_each_network_has_several_runs_on_the_shipped_digits():
    comparison = cu.load_cnn_comparison()
    (_, y_train), (_, y_test) = cu.load_mnist()
    assert comparison["trained_on"] == len(y_train)
    assert comparison["tested_on"] == len(y_test)
    assert len(comparison["networks"]) == 4
    for name, its in comparison["networks"].items():
        assert set(its) == {"parameters", "epochs", "seconds", "accuracies"}
        seeds = 5 if name.startswith("CNN") else 3  # the CNNs were measured anew, but not timed
        assert (len(its["seconds"]), len(its["accuracies"])) == (3, seeds)
        assert all(0.9 < accuracy < 1 for accuracy in its["accuracies"])


def test_the_caller_gets_a_dictionary_of_its_own():
    cu.load_cnn_comparison()["networks"].clear()
    assert cu.load_cnn_comparison()["networks"]


def test_the_rate_that_lesson_7_takes_is_the_best_of_those_tried():
    taken = {"CNN": "0.04", "MLP 784-8-10": "0.01", "MLP 784-100-10": "0.05"}
    rates = cu.load_cnn_comparison()["rates"]
    best = {name: max(tried, key=lambda rate: sum(tried[rate])) for name, tried in rates.items()}
    assert best == taken
    assert all(len(found) == 3 for tried in rates.values() for found in tried.values())


def test_two_ways_to_choose_validation_digits_were_measured():
    assert [len(found) for found in cu.load_cnn_comparison()["rows"].values()] == [3, 3]
