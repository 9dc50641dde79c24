"""Workers: threads that share each batch, as lesson 7 describes it."""

import contextlib
import contextvars
import copy
import functools
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ._validation import check_count
from .meeting import Meeting

MOST = 64  # threads, each with what its layers remember: more than cores only wait in line


def check_workers(workers):
    """Refuse what is no number of threads that a processor could keep busy."""
    check_count("workers", workers)
    if workers > MOST:
        raise ValueError(
            f"workers must be at most {MOST}, got {workers}: each is a thread, "
            "and there is use for as many as the processor has cores"
        )


def possible(workers):
    """So many workers, or one where Python has no threads: in the browser."""
    if workers == 1 or sys.platform != "emscripten":
        return workers
    warnings.warn(
        f"There are no threads in the browser: workers={workers} trains with one worker.",
        stacklevel=3,
    )
    return 1


@contextlib.contextmanager
def shared_among(workers, network):
    """A network to go forward and back with, its rows shared among so many threads.

    With one worker this is the network itself.
    """
    if workers == 1:
        yield network
        return

    from threadpoolctl import threadpool_limits

    # Without the limit BLAS would start threads for each worker's products; no core is free.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(workers - 1) as pool:
        yield Workers(network, workers, pool)


class Workers:
    """Forward and backward of a network, each worker with its part of the batch.

    Data-parallel training, as large machines do it: each worker has its own copy of the network,
    in which only the parameters are the same arrays. The loss and its mean are taken of all rows
    together, so a part's gradient weighs as much as the part has rows, and the gradient of the
    whole is their sum. It is summed in the order of the workers, whoever is done first, so that
    rounding is the same at every run.
    """

    def __init__(self, network, workers, pool):
        self.pool = pool
        self.networks = [network, *(_copy_sharing_parameters(network) for _ in range(workers - 1))]

    def forward(self, X, training=False):
        self.busy = self.networks[: len(X)]  # of a last, small batch not everyone gets a part
        return np.concatenate(self._each(lambda net, rows: net.forward(rows, training), X))

    def backward(self, gradient):
        self._each(lambda net, rows: net.backward(rows), gradient)
        first, *others = self.busy
        for other in others:
            for mine, theirs in zip(first.layers, other.layers, strict=True):
                mine.add_gradients_of(theirs)

    def _each(self, work, array):
        """What `work` gives for each worker and its part of the array; the first works here."""
        meeting, parts = Meeting(len(self.busy)), np.array_split(array, len(self.busy))
        # A thread has NumPy's settings for overflow of its own, unless it runs in this context.
        first, *others = [
            functools.partial(contextvars.copy_context().run, meeting.attend, n, work, *its)
            for n, its in enumerate(zip(self.busy, parts, strict=True))
        ]
        jobs = [self.pool.submit(other) for other in others]
        try:
            return [first(), *(job.result() for job in jobs)]
        except threading.BrokenBarrierError as broken:  # somebody waited for one who failed
            for job in jobs:
                failure = job.exception()
                if failure and not isinstance(failure, threading.BrokenBarrierError):
                    raise failure from broken
            raise


def _copy_sharing_parameters(network):
    """A network with the same parameter arrays, but layers and random numbers of its own."""
    instead = {id(p): p for p in network.parameters()}
    if network.rng is not None:  # wherever a layer, or one within a layer, keeps it
        instead[id(network.rng)] = network.rng.spawn(1)[0]
    return copy.deepcopy(network, instead)
