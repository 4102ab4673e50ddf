"""wasm-engine:agent/http: servers are asked by effects, and what they answer is an input."""

from __future__ import annotations

from typing import Any, TypeAlias

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.effect import HTTP, HttpArguments, HttpResponse
from wasm_engine.concepts.ended import ended
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.message import Body, Headers, body_bytes, headers_size
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.web import (
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    MAX_REQUEST_BODY,
    Url,
    check_headers,
    check_method,
)

MAX_BINARY = 2 << 20
"""Bytes of a body that is no text: more of a `list<u8>` does not cross in one call."""

Request: TypeAlias = tuple[str, str, Headers, Body | None, int | None]
"""Method, URL, headers, body, most time (ns)."""
Response: TypeAlias = tuple[int, Headers, Body]


def start(guest: Caller, request: Request) -> int | Err:
    """Sends a request without waiting; it goes out when the segment is committed."""
    method, url, headers, body, timeout = request
    terms = guest.agent.http
    try:
        check_method(method)
        check_headers(headers)
        asked = Url.parse(url)
    except Wrong as wrong:
        return refusal(faults.INVALID_REQUEST, str(wrong))
    objection = terms.objection(method, asked, (name for name, _ in headers))
    if objection:
        return refusal(faults.NOT_GRANTED, objection)
    # Policies see the one spelling that there is: a guest that writes another gains nothing by it.
    forbidden = guest.authorize("http", asked.text, {"method": method.upper()})
    if forbidden is not None:
        return forbidden
    data = None if body is None else body_bytes(body)
    head = headers_size(headers)
    if head > MAX_HEADER_BYTES or len(headers) > MAX_HEADERS:
        detail = f"headers are at most {MAX_HEADERS}, of {MAX_HEADER_BYTES} bytes"
        return refusal(faults.TOO_LARGE, detail)
    if data is not None and len(data) > MAX_REQUEST_BODY:
        return refusal(faults.TOO_LARGE, f"a body is at most {MAX_REQUEST_BODY} bytes")
    guest.charge((len(url) + head + len(data or b"")) * cost.MESSAGE_BYTE)
    span = terms.timeout if timeout is None else min(timeout, terms.timeout)
    arguments: HttpArguments = (method, url, list(headers), data, span, terms.most)
    number = guest.effect(HTTP, arguments)
    if isinstance(number, Err):
        return number
    guest.answered_by(number, asked.origin)
    return number


def take(guest: Caller, number: int) -> Response | Err:
    """What became of a request that has ended; once."""
    outcome: HttpResponse | Err = ended(
        guest, number, guest.observe(number), _is_response, "asks no server"
    )
    if isinstance(outcome, Err):
        return outcome
    status, headers, data = outcome
    guest.charge((headers_size(headers) + len(data)) * cost.MESSAGE_BYTE)
    body = _body(data)
    return body if isinstance(body, Err) else (status, headers, body)


def _is_response(outcome: tuple[Any, ...]) -> bool:
    return isinstance(outcome[0], int)


def fetch(guest: Caller, request: Request) -> Any:
    """Sends a request and waits for the response: start, wait and take in one."""
    number = start(guest, request)
    if isinstance(number, Err):
        return number
    return guest.wait({number: None}, None, lambda caller: take(caller, number))


def _body(data: bytes) -> Body | Err:
    """Text where it is text, for that is cheap to carry."""
    try:
        return "text", data.decode()
    except UnicodeDecodeError:
        if len(data) <= MAX_BINARY:
            return "bytes", data
        return refusal(faults.TOO_LARGE, f"a body that is no text has at most {MAX_BINARY} bytes")


_NAME = "wasm-engine:agent/http#"
FUNCTIONS = (
    HostFunction(_NAME + "fetch", fetch, suspends=True),
    HostFunction(_NAME + "start", start),
    HostFunction(_NAME + "take", take),
)
