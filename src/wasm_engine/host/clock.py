"""The machine's clock, for worlds that record it."""

from __future__ import annotations

import time


class MachineClock:
    """Real time."""

    def now(self) -> int:
        """Nanoseconds since the Unix epoch."""
        return time.time_ns()
