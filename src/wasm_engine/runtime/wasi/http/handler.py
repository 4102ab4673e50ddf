"""wasi:http/outgoing-handler: a request is looked at, and goes out when its body is complete."""

from __future__ import annotations

from wasm_engine.concepts import faults
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.web import (
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    MAX_URL,
    OURS,
    Url,
    check_method,
)
from wasm_engine.concepts.web_terms import HttpTerms
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.http.codes import (
    DENIED,
    METHOD_INVALID,
    URI_INVALID,
    URI_TOO_LONG,
    Code,
    header_section_size,
    internal,
)
from wasm_engine.runtime.wasi.http.fields import size_of
from wasm_engine.runtime.wasi.http.future import Asking, FutureResponse
from wasm_engine.runtime.wasi.http.requests import OutgoingRequest, RequestOptions


def handle(
    guest: WasiGuest, request: OutgoingRequest, options: RequestOptions | None
) -> FutureResponse | Err:
    """Takes a request over; answers what will become of it, or why it is not sent."""
    try:
        asking = _asking(guest, request, options)
        if not isinstance(asking, Asking):
            return Err(asking)
        future = FutureResponse(guest.wasi.room, asking)
        body, request.body = request.body, None
        data = None if body is None else body.hand_over()
        if body is not None and data is None:
            body.future = future
        else:
            future.send(guest, data)
        return future
    finally:
        request.drop()


def _asking(
    guest: WasiGuest, request: OutgoingRequest, options: RequestOptions | None
) -> Asking | Code:
    """The request as it goes out, or why it cannot."""
    if guest.in_init:
        return internal(faults.UNAVAILABLE_IN_INIT)
    case, text = request.method
    name = text or case.upper()
    try:
        check_method(name)
    except Wrong:
        return METHOD_INVALID
    url = _url(request)
    if not isinstance(url, Url):
        return url
    fields = [(name, value) for name, value in request.headers.entries if name.lower() not in OURS]
    size = size_of(fields)
    if size > MAX_HEADER_BYTES or len(fields) > MAX_HEADERS:
        return header_section_size(size)
    terms: HttpTerms = guest.agent.http
    if terms.objection(name, url, (field for field, _ in fields)):
        return DENIED
    if guest.authorize("http", url.origin + url.target, {"method": name.upper()}) is not None:
        return DENIED
    headers = [(name, value.decode("latin-1")) for name, value in fields]
    timeout = _timeout(options, terms.timeout)
    return Asking(name, url.origin + url.target, headers, timeout, terms.most)


def _url(request: OutgoingRequest) -> Url | Code:
    """Where it is to go; `https` where the guest did not say."""
    scheme = "HTTPS" if request.scheme is None else request.scheme[1] or request.scheme[0]
    if request.authority is None:
        return URI_INVALID
    text = f"{scheme}://{request.authority}{request.path or ''}"
    if len(text) > MAX_URL:
        return URI_TOO_LONG
    try:
        return Url.parse(text)
    except Wrong:
        return URI_INVALID


def _timeout(options: RequestOptions | None, most: int) -> int:
    """How long the whole answer may take: it comes in one piece, its first byte with its last."""
    if options is None or "first-byte" not in options.times:
        return most
    wanted = options.times["first-byte"] + options.times.get("connect", 0)
    return max(1, min(most, wanted))


FUNCTIONS = (HostFunction("wasi:http/outgoing-handler#handle", handle, in_init=True),)
