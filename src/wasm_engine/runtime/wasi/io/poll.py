"""wasi:io/poll: waiting. World time is the only thing that a guest can wait for here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing

NEVER = (1 << 63) - 1
"""A deadline that world time does not reach."""


class Pollable:
    """A resource `pollable`: ready at a world time, or always.

    Attributes:
        deadline: World time in nanoseconds at which it becomes ready; 0 where it always is.
    """

    __slots__ = ("deadline",)
    kind = "pollable"

    def __init__(self, deadline: int = 0) -> None:
        self.deadline = min(deadline, NEVER)

    def freeze(self, into: Freezing) -> list[Any]:
        """When it is ready."""
        return [self.deadline]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Pollable:
        """One that is ready at the same time."""
        return Pollable(*parts)


def _ready(pollables: list[Pollable], now: int) -> list[int]:
    return [index for index, pollable in enumerate(pollables) if pollable.deadline <= now]


def poll(guest: WasiGuest, pollables: list[Pollable]) -> Any:
    """Answers the indexes of those that are ready, when at least one is."""
    if not pollables:
        code = "empty-poll"
        raise GuestTrap(code, "poll needs at least one pollable")
    # Without a timer in the list the clock is left alone: a reading of it is part of the history.
    timed = any(pollable.deadline for pollable in pollables)
    ready = _ready(pollables, guest.now() if timed else 0)
    if ready:
        return ready
    earliest = min(pollable.deadline for pollable in pollables)
    if earliest >= NEVER:
        code = "stuck"
        raise GuestTrap(code, "nothing that is waited for can ever be ready")
    return guest.sleep_until(earliest, lambda: _ready(pollables, max(guest.now(), earliest)))


def block(guest: WasiGuest, pollable: Pollable) -> Any:
    """Returns when it is ready."""
    if not pollable.deadline or pollable.deadline <= guest.now():
        return None
    if pollable.deadline >= NEVER:
        code = "stuck"
        raise GuestTrap(code, "what is waited for can never be ready")
    return guest.sleep_until(pollable.deadline, lambda: None)


def ready(guest: WasiGuest, pollable: Pollable) -> bool:
    """Whether it is ready. A look at a timer takes a tick, so busy waiting comes to an end."""
    return not pollable.deadline or pollable.deadline <= guest.now()


FROZEN = (Pollable,)
FUNCTIONS = (
    HostFunction("wasi:io/poll#poll", poll, suspends=True, in_init=True),
    HostFunction("wasi:io/poll#[method]pollable.block", block, suspends=True, in_init=True),
    HostFunction("wasi:io/poll#[method]pollable.ready", ready, in_init=True),
)
