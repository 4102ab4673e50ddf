"""One instance's files: the operations on nodes, counted against a quota."""

from __future__ import annotations

from wasm_engine.concepts.errors import Misuse
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.nodes import Directory, File, Link, Node
from wasm_engine.runtime.wasi.tree.quota import Quota, Usage

MAX_OFFSET = (1 << 63) - 1
"""Offsets and sizes are those of a signed number."""


class Tree:
    """A file tree in memory.

    The mounts in it are shared between trees and never changed; all else is the tree's own.

    Args:
        quota: What it may hold; mounts do not count.
        time: What the nodes made here have as their times, in nanoseconds since the Unix epoch.

    Attributes:
        root: The directory that paths begin at.
        usage: What it holds, and its limits.
        mounts: What is mounted, by the path at which it was.
    """

    __slots__ = ("_numbers", "_time", "mounts", "root", "usage")

    def __init__(self, quota: Quota | None = None, *, time: int = 0) -> None:
        self.usage = Usage(quota or Quota())
        self._numbers = 0
        self._time = time
        self.mounts: dict[str, Directory] = {}
        self.root = self.make_directory(time)
        self.root.links = 1

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def make_directory(self, now: int) -> Directory:
        """A directory that has no name yet."""
        return Directory(self._number(), now)

    def make_file(self, now: int) -> File:
        """An empty file that has no name yet."""
        return File(self._number(), now)

    def make_link(self, target: str, now: int) -> Link:
        """A symbolic link that has no name yet."""
        return Link(self._number(), now, target)

    def add(self, directory: Directory, name: str, node: Node, now: int) -> None:
        """Gives a node a name."""
        if not directory.links:
            code = "no-entry"
            raise FsError(code)
        self.usage.add_node()
        if isinstance(node, Link) and not node.links:
            try:
                self.usage.add_bytes(node.size)
            except FsError:
                self.usage.remove_node()
                raise
        self._attach(directory, name, node, now)

    def remove(self, directory: Directory, name: str, now: int) -> None:
        """Takes a name away; what it was the last name of goes when nobody holds it open."""
        node = self._detach(directory, name, now)
        if node.links or not node.opens:
            self._forget(node)

    def move(self, source: Directory, name: str, target: Directory, new: str, now: int) -> None:
        """Gives a node another name, in place of what had it."""
        if not target.links:
            code = "no-entry"
            raise FsError(code)
        if new in target.entries:
            self.remove(target, new, now)
        self._attach(target, new, self._detach(source, name, now), now)

    def _attach(self, directory: Directory, name: str, node: Node, now: int) -> None:
        directory.entries[name] = node
        directory.modified = directory.changed = node.changed = now
        node.links += 1
        if isinstance(node, Directory):
            node.parent = directory

    def _detach(self, directory: Directory, name: str, now: int) -> Node:
        node = directory.entries.pop(name)
        directory.modified = directory.changed = node.changed = now
        node.links -= 1
        if isinstance(node, Directory):
            node.parent = None
        return node

    def _forget(self, node: Node) -> None:
        """Gives back the room of a name, and of the contents if it was the last one."""
        self.usage.remove_node()
        if not node.links:
            self.usage.add_bytes(-node.size)

    def hold(self, node: Node) -> None:
        """A descriptor or a stream was opened on it."""
        if not node.read_only:
            node.opens += 1

    def release(self, node: Node) -> None:
        """What was opened on it was dropped."""
        if node.read_only:
            return
        node.opens -= 1
        if not node.opens and not node.links:
            self._forget(node)

    def write(self, file: File, offset: int, data: bytes, now: int) -> None:
        """Writes; what lies between the end and the offset becomes zero."""
        content, end = _own(file), offset + len(data)
        if end > MAX_OFFSET:
            code = "file-too-large"
            raise FsError(code)
        if not data:
            return
        grown = end - len(content)
        if grown > 0:
            self.usage.add_bytes(grown)
            if offset > len(content):
                content.extend(bytes(offset - len(content)))
        content[offset:end] = data
        file.modified = file.changed = now

    def resize(self, file: File, size: int, now: int) -> None:
        """Cuts a file, or adds zeroes."""
        content = _own(file)
        grown = size - len(content)
        self.usage.add_bytes(grown)
        if grown > 0:
            content.extend(bytes(grown))
        else:
            del content[size:]
        file.modified = file.changed = now

    def directory_at(self, path: str) -> Directory:
        """The directory at an absolute path, made where it is missing. For setting a tree up."""
        here = self.root
        for name in _names(path):
            node = here.entries.get(name)
            if node is None and not here.read_only:
                node = self.make_directory(self._time)
                self.add(here, name, node, self._time)
            if not isinstance(node, Directory):
                message = f"{path!r} is not a folder of the guest's tree"
                raise Misuse(message, code="bad-mount")
            here = node
        return here

    def mount(self, path: str, directory: Directory) -> None:
        """Shows a mount at an absolute path that is not taken yet; `/` is the whole tree."""
        *above, name = _names(path) or [""]
        if not name:
            self.root = self.mounts["/"] = directory
            return
        here = self.directory_at("/".join(above))
        if name in here.entries or here.read_only:
            message = f"{path!r} is taken in the guest's tree"
            raise Misuse(message, code="bad-mount")
        here.entries[name] = self.mounts["/".join([*above, name])] = directory

    def counts(self) -> tuple[int, int, int]:
        """How many nodes were ever made, and the bytes and names that it holds."""
        return self._numbers, self.usage.bytes, self.usage.nodes

    def restore_counts(self, numbers: int, held_bytes: int, names: int) -> None:
        """Takes what `counts` said of a tree that this one is made equal to."""
        self._numbers, self.usage.bytes, self.usage.nodes = numbers, held_bytes, names


def _names(path: str) -> list[str]:
    """The names of an operator's path."""
    names = [name for name in path.split("/") if name not in {"", "."}]
    if ".." in names or "\0" in path:
        message = f"{path!r} is not a path of the guest's tree"
        raise Misuse(message, code="bad-mount")
    return names


def _own(file: File) -> bytearray:
    """The contents of a file that this tree may change."""
    if not isinstance(file.content, bytearray):
        code = "read-only"
        raise FsError(code)
    return file.content
