"""What a guest in a worker process asked its budgets for, beside what its segment shows.

The accounts are here, and each call asks: so what is spent is what was asked for, and a segment
that does more than that is none of our guests'.
"""

from __future__ import annotations

from typing import Any

from wasm_engine.agents.isolated.protocol import Lie, Spend
from wasm_engine.concepts import cost
from wasm_engine.concepts.budget import BYTES, EFFECTS, MESSAGES, NUMBER, RESOURCES
from wasm_engine.concepts.errors import Postponed
from wasm_engine.concepts.message import body_size, headers_size
from wasm_engine.concepts.plain import to_plain
from wasm_engine.concepts.segment import Segment, arguments_size

MOST = 1 << 40
"""More of anything no call asks for."""


class Spending:
    """What one guest asked for.

    Attributes:
        asked: By resource, in the segment, and was let have.
        postponed: Whether its message was put off, so that it has to fail by that.
        made_again: Whether its segment began before it was made again: what it wrote by then was
            paid then.
    """

    __slots__ = ("asked", "made_again", "postponed")

    def __init__(self) -> None:
        self.next_segment()

    def next_segment(self) -> None:
        """A new segment begins."""
        self.asked = [0] * len(RESOURCES)
        self.postponed = self.made_again = False

    def answer(self, purse: Any, spend: Spend, segment: Segment, *, first: bool) -> Any:
        """What is answered to a question of the worker's; see `far_purse`.

        Raises:
            Lie: Nobody asks so.
        """
        if purse is None or not (0 <= spend.amount <= MOST and 0 <= spend.size <= MOST):
            message = "it asked a budget for what nobody asks for"
            raise Lie(message)
        if self.postponed:
            message = "it went on although it was put off"
            raise Lie(message)
        if spend.used:
            purse.used(spend.what, spend.amount)
            return []
        try:
            refused = purse.spend(spend.what, spend.amount, spend.size, segment, first=first)
        except Postponed as postponed:
            self.postponed = True
            return postponed.detail
        if refused is not None:
            return [to_plain(refused)]
        self.asked[NUMBER[spend.what]] += spend.amount
        self.asked[BYTES] += spend.size
        return []

    def check(self, segment: Segment, fresh: int, work: int) -> None:
        """Refuses a segment that does what was not asked for, or was asked for far more.

        Args:
            segment: What it says that it did.
            fresh: How many numbers its agent gave in it: timers and effects that it took back had
                such.
            work: Host work that its message spent: what it wrote over cost that.

        Raises:
            Lie: It is so.
        """
        shown = _shown(segment, with_state=not self.made_again)
        for resource, most in (
            (MESSAGES, fresh), (EFFECTS, fresh), (BYTES, work // cost.STATE_BYTE),
        ):  # fmt: skip
            asked = self.asked[resource] - shown[resource]
            if asked < 0:
                message = f"it claims {RESOURCES[resource]} that it asked no budget for"
                raise Lie(message)
            if asked > most:
                message = f"it asked a budget for {RESOURCES[resource]} that it has no use for"
                raise Lie(message)


def _shown(segment: Segment, *, with_state: bool) -> dict[int, int]:
    """What a segment costs as it stands; see `Guest.spend`."""
    size = sum(body_size(it.body) + headers_size(it.headers) for it in segment.sends)
    size += sum(map(body_size, segment.replies.values()))
    size += sum(body_size(timer.body) for timer in segment.timers.values())
    size += sum(arguments_size(effect.arguments) for effect in segment.effects.values())
    if with_state:
        for key, value in segment.writes.items():
            if value is not None:
                length = len(value if isinstance(value, bytes) else value.encode())
                size += len(key.encode()) + length
    messages = len(segment.sends) + len(segment.replies) + len(segment.timers)
    return {MESSAGES: messages, EFFECTS: len(segment.effects), BYTES: size}
