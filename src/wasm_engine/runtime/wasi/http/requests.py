"""wasi:http/types: `outgoing-request` and `request-options`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.web import Url, check_method
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.http.bodies import OutgoingBody
from wasm_engine.runtime.wasi.http.fields import CONTENT_LENGTH, Fields
from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing

Variant = tuple[str, str | None]
"""A method or a scheme."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,31}", re.ASCII | re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,18}")


class OutgoingRequest:
    """A resource `outgoing-request`.

    Attributes:
        headers: Its headers.
        method, path, scheme, authority: What the guest set; None where it did not.
        body: Its body, once the guest asked for it.
    """

    __slots__ = ("_held", "_room", "authority", "body", "headers", "method", "path", "scheme")
    kind = "http-request"

    def __init__(self, room: Room, headers: Fields) -> None:
        self._room = room
        self._held = 0
        self.headers = headers
        self.method: Variant = ("get", None)
        self.path: str | None = None
        self.scheme: Variant | None = None
        self.authority: str | None = None
        self.body: OutgoingBody | None = None

    def hold(self) -> None:
        """Counts the texts that it has now."""
        held = len(self.path or "") + len(self.authority or "")
        self._room.take(held - self._held)
        self._held = held

    def drop(self) -> None:
        """Nobody holds it any longer."""
        self._room.give_back(self._held)
        self.headers.drop()
        if self.body is not None:
            self.body.forsake()

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        body = None if self.body is None else into.put(self.body)
        scheme = None if self.scheme is None else list(self.scheme)
        fields = [list(field) for field in self.headers.entries]
        return [fields, list(self.method), self.path, scheme, self.authority, body]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> OutgoingRequest:
        """The same request."""
        fields, method, path, scheme, authority, body = parts
        entries = [(name, value) for name, value in fields]
        room = out_of.wasi.room
        request = OutgoingRequest(room, Fields(room, entries, mutable=False))
        request.method, request.path, request.authority = tuple(method), path, authority
        request.scheme = None if scheme is None else tuple(scheme)
        request.body = None if body is None else out_of.get(body)
        request.hold()
        return request


class RequestOptions:
    """A resource `request-options`.

    Attributes:
        times: Timeouts (ns) by their names: `connect`, `first-byte`, `between-bytes`.
    """

    __slots__ = ("times",)
    kind = "http-request-options"

    def __init__(self) -> None:
        self.times: dict[str, int] = {}

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        return [list(item) for item in sorted(self.times.items())]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> RequestOptions:
        """The same options."""
        options = RequestOptions()
        options.times = dict(parts)
        return options


def new_request(guest: WasiGuest, headers: Fields) -> OutgoingRequest:
    """A GET of nothing yet, with these headers."""
    headers.mutable = False
    return OutgoingRequest(guest.wasi.room, headers)


def body(guest: WasiGuest, request: OutgoingRequest) -> OutgoingBody | Err:
    """Its body, once; an error also where its headers say two things of the length."""
    if request.body is not None:
        return Err(None)
    said = [value for name, value in request.headers.entries if name.lower() == CONTENT_LENGTH]
    if any(value != said[0] or not _LENGTH.fullmatch(value) for value in said):
        return Err(None)
    length = int(said[0]) if said else None
    request.body = OutgoingBody(guest.wasi.room, length)
    return request.body


def method(guest: WasiGuest, request: OutgoingRequest) -> Variant:
    """Its method."""
    return request.method


def set_method(guest: WasiGuest, request: OutgoingRequest, wanted: Variant) -> Err | None:
    """Another method, if it is one."""
    case, text = wanted
    if case == "other":
        try:
            check_method(text or "")
        except Wrong:
            return Err(None)
    request.method = wanted
    return None


def path(guest: WasiGuest, request: OutgoingRequest) -> str | None:
    """Its path and query."""
    return request.path


def set_path(guest: WasiGuest, request: OutgoingRequest, wanted: str | None) -> Err | None:
    """Another path and query, if they are."""
    if wanted and not (wanted.startswith(("/", "?")) and _is_url(f"http://h{wanted}")):
        return Err(None)
    request.path = wanted
    request.hold()
    return None


def scheme(guest: WasiGuest, request: OutgoingRequest) -> Variant | None:
    """Its scheme."""
    return request.scheme


def set_scheme(guest: WasiGuest, request: OutgoingRequest, wanted: Variant | None) -> Err | None:
    """Another scheme, if it is one."""
    if wanted is not None and wanted[1] is not None and not _SCHEME.fullmatch(wanted[1]):
        return Err(None)
    request.scheme = wanted
    return None


def authority(guest: WasiGuest, request: OutgoingRequest) -> str | None:
    """The server's name, and port."""
    return request.authority


def set_authority(guest: WasiGuest, request: OutgoingRequest, wanted: str | None) -> Err | None:
    """Another server, if it is one."""
    if wanted is not None and (set(wanted) & set("/?#") or not _is_url(f"http://{wanted}")):
        return Err(None)
    request.authority = wanted
    request.hold()
    return None


def _is_url(text: str) -> bool:
    try:
        Url.parse(text)
    except Wrong:
        return False
    return True


def headers(guest: WasiGuest, request: OutgoingRequest) -> Fields:
    """Its headers, for looking only."""
    return request.headers.shown()


def new_options(guest: WasiGuest) -> RequestOptions:
    """None set yet."""
    return RequestOptions()


def _function(name: str, call: Any) -> HostFunction:
    return HostFunction(f"wasi:http/types#{name}", call, in_init=True)


def _timeout(name: str) -> tuple[HostFunction, HostFunction]:
    def timeout(guest: WasiGuest, options: RequestOptions) -> int | None:
        return options.times.get(name)

    def set_timeout(guest: WasiGuest, options: RequestOptions, duration: int | None) -> None:
        options.times.pop(name, None)
        if duration is not None:
            options.times[name] = duration

    method = "[method]request-options"
    return (
        _function(f"{method}.{name}-timeout", timeout),
        _function(f"{method}.set-{name}-timeout", set_timeout),
    )


FROZEN = (OutgoingRequest, RequestOptions)
FUNCTIONS = (
    _function("[constructor]outgoing-request", new_request),
    _function("[method]outgoing-request.body", body),
    _function("[method]outgoing-request.method", method),
    _function("[method]outgoing-request.set-method", set_method),
    _function("[method]outgoing-request.path-with-query", path),
    _function("[method]outgoing-request.set-path-with-query", set_path),
    _function("[method]outgoing-request.scheme", scheme),
    _function("[method]outgoing-request.set-scheme", set_scheme),
    _function("[method]outgoing-request.authority", authority),
    _function("[method]outgoing-request.set-authority", set_authority),
    _function("[method]outgoing-request.headers", headers),
    _function("[constructor]request-options", new_options),
    *_timeout("connect"),
    *_timeout("first-byte"),
    *_timeout("between-bytes"),
)
