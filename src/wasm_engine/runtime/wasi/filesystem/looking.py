"""wasi:filesystem/types, by path: opening, and looking at what is there."""

from __future__ import annotations

from typing import Any

from wasm_engine.runtime.wasi.filesystem.answers import descriptor_function, fail
from wasm_engine.runtime.wasi.filesystem.contents import resize_file
from wasm_engine.runtime.wasi.filesystem.descriptor import Descriptor
from wasm_engine.runtime.wasi.filesystem.metadata import NewTimestamp, Stat, change_times, stat_of
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.tree.nodes import Directory, File, Link, Node
from wasm_engine.runtime.wasi.tree.paths import Place, resolve

Flags = frozenset[str]

_SYNC = frozenset({"file-integrity-sync", "data-integrity-sync", "requested-write-sync"})


def _existing(guest: WasiGuest, base: Descriptor, path_flags: Flags, path: str) -> Node:
    follow = "symlink-follow" in path_flags
    node = resolve(base.directory(), path, guest, follow=follow).node
    if node is None:
        raise fail("no-entry")
    return node


def stat_at(guest: WasiGuest, base: Descriptor, path_flags: Flags, path: str) -> Stat:
    """What is known of what a path leads to."""
    return stat_of(_existing(guest, base, path_flags, path))


def set_times_at(
    guest: WasiGuest,
    base: Descriptor,
    path_flags: Flags,
    path: str,
    accessed: NewTimestamp,
    modified: NewTimestamp,
) -> None:
    """Sets the times of what a path leads to."""
    node = _existing(guest, base, path_flags, path)
    base.check_mutable(node)
    change_times(guest, node, accessed, modified)


def metadata_hash_at(
    guest: WasiGuest, base: Descriptor, path_flags: Flags, path: str
) -> tuple[int, int]:
    """The identity of what a path leads to."""
    return _existing(guest, base, path_flags, path).identity()


def readlink_at(guest: WasiGuest, base: Descriptor, path: str) -> str:
    """What a symbolic link holds."""
    node = _existing(guest, base, frozenset(), path)
    if not isinstance(node, Link):
        raise fail("invalid")
    if node.target.startswith("/"):
        # Only a mount can hold one, and what is outside of the sandbox is not the guest's to know.
        raise fail("not-permitted")
    return node.target


def open_at(
    guest: WasiGuest,
    base: Descriptor,
    path_flags: Flags,
    path: str,
    open_flags: Flags,
    flags: Flags,
) -> Descriptor:
    """Opens a file or directory, and makes the file where that is asked for."""
    directory = base.directory()
    create, exclusive = "create" in open_flags, "exclusive" in open_flags
    if "directory" in open_flags and open_flags & {"create", "exclusive", "truncate"}:
        raise fail("invalid")
    # An exclusive creation fails on a link, wherever it leads.
    follow = "symlink-follow" in path_flags and not (create and exclusive)
    place = resolve(directory, path, guest, follow=follow)
    if place.node is None:
        if not create:
            raise fail("no-entry")
        node: Node = _create(guest, base, place)
    elif create and exclusive:
        raise fail("exist")
    else:
        node = _checked(base, place.node, open_flags, flags)
        if "truncate" in open_flags and isinstance(node, File):
            resize_file(guest, base.tree, node, 0)
    if "mutate-directory" in flags:
        base.check_mutable(node)
    return Descriptor(base.tree, node, flags_of(node.kind, flags), mutable=base.mutable)


def _create(guest: WasiGuest, base: Descriptor, place: Place) -> File:
    if place.slash:
        raise fail("is-directory")
    base.check_mutable(place.directory)
    now = guest.now()
    file = base.tree.make_file(now)
    base.tree.add(place.directory, place.name, file, now)
    return file


def _checked(base: Descriptor, node: Node, open_flags: Flags, flags: Flags) -> Node:
    """What is there, if it may be opened like this."""
    only_directory = "directory" in open_flags
    changes = "write" in flags or bool(open_flags & {"create", "truncate"})
    if isinstance(node, Link):
        raise fail("not-directory" if only_directory else "loop")
    if isinstance(node, Directory):
        if changes:
            raise fail("is-directory")
        return node
    if only_directory:
        raise fail("not-directory")
    if changes:
        base.check_mutable(node)
    return node


def flags_of(kind: str, wanted: Flags) -> Flags:
    """What a descriptor says it was opened for. Without any wish it is for reading, as in POSIX."""
    if kind == Directory.kind:
        return frozenset({"read"}) | (wanted & (_SYNC | {"mutate-directory"}))
    flags = wanted & (_SYNC | {"read", "write"})
    return flags if flags & {"read", "write"} else flags | {"read"}


_METHODS: dict[str, Any] = {
    "stat-at": stat_at,
    "set-times-at": set_times_at,
    "metadata-hash-at": metadata_hash_at,
    "readlink-at": readlink_at,
    "open-at": open_at,
}

FUNCTIONS = tuple(descriptor_function(name, do) for name, do in _METHODS.items())
