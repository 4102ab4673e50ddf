"""What WASI keeps for one instance: arguments, environment, standard input, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from wasm_engine.runtime.wasi.room import Room
from wasm_engine.runtime.wasi.tree.nodes import Directory
from wasm_engine.runtime.wasi.tree.tree import Tree


class Preopen(NamedTuple):
    """A directory that the guest is given.

    Attributes:
        name: What the guest knows it as.
        path: Where it is in the tree.
        mutable: Whether the guest may change it, as far as the tree lets anybody.
    """

    name: str = "/"
    path: str = "/"
    mutable: bool = True


class Stdin:
    """Standard input: bytes with one position for all streams on it."""

    __slots__ = ("_data", "_offset")
    kind = "stdin"

    def __init__(self, data: bytes) -> None:
        self.begin(data)

    def begin(self, data: bytes) -> None:
        """Gives streams that are open already, and those to come, something new to read."""
        self._data = data
        self._offset = 0

    def read(self, guest: object, count: int) -> bytes | None:
        """Up to `count` bytes, or None at the end."""
        data = self._data[self._offset : self._offset + count]
        self._offset += len(data)
        return data or None

    def rest(self) -> bytes:
        """What was not read yet."""
        return self._data[self._offset :]

    def drop(self) -> None:
        """Standard input outlives its handles."""

    def freeze(self, into: object) -> list[Any]:
        """There is but one, which the state holds."""
        return []

    @staticmethod
    def thaw(out_of: _OfState, parts: list[Any]) -> Stdin:
        """The one of the new state."""
        return out_of.wasi.stdin


class _OfState(Protocol):
    """What is made for a new state."""

    @property
    def wasi(self) -> WasiState:
        """The state."""


class WasiState:
    """One instance's part of WASI.

    Args:
        args: The program's name and its arguments.
        env: Names and values; the guest sees them in this order.
        stdin: All of the standard input.
        tree: Its files, or what makes them when they are first asked for: most agents never look.
        preopens: The directories that it is given; none without a tree.

    Attributes:
        args: The program's name and its arguments.
        env: Names and values.
        stdin: Standard input.
        preopens: The directories that it is given.
        room: What it may hold behind its handles, beside its files.
    """

    __slots__ = ("_tree", "args", "env", "preopens", "room", "stdin")

    def __init__(
        self,
        *,
        args: Sequence[str] = (),
        env: Sequence[tuple[str, str]] = (),
        stdin: bytes = b"",
        tree: Tree | Callable[[], Tree] | None = None,
        preopens: Sequence[Preopen] = (Preopen(),),
    ) -> None:
        self.args = tuple(args)
        self.env = tuple(env)
        self.stdin = Stdin(stdin)
        self.preopens = tuple(preopens) if tree is not None else ()
        self.room = Room()
        self._tree = tree

    def start_command(
        self, *, args: Sequence[str], env: Sequence[tuple[str, str]], stdin: bytes
    ) -> None:
        """What a command is given each time it is run."""
        self.args, self.env = tuple(args), tuple(env)
        self.stdin.begin(stdin)

    @property
    def looked_at(self) -> bool:
        """Whether its files were ever asked for."""
        return isinstance(self._tree, Tree)

    @property
    def tree(self) -> Tree:
        """Its files."""
        tree = self._tree
        if not isinstance(tree, Tree):
            tree = self._tree = Tree() if tree is None else tree()
        return tree

    def directories(self) -> list[tuple[str, Directory, bool]]:
        """The preopened directories: name, directory, whether it may be changed."""
        tree = self.tree
        found = []
        for name, path, mutable in self.preopens:
            directory = tree.directory_at(path)
            found.append((name, directory, mutable and not directory.read_only))
        return found
