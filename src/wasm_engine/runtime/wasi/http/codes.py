"""wasi:http's `error-code`, and how a request that ended without a response becomes one."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts import faults
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.io.error import StreamFailure

Code = tuple[str, Any]
"""A value of the variant `error-code`."""

DENIED: Code = ("HTTP-request-denied", None)
METHOD_INVALID: Code = ("HTTP-request-method-invalid", None)
URI_INVALID: Code = ("HTTP-request-URI-invalid", None)
URI_TOO_LONG: Code = ("HTTP-request-URI-too-long", None)
RESPONSE_TOO_LARGE: Code = ("HTTP-response-body-size", None)

_ENDED: dict[str, Code] = {
    faults.TIMEOUT: ("HTTP-response-timeout", None),
    faults.CANCELLED: ("connection-terminated", None),
    faults.UNKNOWN_HOST: ("DNS-error", (None, None)),
    faults.ADDRESS_REFUSED: ("destination-IP-prohibited", None),
    faults.CONNECTION_FAILED: ("connection-refused", None),
    faults.TLS_FAILED: ("TLS-certificate-error", None),
    faults.CONNECTION_LOST: ("connection-terminated", None),
    faults.BAD_RESPONSE: ("HTTP-protocol-error", None),
    faults.TOO_LARGE: RESPONSE_TOO_LARGE,
    faults.NOT_GRANTED: DENIED,
    faults.BUDGET: DENIED,
    faults.INVALID_REQUEST: URI_INVALID,
}


def internal(text: str) -> Code:
    """What has no case of its own; the text is one of ours."""
    return ("internal-error", text)


def header_section_size(count: int) -> Code:
    """The headers of a request are too many."""
    return ("HTTP-request-header-section-size", min(count, 0xFFFFFFFF))


def trailer_section_size(count: int) -> Code:
    """No trailers are ever sent."""
    return ("HTTP-request-trailer-section-size", min(count, 0xFFFFFFFF))


def request_body_size(count: int) -> Code:
    """The body of a request is too large, or not as large as it was said to be."""
    return ("HTTP-request-body-size", count)


def code_of(ended: Err) -> Code:
    """The `error-code` for how an effect ended."""
    code: str = ended.payload[0]
    return _ENDED.get(code) or internal(code)


def thawed(parts: list[Any]) -> Code:
    """A code of its frozen form."""
    case, payload = parts
    return (case, tuple(payload) if isinstance(payload, list) else payload)


def http_error_code(guest: WasiGuest, failure: StreamFailure) -> Code | None:
    """The code behind a stream's failure, if the stream was a body."""
    return failure.http


FUNCTIONS = (HostFunction("wasi:http/types#http-error-code", http_error_code, in_init=True),)
