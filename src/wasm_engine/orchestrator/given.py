"""What another engine did, taken as it was where engines may differ.

Engines agree on what guests do. They need not agree on what that costs: on fuel, on the depth of
their stacks, and between versions of ours on the price of host work. So where a run of another
engine is executed again, each part of it costs what the run says, is cut where it was cut, and ends
there where it was killed for its costs. All the rest is compared as ever.
"""

from __future__ import annotations

from typing import NamedTuple

from wasm_engine.concepts.errors import GuestFailure, GuestTrap, LimitExceeded
from wasm_engine.journal import entries
from wasm_engine.journal.entries import StepBody

_KILLS = {"fuel": LimitExceeded, "host-work": LimitExceeded, "stack-exhausted": GuestTrap}
"""Ends that an engine's costs decide."""


class GivenPart(NamedTuple):
    """A part of an activation as the run holds it.

    Attributes:
        fuel, work: What it cost.
        cut: Whether it ended for want of room in its step.
        kill: Which limit ended it, or an empty string.
    """

    fuel: int
    work: int
    cut: bool
    kill: str

    def failure(self) -> GuestFailure:
        """How the guest was killed."""
        return _KILLS[self.kill](self.kill, "taken as the run holds it")


def is_kill(status: str) -> bool:
    """Whether an outcome says that an engine's costs ended the activation."""
    return status.partition(":")[2] in _KILLS


class Given:
    """A step as the run holds it.

    Args:
        body: Canonical bytes of the step.
    """

    def __init__(self, body: bytes) -> None:
        stored = entries.decode(entries.Kind.STEP, body)
        assert isinstance(stored, StepBody)
        self._parts: dict[str, list[GivenPart]] = {}
        for row in stored.segments:
            kill = row.status.partition(":")[2]
            part = GivenPart(
                row.fuel, row.work, row.status == "cut", kill if kill in _KILLS else ""
            )
            self._parts.setdefault(row.agent, []).append(part)

    def of(self, address: str) -> list[GivenPart]:
        """What an agent did in the step, part by part."""
        return self._parts.get(address, [])
