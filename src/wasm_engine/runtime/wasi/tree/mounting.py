"""Folders become nodes: a mount that many trees share, or copies in one tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Protocol

from wasm_engine.concepts.errors import Misuse
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.nodes import Directory, Link, MountedFile, Node
from wasm_engine.runtime.wasi.tree.tree import Tree


class Listed(Protocol):
    """One thing in a folder; `host.mounts.MountEntry`, or what a run file holds of it."""

    @property
    def path(self) -> str:
        """Where it is, with `/`, relative to the folder."""

    @property
    def kind(self) -> str:
        """`directory`, `file` or `link`."""

    @property
    def size(self) -> int:
        """Bytes of content of a file."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the content of a file."""

    @property
    def target(self) -> str:
        """What a link holds."""

    @property
    def read(self) -> Callable[[], bytes]:
        """Gives the content of a file."""


def mounted(entries: Iterable[Listed], *, time: int, name: str = "") -> Directory:
    """A read-only directory. Contents are loaded when they are first read.

    Args:
        entries: What the folder holds, each directory before what is in it.
        time: What all of it has as its times, in nanoseconds since the Unix epoch.
        name: What the mount is called, by policies and labels; empty where these do not know it.
    """
    listed = list(entries)
    origin = _origin(listed)
    root = Directory(0, time, origin, read_only=True)
    root.links = 1
    root.is_mount = True
    root.mount = name
    directories: dict[str, Directory] = {"": root}
    for number, entry in enumerate(listed, start=1):
        above, _, own = entry.path.rpartition("/")
        node: Node
        if entry.kind == "directory":
            directory = Directory(number, time, origin, read_only=True)
            directory.parent = directories[above]
            directories[entry.path] = node = directory
        elif entry.kind == "link":
            node = Link(number, time, entry.target, origin, read_only=True)
        else:
            node = MountedFile(number, time, origin, entry.size, entry.digest, entry.read)
        node.links = 1
        node.mount = name
        directories[above].entries[own] = node
    return root


def _origin(listed: list[Listed]) -> bytes:
    """Names the mount by what it holds, so that node identities are the same in every process."""
    digest = sha256()
    for entry in listed:
        for part in (entry.path, entry.kind, entry.target):
            raw = part.encode()
            digest.update(len(raw).to_bytes(8, "little") + raw)
        digest.update(entry.digest.ljust(32, b"\0"))
    return digest.digest()


def copy_into(tree: Tree, path: str, entries: Iterable[Listed], *, time: int) -> Directory:
    """Copies what a folder holds into a tree, where the guest may change it.

    Args:
        tree: Takes the copies; its quota must have room for them.
        path: Absolute path in the tree.
        entries: What the folder holds, each directory before what is in it.
        time: What all of it has as its times, in nanoseconds since the Unix epoch.

    Raises:
        Misuse: The tree has no room, or something is in the way.
    """
    base = tree.directory_at(path)
    directories = {"": base}
    try:
        for entry in entries:
            above, _, name = entry.path.rpartition("/")
            if entry.kind == "directory":
                directory = tree.make_directory(time)
                directories[entry.path] = directory
                tree.add(directories[above], name, directory, time)
            elif entry.kind == "link":
                tree.add(directories[above], name, tree.make_link(entry.target, time), time)
            else:
                file = tree.make_file(time)
                tree.add(directories[above], name, file, time)
                tree.write(file, 0, entry.read(), time)
    except FsError as error:
        message = f"the folder does not fit into {path!r} of the guest's tree: {error.code}"
        raise Misuse(message, code="bad-mount") from None
    return base
