"""Upper bounds of a policy file: the most that a manifest may ask for on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from wasm_engine.concepts import shapes
from wasm_engine.concepts.mistakes import Mistakes, Wrong, shown

_MOST = 2**63 - 1


class Bounded(Struct, frozen=True):
    """What a policy may bound.

    Attributes:
        shape: How its bound is written.
        says: What it is, for people.
    """

    shape: shapes.Whole | shapes.Size | shapes.Span
    says: str


_NUMBER = shapes.Whole(0, _MOST)
_SIZE = shapes.Size(0, _MOST)
BOUNDED: Mapping[str, Bounded] = {
    "memory": Bounded(_SIZE, "linear memory of one agent"),
    "disk": Bounded(_SIZE, "private file system of one agent"),
    "fuel": Bounded(_NUMBER, "instructions per message"),
    "work": Bounded(_NUMBER, "host work per message"),
    "batch": Bounded(_NUMBER, "messages of one agent in one step"),
    "retries": Bounded(_NUMBER, "further attempts after a failure"),
    "count": Bounded(_NUMBER, "agents of one kind at the start"),
    "agents": Bounded(_NUMBER, "agents at a time, of all kinds together"),
    "mailbox": Bounded(_NUMBER, "messages from one sender in one mailbox"),
    "queue": Bounded(_SIZE, "all mailboxes together"),
    "step-fuel": Bounded(_NUMBER, "instructions, and host work, of one agent in one step"),
    "storage": Bounded(_SIZE, "all buckets, containers and databases together"),
    "http-timeout": Bounded(shapes.Span(0, _MOST), "the answer of a server"),
    "http-max-response": Bounded(_SIZE, "the body of one response"),
}
"""By its key in `[bounds]`."""


class Bound(Struct, frozen=True):
    """The most of something.

    Attributes:
        key: What of, a key of `BOUNDED`.
        most: How much: a number, bytes or nanoseconds.
        where: Where it stands, `file:line`.
    """

    key: str
    most: int
    where: str

    def words(self) -> str:
        """How much, and where that stands."""
        return f"at most {spelled(self.key, self.most)} ({self.where})"


def spelled(key: str, amount: int) -> str:
    """An amount of what a key is about, as it would be written."""
    return BOUNDED[key].shape.spell(amount)


def read_bounds(table: object, mistakes: Mistakes) -> tuple[Bound, ...]:
    """`[bounds]` of a policy file, in the order of `BOUNDED`; what is wrong in it is noted."""
    if not isinstance(table, Mapping):
        mistakes.add(("bounds",), f"must be a table of bounds, not {shown(table)}")
        return ()
    mistakes.unknown_keys(("bounds",), table, BOUNDED)
    found = []
    for key, bounded in BOUNDED.items():
        place = ("bounds", key)
        if key not in table:
            continue
        try:
            most = bounded.shape.read(table[key], place, mistakes)
        except Wrong as wrong:
            mistakes.add(place, str(wrong))
            continue
        line = mistakes.line(place) if mistakes.line else 0
        found.append(Bound(key, most, f"{mistakes.file}:{line}"))
    return tuple(found)


def tightest(bounds: Iterable[Bound]) -> dict[str, Bound]:
    """Of several bounds of the same the lowest, by its key; of equal ones the first."""
    found: dict[str, Bound] = {}
    for bound in bounds:
        if bound.key not in found or bound.most < found[bound.key].most:
            found[bound.key] = bound
    return {key: found[key] for key in BOUNDED if key in found}
