"""Private files: folders that are ours alone, content that is checked before it is used."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.host.locks import sync_folder

_KEY_SIZE = 32
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class SealedFile:
    """A file in memory. Once sealed, nobody can change it: what was verified is what is used."""

    def __init__(self, name: str) -> None:
        try:
            self.fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        except OSError as error:
            message = f"cannot make a file in memory: {error}"
            raise HostFault(message) from error

    @property
    def path(self) -> str:
        """A path that opens it, in this process."""
        return f"/proc/self/fd/{self.fd}"

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return os.fstat(self.fd).st_size

    def resize(self, size: int) -> None:
        """Cuts it, or makes it longer by zeros, which take no room."""
        os.ftruncate(self.fd, size)

    def write_at(self, offset: int, data: memoryview) -> None:
        """Writes all of some data at an offset."""
        while data:
            written = os.pwrite(self.fd, data, offset)
            offset, data = offset + written, data[written:]

    def seal(self) -> None:
        """From here on its bytes are fixed."""
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, _SEALS)

    @contextlib.contextmanager
    def view(self) -> Iterator[memoryview]:
        """Its bytes, without a copy."""
        if not self.size:
            yield memoryview(b"")
            return
        with mmap.mmap(self.fd, 0, prot=mmap.PROT_READ) as mapped, memoryview(mapped) as view:
            yield view

    def close(self) -> None:
        """Closes it; what is mapped stays mapped. Idempotent."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self.close()


class PrivateFolder:
    """A folder of ours, 0700, that is no link; its files are opened relative to it.

    Raises:
        Misuse: It belongs to somebody else, is a link, or others may enter it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _make_folder(path, mode=0o700)
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            message = f"{path}: not a folder of ours ({error.strerror})"
            raise Misuse(message, hint="remove it, or choose another place") from error
        status = os.fstat(self._fd)
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
            fd, self._fd = self._fd, -1
            os.close(fd)
            message = f"{path}: others may use this folder; it must be ours alone (mode 0700)"
            raise Misuse(message, hint=f"chmod 700 {path}")

    def __del__(self) -> None:
        fd, self._fd = getattr(self, "_fd", -1), -1
        if fd >= 0:
            os.close(fd)

    def read_sealed(self, name: str, tail: int) -> tuple[SealedFile, bytes] | None:
        """A file of ours, its last `tail` bytes apart.

        Returns:
            A sealed copy of all but the tail, and the tail; None where there is no such file, or
            what is there is not a plain file of ours.
        """
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            fd = os.open(name, flags, dir_fd=self._fd)
        except OSError:
            return None
        try:
            status = os.fstat(fd)
            size = status.st_size - tail
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or size <= 0:
                return None
            copy = SealedFile(name)
            _copy(fd, copy.fd, size)
            copy.seal()
            return copy, os.pread(fd, tail, size)
        except OSError:
            return None
        finally:
            os.close(fd)

    def write(self, name: str, *parts: memoryview | bytes, durable: bool = False) -> None:
        """Writes a file at once: readers see all of it or nothing. Failure leaves no trace.

        Args:
            name: What it is called.
            parts: What it holds.
            durable: Whether it must outlast a power failure from when this returns. Otherwise one
                may leave the file with anything in it: for what is checked when it is read.
        """
        temporary = f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(temporary, flags, 0o600, dir_fd=self._fd)
        try:
            try:
                for part in parts:
                    _write_all(fd, part)
                if durable:
                    os.fsync(fd)
            finally:
                os.close(fd)
            os.rename(temporary, name, src_dir_fd=self._fd, dst_dir_fd=self._fd)
            if durable:
                os.fsync(self._fd)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=self._fd)
            raise

    def entries(self) -> list[tuple[str, int, float]]:
        """Name, size and time of last change of each plain file."""
        with os.scandir(self._fd) as found:
            rows = [
                (e.name, e.stat(follow_symlinks=False))
                for e in found
                if e.is_file(follow_symlinks=False)
            ]
        return [(name, status.st_size, status.st_mtime) for name, status in rows]

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=self._fd)

    def touch(self, name: str) -> None:
        """Marks a file as used now."""
        with contextlib.suppress(OSError):
            os.utime(name, dir_fd=self._fd, follow_symlinks=False)


def _make_folder(path: Path, mode: int = 0o777) -> None:
    """Makes a folder and those above it. With a name that is lost all is lost that is in it."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=mode)
    for folder in missing:
        sync_folder(folder.parent)


def _copy(source: int, target: int, size: int) -> None:
    offset = 0
    while offset < size:
        sent = os.sendfile(target, source, offset, size - offset)
        if not sent:
            message = "the file is shorter than it was"
            raise OSError(message)
        offset += sent


def secret(path: Path) -> bytes:
    """32 random bytes that stay the same on this machine: made on first use, 0600.

    Raises:
        Misuse: What is there is not such a file of ours.
    """
    _make_folder(path.parent)
    try:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            _make_secret(path)
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        message = f"{path}: not a key of ours ({error.strerror})"
        raise Misuse(message) from error
    try:
        status = os.fstat(fd)
        key = os.read(fd, _KEY_SIZE + 1)
    finally:
        os.close(fd)
    shared = status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077
    if shared or len(key) != _KEY_SIZE:
        message = f"{path}: not a key of ours: it must be {_KEY_SIZE} bytes that only we may read"
        raise Misuse(message, hint="remove it; a new one is made")
    return key


def _make_secret(path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(temporary, flags, 0o600)
    try:
        try:
            _write_all(fd, os.urandom(_KEY_SIZE))
            # A key that a power failure cut short would be in everybody's way.
            os.fsync(fd)
        finally:
            os.close(fd)
        # A link, not a rename: of two processes that start together, one key wins.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()


def _write_all(fd: int, data: memoryview | bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
