"""Mini-batches and the training loop: what is learned, recorded, shown, and saved from failure."""

import random
import signal
import threading
import time
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import accuracy_score, log_loss
from threadpoolctl import threadpool_info, threadpool_limits

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


# The training loop


@pytest.fixture(autouse=True)
def nobody_watches(monkeypatch):
    """As under CI, wherever these tests are run from."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def three_clouds(rows=90):
    """Points around three centres: (rows, 2) inputs and the number of the centre."""
    rng = np.random.default_rng(7)
    y = np.arange(rows) % 3
    return rng.normal(size=(rows, 2)) + np.array([[0, 3], [3, 0], [-3, -3]])[y], y


def new_network(*, dtype=np.float64, outputs=3):
    layers = [cu.Dense(8), cu.ReLU(), cu.Dropout(0.1), cu.Dense(outputs)]
    return cu.Sequential(layers, input_shape=2, rng=np.random.default_rng(1), dtype=dtype)


def train(network, X=None, y=None, **changes):
    if X is None:
        X, y = three_clouds()
    settings = {
        "loss": cu.softmax_cross_entropy,
        "optimizer": cu.SGD(0.1),
        "epochs": 3,
        "batch_size": 20,
        "rng": np.random.default_rng(2),
    }
    return cu.train(network, X, y, **settings | changes)


def copies(network):
    return [p.copy() for p in network.parameters()]


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
    assert watcher.seen == 2 * [True, True, True, False]


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
    history = train(new_network(), loss=interrupted_after(5), validation=(X, y))
    assert (history.loss, history.validation_loss, history.validation_accuracy) == ([], [], [])
    assert capsys.readouterr().out == "Stopped in epoch 1 of 3: History(no epoch finished)\n"


# Stopped by numbers that are not finite


def fit_a_plane(X, learning_rate, **changes):
    network = cu.Sequential([cu.Dense(1)], input_shape=2, rng=np.random.default_rng(1))
    settings = {"loss": cu.mean_squared_error, "optimizer": cu.SGD(learning_rate), "epochs": 100}
    train(network, X, X[:, :1] / 100, **settings | changes)


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


# Several workers


def without_dropout(*, dtype=np.float64, seed=1):
    layers = [cu.Dense(8), cu.ReLU(), cu.Dense(3)]
    rng = np.random.default_rng(seed)
    return cu.Sequential(layers, input_shape=2, rng=rng, dtype=dtype)


def assert_all_close(arrays, others, tolerance=1e-12):
    for one, other in zip(arrays, others, strict=True):
        assert np.abs(one - other).max() <= tolerance * np.abs(other).max()


def together(workers):
    """A loss that waits until so many workers have come to it, each forward pass done."""
    everyone = threading.Barrier(workers)

    def loss(logits, labels):
        everyone.wait(timeout=10)
        return cu.softmax_cross_entropy(logits, labels)

    return loss


def at_their_own_pace(seed):
    """A loss that takes another time in each worker and step."""
    rng = random.Random(seed)

    def loss(logits, labels):
        time.sleep(rng.uniform(0, 0.003))
        return cu.softmax_cross_entropy(logits, labels)

    return loss


def test_a_layer_changed_by_a_callback_is_changed_for_every_worker():
    def halve(epoch, network, history):
        network.layers[0].W = network.layers[0].W / 2  # another array

    alone, shared = without_dropout(), without_dropout()
    train(alone, epochs=3, callbacks=[halve])
    train(shared, epochs=3, callbacks=[halve], workers=2)
    assert_all_close(shared.parameters(), alone.parameters(), 1e-9)


def test_targets_may_be_a_list():
    X, y = np.random.default_rng(0).normal(size=(6, 2)), [0, 1, 2, 0, 1, 2]
    for rng in (None, np.random.default_rng(0)):
        batches = list(cu.minibatches(X, y, 4, rng))
        assert sorted(np.concatenate([y_batch for _, y_batch in batches])) == sorted(y)


class Inner(cu.Layer):
    """A layer that holds layers, a dropout among them, and lists their parameters as its own."""

    def build(self, input_shape, rng, dtype):
        self.inside = [cu.Dropout(0.5), cu.Dense(3)]
        shape = input_shape
        for layer in self.inside:
            shape = layer.build(shape, rng, dtype)
        return shape

    @property
    def parameters(self):
        return self.inside[1].parameters

    @property
    def gradients(self):
        return self.inside[1].gradients

    def forward(self, x, training=False):
        for layer in self.inside:
            x = layer.forward(x, training)
        self.mask = self.inside[0].mask
        return x

    def backward(self, da):
        for layer in self.inside[::-1]:
            da = layer.backward(da)
        return da


def test_layers_within_layers_need_their_own_way_to_add_up():
    network = cu.Sequential([Inner()], input_shape=2, rng=np.random.default_rng(1))
    with pytest.raises(NotImplementedError, match="add_gradients_of"):
        train(network, epochs=1, workers=2)


def test_a_network_whose_weights_would_be_lost_is_not_saved(tmp_path):
    network = cu.Sequential([Inner()], input_shape=2, rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="parameter_names does not list: they would be lost"):
        network.save(tmp_path / "network.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_dropout_within_a_layer_draws_other_masks_in_each_worker():
    class Adding(Inner):
        def add_gradients_of(self, other):
            masks.append((self.mask.copy(), other.mask.copy()))
            self.inside[1].add_gradients_of(other.inside[1])

    masks = []
    network = cu.Sequential([Adding()], input_shape=2, rng=np.random.default_rng(1))
    train(network, epochs=1, workers=2)
    assert masks
    assert not all(np.array_equal(mine, others) for mine, others in masks)


def test_workers_add_up_the_gradient_of_a_single_number():
    class Scale(cu.Layer):
        parameter_names = ("s",)

        def build(self, input_shape, rng, dtype):
            self.s = np.array(1.5, dtype)
            return input_shape

        def forward(self, x, training=False):
            self.x = x
            return x * self.s

        def backward(self, da):
            self.ds = np.sum(self.x * da)
            return da * self.s

    alone, shared = (
        cu.Sequential([Scale(), cu.Dense(3)], input_shape=2, rng=np.random.default_rng(1))
        for _ in range(2)
    )
    train(alone, epochs=1)
    train(shared, epochs=1, workers=2)
    assert_all_close(shared.parameters(), alone.parameters())


@pytest.mark.parametrize("workers", [2, 3])
def test_the_same_number_of_workers_gives_the_same_result_at_every_run(workers):
    """Whoever is done first: sums are rounded otherwise in another order."""
    first, *others = (new_network() for _ in range(4))
    history = train(first, workers=workers)
    for seed, other in enumerate(others):
        assert train(other, workers=workers, loss=at_their_own_pace(seed)) == history
        assert all(map(np.array_equal, other.parameters(), first.parameters()))
        assert all(map(np.array_equal, other.gradients(), first.gradients()))


@pytest.mark.parametrize("workers", [2, 3, np.int64(2)])
@pytest.mark.parametrize(
    ("rows", "batch_size"),
    [
        (90, 18),  # every part as large as the others, for 2 and for 3
        (90, 20),  # 7, 7 and 6 rows for 3; then 10 rows are left
        (91, 30),  # the last batch has one row, for one worker
        (5, 2),  # the third worker never gets a row
        (4, 1),  # the second neither
    ],
)
def test_workers_learn_what_one_learns(workers, rows, batch_size):
    X, y = three_clouds(rows)
    alone, shared = without_dropout(), without_dropout()
    settings = {"batch_size": batch_size, "epochs": 2, "validation": (X, y)}
    history = train(alone, X, y, **settings)
    shared_history = train(shared, X, y, **settings, workers=workers)
    assert_all_close(shared.parameters(), alone.parameters())
    assert_all_close(shared.gradients(), alone.gradients())
    assert_allclose(shared_history.loss, history.loss, rtol=1e-12)
    assert_allclose(shared_history.validation_loss, history.validation_loss, rtol=1e-12)
    assert shared_history.validation_accuracy == history.validation_accuracy


@pytest.mark.parametrize("workers", [2, 3])
def test_the_network_is_left_with_the_gradients_of_the_whole_last_batch(workers):
    X, y = three_clouds(rows=20)
    trained, by_hand = without_dropout(), without_dropout()
    train(trained, X, y, epochs=1, batch_size=20, workers=workers)
    _, gradient = cu.softmax_cross_entropy(by_hand.forward(X), y)
    by_hand.backward(gradient)
    assert_all_close(trained.gradients(), by_hand.gradients())


def test_a_loss_over_many_outputs_is_shared_rightly():
    X, _ = three_clouds(rows=50)
    alone, shared = new_network(outputs=2), new_network(outputs=2)
    for network in (alone, shared):
        network.layers[2].rate = 0.0
    settings = {"loss": cu.mean_squared_error, "batch_size": 15}
    history = train(alone, X, X / 10, **settings)
    assert_allclose(train(shared, X, X / 10, **settings, workers=2).loss, history.loss, rtol=1e-12)
    assert_all_close(shared.parameters(), alone.parameters())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_training_with_workers_keeps_the_dtype(dtype):
    X, y = three_clouds()
    network = new_network(dtype=dtype)
    history = train(network, X.astype(dtype), y, workers=3)
    arrays = [*network.parameters(), *network.gradients()]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    assert {type(loss) for loss in history.loss} == {float}


def test_workers_work_at_the_same_time():
    """One after another, they would wait for each other in vain."""
    alone, shared = without_dropout(), without_dropout()
    train(alone, batch_size=30)
    train(shared, batch_size=30, loss=together(3), workers=3)
    assert_all_close(shared.parameters(), alone.parameters())


def noting_dropout(masks):
    """A Dropout that also notes its masks in this list: (layer, mask)."""

    class Noting(cu.Dropout):
        def forward(self, x, training=False):
            a = super().forward(x, training)
            if training:
                masks.append((self, self.mask))
            return a

    return Noting(0.5)


def test_each_worker_drops_out_other_values():
    masks = []
    layers = [noting_dropout(masks), cu.Dense(3), cu.Dropout(0.5), noting_dropout(masks)]
    network = cu.Sequential(layers, input_shape=3, rng=np.random.default_rng(1))
    X, y = np.ones((150, 3)), np.zeros(150, int)
    for _ in range(2):  # of the second training too
        train(network, X, y, epochs=1, batch_size=150, loss=together(3), workers=3)
    patterns = {mask.tobytes() for _, mask in masks}
    assert {mask.shape for _, mask in masks} == {(50, 3)}
    assert len(patterns) == len(masks) == 2 * 3 * 2


def test_the_first_worker_draws_as_if_it_were_alone():
    """Random numbers for the others are spawned, which takes none from the network's own."""
    network, untouched = new_network(), new_network()
    train(network, epochs=1, batch_size=2, workers=2)  # one row, 8 numbers, in each of 45 steps
    own = untouched.layers[2].rng
    for _ in range(45):
        own.integers(2**16, size=(1, 8), dtype=np.uint16)
    assert network.layers[2].rng.random() == own.random()


def remembering(seen):
    """A layer that keeps its input in an array it has from the start; it notes each layer used."""

    class Remembering(cu.Layer):
        parameter_names = ("W",)

        def build(self, input_shape, rng, dtype):
            self.W = rng.normal(size=input_shape).astype(dtype)
            self.cache = np.zeros((100, *input_shape), dtype)
            return input_shape

        def forward(self, x, training=False):
            seen.append(self)
            self.rows = len(x)
            self.cache[: self.rows] = x
            return x * self.W

        def backward(self, da):
            self.dW = (self.cache[: self.rows] * da).sum(axis=0)
            return da * self.W

    return Remembering()


def test_workers_share_parameters_and_nothing_else():
    seen = []
    layers = [cu.Dense(3), remembering(seen)]
    network = cu.Sequential(layers, input_shape=2, rng=np.random.default_rng(1))
    before = network.parameters()
    train(network, epochs=1, batch_size=90, loss=together(3), workers=3)
    assert len({id(layer) for layer in seen}) == len(seen) == 3
    assert network.layers[1] in seen
    assert all(map(lambda p, q: p is q, network.parameters(), before))
    for one in seen:
        assert one.W is network.layers[1].W
        assert np.shares_memory(one.W, network.layers[1].W)
        assert not any(np.shares_memory(one.cache, o.cache) for o in seen if o is not one)
        assert not any(np.shares_memory(one.dW, o.dW) for o in seen if o is not one)


def test_what_a_layer_remembers_is_not_mixed_up_among_workers():
    """Every worker is forward before any of them goes back."""
    alone, shared = (
        cu.Sequential(
            [cu.Dense(3), remembering([]), cu.Tanh(), remembering([])],
            input_shape=2,
            rng=np.random.default_rng(1),
        )
        for _ in range(2)
    )
    train(alone, batch_size=30)
    train(shared, batch_size=30, loss=together(3), workers=3)
    assert_all_close(shared.parameters(), alone.parameters())


def test_a_network_trained_before_is_trained_further_by_workers():
    alone, shared = without_dropout(), without_dropout()
    for network in (alone, shared):
        train(network, epochs=1, batch_size=90)
    train(alone)
    train(shared, workers=2)
    train(alone)
    train(shared, workers=3)
    assert_all_close(shared.parameters(), alone.parameters())


def blas_threads():
    return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}


def noting_threads(seen):
    def loss(logits, labels):
        seen.append(blas_threads())
        return cu.softmax_cross_entropy(logits, labels)

    return loss


@pytest.mark.parametrize(("workers", "within"), [(1, {2}), (2, {1})])
def test_workers_leave_blas_one_thread_and_give_the_others_back(workers, within):
    seen = []
    note = lambda epoch, network, history: seen.append(blas_threads())
    with threadpool_limits(2, "blas"):
        settings = {"loss": noting_threads(seen), "callbacks": [note], "epochs": 1}
        train(new_network(), batch_size=45, workers=workers, **settings)
        assert seen == 2 * workers * [within] + [{2}]  # two steps, one callback
        assert blas_threads() == {2}


def raising(error, rows):
    """A loss that raises where so many rows are given to it."""

    def loss(logits, labels):
        if len(labels) == rows:
            raise error
        return cu.softmax_cross_entropy(logits, labels)

    return loss


def own_threads():
    """All but the one that tqdm keeps for ever."""
    return {thread for thread in threading.enumerate() if thread.name != "tqdm_monitor"}


@pytest.mark.parametrize("rows", [8, 7], ids=["first worker", "last worker"])
def test_an_error_in_a_worker_reaches_the_caller(rows):
    network = new_network()
    before, threads = copies(network), own_threads()
    with threadpool_limits(2, "blas"):
        with pytest.raises(ZeroDivisionError, match="in a worker"):
            train(
                network,
                batch_size=15,
                loss=raising(ZeroDivisionError("in a worker"), rows),
                workers=2,
            )
        assert blas_threads() == {2}
    assert all(map(np.array_equal, network.parameters(), before))
    assert own_threads() == threads


def test_no_thread_is_left_when_workers_are_done():
    during, threads, everyone = [], own_threads(), together(3)

    def loss(logits, labels):
        during.append(len(own_threads() - threads))
        return everyone(logits, labels)

    train(new_network(), batch_size=30, loss=loss, workers=3)
    assert min(during) > 0
    assert own_threads() == threads


def test_overflow_in_a_worker_is_explained_and_warns_of_nothing():
    """Warnings are errors here."""
    X, _ = three_clouds()
    with pytest.raises(FloatingPointError, match=r"in epoch \d+: the loss became .* learning rate"):
        fit_a_plane(X, learning_rate=100, workers=2)
    with pytest.raises(FloatingPointError, match=r"X holds numbers up to \d+: scale the input"):
        fit_a_plane(100 * X, learning_rate=0.1, workers=3)


@pytest.mark.parametrize("rows", [8, 7], ids=["first worker", "last worker"])
@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_workers_leave_the_weights_of_the_last_good_epoch(rows, value):
    network, seen = new_network(), []
    note = lambda epoch, network, history: seen.append(copies(network))

    def loss(logits, labels):
        right, gradient = cu.softmax_cross_entropy(logits, labels)
        return (value if len(seen) == 2 and len(labels) == rows else right), gradient

    with pytest.raises(FloatingPointError, match=f"in epoch 3: the loss became {value}"):
        train(network, loss=loss, batch_size=15, callbacks=[note], workers=2)
    assert len(seen) == 2
    assert all(map(np.array_equal, network.parameters(), seen[-1]))


def test_the_stop_button_in_a_callback_stops_workers_too(capsys):
    def stop(epoch, network, history):
        if epoch == 2:
            raise KeyboardInterrupt

    stopped, whole = new_network(), new_network()
    threads = own_threads()
    history = train(stopped, epochs=5, callbacks=[stop], workers=2)
    assert history == train(whole, epochs=2, workers=2)
    assert all(map(np.array_equal, stopped.parameters(), whole.parameters()))
    assert capsys.readouterr().out == f"Stopped in epoch 2 of 5: {history}\n"
    assert own_threads() == threads


def test_the_stop_button_amid_an_epoch_stops_workers_too(capsys):
    """The signal comes as Jupyter sends it: to the main thread, which waits for the workers."""
    network, seen, sent = new_network(), [], []
    note = lambda epoch, network, history: seen.append(copies(network))
    threads = own_threads()

    def loss(logits, labels):
        if seen and len(labels) == 7 and not sent:  # the last worker, in the second epoch
            sent.append(True)
            time.sleep(0.05)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            time.sleep(0.05)
        return cu.softmax_cross_entropy(logits, labels)

    with threadpool_limits(2, "blas"):
        history = train(network, loss=loss, batch_size=15, callbacks=[note], workers=2)
        assert blas_threads() == {2}
    assert len(history) == 1
    assert all(map(np.array_equal, network.parameters(), seen[0]))
    assert capsys.readouterr().out == f"Stopped in epoch 2 of 3: {history}\n"
    assert own_threads() == threads


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
