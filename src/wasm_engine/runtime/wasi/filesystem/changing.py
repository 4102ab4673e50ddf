"""wasi:filesystem/types, by path: making, removing, linking and renaming."""

from __future__ import annotations

from typing import Any

from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.filesystem.answers import descriptor_function, fail
from wasm_engine.runtime.wasi.filesystem.descriptor import Descriptor
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.tree.nodes import Directory, Node
from wasm_engine.runtime.wasi.tree.paths import Place, check_path, resolve, resolve_name


def _named(guest: WasiGuest, base: Descriptor, path: str) -> Place:
    return resolve_name(base.directory(), path, guest)


def _vacant(guest: WasiGuest, base: Descriptor, path: str, *, slash: bool) -> Place:
    """Where something new is to be; `slash` says whether its name may end with one."""
    place = _named(guest, base, path)
    if place.node is not None:
        named_directory = slash or not place.slash or isinstance(place.node, Directory)
        raise fail("exist" if named_directory else "not-directory")
    if place.slash and not slash:
        raise fail("no-entry")
    base.check_mutable(place.directory)
    return place


def create_directory_at(guest: WasiGuest, base: Descriptor, path: str) -> None:
    """Makes a directory."""
    place = _vacant(guest, base, path, slash=True)
    now = guest.now()
    base.tree.add(place.directory, place.name, base.tree.make_directory(now), now)


def symlink_at(guest: WasiGuest, base: Descriptor, target: str, path: str) -> None:
    """Makes a symbolic link; where it leads need not be there."""
    check_path(target)
    if target.startswith("/"):
        raise fail("not-permitted")
    place = _vacant(guest, base, path, slash=False)
    now = guest.now()
    base.tree.add(place.directory, place.name, base.tree.make_link(target, now), now)


def link_at(
    guest: WasiGuest,
    base: Descriptor,
    path_flags: frozenset[str],
    path: str,
    new_base: Descriptor,
    new_path: str,
) -> None:
    """Gives a file a further name."""
    follow = "symlink-follow" in path_flags
    node = resolve(base.directory(), path, guest, follow=follow).node
    if node is None:
        raise fail("no-entry")
    place = _vacant(guest, new_base, new_path, slash=False)
    if isinstance(node, Directory):
        raise fail("not-permitted")
    if node.read_only:
        raise fail("cross-device")
    base.check_mutable(node)
    base.tree.add(place.directory, place.name, node, guest.now())


def remove_directory_at(guest: WasiGuest, base: Descriptor, path: str) -> None:
    """Removes an empty directory."""
    place = _named(guest, base, path)
    if place.node is None:
        raise fail("no-entry")
    if not isinstance(place.node, Directory):
        raise fail("not-directory")
    if not place.name:
        raise fail("invalid")
    if place.node.is_mount:
        raise fail("busy")
    if place.node.entries:
        raise fail("not-empty")
    base.check_mutable(place.directory)
    base.tree.remove(place.directory, place.name, guest.now())


def unlink_file_at(guest: WasiGuest, base: Descriptor, path: str) -> None:
    """Removes a name that is not a directory's."""
    place = _named(guest, base, path)
    if place.node is None:
        raise fail("no-entry")
    if isinstance(place.node, Directory):
        raise fail("is-directory")
    if place.slash:
        raise fail("not-directory")
    base.check_mutable(place.directory)
    base.tree.remove(place.directory, place.name, guest.now())


def rename_at(
    guest: WasiGuest, base: Descriptor, path: str, new_base: Descriptor, new_path: str
) -> None:
    """Gives something another name, in place of what has it."""
    source, target = _named(guest, base, path), _named(guest, new_base, new_path)
    if not source.name or not target.name:
        raise fail("busy")
    if source.node is None:
        raise fail("no-entry")
    if (source.slash or target.slash) and not isinstance(source.node, Directory):
        raise fail("not-directory")
    if source.node is target.node:
        return
    _check_kinds(guest, source.node, target)
    base.check_mutable(source.directory)
    new_base.check_mutable(target.directory)
    base.tree.move(source.directory, source.name, target.directory, target.name, guest.now())


def _check_kinds(guest: WasiGuest, node: Node, target: Place) -> None:
    """Refuses what rename(2) refuses: a directory over a file or into itself, and the like."""
    if _is_mount(node) or _is_mount(target.node):
        raise fail("busy")
    if isinstance(node, Directory):
        if target.directory.is_within(node, lambda: guest.charge(price.STEP)):
            raise fail("invalid")
        if target.node is not None and not isinstance(target.node, Directory):
            raise fail("not-directory")
        if isinstance(target.node, Directory) and target.node.entries:
            raise fail("not-empty")
    elif isinstance(target.node, Directory):
        raise fail("is-directory")


def _is_mount(node: Node | None) -> bool:
    return isinstance(node, Directory) and node.is_mount


_METHODS: dict[str, Any] = {
    "create-directory-at": create_directory_at,
    "symlink-at": symlink_at,
    "link-at": link_at,
    "remove-directory-at": remove_directory_at,
    "unlink-file-at": unlink_file_at,
    "rename-at": rename_at,
}

FUNCTIONS = tuple(descriptor_function(name, do) for name, do in _METHODS.items())
