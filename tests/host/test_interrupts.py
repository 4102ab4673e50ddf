"""Ctrl-C: the first asks, the second insists, and afterwards everything is as before."""

from __future__ import annotations

import signal
import threading

import pytest

from wasm_engine.host.interrupts import interrupt_asks


def test_the_first_asks_and_the_second_insists():
    asked = []
    before = signal.getsignal(signal.SIGINT)
    with interrupt_asks(lambda: asked.append(1)):
        signal.raise_signal(signal.SIGINT)
        assert asked == [1]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert asked == [1]
    assert signal.getsignal(signal.SIGINT) is before


def test_on_another_thread_it_changes_nothing():
    seen = []

    def run():
        with interrupt_asks(lambda: None):
            seen.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]
