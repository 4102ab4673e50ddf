"""wasi:blobstore/types: values on their way into a container, and out of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts import faults
from wasm_engine.concepts.blobs import MAX_OBJECT_BYTES, refused
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.blobstore.asking import turn
from wasm_engine.runtime.wasi.io.error import StreamFailure
from wasm_engine.runtime.wasi.io.streams import InputStream, OutputStream
from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing
    from wasm_engine.runtime.wasi.guest import WasiGuest


class OutgoingValue:
    """A resource `outgoing-value`: bytes that are put where `write-data` said, when it is finished.

    Attributes:
        places: Container and object of each `write-data`.
        streaming: Whether its stream is there.
    """

    __slots__ = ("_given", "_room", "data", "places", "streaming")
    kind = "blob-outgoing-value"

    def __init__(self, room: Room) -> None:
        self._room = room
        self._given = False
        self.data = bytearray()
        self.places: list[tuple[str, str]] = []
        self.streaming = False

    def open(self) -> bool:
        """Whether its stream may be given out now: once."""
        given, self._given = self._given, True
        self.streaming = self.streaming or not given
        return not given

    def write(self, data: bytes) -> StreamFailure | None:
        """Takes all of it, or nothing and answers why."""
        if len(self.data) + len(data) > MAX_OBJECT_BYTES or not self._room.has(len(data)):
            return StreamFailure("file-too-large")
        self._room.take(len(data))
        self.data += data
        return None

    def drop(self) -> None:
        """The guest dropped its handle, or finished it: the bytes are held no longer."""
        if self.streaming:
            code = "child-in-use"
            raise GuestTrap(code, "the stream of an outgoing-value is still there")
        self._room.give_back(len(self.data))
        self.data = bytearray()

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        return [bytes(self.data), [list(it) for it in self.places], self._given, self.streaming]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> OutgoingValue:
        """The same value."""
        data, places, given, streaming = parts
        value = OutgoingValue(out_of.wasi.room)
        value._room.take(len(data))
        value.data, value.places = bytearray(data), [(c, o) for c, o in places]
        value._given, value.streaming = given, streaming
        return value


class ValueSink:
    """Where the stream of an outgoing value writes."""

    __slots__ = ("_value",)
    kind = "blob-sink"

    def __init__(self, value: OutgoingValue) -> None:
        self._value = value

    def write(self, guest: WasiGuest, data: bytes) -> StreamFailure | None:
        """Takes all of it and answers None, or takes nothing and answers why."""
        guest.touched = True
        return self._value.write(data)

    def drop(self) -> None:
        """The stream was dropped."""
        self._value.streaming = False

    def freeze(self, into: Freezing) -> list[Any]:
        """Its value."""
        return [into.put(self._value)]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> ValueSink:
        """One of the same value."""
        return ValueSink(out_of.get(parts[0]))


class IncomingValue:
    """A resource `incoming-value`, and what its stream reads: bytes as they were when it was made.

    Attributes:
        data: The bytes.
    """

    __slots__ = ("_offset", "_room", "data")
    kind = "blob-incoming-value"

    def __init__(self, room: Room, data: bytes, offset: int = 0) -> None:
        room.take(len(data))
        self._room = room
        self._offset = offset
        self.data = data

    def read(self, guest: WasiGuest, count: int) -> bytes | None:
        """Up to `count` bytes, or None at the end."""
        data = self.data[self._offset : self._offset + count]
        self._offset += len(data)
        return data or None

    def drop(self) -> None:
        """The guest dropped its handle, or its stream."""
        self._room.give_back(len(self.data))
        self.data = b""

    def freeze(self, into: Freezing) -> list[Any]:
        """Its bytes, and where a stream is in them."""
        return [self.data, self._offset]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> IncomingValue:
        """The same value."""
        return IncomingValue(out_of.wasi.room, *parts)


def new_outgoing(guest: Any) -> OutgoingValue:
    """An empty value."""
    return OutgoingValue(guest.wasi.room)


def write_body(guest: Any, value: OutgoingValue) -> OutputStream | Err:
    """A stream that writes the value, once."""
    return OutputStream(ValueSink(value)) if value.open() else Err(None)


def finish(guest: Caller, value: OutgoingValue) -> Any:
    """The value is complete, and is put wherever `write-data` said it goes."""
    data, places = bytes(value.data), value.places
    value.drop()
    if not places:
        return None
    size = len(data) * len(places)
    time = guest.world.time
    return turn(guest, "put", places, data, time, writes=places, size=size)


def consume_sync(guest: Any, value: IncomingValue) -> bytes | Err:
    """All bytes at once, if they can cross in one call."""
    data = value.data
    value.drop()
    if len(data) > MAX_AT_ONCE:
        return refused(faults.TOO_LARGE, f"at most {MAX_AT_ONCE} bytes at once; read the stream")
    return data


def consume_async(guest: Any, value: IncomingValue) -> InputStream:
    """A stream of the bytes."""
    return InputStream(value)


def size(guest: Any, value: IncomingValue) -> int:
    """How many bytes there are."""
    return len(value.data)


MAX_AT_ONCE = 2 << 20
"""More of a `list<u8>` does not cross in one call."""
FROZEN = (OutgoingValue, ValueSink, IncomingValue)
_NAME = "wasi:blobstore/types#"
FUNCTIONS = (
    HostFunction(_NAME + "[static]outgoing-value.new-outgoing-value", new_outgoing),
    HostFunction(_NAME + "[method]outgoing-value.outgoing-value-write-body", write_body),
    HostFunction(_NAME + "[static]outgoing-value.finish", finish, suspends=True),
    HostFunction(_NAME + "[static]incoming-value.incoming-value-consume-sync", consume_sync),
    HostFunction(_NAME + "[static]incoming-value.incoming-value-consume-async", consume_async),
    HostFunction(_NAME + "[method]incoming-value.size", size),
)
