"""Files that one process at a time may write: private, and held by a lock that dies with us."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TypeAlias

TemporaryFolder: TypeAlias = tempfile.TemporaryDirectory[str]


class Hold:
    """The exclusive right to write a file. The kernel ends it when the process dies.

    Closing *any* descriptor of a file drops the locks that SQLite has on it, so a hold is released
    only after the connection to the database is closed.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def is_of(self, path: Path) -> bool:
        """Whether the path still leads to the file that is held."""
        ours, there = os.fstat(self._fd), path.stat()
        return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)

    def release(self) -> None:
        """Gives the right back. Idempotent."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self.release()


def create_held(path: Path) -> Hold:
    """Creates a file that only we may read and write, and holds it.

    Raises:
        FileExistsError: There is something at the path already, be it a dangling link.
        OSError: The file cannot be created.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return _locked(os.open(path, flags, 0o600))


def hold(path: Path) -> Hold:
    """Holds an existing file.

    Raises:
        BlockingIOError: Somebody else holds it.
        OSError: It is not a regular file, or we may not write it.
    """
    # O_NONBLOCK: a pipe at the path must not make us wait for its other end.
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        msg = "not a regular file"
        raise OSError(msg)
    return _locked(fd)


def sync_file(path: Path) -> None:
    """Makes durable what a file holds, whoever wrote it."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable: a new file is worth nothing without its name."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def private_copy(paths: list[Path]) -> TemporaryFolder:
    """Copies of files under their own names, in a new folder that only we may enter."""
    folder = tempfile.TemporaryDirectory(prefix="wasm-engine-")
    try:
        for path in paths:
            shutil.copyfile(path, Path(folder.name) / path.name)
    except BaseException:
        folder.cleanup()
        raise
    return folder


def random_id() -> bytes:
    """16 random bytes: the identity of a run. Nothing in a world may depend on it."""
    return os.urandom(16)


def _locked(fd: int) -> Hold:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(fd)
        raise
    return Hold(fd)
