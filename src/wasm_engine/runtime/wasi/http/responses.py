"""wasi:http/types: `incoming-response`, its body, and the trailers that never come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.http.fields import Field, Fields
from wasm_engine.runtime.wasi.io.poll import Pollable
from wasm_engine.runtime.wasi.io.streams import InputStream
from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing


def child_trap(what: str) -> GuestTrap:
    """What a guest gets that drops or finishes something before its child."""
    code = "child-in-use"
    return GuestTrap(code, f"the stream of {what} is still there")


class _Content:
    """Bytes of a response, held by one object after the other: response, body, stream."""

    __slots__ = ("data", "room")

    def __init__(self, room: Room, data: bytes) -> None:
        room.take(len(data))
        self.room = room
        self.data = data

    def hand_on(self) -> bytes:
        """Gives the bytes to somebody else to hold."""
        data, self.data = self.data, b""
        self.room.give_back(len(data))
        return data


class IncomingResponse:
    """A resource `incoming-response`.

    Attributes:
        status: Its status code.
        headers: Its headers.
        content: Its body, until it is consumed.
    """

    __slots__ = ("content", "headers", "status")
    kind = "http-response"

    def __init__(self, room: Room, status: int, headers: list[Field], body: bytes | None) -> None:
        self.status = status
        self.headers = Fields(room, headers, mutable=False)
        self.content = None if body is None else _Content(room, body)

    def drop(self) -> None:
        """The guest dropped its handle."""
        self.headers.drop()
        if self.content is not None:
            self.content.hand_on()

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        body = None if self.content is None else self.content.data
        return [self.status, [list(field) for field in self.headers.entries], body]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> IncomingResponse:
        """The same response."""
        status, headers, body = parts
        fields = [(name, value) for name, value in headers]
        return IncomingResponse(out_of.wasi.room, status, fields, body)


class IncomingBody:
    """A resource `incoming-body`.

    Attributes:
        content: Its bytes, until a stream reads them.
        streaming: Whether its stream is there.
    """

    __slots__ = ("content", "streaming")
    kind = "http-incoming-body"

    def __init__(self, room: Room, data: bytes | None) -> None:
        self.content = None if data is None else _Content(room, data)
        self.streaming = False

    def drop(self) -> None:
        """The guest dropped its handle, or finished with it."""
        if self.streaming:
            raise child_trap("a body")
        if self.content is not None:
            self.content.hand_on()

    def freeze(self, into: Freezing) -> list[Any]:
        """What nobody reads yet. Its stream, if there is one, is frozen with what leads to it."""
        return [None if self.content is None else self.content.data]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> IncomingBody:
        """The same body."""
        return IncomingBody(out_of.wasi.room, parts[0])


class BodySource:
    """Where the stream of a response's body reads."""

    __slots__ = ("_body", "_content", "_offset")
    kind = "http-body-source"

    def __init__(self, room: Room, body: IncomingBody, data: bytes, offset: int = 0) -> None:
        self._body = body
        self._content = _Content(room, data)
        self._offset = offset
        body.streaming = True

    def read(self, guest: object, count: int) -> bytes | None:
        """Up to `count` bytes, or None at the end."""
        data = self._content.data[self._offset : self._offset + count]
        self._offset += len(data)
        return data or None

    def drop(self) -> None:
        """The stream was dropped."""
        self._body.streaming = False
        self._content.hand_on()

    def freeze(self, into: Freezing) -> list[Any]:
        """Its bytes, and where it is in them."""
        return [into.put(self._body), self._content.data, self._offset]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> BodySource:
        """One at the same place."""
        body, data, offset = parts
        return BodySource(out_of.wasi.room, out_of.get(body), data, offset)


class FutureTrailers:
    """A resource `future-trailers`: there are none, and that is known at once."""

    __slots__ = ("taken",)
    kind = "http-future-trailers"

    def __init__(self, *, taken: bool = False) -> None:
        self.taken = taken

    def freeze(self, into: Freezing) -> list[Any]:
        """Whether they were asked for."""
        return [self.taken]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> FutureTrailers:
        """The same."""
        return FutureTrailers(taken=parts[0])


def status(guest: WasiGuest, response: IncomingResponse) -> int:
    """Its status code."""
    return response.status


def headers(guest: WasiGuest, response: IncomingResponse) -> Fields:
    """Its headers, for looking only."""
    return response.headers.shown()


def consume(guest: WasiGuest, response: IncomingResponse) -> IncomingBody | Err:
    """Its body, once."""
    content, response.content = response.content, None
    if content is None:
        return Err(None)
    return IncomingBody(content.room, content.hand_on())


def stream(guest: WasiGuest, body: IncomingBody) -> InputStream | Err:
    """A stream of what is in the body, once."""
    content, body.content = body.content, None
    if content is None:
        return Err(None)
    return InputStream(BodySource(content.room, body, content.hand_on()))


def finish(guest: WasiGuest, body: IncomingBody) -> FutureTrailers:
    """Nothing more is read; trailers may follow."""
    body.drop()
    return FutureTrailers()


def subscribe_trailers(guest: WasiGuest, trailers: FutureTrailers) -> Pollable:
    """Ready at once."""
    return Pollable()


def get_trailers(guest: WasiGuest, trailers: FutureTrailers) -> Any:
    """That there are none; an error when it was said already."""
    said, trailers.taken = trailers.taken, True
    return Err(None) if said else (None,)


def _function(name: str, call: Any) -> HostFunction:
    return HostFunction(f"wasi:http/types#{name}", call, in_init=True)


FROZEN = (IncomingResponse, IncomingBody, BodySource, FutureTrailers)
FUNCTIONS = (
    _function("[method]incoming-response.status", status),
    _function("[method]incoming-response.headers", headers),
    _function("[method]incoming-response.consume", consume),
    _function("[method]incoming-body.stream", stream),
    _function("[static]incoming-body.finish", finish),
    _function("[method]future-trailers.subscribe", subscribe_trailers),
    _function("[method]future-trailers.get", get_trailers),
)
