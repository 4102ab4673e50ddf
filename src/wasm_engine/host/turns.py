"""Turns: how many may do something at a time, while others wait in line."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from wasm_engine.host.outside import Cancellation

_PATIENCE = 0.25
"""Seconds after which somebody who waits looks whether anybody still wants it."""


def lock() -> threading.Lock:
    """A turn that one has at a time."""
    return threading.Lock()


class Turns:
    """Lets so many through at a time.

    Args:
        most: How many.
    """

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)

    @contextlib.contextmanager
    def one(self, cancellation: Cancellation) -> Iterator[bool]:
        """Waits for a turn and has it; False where nobody wants to know any more."""
        while not self._free.acquire(timeout=_PATIENCE):
            if cancellation.cancelled:
                yield False
                return
        try:
            yield not cancellation.cancelled
        finally:
            self._free.release()
