"""wasi:http/types: `future-incoming-response`, a request that is out, or has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wasm_engine.concepts import cost
from wasm_engine.concepts.effect import HTTP, HttpArguments
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.web import Url
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.http.codes import DENIED, RESPONSE_TOO_LARGE, Code, code_of, thawed
from wasm_engine.runtime.wasi.http.fields import Field, size_of
from wasm_engine.runtime.wasi.http.responses import IncomingResponse
from wasm_engine.runtime.wasi.io.poll import Pollable
from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing


class Asking(NamedTuple):
    """A request, all but its body.

    Attributes:
        headers: Names and values; text is Latin-1, as HTTP has it.
        timeout: Real time that the answer may take (ns).
        most: Bytes that the body of the response may have.
    """

    method: str
    url: str
    headers: list[tuple[str, str]]
    timeout: int
    most: int

    def size(self) -> int:
        """Bytes of URL and headers."""
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)


class Answer(NamedTuple):
    """A response that nobody has taken yet."""

    status: int
    headers: list[Field]
    body: bytes


class FutureResponse:
    """A resource `future-incoming-response`.

    Attributes:
        number: The effect that is out, or None: the body is not finished, or it has ended.
    """

    __slots__ = ("_asking", "_ended", "_guest", "_held", "_room", "_taken", "number")
    kind = "http-future-response"

    def __init__(self, room: Room, asking: Asking | None) -> None:
        self._room = room
        self._asking = asking
        self._guest: WasiGuest | None = None
        self._ended: Answer | Code | None = None
        self._held = 0 if asking is None else asking.size()
        room.take(self._held)
        self._taken = False
        self.number: int | None = None

    def send(self, guest: WasiGuest, body: bytes | None) -> None:
        """The request is complete: it goes out, unless nobody wants to know any more."""
        asking, self._asking = self._asking, None
        if asking is None:
            return
        self._let_go()
        method, url, headers, timeout, most = asking
        if guest.authorize("http", url, {"method": method.upper()}) is not None:
            self._ended = DENIED  # what it came to know since it asked may be in the body
            return
        guest.charge(cost.MESSAGE_BYTE * (asking.size() + len(body or b"")))
        arguments: HttpArguments = (method, url, headers, body, timeout, most)
        number = guest.effect(HTTP, arguments)
        if isinstance(number, Err):
            self._ended = code_of(number)
            guest.denials += 1  # the call itself answers a handle
            return
        guest.answered_by(number, Url.parse(url).origin)
        self.number, self._guest = number, guest

    def fail(self, code: Code) -> None:
        """The request will never be complete."""
        if self._asking is not None:
            self._asking, self._ended = None, code
            self._let_go()

    def is_ready(self, guest: WasiGuest) -> bool:
        """Whether it has ended."""
        if self._ended is not None or self._taken:
            return True
        if self.number is None:
            return False
        seen = guest.observe(self.number)
        if seen is None:
            return False
        guest.forget(self.number)
        guest.touched = True
        self.number = self._guest = None
        self._ended = code_of(seen) if isinstance(seen, Err) else self._received(guest, *seen)
        return True

    def _received(
        self, guest: WasiGuest, status: int, headers: list[tuple[str, str]], body: bytes
    ) -> Answer | Code:
        fields = [(name, value.encode("latin-1", "replace")) for name, value in headers]
        size = size_of(fields) + len(body)
        guest.charge(cost.MESSAGE_BYTE * size)
        if not self._room.has(size):
            return RESPONSE_TOO_LARGE
        self._room.take(size)
        self._held = size
        return Answer(status, fields, body)

    def take(self) -> Any:
        """What it ended with; once."""
        ended, self._ended, self._taken = self._ended, None, True
        self._let_go()
        if isinstance(ended, Answer):
            return (IncomingResponse(self._room, *ended),)
        return Err(None) if ended is None else (Err(ended),)

    def drop(self) -> None:
        """The guest dropped its handle: what is out is of no use to it any more."""
        self._let_go()
        self._asking = self._ended = None
        self._taken = True
        if self.number is not None and self._guest is not None:
            self._guest.abandon(self.number)
            self._guest.forget(self.number)

    def _let_go(self) -> None:
        self._room.give_back(self._held)
        self._held = 0

    def freeze(self, into: Freezing) -> list[Any]:
        """How far it has come."""
        asking: list[Any] | None = None
        if self._asking is not None:
            method, url, pairs, timeout, most = self._asking
            asking = [method, url, [list(pair) for pair in pairs], timeout, most]
        ended: Any = None
        if isinstance(self._ended, Answer):
            status, headers, body = self._ended
            ended = [status, [list(field) for field in headers], body]
        elif self._ended is not None:
            ended = list(self._ended)
        return [asking, self.number, ended, self._taken]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> FutureResponse:
        """One that has come as far. The message that asked has ended: nothing is left to cancel."""
        asking, number, ended, taken = parts
        if asking is not None:
            method, url, headers, timeout, most = asking
            pairs = [(name, value) for name, value in headers]
            asking = Asking(method, url, pairs, timeout, most)
        future = FutureResponse(out_of.wasi.room, asking)
        future.number, future._taken = number, taken
        if ended is not None and len(ended) == 3:
            status, headers, body = ended
            future._ended = Answer(status, [(name, value) for name, value in headers], body)
            future._held = size_of(future._ended.headers) + len(body)
            out_of.wasi.room.take(future._held)
        elif ended is not None:
            future._ended = thawed(ended)
        return future


def subscribe(guest: WasiGuest, future: FutureResponse) -> Pollable:
    """Ready once it has ended."""
    return Pollable(awaited=future)


def get(guest: WasiGuest, future: FutureResponse) -> Any:
    """The response or why there is none, once it has ended; an error when it was taken already."""
    return future.take() if future.is_ready(guest) else None


FROZEN = (FutureResponse,)
FUNCTIONS = (
    HostFunction(
        "wasi:http/types#[method]future-incoming-response.subscribe", subscribe, in_init=True
    ),
    HostFunction("wasi:http/types#[method]future-incoming-response.get", get, in_init=True),
)
