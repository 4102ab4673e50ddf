"""What budgets bound, and what a host function asks of them."""

from __future__ import annotations

from typing import Final, Protocol

from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.segment import Segment

RESOURCES: Final = ("fuel", "work", "messages", "effects", "bytes", "tokens")
"""What is spent, in the order in which it is counted."""
FUEL, WORK, MESSAGES, EFFECTS, BYTES, TOKENS = range(len(RESOURCES))
NUMBER: Final = {name: number for number, name in enumerate(RESOURCES)}


class Spender(Protocol):
    """What one agent may spend."""

    def spend(
        self, what: str, amount: int, size: int, segment: Segment, *, first: bool
    ) -> Err | None:
        """Takes it, or refuses all of it.

        Args:
            what: Of `RESOURCES`.
            amount: How much; 0 only asks whether anything is left.
            size: Bytes that it takes besides.
            segment: Whose cost it is: what was taken is given back where it is dropped.
            first: Whether the activation can be begun anew: nothing of it was committed, or cut.

        Raises:
            Postponed: It is to be begun anew when more is left.
        """

    def used(self, what: str, amount: int) -> None:
        """Counts what is spent already, whatever is left, and whatever becomes of the segment."""
