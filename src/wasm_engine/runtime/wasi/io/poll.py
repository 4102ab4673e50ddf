"""wasi:io/poll: waiting, for world time and for what is asked of the outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing

NEVER = (1 << 63) - 1
"""A deadline that world time does not reach."""


class Awaited(Protocol):
    """Something that will be ready when an effect has ended."""

    @property
    def number(self) -> int | None:
        """Which effect; None while there is none."""

    def is_ready(self, guest: WasiGuest) -> bool:
        """Looks whether it is. What the look changes is marked in `guest.touched`."""


class Pollable:
    """A resource `pollable`: ready at a world time, with something awaited, or always.

    Attributes:
        deadline: World time in nanoseconds at which it becomes ready; 0 where there is none.
        awaited: What else it waits for, or None.
    """

    __slots__ = ("awaited", "deadline")
    kind = "pollable"

    def __init__(self, deadline: int = 0, awaited: Awaited | None = None) -> None:
        self.deadline = min(deadline, NEVER)
        self.awaited = awaited

    def is_ready(self, guest: WasiGuest, now: int) -> bool:
        """Whether it is ready at a world time."""
        if self.awaited is not None:
            return self.awaited.is_ready(guest)
        return self.deadline <= now

    def freeze(self, into: Freezing) -> list[Any]:
        """When it is ready."""
        return [self.deadline, None if self.awaited is None else into.put(self.awaited)]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Pollable:
        """One that is ready at the same time."""
        deadline, awaited = parts
        return Pollable(deadline, None if awaited is None else out_of.get(awaited))


def _ready(guest: WasiGuest, pollables: Sequence[Pollable], now: int) -> list[int]:
    return [index for index, it in enumerate(pollables) if it.is_ready(guest, now)]


def _park(guest: WasiGuest, pollables: Sequence[Pollable], answer: Any) -> Any:
    """Parks the activation until one of them may be ready.

    Args:
        guest: Who waits.
        pollables: None of them is ready.
        answer: `answer(guest, earliest)` is what the guest then gets; `earliest` is the deadline
            that comes first, 0 where there is none.
    """
    waited = [it.awaited.number for it in pollables if it.awaited is not None]
    numbers = {number: None for number in waited if number is not None}
    deadline = min((it.deadline for it in pollables if it.awaited is None), default=NEVER)
    if deadline < NEVER:
        return guest.wait(numbers, deadline, lambda resumed: answer(resumed, deadline))
    if not numbers:
        code = "stuck"
        raise GuestTrap(code, "nothing that is waited for can ever be ready")
    return guest.wait(numbers, None, lambda resumed: answer(resumed, 0))


def poll(guest: WasiGuest, pollables: list[Pollable]) -> Any:
    """Answers the indexes of those that are ready, when at least one is."""
    if not pollables:
        code = "empty-poll"
        raise GuestTrap(code, "poll needs at least one pollable")
    # Without a timer in the list the clock is left alone: a reading of it is part of the history.
    timed = any(pollable.deadline for pollable in pollables)
    ready = _ready(guest, pollables, guest.now() if timed else 0)
    if ready:
        return ready

    def answer(resumed: WasiGuest, deadline: int) -> list[int]:
        now = resumed.now() if timed else 0
        ended = _ready(resumed, pollables, now)
        return ended or _ready(resumed, pollables, max(now, deadline))

    return _park(guest, pollables, answer)


def block(guest: WasiGuest, pollable: Pollable) -> Any:
    """Returns when it is ready."""
    if ready(guest, pollable):
        return None
    return _park(guest, [pollable], lambda _resumed, _deadline: None)


def ready(guest: WasiGuest, pollable: Pollable) -> bool:
    """Whether it is ready. A look at a timer takes a tick, so busy waiting comes to an end."""
    return pollable.is_ready(guest, guest.now() if pollable.deadline else 0)


FROZEN = (Pollable,)
FUNCTIONS = (
    HostFunction("wasi:io/poll#poll", poll, suspends=True, in_init=True),
    HostFunction("wasi:io/poll#[method]pollable.block", block, suspends=True, in_init=True),
    HostFunction("wasi:io/poll#[method]pollable.ready", ready, in_init=True),
)
