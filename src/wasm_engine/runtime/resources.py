"""The host objects behind the handles that one instance holds."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts.errors import LimitExceeded

MAX_HANDLES = 65_536


class ResourceTable:
    """Numbers host objects for one instance; numbers are given in order and never reused."""

    __slots__ = ("_next", "_numbers", "_objects")

    def __init__(self) -> None:
        self._objects: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._next = 1

    def __len__(self) -> int:
        return len(self._objects)

    def give(self, thing: object) -> int:
        """Takes a host object in; answers its number, the `rep` of the handle."""
        if len(self._objects) >= MAX_HANDLES:
            code = "handles"
            raise LimitExceeded(code, f"more than {MAX_HANDLES} handles")
        rep = self._next
        self._next += 1
        self._objects[rep] = thing
        self._numbers[id(thing)] = rep
        return rep

    def lend(self, rep: int) -> object:
        """The object behind a borrowed handle."""
        return self._objects[rep]

    def take(self, rep: int) -> object:
        """The object behind a handle whose ownership came back to the host."""
        thing = self._objects.pop(rep)
        self._numbers.pop(id(thing), None)
        return thing

    def drop(self, rep: int) -> None:
        """The guest dropped its handle; the object is told through `drop()`, if it has one."""
        thing = self._objects.pop(rep, None)
        self._numbers.pop(id(thing), None)
        dropped = getattr(thing, "drop", None)
        if dropped is not None:
            dropped()

    def described(self, value: Any) -> Any:
        """The value with each host object replaced by its number: what a record can hold."""
        if isinstance(value, tuple | list):
            return [self.described(item) for item in value]
        if isinstance(value, frozenset):
            return sorted(value)
        if value is None or isinstance(value, bool | int | float | str | bytes):
            return value
        return self._numbers.get(id(value), 0)
