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
    """

    __slots__ = ("code",)
    kind = "error"

    def __init__(self, code: str | None) -> None:
        self.code = code

    def freeze(self, into: Freezing) -> list[Any]:
        """Its code."""
        return [self.code]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> StreamFailure:
        """One with the same code."""
        return StreamFailure(*parts)


def to_debug_string(guest: WasiGuest, failure: StreamFailure) -> str:
    """Text for people; the codes of our own list, never an exception's text."""
    return failure.code or "failed"


FROZEN = (StreamFailure,)
FUNCTIONS = (
    HostFunction("wasi:io/error#[method]error.to-debug-string", to_debug_string, in_init=True),
)
