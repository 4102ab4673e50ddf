"""The host objects behind the handles that one instance holds, and where its own table has them."""

from __future__ import annotations

from typing import Any, NamedTuple

from wasm_engine.concepts.errors import LimitExceeded

MAX_HANDLES = 65_536


class Place(NamedTuple):
    """What one index of the instance's own table of handles holds.

    Attributes:
        rep: The number of the host object.
        resource: The full name of its resource: `wasi:io/streams#input-stream`.
    """

    rep: int
    resource: str


class Give(NamedTuple):
    """A handle is to be put into the instance's own table, at the index that is due.

    Attributes:
        rep: The number of the host object; 0 for a handle that only keeps its index from being
            given to another, and will be dropped again.
        resource: The full name of its resource; empty where any will do.
    """

    rep: int
    resource: str


class Drop(NamedTuple):
    """A handle is to be taken out of the instance's own table.

    Attributes:
        at: Where it is; 0 is the first.
        resource: The full name of its resource; empty for one that any would do for.
    """

    at: int
    resource: str


class ResourceTable:
    """Numbers host objects for one instance; numbers are given in order and never reused.

    The engine keeps a table of its own for the instance, whose indexes are what the guest sees; it
    reuses the index that was given back last. That table is followed here, so that an instance can
    be given an equal one: see `moves`.

    Attributes:
        touched: Whether a handle was made or dropped since this was last set to False. Host
            functions set it too, where they change anything else that the host keeps for an
            instance between messages; see `Guest.touched`.
    """

    __slots__ = (
        "_indexes",
        "_next",
        "_numbers",
        "_objects",
        "_places",
        "_taken",
        "_vacant",
        "touched",
    )

    def __init__(self) -> None:
        self._objects: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._next = 1
        self._places: list[Place | None] = []
        self._vacant: list[int] = []
        self._indexes: dict[int, int] = {}
        self._taken: dict[int, int] = {}
        self.touched = False

    def __len__(self) -> int:
        return len(self._objects)

    def give(self, thing: object, resource: str = "") -> int:
        """Takes a host object in; answers its number, the `rep` of the handle."""
        if len(self._objects) >= MAX_HANDLES:
            code = "handles"
            raise LimitExceeded(code, f"more than {MAX_HANDLES} handles")
        rep = self._next
        self._next += 1
        self._objects[rep] = thing
        self._numbers[id(thing)] = rep
        places = self._places
        if self._vacant:
            index = self._vacant.pop()
            places[index] = Place(rep, resource)
        else:
            index = len(places)
            places.append(Place(rep, resource))
        self._indexes[rep] = index
        self.touched = True
        return rep

    def lend(self, rep: int) -> object:
        """The object behind a borrowed handle."""
        return self._objects[rep]

    def take(self, rep: int) -> object:
        """The object behind a handle whose ownership came back to the host."""
        thing = self._objects.pop(rep)
        self._numbers.pop(id(thing), None)
        self._taken[id(thing)] = rep
        self._vacate(rep)
        return thing

    def drop(self, rep: int) -> None:
        """The guest dropped its handle; the object is told through `drop()`, if it has one.

        A number that no object has is none of the guest's: nothing happens.
        """
        thing = self._objects.pop(rep, None)
        if thing is None:
            return
        self._numbers.pop(id(thing), None)
        self._vacate(rep)
        dropped = getattr(thing, "drop", None)
        if dropped is not None:
            dropped()

    def _vacate(self, rep: int) -> None:
        index = self._indexes.pop(rep)
        self._places[index] = None
        self._vacant.append(index)
        self.touched = True

    @property
    def places(self) -> list[Place | None]:
        """What the instance's own table holds, from its first index on; None where it is vacant."""
        return self._places

    def moves(self, other: ResourceTable) -> list[Give | Drop]:
        """What makes this instance's own table give the indexes that the other's does, ever after.

        From an empty table: how the other's is made. The moves are the engine's alone, neither of
        the two tables here is to be told of them: numbers of this one that the other does not have
        are dropped, which `drop` takes for nothing where it does not know them.
        """
        places, vacant = list(self._places), list(self._vacant)
        wanted = other._places + [None] * (len(places) - len(other._places))
        # Indexes that the other never needed are to be taken last, the lowest first.
        order = [*range(len(places) - 1, len(other._places) - 1, -1), *other._vacant]
        ranks = {index: rank for rank, index in enumerate(order)}
        surplus = [(i, it) for i, it in enumerate(places) if it is not None and it != wanted[i]]
        moves: list[Give | Drop] = []
        for index, place in sorted(surplus, key=lambda it: ranks.get(it[0], 0)):
            moves.append(Drop(index, place.resource))
            places[index] = None
            vacant.append(index)
        if vacant == order and places == wanted:
            return moves
        while vacant or len(places) < len(wanted):
            index = vacant.pop() if vacant else len(places)
            due = wanted[index]
            moves.append(Give(0, "") if due is None else Give(*due))
            places[index : index + 1] = [due]
        return moves + [Drop(index, "") for index in order]

    def described(self, value: Any) -> Any:
        """The value with each host object replaced by its number: what a record can hold.

        To be asked once, for the arguments of a call: an object that the call takes is known by the
        number that it had.
        """
        plain = self._plain(value)
        self._taken.clear()
        return plain

    def _plain(self, value: Any) -> Any:
        if isinstance(value, tuple | list):
            return [self._plain(item) for item in value]
        if isinstance(value, frozenset):
            return sorted(value)
        if value is None or isinstance(value, bool | int | float | str | bytes):
            return value
        number = self._numbers.get(id(value))
        return self._taken.get(id(value), 0) if number is None else number

    def objects(self) -> list[tuple[int, object]]:
        """Numbers and objects, in the order of the numbers."""
        return sorted(self._objects.items())

    def freeze(self) -> list[Any]:
        """All but the objects themselves, as plain values.

        Indexes that were never needed at one time with all others are left out: a table without
        them gives the same ones.
        """
        places, vacant = list(self._places), list(self._vacant)
        while vacant and vacant[0] == len(places) - 1:
            places.pop()
            vacant.pop(0)
        return [self._next, [[] if it is None else list(it) for it in places], vacant]

    def thaw(self, frozen: list[Any], objects: list[tuple[int, object]]) -> None:
        """Makes a new table equal to the frozen one."""
        self._next, places, vacant = frozen
        self._objects = dict(objects)
        self._numbers = {id(thing): rep for rep, thing in objects}
        self._places = [Place(*it) if it else None for it in places]
        self._vacant = list(vacant)
        self._indexes = {it.rep: index for index, it in enumerate(self._places) if it is not None}
        self.touched = False
