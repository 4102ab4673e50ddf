"""Local deadlock: requests of agents that nothing can wake end with `deadlock`, oldest first."""

from __future__ import annotations

from collections.abc import Iterable

from wasm_engine.concepts import faults
from wasm_engine.concepts.segment import Wait
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.world_state import Request, WorldState


def break_deadlocks(world: WorldState, began_to_wait: Iterable[Agent]) -> None:
    """Ends the oldest awaited request of agents that are not live, until all are.

    An agent is live if it can run, sleeps or waits for a turn call or an effect; or if a request
    that it waits for has a timeout or was sent to a live agent. An agent that runs nothing but
    holds a request back (`defer`) is live while anything else in the world can happen.

    Args:
        world: The world at the end of a step.
        began_to_wait: Agents that were parked on requests in this step; a knot that did not
            exist before contains one of them, unless the world has just fallen silent.
    """
    silent = _is_silent(world)
    if not silent and not _dead(world, began_to_wait, silent=False)[0]:
        return
    dead, waiters = _dead(world, _parked(world), silent=silent)
    awaited = _awaited_by(world, dead)
    if silent and awaited:
        _end(world, min(awaited, key=_age))
        dead, waiters = _dead(world, _parked(world), silent=False)  # now somebody can run
    for request in sorted(_awaited_by(world, dead), key=_age):
        if request.asker in dead:
            _end(world, request)
            _revive(dead, waiters, [request.asker])


def _end(world: WorldState, request: Request) -> None:
    world.fault(request.number, faults.DEADLOCK, "nobody left could ever answer")


def _is_silent(world: WorldState) -> bool:
    """Whether nothing can run, nothing is due, and nothing is to come from outside."""
    return not world.ready and not world.effects and world.next_deadline() is None


def _age(request: Request) -> int:
    return request.message


def _awaited(world: WorldState, agent: Agent) -> list[Request]:
    """The open requests that the agent is parked on."""
    suspension = agent.activation.suspension if agent.activation is not None else None
    if not isinstance(suspension, Wait) or world.can_run(agent.address):
        return []
    return [world.requests[n] for n in suspension.requests if n in world.requests]


def _is_parked(world: WorldState, agent: Agent) -> bool:
    wait = agent.activation.suspension if agent.activation is not None else None
    if not isinstance(wait, Wait) or wait.deadline is not None or world.can_run(agent.address):
        return False
    return not any(number in world.effects for number in wait.requests)


def _next(world: WorldState, agent: Agent) -> list[Agent] | None:
    """The agents that it waits for; None where it is live by itself."""
    if not _is_parked(world, agent):
        return None
    awaited = _awaited(world, agent)
    if any(request.deadline is not None for request in awaited):
        return None
    return [world.agents[r.receiver] for r in awaited if r.receiver in world.agents]


def _parked(world: WorldState) -> list[Agent]:
    return [agent for agent in world.agents.values() if _is_parked(world, agent)]


def _awaited_by(world: WorldState, dead: Iterable[str]) -> list[Request]:
    return [request for address in dead for request in _awaited(world, world.agents[address])]


def _dead(
    world: WorldState, starts: Iterable[Agent], *, silent: bool
) -> tuple[set[str], dict[str, list[str]]]:
    """Who is not live, of some agents and those that they wait for; and who waits for whom.

    Each agent is looked at once: a world of ten thousand that wait for each other is no reason to
    wait for the world.
    """
    stack = [agent for agent in starts if _is_parked(world, agent)]
    seen = {agent.address for agent in stack}
    waiters: dict[str, list[str]] = {}
    live: list[str] = []
    while stack:
        agent = stack.pop()
        following = _next(world, agent)
        if following is None:
            live.append(agent.address)
            continue
        for other in following:
            if not _is_parked(world, other):
                if not silent:  # it can run, or holds the request back
                    live.append(agent.address)
                continue
            waiters.setdefault(other.address, []).append(agent.address)
            if other.address not in seen:
                seen.add(other.address)
                stack.append(other)
    _revive(seen, waiters, live)
    return seen, waiters


def _revive(dead: set[str], waiters: dict[str, list[str]], live: list[str]) -> None:
    """Takes from the dead who is live, who waits for one of these, and so on."""
    dead.difference_update(live)
    stack = list(live)
    while stack:
        for address in waiters.get(stack.pop(), ()):
            if address in dead:
                dead.discard(address)
                stack.append(address)
