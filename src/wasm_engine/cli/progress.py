"""A bar on the terminal of somebody who waits for bytes."""

from __future__ import annotations

from wasm_engine.cli.console import Console
from wasm_engine.host.stopwatch import elapsed

_REDRAW = 0.1
_WIDTH = 24
_MB = 1_000_000


class Bar:
    """Told how many bytes are done, of how many; drawn only where a person watches."""

    def __init__(self, console: Console, what: str) -> None:
        self._console, self._what = console, what
        self._drawn = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Redraws it, not more often than an eye can follow."""
        if not self._console.interactive or (done < total and elapsed() - self._drawn < _REDRAW):
            return
        self._drawn = elapsed()
        part = done / total if total else 1.0
        filled = "#" * round(part * _WIDTH)
        self._console.progress(
            f"{self._what} [{filled:<{_WIDTH}}] {part:4.0%} of {total / _MB:,.1f} MB"
        )
