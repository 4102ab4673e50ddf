"""Edits of a world between two steps: what a fork may change of the past that it shares."""

from __future__ import annotations

from collections.abc import Collection

from wasm_engine.agents.program import Program
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.segment import Segment, state_size
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.past import make_again
from wasm_engine.orchestrator.world_state import WorldState


def set_state(world: WorldState, address: str, key: str, text: str) -> None:
    """Puts a text under a key of an agent's state.

    Raises:
        Misuse: There is no such agent, or it is in the middle of a message.
    """
    agent = world.agents.get(address)
    if agent is None:
        raise Misuse(f"there is no agent {address!r} at that step")
    _require_idle(agent)
    if agent.past is not None:  # nothing that it did before was with this state
        if agent.resident is None or not agent.resident.alive:
            agent.resident = make_again(agent, agent.past, world).instance
        agent.past = None
    grown = state_size(key, text) - state_size(key, agent.state.get(key))
    agent.write(Segment(writes={key: text}, grown=grown))


def swap(world: WorldState, kind: str, program: Program) -> None:
    """Lets all agents of a kind run another program; the memory of resident ones begins anew.

    Raises:
        Misuse: One of them is in the middle of a message.
    """
    require_idle(world, [kind])
    for agent in [a for a in world.agents.values() if a.program.kind.name == kind]:
        agent.program = program
        if agent.resident is not None:
            agent.resident.close()
        agent.resident = agent.past = None


def require_idle(world: WorldState, kinds: Collection[str]) -> None:
    """Lets agents of some kinds pass that are at rest, all of them.

    Raises:
        Misuse: One of them is in the middle of a message.
    """
    for agent in world.agents.values():
        if agent.program.kind.name in kinds:
            _require_idle(agent)


def _require_idle(agent: Agent) -> None:
    if agent.activation is not None:
        raise Misuse(
            f"{agent.address} is in the middle of a message at that step",
            hint="fork at a step in which it is not: inspect shows who waits for what",
        )
