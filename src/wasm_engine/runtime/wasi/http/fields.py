"""wasi:http/types: `fields`, the headers of requests and responses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.web import OURS, check_headers
from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing

Field = tuple[str, bytes]

CONTENT_LENGTH = "content-length"
FORBIDDEN = OURS - {CONTENT_LENGTH}
"""Names that a guest may not set. What it says of the length is checked, and not sent."""

_IMMUTABLE = Err(("immutable", None))
_OVERHEAD = 64
"""What each field costs the host beside its bytes."""


class Fields:
    """A resource `fields`.

    Attributes:
        entries: Names and values, in order. Never changed in place: others may share the list.
        mutable: Whether the guest may change it.
    """

    __slots__ = ("_held", "_room", "entries", "mutable")
    kind = "http-fields"

    def __init__(self, room: Room, entries: list[Field], *, mutable: bool) -> None:
        self._room = room
        self._held = 0
        self.mutable = mutable
        self.put(entries)

    def put(self, entries: list[Field]) -> None:
        """Holds these fields from now on."""
        held = size_of(entries) + _OVERHEAD * len(entries)
        self._room.take(held - self._held)
        self.entries, self._held = entries, held

    def shown(self) -> Fields:
        """The same, for looking only."""
        return Fields(self._room, self.entries, mutable=False)

    def drop(self) -> None:
        """Nobody holds it any longer."""
        self._room.give_back(self._held)
        self._held = 0

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        return [self.mutable, [list(entry) for entry in self.entries]]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Fields:
        """The same fields again."""
        mutable, entries = parts
        return Fields(out_of.wasi.room, [(name, value) for name, value in entries], mutable=mutable)


def size_of(entries: Iterable[Field]) -> int:
    """Bytes of names and values."""
    return sum(len(name) + len(value) for name, value in entries)


def _problem(name: str, values: Iterable[bytes]) -> Err | None:
    """Why a field cannot be set, as a `header-error`."""
    lower = name.lower()
    if lower in FORBIDDEN:
        return Err(("forbidden", None))
    try:
        # The rules of `content-length` are the client's; what it holds is looked at when it counts.
        checked = "any" if lower == CONTENT_LENGTH else name
        check_headers([(checked, value.decode("latin-1")) for value in values] or [(checked, "")])
    except Wrong:
        return Err(("invalid-syntax", None))
    return None


def _looked_at(guest: WasiGuest, fields: Fields) -> list[Field]:
    guest.charge(price.FIELD * len(fields.entries))
    return fields.entries


def _values(entries: list[Field], name: str) -> list[bytes]:
    wanted = name.lower()
    return [value for it, value in entries if it.lower() == wanted]


def _without(entries: list[Field], name: str) -> list[Field]:
    unwanted = name.lower()
    return [entry for entry in entries if entry[0].lower() != unwanted]


def new_fields(guest: WasiGuest) -> Fields:
    """None yet."""
    return Fields(guest.wasi.room, [], mutable=True)


def from_list(guest: WasiGuest, entries: list[Field]) -> Fields | Err:
    """Those of a list."""
    for name, value in entries:
        problem = _problem(name, [value])
        if problem is not None:
            return problem
    return Fields(guest.wasi.room, list(entries), mutable=True)


def get(guest: WasiGuest, fields: Fields, name: str) -> list[bytes]:
    """All values of a name, whichever way it is spelled in large and small letters."""
    return _values(_looked_at(guest, fields), name)


def has(guest: WasiGuest, fields: Fields, name: str) -> bool:
    """Whether there is a value of that name."""
    return bool(_values(_looked_at(guest, fields), name))


def set_values(guest: WasiGuest, fields: Fields, name: str, values: list[bytes]) -> Err | None:
    """Values in place of all that the name had."""
    if not fields.mutable:
        return _IMMUTABLE
    problem = _problem(name, values)
    if problem is None:
        others = _without(_looked_at(guest, fields), name)
        fields.put([*others, *((name, value) for value in values)])
    return problem


def delete(guest: WasiGuest, fields: Fields, name: str) -> Err | None:
    """Takes all values of a name away."""
    if not fields.mutable:
        return _IMMUTABLE
    problem = _problem(name, [])
    if problem is None:
        fields.put(_without(_looked_at(guest, fields), name))
    return problem


def append(guest: WasiGuest, fields: Fields, name: str, value: bytes) -> Err | None:
    """One value more."""
    if not fields.mutable:
        return _IMMUTABLE
    problem = _problem(name, [value])
    if problem is None:
        fields.put([*_looked_at(guest, fields), (name, value)])
    return problem


def entries_of(guest: WasiGuest, fields: Fields) -> list[Field]:
    """Names and values, as they were spelled, in order."""
    return list(fields.entries)


def clone(guest: WasiGuest, fields: Fields) -> Fields:
    """A copy that may be changed."""
    return Fields(guest.wasi.room, _looked_at(guest, fields), mutable=True)


def _function(name: str, call: Any) -> HostFunction:
    return HostFunction(f"wasi:http/types#{name}", call, in_init=True)


FROZEN = (Fields,)
FUNCTIONS = (
    _function("[constructor]fields", new_fields),
    _function("[static]fields.from-list", from_list),
    _function("[method]fields.get", get),
    _function("[method]fields.has", has),
    _function("[method]fields.set", set_values),
    _function("[method]fields.delete", delete),
    _function("[method]fields.append", append),
    _function("[method]fields.entries", entries_of),
    _function("[method]fields.clone", clone),
)
