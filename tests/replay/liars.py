"""Host functions that answer otherwise: wrapped for a test, around the table that worlds run on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from wasm_engine.concepts.hostcall import SUSPEND, Err, HostFunction

_FALLIBLE = frozenset(
    f"wasm-engine:agent/{name}"
    for name in ("messaging#send", "messaging#publish", "messaging#reply", "state#set")
)
"""Functions that answer nothing, or a fault."""


_GOING_ON = frozenset({"wasm-engine:agent/messaging#take", "wasm-engine:agent/messaging#wait-any"})
"""What the engine asks for a guest that waited; it goes on with the answer."""


class Called(NamedTuple):
    """One call of a run; its ordinal is -1 where a segment goes on with the answer."""

    step: int
    agent: str
    message: int
    ordinal: int
    function: str


class Liar:
    """Notes every call whose answer could be another, and lies about one of them.

    Args:
        about: The call to lie about; None: the truth.
        times: How often it lies.
    """

    def __init__(self, about: Called | None = None, times: int = 1_000) -> None:
        self.calls: list[Called] = []
        self.told: list[tuple[Any, Any]] = []
        self._about = about
        self._times = times

    def table(self, functions: dict[str, HostFunction]) -> dict[str, HostFunction]:
        """The table of host functions, through which it sees every call."""
        return {name: self._wrap(function) for name, function in functions.items()}

    def _wrap(self, function: HostFunction) -> HostFunction:
        do: Callable[..., Any] = function.call

        def call(guest: Any, *arguments: Any) -> Any:
            answer = do(guest, *arguments)
            lie = otherwise(function.name, answer)
            # What the engine calls for a reducer is no call of the guest.
            own = guest.calls or function.name in _GOING_ON
            if lie is answer or guest.in_init or guest.answers is not None or not own:
                return answer
            here = Called(
                guest.world.step,
                guest.agent.address,
                guest.message.id,
                len(guest.calls) - 1,
                function.name,
            )
            self.calls.append(here)
            if here != self._about or len(self.told) >= self._times:
                return answer
            self.told.append((answer, lie))
            return lie

        return replace(function, call=call)


def otherwise(name: str, answer: Any) -> Any:
    """Another answer of the same type; the very same where none is known."""
    match answer:
        case None:
            return Err(("lied", "about it")) if name in _FALLIBLE else None
        case bool():
            return not answer
        case int():
            return answer + 1
        case str():
            return answer + "?"
        case bytes():
            return answer + b"?"
        case Err(payload=(str(code), detail)):
            return Err((code + "-or-not", detail))
        case (first, *rest) if answer.__class__ is tuple and first in ("text", "bytes"):
            return (first, otherwise(name, rest[0]))
        case [*_] if answer.__class__ is list and answer:
            return answer[:-1]
    return answer


assert otherwise("", SUSPEND) is SUSPEND
