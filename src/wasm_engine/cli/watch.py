"""The person at the terminal, as the operator's functions see them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.host.stopwatch import elapsed
from wasm_engine.host.threads import Lock

_REDRAW = 0.1
_WIDTH = 72
"""Characters of a model's words that are shown in a line."""


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


class Listening(Watch):
    """A `Watch` that also shows what language models say, as they say it.

    Each agent's words are shown in lines of its own, a little at a time: several speak at once.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._lock = Lock()
        self._pending: dict[tuple[str, str], str] = {}

    def hears(self, agent: str, model: str, piece: str) -> None:
        """Shows what came, as far as it makes a line; in whatever thread."""
        with self._lock:
            text = self._pending.pop((agent, model), "") + piece
            *lines, rest = text.split("\n")
            while len(rest) > _WIDTH:
                space = rest.rfind(" ", 1, _WIDTH)
                cut = space if space > 0 else _WIDTH
                lines.append(rest[:cut])
                rest = rest[cut:].removeprefix(" ")
            for line in lines:
                self._show(agent, model, line)
            self._pending[agent, model] = rest

    def at_step(self, step: int, messages: int) -> None:
        """What was said before the step is said by now."""
        with self._lock:
            for (agent, model), text in sorted(self._pending.items()):
                if text:
                    self._show(agent, model, text)
            self._pending.clear()
        super().at_step(step, messages)

    def _show(self, agent: str, model: str, line: str) -> None:
        self._console.note(f"{escape(agent)} < {escape(model)}: {escape(line)}")


def watching(console: Console, *, listens: bool) -> Watch:
    """Who watches a run at this terminal."""
    return Listening(console) if listens else Watch(console)
