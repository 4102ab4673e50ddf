"""A shared folder as plain values, and back: each node with the number of the directory it is in.

A file that nobody changed is told by its place in what the folder began with, any other by its
bytes. What is read here may come from anybody.
"""

from __future__ import annotations

from typing import Any

from wasm_engine.runtime.wasi.folders.folder import Folder
from wasm_engine.runtime.wasi.folders.handles import ROOT
from wasm_engine.runtime.wasi.folders.tree import GivenFile, SharedTree, each
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.nodes import Directory, File, Node

SECOND = 1_000_000_000
MOST = 1 << 62
"""Nodes that were ever made, at most: their numbers have 64 bits."""


def freeze(folder: Folder) -> list[Any]:
    """How many nodes were ever made, the times of the root, and every other node."""
    tree = folder.tree
    rows = [
        [above.number, name, node.number, *_times(node), _content(node)]
        for above, name, node in each(tree)
    ]
    return [tree.counts()[0], _times(tree.root), rows]


def _times(node: Node) -> list[list[int]]:
    return [list(divmod(t, SECOND)) for t in (node.accessed, node.modified, node.changed)]


def _content(node: Node) -> Any:
    if isinstance(node, Directory):
        return None
    if isinstance(node, GivenFile) and not node.owned:
        return node.place
    assert isinstance(node, File)
    return bytes(node.content)


def thaw(folder: Folder, frozen: Any) -> None:
    """Makes a folder what was frozen.

    Raises:
        ValueError, TypeError, LookupError: Nobody froze that.
    """
    made, root_times, rows = frozen
    if made.__class__ is not int or not ROOT <= made <= MOST:
        message = f"{made!r} nodes were made"
        raise ValueError(message)
    old = folder.tree
    tree = SharedTree(old.name, old.usage.limit, time=0)
    stamps = []
    try:
        for above, name, number, *times, content in rows:
            directory, node = tree.nodes[above], _node(folder, tree, number, content)
            taken = number in tree.nodes or number.__class__ is not int or not 1 < number <= made
            if taken or _is_odd(name) or not isinstance(directory, Directory):
                message = f"a node {number!r} called {name!r}"
                raise ValueError(message)
            if name in directory.entries:
                message = f"two nodes called {name!r} in one directory"
                raise ValueError(message)
            tree.add(directory, name, node, 0)
            stamps.append((node, times))
    except FsError as error:
        message = f"more than the folder may hold: {error.code}"
        raise ValueError(message) from None
    _set_times(tree.root, root_times)
    for node, times in stamps:
        _set_times(node, times)
    tree.restore_counts(made, tree.usage.bytes, tree.usage.nodes)
    folder.tree = tree


def _is_odd(name: str) -> bool:
    return name in {"", ".", ".."} or "/" in name or "\0" in name


def _node(folder: Folder, tree: SharedTree, number: int, content: Any) -> Node:
    """A node as it was, without a name yet."""
    node: Node
    if content is None:
        node = tree.make_directory(0)
    elif isinstance(content, bytes):
        file = node = tree.make_file(0)
        file.content = bytearray(content)
        tree.usage.add_bytes(len(content))
    elif isinstance(content, int) and not isinstance(content, bool) and content >= 0:
        entry = folder.listing[content]
        if entry.kind != "file":
            message = f"what the folder began with has no file at place {content}"
            raise ValueError(message)
        node = tree.make_given(content, entry, 0)
        tree.usage.add_bytes(entry.size)
    else:
        message = f"a content of type {type(content).__name__}"
        raise TypeError(message)
    node.number = number
    return node


def _set_times(node: Node, times: Any) -> None:
    found = []
    for seconds, rest in times:
        if not isinstance(seconds, int) or not isinstance(rest, int) or min(seconds, rest) < 0:
            message = "a time that is none"
            raise TypeError(message)
        found.append(seconds * SECOND + rest)
    node.accessed, node.modified, node.changed = found
