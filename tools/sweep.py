"""Three sizes of network, each with several learning rates and weight decays, on every fold.

    python tools/sweep.py [--serial] [--scheduler tcp://HOST:8786] [--workers 2]

`make sweep` runs it on two processes of this machine; SCHEDULER=tcp://... on a Dask cluster that
is there already. The result, the same everywhere, is stored where lesson 8 finds it.
"""

import argparse
import contextlib
import json

from course_utils import sweep

GRID = {
    "hidden_sizes": [(30, 10), (100, 30), (500, 150)],
    "learning_rate": [0.02, 0.05, 0.1],
    "weight_decay": [0.0, 0.0001, 0.001, 0.01],
}
FIXED = {"optimizer": "sgd", "momentum": 0.9, "batch_size": 32, "epochs": 30}


@contextlib.contextmanager
def cluster(scheduler=None, workers=2):
    """A client of the cluster at an address, or of one made here that ends with the block."""
    import dask
    from distributed import Client, LocalCluster

    settings = {
        # Dask tells its workers' malloc to give memory back at once, which makes NumPy's
        # short-lived arrays slow; None leaves malloc as it is.
        "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
        # A worker that died is started anew, which takes its time on a busy machine.
        "distributed.deploy.lost-worker-timeout": "5 minutes",
    }
    with dask.config.set(settings):
        if scheduler:
            try:
                client = Client(scheduler, timeout=5)
            except OSError as error:
                raise SystemExit(f"No cluster answers at {scheduler}: {error}") from None
            with client:
                client.get_versions(check=True)
                yield client
        else:
            options = {"threads_per_worker": 1, "dashboard_address": None}
            with LocalCluster(n_workers=workers, **options) as here, Client(here) as client:
                yield client


def table(tasks, accuracies):
    """One entry for each combination of settings, with the accuracies of its folds."""
    settings = {}
    for task, accuracy in zip(tasks, accuracies, strict=True):
        key = tuple(task[name] for name in GRID)
        settings.setdefault(key, []).append(accuracy)
    return [
        dict(zip(GRID, key, strict=True)) | {"accuracies": found} for key, found in settings.items()
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serial", action="store_true", help="in this process, without Dask")
    parser.add_argument("--scheduler", help="the address of a Dask cluster")
    parser.add_argument("--workers", type=int, default=2, help="processes of a cluster made here")
    arguments = parser.parse_args()
    tasks = sweep.tasks(**GRID)
    calls = [task | FIXED for task in tasks]
    if arguments.serial:
        accuracies = sweep.run(calls)
    else:
        with cluster(arguments.scheduler, arguments.workers) as client:
            accuracies = sweep.run(calls, client)
    result = {"digits": sweep.DIGITS, "folds": sweep.FOLDS, **FIXED}
    result["settings"] = table(tasks, accuracies)
    sweep.FILE.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    best = max(result["settings"], key=lambda entry: sum(entry["accuracies"]))
    print(f"{len(calls)} fits. The best on average: {best}")


if __name__ == "__main__":
    main()
