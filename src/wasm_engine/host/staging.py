"""Room for work that takes a while: a folder that goes with the work, and a place in a queue."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from wasm_engine.concepts.errors import HostFault


@contextlib.contextmanager
def staging_folder() -> Iterator[Path]:
    """A new folder that only we may enter, removed with all that is in it.

    Raises:
        HostFault: The machine has no room for it.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="wasm-engine-", ignore_cleanup_errors=True)
    except OSError as error:
        message = f"cannot make a temporary folder: {error}"
        raise HostFault(message) from error
    with folder as name:
        yield Path(name)


@contextlib.contextmanager
def turn(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Of several processes, one at a time is inside. It ends with the process at the latest.

    Args:
        path: A file that stands for the work; made if it is not there, and left there.
        waiting: Called once, if somebody else is inside.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
