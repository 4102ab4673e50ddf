"""What a guest in a worker process is said to know, and the bounds between which that must be.

What an activation knows is its process's own word. But it cannot know less than what came with it,
nor anything that nobody told it: so labels are never below its floor, and never above what was
answered here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from wasm_engine.agents.isolated.protocol import Fetch, HeldTold, Judge, Lie, Mark, Standing
from wasm_engine.agents.isolated.views import FEW
from wasm_engine.concepts import cost, json_text
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.segment import NO_LABELS, NOTHING_HELD, Held, Labels
from wasm_engine.policy.actions import ACTIONS
from wasm_engine.runtime.knowing import MAX_TARGET

MAX_SOURCE: Final = 1_024
"""Characters of the name of a source: a folder's, an origin."""
_NAMED: Final = frozenset({"state", "store"})
"""What is marked by name, and not by number."""
_LINE: Final = {"action": str, "call": int, "count": int, "labels": list, "rule": str,
                "target": str}  # fmt: skip


class Asker(NamedTuple):
    """Who asks whether something may be done: what `Guard.refuses` looks at of a guest."""

    agent: Any
    world: Any
    message: Message
    labels: Labels
    calls: range = range(0)


AskKey: TypeAlias = tuple[Any, ...]
"""Action, target, and what else is known: what a policy is asked."""


def ask_key(action: str, target: str, context: Mapping[str, Any]) -> AskKey:
    """A question as it is kept."""
    values = ((key, tuple(it) if isinstance(it, list) else it) for key, it in context.items())
    return action, target, *sorted(values)


class FarKnowing:
    """The part of an `IsolatedGuest` that labels and the policy need.

    Attributes:
        labels, sources: As of `Knowing`, as they were told last.
        floor: What its segment knew as it began. Nothing that comes out of it carries less.
        sheds: Labels that it may have taken off what it knows: nothing has to carry them.
        may_know: Labels of all that it was told: it knows no others.
        began, since: The step in which its segment did, and world time (ns) then.
        was_held: What its segment held when it was cut last.
    """

    __slots__ = ("_asked", "_fresh", "_lets", "_looked", "_refused", "began", "floor", "labels",
                 "may_know", "sheds", "since", "sources", "was_held")  # fmt: skip

    agent: Any
    world: Any
    message: Any
    instance: Any
    most_work: int

    def begin_to_know(self) -> None:
        """A message begins."""
        guard = self.guard
        self.sources: dict[str, None] = {}
        self._asked: dict[str, None] = {}
        self._looked: dict[str, None] = {}
        self._refused: set[tuple[str, str, str, Labels]] = set()
        known = guard is not None
        self.labels: Labels = guard.entering(self.agent, self.message.id) if known else NO_LABELS
        self.may_know = self.labels
        self.sheds = NO_LABELS
        self.began = self.since = 0
        self.next_to_know()

    def next_to_know(self) -> None:
        """A new segment begins."""
        self._fresh = True
        self._lets: dict[AskKey, list[tuple[Labels, int]]] = {}
        self.floor: Labels | None = None
        self.was_held = NOTHING_HELD

    @property
    def guard(self) -> Any:
        """What knows labels and the policy in force; None where there is neither."""
        return None if self.world is None else self.world.guard

    def around(self) -> list[Any] | None:
        """What goes along as it begins or goes on; read by `far_guard`."""
        guard = self.guard
        if self._fresh:
            self._fresh, self.began, self.since = False, self.world.step, self.world.time
        self._looked = {}
        if guard is None:
            return None
        if self.floor is None:
            held = [*self.was_held.marks.values(), *self.was_held.sends]
            self.floor = self.labels.intersection(*held)
        self.may_know |= self.labels
        if not guard.decides:  # else it asks
            grants = self.agent.program.kind.grants
            self.sheds = frozenset(it.name for it in grants if it.kind == "declassify")
        keys, kept = None, guard.kept(self.agent.address)
        if len(kept) <= FEW:
            keys = [[key, sorted(labels)] for key, labels in kept.items()]
            self.may_know |= NO_LABELS.union(*kept.values())
        return [guard.decides, guard.judged_from, sorted(self.labels), list(self.sources), keys]

    def is_told(self, standing: Standing) -> None:
        """Takes what it is said to know.

        Raises:
            Lie: It cannot.
        """
        labels = frozenset(standing.labels)
        if not self.labels <= labels | self.sheds:
            message = "it says that it knows no more what it knew"
            raise Lie(message)
        if not labels <= self.may_know:
            message = "it says that it knows what nobody told it"
            raise Lie(message)
        if any(it not in self.sources and it not in self._asked for it in standing.sources):
            message = "it says that it read what it did not ask for"
            raise Lie(message)
        guard = self.guard
        if guard is not None:
            if not {*self.sources, *self._looked} <= set(standing.sources):
                message = "it says that it did not read what it looked at"
                raise Lie(message)
            learned = NO_LABELS.union(*map(guard.of_source, self._looked))
            if not learned <= labels | self.sheds:
                message = "it says that it does not know what it looked at"
                raise Lie(message)
        self.labels, self.sources = labels, dict.fromkeys(standing.sources)

    def looked_at(self, source: str) -> None:
        """It was shown what is in a source: from here on it knows that."""
        if self.guard is not None:
            self._looked[source] = None

    def told_labels(self, fetch: Fetch) -> list[str]:
        """What is answered to a question for labels; from here on it may know them.

        Raises:
            Lie: Nobody asks so.
        """
        guard, key, address = self.guard, fetch.key, self.agent.address
        if guard is None:
            message = "it asked for labels where there are none"
            raise Lie(message)
        match fetch.what:
            case "source" if isinstance(key, str) and len(key) <= MAX_SOURCE:
                self._asked[key] = None
                if len(self._asked) > self.most_work // cost.CALL + 1:
                    message = "it asked for more sources than it can pay for"
                    raise Lie(message)
                labels = guard.of_source(key)
            case "key" if isinstance(key, str):
                labels = guard.of_key(address, key)
            case "keys" if isinstance(key, str):
                labels = guard.of_keys(address, key)
            case "outcome" if isinstance(key, int):
                labels = guard.of_outcome(address, key)
            case _:
                message = f"it asked for the labels of nothing that there is ({fetch.what})"
                raise Lie(message)
        self.may_know |= labels
        return sorted(labels)

    def judged(self, judge: Judge) -> str | None:
        """The rule by which what it asks for is refused, or None.

        Raises:
            Lie: Nobody asks so.
        """
        labels, context, action = frozenset(judge.labels), dict(judge.context), judge.action
        known = _is_known(action, context)
        if self.guard is None or not known or not self.is_enough(labels, self.labels):
            message = "it asked whether it may do what nobody asks for"
            raise Lie(message)
        calls = range(max(judge.call + 1, 0))
        asker = Asker(self.agent, self.world, self.message, labels, calls)
        rule: str | None = self.guard.refuses(asker, action, judge.target, context)
        if rule is None and action == "declassify" and self._may_declassify(judge.target):
            self.sheds |= {judge.target}
        if rule is None:
            lets = self._lets.setdefault(ask_key(action, judge.target, context), [])
            if (labels, self.world.step) not in lets:
                lets.append((labels, self.world.step))
        else:
            self._refused.add((action, judge.target[:MAX_TARGET], rule, labels))
            if len(self._refused) > self.most_work // cost.CALL + 1:
                message = "it was refused more than it can pay for"
                raise Lie(message)
        return rule

    def was_let(
        self, ask: AskKey, labels: Labels | None = None, learned: Labels = NO_LABELS, *, now: bool
    ) -> bool:
        """Whether it asked for something in this segment, and was let.

        Args:
            ask: What it asked.
            labels: Of what it says that it knew; None where that does not matter.
            learned: Those of them that it came to know by what it was let do.
            now: Whether it had to ask in this step.
        """
        return any(
            (labels is None or labels <= known | learned) and (not now or step == self.world.step)
            for known, step in self._lets.get(ask, ())
        )

    def _may_declassify(self, label: str) -> bool:
        may: bool = self.agent.may_use("declassify", label)
        return may

    def is_enough(self, labels: Labels, least: Labels) -> bool:
        """Whether something may carry these labels whose maker knew at least those."""
        return least <= labels | self.sheds and labels <= self.may_know

    def was_refused(self, text: str) -> bool:
        """Whether a line of the log says a refusal that there was."""
        if any(text == known for _, known in self.was_held.refusals):
            return True
        try:
            it = json_text.read(text)
            if json_text.write(it) != text or it.keys() != _LINE.keys():
                return False
        except (ValueError, AttributeError, RecursionError):
            return False
        typed = all(type(it[name]) is kind for name, kind in _LINE.items())
        if not typed or it["call"] < -1 or it["count"] < 1:
            return False
        labels = it["labels"]
        if not all(isinstance(label, str) for label in labels) or sorted(set(labels)) != labels:
            return False
        return (it["action"], it["target"], it["rule"], frozenset(labels)) in self._refused

    def held(self) -> Held:
        """What its segment holds that a guest which is made again would not have.

        Raises:
            WorkerLost: Its process died, or said what cannot be.
        """
        worker = self.instance.worker
        told = worker.ask_for(HeldTold, ["held", self.instance.number])
        try:
            marks = marks_of(told.marks)
        except Lie as lie:
            raise worker.lied(str(lie)) from None
        held = Held(marks, [frozenset(it) for it in told.sends], list(told.refusals))
        floor = self.floor or NO_LABELS
        well = all(self.is_enough(it, floor) for it in (*held.marks.values(), *held.sends))
        if not well or not all(self.was_refused(text) for _, text in held.refusals):
            raise worker.lied("it holds what it cannot know")
        self.was_held = held
        return held

    def hold(self, held: Held) -> None:
        """It was made again: its segment holds what it held when it was cut.

        Raises:
            WorkerLost: Its process died, or it is another segment.
        """
        marks = [[what, key, sorted(labels)] for (what, key), labels in held.marks.items()]
        sends = [sorted(labels) for labels in held.sends]
        request = ["hold", self.instance.number, marks, sends, held.refusals]
        self.instance.worker.ask(request)
        self.was_held = held
        self.may_know |= held.labels()


def _is_known(action: str, context: Mapping[str, Any]) -> bool:
    """Whether policies know an action, and what is said of it beside."""
    if action not in ACTIONS or context.keys() != ACTIONS[action].context.keys():
        return False
    kinds = ACTIONS[action].context.items()
    return all(isinstance(context[key], list) is kind.startswith("Set") for key, kind in kinds)


def marks_of(told: list[Mark]) -> dict[tuple[str, Any], Labels]:
    """The marks of a segment, as they were told.

    Raises:
        Lie: One is of what there is not.
    """
    if any((what in _NAMED) is not isinstance(key, str) for what, key, _ in told):
        message = "it marks what there is not"
        raise Lie(message)
    return {(what, key): frozenset(labels) for what, key, labels in told}
