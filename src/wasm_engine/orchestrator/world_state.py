"""The state of a running world between steps: agents, open requests, deadlines, queued bytes.

Implements `concepts.caller.WorldView`. While agents run nothing here changes, so they may read it
from any number of threads; the scheduler changes it when it commits a step.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import asked_before, is_kept, is_patient, span_of, tokens_in
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Body, Message, queued_size
from wasm_engine.concepts.segment import Effect, Wait
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.budgets import Budgets
from wasm_engine.orchestrator.guard import Guard
from wasm_engine.orchestrator.services import Service

MAX_AGENTS = 100_000
MAX_TIME = (1 << 63) - 1
TIDY_AT = 10_000
"""Remembered deadlines from which on those that mean nothing any more are looked for."""


class Request:
    """A request that is still open."""

    __slots__ = ("asker", "deadline", "message", "number", "receiver")

    def __init__(
        self, number: int, asker: str, receiver: str, message: int, deadline: int | None
    ) -> None:
        self.number = number
        self.asker = asker
        self.receiver = receiver
        self.message = message
        self.deadline = deadline


class Issue(NamedTuple):
    """An effect that is out.

    Attributes:
        agent: Address of whoever wants it.
        message, attempt: What it handles.
        tenure: How often the run had been taken over by then.
        effect: What is wanted.
    """

    agent: str
    message: int
    attempt: int
    tenure: int
    effect: Effect


class WorldState:
    """Everything that the next step depends on, besides inputs.

    Attributes:
        agents: The living, by address.
        created: How many there ever were.
        stopped: Addresses of those that were ended.
        queued: Bytes that wait: messages, timers, replies.
        reading: The latest reading of the clock by any agent (ns).
        requests: Open requests, by number.
        effects: Effects that are out, by number.
        questions: Those of them that a person is to answer, with who asked.
        tenure: How often the run was taken over by another machine.
        ready: Agents that can run in the next step.
        held: Agents that could, if a budget let them: by the world time (ns) at which it does.
        budgets: What is spent of the world's budgets; None where it has none.
        deadlines: Heap of (time, id, owner's address); entries may be out of date.
        remembers: Whether resident agents keep what they can be made again from.
        services: What agents share, by name.
        computing: A `Computing`, which computes what agents wait for within a step; or None.
        guard: Labels and the policy in force; None where there is neither.
        ended: Requests that ended since the last record: (number, how, the reply's body).
    """

    def __init__(
        self,
        name: str,
        seed: int,
        epoch: int,
        *,
        mailbox_bound: int,
        queue_limit: int,
        labels: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        budgets: Budgets | None = None,
    ) -> None:
        self.name = name
        self.seed = seed
        self.step = 0
        self.time = epoch
        self.reading = 0
        self.mailbox_bound = mailbox_bound
        self.agents: dict[str, Agent] = {}
        self.requests: dict[int, Request] = {}
        self.effects: dict[int, Issue] = {}
        self.questions: dict[int, str] = {}
        self.tenure = 0
        self.ready: dict[str, Agent] = {}
        self.held: dict[int, dict[str, Agent]] = {}
        self.budgets = budgets
        self.deadlines: list[tuple[int, int, str]] = []
        self.ended: list[tuple[int, str, Body | None]] = []
        self.last_message = 0
        self.services: dict[str, Service] = {}
        self.computing: Any = None
        self.guard: Guard | None = None
        self._labels = labels
        self._guard_from_the_start()
        self.remembers = False
        self._tidy_at = TIDY_AT
        self._queue_limit = queue_limit
        self.queued = 0
        self.stopped: set[str] = set()
        self._subscribers: dict[str, list[str]] = {}
        self.created = 0

    def _guard_from_the_start(self) -> None:
        self.guard = Guard(self._labels) if self._labels else None

    def guarded(self) -> Guard:
        """What knows labels and the policy in force; from here on there is one."""
        if self.guard is None:
            self.guard = Guard(self._labels)
        return self.guard

    def clear(self) -> None:
        """Forgets all that happened and everybody in it, for another moment to be put in."""
        for full in (self.agents, self.requests, self.effects, self.questions, self.ready):
            full.clear()
        self._subscribers.clear()
        self.held.clear()
        if self.budgets is not None:
            self.budgets.clear()
        self.deadlines.clear()
        self.ended.clear()
        self.stopped.clear()
        self.created = self.queued = 0
        self._guard_from_the_start()

    # What agents may see.

    def missing(self, address: str) -> str | None:
        """None where the agent exists, else the fault code that says why not."""
        if address in self.agents:
            return None
        return faults.STOPPED if address in self.stopped else faults.UNKNOWN_ADDRESS

    def waiting(self, address: str, sender: str) -> int:
        """Messages from the sender that wait in the agent's mailbox."""
        return self.agents[address].queued.get(sender, 0)

    def subscribers(self, topic: str) -> Sequence[str]:
        """Addresses subscribed to a topic, in order."""
        return self._subscribers.get(topic, ())

    def is_open(self, request: int, receiver: str) -> bool:
        """Whether a request that was sent to the receiver still waits for its reply."""
        found = self.requests.get(request)
        return found is not None and found.receiver == receiver

    def asker(self, request: int) -> str:
        """Address of whoever sent a request that is open."""
        return self.requests[request].asker

    def queue_room(self) -> int:
        """Bytes of messages that the world can still take in."""
        return self._queue_limit - self.queued

    # What the scheduler changes, between the agents' runs.

    def add(self, address: str, program: Any, config: str, parent: str | None = None) -> Agent:
        """Raises an agent."""
        agent = Agent(address, self.created, program, config, parent)
        self.created += 1
        self.agents[address] = agent
        self.stopped.discard(address)
        if self.budgets is not None:
            agent.purse = self.budgets.purse(address, program)
        for topic in program.kind.subscribe:
            insort(self._subscribers.setdefault(topic, []), address)
        return agent

    def remove(self, agent: Agent) -> None:
        """Ends an agent; what it left behind is the caller's to settle."""
        del self.agents[agent.address]
        self.ready.pop(agent.address, None)
        if self.budgets is not None:
            self._let_go(agent)
            self.budgets.leave(agent)
        self.stopped.add(agent.address)
        replies = [reply for reply in agent.requests.values() if isinstance(reply, tuple)]
        for body in [*replies, *(timer.body for timer in agent.timers.values())]:
            self.free(queued_size(body, []))
        for topic in agent.program.kind.subscribe:
            self._subscribers[topic].remove(agent.address)

    def next_message(self) -> int:
        """The next message's place in the total order, from 1."""
        self.last_message += 1
        return self.last_message

    def deliver(self, agent: Agent, message: Message) -> None:
        """Puts a message into a mailbox; it is handled from the next step on."""
        agent.accept(message)
        self.queued += queued_size(message.body, message.headers)
        if agent.activation is None:
            self.wake(agent)

    def wake(self, agent: Agent) -> None:
        """It has something to do: it runs in the next step, or when its budgets let it."""
        purse = agent.purse
        if purse is None:
            self.ready[agent.address] = agent
        elif not purse.held:
            until = purse.held = purse.waits_until(self.time)
            where = self.held.setdefault(until, {}) if until else self.ready
            where[agent.address] = agent

    def hold_back(self) -> None:
        """Who has spent what its budgets let it spend in their windows waits for the next ones."""
        for agent in [agent for agent in self.ready.values() if agent.purse is not None]:
            del self.ready[agent.address]
            self.wake(agent)

    def release(self) -> None:
        """New windows have begun: who waited for one can run."""
        for until in sorted(until for until in self.held if until <= self.time):
            for agent in self.held.pop(until).values():
                agent.purse.held = 0
                self.wake(agent)

    def can_run(self, address: str) -> bool:
        """Whether an agent has something to do, now or when its budgets let it."""
        if address in self.ready:
            return True
        return bool(self.held) and any(address in agents for agents in self.held.values())

    def _let_go(self, agent: Agent) -> None:
        purse = agent.purse
        if purse is not None and purse.held:
            waiting = self.held[purse.held]
            del waiting[agent.address]
            if not waiting:
                del self.held[purse.held]

    def settle(self, agent: Agent, message: Message) -> None:
        """A message has left its mailbox for good."""
        self.queued -= agent.settle(message)

    def unsettle(self, agent: Agent, message: Message) -> None:
        """A message that had left its mailbox is first in it again."""
        agent.queued[message.sender] = agent.queued.get(message.sender, 0) + 1
        self.queued += queued_size(message.body, message.headers)

    def hold(self, body: Body) -> None:
        """A timer's body or a reply waits, too, and counts like a message in a mailbox."""
        self.queued += queued_size(body, [])

    def free(self, size: int) -> None:
        """What was held is gone: fired, cancelled or taken."""
        self.queued -= size

    def open(self, request: Request) -> None:
        """A request was sent."""
        self.requests[request.number] = request
        if request.deadline is not None:
            self.remember(request.deadline, request.number, request.asker)

    def close(self, number: int, how: str, outcome: Body | Err) -> None:
        """A request ends; its asker can see it from the next step on."""
        request = self.requests.pop(number)
        receiver = self.agents.get(request.receiver)
        if receiver is not None:
            receiver.holds.pop(number, None)
        asker = self.agents.get(request.asker)
        if asker is not None and asker.requests.get(number, faults.CANCELLATION) is not None:
            # Its asker cancelled it in this very step, and may have taken that: nobody's reply
            # comes before that word, whoever is first in the canonical order.
            self.ended.append((number, faults.CANCELLED, None))
            return
        self.ended.append((number, how, None if isinstance(outcome, Err) else outcome))
        if asker is None:
            return
        asker.requests[number] = outcome
        if not isinstance(outcome, Err):
            self.hold(outcome)
        self._wake(asker, number)

    def issue(self, issue: Issue) -> None:
        """An effect is out, and counts in the queue: who asks and forgets shall not pile up."""
        effect = issue.effect
        self.put_out(issue)
        self.queued += effect.size()
        span = span_of(effect.capability, effect.arguments)
        if span is not None:
            self.remember(min(self.time + span, MAX_TIME), effect.number, issue.agent)

    def put_out(self, issue: Issue) -> None:
        """An effect is among those that are out."""
        self.effects[issue.effect.number] = issue
        if is_patient(issue.effect.capability):
            self.questions[issue.effect.number] = issue.agent

    def withdraw(self, number: int) -> bool:
        """Nobody wants an effect any more; whether it was out."""
        issue = self.effects.pop(number, None)
        self.questions.pop(number, None)
        if issue is not None:
            self.queued -= issue.effect.size()
        return issue is not None

    def arrive(self, number: int, outcome: Any) -> None:
        """What became of an effect; its agent can see it from the next step on, if it waits."""
        issue = self.effects[number]
        effect = issue.effect
        self.withdraw(number)
        agent = self.agents.get(issue.agent)
        if agent is not None and agent.purse is not None:
            agent.purse.reported(tokens_in(effect.capability, outcome), self.time)
        if agent is not None and number in agent.effects:
            agent.effects[number] = outcome
            if self.guard is not None and is_kept(effect.capability, outcome):
                source = asked_before(effect.capability, effect.arguments)
                self.guard.tells(issue.agent, number, source)
            self._wake(agent, number)

    def _wake(self, agent: Agent, number: int) -> None:
        wait = agent.activation.suspension if agent.activation is not None else None
        if isinstance(wait, Wait) and number in wait.requests:
            self.wake(agent)

    def fault(self, number: int, code: str, detail: str = "") -> None:
        """A request ends without a reply, if it is still open."""
        if number in self.requests:
            self.close(number, code, faults.refusal(code, detail))

    def remember(self, deadline: int, number: int, owner: str) -> None:
        """Something is due at a time (ns)."""
        deadlines = self.deadlines
        if len(deadlines) >= self._tidy_at:
            # Of timers that were cancelled and requests that were answered nothing else goes.
            deadlines[:] = [row for row in deadlines if self._is_due(row[1], row[2])]
            heapq.heapify(deadlines)
            self._tidy_at = max(TIDY_AT, 2 * len(deadlines))
        heapq.heappush(deadlines, (deadline, number, owner))

    def deadline_of(self, number: int) -> int | None:
        """When a question that is open is withdrawn (ns), or None."""
        return next((row[0] for row in self.deadlines if row[1] == number), None)

    def next_deadline(self) -> int | None:
        """When something is due next (ns), or somebody need not wait any more; or None."""
        due = self._next_due()
        if not self.held:
            return due
        return min(self.held) if due is None else min(due, *self.held)

    def _next_due(self) -> int | None:
        while self.deadlines:
            deadline, number, owner = self.deadlines[0]
            if self._is_due(number, owner):
                return deadline
            heapq.heappop(self.deadlines)
        return None

    def due(self) -> Iterable[tuple[int, str]]:
        """Takes what is due by now, in order of (deadline, id): (id, owner)."""
        while self.deadlines and self.deadlines[0][0] <= self.time:
            _, number, owner = heapq.heappop(self.deadlines)
            if self._is_due(number, owner):
                yield number, owner

    def _is_due(self, number: int, owner: str) -> bool:
        """Whether a remembered deadline still means something."""
        if number in self.requests or number in self.effects:
            return True
        agent = self.agents.get(owner)
        if agent is None:
            return False
        if number in agent.timers:
            return True
        suspension = agent.activation.suspension if agent.activation is not None else None
        return getattr(suspension, "id", None) == number
