"""What a guest knows, by labels, and what the policy in force lets it do with that.

Without a policy and without labels all of this is one comparison with None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wasm_engine.concepts import cost, faults, json_text
from wasm_engine.concepts.caller import AgentView, WorldView
from wasm_engine.concepts.errors import GuestFailure
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.segment import DENIED, NO_LABELS, Held, Labels, Segment

MAX_TARGET = 500
"""Characters of what was refused that a line of the log holds."""
_FORBIDDEN = faults.refusal(faults.FORBIDDEN)


class Knowing:
    """The part of a `Guest` that its labels and the policy need.

    Attributes:
        labels: Of what the activation knows so far.
        sources: What it read from, or what the instance did while it was initialised.
        verdicts: Verdicts of the policy in the running call that are in `returned`.
    """

    __slots__ = ("_refused", "labels", "sources", "verdicts")

    in_init: bool
    agent: AgentView | Any
    world: WorldView | Any
    message: Message
    segment: Segment
    calls: list[tuple[Any, ...]]
    returned: list[Any]
    answers: list[Any] | None

    if TYPE_CHECKING:

        def charge(self, work: int) -> None:
            """Counts host work."""

        def logged(self) -> Any:
            """What the call log of an evicted guest has for what others decided."""

    def __init__(self) -> None:
        self.labels: Labels = NO_LABELS
        self.sources: dict[str, None] = {}
        self.verdicts = 0
        self._refused: dict[tuple[str, str, str], list[int]] = {}

    def begin_to_know(self) -> None:
        """A message begins: what it knows, and whether it may know what its instance read.

        Raises:
            GuestFailure: The policy does not let this agent read that.
        """
        self.verdicts = 0
        guard = self.guard
        if guard is not None:
            self.sources, self._refused = {}, {}
            self.labels = guard.entering(self.agent, self.message.id)
            self._judge_beginning()
        elif self.labels:
            self.labels = NO_LABELS

    def _judge_beginning(self) -> None:
        """What instances read as they begin, before there is an agent, is judged when one begins.

        Raises:
            GuestFailure: The policy does not let this agent read it.
        """
        guard, agent = self.world.guard, self.agent
        for source in agent.program.sources if guard.decides else ():  # type: ignore[union-attr]
            name = source.removeprefix("mount:")
            rule = guard.refuses(self, "mount.read", name, {})
            if rule is not None:
                self._note_refusal("mount.read", name, rule)
                raise GuestFailure(faults.FORBIDDEN)

    def authorize(
        self, action: str, target: str, context: Mapping[str, Any] | None = None
    ) -> Err | None:
        """Whether the policy in force lets it; None, or the refusal for the guest.

        The guest gets a code; which rule it was goes to the log, once for each segment.
        """
        world = self.world
        if self.answers is not None:  # a guest that is made again: as it was told then
            since: int | None = world.judged_from  # type: ignore[union-attr]
            return None if since is None or world.step < since else self.logged()
        guard = None if world is None else world.guard
        if guard is None or not guard.decides:
            return None
        rule = guard.refuses(self, action, target, context or {})
        verdict = None if rule is None else _FORBIDDEN
        if guard.judged_from is not None:
            self.returned.append(verdict)
            self.verdicts += 1
        if rule is not None:
            self._note_refusal(action, target, rule)
        return verdict

    def _note_refusal(self, action: str, target: str, rule: str) -> None:
        """A line of the log that only the host writes; of the same refusals, one with a count."""
        call, target = len(self.calls) - 1, target[:MAX_TARGET]
        text: dict[str, Any] = {
            "action": action,
            "call": call,
            "labels": sorted(self.labels),
            "rule": rule,
            "target": target,
        }
        known = self._refused.get((action, target, rule))
        if known is None:
            line = json_text.write({**text, "count": 1})
            self.charge(cost.LOG_LINE + cost.LOG_BYTE * len(line))
            self._refused[action, target, rule] = [len(self.segment.logs), call, 1]
            self.segment.logs.append((DENIED, line))
            return
        known[2] += 1
        text["call"] = known[1]
        self.segment.logs[known[0]] = (DENIED, json_text.write({**text, "count": known[2]}))

    def held(self) -> Held:
        """What its segment holds that a guest which is made again would not have."""
        return Held.of(self.segment)

    def hold(self, held: Held) -> None:
        """It was made again: its segment holds what it held when it was cut."""
        held.put(self.segment)
        for place, text in held.refusals:
            it = json_text.read(text)
            known = (it["action"], it["target"], it["rule"])
            self._refused[known] = [place, it["call"], it["count"]]

    def drop_verdicts(self) -> None:
        """The verdicts of the running call need not be in the call log: its answer is."""
        del self.returned[-self.verdicts :]
        self.verdicts = 0

    @property
    def guard(self) -> Any:
        """What knows labels and the policy in force; None where there is neither, or none yet."""
        return None if self.world is None else self.world.guard

    def reads(self, source: str) -> None:
        """From here on it knows what is in a source."""
        guard = self.guard
        if guard is not None:
            self.sources[source] = None
            self.labels |= guard.of_source(source)
        elif self.in_init:
            self.sources[source] = None

    def saw(self, mount: str) -> bool:
        """It looked into a mount, known by its name; False where it may not.

        A mount without a name holds the agent's own file: that is part of what it is.
        """
        judged = self.in_init or self.world.guard is not None or self.answers is not None
        if mount and judged:
            if self.authorize("mount.read", mount) is not None:
                return False
            self.reads(f"mount:{mount}")
        return True

    def writes(self, source: str) -> None:
        """What it knows goes into a source."""
        self.mark("store", source)

    def learns(self, labels: Labels) -> None:
        """From here on it knows something with these labels."""
        if labels:
            self.labels |= labels

    def mark(self, what: str, key: Any) -> None:
        """What it knows goes into something of its segment: see `Segment.marks`."""
        if self.guard is not None:
            marks, labels = self.segment.marks, self.labels
            if what == "store":  # what went in before is still there
                labels = labels | marks.get((what, key), NO_LABELS)
            marks[what, key] = labels

    def answered_by(self, effect: int, source: str) -> None:
        """What becomes of an effect is what a source says, of what the guest knew as it asked."""
        guard = self.guard
        if guard is not None and self.answers is None:
            labels = self.labels | guard.of_source(source)
            self.segment.marks["effect", effect] = labels

    def knows_key(self, key: str) -> None:
        """From here on it knows what its state holds under a key."""
        guard = self.guard
        if guard is not None:
            own = self.segment.marks.get(("state", key))
            self.learns(guard.of_key(self.agent.address, key) if own is None else own)

    def knows_keys(self, prefix: str) -> None:
        """From here on it knows which keys of its state begin so."""
        guard = self.guard
        if guard is None:
            return
        self.learns(guard.of_keys(self.agent.address, prefix))
        for (what, key), labels in self.segment.marks.items():
            if what == "state" and key.startswith(prefix):
                self.learns(labels)

    def knows_outcome(self, number: int) -> None:
        """From here on it knows what became of a request or an effect."""
        guard = self.guard
        if guard is not None:
            self.learns(guard.of_outcome(self.agent.address, number))
