"""EarlyStopping: it stops in time, and the network has its best weights however it ended."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from three_clouds import new_network, three_clouds, train

import course_utils as cu


def overfitting(**changes):
    """A network that learns random labels: the validation loss falls, then rises."""
    rng = np.random.default_rng(3)
    X, y = three_clouds(rows=40)
    y = np.where(rng.random(40) < 0.4, rng.integers(3, size=40), y)
    layers = [cu.Dense(60), cu.BatchNorm(), cu.ReLU(), cu.Dense(60), cu.ReLU(), cu.Dense(3)]
    net = cu.Sequential(layers, input_shape=2, rng=np.random.default_rng(1))
    settings = {"optimizer": cu.SGD(0.2), "batch_size": 10, "epochs": 60}
    settings |= {"validation": three_clouds(rows=60)} | changes
    return net, train(net, X, y, **settings)


@pytest.mark.parametrize("patience", [1, 5, 1000])
def test_the_network_has_its_best_weights(patience):
    kept = []
    early = cu.EarlyStopping(patience)
    assert repr(early) == f"EarlyStopping(patience={patience})"

    def keep(epoch, network, history):
        kept.append([array.copy() for array in network.arrays()])

    net, history = overfitting(callbacks=[keep, early])
    losses = history.validation_loss
    assert early.best_epoch == 1 + int(np.argmin(losses)) < len(losses)
    assert early.best_loss == min(losses)
    assert len(losses) == len(kept) == min(60, early.best_epoch + patience)
    assert all(map(np.array_equal, net.arrays(), kept[early.best_epoch - 1]))
    X, y = three_clouds(rows=60)
    assert_allclose(cu.softmax_cross_entropy(net.predict(X), y)[0], min(losses), rtol=1e-12)


def test_it_can_be_used_again():
    early = cu.EarlyStopping(3)
    first = overfitting(callbacks=[early])[1]
    best = early.best_epoch
    assert overfitting(callbacks=[early])[1] == first
    assert early.best_epoch == best


def test_the_stop_button_leaves_the_best_weights_too(capsys):
    def stop(epoch, network, history):
        if epoch == 10:
            raise KeyboardInterrupt

    early = cu.EarlyStopping(1000)
    net, history = overfitting(callbacks=[early, stop])
    assert early.best_epoch < len(history) == 10
    X, y = three_clouds(rows=60)
    assert_allclose(
        cu.softmax_cross_entropy(net.predict(X), y)[0], min(history.validation_loss), rtol=1e-12
    )
    assert "Stopped in epoch 10" in capsys.readouterr().out


def test_without_validation_it_is_refused_before_the_first_step():
    net = new_network()
    before = [p.copy() for p in net.parameters()]
    with pytest.raises(ValueError, match="EarlyStopping needs validation"):
        train(net, callbacks=[cu.EarlyStopping()])
    assert all(map(np.array_equal, net.parameters(), before))
    with pytest.raises(ValueError, match="EarlyStopping needs data to measure on"):
        cu.EarlyStopping()(1, net, cu.History())


@pytest.mark.parametrize("patience", [0, 1.5, None])
def test_no_patience_is_refused(patience):
    with pytest.raises(ValueError, match="patience must be a whole number of at least 1"):
        cu.EarlyStopping(patience)


def test_any_callback_that_returns_true_ends_the_training():
    seen = []
    history = train(
        new_network(),
        epochs=9,
        callbacks=[lambda epoch, *_: epoch == 2, lambda epoch, *_: seen.append(epoch) or "more"],
    )
    assert len(history) == 2
    assert seen == [1, 2]
