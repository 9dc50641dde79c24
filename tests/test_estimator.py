"""The classifier: scikit-learn's own checks, its tools around it, and what is its own."""

import copy
import pickle

import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits, make_moons
from sklearn.inspection import DecisionBoundaryDisplay, permutation_importance
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_score,
    cross_validate,
    learning_curve,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import course_utils as cu
from course_utils.estimator import weighted_cross_entropy


def small(**settings):
    """A classifier that learns the moons in a moment."""
    settings = {
        "hidden_sizes": (8,),
        "learning_rate": 0.02,
        "epochs": 30,
        "batch_size": 32,
        "random_state": 0,
    } | settings
    return cu.NeuralNetClassifier(**settings)


@pytest.fixture(scope="module")
def moons():
    X, y = make_moons(400, noise=0.2, random_state=0)
    return train_test_split(X, y, random_state=0)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return train_test_split(X / 16, y, random_state=0)


@parametrize_with_checks([cu.NeuralNetClassifier()])
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)


# What scikit-learn does with it


def test_it_learns(digits):
    X, X_test, y, y_test = digits
    assert cu.NeuralNetClassifier(random_state=0).fit(X, y).score(X_test, y_test) > 0.95


def test_it_works_in_a_pipeline_and_a_grid_search(moons):
    X, X_test, y, y_test = moons
    pipeline = make_pipeline(StandardScaler(), small())
    grid = {
        "neuralnetclassifier__hidden_sizes": [(), (8,)],
        "neuralnetclassifier__learning_rate": [0.0001, 0.02],
    }
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
    assert search.best_params_ == {
        "neuralnetclassifier__hidden_sizes": (8,),
        "neuralnetclassifier__learning_rate": 0.02,
    }
    assert search.score(X_test, y_test) > 0.9


def test_it_works_in_processes_of_joblib(moons):
    X, _, y, _ = moons
    one, two = (cross_val_score(small(), X, y, n_jobs=jobs) for jobs in (1, 2))
    assert np.array_equal(one, two)


def test_it_works_in_a_learning_curve(moons):
    X, _, y, _ = moons
    sizes, _, test_scores = learning_curve(small(), X, y, train_sizes=[30, 200], cv=3)
    assert list(sizes) == [30, 200]
    assert test_scores[1].mean() > test_scores[0].mean()


def test_it_can_be_calibrated(moons):
    X, X_test, y, y_test = moons
    calibrated = CalibratedClassifierCV(small(), method="temperature").fit(X, y)
    assert calibrated.score(X_test, y_test) > 0.9


def test_its_boundary_can_be_drawn(moons):
    X, _, y, _ = moons
    display = DecisionBoundaryDisplay.from_estimator(small().fit(X, y), X, grid_resolution=20)
    assert np.ptp(display.response) > 0.5


def test_its_inputs_importance_can_be_measured(moons):
    X, X_test, y, y_test = moons
    X, X_test = (np.column_stack([A, np.zeros(len(A))]) for A in (X, X_test))
    model = small().fit(X, y)
    importance = permutation_importance(model, X_test, y_test, random_state=0).importances_mean
    assert importance[0] > 0.1
    assert importance[2] == 0


def test_weights_are_routed_to_it(moons):
    X, _, y, _ = moons
    weights = np.where(y == 1, 1.0, 0.01)
    with sklearn.config_context(enable_metadata_routing=True):
        model = small(epochs=5).set_fit_request(sample_weight=True)
        model = model.set_score_request(sample_weight=False)
        found = cross_validate(
            model, X, y, params={"sample_weight": weights}, return_estimator=True, cv=2
        )
    weighted = np.mean([(m.predict(X) == 1).mean() for m in found["estimator"]])
    plain = (small(epochs=5).fit(X, y).predict(X) == 1).mean()
    assert weighted > plain + 0.1


def test_a_data_frame_names_its_features(moons):
    pandas = pytest.importorskip("pandas")
    X, _, y, _ = moons
    frame = pandas.DataFrame(X, columns=["length", "width"])
    model = small().fit(frame, y)
    assert list(model.feature_names_in_) == ["length", "width"]
    assert np.array_equal(model.predict(frame), small().fit(X, y).predict(X))
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["width", "length"]])


def test_it_is_pictured_in_a_notebook():
    assert "NeuralNetClassifier" in small()._repr_html_()


# What is its own


def test_labels_may_be_words(moons):
    X, X_test, y, y_test = moons
    words = np.array(["upper", "lower"])
    model = small().fit(X, words[y])
    assert list(model.classes_) == ["lower", "upper"]
    assert model.score(X_test, words[y_test]) > 0.9
    assert np.allclose(model.predict_proba(X_test).sum(axis=1), 1)


def test_the_same_random_state_gives_the_same_network(moons):
    X, X_test, y, _ = moons
    first, again, other = (
        small(random_state=seed).fit(X, y).predict_proba(X_test) for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_it_survives_pickling_and_copying(moons):
    X, X_test, y, _ = moons
    model = small().fit(X, y)
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert np.array_equal(twin.predict_proba(X_test), model.predict_proba(X_test))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_keeps_the_dtype(moons, dtype):
    X, _, y, _ = moons
    model = small(epochs=2).fit(X.astype(dtype), y)
    assert model.network_.dtype == dtype
    assert model.predict_proba(X.astype(dtype)).dtype == dtype


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "sgd", "learning_rate": 0.1},
        {"optimizer": "adamw", "weight_decay": 0.01},
        {"activation": "tanh", "dropout": 0.1},
        {"activation": "leaky_relu", "initializer": cu.xavier},
        {"optimizer": "sgd", "learning_rate": cu.cosine_decay(0.2, steps=300)},
        {"hidden_sizes": [8, 8]},
    ],
)
def test_each_setting_learns(moons, settings):
    X, X_test, y, y_test = moons
    assert small(**settings).fit(X, y).score(X_test, y_test) > 0.85


def test_no_hidden_layer_is_softmax_regression(moons):
    X, _, y, _ = moons
    model = small(hidden_sizes=()).fit(X, y)
    assert [layer.units for layer in model.network_.layers] == [2]


def test_early_stopping_keeps_the_best_weights(digits):
    X, _, y, _ = digits
    model = cu.NeuralNetClassifier(
        early_stopping=True, patience=3, learning_rate=0.05, epochs=200, random_state=0
    ).fit(X, y)
    losses = model.history_.validation_loss
    assert len(losses) < 200
    assert len(losses) == np.argmin(losses) + 1 + 3


def test_partial_fit_goes_on(digits):
    X, X_test, y, y_test = digits
    model = cu.NeuralNetClassifier(learning_rate=0.01, random_state=0)
    scores = []
    for _ in range(8):
        model.partial_fit(X, y, classes=np.arange(10))
        scores.append(model.score(X_test, y_test))
    assert scores[-1] > 0.9 > scores[0]


def cnn(n_features, n_classes, rng):
    layers = [cu.Conv2D(4, 3), cu.ReLU(), cu.MaxPool2D(2), cu.Flatten(), cu.Dense(n_classes)]
    return cu.Sequential(layers, input_shape=(8, 8, 1), rng=rng, dtype=np.float32)


def test_a_network_of_ones_own(digits):
    X, X_test, y, y_test = digits
    model = cu.NeuralNetClassifier(
        build_network=cnn, learning_rate=0.01, epochs=20, batch_size=32, random_state=0
    ).fit(X, y)
    assert model.score(X_test, y_test) > 0.93
    assert pickle.loads(pickle.dumps(model)).score(X_test, y_test) == model.score(X_test, y_test)


def test_a_weight_of_two_is_a_row_twice(moons):
    X, X_test, y, _ = moons
    counts = np.random.default_rng(0).integers(0, 3, len(X))
    settings = {"batch_size": 10_000, "epochs": 20}
    weighted = small(**settings).fit(X, y, sample_weight=counts)
    repeated = small(**settings).fit(X.repeat(counts, axis=0), y.repeat(counts))
    assert np.allclose(weighted.predict_proba(X_test), repeated.predict_proba(X_test))


def test_the_weighted_loss_has_the_gradient_of_its_value(rng):
    logits, labels = rng.normal(size=(5, 3)), rng.integers(3, size=5)
    targets = np.column_stack([labels, rng.uniform(0, 2, 5)])
    _, gradient = weighted_cross_entropy(logits, targets)
    slopes = cu.numerical_gradient(lambda z: weighted_cross_entropy(z, targets)[0], logits)
    assert np.allclose(gradient, slopes, atol=1e-8)


def test_weights_of_one_change_nothing(rng):
    logits, labels = rng.normal(size=(5, 3)), rng.integers(3, size=5)
    value, gradient = cu.softmax_cross_entropy(logits, labels)
    weighted = weighted_cross_entropy(logits, np.column_stack([labels, np.ones(5)]))
    assert weighted[0] == pytest.approx(value)
    assert np.allclose(weighted[1], gradient)


# What is refused


@pytest.mark.parametrize(
    "settings, sentence",
    [
        ({"optimizer": "newton"}, 'optimizer must be "adam", "adamw" or "sgd", got \'newton\''),
        ({"activation": "step"}, "activation must be one of relu, .*, got 'step'"),
        ({"weight_decay": 0.1}, 'weight_decay is for the optimizer "adamw" or "sgd"'),
        ({"dropout": 1}, "dropout must be a number at least 0 and below 1, got 1"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1, got 0"),
        ({"epochs": 2.5}, "epochs must be a whole number of at least 1, got 2.5"),
        ({"learning_rate": -1}, "learning_rate must be"),
        ({"hidden_sizes": (8, 0)}, "units must be a whole number of at least 1, got 0"),
        ({"early_stopping": True, "patience": 0}, "patience must be"),
        ({"early_stopping": True, "validation_fraction": 1}, "validation_fraction must be"),
        (
            {"build_network": lambda n_features, n_classes, rng: cnn(n_features, 3, rng)},
            "build_network must return a network with 2 outputs, one a class, got \\(3,\\)",
        ),
        (
            {"build_network": cnn},
            "build_network must return a network for 2 features, got input_shape \\(8, 8, 1\\)",
        ),
    ],
)
def test_what_cannot_be_used_is_named(moons, settings, sentence):
    X, _, y, _ = moons
    with pytest.raises(ValueError, match=sentence):
        small(**settings).fit(X, y)


def test_partial_fit_needs_the_classes_and_keeps_them(moons):
    X, _, y, _ = moons
    with pytest.raises(ValueError, match="classes must be given at the first call"):
        small().partial_fit(X, y)
    model = small().partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="classes must be those of the first call"):
        model.partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="y must hold labels of classes"):
        model.partial_fit(X, y + 1)


def test_weights_that_are_all_zero_are_refused(moons):
    X, _, y, _ = moons
    with pytest.raises(ValueError, match="at least one non-zero number"):
        small().fit(X, y, sample_weight=np.zeros(len(X)))
