"""What a worker process says that its guest knew, and did with that: judged here once more.

Its labels are its own word, within bounds. So whatever leaves a segment has to carry what its guest
cannot have been without, and is asked for again under the policy in force, with those labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wasm_engine.agents.isolated.guest import IsolatedGuest
from wasm_engine.agents.isolated.knowing import Asker
from wasm_engine.agents.isolated.protocol import Lie
from wasm_engine.concepts.names import is_name
from wasm_engine.concepts.segment import NO_LABELS, Labels, Segment, Turn
from wasm_engine.world.sharing import Use, may_mark


def judge(guest: IsolatedGuest, effects: Mapping[int, Use], turned: Use | None) -> None:
    """Refuses a segment whose labels cannot be, or of which something is forbidden.

    Args:
        guest: Whose segment, and what it waits for.
        effects: What its effects do, by their numbers.
        turned: What its turn call does to what agents share.

    Raises:
        Lie: It is so; says what is wrong.
    """
    turn = guest.suspension if isinstance(guest.suspension, Turn) else None
    _bounds(guest, turn)
    guard, segment = guest.guard, guest.segment
    if guard is None:
        return
    for number, use in effects.items():
        _carried(guest, use, segment.marks.get(("asked", number), NO_LABELS), number)
    if turn is not None and turned is not None:
        _carried(guest, turned, turn.labels)
    _require(_learned(guest) <= guest.labels | guest.sheds, "not to know a reply that it took")
    # What began before the policy was in force was judged by the one before.
    if guard.decides and guard.since <= guest.began:
        _Judging(guest).judge(segment, turn, effects)
    if guard.decides and turn is not None and turned is not None:
        learned = _of(guard, turned.reads)
        let = all(guest.was_let(ask, turn.labels, learned, now=True) for ask in turned.asks)
        _require(let, f"to have done what it was not let do ({turn.operation})")


def _bounds(guest: IsolatedGuest, turn: Turn | None) -> None:
    """Labels of what leaves a segment, and what carries them."""
    segment, marks = guest.segment, guest.segment.marks
    floor, most = guest.floor or NO_LABELS, guest.may_know
    carried = [send.labels for send in segment.sends]
    carried += [marks.get(key, NO_LABELS) for key in _named(segment)]
    carried += [turn.labels] if turn is not None else []
    _require(
        all(floor <= it | guest.sheds for it in carried), "to have known less than it was told"
    )
    every = NO_LABELS.union(*carried, *marks.values())
    _require(every <= most, "to have known what nobody told it")
    written = all(key in segment.writes for what, key in marks if what == "state")
    _require(written, "labels of keys that it did not write")
    stores = [key for what, key in marks if what == "store"]
    _require(all(may_mark(guest, key) for key in stores), "labels of what it may not write")


def _learned(guest: IsolatedGuest) -> Labels:
    """Of what it took: replies, and what became of effects that it did not give up."""
    guard, agent, segment = guest.guard, guest.agent, guest.segment
    taken = [
        number
        for number in segment.taken
        if number in agent.requests or (number in agent.effects and number not in segment.abandoned)
    ]
    return NO_LABELS.union(*(guard.of_outcome(agent.address, number) for number in taken))


def _require(holds: bool, what: str) -> None:  # noqa: FBT001
    if not holds:
        message = f"it claims {what}"
        raise Lie(message)


def _carried(guest: IsolatedGuest, use: Use, labels: Labels, number: int | None = None) -> None:
    """Whoever uses something knows what he reads by it, and puts what he knows into it."""
    guard, marks = guest.guard, guest.segment.marks
    reads = all(it in guest.sources for it in use.reads)
    known = labels if number is None else guest.labels  # what an effect reads it learns later
    knows = reads and _of(guard, use.reads) <= known | guest.sheds
    _require(knows, "not to know what it reads")
    stored = all(labels <= marks.get(("store", it), NO_LABELS) for it in use.writes)
    _require(stored, "to have written what it knows without its labels")
    if use.answers is not None:
        answer = marks.get(("effect", number), NO_LABELS)
        whole = labels | guard.of_source(use.answers) <= answer
        _require(whole, "not to know who will answer it")


def _of(guard: Any, sources: tuple[str, ...]) -> Labels:
    return NO_LABELS.union(*map(guard.of_source, sources))


def _named(segment: Segment) -> list[tuple[str, Any]]:
    """What of a segment carries labels by its marks."""
    tables: dict[str, Mapping[Any, Any]] = {
        "state": segment.writes, "reply": segment.replies, "timer": segment.timers,
        "effect": segment.effects, "asked": segment.effects,
    }  # fmt: skip
    return [(what, key) for what, table in tables.items() for key in table]


class _Judging:
    """Asks the guard for everything that a segment did."""

    def __init__(self, guest: IsolatedGuest) -> None:
        self._guest = guest

    def judge(self, segment: Segment, turn: Turn | None, effects: Mapping[int, Use]) -> None:
        marks, world = segment.marks, self._guest.world
        for out in segment.sends:  # a publication is a message to each of its receivers
            action = "send" if out.request is None else "ask"
            self._require(action, out.to, out.labels, {"topic": out.topic})
        for number in segment.replies:
            self._require("reply", world.asker(number), marks.get(("reply", number), NO_LABELS))
        guest, guard = self._guest, self._guest.guard
        for number, use in effects.items():
            labels, learned = marks.get(("asked", number), NO_LABELS), _of(guard, use.reads)
            let = all(guest.was_let(ask, labels, learned, now=False) for ask in use.asks)
            _require(let, "to have done what the policy forbids, or what it did not ask for")
        if turn is not None and turn.operation == "spawn":
            kind, key, _ = turn.arguments
            self._require("spawn", kind, turn.labels, {"key": key})
        elif turn is not None and turn.operation == "stop" and is_name(turn.arguments[0]):
            self._require("stop", turn.arguments[0], turn.labels)

    def _lets(
        self, action: str, target: str, labels: Labels, context: Mapping[str, Any] | None = None
    ) -> bool:
        guest = self._guest
        asker = Asker(guest.agent, guest.world, guest.message, labels)
        return guest.guard.refuses(asker, action, target, context or {}) is None

    def _require(
        self, action: str, target: str, labels: Labels, context: Mapping[str, Any] | None = None
    ) -> None:
        lets = self._lets(action, target, labels, context)
        _require(lets, f"to have done what the policy forbids ({action})")
