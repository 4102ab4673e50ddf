"""One thread that ends what takes longer than it may: many deadlines, and hardly any cost."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable

from wasm_engine.host.stopwatch import elapsed


def _nothing() -> None:
    """What is over need not be ended."""


class Deadline:
    """A time by which something has to be over.

    Attributes:
        passed: Whether it is past, and what was to end was told.
    """

    __slots__ = ("end", "over", "passed")

    def __init__(self, end: Callable[[], None]) -> None:
        self.end = end
        self.passed = self.over = False

    def cancel(self) -> None:
        """What it was for is over; what was to end it is let go, though its time is still kept."""
        self.over, self.end = True, _nothing


class Watchdog:
    """Keeps deadlines. Its thread begins with the first, and sleeps until the earliest."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Deadline]] = []
        self._count = 0
        self._wakes = 0.0
        self._thread: threading.Thread | None = None

    def watch(self, seconds: float, end: Callable[[], None]) -> Deadline:
        """Calls `end`, in another thread, unless the deadline is cancelled before.

        Args:
            seconds: From now on.
            end: Must not block.
        """
        deadline, time = Deadline(end), elapsed() + seconds
        with self._changed:
            self._count += 1
            heapq.heappush(self._due, (time, self._count, deadline))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="deadlines", daemon=True)
                self._thread.start()
            elif time < self._wakes:
                self._changed.notify()
            if len(self._due) > 1_000:  # of what was over in time
                self._due = [row for row in self._due if not row[2].over]
                heapq.heapify(self._due)
        return deadline

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._due and self._due[0][2].over:
                    heapq.heappop(self._due)
                now = elapsed()
                if not self._due or self._due[0][0] > now:
                    self._wakes = self._due[0][0] if self._due else now + 3_600
                    self._changed.wait(self._wakes - now)
                    continue
                deadline = heapq.heappop(self._due)[2]
            deadline.passed = True
            deadline.end()


WATCHDOG = Watchdog()
"""The process's one."""
