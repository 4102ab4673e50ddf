"""What agents know, by labels, and what the policy in force lets them do with it.

An activation carries the labels of all that it read: its message, keys of its state, replies,
stores, folders, servers. What it writes and sends carries them on. Labels are no part of the
history: they follow from it, and only what is refused because of them shows in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from wasm_engine.concepts.segment import NO_LABELS, Held, Labels
from wasm_engine.host.aside import ASIDE
from wasm_engine.orchestrator.part import CUT, FAILED, PARKED, RETRY
from wasm_engine.policy.actions import Asked
from wasm_engine.policy.policy import NOTHING_FORBIDDEN, Policy
from wasm_engine.policy.sources import is_of

MOST_KEPT = 4_096
"""Verdicts that are kept."""
_GOES_ON = frozenset({PARKED, CUT})
_NUMBERED = ("messages", "outcomes", "timers")
_NAMED = ("born", "parked", "memories", "stores")


class Finding(NamedTuple):
    """A call that another policy would have refused.

    Attributes:
        step, agent, message, call: Where: the call's ordinal within its segment.
        action, target: What it did.
        rule: By which rule.
        labels: Labels of what the agent knew, sorted.
    """

    step: int
    agent: str
    message: int
    call: int
    action: str
    target: str
    rule: str
    labels: tuple[str, ...]


class Cut(Held):
    """What a segment that was cut held, as checkpoints tell it."""

    def plain(self) -> list[Any]:
        """As plain canonical values."""
        marks = [[what, key, sorted(labels)] for (what, key), labels in self.marks.items()]
        return [marks, [sorted(it) for it in self.sends], [list(it) for it in self.refusals]]

    @classmethod
    def from_plain(cls, plain: Any) -> Cut:
        """The one that `plain` told."""
        marks, sends, refusals = plain
        return cls(
            {(str(what), key): frozenset(map(str, labels)) for what, key, labels in marks},
            [frozenset(map(str, labels)) for labels in sends],
            [(int(place), str(text)) for place, text in refusals],
        )


class Guard:
    """The policy in force in a world, and the labels in it.

    Args:
        labels: What carries a label from the start, as the manifest says: sources by label.

    Attributes:
        policy: In force since the last change.
        since: The first step in which it is; 0 where that was before the run was opened.
        judged_from: The first step in which one was that decides; from there on its verdicts are in
            the call logs. None: never.
        signers: Who signed what a kind runs, as far as the operator knew when it came into force.
        other: Another policy, to find out what it would refuse; it refuses nothing.
        findings: What it would have refused, in any order.
    """

    def __init__(self, labels: Mapping[str, Iterable[str]]) -> None:
        self._given = {name: tuple(it) for name, it in labels.items()}
        self.policy = NOTHING_FORBIDDEN
        self.since = 0
        self.judged_from: int | None = None
        self.signers: dict[str, str] = {}
        self.other: Policy | None = None
        self.findings: list[Finding] = []
        self._known: dict[str, Labels] = {}
        self._verdicts: dict[tuple[Any, ...], tuple[str | None, str | None]] = {}
        self._beginnings: dict[Any, Labels] = {}
        # What carries labels: by number of a message, request or effect, timer; by address; ...
        self._messages: dict[int, Labels] = {}
        self._outcomes: dict[int, Labels] = {}
        self._timers: dict[int, Labels] = {}
        self._born: dict[str, Labels] = {}
        self._parked: dict[str, Labels] = {}
        self._memories: dict[str, Labels] = {}
        self._stores: dict[str, Labels] = {}
        self._keys: dict[str, dict[str, Labels]] = {}
        self._effects: dict[str, dict[int, Labels]] = {}
        self._cut: dict[str, Cut] = {}
        self._pending: dict[str, tuple[str, ...]] = {}

    # What is in force.

    def enforce(self, policy: Policy, signers: Mapping[str, str], step: int) -> None:
        """From the next step on this policy is in force."""
        self.policy, self.signers, self.since = policy, dict(signers), step + 1
        self._forget()
        if policy.decides and self.judged_from is None:
            self.judged_from = step + 1

    def try_out(self, other: Policy) -> None:
        """Finds out what another policy would refuse."""
        self.other = other
        self._forget()

    def _forget(self) -> None:
        """What was worked out under another policy."""
        self._known.clear()
        self._verdicts.clear()
        self._beginnings.clear()

    @property
    def decides(self) -> bool:
        """Whether anything may be refused, or found, or ever was."""
        return self.judged_from is not None or self.other is not None

    def refuses(
        self, guest: Any, action: str, target: str, context: Mapping[str, Any]
    ) -> str | None:
        """The rule by which a guest may not do something now, or None.

        Args:
            guest: Who wants to.
            action: See `policy.actions`.
            target: To what.
            context: What else is known of it.
        """
        # The same question has the same answer, and most are asked again and again.
        agent = guest.agent
        runs = agent.program.component.digest
        key = (agent.address, runs, action, target, guest.labels, *context.values())
        try:
            rule, found = self._verdicts[key]
        except KeyError:
            rule, found = self._decide(key, self._asked(guest, action, target, context))
        except TypeError:  # a list is no part of a key
            rule, found = self._judge(self._asked(guest, action, target, context))
        if found is not None and rule is None:
            self._note(guest, action, target, found)
        return rule

    def _asked(self, guest: Any, action: str, target: str, context: Mapping[str, Any]) -> Asked:
        agent = guest.agent
        kind = agent.program.kind.name
        component = agent.program.component.digest.hex()
        own = agent.program.signer
        signer = self.signers.get(kind, "") if own is None else own
        return Asked(agent.address, kind, component, signer, action, target, guest.labels, context)

    def _decide(self, key: tuple[Any, ...], asked: Asked) -> tuple[str | None, str | None]:
        if len(self._verdicts) >= MOST_KEPT:
            self._verdicts.clear()
        verdict = self._verdicts[key] = self._judge(asked)
        return verdict

    def _judge(self, asked: Asked) -> tuple[str | None, str | None]:
        """What the policy in force says, and what the other one would."""
        return _refusal(self.policy, asked), _refusal(self.other, asked)

    def _note(self, guest: Any, action: str, target: str, rule: str) -> None:
        labels = tuple(sorted(guest.labels))
        number, call = guest.message.id, len(guest.calls) - 1
        step, address = guest.world.step, guest.agent.address
        self.findings.append(Finding(step, address, number, call, action, target, rule, labels))

    # What is read while agents run; nothing here changes then.

    def of_source(self, source: str) -> Labels:
        """Labels of what is in a source."""
        known = self._known.get(source)
        if known is None:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            found = {
                name
                for given in (self._given, self.policy.labels, self._others())
                for name, sources in given.items()
                if any(is_of(source, named) for named in sources)
            }
            known = self._known[source] = frozenset(found)
        stained = self._stores.get(source)
        return known if stained is None else known | stained

    def _others(self) -> Mapping[str, tuple[str, ...]]:
        return {} if self.other is None else self.other.labels

    def of_key(self, address: str, key: str) -> Labels:
        """Labels of what an agent keeps under a key, or kept there."""
        return self._keys.get(address, {}).get(key, NO_LABELS)

    def kept(self, address: str) -> Mapping[str, Labels]:
        """The keys of an agent that carry labels."""
        return self._keys.get(address, {})

    def of_keys(self, address: str, prefix: str) -> Labels:
        """Labels of all keys that begin so."""
        rows = self._keys.get(address, {}).items()
        return NO_LABELS.union(*(labels for key, labels in rows if key.startswith(prefix)))

    def of_outcome(self, address: str, number: int) -> Labels:
        """Labels of what became of a request or an effect of an agent."""
        effect = self._effects.get(address, {}).get(number)
        return self._outcomes.get(number, NO_LABELS) if effect is None else effect

    def entering(self, agent: Any, message: int) -> Labels:
        """Labels of what an agent knows as it begins to handle a message."""
        program = agent.program
        labels = self._beginnings.get(program)
        if labels is None:
            labels = NO_LABELS.union(*map(self.of_source, program.sources))
            self._beginnings[program] = labels = labels | self._own(agent)
        return self._brought(agent, message, labels)

    def _own(self, agent: Any) -> Labels:
        return self.of_source(f"agent:{agent.program.kind.name}")

    def _brought(self, agent: Any, message: int, labels: Labels) -> Labels:
        """The same, and what comes with the agent and the message."""
        address = agent.address
        if self._stores:
            labels |= self._decided(agent.program.kind.name)
        for held, key in ((self._born, address), (self._memories, address),
                          (self._messages, message)):  # fmt: skip
            if key in held:
                labels |= held[key]  # type: ignore[index]
        return labels

    def _decided(self, kind: str) -> Labels:
        """Labels of what agents knew who decided what a kind runs."""
        return self._stores.get(f"swap:{kind}", NO_LABELS)

    def resuming(self, address: str) -> Labels:
        """Labels of what an agent knows as it goes on: what it read may hold more by now."""
        labels = self._parked.get(address, NO_LABELS)
        for source in self._pending.get(address, ()):
            labels |= self.of_source(source)
        return labels

    def resume(self, guest: Any) -> None:
        """A guest goes on: it knows what its agent knew, and from where; in its own thread."""
        address = guest.agent.address
        guest.labels = self.resuming(address)
        guest.sources = dict.fromkeys(self._pending.get(address, ()))

    # What changes when a step is committed.

    def sent(self, message: int, labels: Labels) -> None:
        """A message went out of what somebody knew."""
        if labels:
            self._messages[message] = labels

    def fired(self, timer: int, message: int) -> None:
        """A timer became a message."""
        self.sent(message, self._timers.pop(timer, NO_LABELS))

    def tells(self, address: str, effect: int, source: str) -> None:
        """What became of an effect of an agent tells what is in a source, too."""
        labels = self.of_source(source)
        if labels:
            effects = self._effects.setdefault(address, {})
            effects[effect] = effects.get(effect, NO_LABELS) | labels

    def born(self, address: str, labels: Labels) -> None:
        """An agent was raised by somebody who knew that; its configuration says so."""
        if labels:
            self._born[address] = labels

    def keep(self, guest: Any, part: Any) -> None:
        """What an agent alone has carries what it knows; in the thread that ran the part."""
        agent = guest.agent
        address, segment = agent.address, part.segment
        cut = Cut(*guest.held()) if part.status == CUT else None
        if segment is not None:
            for (what, key), labels in segment.marks.items():
                if what == "state":
                    self._write(address, key, labels)
                elif what == "effect" and key in segment.effects:
                    self._effects.setdefault(address, {})[key] = labels
        if self._cut:
            self._cut.pop(address, None)
        if part.status in _GOES_ON:
            self._put(self._parked, address, part.labels)
            self._pending[address] = tuple(guest.sources)
            if cut is not None:
                self._cut[address] = cut
            return
        self._ended(agent, part.labels)

    def lost(self, agent: Any, part: Any) -> None:
        """The process died that ran a part; who hears of that hears of what was known in it.

        What instances read as they begin is not among that: whoever takes the crash from the run
        has begun none.
        """
        if part.number:
            part.labels = self.resuming(agent.address)
        else:
            part.labels = self._brought(agent, part.message.id, self._own(agent))
        self._cut.pop(agent.address, None)
        self._ended(agent, part.labels)

    def _ended(self, agent: Any, labels: Labels) -> None:
        """An activation has: what its agent remembers of it, if it has a memory."""
        address = agent.address
        for held in (self._parked, self._pending, self._effects):
            if held:
                held.pop(address, None)
        resident = agent.resident is not None
        if resident and labels:
            self._memories[address] = self._memories.get(address, NO_LABELS) | labels
        elif not resident and self._memories:
            self._memories.pop(address, None)

    def take_up(self, guest: Any) -> None:
        """A guest that was cut is made again: its segment is marked as it was."""
        cut = self._cut.get(guest.agent.address)
        if cut is not None:
            guest.hold(cut)

    def sign(self, kind: str, signer: str | None) -> str:
        """A kind runs something else from here on; answers who signed what it ran."""
        before = self.signers.pop(kind, "")
        if signer:
            self.signers[kind] = signer
        self._forget()
        return before

    def migrated(self, agent: Any, keys: Iterable[str], program: Any) -> None:
        """What an agent keeps was written anew, from all that it kept and all that was read."""
        kind, address = program.kind, agent.address
        known = [*self.kept(address).values(), self.of_source(f"agent:{kind.name}")]
        known += [self.of_source(f"mount:{name}") for name in kind.mounts]
        known.append(self._decided(kind.name))
        labels = NO_LABELS.union(*known)
        for key in keys:
            self._write(address, key, labels)

    def mark_keys(self, address: str, labels: Mapping[str, Labels]) -> None:
        """An agent keeps what it kept before, with the labels that it had."""
        self._put_keys(address, dict(labels))

    def forgets(self, address: str) -> None:
        """An agent has lost its memory, and begins anew."""
        self._memories.pop(address, None)

    def settle(self, world: Any, part: Any) -> None:
        """A part of an activation is committed, or was dropped: what others will see of it.

        Args:
            world: The world, before anything else of the part is done to it.
            part: An `orchestrator.part.Part`.
        """
        segment, message = part.segment, part.message
        if segment is not None:
            for (what, key), labels in segment.marks.items():
                if what == "reply" and key in world.requests:
                    self._put(self._outcomes, key, labels)
                elif what == "timer" and key in segment.timers:
                    self._put(self._timers, key, labels)
                elif what == "store":
                    self._put(self._stores, key, self._stores.get(key, NO_LABELS) | labels)
            for number in segment.taken:
                self._outcomes.pop(number, None)
            for number in segment.cancelled_timers:
                self._timers.pop(number, None)
        if part.status in _GOES_ON or part.status == RETRY:
            return
        self._messages.pop(message.id, None)
        if part.status == FAILED and message.request in world.requests:
            self._put(self._outcomes, message.request, part.labels)  # a code is a guest's own word

    def _write(self, address: str, key: str, labels: Labels) -> None:
        keys = self._keys.setdefault(address, {})
        self._put(keys, key, labels)
        self._put_keys(address, keys)

    def _put_keys(self, address: str, keys: dict[str, Labels]) -> None:
        if keys:
            self._keys[address] = keys
        else:
            self._keys.pop(address, None)

    def gone(self, agent: Any) -> None:
        """An agent has ended, and what it had is gone."""
        address = agent.address
        for held in (self._parked, self._pending, self._cut, self._effects, self._memories,
                     self._keys, self._born):  # fmt: skip
            held.pop(address, None)
        waiting = [message.id for message in agent.inbox]
        if agent.activation is not None:
            waiting.append(agent.activation.message.id)
        for number in waiting:
            self._messages.pop(number, None)
        for number in agent.requests:
            self._outcomes.pop(number, None)
        for number in agent.timers:
            self._timers.pop(number, None)

    @staticmethod
    def _put(held: dict[Any, Labels], key: Any, labels: Labels) -> None:
        if labels:
            held[key] = labels
        else:
            held.pop(key, None)

    # For people, and checkpoints.

    def known(self, address: str) -> Labels:
        """Labels of anything that an agent has: in its state, its memory, its message."""
        keys = self._keys.get(address, {}).values()
        held = (self._born, self._parked, self._memories)
        decided = self._decided(address.partition("/")[0])
        return decided.union(*keys, *(it.get(address, NO_LABELS) for it in held))

    def freeze(self) -> list[Any]:
        """All of it as plain canonical values."""
        tables = [_plain(getattr(self, f"_{name}")) for name in (*_NUMBERED, *_NAMED)]
        keys = [[address, _plain(rows)] for address, rows in sorted(self._keys.items())]
        effects = [[address, _plain(rows)] for address, rows in sorted(self._effects.items())]
        pending = [[address, list(rows)] for address, rows in sorted(self._pending.items())]
        force = [self.policy.plain(), self.judged_from, sorted(map(list, self.signers.items()))]
        cuts = [[address, cut.plain()] for address, cut in sorted(self._cut.items())]
        return [force, tables, keys, effects, pending, cuts]

    def thaw(self, frozen: Any) -> None:
        """Becomes what was frozen.

        Raises:
            ValueError, TypeError, LookupError, BadRunFile: Nobody froze that.
        """
        (policy, judged_from, signers), tables, keys, effects, pending, cuts = frozen
        self.policy = Policy.from_plain(policy)
        self.judged_from = None if judged_from is None else int(judged_from)
        self.signers = {str(kind): str(signer) for kind, signer in signers}
        self._forget()
        for name, rows in zip((*_NUMBERED, *_NAMED), tables, strict=True):
            setattr(self, f"_{name}", _restored(rows, int if name in _NUMBERED else str))
        self._keys = {str(address): _restored(rows, str) for address, rows in keys}
        self._effects = {str(address): _restored(rows, int) for address, rows in effects}
        self._cut = {str(address): Cut.from_plain(cut) for address, cut in cuts}
        self._pending = {str(address): tuple(map(str, rows)) for address, rows in pending}


def _refusal(policy: Policy | None, asked: Asked) -> str | None:
    if policy is None or not policy.decides:
        return None
    rule: str | None = (
        ASIDE.run(policy.refuses, asked) if policy.is_native else policy.refuses(asked)
    )
    return rule


def _plain(held: Mapping[Any, Labels]) -> list[Any]:
    return [[key, sorted(labels)] for key, labels in sorted(held.items())]


def _restored(rows: Any, kind: type) -> dict[Any, Labels]:
    return {kind(key): frozenset(map(str, labels)) for key, labels in rows}
