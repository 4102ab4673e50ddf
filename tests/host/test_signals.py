"""Signal handlers wait while guest code runs, and are lost in no case."""

from __future__ import annotations

import signal
import threading

import pytest

from wasm_engine.host import signals


@signals.enters_guests
def as_a_guest(do):
    return do()


@pytest.fixture
def caught():
    seen = []
    before = signal.signal(signal.SIGUSR1, lambda *_: seen.append("seen"))
    yield seen
    signal.signal(signal.SIGUSR1, before)


def strike():
    signal.raise_signal(signal.SIGUSR1)


def test_a_handler_waits_under_a_guest_and_runs_afterwards(caught):
    def guest():
        strike()
        strike()
        return list(caught)

    with signals.deferred():
        assert as_a_guest(guest) == []
        signals.run_waiting()
        assert caught == ["seen", "seen"]
        strike()
        assert len(caught) == 3
    assert as_a_guest(guest) == ["seen"] * 5


def test_what_still_waits_at_the_end_runs_at_the_end(caught):
    with signals.deferred():
        as_a_guest(strike)
        assert caught == []
    assert caught == ["seen"]


def test_handlers_are_as_they_were_afterwards(caught):
    before = {n: signal.getsignal(n) for n in signal.valid_signals()}
    with signals.deferred(), signals.deferred():
        assert signal.getsignal(signal.SIGUSR1) is not before[signal.SIGUSR1]
    assert {n: signal.getsignal(n) for n in signal.valid_signals()} == before


def test_a_handler_that_was_replaced_inside_stays(caught):
    def another(*_):
        caught.append("another")

    with signals.deferred():
        signal.signal(signal.SIGUSR1, another)
    assert signal.getsignal(signal.SIGUSR1) is another


@pytest.fixture
def interrupts():
    """Whoever started these tests in the background had interrupts ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_is_raised_once_the_guest_is_left(interrupts):
    with pytest.raises(KeyboardInterrupt), signals.deferred():
        as_a_guest(lambda: signal.raise_signal(signal.SIGINT))


def test_on_another_thread_it_changes_nothing(caught):
    found = []

    def run():
        with signals.deferred():
            found.append(signal.getsignal(signal.SIGUSR1))

    before = signal.getsignal(signal.SIGUSR1)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [before]
