"""Files copied and hashed in one go, shared with the original where the file system can."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from wasm_engine.concepts.errors import Misuse
from wasm_engine.host.model_files import CHUNK, Part, Progress

_CLONE = 0x40049409  # ioctl FICLONE: both files have the same blocks until one is written


def copy_parts(place: Path, parts: list[Part], target: Path, progress: Progress) -> list[Part]:
    """Copies a model; the copies can only be read, and are on the disk when this returns.

    Args:
        place: The file or folder.
        parts: Its files.
        target: The file, or the folder, that is to be; it is not there yet.
        progress: Told of bytes.

    Returns:
        The files with the digests of what was written.

    Raises:
        Misuse: It cannot be read, or is changed meanwhile.
        OSError: It cannot be written.
    """
    total, done = sum(part.size for part in parts), 0
    copied = []
    for part in parts:
        source = place / part.path if place.is_dir() else place
        goal = target / part.path if place.is_dir() else target
        goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun = done

        def told(size: int, begun: int = begun) -> None:
            progress(begun + size, total)

        digest, size = _copy(source, goal, told)
        if size != part.size:
            raise Misuse(f"{source}: it was changed while it was read", code="bad-model")
        copied.append(Part(part.path, size, digest))
        done += size
    return copied


def _copy(source: Path, goal: Path, told: Callable[[int], None]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with (
        _opened(source) as taken,
        os.fdopen(os.open(goal, flags, 0o600), "r+b", buffering=0) as made,
    ):
        shared = _shares_blocks(taken.fileno(), made.fileno())
        # What is hashed is what is kept: of shared blocks the copy itself is read.
        while data := (made if shared else taken).read(CHUNK):
            digest.update(data)
            view = memoryview(b"" if shared else data)
            while view:
                view = view[made.write(view) :]
            size += len(data)
            told(size)
        os.fchmod(made.fileno(), 0o400)
        os.fsync(made.fileno())
    return digest.hexdigest(), size


def _opened(source: Path) -> FileIO:
    try:
        return FileIO(source)
    except OSError as error:
        raise Misuse(f"{source}: cannot be read: {error.strerror}", code="bad-model") from None


def _shares_blocks(source: int, goal: int) -> bool:
    with contextlib.suppress(OSError):
        fcntl.ioctl(goal, _CLONE, source)
        return True
    return False


def remove_tree(place: Path) -> None:
    """Removes a file or folder of ours, read-only as it is.

    Raises:
        OSError: It cannot be removed.
    """
    if not place.is_dir() or place.is_symlink():
        place.unlink(missing_ok=True)
        return
    for above, folders, files in os.walk(place, topdown=False):
        for name in files:
            (Path(above) / name).unlink()
        for name in folders:
            (Path(above) / name).rmdir()
    place.rmdir()
