"""What an operator asks for, as values."""

from __future__ import annotations

from typing import NamedTuple

from wasm_engine.control.moment import Moment


class Outside(NamedTuple):
    """A message from outside: to whom, about what, and its text."""

    to: str
    topic: str
    body: str


class Pace(NamedTuple):
    """How far a run goes, and how wide.

    Attributes:
        workers: Threads for a step's activations. The history is the same for every number.
        max_steps: Steps after which to stop, or None.
        until: World time that no step may pass, or None.
    """

    workers: int = 1
    max_steps: int | None = None
    until: Moment | None = None
