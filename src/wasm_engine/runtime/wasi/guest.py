"""What the functions of WASI need of the activation that calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.state import WasiState


class WasiGuest(Protocol):
    """The activation that calls, as far as WASI is concerned.

    Attributes:
        touched: Set where what the host keeps for the instance between messages may have changed,
            if the gate did not do so already; see `changes_nothing`.
    """

    touched: bool

    @property
    def wasi(self) -> WasiState:
        """What WASI keeps for the instance."""

    def now(self) -> int:
        """World time in nanoseconds since the Unix epoch; each reading adds a tick."""

    def epoch(self) -> int:
        """Where the world's clock began, in nanoseconds since the Unix epoch."""

    def random_bytes(self, count: int) -> bytes:
        """Deterministic entropy."""

    def charge(self, work: int) -> None:
        """Counts host work beyond what the gate counts for each call and byte."""

    def print(self, stream: str, data: bytes) -> None:
        """Takes what the guest writes to `stdout` or `stderr`."""

    def sleep_until(self, deadline: int, answer: Callable[[], Any]) -> Any:
        """Parks the activation until world time has come; `answer()` is then what it gets."""
