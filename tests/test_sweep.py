"""The sweep: the same numbers in one process, on a cluster, and where workers die."""

import importlib
import json
import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest
import sweep as tool
from conftest import missing
from threadpoolctl import threadpool_info

from course_utils import sweep
from course_utils.estimator import NeuralNetClassifier

FIXED = {"optimizer": "sgd", "epochs": 12, "batch_size": 32}
TASKS = [task | FIXED for task in sweep.tasks(hidden_sizes=[(16,), (30, 10)], learning_rate=[0.1])]


@pytest.fixture(scope="module")
def serial():
    return sweep.run(TASKS, progress=False)


@pytest.fixture(scope="module")
def client():
    """Two worker processes on this machine."""
    try:
        importlib.import_module("distributed")
    except ImportError:
        missing("Dask is not installed")
    with tool.cluster() as client:
        yield client


def test_there_is_a_task_for_each_fold_of_each_setting():
    tasks = sweep.tasks(hidden_sizes=[(8,), (16,)], learning_rate=[0.1, 0.2])
    assert len(tasks) == 2 * 2 * sweep.FOLDS
    assert tasks[0] == {"hidden_sizes": (8,), "learning_rate": 0.1, "fold": 0}
    assert len({tuple(task.items()) for task in tasks}) == len(tasks)


def test_a_network_learns_and_a_fold_is_one_of_its_own(serial):
    assert len(serial) == len(TASKS)
    assert min(serial) > 0.5
    assert len(set(serial)) > 5


def test_a_fit_uses_one_blas_thread(monkeypatch):
    seen = []
    fit = NeuralNetClassifier.fit
    monkeypatch.setattr(
        NeuralNetClassifier,
        "fit",
        lambda *arguments: seen.extend(threadpool_info()) or fit(*arguments),
    )
    sweep.accuracy(fold=0, hidden_sizes=(4,), epochs=1)
    blas = [library["num_threads"] for library in seen if library["user_api"] == "blas"]
    assert blas
    assert set(blas) == {1}


def test_what_is_sent_for_a_task_is_small():
    assert len(pickle.dumps((sweep.accuracy, TASKS[0]))) < 1000


def test_a_cluster_gives_the_same_numbers(client, serial):
    assert sweep.run(TASKS, client, progress=False) == serial


def test_a_worker_that_is_killed_costs_no_result(client, serial):
    begun = time.perf_counter()
    sweep.run(TASKS, client, progress=False)
    seconds = time.perf_counter() - begun
    for moment in np.linspace(0.02, 0.95, 10):
        client.wait_for_workers(2, timeout=60)
        victim = next(iter(client.run(os.getpid).values()))
        timer = threading.Timer(moment * seconds, os.kill, (victim, signal.SIGKILL))
        timer.start()
        assert sweep.run(TASKS, client, progress=False) == serial
        timer.join()


@pytest.mark.parametrize("where", ["here", "on the cluster"])
def test_a_task_that_raises_says_its_settings(where, request):
    client = request.getfixturevalue("client") if where == "on the cluster" else None
    task = {"hidden_sizes": (8,), "learning_rate": -1.0, "fold": 2}
    with pytest.raises(RuntimeError, match="fold 2 with .*'learning_rate': -1.0.*: learning_rate"):
        sweep.run([task], client, progress=False)


def test_a_cluster_that_does_not_answer_is_said_at_once(client):
    begun = time.perf_counter()
    there_is_none = tool.cluster("tcp://127.0.0.1:9")
    with pytest.raises(SystemExit, match="No cluster answers at tcp://127.0.0.1:9"):
        there_is_none.__enter__()
    assert time.perf_counter() - begun < 30


def test_what_is_stored_is_complete():
    stored = sweep.load_sweep()
    combinations = [
        tuple(tuple(v) if isinstance(v, list) else v for v in (entry[name] for name in tool.GRID))
        for entry in stored["settings"]
    ]
    expected = {tuple(task[name] for name in tool.GRID) for task in sweep.tasks(**tool.GRID)}
    assert len(combinations) == len(expected)
    assert set(combinations) == expected
    assert all(len(entry["accuracies"]) == stored["folds"] for entry in stored["settings"])


def test_what_is_stored_is_found_again():
    stored = sweep.load_sweep()
    entry = stored["settings"][0]
    settings = {name: entry[name] for name in tool.GRID} | tool.FIXED
    assert sweep.accuracy(fold=0, **settings) == pytest.approx(entry["accuracies"][0], abs=0.01)


def test_the_table_collects_the_folds(tmp_path):
    tasks = sweep.tasks(**tool.GRID)
    rows = tool.table(tasks, range(len(tasks)))
    assert rows[1]["accuracies"] == [5, 6, 7, 8, 9]
    assert json.loads(json.dumps(rows[0])) == {
        "hidden_sizes": [30, 10],
        "learning_rate": 0.02,
        "weight_decay": 0.0,
        "accuracies": [0, 1, 2, 3, 4],
    }
