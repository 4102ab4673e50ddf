"""Local deadlock: requests of agents that nothing can wake end with `deadlock`, oldest first."""

from __future__ import annotations

from collections.abc import Iterable

from wasm_engine.concepts import faults
from wasm_engine.concepts.segment import RequestWait
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.world_state import Request, WorldState


def break_deadlocks(world: WorldState, began_to_wait: Iterable[Agent]) -> None:
    """Ends the oldest awaited request of agents that are not live, until all are.

    An agent is live if it can run, sleeps or waits for a turn call; or if a request that it waits
    for has a timeout or was sent to a live agent. An agent that runs nothing but holds a request
    back (`defer`) is live while anything else in the world can happen.

    Args:
        world: The world at the end of a step.
        began_to_wait: Agents that were parked on requests in this step; a knot that did not
            exist before contains one of them, unless the world has just fallen silent.
    """
    if not _is_silent(world) and not any(_dead_from(world, agent) for agent in began_to_wait):
        return
    while True:
        dead = _all_dead(world)
        oldest = min((r for a in dead for r in _awaited(world, a)), key=_age, default=None)
        if oldest is None:
            return
        world.fault(oldest.number, faults.DEADLOCK, "nobody left could ever answer")


def _is_silent(world: WorldState) -> bool:
    """Whether nothing can run and nothing is due."""
    return not world.ready and world.next_deadline() is None


def _age(request: Request) -> int:
    return request.message


def _awaited(world: WorldState, agent: Agent) -> list[Request]:
    """The open requests that the agent is parked on."""
    suspension = agent.activation.suspension if agent.activation is not None else None
    if not isinstance(suspension, RequestWait) or agent.address in world.ready:
        return []
    return [world.requests[n] for n in suspension.requests if n in world.requests]


def _is_parked(world: WorldState, agent: Agent) -> bool:
    suspension = agent.activation.suspension if agent.activation is not None else None
    return isinstance(suspension, RequestWait) and agent.address not in world.ready


def _next(world: WorldState, agent: Agent) -> list[Agent] | None:
    """The agents that it waits for; None where it is live by itself."""
    if not _is_parked(world, agent):
        return None
    awaited = _awaited(world, agent)
    if any(request.deadline is not None for request in awaited):
        return None
    return [world.agents[r.receiver] for r in awaited if r.receiver in world.agents]


def _dead_from(world: WorldState, start: Agent) -> bool:
    """Whether no live agent can be reached from one that began to wait."""
    seen, stack = {start.address}, [start]
    while stack:
        following = _next(world, stack.pop())
        if following is None:
            return False
        for agent in following:
            if agent.address not in seen:
                seen.add(agent.address)
                stack.append(agent)
    return True


def _all_dead(world: WorldState) -> list[Agent]:
    """Every agent that is not live."""
    silent = _is_silent(world)
    edges = {a.address: _next(world, a) for a in world.agents.values() if _is_parked(world, a)}
    waiters: dict[str, list[str]] = {}
    live: list[str] = []
    for address, following in edges.items():
        if following is None:
            live.append(address)
            continue
        for agent in following:
            if agent.address in edges:
                waiters.setdefault(agent.address, []).append(address)
            elif not silent:  # it can run, or holds the request back
                live.append(address)
    alive = set(live)
    while live:
        for address in waiters.get(live.pop(), ()):
            if address not in alive:
                alive.add(address)
                live.append(address)
    return [world.agents[address] for address in edges if address not in alive]
