"""The process's environment: read here, passed on as values."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def variable(name: str) -> str:
    """An environment variable, or an empty string."""
    return os.environ.get(name, "")


def put(name: str, value: str) -> None:
    """Sets one, for the libraries of this process that look at it, and for its children."""
    os.environ[name] = value


@contextmanager
def holding(name: str, value: str) -> Iterator[None]:
    """For a library that takes a setting from nowhere else: the variable is set meanwhile."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def discard_output(fd: int) -> None:
    """Sends what is still written to a descriptor nowhere: whoever read it has gone."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, fd)
    os.close(null)
