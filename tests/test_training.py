"""Mini-batches and the training loop: what is learned, recorded, shown, and saved from failure."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import accuracy_score, log_loss
from three_clouds import copies, fit_a_plane, new_network, three_clouds, train

import course_utils as cu

# Mini-batches


def test_every_row_comes_once_and_the_last_batch_may_be_smaller(rng):
    X = np.arange(11)
    batches = [X_batch for X_batch, _ in cu.minibatches(X, X, 4, rng)]
    assert [len(batch) for batch in batches] == [4, 4, 3]
    assert_array_equal(np.sort(np.concatenate(batches)), X)


def test_inputs_and_targets_stay_together(rng):
    X = np.arange(22.0).reshape(11, 2)
    for X_batch, y_batch in cu.minibatches(X, X[:, 0] * 10, 4, rng):
        assert_array_equal(X_batch[:, 0] * 10, y_batch)


def test_rows_are_shuffled_anew_each_time(rng):
    X = np.arange(50)
    first, second = (
        np.concatenate([X_batch for X_batch, _ in cu.minibatches(X, X, 10, rng)]) for _ in range(2)
    )
    assert not np.array_equal(first, X)
    assert not np.array_equal(first, second)


def test_rows_are_shuffled_across_batches(rng):
    X = np.arange(50)
    batch, _ = next(cu.minibatches(X, X, 10, rng))
    assert len(set(batch // 10)) > 1


def test_without_a_generator_rows_come_as_they_stand():
    X = np.arange(11)
    batches = [X_batch for X_batch, _ in cu.minibatches(X, X, 4)]
    assert_array_equal(np.concatenate(batches), X)


def test_without_a_generator_nothing_is_copied():
    X, y = np.zeros((11, 2)), np.zeros(11)
    for X_batch, y_batch in cu.minibatches(X, y, 4):
        assert np.shares_memory(X_batch, X)
        assert np.shares_memory(y_batch, y)


def peak_memory(f):
    tracemalloc.start()
    try:
        f()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_shuffling_does_not_copy_the_data_set(rng):
    X, y = np.zeros((2000, 500)), np.zeros(2000, int)

    def go_through():
        for _ in cu.minibatches(X, y, 50, rng):
            pass

    assert peak_memory(go_through) < X.nbytes / 10


def test_training_does_not_copy_the_data_set(rng):
    X, y = np.zeros((2000, 500)), np.zeros(2000, int)
    network = cu.Sequential([cu.Dense(2)], input_shape=500, rng=rng)
    train(network, X[:50], y[:50], batch_size=50)  # imports what is imported where it is used
    assert peak_memory(lambda: train(network, X, y, batch_size=50)) < X.nbytes / 4


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, "all", None])
def test_a_batch_size_below_1_is_refused(batch_size):
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1, got"):
        next(cu.minibatches(np.zeros(3), np.zeros(3), batch_size))


def test_inputs_and_targets_of_different_length_are_refused():
    with pytest.raises(ValueError, match="X and y must have as many rows.* got 3 and 4"):
        next(cu.minibatches(np.zeros(3), np.zeros(4), 2))


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="X must have at least one row"):
        next(cu.minibatches(np.zeros((0, 2)), np.zeros(0), 2))


def test_a_seed_is_no_generator():
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator.* got 0"):
        next(cu.minibatches(np.zeros(3), np.zeros(3), 2, rng=0))


def test_targets_may_be_a_list():
    X, y = np.random.default_rng(0).normal(size=(6, 2)), [0, 1, 2, 0, 1, 2]
    for rng in (None, np.random.default_rng(0)):
        batches = list(cu.minibatches(X, y, 4, rng))
        assert sorted(np.concatenate([y_batch for _, y_batch in batches])) == sorted(y)


# The training loop


@pytest.fixture(autouse=True)
def nobody_watches(monkeypatch):
    """As under CI, wherever these tests are run from."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def test_training_learns():
    X, y = three_clouds()
    network = new_network()
    history = train(network, epochs=10)
    assert history.loss[-1] < history.loss[0] / 3
    assert accuracy_score(y, network.predict_classes(X)) > 0.95


def test_two_runs_with_the_same_seeds_are_equal():
    first, second = new_network(), new_network()
    assert train(first) == train(second)
    assert all(map(np.array_equal, first.parameters(), second.parameters()))


def test_another_seed_gives_another_run():
    assert train(new_network()) != train(new_network(), rng=np.random.default_rng(3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [cu.SGD(0.1, momentum=0.9, weight_decay=0.01), cu.Adam()])
def test_training_keeps_the_dtype(dtype, optimizer):
    X, y = three_clouds()
    network = new_network(dtype=dtype)
    history = train(network, X.astype(dtype), y, optimizer=optimizer)
    arrays = [*network.parameters(), *network.gradients(), network.predict(X.astype(dtype))]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    assert {type(loss) for loss in history.loss} == {float}


def test_one_epoch_by_hand():
    """Two steps on rows as the Generator orders them; the loss is the mean over the rows."""
    X, y = three_clouds(rows=5)
    trained, by_hand = (
        cu.Sequential([cu.Dense(3)], input_shape=2, rng=np.random.default_rng(1)) for _ in range(2)
    )
    history = train(trained, X, y, epochs=1, batch_size=3)

    order = np.random.default_rng(2).permutation(5)
    losses = []
    for rows in (order[:3], order[3:]):
        value, gradient = cu.softmax_cross_entropy(by_hand.forward(X[rows]), y[rows])
        by_hand.backward(gradient)
        cu.SGD(0.1).step(by_hand.parameters(), by_hand.gradients())
        losses.append(value)
    assert all(map(np.array_equal, trained.parameters(), by_hand.parameters()))
    assert_allclose(history.loss, [(3 * losses[0] + 2 * losses[1]) / 5])


def test_history_holds_what_scikit_learn_measures_after_each_epoch():
    X, y = three_clouds(rows=40)
    accuracies, losses = [], []

    def measure(epoch, network, history):
        outputs = network.predict(X)
        accuracies.append(accuracy_score(y, outputs.argmax(axis=1)))
        losses.append(log_loss(y, cu.softmax(outputs)))

    history = train(new_network(), validation=(X, y), callbacks=[measure])
    assert len(history) == len(history.loss) == 3
    assert history.validation_accuracy == accuracies
    assert_allclose(history.validation_loss, losses)
    assert history.validation_samples == 40


class Watcher(cu.Layer):
    """Passes everything on, and notes whether it was in training."""

    def forward(self, x, training=False):
        self.seen.append(training)
        return x

    def backward(self, da):
        return da


def test_dropout_is_on_in_the_steps_and_off_in_validation():
    X, y = three_clouds()
    watcher = Watcher()
    watcher.seen = []
    network = cu.Sequential([watcher, cu.Dense(3)], input_shape=2, rng=np.random.default_rng(1))
    train(network, validation=(X, y), epochs=2, batch_size=40)
    assert watcher.seen == [False] + 2 * [True, True, True, False]  # tried on one row first


def test_validation_accuracy_of_a_single_logit():
    X, y = three_clouds()
    y = (y == 0).astype(int)[:, None]
    network = new_network(outputs=1)
    history = train(network, X, y, loss=cu.binary_cross_entropy, validation=(X, y))
    accuracy = accuracy_score(y[:, 0], network.predict(X)[:, 0] > 0)
    assert history.validation_accuracy[-1] == accuracy


def test_targets_that_are_no_classes_have_no_accuracy():
    X, _ = three_clouds()
    network = new_network(outputs=2)
    history = train(network, X, X / 10, loss=cu.mean_squared_error, validation=(X, X / 10))
    assert len(history.validation_loss) == 3
    assert history.validation_accuracy == []


def test_whole_numbers_as_targets_of_a_regression_have_no_accuracy():
    X, _ = three_clouds()
    y = np.round(X).astype(int)
    history = train(new_network(outputs=2), X, y, loss=cu.mean_squared_error, validation=(X, y))
    assert history.validation_accuracy == []


def test_without_validation_its_lists_stay_empty():
    history = train(new_network())
    assert len(history.loss) == 3
    assert history.validation_loss == history.validation_accuracy == []
    assert history.validation_samples == 0


def test_history_says_where_it_stands():
    assert repr(cu.History()) == "History(no epoch finished)"
    assert repr(cu.History(loss=[1.0, 0.123456])) == "History(2 epochs, loss 0.1235)"
    assert repr(cu.History([1.0], [0.5], [0.75], 2000)) == (
        "History(1 epoch, loss 1, validation loss 0.5, validation accuracy 0.75 on 2,000 samples)"
    )


def test_callbacks_get_epoch_network_and_history():
    network, calls = new_network(), []
    first = lambda epoch, network, history: calls.append((epoch, network, len(history)))
    second = lambda epoch, network, history: calls.append(history)
    history = train(network, epochs=2, callbacks=[first, second])
    assert calls == [(1, network, 1), history, (2, network, 2), history]
    assert calls[1] is history


# Stopped by hand


def test_the_stop_button_in_a_callback_keeps_what_was_learned(capsys):
    def stop(epoch, network, history):
        if epoch == 2:
            raise KeyboardInterrupt

    stopped, whole = new_network(), new_network()
    history = train(stopped, epochs=5, callbacks=[stop])
    assert history == train(whole, epochs=2)
    assert all(map(np.array_equal, stopped.parameters(), whole.parameters()))
    assert capsys.readouterr().out == f"Stopped in epoch 2 of 5: {history}\n"


def interrupted_after(calls):
    """A loss that is interrupted when it has been called so many times."""
    count = 0

    def loss(logits, labels):
        nonlocal count
        count += 1
        if count > calls:
            raise KeyboardInterrupt
        return cu.softmax_cross_entropy(logits, labels)

    return loss


def test_the_stop_button_amid_an_epoch_keeps_what_was_learned(capsys):
    network, seen = new_network(), []
    note = lambda epoch, network, history: seen.append(copies(network))
    history = train(network, loss=interrupted_after(5 + 2), callbacks=[note])  # 5 steps an epoch
    assert len(history) == 1
    assert not np.array_equal(network.layers[0].W, seen[0][0])
    assert capsys.readouterr().out == f"Stopped in epoch 2 of 3: {history}\n"


def test_the_stop_button_while_validating_leaves_lists_of_equal_length(capsys):
    X, y = three_clouds()
    loss = interrupted_after(1 + 5)  # validation is tried before the first step
    history = train(new_network(), loss=loss, validation=(X, y))
    assert (history.loss, history.validation_loss, history.validation_accuracy) == ([], [], [])
    assert capsys.readouterr().out == "Stopped in epoch 1 of 3: History(no epoch finished)\n"


# Stopped by numbers that are not finite


class Breaking(cu.SGD):
    """In the step of this number it makes a single weight of one array NaN."""

    def __init__(self, number, place):
        super().__init__(0.1)
        self.left, self.place = number, place

    def update(self, parameters, gradients):
        super().update(parameters, gradients)
        self.left -= 1
        if self.left == 0:
            parameters[self.place].flat[-1] = np.nan


@pytest.mark.parametrize("place", [0, 1, -1])
def test_one_weight_that_is_not_finite_is_enough(place):
    network, seen = new_network(), []
    note = lambda epoch, network, history: seen.append(copies(network))
    with pytest.raises(FloatingPointError, match="in epoch 2: a weight is not finite"):
        train(network, optimizer=Breaking(5 + 5, place), callbacks=[note])
    assert len(seen) == 1
    assert all(map(np.array_equal, network.parameters(), seen[0]))


def test_an_output_for_validation_that_is_not_finite_is_no_class():
    """NaN is no logit of class 0: it would make an accuracy of it."""
    X, y = three_clouds()
    huge = np.full((5, 2), 1e308)  # finite, but a sum of products is not
    with pytest.raises(FloatingPointError, match=r"epoch \d: an output for the validation data"):
        train(new_network(), validation=(np.concatenate([X, huge]), np.append(y, [0] * 5)))


def test_targets_that_are_not_finite_are_named():
    X, _ = three_clouds()
    y = X[:, :1].copy()
    y[7] = np.nan
    network = new_network(outputs=1)
    before = copies(network)
    with pytest.raises(FloatingPointError, match="loss became nan; y holds .* not finite: look at"):
        train(network, X, y, loss=cu.mean_squared_error)
    assert all(map(np.array_equal, network.parameters(), before))


def test_a_learning_rate_that_is_too_large_is_named():
    X, _ = three_clouds()
    with pytest.raises(FloatingPointError, match=r"in epoch \d+: the loss became .* learning rate"):
        fit_a_plane(X, learning_rate=100)


def test_an_input_that_is_not_scaled_is_named():
    X, _ = three_clouds()
    with pytest.raises(FloatingPointError, match=r"X holds numbers up to \d+: scale the input"):
        fit_a_plane(100 * X, learning_rate=0.1)


def test_an_input_that_is_not_finite_is_named():
    X, _ = three_clouds()
    X[3, 1] = np.nan
    with pytest.raises(FloatingPointError, match=r"loss became nan; X holds .* not finite"):
        fit_a_plane(X, learning_rate=0.1)


def broken_after(calls, value=1.0, gradient=1.0):
    """A loss whose results are multiplied by these once it has been called so many times."""
    count = 0

    def loss(logits, labels):
        nonlocal count
        count += 1
        right = cu.softmax_cross_entropy(logits, labels)
        return (right[0] * value, right[1] * gradient) if count > calls else right

    return loss


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (broken_after(5 + 5 + 3, value=np.inf), "in epoch 3: the loss became inf"),
        (broken_after(5 + 5 + 3, value=np.nan), "in epoch 3: the loss became nan"),
        (broken_after(5 + 5 + 3, gradient=np.nan), "in epoch 3: the loss became nan"),
        (broken_after(5 + 5 + 4, gradient=np.nan), "in epoch 3: a weight is not finite"),
    ],
)
def test_the_weights_of_the_last_good_epoch_are_left(loss, message):
    network, seen = new_network(), []
    note = lambda epoch, network, history: seen.append(copies(network))
    with pytest.raises(FloatingPointError, match=message):
        train(network, loss=loss, callbacks=[note])
    assert len(seen) == 2
    assert all(map(np.array_equal, network.parameters(), seen[-1]))


def test_the_first_weights_are_left_where_no_epoch_was_good():
    network = new_network()
    first = copies(network)
    with pytest.raises(FloatingPointError, match="in epoch 1"):
        train(network, loss=broken_after(3, value=np.inf))
    assert all(map(np.array_equal, network.parameters(), first))


# What is shown


def test_nothing_is_written_where_nobody_watches(capfd):
    X, y = three_clouds()
    train(new_network(), validation=(X, y))
    assert capfd.readouterr() == ("", "")


def test_progress_shows_a_bar_on_stderr(capsys):
    train(new_network(), progress=True)
    shown = capsys.readouterr()
    assert "15/15" in shown.err  # 3 epochs of 5 steps
    assert "3 epochs, loss" in shown.err
    assert shown.out == ""


def test_a_person_in_a_notebook_sees_the_bar(capsys, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    train(new_network())
    assert "15/15" in capsys.readouterr().err


def test_a_person_at_a_terminal_sees_the_bar(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    train(new_network())
    assert "15/15" in capsys.readouterr().err


def test_a_person_may_do_without_the_bar(capsys, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    train(new_network(), progress=False)
    assert capsys.readouterr().err == ""


# What is refused


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be a whole number of at least 1, got 0"),
        ({"epochs": 1.5}, ValueError, "epochs must be a whole number of at least 1, got 1.5"),
        ({"batch_size": 0}, ValueError, "batch_size must be a whole number of at least 1, got 0"),
        ({"workers": 0}, ValueError, "workers must be a whole number of at least 1, got 0"),
        ({"workers": 1.5}, ValueError, "workers must be a whole number of at least 1, got 1.5"),
        ({"workers": True}, ValueError, "workers must be a whole number of at least 1, got True"),
        ({"workers": None}, ValueError, "workers must be a whole number of at least 1, got None"),
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator"),
        ({"rng": None}, TypeError, "rng must be a numpy.random.Generator"),
        ({"workers": 10**9}, ValueError, "workers must be at most 64, got 1000000000"),
        ({"optimizer": cu.SGD}, TypeError, "optimizer must be .* got the class SGD: call it"),
        ({"optimizer": "SGD"}, TypeError, "optimizer must be an optimizer .* got 'SGD'"),
        ({"loss": "mse"}, TypeError, "loss must be a function .* got 'mse'"),
        ({"loss": lambda z, y: 1.0}, TypeError, "loss must return two things.* got float 1.0"),
        ({"loss": lambda z, y: (z, z)}, ValueError, r"loss must return one number, .* \(20, 3\)"),
        ({"loss": lambda z, y: (1.0, z[0])}, ValueError, r"gradient of .* \(20, 3\), got \(3,\)"),
        ({"callbacks": print}, TypeError, "callbacks must be a list of functions, got one alone"),
        ({"callbacks": None}, TypeError, "callbacks must be a list of functions, got None"),
        ({"callbacks": [print, 3]}, TypeError, "callbacks must be functions, got 3"),
        ({"X": np.ma.masked_array(np.zeros((90, 2)))}, TypeError, "X must not be a masked array"),
        ({"y": np.ma.masked_array(np.zeros(90, int))}, TypeError, "y must not be a masked array"),
        ({"y": np.zeros(4, int)}, ValueError, "X and y must have as many rows.* got 90 and 4"),
        ({"X": np.zeros((0, 2)), "y": np.zeros(0, int)}, ValueError, "X must have at least one"),
        ({"X": np.zeros((90, 3))}, ValueError, r"X must have shape \(N, 2\), got \(20, 3\)"),
        ({"y": np.full(90, 3)}, ValueError, r"labels must be integers in 0\.\.2, got 3 at row 0"),
        ({"validation": (np.zeros((5, 2)), np.zeros(4, int))}, ValueError, "got 5 and 4"),
        ({"X": np.zeros((90, 3)), "workers": 2}, ValueError, r"X must have .* got \(10, 3\)"),
        ({"y": np.full(90, 3), "workers": 2}, ValueError, r"integers in 0\.\.2, got 3 at row 0"),
    ],
)
def test_wrong_arguments_are_refused_and_change_nothing(changes, error, message):
    X, y = three_clouds()
    network = new_network()
    before = copies(network)
    with pytest.raises(error, match=message):
        train(network, **{"X": X, "y": y} | changes)
    assert all(map(np.array_equal, network.parameters(), before))


def with_row_4(X, value):
    X = X.copy()
    X[4, 1] = value
    return X


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda X, y: X, TypeError, r"validation must be \(X, y\) or None"),
        (lambda X, y: 5, TypeError, r"validation must be \(X, y\) or None, got 5"),
        (lambda X, y: (X[:0], y[:0]), ValueError, "X must have at least one row"),
        (lambda X, y: (X[:, :1], y), ValueError, r"validation cannot .* shape \(N, 2\)"),
        (lambda X, y: (X.astype(np.float32), y), TypeError, "validation cannot .* float64"),
        (lambda X, y: (X, y + 1), ValueError, r"validation cannot .* 0\.\.2, got 3 at row 2"),
        (lambda X, y: (X, y / 2), TypeError, "validation cannot .* labels must be integers"),
        (lambda X, y: (with_row_4(X, np.nan), y), ValueError, "finite .* got nan in row 4"),
        (lambda X, y: (with_row_4(X, np.inf), y), ValueError, "finite .* got inf in row 4"),
        (lambda X, y: (np.ma.masked_array(X), y), TypeError, "must not be a masked array"),
    ],
)
def test_wrong_validation_is_refused_before_the_first_step(change, error, message):
    network = new_network()
    before = copies(network)
    with pytest.raises(error, match=message):
        train(network, validation=change(*three_clouds()))
    assert all(map(np.array_equal, network.parameters(), before))


def test_validation_targets_that_are_not_finite_are_refused():
    X, _ = three_clouds()
    y = X[:, :1].copy()
    y[7] = np.nan
    with pytest.raises(ValueError, match="y of validation must hold finite numbers.* in row 7"):
        train(new_network(outputs=1), X, X[:, :1], loss=cu.mean_squared_error, validation=(X, y))


def test_callbacks_may_come_from_a_generator():
    calls = []
    train(new_network(), callbacks=(lambda epoch, *_: calls.append(epoch) for _ in range(1)))
    assert calls == [1, 2, 3]


@pytest.mark.parametrize("workers", [1, 2])
def test_gradients_are_clipped_together(workers):
    X, y = three_clouds(rows=20)
    trained, by_hand = (
        cu.Sequential([cu.Dense(3)], input_shape=2, rng=np.random.default_rng(1)) for _ in range(2)
    )
    train(trained, X, y, epochs=1, batch_size=20, clip_norm=0.01, workers=workers)
    by_hand.backward(cu.softmax_cross_entropy(by_hand.forward(X), y)[1])
    gradients, norm = cu.clip_gradients(by_hand.gradients(), 0.01)
    assert norm > 0.1
    cu.SGD(0.1).step(by_hand.parameters(), gradients)
    for one, other in zip(trained.parameters(), by_hand.parameters(), strict=True):
        assert_allclose(one, other, rtol=1e-12)


def test_a_norm_to_clip_at_is_checked():
    with pytest.raises(ValueError, match="clip_norm must be a number above 0, got 0"):
        train(new_network(), clip_norm=0)


def test_running_means_are_those_of_the_last_good_epoch():
    """A loss that is not finite from the third epoch on."""

    def loss(outputs, targets):
        value, gradient = cu.softmax_cross_entropy(outputs, targets)
        return (value if len(kept) < 2 else np.nan), gradient

    def keep(epoch, network, history):
        kept.append([array.copy() for array in network.arrays()])

    kept = []
    layers = [cu.BatchNorm(), cu.Dense(3)]
    net = cu.Sequential(layers, input_shape=2, rng=np.random.default_rng(1))
    with pytest.raises(FloatingPointError, match="in epoch 3"):
        train(net, epochs=5, loss=loss, callbacks=[keep])
    assert all(map(np.array_equal, net.arrays(), kept[1]))
