"""wasi:filesystem/types, what is open: `descriptor` and its methods that take no path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.runtime.wasi.filesystem.answers import descriptor_function, fail
from wasm_engine.runtime.wasi.filesystem.contents import (
    FileSink,
    FileSource,
    check_offset,
    resize_file,
    write_file,
)
from wasm_engine.runtime.wasi.filesystem.metadata import NewTimestamp, Stat, change_times, stat_of
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.io.streams import MAX_READ, InputStream, OutputStream
from wasm_engine.runtime.wasi.tree.nodes import Directory, File, Node
from wasm_engine.runtime.wasi.tree.tree import Tree

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing


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
    kind = "descriptor"

    def __init__(self, tree: Tree, node: Node, flags: frozenset[str], *, mutable: bool) -> None:
        self.tree = tree
        self.node = node
        self.flags = flags
        self.mutable = mutable
        tree.hold(node)

    def drop(self) -> None:
        """The guest dropped its handle."""
        self.tree.release(self.node)

    def freeze(self, into: Freezing) -> list[Any]:
        """What is open, and how."""
        return [into.node(self.node), sorted(self.flags), self.mutable]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Descriptor:
        """One on the same node."""
        node, flags, mutable = parts
        return Descriptor(out_of.wasi.tree, out_of.find(node), frozenset(flags), mutable=mutable)

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


def set_times(
    guest: WasiGuest, descriptor: Descriptor, accessed: NewTimestamp, modified: NewTimestamp
) -> None:
    """Sets the times of what is open."""
    descriptor.check_mutable(descriptor.node)
    change_times(guest, descriptor.node, accessed, modified)


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

FROZEN = (Descriptor,)
FUNCTIONS = tuple(descriptor_function(name, do) for name, do in _METHODS.items())
