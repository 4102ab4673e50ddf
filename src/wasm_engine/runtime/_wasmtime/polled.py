"""What an instance may use, and what running one for a while can answer."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

from msgspec import Struct

from wasm_engine.concepts.hostcall import SUSPEND


class Limits(NamedTuple):
    """What an instance may use.

    Attributes:
        fuel: Fuel to begin with.
        memory: Bytes of linear memory.
        slice: Fuel after which a call is interrupted (SLICED) to go on at the next poll.
    """

    fuel: int
    memory: int
    slice: int


class _Sliced:
    """Type of SLICED."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "SLICED"


SLICED: Final = _Sliced()
"""Answered by `poll` when a slice of fuel was used up; the next poll goes on."""
SUSPENDED: Final = SUSPEND
"""Answered by `poll` when a host function suspended the call; `resume` answers it."""


class Finished(Struct):
    """Answered by `poll` when the call is over.

    Attributes:
        value: What the function answered.
    """

    value: Any


Polled: TypeAlias = Finished | _Sliced | object
"""`Finished(value)`, SUSPENDED or SLICED."""
