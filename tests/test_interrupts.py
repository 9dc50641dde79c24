"""The stop button: a press is noted, and comes where it can do no harm."""

import signal
import threading

import pytest

from course_utils import interrupts
from course_utils.interrupts import StopButton


def press():
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def interruptible():
    """SIGINT raises KeyboardInterrupt, even where whoever started the tests has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_press_comes_when_one_looks():
    done = []
    with pytest.raises(KeyboardInterrupt), StopButton() as stop:
        stop.look()
        press()
        press()
        done.append("the step")
        stop.look()
        done.append("the next step")
    assert done == ["the step"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("interruptible")
def test_a_press_that_nobody_looked_for_comes_at_the_end():
    done = []
    with pytest.raises(KeyboardInterrupt), StopButton():
        press()
        done.append("all")
    assert done == ["all"]


@pytest.mark.usefixtures("interruptible")
def test_an_error_is_not_hidden_by_a_press():
    with pytest.raises(ZeroDivisionError), StopButton():
        press()
        1 / 0  # noqa: B018
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("interruptible")
def test_a_second_press_comes_at_once_where_a_step_does_not_end(monkeypatch):
    now = 100.0
    monkeypatch.setattr(interrupts.time, "monotonic", lambda: now)
    done = []
    with pytest.raises(KeyboardInterrupt), StopButton():
        press()
        now += interrupts.PATIENCE - 0.1
        press()
        done.append("waited")
        now += 0.2
        press()
        done.append("waited for ever")
    assert done == ["waited"]


@pytest.mark.usefixtures("interruptible")
def test_where_the_button_does_something_else_it_still_does():
    pressed = []
    own = lambda number, frame: pressed.append(number)
    signal.signal(signal.SIGINT, own)
    with StopButton() as stop:
        press()
        stop.look()
    assert pressed == [signal.SIGINT]
    assert signal.getsignal(signal.SIGINT) is own


@pytest.mark.usefixtures("interruptible")
def test_outside_the_main_thread_nothing_changes():
    handlers = []

    def work():
        with StopButton() as stop:
            handlers.append(signal.getsignal(signal.SIGINT))
            stop.look()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]
