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
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            message = f"{path}: not a folder of ours ({error.strerror})"
            raise Misuse(message, hint="remove it, or choose another place") from error
        status = os.fstat(self._fd)
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
            os.close(self._fd)
            message = f"{path}: others may use this folder; it must be ours alone (mode 0700)"
            raise Misuse(message, hint=f"chmod 700 {path}")

    def __del__(self) -> None:
        fd, self._fd = getattr(self, "_fd", -1), -1
        if fd >= 0:
            os.close(fd)

    def open(self, name: str) -> int | None:
        """Opens a file of ours to read; None where there is none, or it is not a plain file of ours."""
        try:
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._fd)
        except OSError:
            return None
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            os.close(fd)
            return None
        return fd

    def write(self, name: str, *parts: memoryview | bytes) -> None:
        """Writes a file at once: readers see all of it or nothing. Failure leaves no trace."""
        temporary = f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(temporary, flags, 0o600, dir_fd=self._fd)
        try:
            try:
                for part in parts:
                    _write_all(fd, part)
            finally:
                os.close(fd)
            os.rename(temporary, name, src_dir_fd=self._fd, dst_dir_fd=self._fd)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=self._fd)
            raise

    def entries(self) -> list[tuple[str, int, float]]:
        """Name, size and time of last change of each plain file."""
        with os.scandir(self._fd) as found:
            rows = [(e.name, e.stat(follow_symlinks=False)) for e in found if e.is_file(follow_symlinks=False)]
        return [(name, status.st_size, status.st_mtime) for name, status in rows]

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=self._fd)

    def touch(self, name: str) -> None:
        """Marks a file as used now."""
        with contextlib.suppress(OSError):
            os.utime(name, dir_fd=self._fd, follow_symlinks=False)


def copy_into(source: int, target: int, size: int) -> None:
    """Copies `size` bytes from the beginning of one descriptor to the end of another."""
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
    path.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(2):
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
            if not path.is_symlink() and not path.exists():
                fd = os.open(temporary, flags, 0o600)
                try:
                    _write_all(fd, os.urandom(32))
                finally:
                    os.close(fd)
                # A link, not a rename: of two processes that start together, one key wins.
                with contextlib.suppress(FileExistsError):
                    os.link(temporary, path)
                temporary.unlink()
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        except OSError as error:
            message = f"{path}: not a key of ours ({error.strerror})"
            raise Misuse(message) from error
        break
    try:
        status = os.fstat(fd)
        key = os.read(fd, 64)
    finally:
        os.close(fd)
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077 or len(key) != 32:
        message = f"{path}: not a key of ours; it must be 32 bytes that only we may read"
        raise Misuse(message, hint="remove it; a new one is made")
    return key


def _write_all(fd: int, data: memoryview | bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
