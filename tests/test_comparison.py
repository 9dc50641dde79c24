"""The stored comparison of large networks holds what its docstring says."""

import course_utils as cu


def test_each_network_has_three_runs_on_the_shipped_digits():
    comparison = cu.load_cnn_comparison()
    (_, y_train), (_, y_test) = cu.load_mnist()
    assert comparison["trained_on"] == len(y_train)
    assert comparison["tested_on"] == len(y_test)
    assert len(comparison["networks"]) == 4
    for its in comparison["networks"].values():
        assert set(its) == {"parameters", "epochs", "seconds", "accuracies"}
        assert len(its["seconds"]) == len(its["accuracies"]) == 3
        assert all(0.9 < accuracy < 1 for accuracy in its["accuracies"])


def test_the_caller_gets_a_dictionary_of_its_own():
    cu.load_cnn_comparison()["networks"].clear()
    assert cu.load_cnn_comparison()["networks"]
