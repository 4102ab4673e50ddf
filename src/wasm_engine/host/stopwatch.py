"""Real time that passes, for people who wait. Nothing in a world may depend on it."""

from __future__ import annotations

import time


def elapsed() -> float:
    """Seconds since some moment of the past; grows steadily."""
    return time.monotonic()
