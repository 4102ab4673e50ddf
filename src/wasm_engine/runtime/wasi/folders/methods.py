"""wasi:filesystem/types for what is in a shared folder: the methods of its descriptors.

Each takes a guest, a `SharedDescriptor` and what the method of a private one takes; see
`entering.py` for how a path comes here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.filesystem.contents import check_offset
from wasm_engine.runtime.wasi.filesystem.listing import DirectoryEntryStream
from wasm_engine.runtime.wasi.filesystem.looking import Flags, flags_of
from wasm_engine.runtime.wasi.filesystem.metadata import NewTimestamp
from wasm_engine.runtime.wasi.folders.asking import look, turn
from wasm_engine.runtime.wasi.folders.handles import (
    ROOT,
    SharedDescriptor,
    SharedSink,
    SharedSource,
)
from wasm_engine.runtime.wasi.io.streams import MAX_READ, InputStream, OutputStream
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.nodes import Node
from wasm_engine.runtime.wasi.tree.paths import check_path

Shared = SharedDescriptor
MAX_WRITE = 1 << 20
"""Bytes that one `write` takes at most; it may always take fewer than it is given."""


def _fail(code: str) -> FsError:
    return FsError(code)


def _walks(guest: Any, handle: Shared, path: str) -> None:
    """Refuses what is no path from there, and charges for the way."""
    handle.directory()
    check_path(path)
    guest.charge(price.STEP * (path.count("/") + 2))


def _find(guest: Any, handle: Shared, path: str) -> tuple[int, str]:
    _walks(guest, handle, path)
    found: tuple[int, str] = look(guest, handle.mount, lambda it: it.find(handle.node, path))
    return found


def read_via_stream(guest: Any, handle: Shared, offset: int) -> InputStream:
    """A stream that reads from an offset on."""
    handle.file("read")
    check_offset(offset)
    return InputStream(SharedSource(handle.mount, handle.node, offset))


def write_via_stream(guest: Any, handle: Shared, offset: int) -> OutputStream:
    """A stream that writes from an offset on."""
    handle.file("write")
    check_offset(offset)
    return OutputStream(SharedSink(handle.mount, handle.node, offset))


def append_via_stream(guest: Any, handle: Shared) -> OutputStream:
    """A stream that writes at the end."""
    handle.file("write")
    return OutputStream(SharedSink(handle.mount, handle.node, None))


def advise(guest: Any, handle: Shared, offset: int, length: int, advice: str) -> None:
    """Memory needs no advice."""
    if handle.type == "directory":
        raise _fail("bad-descriptor")


def sync(guest: Any, handle: Shared) -> None:
    """What was written is there already."""


def get_flags(guest: Any, handle: Shared) -> Flags:
    """What it was opened for."""
    return handle.flags


def get_type(guest: Any, handle: Shared) -> str:
    """What it is."""
    return handle.type


def set_size(guest: Any, handle: Shared, size: int) -> Any:
    """Cuts the file, or adds zeroes."""
    handle.file("write")
    check_offset(size)
    return turn(guest, handle.mount, "resize", handle.node, size)


def set_times(guest: Any, handle: Shared, accessed: NewTimestamp, modified: NewTimestamp) -> Any:
    """Sets the times of what is open."""
    handle.check_mutable()
    return turn(
        guest, handle.mount, "set-times", handle.node, None, accessed, modified, learns=False
    )


def set_times_at(
    guest: Any,
    handle: Shared,
    path_flags: Flags,
    path: str,
    accessed: NewTimestamp,
    modified: NewTimestamp,
) -> Any:
    """Sets the times of what a path leads to."""
    _walks(guest, handle, path)
    handle.check_mutable()
    return turn(guest, handle.mount, "set-times", handle.node, path, accessed, modified)


def read(guest: Any, handle: Shared, count: int, offset: int) -> Any:
    """Bytes at an offset, and whether they are the last."""
    handle.file("read")
    check_offset(offset)
    most = min(count, MAX_READ)
    return look(guest, handle.mount, lambda it: it.read(handle.node, offset, most))


def write(guest: Any, handle: Shared, data: bytes, offset: int) -> Any:
    """Writes bytes at an offset; answers how many."""
    handle.file("write")
    check_offset(offset)
    if not data:
        return 0
    data = data[:MAX_WRITE]

    def written(_guest: Any, result: Any) -> Any:
        return result if isinstance(result, Err) else len(data)

    return turn(
        guest, handle.mount, "write", handle.node, offset, data,
        size=len(data), learns=False, then=written,
    )  # fmt: skip


def read_directory(guest: Any, handle: Shared) -> DirectoryEntryStream:
    """Begins a listing. Changes made while it is read do not disturb it."""
    handle.directory()
    listed = look(guest, handle.mount, lambda it: it.entries(handle.node))
    guest.charge(len(listed) * price.ENTRY)
    return DirectoryEntryStream(guest.wasi.room, listed)


def stat(guest: Any, handle: Shared) -> Any:
    """What is known of what is open."""
    return look(guest, handle.mount, lambda it: it.stat(handle.node, None))


def stat_at(guest: Any, handle: Shared, path_flags: Flags, path: str) -> Any:
    """What is known of what a path leads to."""
    _walks(guest, handle, path)
    return look(guest, handle.mount, lambda it: it.stat(handle.node, path))


def is_same_object(guest: Any, handle: Shared, other: Any) -> bool:
    """Whether both are the same file or directory."""
    same = isinstance(other, Shared) and other.mount == handle.mount
    return same and other.node == handle.node


def _identity(mount: str, number: int) -> tuple[int, int]:
    return Node(number, 0, b"mount:" + mount.encode()).identity()


def metadata_hash(guest: Any, handle: Shared) -> tuple[int, int]:
    """The node's identity, in the place of device and inode."""
    return _identity(handle.mount, handle.node)


def metadata_hash_at(guest: Any, handle: Shared, path_flags: Flags, path: str) -> tuple[int, int]:
    """The identity of what a path leads to."""
    return _identity(handle.mount, _find(guest, handle, path)[0])


def readlink_at(guest: Any, handle: Shared, path: str) -> Any:
    """There are no links here."""
    _find(guest, handle, path)
    raise _fail("invalid")


def symlink_at(guest: Any, handle: Shared, target: str, path: str) -> Any:
    """There are none, and there will be none."""
    check_path(target)
    _walks(guest, handle, path)
    raise _fail("not-permitted")


def open_at(
    guest: Any,
    handle: Shared,
    path_flags: Flags,
    path: str,
    open_flags: Flags,
    flags: Flags,
) -> Any:
    """Opens a file or directory, and makes the file where that is asked for."""
    _walks(guest, handle, path)
    mount, mutable = handle.mount, handle.mutable

    def opened(_guest: Any, result: Any) -> Any:
        if isinstance(result, Err):
            return result
        number, kind = result
        return Shared(mount, number, kind, flags_of(kind, flags), mutable=mutable)

    changes = open_flags & {"create", "exclusive", "truncate"} or "write" in flags
    if "directory" in open_flags and open_flags & {"create", "exclusive", "truncate"}:
        raise _fail("invalid")
    if changes or "mutate-directory" in flags:
        handle.check_mutable()
    if changes:
        wanted = sorted(open_flags), sorted(flags)
        return turn(guest, mount, "open", handle.node, path, *wanted, then=opened)
    found = look(guest, mount, lambda it: it.find(handle.node, path))
    if found[1] != "directory" and ("directory" in open_flags or path.endswith("/")):
        raise _fail("not-directory")
    return opened(guest, found)


def create_directory_at(guest: Any, handle: Shared, path: str) -> Any:
    """Makes a directory."""
    return _change(guest, handle, "create-directory", path)


def remove_directory_at(guest: Any, handle: Shared, path: str) -> Any:
    """Removes an empty directory."""
    if handle.node == ROOT and path.strip("/.") == "":
        raise _fail("busy")
    return _change(guest, handle, "remove-directory", path)


def unlink_file_at(guest: Any, handle: Shared, path: str) -> Any:
    """Removes a file."""
    return _change(guest, handle, "unlink", path)


def rename_within(guest: Any, handle: Shared, path: str, other: Shared, new_path: str) -> Any:
    """Gives something another name in the same folder, in place of what has it."""
    _walks(guest, handle, path)
    _walks(guest, other, new_path)
    handle.check_mutable()
    other.check_mutable()
    return turn(guest, handle.mount, "rename", handle.node, path, other.node, new_path)


def _change(guest: Any, handle: Shared, operation: str, path: str) -> Any:
    _walks(guest, handle, path)
    handle.check_mutable()
    return turn(guest, handle.mount, operation, handle.node, path)


METHODS: Mapping[str, Callable[..., Any]] = {
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
    "read-directory": read_directory,
    "stat": stat,
    "is-same-object": is_same_object,
    "metadata-hash": metadata_hash,
    "stat-at": stat_at,
    "set-times-at": set_times_at,
    "metadata-hash-at": metadata_hash_at,
    "readlink-at": readlink_at,
    "open-at": open_at,
    "create-directory-at": create_directory_at,
    "symlink-at": symlink_at,
    "remove-directory-at": remove_directory_at,
    "unlink-file-at": unlink_file_at,
}
"""All but those of two descriptors, `link-at` and `rename-at`."""
