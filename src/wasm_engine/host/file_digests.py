"""SHA-256 of files that may be very large: computed once, as long as nothing about them changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from wasm_engine.concepts.errors import Misuse
from wasm_engine.host import places
from wasm_engine.host.clock import MachineClock
from wasm_engine.host.disk import PrivateFolder

LARGE: Final = 64 << 20
"""Bytes from which on it is worth a note on the disk."""
SETTLED: Final = 2 * 10**9
"""Nanoseconds after which a further change of a file shows in its times for sure."""
Look: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and when it and its inode were changed last (ns)."""

_known: dict[Look, bytes] = {}


class Hashed(NamedTuple):
    """A file, what is in it, and how it looked meanwhile."""

    path: Path
    digest: bytes
    look: Look

    def require_unchanged(self) -> None:
        """Lets the file pass if nothing about it has changed since it was hashed.

        Raises:
            Misuse: It has, or is gone.
        """
        try:
            same = _look(self.path.stat()) == self.look
        except OSError:
            same = False
        if not same:
            message = f"{self.path} was changed while it was read"
            raise Misuse(message, code="bad-model", hint="try again when nobody writes to it")

    def require_same(self, data: bytes) -> None:
        """Lets bytes pass if they are those that were hashed.

        Raises:
            Misuse: They are not.
        """
        if hashlib.sha256(data).digest() != self.digest:
            message = f"{self.path} was changed while it was read"
            raise Misuse(message, code="bad-model", hint="try again when nobody writes to it")


def hashed(path: Path) -> Hashed:
    """A file with its digest.

    Raises:
        Misuse: It cannot be read.
    """
    with opened(path) as fd:
        look = _look(os.fstat(fd))
        kept = look[2] >= LARGE and look[4] < MachineClock().now() - SETTLED
        digest = (_known.get(look) or _noted(path, look)) if kept else None
        if digest is not None:
            return Hashed(path, digest, look)
        with os.fdopen(os.dup(fd), "rb") as file:
            found = Hashed(path, hashlib.file_digest(file, "sha256").digest(), look)
        found.require_unchanged()
    if kept:
        _known[look] = found.digest
        _note(found)
    return found


@contextlib.contextmanager
def viewed(path: Path) -> Iterator[memoryview]:
    """The bytes of a file, without a copy.

    Raises:
        Misuse: It cannot be read.
    """
    with opened(path) as fd:
        if not os.fstat(fd).st_size:
            yield memoryview(b"")
            return
        with mmap.mmap(fd, 0, prot=mmap.PROT_READ) as mapped, memoryview(mapped) as view:
            yield view


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    """A plain file's descriptor.

    Raises:
        Misuse: It cannot be read.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise Misuse(message, code="bad-model") from None
    try:
        if not Path(f"/proc/self/fd/{fd}").is_file():
            message = f"{path} is not a file"
            raise Misuse(message, code="bad-model")
        yield fd
    finally:
        os.close(fd)


def _look(status: os.stat_result) -> Look:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()


def _noted(path: Path, look: Look) -> bytes | None:
    """What was found the last time, if the file looks as it did then."""
    place = places.cache_folder() / "digests"
    if not place.is_dir():
        return None
    with contextlib.suppress(Misuse, ValueError, TypeError, OSError):
        found = PrivateFolder(place).read_sealed(_name(path), 0)
        if found is not None:
            with found[0].view() as view:
                *before, digest = json.loads(bytes(view))
            if before == list(look):
                return bytes.fromhex(digest)
    return None


def _note(found: Hashed) -> None:
    with contextlib.suppress(Misuse, OSError):
        folder = PrivateFolder(places.cache_folder() / "digests")
        row = [*found.look, found.digest.hex()]
        folder.write(_name(found.path), json.dumps(row).encode())
