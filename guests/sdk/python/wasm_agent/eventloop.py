"""An event loop on world time, so that `asyncio.run`, `gather`, `sleep` and `wait_for` work.

No sockets, pipes, signals or threads exist in the sandbox, so there is nothing to select on: the
loop only ever waits for its own timers.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import unix_events
from typing import Any


class WorldLoop(asyncio.BaseEventLoop):
    """A loop of timers and callbacks. Waiting suspends the agent until world time has come."""

    def __init__(self) -> None:
        super().__init__()
        # BaseEventLoop asks its selector how long to wait; that is all it asks of it.
        self._selector = self

    def select(self, timeout: float | None = None) -> list[Any]:
        """Waits for the next timer.

        Raises:
            RuntimeError: There is none, so that nothing could ever wake the loop.
        """
        if timeout is None:
            message = "every task waits for something that no task and no timer will bring"
            raise RuntimeError(message)
        if timeout > 0:
            time.sleep(timeout)
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none: nothing but timers wakes this loop."""

    def _write_to_self(self) -> None:
        """Wakes a loop from another thread. There is no other thread."""


def install() -> None:
    """Makes it the loop of `asyncio.run` and `asyncio.new_event_loop`."""
    policy = unix_events._DefaultEventLoopPolicy  # type: ignore[attr-defined]  # noqa: SLF001
    policy._loop_factory = WorldLoop  # noqa: SLF001 - there is no public way that does not warn
