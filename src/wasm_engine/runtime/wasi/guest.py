"""What the functions of WASI need of the activation that calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from wasm_engine.concepts.hostcall import Err

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.state import WasiState


class WasiGuest(Protocol):
    """The activation that calls, as far as WASI is concerned.

    Attributes:
        in_init: Whether the instance is being initialised.
        agent: Whose message it handles, `concepts.caller.AgentView`; None before there is one.
        touched: Set where what the host keeps for the instance between messages may have changed,
            if the gate did not do so already; see `changes_nothing`.
        denials: Calls that were refused for want of a grant, or of what a budget has left.
        suspension: What it is parked by.
    """

    in_init: bool
    touched: bool
    denials: int
    agent: Any
    suspension: Any

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

    def wait(
        self, requests: dict[int, None], deadline: int | None, answer: Callable[[Any], Any]
    ) -> Any:
        """Parks the activation until an effect has ended or world time has come.

        `answer(guest)` is then what the guest gets.
        """

    def effect(self, capability: str, arguments: tuple[Any, ...]) -> int | Err:
        """Queues an effect; answers its number, or the refusal of a budget."""

    def observe(self, number: int) -> Any:
        """What became of an effect: None while it is out, else its value, or an `Err`."""

    def abandon(self, number: int) -> None:
        """Cancels an effect of one's own; of no effect if it has ended."""

    def authorize(self, action: str, target: str, context: Mapping[str, Any] | None = None) -> Any:
        """Whether the policy in force lets it; None, or a refusal."""

    def answered_by(self, effect: int, source: str) -> None:
        """What becomes of an effect is what a source says, of what the guest knew as it asked."""

    def saw(self, mount: str) -> bool:
        """It looked into a mount, known by its name; False where it may not."""

    def forget(self, number: int) -> None:
        """The outcome of an effect was taken; it need not be kept."""
