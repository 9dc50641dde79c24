"""Workers: threads that share each batch learn what one learns, and leave nothing behind."""

import random
import signal
import sys
import threading
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose
from threadpoolctl import threadpool_info, threadpool_limits
from three_clouds import copies, fit_a_plane, new_network, three_clouds, train

import course_utils as cu


def without_dropout(*more):
    layers = [cu.Dense(8), cu.ReLU(), cu.Dense(3), *more]
    return cu.Sequential(layers, input_shape=2, rng=np.random.default_rng(1))


def assert_all_close(arrays, others, tolerance=1e-12):
    for one, other in zip(arrays, others, strict=True):
        assert np.abs(one - other).max() <= tolerance * np.abs(other).max()


def calling(f):
    """A layer that changes nothing, and in training calls f with the rows that come forward."""

    class Calling(cu.Layer):
        def forward(self, x, training=False):
            if training:
                f(x)
            return x

        def backward(self, da):
            return da

    return Calling()


def together(workers):
    """A layer that waits in each forward pass until so many workers have come to it."""
    everyone = threading.Barrier(workers)
    return calling(lambda rows: everyone.wait(timeout=10))


def at_their_own_pace(seed):
    """A layer that takes another time in each worker and step."""
    rng = random.Random(seed)
    return calling(lambda rows: time.sleep(rng.uniform(0, 0.003)))


def test_a_layer_changed_by_a_callback_is_changed_for_every_worker():
    def halve(epoch, network, history):
        network.layers[0].W = network.layers[0].W / 2  # another array

    alone, shared = without_dropout(), without_dropout()
    train(alone, epochs=3, callbacks=[halve])
    train(shared, epochs=3, callbacks=[halve], workers=2)
    assert_all_close(shared.parameters(), alone.parameters(), 1e-9)


def test_where_there_are_no_threads_one_worker_trains_and_says_so(monkeypatch):
    alone, shared = without_dropout(), without_dropout()
    train(alone, epochs=2)
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(threading.Thread, "start", None)
    with pytest.warns(UserWarning, match="no threads in the browser: workers=2 trains with one"):
        train(shared, epochs=2, workers=2)
    assert_all_close(shared.parameters(), alone.parameters(), 0)


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
    first = new_network()
    history = train(first, workers=workers)
    for seed in range(3):
        other = new_network(at_their_own_pace(seed))
        assert train(other, workers=workers) == history
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
    alone, shared = without_dropout(), without_dropout(together(3))
    train(alone, batch_size=30)
    train(shared, batch_size=30, workers=3)
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
    layers = [
        noting_dropout(masks),
        cu.Dense(3),
        cu.Dropout(0.5),
        noting_dropout(masks),
        together(3),
    ]
    network = cu.Sequential(layers, input_shape=3, rng=np.random.default_rng(1))
    X, y = np.ones((150, 3)), np.zeros(150, int)
    for _ in range(2):  # of the second training too
        train(network, X, y, epochs=1, batch_size=150, workers=3)
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
    layers = [cu.Dense(3), remembering(seen), together(3)]
    network = cu.Sequential(layers, input_shape=2, rng=np.random.default_rng(1))
    before = network.parameters()
    train(network, epochs=1, batch_size=90, workers=3)
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
            [cu.Dense(3), remembering([]), cu.Tanh(), remembering([]), *more],
            input_shape=2,
            rng=np.random.default_rng(1),
        )
        for more in ([], [together(3)])
    )
    train(alone, batch_size=30)
    train(shared, batch_size=30, workers=3)
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


@pytest.mark.parametrize(("workers", "within"), [(1, {2}), (2, {1})])
def test_workers_leave_blas_one_thread_and_give_the_others_back(workers, within):
    seen = []
    note = lambda *_: seen.append(blas_threads())
    with threadpool_limits(2, "blas"):
        network = new_network(calling(note))
        train(network, batch_size=45, workers=workers, callbacks=[note], epochs=1)
        assert seen == 2 * workers * [within] + [{2}]  # two steps, one callback
        assert blas_threads() == {2}


def raising(error, rows):
    """A layer that raises where so many rows come forward."""

    def f(x):
        if len(x) == rows:
            raise error

    return calling(f)


def own_threads():
    """All but the one that tqdm keeps for ever."""
    return {thread for thread in threading.enumerate() if thread.name != "tqdm_monitor"}


@pytest.mark.parametrize("rows", [8, 7], ids=["first worker", "last worker"])
def test_an_error_in_a_worker_reaches_the_caller(rows):
    network = new_network(raising(ZeroDivisionError("in a worker"), rows))
    before, threads = copies(network), own_threads()
    with threadpool_limits(2, "blas"):
        with pytest.raises(ZeroDivisionError, match="in a worker"):
            train(network, batch_size=15, workers=2)
        assert blas_threads() == {2}
    assert all(map(np.array_equal, network.parameters(), before))
    assert own_threads() == threads


def test_no_thread_is_left_when_workers_are_done():
    during, threads = [], own_threads()
    note = calling(lambda rows: during.append(len(own_threads() - threads)))
    train(new_network(together(3), note), batch_size=30, workers=3)
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
    seen = []
    note = lambda epoch, network, history: seen.append(copies(network))

    def break_one(x):
        if len(seen) == 2 and len(x) == rows:
            x[0] = value

    network = new_network(calling(break_one))
    with pytest.raises(FloatingPointError, match="in epoch 3: the loss became nan"):
        train(network, batch_size=15, callbacks=[note], workers=2)
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


@pytest.fixture
def interruptible():
    """SIGINT raises KeyboardInterrupt, even where whoever started the tests has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press():
    """Send the signal as Jupyter sends it: to the main thread, which may wait for the workers."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("rows", [8, 7], ids=["first worker", "last worker"])
def test_the_stop_button_amid_a_step_waits_for_its_end(rows, capsys):
    seen, sent = [], []
    note = lambda epoch, network, history: seen.append(copies(network))
    threads = own_threads()

    def press_once(x):
        if seen and len(x) == rows and not sent:  # in the first step of the second epoch
            sent.append(True)
            press()
            time.sleep(0.05)

    class Stopping(cu.SGD):
        """Stopped by hand where the eighth step would begin, the second of the second epoch."""

        steps = 0

        def update(self, parameters, gradients):
            self.steps += 1
            if self.steps == 8:
                raise KeyboardInterrupt
            super().update(parameters, gradients)

    stopped, by_hand = new_network(calling(press_once)), new_network()
    with threadpool_limits(2, "blas"):
        history = train(stopped, batch_size=15, callbacks=[note], workers=2)
        assert blas_threads() == {2}
    assert len(sent) == len(history) == 1
    assert train(by_hand, batch_size=15, optimizer=Stopping(0.1), workers=2) == history
    assert all(map(np.array_equal, stopped.parameters(), by_hand.parameters()))
    assert not np.array_equal(stopped.layers[0].W, seen[0][0])
    assert capsys.readouterr().out == 2 * f"Stopped in epoch 2 of 3: {history}\n"
    assert own_threads() == threads
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("interruptible")
def test_the_stop_button_at_any_moment_leaves_everything_in_order(capsys):
    """Presses at moments spread over a few epochs."""
    pause, threads = random.Random(0), own_threads()
    started = threading.Event()
    network = new_network(calling(lambda rows: started.set()))
    with threadpool_limits(2, "blas"):
        for _ in range(60):
            started.clear()
            presser = threading.Thread(target=press_when, args=(started, pause.uniform(0, 0.02)))
            presser.start()
            history = train(network, epochs=100_000, batch_size=45, workers=2)
            presser.join()
            assert len(history.loss) == len(history) < 100_000
            assert blas_threads() == {2}
            assert own_threads() == threads
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert capsys.readouterr().out.count("Stopped in epoch") == 60


def press_when(started, delay):
    started.wait(timeout=30)
    time.sleep(delay)
    press()
