"""Swaps: between two steps a kind of agent begins to run another component; it may come back.

Agents at rest go over at once. One in the middle of a message ends that on the component that it
began with, and goes over at the end of the step in which it does. A component that was swapped in
is on trial at first: if a message fails with it, the one before comes back, and handles that.
Everything here follows from the history; the journal holds the swap, and rows of what followed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct

from wasm_engine.agents import migration
from wasm_engine.agents.program import MadeOf, Program
from wasm_engine.concepts import canonical, faults
from wasm_engine.concepts.errors import GuestFailure
from wasm_engine.concepts.segment import Labels, Segment, Value
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.part import DONE, FAILED, RETRY
from wasm_engine.orchestrator.record import Ran
from wasm_engine.orchestrator.turns import TurnRow
from wasm_engine.orchestrator.world_state import WorldState

BACK: Final = "swap-back"
"""The operation of a row: the component that was swapped in failed, and the one before is back."""
KEPT: Final = "swap-kept"
"""Of one that has stood its trial."""
MIGRATED: Final = "swap-state"
"""Of an agent that goes over later, and whose state was migrated then, or could not be."""
ROWS: Final = frozenset({BACK, KEPT, MIGRATED})
_ENDED = frozenset({FAILED, RETRY})
_DONE = ["ok", ""]


class CannotMigrate(Exception):
    """A component fails at the state of an agent, or refuses it; says why."""

    def __init__(self, agent: str, failure: GuestFailure) -> None:
        super().__init__(f"{agent}: {failure}")
        self.agent = agent
        self.code = failure.code


class Swapped(NamedTuple):
    """What a swap did.

    Attributes:
        digest: Of what agents keep now whose state was migrated; None where none was.
        over: How many agents run the new component from the next step on.
        later: How many will, as soon as they have ended a message.
        migrated: Of how many the state was migrated.
    """

    digest: bytes | None
    over: int
    later: int
    migrated: int


class Before(NamedTuple):
    """What an agent kept before a component on trial migrated it."""

    state: dict[str, Value]
    size: int
    digest: bytes | None
    labels: Mapping[str, Labels]


class Trial(Struct, eq=False):
    """A swap that can still be taken back.

    Attributes:
        old: What comes back then.
        place: Its place in the line of its kind.
        new: What is on trial.
        left: Activations that have to end well yet.
        migrates: Whether `new` may have changed what agents keep. Then what it writes on top of
            that cannot be taken back, nor what it is in the middle of; so that ends the trial.
        before: What those agents kept that it changed, by their index.
    """

    old: Program
    place: int
    new: Program
    left: int
    migrates: bool
    before: dict[int, Before]


class Swaps:
    """The swaps of a world.

    Args:
        world: The world.
        programs: What each kind runs; changed by this.

    Attributes:
        choices: Of kinds with alternatives what agents may let them run, by name.
        pinned: Kinds that run the same from beginning to end: there are no trials of them.
    """

    def __init__(self, world: WorldState, programs: MutableMapping[str, Program]) -> None:
        self._world = world
        self._programs = programs
        self.choices: Mapping[str, Mapping[str, Program]] = {}
        self.pinned: Collection[str] = ()
        # Of each kind what it ran, numbered; the last one is what it runs now.
        self._lines: dict[str, list[tuple[int, Program]]] = {}
        self._trials: dict[str, Trial] = {}
        # By index, agents that are to go over yet: as of which place in the line their state is.
        self._behind: dict[int, int] = {}
        self._stay: set[int] = set()
        self._placed: dict[str, Program] = {}

    @property
    def is_active(self) -> bool:
        """Whether there was a swap."""
        return bool(self._lines)

    def running(self, kind: str) -> Program:
        """What a kind runs."""
        return self._programs[kind]

    def is_on_trial(self, kind: str) -> bool:
        """Whether what it ran before may come back."""
        return kind in self._trials

    def is_due(self, agent: Agent) -> bool:
        """Whether an agent is to go over as soon as it is in the middle of no message."""
        return agent.index in self._behind and agent.index not in self._stay

    def in_use(self) -> set[Program]:
        """The programs that are needed yet."""
        found = {agent.program for agent in self._world.agents.values()}
        found.update(self._programs.values())
        return found.union(program for line in self._lines.values() for _, program in line)

    def forget(self, kind: str) -> None:
        """What a kind runs was put there by other means, for all of its agents."""
        self._trials.pop(kind, None)
        self._lines.pop(kind, None)
        self._programs[kind].on_trial = False
        for agent in self.agents_of(kind):
            self._behind.pop(agent.index, None)
            self._stay.discard(agent.index)

    def swap(self, kind: str, new: Program, keep_old: int) -> Swapped:
        """From the next step on a kind runs another program.

        Args:
            kind: The kind.
            new: What it is to run.
            keep_old: Activations that have to end well before the old one is given up; 0: it is
                given up at once.

        Raises:
            CannotMigrate: It cannot take an agent's state; nothing was changed.
        """
        trial = self._trials.get(kind)
        if trial is not None and new is trial.old:
            self._take_back(kind, trial)
            later = sum(agent.index in self._behind for agent in self.agents_of(kind))
            return Swapped(None, len(self.agents_of(kind)) - later, later, 0)
        old = self._programs[kind]
        line = self._lines.get(kind) or [(0, old)]
        place = line[-1][0]
        line = [*line, (place + 1, new)]
        agents = self.agents_of(kind)
        moves = [(a, self._migrated(a, line, place)) for a in agents if a.activation is None]
        before: dict[int, Before] = {}
        for agent in agents:
            if agent.activation is not None:
                self._behind.setdefault(agent.index, place)
        for agent, segment in moves:
            self._go_over(agent, new, segment, before)
        self._programs[kind] = new
        self._hand_over(kind, old, new)
        self._trials.pop(kind, None)
        new.on_trial = keep_old > 0
        if keep_old:
            migrates = new.migrates
            if trial is not None:  # what comes back is what has stood its trial
                old, place = trial.old, trial.place
                migrates, before = migrates or trial.migrates, before | trial.before
            self._trials[kind] = Trial(old, place, new, keep_old, migrates, before)
        self._lines[kind] = self._needed(kind, line)
        told = [[agent.address, agent.digest] for agent, segment in moves if segment is not None]
        digest = canonical.sha256(canonical.encode(told)) if told else None
        return Swapped(digest, len(moves), len(agents) - len(moves), len(told))

    def settle(self, ran: Sequence[Ran], agents: Sequence[Agent]) -> list[TurnRow]:
        """What follows of a step: trials end, and who has ended its message goes over.

        Args:
            ran: What the step was, as it was committed.
            agents: Who ran in it, in the canonical order.
        """
        rows: list[TurnRow] = []
        for kind, trial in sorted(self._trials.items()):
            self._judge(kind, trial, ran, rows)
        for agent in agents:
            lives = self._world.agents.get(agent.address) is agent
            if lives and agent.activation is None and self.is_due(agent):
                self._follow(agent, rows)
        return rows

    def _judge(self, kind: str, trial: Trial, ran: Sequence[Ran], rows: list[TurnRow]) -> None:
        """Whether a trial is over, and how.

        A whole step counts: its agents ran beside each other. Where something of it could not be
        taken back, the new one stays, whatever else failed.
        """
        own = [each for each in ran if each.agent.program is trial.new]
        failed = [e for e in own if e.part.status in _ENDED and e.part.code != faults.BUDGET]
        well = [each for each in own if each.part.status not in _ENDED]
        bound = [
            e for e in well if e.part.status != DONE or (e.part.segment and e.part.segment.writes)
        ]
        told = [kind, trial.new.origin, trial.old.origin]
        if failed and not (trial.migrates and bound):
            part, agent = failed[0].part, failed[0].agent.address
            rows.append((agent, BACK, [*told, part.message.id, part.code], _DONE))
            self._take_back(kind, trial)
            return
        trial.left -= sum(each.part.status == DONE for each in well)
        if trial.left <= 0 or (trial.migrates and bound):
            rows.append((well[0].agent.address, KEPT, told, _DONE))
            trial.new.on_trial = False
            del self._trials[kind]

    def _take_back(self, kind: str, trial: Trial) -> None:
        """The old one is back; of agents that it finds at rest nothing is left of the new one."""
        line, new = self._lines[kind], self._programs[kind]
        while line[-1][0] != trial.place:
            line.pop()
        self._programs[kind] = trial.old
        del self._trials[kind]
        for agent in self.agents_of(kind):
            if agent.activation is not None:  # what it keeps is what the old one knows, or older
                place = min(self._behind.pop(agent.index, trial.place), trial.place)
                if place < trial.place or agent.program is not trial.old:
                    self._behind[agent.index] = place
            elif agent.index not in self._behind:
                self._restore(agent, trial)
                self._begin_anew(agent, trial.old)
        self._hand_over(kind, new, trial.old)

    def _restore(self, agent: Agent, trial: Trial) -> None:
        before = trial.before.get(agent.index)
        if before is None:
            return
        agent.state, agent.state_bytes, agent.digest = before[:3]
        if self._world.guard is not None:
            self._world.guard.mark_keys(agent.address, before.labels)

    def _follow(self, agent: Agent, rows: list[TurnRow]) -> None:
        """An agent has ended what it was in the middle of as its kind was swapped."""
        kind = agent.program.kind.name
        origin, now, trial = agent.program.origin, self._programs[kind], self._trials.get(kind)
        told = [kind, now.origin, origin]
        try:
            segment = self._migrated(agent, self._lines[kind], self._behind[agent.index])
        except CannotMigrate as failure:
            rows.append((agent.address, MIGRATED, told, ["err", failure.code]))
            if trial is None:
                self._stay.add(agent.index)
                return
            back = [kind, now.origin, trial.old.origin, 0, failure.code]
            rows.append((agent.address, BACK, back, _DONE))
            self._take_back(kind, trial)
            if self.is_due(agent):
                self._follow(agent, rows)
            return
        self._go_over(agent, now, segment, {} if trial is None else trial.before)
        if segment is not None:
            rows.append((agent.address, MIGRATED, told, ["ok", (agent.digest or b"").hex()]))

    def _migrated(
        self, agent: Agent, line: Sequence[tuple[int, Program]], place: int
    ) -> Segment | None:
        """What an agent is to write as it goes over to the last one of a line; None: nothing.

        Args:
            agent: The agent.
            line: What its kind ran.
            place: Where in it the agent stands that is not behind.

        Raises:
            CannotMigrate: One of the line cannot take what it keeps.
        """
        place = self._behind.get(agent.index, place)
        ahead = [program for number, program in line if number > place]
        if agent.index in self._stay:  # one of them could not take it: it is the last one's to try
            ahead = ahead[-1:]
        if not agent.state or not any(program.migrates for program in ahead):
            return None
        entries, origin = sorted(agent.state.items()), agent.program.origin
        try:
            for program in ahead:
                found = program.migrate(origin, entries) if program.migrates else None
                entries, origin = entries if found is None else found, program.origin
        except GuestFailure as failure:
            raise CannotMigrate(agent.address, failure) from failure
        segment = migration.difference(agent.state, entries)
        return segment if segment.writes else None

    def _go_over(
        self, agent: Agent, new: Program, segment: Segment | None, before: dict[int, Before]
    ) -> None:
        guard, address = self._world.guard, agent.address
        if segment is not None:
            labels = {} if guard is None else dict(guard.kept(address))
            kept = Before(dict(agent.state), agent.state_bytes, agent.digest, labels)
            before.setdefault(agent.index, kept)
            agent.write(segment)
            if guard is not None:
                guard.migrated(agent, segment.writes, new)
        self._begin_anew(agent, new)

    def _begin_anew(self, agent: Agent, program: Program) -> None:
        """Memory is of one component, and no other can go on with it."""
        self._behind.pop(agent.index, None)
        self._stay.discard(agent.index)
        agent.program = program
        if agent.resident is not None:
            agent.resident.close()
            if self._world.guard is not None:
                self._world.guard.forgets(agent.address)
        agent.resident = agent.past = None

    def _hand_over(self, kind: str, old: Program, new: Program) -> None:
        """Who signed what a kind runs; what agents still run beside it keeps its own signer."""
        guard = self._world.guard
        if guard is None:
            old.signer, new.signer = "", None
        else:
            old.signer = guard.sign(kind, new.signer)
            new.signer = None

    def agents_of(self, kind: str) -> list[Agent]:
        """The agents of a kind, by their addresses."""
        agents = self._world.agents
        own = [address for address, it in agents.items() if it.program.kind.name == kind]
        return [agents[address] for address in sorted(own)]

    def _needed(self, kind: str, line: Sequence[tuple[int, Program]]) -> list[tuple[int, Program]]:
        """The line without what no agent is behind, and what cannot come back."""
        alive = {agent.index for agent in self._world.agents.values()}
        self._behind = {index: it for index, it in self._behind.items() if index in alive}
        own = [self._behind.get(agent.index, line[-1][0]) for agent in self.agents_of(kind)]
        trial = self._trials.get(kind)
        first = min([line[-1][0] if trial is None else trial.place, *own])
        return [row for row in line if row[0] >= first]

    # For checkpoints.

    def freeze(self) -> list[Any]:
        """All of it as plain canonical values."""
        others = [
            (address, agent.program)
            for address, agent in sorted(self._world.agents.items())
            if agent.program is not self._programs[agent.program.kind.name]
        ]
        beside = dict.fromkeys(program for _, program in others)
        for line in self._lines.values():
            beside.update((program, None) for _, program in line[:-1])
        lines = [
            [kind, [[place, _row(program)] for place, program in line]]
            for kind, line in sorted(self._lines.items())
        ]
        return [
            lines,
            [[kind, *_told(trial)] for kind, trial in sorted(self._trials.items())],
            sorted(map(list, self._behind.items())),
            sorted(self._stay),
            [[address, _row(program)] for address, program in others],
            [[_row(program), program.signer, program.on_trial] for program in beside],
        ]

    def clear(self) -> None:
        """As if there had never been one."""
        for trial in self._trials.values():
            trial.new.on_trial = False
        self._lines.clear()
        self._trials.clear()
        self._behind.clear()
        self._stay.clear()
        self._placed.clear()

    def thaw(self, frozen: Any, program: Callable[[MadeOf], Program]) -> None:
        """Becomes what was frozen.

        Args:
            frozen: What `freeze` gave; None: nothing.
            program: The program that is made of something.

        Raises:
            ValueError, TypeError, LookupError: Nobody froze that.
        """
        self.clear()
        if frozen is None:
            return
        lines, trials, behind, stay, others, beside = frozen

        def of(row: Any) -> Program:
            kind, name, component, own = row
            return program((str(kind), str(name), bytes(component), own and bytes(own)))

        for kind, rows in lines:
            line = self._lines[str(kind)] = [(int(place), of(row)) for place, row in rows]
            places = [place for place, _ in line]
            if line[-1][1] is not self._programs[kind] or places != sorted(set(places)):
                message = f"swaps of {kind} that cannot have been"
                raise ValueError(message)
        for row, signer, on_trial in beside:
            made = of(row)
            made.signer, made.on_trial = signer, bool(on_trial)
        for kind, place, left, migrates, rows in trials:
            kept = {int(index): _before(row) for index, row in rows}
            old, new = dict(self._lines[kind])[place], self._programs[kind]
            self._trials[kind] = Trial(old, place, new, int(left), bool(migrates), kept)
            new.on_trial = True
        self._behind = {int(index): int(place) for index, place in behind}
        self._stay = {int(index) for index in stay}
        self._placed = {str(address): of(row) for address, row in others}

    def program_of(self, address: str, kind: str) -> Program:
        """What an agent runs that is put where it was."""
        found = self._placed.get(address) or self._programs[kind]
        if found.kind.name != kind:
            message = f"{address} is no {found.kind.name}"
            raise ValueError(message)
        return found


def _row(program: Program) -> list[Any]:
    return list(program.made_of)


def _told(trial: Trial) -> list[Any]:
    before = [
        [index, [list(it.state.items()), it.size, it.digest, _labels(it.labels)]]
        for index, it in sorted(trial.before.items())
    ]
    return [trial.place, trial.left, trial.migrates, before]


def _labels(labels: Mapping[str, Labels]) -> list[Any]:
    return [[key, sorted(names)] for key, names in sorted(labels.items())]


def _before(row: Any) -> Before:
    items, size, digest, labels = row
    state: dict[str, Value] = {}
    for key, value in items:
        if not isinstance(key, str) or not isinstance(value, str | bytes):
            message = "a state that is none"
            raise TypeError(message)
        state[key] = value
    known = {str(key): frozenset(map(str, names)) for key, names in labels}
    return Before(state, int(size), None if digest is None else bytes(digest), known)
