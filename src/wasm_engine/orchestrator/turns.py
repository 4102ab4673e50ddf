"""Turn calls, executed at the step's end in canonical order: spawn, stop, watch, and services'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wasm_engine.concepts import canonical, faults, json_text
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.names import WORLD
from wasm_engine.concepts.plain import to_plain
from wasm_engine.concepts.segment import NO_LABELS, Labels, Turn
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.world_state import MAX_AGENTS, WorldState
from wasm_engine.policy.grants import may_spawn, may_stop

EXIT_TOPIC = "exit"
EXHAUSTED = "exhausted"
"""The operation of a row that tells of an agent that a budget ended."""
_DONE = ["ok", ""]
LONG = 4_096
"""Bytes of arguments, and characters of a result, that a record holds as they are."""

Dead = tuple[int, str, str, str]
"""A dead letter: message, its receiver, reason, code."""


TurnRow = tuple[str, str, list[Any], list[str]]
"""What was done: agent, operation, arguments, result."""


class Turns:
    """Executes the turn calls of one step.

    Args:
        world: The world, whose other changes of the step are committed.
        programs: What each kind runs.

    Attributes:
        rows: What was done: (agent, operation, arguments, result).
        dead: Messages that nobody will handle any more.
        cancelled: Effects of agents that ended.
    """

    def __init__(self, world: WorldState, programs: Mapping[str, Any]) -> None:
        self._world = world
        self._programs = programs
        self.rows: list[TurnRow] = []
        self.dead: list[Dead] = []
        self.cancelled: list[int] = []

    def execute(self, agent: Agent, turn: Turn) -> None:
        """Executes one call; the agent gets the answer in the next step."""
        if not self._lives(agent):
            return  # stopped by a call before its own
        turn.result = self._do(agent, turn)
        outcome = turn.result
        self.rows.append((agent.address, turn.operation, *_told(turn, outcome)))
        if self._lives(agent):
            self._world.ready[agent.address] = agent

    def _lives(self, agent: Agent) -> bool:
        """Whether it has not ended; there may be another at its address."""
        return self._world.agents.get(agent.address) is agent

    def _do(self, agent: Agent, turn: Turn) -> Any:
        match turn.operation:
            case "spawn":
                return self._spawn(agent, turn.labels, *turn.arguments)
            case "stop":
                return self._stop(agent, turn.labels, *turn.arguments)
            case "watch":
                return self._watch(agent, *turn.arguments)
        service, _, operation = turn.operation.partition(".")
        return self._world.services[service].execute(agent, operation, turn.arguments)

    def _spawn(self, agent: Agent, labels: Labels, kind: str, key: str, config: str) -> str | Err:
        world, address = self._world, f"{kind}/{key}"
        if not may_spawn(agent.program.kind.grants, kind):
            return refusal(faults.NOT_GRANTED, f"spawn:{kind}")
        program = self._programs.get(kind)
        if program is None:
            return refusal(faults.UNKNOWN_KIND, f"no kind {kind}")
        if address in world.agents:
            return refusal(faults.ALREADY_EXISTS, address)
        if len(world.agents) >= MAX_AGENTS:
            return refusal(faults.TOO_MANY, f"at most {MAX_AGENTS} agents")
        full = None if world.budgets is None else world.budgets.full(address, kind)
        if full is not None:
            return refusal(faults.BUDGET, f"{full}: agents")
        try:
            text = json_text.write(json_text.read(config)) if config else program.kind.config
        except ValueError:
            return refusal(faults.INVALID_CONFIG, "not JSON")
        world.add(address, program, text, parent=agent.address)
        if world.guard is not None:
            world.guard.born(address, labels)
        return address

    def _stop(self, agent: Agent, labels: Labels, address: str) -> Err | None:
        victim = self._world.agents.get(address)
        if victim is None:
            return refusal(self._world.missing(address) or faults.STOPPED, address)
        own = victim is agent or victim.parent == agent.address
        if not own and not may_stop(agent.program.kind.grants, address):
            return refusal(faults.NOT_GRANTED, f"stop:{address}")
        guard = self._world.guard
        known = NO_LABELS if guard is None else guard.known(address) | labels
        self.end(victim, by_itself=victim is agent, known=known)
        return None

    def _watch(self, agent: Agent, address: str) -> Err | None:
        watched = self._world.agents.get(address)
        if watched is not None:
            if agent not in watched.watchers:
                watched.watchers.append(agent)
            return None
        code = self._world.missing(address)
        if code != faults.STOPPED:
            return refusal(faults.UNKNOWN_ADDRESS, address)
        self._notify(agent, address)
        return None

    def exhaust(self, agent: Agent) -> None:
        """Ends an agent that wanted more of a budget than there was, and whose budget says so."""
        if self._lives(agent):
            self.rows.append((agent.address, EXHAUSTED, [agent.address, *agent.purse.wants], _DONE))
            self.end(agent, reason=faults.BUDGET)

    def end(
        self,
        agent: Agent,
        *,
        by_itself: bool = False,
        known: Labels = NO_LABELS,
        reason: str = faults.STOPPED,
    ) -> None:
        """Ends an agent: its mail is dead, its requests end, its watchers are told why."""
        world, address = self._world, agent.address
        held = _held(world, agent)
        if agent.activation is not None:
            agent.activation.discard()
            if not by_itself:
                self.dead.append((agent.activation.message.id, address, faults.STOPPED, ""))
            agent.activation = None
        if agent.resident is not None:
            agent.resident.close()
            agent.resident = None
        world.remove(agent)
        if world.guard is not None:
            world.guard.gone(agent)
        for number in agent.requests:
            world.fault(number, faults.CANCELLED)
        for number in agent.effects:
            if world.withdraw(number):
                self.cancelled.append(number)
        for number in held:
            world.fault(number, faults.STOPPED, address)
        for message in agent.inbox:
            world.settle(agent, message)
            self.dead.append((message.id, address, faults.STOPPED, ""))
        agent.inbox.clear()
        for watcher in agent.watchers:
            if self._lives(watcher):
                self._notify(watcher, address, known, reason)

    def _notify(
        self,
        listener: Agent,
        address: str,
        known: Labels = NO_LABELS,
        reason: str = faults.STOPPED,
    ) -> None:
        world = self._world
        text = json_text.write({"agent": address, "reason": reason})
        message = Message(world.next_message(), WORLD, EXIT_TOPIC, ("text", text), [], None)
        world.deliver(listener, message)
        if world.guard is not None:
            world.guard.sent(message.id, known)


def _told(turn: Turn, outcome: Any) -> tuple[list[Any], list[str]]:
    """Arguments and result as the record holds them; what is long, or no text, by its digest."""
    if isinstance(outcome, Err):
        payload = outcome.payload
        row = ["err", str(payload[0] if isinstance(payload, tuple) else payload)]
    elif outcome is None or (isinstance(outcome, str) and len(outcome) <= LONG):
        row = ["ok", outcome or ""]
    else:
        row = ["ok", canonical.sha256_hex(canonical.encode(to_plain(outcome)))]
    arguments = [to_plain(argument) for argument in turn.arguments]
    data = canonical.encode(arguments)
    return (arguments if len(data) <= LONG else [canonical.sha256(data)]), row


def _held(world: WorldState, agent: Agent) -> list[int]:
    """Open requests that the agent would have had to answer, in the order in which they came.

    They wait in its mailbox, or it handles them, or it deferred them: to look at all requests of
    the world for each of ten thousand agents that end would take a minute.
    """
    messages = list(agent.inbox)
    if agent.activation is not None:
        messages.append(agent.activation.message)
    numbers = {message.request for message in messages if message.request is not None}
    numbers.update(agent.holds)
    return sorted(
        (n for n in numbers if n in world.requests), key=lambda n: world.requests[n].message
    )
