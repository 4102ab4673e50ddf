"""Where a command's output goes: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import shutil
from typing import Any, TextIO

from wasm_engine.cli.terminal import escape, escape_lines, shorten
from wasm_engine.host.environment import variable

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


class Console:
    """The two streams of one command.

    Attributes:
        json: Whether stdout gets one JSON object and nothing else.
    """

    def __init__(self, out: TextIO, err: TextIO, *, json: bool) -> None:
        self.json = json
        self._out, self._err = out, err
        self._line = False

    @property
    def interactive(self) -> bool:
        """Whether a person watches stderr."""
        return self._err.isatty() and variable("TERM") != "dumb"

    def print(self, text: str = "") -> None:
        """A line of the result, for people. With --json there are none."""
        if not self.json:
            self._clear()
            self._out.write(f"{text}\n")

    def result(self, value: dict[str, Any]) -> None:
        """The result for programs: with --json the one object on stdout, else nothing."""
        if self.json:
            # ASCII: nothing in it can be an order to a terminal, whatever guests wrote.
            text = json.dumps(value, ensure_ascii=True, allow_nan=False)
            self._out.write(text.replace("\x7f", "\\u007f") + "\n")

    def write_bytes(self, data: bytes, *, error: bool = False) -> None:
        """A program's output: as it is into a file or pipe, escaped on a terminal."""
        stream = self._err if error else self._out
        self._clear()
        if stream.isatty():
            stream.write(escape_lines(data.decode(errors="replace")))
        else:
            stream.flush()
            stream.buffer.write(data)
        stream.flush()

    def note(self, text: str) -> None:
        """A line about what is going on, to stderr."""
        self._clear()
        self._err.write(f"{text}\n")
        self._err.flush()

    def progress(self, text: str) -> None:
        """The line that is written over again and again; only where a person watches."""
        if self.interactive:
            width = shutil.get_terminal_size().columns - 1
            self._err.write(f"\r\x1b[2K{shorten(escape(text), width)}")
            self._err.flush()
            self._line = True

    def paint(self, colour: str, text: str) -> str:
        """The text in a colour, where the result goes to a terminal that wants colours."""
        if not self._out.isatty() or variable("NO_COLOR") or variable("TERM") == "dumb":
            return text
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"

    def flush(self) -> None:
        """Writes out what is buffered."""
        self._clear()
        self._out.flush()
        self._err.flush()

    def _clear(self) -> None:
        if self._line:
            self._err.write("\r\x1b[2K")
            self._line = False
