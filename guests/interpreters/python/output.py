"""Standard output and error: whole lines, in UTF-8, whatever the text."""

from __future__ import annotations

import io
import sys


def install() -> None:
    """Makes a `print` one host call: the build's own streams write piece by piece, unbuffered."""
    sys.stdout = _lines(1)
    sys.stderr = _lines(2)


def _lines(descriptor: int) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, "wb", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), "utf-8", "backslashreplace", newline="\n", line_buffering=True
    )
