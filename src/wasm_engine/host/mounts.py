"""Reads a host folder for a mount: what is in it, and each file's bytes as they were listed.

Nothing is followed on the host: a symbolic link is listed as a link, and what is neither file,
folder nor link is refused.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.errors import HostFault, Misuse

MAX_ENTRIES = 10_000
MAX_BYTES = 1 << 30
MAX_DEPTH = 64
"""Folders in folders; each level holds a descriptor open while it is read."""
_CHUNK = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class MountEntry(NamedTuple):
    """One thing in a folder.

    Attributes:
        path: Where it is, with `/`, relative to the folder.
        kind: `directory`, `file` or `link`.
        size: Bytes of content of a file.
        digest: SHA-256 of the content of a file; empty for anything else.
        target: What a link holds; empty for anything else.
        read: Gives the content of a file; HostFault where it is no longer what was listed.
    """

    path: str
    kind: str
    size: int
    digest: bytes
    target: str
    read: Callable[[], bytes]


def read_folder(
    folder: Path, *, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES
) -> list[MountEntry]:
    """Lists a folder and hashes its files.

    A folder comes before what is in it; names in a folder are in the order of their UTF-8 bytes.

    Args:
        folder: The folder. Must not be a symbolic link itself.
        max_entries: How much it may hold.
        max_bytes: How many bytes its files may have together.

    Raises:
        Misuse: It cannot be read, holds what cannot be shown to a guest, or holds too much.
    """
    reader = _Reader(folder, max_entries, max_bytes)
    try:
        top = os.open(folder, _FOLDER)
        try:
            return list(reader.walk(top, (), 0))
        finally:
            os.close(top)
    except OSError as error:
        raise _refused(folder, "", error.strerror or "cannot be read") from None


def read_stored(folder: str, path: str, size: int, digest: bytes) -> bytes:
    """A file that was listed earlier, if it is still the same.

    Raises:
        HostFault: It has changed, or cannot be read.
    """
    return _content(Path(folder), tuple(path.split("/")), size, digest)


class _Reader:
    """One reading of one folder."""

    def __init__(self, folder: Path, max_entries: int, max_bytes: int) -> None:
        self._folder = folder
        self._entries = max_entries
        self._bytes = max_bytes

    def walk(self, here: int, above: tuple[str, ...], depth: int) -> Iterator[MountEntry]:
        """What is in an open folder, and below it."""
        if depth > MAX_DEPTH:
            raise self._refused(above, f"more than {MAX_DEPTH} folders deep")
        for name in self._names(here, above):
            parts = (*above, name)
            try:
                entry = self._entry(here, parts)
                yield entry
                if entry.kind == "directory":
                    yield from self._below(here, parts, depth + 1)
            except OSError as error:
                raise self._refused(parts, error.strerror or "cannot be read") from None

    def _entry(self, here: int, parts: tuple[str, ...]) -> MountEntry:
        name = parts[-1]
        mode = os.stat(name, dir_fd=here, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            return self._file(here, parts)
        if stat.S_ISDIR(mode):
            return MountEntry("/".join(parts), "directory", 0, b"", "", bytes)
        if not stat.S_ISLNK(mode):
            raise self._refused(parts, "neither a file, a folder nor a link")
        target = os.readlink(name, dir_fd=here)
        if not _is_text(target):
            raise self._refused(parts, "leads to a name that is not UTF-8")
        return MountEntry("/".join(parts), "link", 0, b"", target, bytes)

    def _below(self, here: int, parts: tuple[str, ...], depth: int) -> Iterator[MountEntry]:
        inner = os.open(parts[-1], _FOLDER, dir_fd=here)
        try:
            yield from self.walk(inner, parts, depth)
        finally:
            os.close(inner)

    def _names(self, here: int, above: tuple[str, ...]) -> list[str]:
        """The names in a folder, in order; refused as soon as they are too many."""
        names = []
        with os.scandir(here) as listed:
            for entry in listed:
                self._entries -= 1
                if self._entries < 0:
                    raise self._refused((), "more files than a mount may have")
                if not _is_text(entry.name):
                    raise self._refused((*above, entry.name), "a name that is not UTF-8")
                names.append(entry.name)
        return sorted(names)

    def _file(self, here: int, parts: tuple[str, ...]) -> MountEntry:
        digest, size = sha256(), 0
        with _opened(parts[-1], here) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                if size > self._bytes:
                    raise self._refused((), "more bytes than a mount may have")
        self._bytes -= size
        listed = digest.digest()
        folder = self._folder
        return MountEntry(
            "/".join(parts), "file", size, listed, "", lambda: _content(folder, parts, size, listed)
        )

    def _refused(self, parts: tuple[str, ...], why: str) -> Misuse:
        return _refused(self._folder, "/".join(parts), why)


def _opened(name: str, here: int) -> FileIO:
    """A regular file in an open folder, unbuffered."""
    descriptor = os.open(name, _FILE, dir_fd=here)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "not a regular file any more", name)
    return FileIO(descriptor, "rb")


def _content(folder: Path, parts: tuple[str, ...], size: int, digest: bytes) -> bytes:
    """A listed file's bytes, if they are still the same."""
    held: list[int] = []
    try:
        held.append(os.open(folder, _FOLDER))
        for name in parts[:-1]:
            held.append(os.open(name, _FOLDER, dir_fd=held[-1]))
        with _opened(parts[-1], held[-1]) as file:
            content = bytearray()
            while len(content) <= size and (chunk := file.read(size + 1 - len(content))):
                content += chunk
    except OSError as error:
        raise _changed(folder, parts, error.strerror or "cannot be read") from None
    finally:
        for descriptor in reversed(held):
            os.close(descriptor)
    if len(content) != size or sha256(content).digest() != digest:
        raise _changed(folder, parts, "has other contents now")
    return bytes(content)


def _changed(folder: Path, parts: tuple[str, ...], why: str) -> HostFault:
    message = f"{folder}: {'/'.join(parts)} was mounted and has changed since: {why}"
    return HostFault(message, code="mount-changed")


def _refused(folder: Path, path: str, why: str) -> Misuse:
    shown = path.encode("utf-8", "backslashreplace").decode()
    message = f"cannot mount {folder}: {shown}: {why}" if shown else f"cannot mount {folder}: {why}"
    return Misuse(message, code="bad-mount")


def _is_text(name: str) -> bool:
    """Whether a name of the host is UTF-8; Python marks the bytes that are not by surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
