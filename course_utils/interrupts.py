"""The stop button, heard only where it can do no harm."""

import signal
import threading
import time

PATIENCE = 3.0  # seconds that a step may take to come to its end


class StopButton:
    """A context in which a press of the stop button (or Ctrl-C) is noted, and waits.

    As a rule a KeyboardInterrupt may come between any two instructions: while a thread is started,
    a lock is held, or BLAS is told how many threads it has. Here it comes when `look` is called,
    or when the context ends; one press or many. Only where a step does not end, a press comes
    through at once: PATIENCE seconds after the first.

    Where the button does something else already (it is ignored, or another program handles it)
    and outside the main thread, which alone is interrupted, nothing changes.
    """

    def __enter__(self):
        self.pressed, self.before = None, None
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if before is signal.default_int_handler:
                self.before = before
                signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, error, *_):
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)
        if error is None:
            self.look()

    def look(self):
        """Raise KeyboardInterrupt where the button was pressed."""
        if self.pressed is not None:
            raise KeyboardInterrupt

    def _note(self, number, frame):
        now = time.monotonic()
        if self.pressed is None:
            self.pressed = now
        elif now - self.pressed > PATIENCE:
            raise KeyboardInterrupt
