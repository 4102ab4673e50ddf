"""What is kept of an activation: to go on later, and to run a part of it once more."""

from __future__ import annotations

from typing import Any, NamedTuple

from wasm_engine.agents.program import Program
from wasm_engine.orchestrator.past import Past


class Kept(NamedTuple):
    """What is kept of an activation that goes on later, besides its message and what it waits for.

    Attributes:
        program: What it runs.
        past: What its guest is made again from.
        fuel, work: What it may still spend.
        slices: Fuel slices that its guest used up.
        began: Seed, step, time and clock reading of its agent when it began.
    """

    program: Program
    past: Past
    fuel: int
    work: int
    slices: int
    began: tuple[int, int, int, int]


class Before(NamedTuple):
    """What a part may have changed by the time its process dies."""

    past: Past | None
    resident: Any
    ordinal: int
    returned: int
    entries: int
    purse: Any
    own: tuple[Any, ...]
