"""wasi:io/error: why a stream failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing


class StreamFailure:
    """A resource `error`.

    Attributes:
        code: The `error-code` of wasi:filesystem behind it, or None.
        http: The `error-code` of wasi:http behind it, or None.
    """

    __slots__ = ("code", "http")
    kind = "error"

    def __init__(self, code: str | None, http: tuple[str, Any] | None = None) -> None:
        self.code = code
        self.http = http

    def freeze(self, into: Freezing) -> list[Any]:
        """Its codes."""
        return [self.code, None if self.http is None else list(self.http)]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> StreamFailure:
        """One with the same codes."""
        code, http = parts
        return StreamFailure(code, None if http is None else tuple(http))


def to_debug_string(guest: WasiGuest, failure: StreamFailure) -> str:
    """Text for people; the codes of our own list, never an exception's text."""
    if failure.http is not None:
        return failure.http[0]
    return failure.code or "failed"


FROZEN = (StreamFailure,)
FUNCTIONS = (
    HostFunction("wasi:io/error#[method]error.to-debug-string", to_debug_string, in_init=True),
)
