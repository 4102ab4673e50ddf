"""Writes files into a folder that it makes: over nothing, through no link, and whole or not at all.

Names come from guests. Each is made relative to the folder it is in, which is held open, so that
nobody can put a link in the way meanwhile.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from wasm_engine.concepts.errors import Misuse

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

Planted = tuple[str, Callable[[], bytes] | None]
"""A path with `/`, and what gives a file's contents; None for a folder."""


def write_new_folder(folder: Path, entries: Iterable[Planted]) -> None:
    """Makes a folder with files in it, which nobody else may read.

    Args:
        folder: Where; nothing may be there.
        entries: What is to be in it, each folder before what is in that.

    Raises:
        Misuse: Something is there, or a name cannot be had on this machine.
    """
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        message = f"{folder}: {error.strerror}"
        raise Misuse(message, hint="name a folder that is not there yet") from None
    try:
        _fill(folder, entries)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _fill(folder: Path, entries: Iterable[Planted]) -> None:
    open_now: list[tuple[str, int]] = [("", os.open(folder, _FOLDER))]
    try:
        for path, content in entries:
            above, _, name = path.rpartition("/")
            try:
                if not {"", ".", ".."}.isdisjoint(path.split("/")):
                    raise ValueError(path)  # noqa: TRY301
                _put(_descend(open_now, above), name, content)
            except (OSError, ValueError) as error:
                why = error.strerror if isinstance(error, OSError) else "no name for a file"
                message = f"{folder}: cannot make {path!r}: {why}"
                hint = "names that differ only in case need a folder that tells them apart"
                raise Misuse(message, hint=hint) from None
    finally:
        for _, fd in open_now:
            os.close(fd)


def _put(above: int, name: str, content: Callable[[], bytes] | None) -> None:
    if content is None:
        os.mkdir(name, 0o700, dir_fd=above)
        return
    with os.fdopen(os.open(name, _NEW_FILE, 0o600, dir_fd=above), "wb") as out:
        out.write(content())


def _descend(open_now: list[tuple[str, int]], path: str) -> int:
    """The folder of that path, with those above it held open, and no others."""
    while open_now[-1][0] and not f"{path}/".startswith(f"{open_now[-1][0]}/"):
        os.close(open_now.pop()[1])
    here, fd = open_now[-1]
    for name in path[len(here) :].strip("/").split("/") if path != here else ():
        here = f"{here}/{name}" if here else name
        fd = os.open(name, _FOLDER, dir_fd=fd)
        open_now.append((here, fd))
    return fd
