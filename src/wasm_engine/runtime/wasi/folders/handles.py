"""What is open in a shared folder: names of nodes, no more; each operation asks the folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime.wasi.folders.asking import look, turn
from wasm_engine.runtime.wasi.io.error import StreamFailure
from wasm_engine.runtime.wasi.tree.errors import FsError

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing

ROOT = 1
"""The number of a folder's own node."""


class SharedDescriptor:
    """A resource `descriptor` of what is in a shared folder.

    Attributes:
        mount: The folder.
        node: The number of what is open.
        type: `directory` or `regular-file`.
        flags: What it was opened for.
        mutable: Whether what is reached through it may be changed, as far as grants go.
    """

    __slots__ = ("flags", "mount", "mutable", "node", "type")
    kind = "shared-descriptor"

    def __init__(
        self, mount: str, node: int, type_: str, flags: frozenset[str], *, mutable: bool
    ) -> None:
        self.mount, self.node, self.type = mount, node, type_
        self.flags, self.mutable = flags, mutable

    def drop(self) -> None:
        """The guest dropped its handle; the folder knows nothing of handles."""

    def freeze(self, into: Freezing) -> list[Any]:
        """What is open, and how."""
        return [self.mount, self.node, self.type, sorted(self.flags), self.mutable]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> SharedDescriptor:
        """One on the same node."""
        mount, node, kind, flags, mutable = parts
        return SharedDescriptor(mount, node, kind, frozenset(flags), mutable=mutable)

    def file(self, needed: str) -> None:
        """Refuses what is no file that was opened for this."""
        if self.type == "directory":
            code = "is-directory"
            raise FsError(code)
        if needed not in self.flags:
            code = "bad-descriptor"
            raise FsError(code)

    def directory(self) -> None:
        """Refuses what is no directory."""
        if self.type != "directory":
            code = "not-directory"
            raise FsError(code)

    def check_mutable(self) -> None:
        """Refuses to change what was opened for reading only."""
        if not self.mutable:
            code = "read-only"
            raise FsError(code)


class SharedSource:
    """Where an input stream on a shared file reads: as of the step's start, each time."""

    __slots__ = ("_mount", "_node", "_offset")
    kind = "shared-source"

    def __init__(self, mount: str, node: int, offset: int) -> None:
        self._mount, self._node, self._offset = mount, node, offset

    def read(self, guest: Any, count: int) -> bytes | StreamFailure | None:
        """Up to `count` bytes, None at the end, or why there are none."""
        node, offset = self._node, self._offset
        try:
            data, _ = look(guest, self._mount, lambda folder: folder.read(node, offset, count))
        except FsError as error:
            return StreamFailure(error.code)
        self._offset += len(data)
        return data or None

    def drop(self) -> None:
        """The stream was dropped."""

    def freeze(self, into: Freezing) -> list[Any]:
        """Its file, and where it is in it."""
        return [self._mount, self._node, self._offset]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> SharedSource:
        """One at the same place of the same file."""
        return SharedSource(*parts)


class SharedSink:
    """Where an output stream on a shared file writes: at its own offset, or always at the end."""

    __slots__ = ("_mount", "_node", "_offset")
    kind = "shared-sink"

    def __init__(self, mount: str, node: int, offset: int | None) -> None:
        self._mount, self._node, self._offset = mount, node, offset

    def write(self, guest: Any, data: bytes) -> Any:
        """A turn call that takes all of it and answers None, or takes nothing and answers why."""
        if not data:
            return None
        offset, guest.touched = self._offset, True
        where = () if offset is None else (offset,)

        def written(_guest: Any, result: Any) -> StreamFailure | None:
            if isinstance(result, Err):
                return StreamFailure(result.payload)
            if self._offset is not None:
                self._offset += len(data)
            return None

        operation = "append" if offset is None else "write"
        try:
            return turn(
                guest, self._mount, operation, self._node, *where, data,
                size=len(data), learns=False, then=written,
            )  # fmt: skip
        except FsError as error:
            return StreamFailure(error.code)

    def drop(self) -> None:
        """The stream was dropped."""

    def freeze(self, into: Freezing) -> list[Any]:
        """Its file, and where it is in it."""
        return [self._mount, self._node, self._offset]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> SharedSink:
        """One at the same place of the same file."""
        return SharedSink(*parts)


FROZEN = (SharedDescriptor, SharedSource, SharedSink)
