"""Whether agents do in a step what they did: who ran and how it ended, what was sent, kept, called.

Unlike `comparison`, which compares everything, it asks for nothing that another component may do in
its own way: what it costs, what it looks at, what it logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from msgspec.structs import replace

from wasm_engine.concepts.errors import ReplayDivergence
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Entry, Kind, Segment, Send, StepBody, Turn
from wasm_engine.orchestrator.comparison import MAX_SHOWN
from wasm_engine.orchestrator.record import StepRecord
from wasm_engine.orchestrator.swap_calls import ASKED, SWAP
from wasm_engine.orchestrator.swapping import ROWS


class Conduct:
    """Compares steps by what agents do.

    Args:
        kind: The kind that is tried out: what was recorded of its swaps is passed over.
        states: Whether what its agents keep has to be the same, too.
    """

    def __init__(self, kind: str, *, states: bool) -> None:
        self._kind = kind
        self._states = states

    def compare(self, step: int, stored: Entry, record: StepRecord) -> None:
        """Compares a step with what is stored of it.

        Raises:
            ReplayDivergence: They differ; names the first difference.
        """
        if stored.body == record.body:
            return
        old, new = (_step(body) for body in (stored.body, record.body))
        for one, other in zip_longest(old.segments, new.segments):
            self._segments(step, one, other)
        for name in ("requests", "dead", "timers"):
            mine, theirs = getattr(old, name), getattr(new, name)
            if mine != theirs:
                raise _differs(step, None, name, mine, theirs)
        turns = [self._turns(body.turns) for body in (old, new)]
        for one, other in zip_longest(*turns):
            if one != other:
                raise _differs(step, (one or other).agent, "turn call", one, other)

    def _segments(self, step: int, one: Segment | None, other: Segment | None) -> None:
        known = one or other
        assert known is not None
        if one is None or other is None or _who(one) != _who(other):
            told = [it and _who(it) for it in (one, other)]
            raise _differs(step, known.agent, "who runs", *told, message=known.message)
        place = f"message {one.message}, "
        if one.status != other.status:
            raise _differs(step, one.agent, f"{place}its end", one.status, other.status)
        for ordinal, (mine, theirs) in enumerate(zip_longest(one.sends, other.sends)):
            if mine != theirs:
                what = f"{place}send {ordinal}"
                raise _differs(step, one.agent, what, _sent(mine), _sent(theirs))
        own = one.agent.partition("/")[0] == self._kind
        if one.state != other.state and (self._states or not own):
            raise _differs(step, one.agent, f"{place}what it keeps", one.state, other.state)

    def _turns(self, turns: Sequence[Turn]) -> list[Turn]:
        """Without what comes of swaps of the kind; of those that agents ask for what they asked."""
        kept = [it for it in turns if it.op not in ROWS or it.args[0] != self._kind]
        return [replace(it, args=it.args[:ASKED]) if self._swaps(it) else it for it in kept]

    def _swaps(self, turn: Turn) -> bool:
        return turn.op == SWAP and turn.args[0] == self._kind


def _step(body: bytes) -> StepBody:
    step = entries.decode(Kind.STEP, body)
    assert isinstance(step, StepBody)
    return step


def _who(segment: Segment) -> tuple[str, int, int, int]:
    return segment.agent, segment.message, segment.attempt, segment.part


def _sent(send: Send | None) -> Any:
    return None if send is None else (send.to, send.topic, send.body, send.headers, send.request)


def _differs(
    step: int, agent: str | None, what: str, one: Any, other: Any, *, message: int | None = None
) -> ReplayDivergence:
    return ReplayDivergence(
        step=step,
        agent=agent,
        call=None,
        message=message,
        expected=f"{what}: {_shown(one)}",
        got=_shown(other),
    )


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value.hex() if isinstance(value, bytes) else repr(value)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."
