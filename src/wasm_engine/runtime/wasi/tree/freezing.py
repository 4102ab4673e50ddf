"""A tree as plain values, and back. What is mounted is named by its path and never copied."""

from __future__ import annotations

from typing import Any

from wasm_engine.runtime.wasi.tree.nodes import Directory, File, Link, Node
from wasm_engine.runtime.wasi.tree.tree import Tree

SECOND = 1_000_000_000

Reference = int | list[str]
"""The number of a node of the tree itself; for what is mounted, where, and its path in there."""


class TreeFreezing:
    """Names nodes of one tree, and gathers those that are its own."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._own: dict[int, Node] = {}
        self._mounted: dict[int, list[str]] | None = None

    def refer(self, node: Node) -> Reference:
        """How the frozen tree names a node; what is the tree's own is frozen with it."""
        if node.read_only:
            return self._place(node)
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one.number in self._own:
                continue
            self._own[one.number] = one
            if isinstance(one, Directory):
                waiting += (it for it in one.entries.values() if not it.read_only)
        return node.number

    def _place(self, node: Node) -> list[str]:
        mounts = self._tree.mounts
        found = next(([at, ""] for at, root in mounts.items() if root is node), None)
        if found is not None:
            return found
        if self._mounted is None:
            self._mounted = {}
            for at, root in mounts.items():
                _walk(root, at, self._mounted)
        return self._mounted[id(node)]

    def result(self) -> list[Any]:
        """The tree, with every node of its own that was referred to or that has a name."""
        tree = self._tree
        root = self.refer(tree.root)
        nodes = [self._node(self._own[number]) for number in sorted(self._own)]
        return [*tree.counts(), root, nodes]

    def _node(self, node: Node) -> list[Any]:
        times = [list(divmod(t, SECOND)) for t in (node.accessed, node.modified, node.changed)]
        return [node.number, node.kind, node.links, *times, self._content(node)]

    def _content(self, node: Node) -> Any:
        match node:
            case Directory():
                return [[name, self.refer(node.entries[name])] for name in node.names()]
            case Link():
                return node.target
            case File():
                return bytes(node.content)
        return None


def _walk(root: Directory, at: str, found: dict[int, list[str]]) -> None:
    """Finds the paths of all that is mounted there, however deep."""
    waiting = [("", root)]
    while waiting:
        path, directory = waiting.pop()
        for name, node in directory.entries.items():
            inner = f"{path}/{name}" if path else name
            found.setdefault(id(node), [at, inner])
            if isinstance(node, Directory):
                waiting.append((inner, node))


class TreeThawing:
    """Fills a new tree, which has the same mounts, with what another one held.

    Nobody holds a node open yet; descriptors and streams that are made anew will.
    """

    def __init__(self, tree: Tree, frozen: list[Any]) -> None:
        self._tree = tree
        *counts, root, nodes = frozen
        tree.restore_counts(*counts)
        self._own = {number: _empty(number, *rest) for number, *rest in nodes}
        for number, *_, content in nodes:
            self._fill(self._own[number], content)
        node = self.find(root)
        assert isinstance(node, Directory)
        tree.root = node

    def _fill(self, node: Node, content: Any) -> None:
        if isinstance(node, Directory):
            for name, reference in content:
                child = node.entries[name] = self.find(reference)
                if isinstance(child, Directory) and not child.read_only:
                    child.parent = node
        elif isinstance(node, File):
            node.content = bytearray(content)

    def find(self, reference: Reference) -> Node:
        """The node of that name."""
        if isinstance(reference, int):
            return self._own[reference]
        at, path = reference
        node: Node = self._tree.mounts[at]
        for name in path.split("/") if path else ():
            assert isinstance(node, Directory)
            node = node.entries[name]
        return node


def _empty(
    number: int,
    kind: str,
    links: int,
    accessed: list[int],
    modified: list[int],
    changed: list[int],
    content: Any,
) -> Node:
    node: Node
    if kind == Directory.kind:
        node = Directory(number, 0)
    elif kind == Link.kind:
        node = Link(number, 0, content)
    else:
        node = File(number, 0)
    node.links = links
    node.accessed, node.modified, node.changed = (
        seconds * SECOND + rest for seconds, rest in (accessed, modified, changed)
    )
    return node
