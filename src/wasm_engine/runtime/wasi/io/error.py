"""wasi:io/error: why a stream failed."""

from __future__ import annotations

from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest


class StreamFailure:
    """A resource `error`.

    Attributes:
        code: The `error-code` of wasi:filesystem behind it, or None.
    """

    __slots__ = ("code",)

    def __init__(self, code: str | None) -> None:
        self.code = code


def to_debug_string(guest: WasiGuest, failure: StreamFailure) -> str:
    """Text for people; the codes of our own list, never an exception's text."""
    return failure.code or "failed"


FUNCTIONS = (
    HostFunction("wasi:io/error#[method]error.to-debug-string", to_debug_string, in_init=True),
)
