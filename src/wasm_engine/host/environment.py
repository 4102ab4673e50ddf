"""The process's environment: read here, passed on as values."""

from __future__ import annotations

import os


def variable(name: str) -> str:
    """An environment variable, or an empty string."""
    return os.environ.get(name, "")


def discard_output(fd: int) -> None:
    """Sends what is still written to a descriptor nowhere: whoever read it has gone."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, fd)
    os.close(null)
