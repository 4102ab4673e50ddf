"""Ctrl-C: the first asks, the second insists."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType


@contextlib.contextmanager
def interrupt_asks(ask: Callable[[], None]) -> Iterator[None]:
    """While inside, the first interrupt calls `ask`; any further one is a KeyboardInterrupt.

    Only the main thread receives signals; elsewhere this changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        # One handler for both: what is installed while guests run is not deferred (see signals).
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        ask()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
