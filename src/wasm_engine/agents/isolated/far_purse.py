"""What an agent may spend, as its worker process sees it: each call asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from wasm_engine.agents.isolated.protocol import Spend
from wasm_engine.concepts import faults
from wasm_engine.concepts.errors import Postponed
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.plain import from_plain
from wasm_engine.concepts.segment import Segment

What = Literal["messages", "effects", "bytes", "tokens"]


class FarPurse:
    """Implements `concepts.budget.Spender`.

    Args:
        ask: Answers a `Spend`: `[]` where it is let, `[refusal]`, or why it is put off.
    """

    def __init__(self, ask: Callable[[Spend], Any]) -> None:
        self._ask = ask

    def spend(
        self, what: What, amount: int, size: int, segment: Segment, *, first: bool
    ) -> Err | None:
        """Takes it, or refuses all of it.

        Raises:
            Postponed: It is to be begun anew when more is left.
        """
        del segment, first  # known there
        answer = self._ask(Spend(what, amount, size))
        if isinstance(answer, str):
            raise Postponed(faults.BUDGET, answer)
        refused: Err | None = from_plain(answer[0]) if answer else None
        return refused

    def used(self, what: What, amount: int) -> None:
        """Counts what is spent already."""
        self._ask(Spend(what, amount, 0, used=True))
