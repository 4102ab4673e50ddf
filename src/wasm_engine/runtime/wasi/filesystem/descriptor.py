"""wasi:filesystem/types, what is open: `descriptor` and its methods that take no path."""

from __future__ import annotations

from typing import Any

from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.clocks import SECOND, Datetime, datetime_of
from wasm_engine.runtime.wasi.filesystem.answers import descriptor_function, fail
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.io.streams import MAX_READ, InputStream, OutputStream
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.nodes import Directory, File, Node
from wasm_engine.runtime.wasi.tree.tree import MAX_OFFSET, Tree

NewTimestamp = tuple[str, Datetime | None]
"""`no-change`, `now`, or `timestamp` with the time."""
Stat = tuple[str, int, int, Datetime, Datetime, Datetime]
"""Type, links, size, and the times of access, modification and status change."""


class Descriptor:
    """A resource `descriptor`.

    Attributes:
        tree: The tree that the node is shown in.
        node: What is open.
        flags: What it was opened for.
        mutable: Whether what is reached through it may be changed. Directories pass it on to what
            is opened below them, asked for or not: programs of preview 1 cannot ask.
    """

    __slots__ = ("flags", "mutable", "node", "tree")

    def __init__(self, tree: Tree, node: Node, flags: frozenset[str], *, mutable: bool) -> None:
        self.tree = tree
        self.node = node
        self.flags = flags
        self.mutable = mutable
        tree.hold(node)

    def drop(self) -> None:
        """The guest dropped its handle."""
        self.tree.release(self.node)

    def file(self, needed: str) -> File:
        """The open file, if it is one and was opened for this."""
        if isinstance(self.node, Directory):
            raise fail("is-directory")
        if not isinstance(self.node, File) or needed not in self.flags:
            raise fail("bad-descriptor")
        return self.node

    def directory(self) -> Directory:
        """The open directory, if it is one."""
        if not isinstance(self.node, Directory):
            raise fail("not-directory")
        return self.node

    def check_mutable(self, node: Node) -> None:
        """Refuses to change what is shown for reading only."""
        if not self.mutable or node.read_only:
            raise fail("read-only")


class FileSource:
    """Where an input stream on a file reads."""

    __slots__ = ("_file", "_offset", "_tree")

    def __init__(self, tree: Tree, file: File, offset: int) -> None:
        self._tree, self._file, self._offset = tree, file, offset
        tree.hold(file)

    def read(self, count: int) -> bytes | None:
        """Up to `count` bytes. A file that grows later has more to give."""
        data = self._file.read(self._offset, count)
        self._offset += len(data)
        return data or None

    def drop(self) -> None:
        """The stream was dropped."""
        self._tree.release(self._file)


class FileSink:
    """Where an output stream on a file writes: at its own offset, or always at the end."""

    __slots__ = ("_file", "_offset", "_tree")

    def __init__(self, tree: Tree, file: File, offset: int | None) -> None:
        self._tree, self._file, self._offset = tree, file, offset
        tree.hold(file)

    def write(self, guest: WasiGuest, data: bytes) -> str | None:
        """Takes all of it and answers None, or takes nothing and answers the error's code."""
        file = self._file
        offset = file.size if self._offset is None else self._offset
        try:
            write_file(guest, self._tree, file, offset, data)
        except FsError as error:
            return error.code
        if self._offset is not None:
            self._offset += len(data)
        return None

    def drop(self) -> None:
        """The stream was dropped."""
        self._tree.release(self._file)


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


def read_via_stream(guest: WasiGuest, descriptor: Descriptor, offset: int) -> InputStream:
    """A stream that reads from an offset on."""
    file = descriptor.file("read")
    check_offset(offset)
    return InputStream(FileSource(descriptor.tree, file, offset))


def write_via_stream(guest: WasiGuest, descriptor: Descriptor, offset: int) -> OutputStream:
    """A stream that writes from an offset on."""
    file = descriptor.file("write")
    check_offset(offset)
    return OutputStream(FileSink(descriptor.tree, file, offset))


def append_via_stream(guest: WasiGuest, descriptor: Descriptor) -> OutputStream:
    """A stream that writes at the end."""
    return OutputStream(FileSink(descriptor.tree, descriptor.file("write"), None))


def advise(guest: WasiGuest, descriptor: Descriptor, offset: int, length: int, advice: str) -> None:
    """Memory needs no advice."""
    if isinstance(descriptor.node, Directory):
        raise fail("bad-descriptor")


def sync(guest: WasiGuest, descriptor: Descriptor) -> None:
    """What was written is there already."""


def get_flags(guest: WasiGuest, descriptor: Descriptor) -> frozenset[str]:
    """What it was opened for."""
    return descriptor.flags


def get_type(guest: WasiGuest, descriptor: Descriptor) -> str:
    """What it is."""
    return descriptor.node.kind


def set_size(guest: WasiGuest, descriptor: Descriptor, size: int) -> None:
    """Cuts the file, or adds zeroes."""
    file = descriptor.file("write")
    check_offset(size)
    resize_file(guest, descriptor.tree, file, size)


def resize_file(guest: WasiGuest, tree: Tree, file: File, size: int) -> None:
    """Resizes, and charges for the zeroes."""
    grown = min(size - file.size, tree.usage.limit.bytes)
    if grown > 0:
        guest.charge(grown * price.BYTE)
    tree.resize(file, size, guest.now())


def set_times(
    guest: WasiGuest, descriptor: Descriptor, accessed: NewTimestamp, modified: NewTimestamp
) -> None:
    """Sets the times of what is open."""
    descriptor.check_mutable(descriptor.node)
    change_times(guest, descriptor.node, accessed, modified)


def change_times(
    guest: WasiGuest, node: Node, accessed: NewTimestamp, modified: NewTimestamp
) -> None:
    """Sets the times of a node; the time of its status change is now."""
    now = guest.now()
    times = [
        _new_time(accessed, node.accessed, now),
        _new_time(modified, node.modified, now),
    ]
    node.accessed, node.modified = times
    node.changed = now


def _new_time(wanted: NewTimestamp, old: int, now: int) -> int:
    case, given = wanted
    if case == "no-change":
        return old
    if case == "now" or given is None:
        return now
    seconds, nanoseconds = given
    if nanoseconds >= SECOND:
        raise fail("invalid")
    return seconds * SECOND + nanoseconds


def read(guest: WasiGuest, descriptor: Descriptor, count: int, offset: int) -> tuple[bytes, bool]:
    """Bytes at an offset, and whether they are the last."""
    file = descriptor.file("read")
    check_offset(offset)
    data = file.read(offset, min(count, MAX_READ))
    return data, offset + len(data) >= file.size


def write(guest: WasiGuest, descriptor: Descriptor, data: bytes, offset: int) -> int:
    """Writes bytes at an offset, all of them."""
    file = descriptor.file("write")
    check_offset(offset)
    write_file(guest, descriptor.tree, file, offset, data)
    return len(data)


def stat_of(node: Node) -> Stat:
    """What is known of a node."""
    times = (datetime_of(node.accessed), datetime_of(node.modified), datetime_of(node.changed))
    return (node.kind, node.links, node.size, *times)


def stat(guest: WasiGuest, descriptor: Descriptor) -> Stat:
    """What is known of what is open."""
    return stat_of(descriptor.node)


def is_same_object(guest: WasiGuest, descriptor: Descriptor, other: Descriptor) -> bool:
    """Whether both are the same file or directory."""
    return descriptor.node is other.node


def metadata_hash(guest: WasiGuest, descriptor: Descriptor) -> tuple[int, int]:
    """The node's identity, in the place of device and inode."""
    return descriptor.node.identity()


_METHODS: dict[str, Any] = {
    "read-via-stream": read_via_stream,
    "write-via-stream": write_via_stream,
    "append-via-stream": append_via_stream,
    "advise": advise,
    "sync": sync,
    "sync-data": sync,
    "get-flags": get_flags,
    "get-type": get_type,
    "set-size": set_size,
    "set-times": set_times,
    "read": read,
    "write": write,
    "stat": stat,
    "is-same-object": is_same_object,
    "metadata-hash": metadata_hash,
}

FUNCTIONS = tuple(descriptor_function(name, do) for name, do in _METHODS.items())
