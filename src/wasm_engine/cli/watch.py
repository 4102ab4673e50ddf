"""The person at the terminal, as the operator's functions see them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.host.stopwatch import elapsed

_REDRAW = 0.1


class Watch:
    """An `Observer` on a console; an interrupt asks for a stop."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stop = False
        self._steps = False
        self._drawn = 0.0

    def note(self, text: str) -> None:
        """Prints it."""
        self._console.note(escape(text))

    def at_step(self, step: int, messages: int) -> None:
        """Redraws the progress line, not more often than an eye can follow."""
        self._steps = True
        if self._console.interactive and elapsed() - self._drawn >= _REDRAW:
            self._drawn = elapsed()
            self._console.progress(f"step {step:,}, {messages:,} messages")

    def stop_asked(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._stop

    def ask_to_stop(self) -> None:
        """Ctrl-C was pressed. Before the first step there is nothing to finish first.

        Raises:
            KeyboardInterrupt: No step is under way.
        """
        if not self._steps:
            raise KeyboardInterrupt
        self._stop = True
        self._console.note("stopping after this step (Ctrl-C again: at once)")

    def allows(self, grants: Sequence[str]) -> bool:
        """Asks on the terminal, if there is one."""
        if not (sys.stdin.isatty() and self._console.interactive):
            return False
        self._console.note("this world wants, on this machine, more than its own folder:")
        for grant in grants:
            self._console.note(f"  {escape(grant)}")
        self._console.note("allow it this time? [y/N]")
        return sys.stdin.readline().strip().lower() in {"y", "yes"}
