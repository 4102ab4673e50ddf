"""The scheduler: which agents run in a step, and what follows when the step is committed."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, NamedTuple

from wasm_engine.concepts import faults
from wasm_engine.concepts.errors import WorkerLost
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Message, queued_size
from wasm_engine.concepts.names import OPERATOR
from wasm_engine.concepts.segment import Outgoing, Segment, Turn, Wait
from wasm_engine.host import memory
from wasm_engine.host.workers import Workers
from wasm_engine.orchestrator.activation import Activation
from wasm_engine.orchestrator.agent import Agent, Underway
from wasm_engine.orchestrator.budgets import Budgets
from wasm_engine.orchestrator.deadlock import break_deadlocks
from wasm_engine.orchestrator.given import Given, GivenPart
from wasm_engine.orchestrator.part import CUT, FAILED, PARKED, RETRY, Part
from wasm_engine.orchestrator.purse import REFUSE
from wasm_engine.orchestrator.record import Ran, Recorder, Sent, encode_step
from wasm_engine.orchestrator.swap_calls import LAST, SwapCalls
from wasm_engine.orchestrator.swapping import Swaps
from wasm_engine.orchestrator.turns import Dead, TurnRow, Turns
from wasm_engine.orchestrator.world_state import Issue, Request, WorldState

STEP_NS = 1_000_000
"""World time that a step takes, nanoseconds."""
_DENIALS = (["err", faults.NOT_GRANTED], ["err", faults.BUDGET])
_STOPPED_RUNNING = frozenset({PARKED, CUT})
DEFAULT_LIVE = 4_096
"""Suspended guests that are kept alive; older ones are evicted and rebuilt when they are due."""


class Totals(NamedTuple):
    """What a run amounts to so far."""

    messages: int
    dead_letters: int
    expected: int
    fuel: int
    denials: int


class Crash(NamedTuple):
    """A part that failed because the processes died that ran it."""

    agent: str
    message: int
    attempt: int
    how: str


class Scheduler:
    """Runs a world step by step.

    Args:
        world: Its state; agents are in it already.
        programs: What each kind runs, for agents that are spawned.
        step_fuel: Fuel that an agent may spend in one step.
        recorder: Where step records go.
        workers: Threads that run the agents of a step.
        max_live: Suspended guests that are kept alive.

    Attributes:
        swaps: What kinds run that they did not run at first.
        issued: Effects of the last step, in canonical order: to go out once they are durable.
        cancelled: Numbers of effects that the last step cancelled.
        crashes: Parts of the next step of which the journal says that their processes died: agent,
            message, attempt. They are not run.
        crashed: Those of the last step that died in it, and how.
        may_crash: Whether a part may fail because its processes died; else the step does.
    """

    def __init__(
        self,
        world: WorldState,
        programs: MutableMapping[str, Any],
        *,
        step_fuel: int,
        recorder: Recorder,
        workers: Workers,
        max_live: int = DEFAULT_LIVE,
    ) -> None:
        self.world = world
        self.recorder = recorder
        self._programs = programs
        self.swaps = Swaps(world, programs)
        self._step_fuel = step_fuel
        most = max((program.kind.memory for program in programs.values()), default=0)
        self._promised = workers.count * (most + memory.HOST_ROOM)
        self._workers = workers
        self._max_live = max_live
        self._parked: dict[Underway, None] = {}
        self.issued: list[Issue] = []
        self.cancelled: list[int] = []
        self.crashes: set[tuple[str, int, int]] = set()
        self.crashed: list[Crash] = []
        self.may_crash = True
        self._messages = self._dead = self._expected = self._fuel = self._denials = 0
        self.observe: Callable[[list[Ran]], None] | None = None
        self.given: Given | None = None

    @property
    def totals(self) -> Totals:
        """Counts so far."""
        return Totals(self._messages, self._dead, self._expected, self._fuel, self._denials)

    def count_from(self, totals: Totals) -> None:
        """Goes on counting where somebody else stopped."""
        self._messages, self._dead, self._expected, self._fuel, self._denials = totals
        self._parked.clear()

    def receive(self, to: str, topic: str, body: Any, headers: Any) -> str | None:
        """A message from outside arrives before the next step; None, or why it can't."""
        agent = self.world.agents.get(to)
        if agent is None:
            return self.world.missing(to)
        message = Message(self.world.next_message(), OPERATOR, topic, body, headers, None)
        self.world.deliver(agent, message)
        return None

    def next_time(self) -> int | None:
        """World time of the next step, or None where nothing is left to happen."""
        world = self.world
        soonest = max(world.time + STEP_NS, world.reading)
        if world.ready:
            return soonest
        deadline = world.next_deadline()
        return None if deadline is None else max(soonest, deadline)

    def step(self, time: int) -> None:
        """Runs and commits one step.

        Args:
            time: World time in it (ns), not before `next_time` allows unless the clock is real.

        Raises:
            HostFault: The machine failed; nothing of the step counts.
        """
        world = self.world
        self.issued, self.cancelled = [], []
        world.step += 1
        world.time = time
        if world.held:
            world.release()
        timers = self._fire() if world.deadlines else []
        agents = self._in_order()
        results = self._run_all(agents) if agents else []
        ran: list[Ran] = []
        dead: list[Dead] = []
        for agent, parts in zip(agents, results, strict=True):
            ran += [Ran(agent, part, self._commit(agent, part, dead)) for part in parts]
        self.crashed = [
            Crash(each.agent.address, each.part.message.id, each.part.attempt, each.part.crash)
            for each in ran
            if each.part.crash
        ]
        spent_up: list[Agent] = []
        if world.budgets is not None:
            agents, spent_up = self._settle_budgets(world.budgets, agents, results)
        underway = [agent for agent in agents if agent.activation is not None]
        turns = self._turns(underway, dead, spent_up) if underway or spent_up else []
        if self.swaps.is_active:
            turns = [*turns, *self.swaps.settle(ran, agents)]
        if self.swaps.choices:
            turns = [*turns, *SwapCalls(world, self.swaps).execute(underway)]
        self._after(agents)
        if world.budgets is not None:
            world.hold_back()
        if self.issued and self.cancelled:  # one that was cancelled in the same step never goes out
            fresh = {issue.effect.number for issue in self.issued}
            self.cancelled = [number for number in self.cancelled if number not in fresh]
            self.issued = [i for i in self.issued if i.effect.number in world.effects]
        ended, world.ended = world.ended, []
        record = encode_step(world.step, time, ran, turns, ended, dead, timers)
        self._count(ran, dead, turns)
        self.recorder.step(world.step, record)
        if self.observe is not None:
            self.observe(ran)

    def _fire(self) -> list[tuple[int, str, int]]:
        """What is due: timers become messages, sleepers can run, requests time out."""
        world, fired = self.world, []
        for number, owner in world.due():
            if number in world.requests:
                world.fault(number, faults.TIMEOUT)
                fired.append((number, owner, 0))
                continue
            if number in world.effects:
                world.arrive(number, faults.refusal(faults.TIMEOUT, "nobody answered in time"))
                self.cancelled.append(number)
                fired.append((number, owner, 0))
                continue
            agent = world.agents[owner]
            timer = agent.timers.pop(number, None)
            if timer is None:
                world.wake(agent)
                fired.append((number, owner, 0))
                continue
            world.free(queued_size(timer.body, []))
            message = Message(world.next_message(), owner, timer.topic, timer.body, [], None)
            world.deliver(agent, message)
            if world.guard is not None:
                world.guard.fired(number, message.id)
            fired.append((number, owner, message.id))
        return fired

    def _in_order(self) -> list[Agent]:
        """The agents that run, in the step's canonical order."""
        ready, self.world.ready = self.world.ready, {}
        if len(ready) == 1:
            return list(ready.values())
        agents = [ready[address] for address in sorted(ready)]
        turn = self.world.step % len(agents) if agents else 0
        return agents[turn:] + agents[:turn]

    def _run_all(self, agents: list[Agent]) -> list[list[Part]]:
        """The steps of all agents that run, in their order."""
        budgets = self.world.budgets
        if budgets is None:
            return self._workers.map(self._run_agent, agents)
        groups = budgets.begin(agents, self.world.time)
        found = self._workers.map(self._run_group, groups)
        each = {
            agent.address: parts
            for group, results in zip(groups, found, strict=True)
            for agent, parts in zip(group, results, strict=True)
        }
        return [each[agent.address] for agent in agents]

    def _run_group(self, group: list[Agent]) -> list[list[Part]]:
        """The steps of agents of which each sees what those before it spent."""
        results = []
        for agent in group:
            results.append(self._run_agent(agent))
            self.world.budgets.passed_on(agent)  # type: ignore[union-attr]
        return results

    def _run_agent(self, agent: Agent) -> list[Part]:
        """One agent's step: its suspended activation, then its inbox. Runs on any thread."""
        parts: list[Part] = []
        spent = taken = 0
        activation = agent.activation
        batch, inbox = agent.program.kind.batch, agent.inbox
        given = None if self.given is None else self.given.of(agent.address)
        purse = agent.purse
        swaps = self.swaps if self.swaps.is_active else None
        while True:
            all_done = given is not None and len(parts) == len(given)
            if activation is None:
                full = taken >= batch or spent >= self._step_fuel
                if taken == len(inbox) or (full and (given is None or all_done)):
                    break
                if swaps is not None and swaps.is_due(agent):
                    break
            if (purse is not None and not purse.lets_run()) or all_done:
                break
            if activation is None:
                activation = Activation(agent, inbox[taken], agent.retry)
                taken += 1
                agent.retry = 0
            if memory.is_bounded():
                memory.require(self._promised)
            taken_as = None if given is None else given[len(parts)]
            part = self._part(activation, self._step_fuel - spent, taken_as)
            # Both about nanoseconds of this step; and so is what its instance took to begin.
            spent += max(part.fuel, part.work) + activation.beginning
            if purse is not None:
                purse.ran(part.fuel + activation.beginning, part.work)
            activation.beginning = 0
            parts.append(part)
            if part.status in _STOPPED_RUNNING:
                agent.activation = activation
                break
            agent.activation = activation = None
            if part.status == RETRY:
                inbox.insert(taken, part.message)
                agent.retry = part.attempt + (not part.postponed)
                break
        del inbox[:taken]
        return parts

    def _part(self, activation: Underway, room: int, given: GivenPart | None) -> Part:
        """One part of an activation."""
        part: Part
        purse = activation.agent.purse
        if purse is not None:
            if purse.verdict() == REFUSE:
                part = activation.refuse()
                return part
            room = purse.room(room)
        if self.crashes:
            message = activation.message
            key = (activation.agent.address, message.id, activation.attempt)
            if key in self.crashes:
                self.crashes.discard(key)
                part = activation.crash(self.world, "taken as the run holds it")
                return part
        try:
            if given is None:
                part = activation.advance(self.world, room)
            else:
                part = activation.take(self.world, given)
        except WorkerLost as lost:
            if not self.may_crash:
                raise
            part = activation.crash(self.world, str(lost))
            part.crash = str(lost)
        return part

    def _commit(self, agent: Agent, part: Part, dead: list[Dead]) -> list[Sent]:
        """What the part did to the world; answers its messages as the record holds them."""
        world, message = self.world, part.message
        if part.number == 0 and part.status != RETRY:
            world.settle(agent, message)
        elif part.number and part.status == RETRY:
            world.unsettle(agent, message)
        segment = part.segment
        if world.guard is not None:
            world.guard.settle(world, part)
        sends: list[Sent] = []
        if segment is not None:
            sends = [self._post(agent, out, dead) for out in segment.sends]
            if segment.deferred or segment.replies or segment.cancelled:
                self._settle_requests(agent, segment)
            if segment.timers:
                self._set_timers(agent, segment)
            world.free(segment.freed)
            if segment.effects or segment.abandoned:
                self._settle_effects(agent, part, segment)
        if world.questions:
            self._withdraw_questions(agent, part)
        if part.status == "done":
            self._end_request(agent, message, faults.NO_REPLY)
        elif part.status == FAILED:
            reason = "failed-after-commit" if part.committed else faults.FAILED
            dead.append((message.id, agent.address, reason, part.code))
            if message.request is not None:
                world.fault(message.request, faults.FAILED, part.code)
        return sends

    def _set_timers(self, agent: Agent, segment: Segment) -> None:
        for timer in segment.timers.values():
            self.world.remember(timer.deadline, timer.id, agent.address)
            self.world.hold(timer.body)

    def _post(self, agent: Agent, out: Outgoing, dead: list[Dead]) -> Sent:
        world = self.world
        number, sender = world.next_message(), agent.address
        message = Message(number, sender, out.topic, out.body, out.headers, out.request)
        receiver = world.agents.get(out.to)
        if receiver is not None:
            world.deliver(receiver, message)
        else:  # it was stopped while the sender was cut, and its mail is dead
            dead.append((number, out.to, faults.STOPPED, ""))
        if out.labels and world.guard is not None:
            world.guard.sent(number, out.labels)
        if out.request is not None:
            world.open(Request(out.request, sender, out.to, number, out.deadline))
            if receiver is None:
                world.fault(out.request, faults.STOPPED, out.to)
        return number, out.to, out.topic, out.body, out.headers, out.request

    def _settle_requests(self, agent: Agent, segment: Any) -> None:
        world = self.world
        for number in segment.deferred:
            if number in world.requests:
                agent.holds[number] = None
        for number, body in segment.replies.items():
            if number in world.requests:
                world.close(number, "reply", body)
        for number in segment.cancelled:
            world.fault(number, faults.CANCELLED)

    def _settle_effects(self, agent: Agent, part: Part, segment: Any) -> None:
        world = self.world
        for effect in segment.effects.values():
            issue = Issue(agent.address, part.message.id, part.attempt, world.tenure, effect)
            world.issue(issue)
            self.issued.append(issue)
        for number in segment.abandoned:
            if world.withdraw(number):
                self.cancelled.append(number)

    def _withdraw_questions(self, agent: Agent, part: Part) -> None:
        """An activation has ended: people are not asked what nobody would learn the answer of."""
        world = self.world
        if part.status in _STOPPED_RUNNING:
            return
        for number in [n for n, asker in world.questions.items() if asker == agent.address]:
            world.withdraw(number)
            self.cancelled.append(number)

    def _end_request(self, agent: Agent, message: Message, code: str) -> None:
        """An activation has ended: its request does, unless it was answered or deferred."""
        number = message.request
        if number is not None and number not in agent.holds:
            self.world.fault(number, code)

    def _settle_budgets(
        self, budgets: Budgets, agents: list[Agent], results: list[list[Part]]
    ) -> tuple[list[Agent], list[Agent]]:
        """What was spent is; those who ran, and those whose budgets end them."""
        budgets.settle(agents)
        for agent, parts in zip(agents, results, strict=True):
            if not parts:  # it was not let: it still has what it had to do
                self.world.ready[agent.address] = agent
        ran = [agent for agent, parts in zip(agents, results, strict=True) if parts]
        return ran, [agent for agent in agents if agent.purse is not None and agent.purse.wants]

    def _turns(self, agents: list[Agent], dead: list[Dead], spent_up: list[Agent]) -> list[TurnRow]:
        """Executes the turn calls of the step; answers what was done, for the record."""
        waits = [(agent, agent.activation.suspension) for agent in agents if agent.activation]
        turns_of = [(agent, wait) for agent, wait in waits if isinstance(wait, Turn)]
        calls = [(agent, turn) for agent, turn in turns_of if turn.operation not in LAST]
        if not calls and not spent_up:
            return []
        turns = Turns(self.world, self._programs)
        for agent, call in calls:
            turns.execute(agent, call)
        for agent in spent_up:
            turns.exhaust(agent)
        dead += turns.dead
        self.cancelled += turns.cancelled
        return turns.rows

    def _after(self, agents: list[Agent]) -> None:
        """Who can run next, who waits for what, and who waits in vain."""
        world = self.world
        waiting: list[Agent] = []
        for agent in agents:
            agent.sent.clear()
            agent.sent_bytes = 0
            agent.replied.clear()
            world.reading = max(world.reading, agent.reading)
            activation = agent.activation
            if world.agents.get(agent.address) is not agent:
                continue
            if activation is None or activation.suspension is None:
                if activation is not None or agent.inbox:
                    world.ready[agent.address] = agent
                continue
            suspension = activation.suspension
            self._parked.pop(activation, None)  # anew at the end: it is parked since now
            self._parked[activation] = None
            if isinstance(suspension, Wait):
                if suspension.deadline is not None:
                    world.remember(suspension.deadline, suspension.id, agent.address)
                if suspension.requests:
                    self._wake_or_wait(agent, suspension, waiting)
        if waiting or not world.ready:
            break_deadlocks(world, waiting)
        if len(self._parked) > self._max_live:
            self._evict()

    def _wake_or_wait(self, agent: Agent, wait: Wait, waiting: list[Agent]) -> None:
        """A request may have ended in the very step in which its agent began to wait for it."""
        ended = (agent.requests.get(n) or agent.effects.get(n) for n in wait.requests)
        if any(isinstance(outcome, Err | tuple) for outcome in ended):
            self.world.ready[agent.address] = agent
        else:
            waiting.append(agent)

    def _evict(self) -> None:
        """Drops the guests that have been parked the longest, beyond what may stay alive."""
        self._parked = {a: None for a in self._parked if a.evictable}
        excess = len(self._parked) - self._max_live
        for activation in list(self._parked)[: max(excess, 0)]:
            activation.evict()
            del self._parked[activation]

    def _count(self, ran: list[Ran], dead: list[Dead], turns: list[TurnRow]) -> None:
        self._messages = self.world.last_message
        for each in ran:
            self._fuel += each.part.fuel
            self._denials += each.part.denials
        if turns:
            self._denials += sum(row[3] in _DENIALS for row in turns)
        for _, address, _, _ in dead:
            kind = self._programs[address.partition("/")[0]].kind
            if kind.expect_failure:
                self._expected += 1
            else:
                self._dead += 1
