"""Contents of open files: charged for what the host fills, and read and written as streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.filesystem.answers import fail
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.io.error import StreamFailure
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.nodes import File
from wasm_engine.runtime.wasi.tree.tree import MAX_OFFSET, Tree

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing


def write_file(guest: WasiGuest, tree: Tree, file: File, offset: int, data: bytes) -> None:
    """Writes, and charges for the zeroes before the data."""
    gap = offset - file.size
    if gap > 0 and data:
        guest.charge(min(gap, tree.usage.limit.bytes) * price.BYTE)
    tree.write(file, offset, data, guest.now())


def check_offset(offset: int) -> None:
    """Refuses what is no offset in a file."""
    if offset > MAX_OFFSET:
        raise fail("invalid")


def resize_file(guest: WasiGuest, tree: Tree, file: File, size: int) -> None:
    """Resizes, and charges for the zeroes."""
    grown = min(size - file.size, tree.usage.limit.bytes)
    if grown > 0:
        guest.charge(grown * price.BYTE)
    tree.resize(file, size, guest.now())


class FileSource:
    """Where an input stream on a file reads."""

    __slots__ = ("_file", "_offset", "_tree")
    kind = "file-source"

    def __init__(self, tree: Tree, file: File, offset: int) -> None:
        self._tree, self._file, self._offset = tree, file, offset
        tree.hold(file)

    def read(self, guest: WasiGuest, count: int) -> bytes | None:
        """Up to `count` bytes. A file that grows later has more to give."""
        data = self._file.read(self._offset, count)
        self._offset += len(data)
        return data or None

    def drop(self) -> None:
        """The stream was dropped."""
        self._tree.release(self._file)

    def freeze(self, into: Freezing) -> list[Any]:
        """Its file, and where it is in it."""
        return [into.node(self._file), self._offset]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> FileSource:
        """One at the same place of the same file."""
        return FileSource(out_of.wasi.tree, out_of.file(parts[0]), parts[1])


class FileSink:
    """Where an output stream on a file writes: at its own offset, or always at the end."""

    __slots__ = ("_file", "_offset", "_tree")
    kind = "file-sink"

    def __init__(self, tree: Tree, file: File, offset: int | None) -> None:
        self._tree, self._file, self._offset = tree, file, offset
        tree.hold(file)

    def write(self, guest: WasiGuest, data: bytes) -> StreamFailure | None:
        """Takes all of it and answers None, or takes nothing and answers why."""
        file = self._file
        offset = file.size if self._offset is None else self._offset
        try:
            write_file(guest, self._tree, file, offset, data)
        except FsError as error:
            return StreamFailure(error.code)
        guest.touched = True
        if self._offset is not None:
            self._offset += len(data)
        return None

    def drop(self) -> None:
        """The stream was dropped."""
        self._tree.release(self._file)

    def freeze(self, into: Freezing) -> list[Any]:
        """Its file, and where it is in it."""
        return [into.node(self._file), self._offset]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> FileSink:
        """One at the same place of the same file."""
        return FileSink(out_of.wasi.tree, out_of.file(parts[0]), parts[1])


FROZEN = (FileSource, FileSink)
