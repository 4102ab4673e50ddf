"""wasi:blobstore/container: the objects of one container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.blobs import (
    MAX_NAMES,
    NO_SUCH_OBJECT,
    NS,
    no_container,
    refused,
    wrong_name,
)
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.blobstore.asking import allowed, look, turn
from wasm_engine.runtime.wasi.blobstore.values import IncomingValue, OutgoingValue
from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing


class Container:
    """A resource `container`: a name, no more; each operation is asked whether it is granted.

    Attributes:
        name: The container's.
    """

    __slots__ = ("name",)
    kind = "blob-container"

    def __init__(self, name: str) -> None:
        self.name = name

    def freeze(self, into: Freezing) -> list[Any]:
        """Its name."""
        return [self.name]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Container:
        """One of the same container."""
        return Container(parts[0])


class ObjectNames:
    """A resource `stream-object-names`: the names as they were when it was made.

    Attributes:
        names: Those that were not read yet.
    """

    __slots__ = ("_room", "names")
    kind = "blob-names"

    def __init__(self, room: Room, names: list[str]) -> None:
        room.take(_size(names))
        self._room = room
        self.names = names

    def take(self, count: int) -> list[str]:
        """The next names."""
        found, self.names = self.names[:count], self.names[count:]
        self._room.give_back(_size(found))
        return found

    def drop(self) -> None:
        """The guest dropped its handle."""
        self._room.give_back(_size(self.names))

    def freeze(self, into: Freezing) -> list[Any]:
        """Those that were not read yet."""
        return [self.names]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> ObjectNames:
        """One with the same names left."""
        return ObjectNames(out_of.wasi.room, list(parts[0]))


def _size(names: list[str]) -> int:
    return sum(len(name.encode()) for name in names)


def name(guest: Any, container: Container) -> str:
    """Its name."""
    return container.name


def info(guest: Caller, container: Container) -> Any:
    """Its name, and when it was made (seconds of world time since 1970)."""
    created = look(guest, container.name, lambda store: store.created(container.name))
    if isinstance(created, Err):
        return created
    return no_container(container.name) if created is None else (container.name, created // NS)


def get_data(guest: Any, container: Container, key: str, start: int, end: int) -> Any:
    """Bytes of an object; both ends are inclusive, and what is beyond its end is not there."""
    if end < start:
        return refused(faults.INVALID_REQUEST, "the end is before the start")
    found = look(
        guest, container.name, lambda store: store.read(container.name, key, start, end), key
    )
    if isinstance(found, Err):
        return found
    guest.charge(len(found) * cost.STATE_BYTE)
    return IncomingValue(guest.wasi.room, found)


def write_data(guest: Caller, container: Container, key: str, value: OutgoingValue) -> Any:
    """The value is to be put there, as soon as it is finished."""
    no = wrong_name(key) or allowed(guest, (), [(container.name, key)])
    if no is not None:
        return no
    if len(value.places) >= MAX_NAMES:
        return refused(faults.TOO_MANY, f"a value goes to at most {MAX_NAMES} places")
    value.places.append((container.name, key))
    return None


def list_objects(guest: Any, container: Container) -> Any:
    """The names of its objects, to be read piece by piece."""
    found = look(guest, container.name, lambda store: store.names(container.name))
    if isinstance(found, Err):
        return found
    guest.charge(len(found) * cost.STATE_KEY)
    return ObjectNames(guest.wasi.room, found)


def delete_object(guest: Caller, container: Container, key: str) -> Any:
    """Takes an object out, if it is there."""
    return delete_objects(guest, container, [key])


def delete_objects(guest: Caller, container: Container, keys: list[str]) -> Any:
    """Takes objects out, those that are there."""
    if len(keys) > MAX_NAMES:
        return refused(faults.TOO_MANY, f"at most {MAX_NAMES} names in one call")
    return turn(
        guest, "delete", container.name, keys, writes=[(container.name, it) for it in keys or [""]]
    )


def has_object(guest: Caller, container: Container, key: str) -> Any:
    """Whether an object is there."""
    found = object_info(guest, container, key)
    if isinstance(found, Err) and str(found.payload).startswith(NO_SUCH_OBJECT):
        return False
    return found if isinstance(found, Err) else True


def object_info(guest: Caller, container: Container, key: str) -> Any:
    """An object's name, container, when it was put (seconds since 1970), and its size."""
    found = look(guest, container.name, lambda store: store.info(container.name, key), key)
    if isinstance(found, Err):
        return found
    return key, container.name, found[0] // NS, found[1]


def clear(guest: Caller, container: Container) -> Any:
    """Takes all objects out."""
    return turn(guest, "clear", container.name, writes=[(container.name, "")])


def read_names(guest: Any, names: ObjectNames, count: int) -> tuple[list[str], bool]:
    """The next names, and whether they are the last."""
    return names.take(min(count, MAX_NAMES)), not names.names


def skip_names(guest: Any, names: ObjectNames, count: int) -> tuple[int, bool]:
    """How many were passed over, and whether none are left."""
    return len(names.take(count)), not names.names


FROZEN = (Container, ObjectNames)
_NAME = "wasi:blobstore/container#[method]"
FUNCTIONS = (
    HostFunction(_NAME + "container.name", name),
    HostFunction(_NAME + "container.info", info),
    HostFunction(_NAME + "container.get-data", get_data),
    HostFunction(_NAME + "container.write-data", write_data),
    HostFunction(_NAME + "container.list-objects", list_objects),
    HostFunction(_NAME + "container.delete-object", delete_object, suspends=True),
    HostFunction(_NAME + "container.delete-objects", delete_objects, suspends=True),
    HostFunction(_NAME + "container.has-object", has_object),
    HostFunction(_NAME + "container.object-info", object_info),
    HostFunction(_NAME + "container.clear", clear, suspends=True),
    HostFunction(_NAME + "stream-object-names.read-stream-object-names", read_names),
    HostFunction(_NAME + "stream-object-names.skip-stream-object-names", skip_names),
)
