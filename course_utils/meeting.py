"""Where the threads that share a batch meet, and add up what each found in its rows."""

import threading
from contextvars import ContextVar

_seat = ContextVar("seat", default=None)  # (the meeting, the number of this worker)


def sum_over_workers(values):
    """The sum of what each worker comes with, for all of them; alone, the values themselves.

    For a layer that needs a sum over all rows of a batch, of which this thread may have a part.
    Every worker calls it, in the same order of layers. Used by BatchNorm, lesson 10.
    """
    if _seat.get() is None:
        return values
    meeting, number = _seat.get()
    return meeting.add_up(number, values)


class Meeting:
    """A place for so many workers, each in a thread of its own."""

    def __init__(self, workers):
        self.brought = [None] * workers
        self.everyone = threading.Barrier(workers)

    def attend(self, number, work, *arguments):
        """Do the work as worker `number`; where it fails, nobody waits for this worker."""
        seat = _seat.set((self, number))
        try:
            return work(*arguments)
        except BaseException:
            self.everyone.abort()
            raise
        finally:
            _seat.reset(seat)

    def add_up(self, number, values):
        self.brought[number] = values
        self.everyone.wait()
        first, *others = self.brought
        total = sum(others, start=first)  # in their order, whoever comes first: one rounding
        self.everyone.wait()  # nobody brings the next values before all have these
        return total
