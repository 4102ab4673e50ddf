"""What a worker process says that its guest knew, and did with that: judged here once more.

Its labels are its own word, within bounds. So whatever leaves a segment has to carry what its guest
cannot have been without, and is asked for again under the policy in force, with those labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wasm_engine.agents.isolated.instance import IsolatedGuest
from wasm_engine.agents.isolated.knowing import Asker
from wasm_engine.agents.isolated.protocol import Lie
from wasm_engine.concepts.names import is_name
from wasm_engine.concepts.segment import NO_LABELS, Labels, Segment, Turn
from wasm_engine.concepts.web import Url


def judge(guest: IsolatedGuest) -> None:
    """Refuses a segment whose labels cannot be, or of which something is forbidden.

    Args:
        guest: Whose segment, and what it waits for.

    Raises:
        Lie: It is so; says what is wrong.
    """
    guard, segment, turn = guest.guard, guest.segment, guest.suspension
    floor, most = guest.floor or NO_LABELS, guest.may_know
    carried = [send.labels for send in segment.sends]
    carried += [segment.marks.get(key, NO_LABELS) for key in _named(segment)]
    carried += [turn.labels] if isinstance(turn, Turn) else []
    _require(
        all(floor <= it | guest.sheds for it in carried), "to have known less than it was told"
    )
    every = NO_LABELS.union(*carried, *segment.marks.values())
    _require(every <= most, "to have known what nobody told it")
    written = all(key in segment.writes for what, key in segment.marks if what == "state")
    _require(written, "labels of keys that it did not write")
    if guard is None:
        return
    taken = [number for number in segment.taken if number in guest.agent.requests]
    learned = NO_LABELS.union(*(guard.of_outcome(guest.agent.address, it) for it in taken))
    _require(learned <= guest.labels | guest.sheds, "not to know a reply that it took")
    # What began before the policy was in force was judged by the one before.
    if guard.decides and guard.since <= guest.began:
        _Judging(guest).judge(segment, turn)


def _require(holds: bool, what: str) -> None:  # noqa: FBT001
    if not holds:
        message = f"it claims {what}"
        raise Lie(message)


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

    def judge(self, segment: Segment, turn: Any) -> None:
        marks, world = segment.marks, self._guest.world
        for out in segment.sends:  # a publication is a message to each of its receivers
            action = "send" if out.request is None else "ask"
            self._require(action, out.to, out.labels, {"topic": out.topic})
        for number in segment.replies:
            self._require("reply", world.asker(number), marks.get(("reply", number), NO_LABELS))
        for number, effect in segment.effects.items():
            method, url, *_ = effect.arguments  # it was looked at: there is but one capability
            labels = marks.get(("asked", number), NO_LABELS)
            self._require("http", Url.parse(url).text, labels, {"method": method.upper()})
        if isinstance(turn, Turn) and turn.operation == "spawn":
            kind, key, _ = turn.arguments
            self._require("spawn", kind, turn.labels, {"key": key})
        elif isinstance(turn, Turn) and turn.operation == "stop" and is_name(turn.arguments[0]):
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
