"""wasi:http/types: `outgoing-body`, what a request is to carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.web import MAX_REQUEST_BODY
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.http.codes import internal, request_body_size, trailer_section_size
from wasm_engine.runtime.wasi.http.fields import Fields, size_of
from wasm_engine.runtime.wasi.http.responses import child_trap
from wasm_engine.runtime.wasi.io.error import StreamFailure
from wasm_engine.runtime.wasi.io.streams import OutputStream
from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing
    from wasm_engine.runtime.wasi.http.future import FutureResponse


class OutgoingBody:
    """A resource `outgoing-body`, and the sink of its stream.

    Attributes:
        length: Bytes that the headers say it will have, or None.
        future: What waits for it, once the request was handed over.
        finished: What it was when the guest finished it.
    """

    __slots__ = (
        "_data",
        "_given",
        "_room",
        "_streaming",
        "_wanted",
        "finished",
        "future",
        "length",
    )
    kind = "http-outgoing-body"

    def __init__(self, room: Room, length: int | None) -> None:
        self._room = room
        self._data = bytearray()
        self._given = self._streaming = False
        self._wanted = True
        self.length = length
        self.future: FutureResponse | None = None
        self.finished: bytes | None = None

    def open(self) -> bool:
        """Whether its stream may be given out now: once."""
        given, self._given = self._given, True
        self._streaming = self._streaming or not given
        return not given

    def close(self) -> None:
        """Its stream was dropped."""
        self._streaming = False

    def write(self, data: bytes) -> StreamFailure | None:
        """Takes all of it, or nothing and answers why."""
        size = len(self._data) + len(data)
        most = MAX_REQUEST_BODY if self.length is None else min(self.length, MAX_REQUEST_BODY)
        if size > most or not self._room.has(len(data)):
            return StreamFailure(None, request_body_size(size))
        self._room.take(len(data))
        self._data += data
        return None

    def finish(self, guest: WasiGuest, trailers: int) -> Err | None:
        """The guest has written all; the request goes out, if it was handed over."""
        if self._streaming:
            raise child_trap("a body")
        size = len(self._data)
        code = None
        if self.length is not None and size != self.length:
            code = request_body_size(size)
        elif trailers:
            code = trailer_section_size(trailers)
        data = bytes(self._data)
        self._forget()
        if code is not None:
            if self.future is not None:
                self.future.fail(code)
            return Err(code)
        if self.future is not None:
            self.future.send(guest, data)
        elif self._wanted:
            self._room.take(size)
            self.finished = data
        return None

    def forsake(self) -> None:
        """Its request is gone, and was not handed over."""
        self._wanted = False
        self.hand_over()

    def hand_over(self) -> bytes | None:
        """The finished body, for the request to go out with it."""
        data, self.finished = self.finished, None
        if data is not None:
            self._room.give_back(len(data))
        return data

    def drop(self) -> None:
        """The guest dropped its handle without finishing."""
        if self._streaming:
            raise child_trap("a body")
        self._forget()
        if self.future is not None:
            self.future.fail(internal("the body of the request was not finished"))

    def _forget(self) -> None:
        self._room.give_back(len(self._data))
        self._data = bytearray()

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        future = None if self.future is None else into.put(self.future)
        flags = [self._given, self._streaming, self._wanted]
        return [self.length, bytes(self._data), flags, future, self.finished]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> OutgoingBody:
        """The same body."""
        length, data, flags, future, finished = parts
        room = out_of.wasi.room
        body = OutgoingBody(room, length)
        room.take(len(data) + len(finished or b""))
        body._data = bytearray(data)
        body._given, body._streaming, body._wanted = flags
        body.future = None if future is None else out_of.get(future)
        body.finished = finished
        return body


class BodySink:
    """Where the stream of a request's body writes."""

    __slots__ = ("_body",)
    kind = "http-body-sink"

    def __init__(self, body: OutgoingBody) -> None:
        self._body = body

    def write(self, guest: WasiGuest, data: bytes) -> StreamFailure | None:
        """Takes all of it and answers None, or takes nothing and answers why."""
        guest.touched = True
        return self._body.write(data)

    def drop(self) -> None:
        """The stream was dropped."""
        self._body.close()

    def freeze(self, into: Freezing) -> list[Any]:
        """Its body."""
        return [into.put(self._body)]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> BodySink:
        """One of the same body."""
        return BodySink(out_of.get(parts[0]))


def write(guest: WasiGuest, outgoing: OutgoingBody) -> OutputStream | Err:
    """A stream that writes the body, once."""
    return OutputStream(BodySink(outgoing)) if outgoing.open() else Err(None)


def finish(guest: WasiGuest, outgoing: OutgoingBody, trailers: Fields | None) -> Err | None:
    """The body is complete. Trailers are not sent: only an empty set of them is taken."""
    size = 0
    if trailers is not None:
        size = size_of(trailers.entries)
        trailers.drop()
    return outgoing.finish(guest, size)


FROZEN = (OutgoingBody, BodySink)
FUNCTIONS = (
    HostFunction("wasi:http/types#[method]outgoing-body.write", write, in_init=True),
    HostFunction("wasi:http/types#[static]outgoing-body.finish", finish, in_init=True),
)
