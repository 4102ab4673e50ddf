"""A world between two steps as canonical bytes, and back: what a checkpoint holds.

The order of the fields is the format; it never changes within a version. Memory of resident agents
is kept beside it, by digest: see `Program.capture`.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from wasm_engine.agents.program import MadeOf, Program
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.concepts.plain import from_plain, to_plain
from wasm_engine.concepts.segment import Effect, Turn, Wait
from wasm_engine.journal.packing import pack
from wasm_engine.orchestrator.activation import Activation
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.budgets import Budgets
from wasm_engine.orchestrator.kept import Kept
from wasm_engine.orchestrator.past import CallLog, Capture, Entry, Past
from wasm_engine.orchestrator.scheduler import Scheduler, Totals
from wasm_engine.orchestrator.stated import (
    require,
    require_places,
    stated_message,
    stated_reply,
    stated_state,
    stated_timer,
)
from wasm_engine.orchestrator.swapping import Swaps
from wasm_engine.orchestrator.world_state import Issue, Request, WorldState

_GUARD = "guard"
"""Where labels and the policy in force are kept, beside the services."""
_SWAPS = "swaps"
"""The same of swaps."""
VERSION = 2
"""Written only of worlds with services or budgets; others are told as version 1 has it."""

Keep = Callable[[Capture], bytes]
"""Puts a capture beside the checkpoint; answers its digest."""


_NO_WORLD = (
    msgspec.MsgspecError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip
"""What values of a checkpoint come to that somebody made up."""


class NotNow(Exception):
    """A world cannot be told as bytes at this moment, or not be put back here; says why."""


class _Log(msgspec.Struct, array_like=True):
    seed: int
    message: Any
    attempt: int
    entries: list[tuple[int, int, int, Any, bool]]
    returned: list[Any]


class _Past(msgspec.Struct, array_like=True):
    base: bytes | None
    before: list[tuple[str, Any]]
    size_before: int
    reading: int
    logs: list[_Log]


class _Activation(msgspec.Struct, array_like=True):
    """An activation that goes on later; `past` is None where it is its resident agent's."""

    message: Any
    attempt: int
    number: int
    committed: bool
    wait: tuple[list[int], int, int | None, tuple[str, Any] | None] | None
    turn: tuple[str, Any, Any] | None
    fuel: int
    work: int
    slices: int
    began: tuple[int, int, int, int]
    past: _Past | None


class _Agent(msgspec.Struct, array_like=True):
    address: str
    index: int
    kind: str
    config: str
    parent: str | None
    ordinal: int
    reading: int
    retry: int
    state: list[tuple[str, Any]]
    state_bytes: int
    digest: bytes | None
    inbox: list[Any]
    queued: list[tuple[str, int]]
    requests: list[tuple[int, Any]]
    effects: list[tuple[int, Any]]
    timers: list[tuple[int, int, str, Any]]
    holds: list[int]
    watchers: list[str]
    activation: _Activation | None
    past: _Past | None


class _World(msgspec.Struct, array_like=True):
    version: int
    seed: int
    step: int
    time: int
    reading: int
    last_message: int
    queued: int
    created: int
    tenure: int
    stopped: list[str]
    ready: list[str]
    deadlines: list[tuple[int, int, str]]
    requests: list[tuple[int, str, str, int, int | None]]
    effects: list[tuple[str, int, int, int, int, int, str, Any]]
    agents: list[_Agent]
    totals: tuple[int, int, int, int, int]


class _World2(_World, array_like=True):
    services: list[tuple[str, Any]]


class _Budgets(msgspec.Struct, array_like=True):
    """What is spent: budget, whose, window, amounts; who waits until when, and is put off."""

    spent: list[tuple[str, str, int, list[int]]]
    held: list[tuple[str, int]]
    put_off: list[tuple[str, int]]


class _Budgeted(_World2, array_like=True):
    budgets: _Budgets


def encode(scheduler: Scheduler, keep: Keep) -> bytes:
    """A world as bytes.

    Args:
        scheduler: Its scheduler, between two steps.
        keep: Takes the captures of resident agents.

    Raises:
        NotNow: An agent's memory cannot be told, nor made again.
    """
    world = scheduler.world
    if scheduler.crashes:
        message = "the journal says of the next step what is not in the world"
        raise NotNow(message)
    told = (
        world.seed,
        world.step,
        world.time,
        world.reading,
        world.last_message,
        world.queued,
        world.created,
        world.tenure,
        sorted(world.stopped),
        sorted(world.ready),
        sorted(world.deadlines),
        [(r.number, r.asker, r.receiver, r.message, r.deadline) for r in world.requests.values()],
        [_issue(issue) for issue in world.effects.values()],
        [_agent(world, agent, keep) for agent in world.agents.values()],
        scheduler.totals,
    )
    services = [(name, it.freeze()) for name, it in sorted(world.services.items())]
    if world.guard is not None:
        services.append((_GUARD, world.guard.freeze()))
    if scheduler.swaps.is_active:
        services.append((_SWAPS, scheduler.swaps.freeze()))
    if world.budgets is not None:
        budgets = _budgets(world, world.budgets)
        return canonical.encode(_Budgeted(VERSION, *told, services, budgets))
    if not services:
        return canonical.encode(_World(1, *told))
    return canonical.encode(_World2(VERSION, *told, services))


def _budgets(world: WorldState, budgets: Budgets) -> _Budgets:
    purses = [(it.address, it.purse) for it in world.agents.values() if it.purse is not None]
    return _Budgets(
        budgets.freeze(),
        [(address, purse.held) for address, purse in purses if purse.held],
        [(address, purse.put_off) for address, purse in purses if purse.put_off > world.time],
    )


def _told(data: Any) -> _World:
    """The world that a checkpoint tells.

    Raises:
        BadRunFile: It is of a version that is not known here.
        msgspec.ValidationError: It is none.
    """
    version = data[0] if isinstance(data, list) and data else None
    if version == 1:
        return msgspec.convert(data, _World)
    if version == VERSION:
        budgeted = len(data) > len(_World2.__struct_fields__)
        return msgspec.convert(data, _Budgeted if budgeted else _World2)
    message = f"a checkpoint of version {version!r}; this program reads 1 to {VERSION}"
    raise BadRunFile(message)


def _issue(issue: Issue) -> tuple[str, int, int, int, int, int, str, Any]:
    effect = issue.effect
    return (
        issue.agent, issue.message, issue.attempt, issue.tenure,
        effect.number, effect.call, effect.capability, to_plain(effect.arguments),
    )  # fmt: skip


def _agent(world: WorldState, agent: Agent, keep: Keep) -> _Agent:
    return _Agent(
        agent.address,
        agent.index,
        agent.program.kind.name,
        agent.config,
        agent.parent,
        agent.ordinal,
        agent.reading,
        agent.retry,
        list(agent.state.items()),
        agent.state_bytes,
        agent.digest,
        [to_plain(tuple(message)) for message in agent.inbox],
        list(agent.queued.items()),
        [(number, to_plain(outcome)) for number, outcome in agent.requests.items()],
        [(number, to_plain(outcome)) for number, outcome in agent.effects.items()],
        [(t.id, t.deadline, t.topic, to_plain(t.body)) for t in agent.timers.values()],
        list(agent.holds),
        # A watcher that has ended hears nothing, whoever lives at its address now.
        [w.address for w in agent.watchers if world.agents.get(w.address) is w],
        _activation(agent, keep),
        _resident(agent, keep),
    )


def _resident(agent: Agent, keep: Keep) -> _Past | None:
    """What a resident agent is to be made again from: its memory as it is, or its past."""
    past: Past | None = agent.past
    idle = agent.resident is not None and agent.activation is None
    if idle and (past is None or past.logs):
        captured = agent.program.capture(agent.resident)
        if captured is not None:
            past = agent.past = Past(Capture.of(captured), agent.state_bytes, agent.reading)
    if past is not None:
        return _past(past, keep)
    if agent.resident is not None:
        message = f"the memory of {agent.address} cannot be captured, nor made again"
        raise NotNow(message)
    return None


def _activation(agent: Agent, keep: Keep) -> _Activation | None:
    activation = agent.activation
    if activation is None:
        return None
    assert isinstance(activation, Activation)
    if activation.is_amid_output:
        message = f"{agent.address} was cut between what it sent and the end of its segment"
        raise NotNow(message)
    kept = activation.kept()
    if kept.program is not agent.program or (agent.resident is not None and agent.past is None):
        message = f"{agent.address} is in the middle of a message that cannot be begun again"
        raise NotNow(message)
    own = None if kept.past is agent.past else _past(kept.past, keep)
    wait, turn = None, None
    if isinstance(activation.suspension, Wait):
        it = activation.suspension
        call = None if it.call is None else (it.call[0], to_plain(it.call[1]))
        wait = (list(it.requests), it.id, it.deadline, call)
    elif isinstance(activation.suspension, Turn):
        asked = activation.suspension
        turn = (asked.operation, to_plain(asked.arguments), to_plain(asked.result))
    return _Activation(
        to_plain(tuple(activation.message)),
        activation.attempt,
        activation.number,
        activation.committed,
        wait,
        turn,
        kept.fuel,
        kept.work,
        kept.slices,
        kept.began,
        own,
    )


def _past(past: Past, keep: Keep) -> _Past:
    base = None if past.base is None else keep(past.base)
    before = list(past.before.items())
    return _Past(base, before, past.size_before, past.reading, [*map(_log, past.told())])


def _log(log: CallLog) -> _Log:
    return _Log(
        log.seed,
        to_plain(tuple(log.message)),
        log.attempt,
        [(e.slices, e.step, e.time, to_plain(e.value), e.answered) for e in log.entries],
        [to_plain(value) for value in log.returned],
    )


def out_in(data: Any) -> dict[int, tuple[str, str, Any]]:
    """The effects that were out when a world was told: agent, capability and arguments, by number.

    Args:
        data: What `encode` gave, decoded.

    Raises:
        BadRunFile: It is no world.
    """
    try:
        return {row[4]: (row[0], row[6], from_plain(row[7])) for row in _told(data).effects}
    except _NO_WORLD as error:
        message = f"a checkpoint that tells no world ({error!r})"
        raise BadRunFile(message) from None


def decode(
    data: Any,
    scheduler: Scheduler,
    program: Callable[[MadeOf], Program],
    load: Callable[[bytes], bytes],
) -> None:
    """Puts a world back to where it was told.

    Args:
        data: What `encode` gave, decoded.
        scheduler: Its scheduler; whatever its world holds is replaced.
        program: What is made of something that a kind runs, or ran.
        load: The capture with a digest.

    Raises:
        BadRunFile: The bytes are no world, or one of other kinds of agents.
        NotNow: Memory in it cannot be put back here; nothing was replaced.
    """
    try:
        told = _told(data)
        load = functools.cache(load)  # each is asked for twice, and agents may share it
        swaps = dict(told.services).get(_SWAPS) if isinstance(told, _World2) else None
        scheduler.swaps.thaw(swaps, program)
        _require_fitting(told, scheduler.swaps, load)
        _restore(told, scheduler, load)
    except _NO_WORLD as error:
        message = f"a checkpoint that does not fit its world ({error!r})"
        raise BadRunFile(message) from None


def _require_fitting(told: _World, swaps: Swaps, load: Callable[[bytes], bytes]) -> None:
    """Before anything is replaced: memory that was captured can be laid over what begins here."""
    require_places([row.index for row in told.agents])
    require(told.deadlines == sorted(told.deadlines), "deadlines in no order")
    for row in told.agents:
        own = None if row.activation is None else row.activation.past
        for past in (row.past, own):
            base = None if past is None else past.base
            program = swaps.program_of(row.address, row.kind)
            if base is not None and not program.fits(load(base)):
                message = f"instances of {row.kind} begin otherwise here"
                raise NotNow(message)


def _restore(told: _World, scheduler: Scheduler, load: Callable[[bytes], bytes]) -> None:
    world, swaps = scheduler.world, scheduler.swaps
    world.clear()
    world.seed, world.step, world.time, world.reading = (
        told.seed,
        told.step,
        told.time,
        told.reading,
    )
    world.last_message, world.tenure = told.last_message, told.tenure
    for row in told.agents:
        program = swaps.program_of(row.address, row.kind)
        _restore_agent(row, world.add(row.address, program, row.config), load)
    for row in told.agents:
        world.agents[row.address].watchers = [world.agents[address] for address in row.watchers]
    world.queued, world.created = told.queued, told.created
    world.stopped.update(told.stopped)
    world.ready.update((address, world.agents[address]) for address in told.ready)
    world.deadlines.extend(told.deadlines)
    world.requests.update((row[0], Request(*row)) for row in told.requests)
    for agent, message, attempt, tenure, number, call, capability, arguments in told.effects:
        effect = Effect(number, call, capability, from_plain(arguments))
        world.put_out(Issue(agent, message, attempt, tenure, effect))
    _thaw(world, told)
    _thaw_budgets(world, told)
    scheduler.count_from(Totals(*told.totals))


def _thaw(world: WorldState, told: _World) -> None:
    frozen = dict(told.services) if isinstance(told, _World2) else {}
    frozen.pop(_SWAPS, None)
    if _GUARD in frozen:
        world.guarded().thaw(frozen.pop(_GUARD))
    if sorted(frozen) != sorted(world.services):
        message = "other services than the world has"
        raise ValueError(message)
    for name, service in world.services.items():
        service.thaw(frozen[name])


def _thaw_budgets(world: WorldState, told: _World) -> None:
    budgets = told.budgets if isinstance(told, _Budgeted) else None
    if (budgets is None) != (world.budgets is None):
        message = "other budgets than the world has"
        raise ValueError(message)
    if budgets is None or world.budgets is None:
        return
    world.budgets.thaw(budgets.spent)
    for address, until in budgets.put_off:
        world.agents[address].purse.put_off = until
    for address, until in budgets.held:
        agent = world.agents[address]
        agent.purse.held = until
        world.held.setdefault(until, {})[address] = agent


def _restore_agent(row: _Agent, agent: Agent, load: Callable[[bytes], bytes]) -> None:
    agent.index, agent.parent, agent.ordinal = row.index, row.parent, row.ordinal
    agent.reading, agent.retry = row.reading, row.retry
    agent.state, agent.state_bytes = stated_state(row.state), row.state_bytes
    agent.digest = row.digest
    agent.inbox = [stated_message(message) for message in row.inbox]
    agent.queued = dict(row.queued)
    waiting = Counter(message.sender for message in agent.inbox)
    require(agent.queued == waiting, f"mail of {agent.address} that is not what waits there")
    agent.requests = {number: stated_reply(outcome) for number, outcome in row.requests}
    agent.effects = {number: from_plain(outcome) for number, outcome in row.effects}
    agent.timers = {timer[0]: stated_timer(*timer) for timer in row.timers}
    agent.holds = dict.fromkeys(row.holds)
    agent.past = None if row.past is None else _restored_past(row.past, load)
    if row.activation is not None:
        agent.activation = _restored_activation(row.activation, agent, load)


def _restored_activation(
    row: _Activation, agent: Agent, load: Callable[[bytes], bytes]
) -> Activation:
    suspension: Wait | Turn | None = None
    if row.wait is not None:
        numbers, number, deadline, told = row.wait
        call = None if told is None else (told[0], from_plain(told[1]))
        suspension = Wait(dict.fromkeys(numbers), None, number, deadline, call)
    elif row.turn is not None:
        suspension = Turn(row.turn[0], *from_plain(row.turn[1]))
        suspension.result = from_plain(row.turn[2])
    past = agent.past if row.past is None else _restored_past(row.past, load)
    require(row.number > 0, "an activation that goes on and has not begun")
    kept = Kept(agent.program, past, row.fuel, row.work, row.slices, row.began)
    made = Activation(agent, stated_message(row.message), row.attempt)
    made.take_up(kept, row.number, suspension, committed=row.committed)
    return made


def _restored_past(row: _Past, load: Callable[[bytes], bytes]) -> Past:
    base = None if row.base is None else Capture(row.base, pack(load(row.base)))
    past = Past(base, row.size_before, row.reading)
    past.is_stated = True
    past.before = dict(row.before)
    for told in row.logs:
        require(bool(told.entries), "a message that was handled and never begun")
        log = CallLog(told.seed, stated_message(told.message), told.attempt, 0, 0)
        log.entries = [Entry(s, step, t, from_plain(v), a) for s, step, t, v, a in told.entries]
        log.returned = [from_plain(value) for value in told.returned]
        past.logs.append(log)
    return past
