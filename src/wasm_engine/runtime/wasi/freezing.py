"""What the host keeps for an instance between messages, as plain values, and back.

Each class that a handle or a stream can lead to has a `kind`, and the pair `freeze` and `thaw`. Of
objects that share a part (two streams on one standard input) the frozen ones do too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from wasm_engine.concepts.errors import NotCapturable
from wasm_engine.runtime.resources import ResourceTable
from wasm_engine.runtime.wasi.state import WasiState
from wasm_engine.runtime.wasi.tree.freezing import Reference, TreeFreezing, TreeThawing
from wasm_engine.runtime.wasi.tree.nodes import File, Node


class Thawed(Protocol):
    """A class whose objects can be frozen."""

    @property
    def kind(self) -> str:
        """Names the class in frozen state."""

    def thaw(self, out_of: Thawing, parts: list[Any], /) -> Any:
        """Makes an object of what `freeze` gave."""


class Freezing:
    """Gathers what objects consist of.

    Args:
        wasi: The state of WASI that they belong to.
        kinds: The classes that can be frozen, by their kinds.
    """

    def __init__(self, wasi: WasiState, kinds: Mapping[str, Thawed]) -> None:
        self._kinds = kinds
        self._tree = TreeFreezing(wasi.tree) if wasi.looked_at else None
        self._numbers: dict[int, int] = {}
        self._records: list[Any] = []

    def put(self, thing: Any) -> int:
        """Freezes an object, once; answers its number.

        Raises:
            NotCapturable: There is no way to make another one like it.
        """
        number = self._numbers.get(id(thing))
        if number is None:
            kind = getattr(thing, "kind", "")
            if kind not in self._kinds:
                message = f"it holds a {type(thing).__name__}"
                raise NotCapturable(message)
            parts = thing.freeze(self)
            number = self._numbers[id(thing)] = len(self._records)
            self._records.append([kind, parts])
        return number

    def node(self, node: Node) -> Reference:
        """Names a node of the file tree, and freezes it if it is the tree's own."""
        assert self._tree is not None
        return self._tree.refer(node)

    def result(self) -> list[Any]:
        """The tree, and every object that was put."""
        return [self._tree.result() if self._tree is not None else None, self._records]


class Thawing:
    """Makes the objects anew.

    Attributes:
        wasi: The new state that they belong to; its tree is filled already.
    """

    def __init__(self, wasi: WasiState, kinds: Mapping[str, Thawed], frozen: list[Any]) -> None:
        tree, records = frozen
        self.wasi = wasi
        self._tree = TreeThawing(wasi.tree, tree) if tree is not None else None
        self._objects: list[Any] = []
        for kind, parts in records:  # each after those that it consists of
            self._objects.append(kinds[kind].thaw(self, parts))

    def get(self, number: int) -> Any:
        """The object of that number."""
        return self._objects[number]

    def find(self, reference: Reference) -> Node:
        """The node of that name."""
        assert self._tree is not None
        return self._tree.find(reference)

    def file(self, reference: Reference) -> File:
        """The file of that name."""
        node = self.find(reference)
        assert isinstance(node, File)
        return node


def freeze(wasi: WasiState, resources: ResourceTable, kinds: Mapping[str, Thawed]) -> list[Any]:
    """State and handles of one instance as plain values.

    Raises:
        NotCapturable: It holds what there is no way to make anew.
    """
    freezing = Freezing(wasi, kinds)
    held = [[rep, freezing.put(thing)] for rep, thing in resources.objects()]
    given = [list(wasi.args), [list(pair) for pair in wasi.env], wasi.stdin.rest()]
    return [given, freezing.result(), resources.freeze(), held]


def thaw(
    wasi: WasiState, resources: ResourceTable, kinds: Mapping[str, Thawed], frozen: list[Any]
) -> None:
    """Fills a new state and a new table with what was frozen."""
    (args, env, stdin), objects, table, held = frozen
    wasi.start_command(args=args, env=[(name, value) for name, value in env], stdin=stdin)
    thawing = Thawing(wasi, kinds, objects)
    resources.thaw(table, [(rep, thawing.get(number)) for rep, number in held])


def by_kind(classes: Iterable[Thawed]) -> Mapping[str, Thawed]:
    """The classes by their kinds."""
    return {it.kind: it for it in classes}
