"""The linear memories of an agent between two steps."""

from __future__ import annotations

from wasm_engine.orchestrator.activation import Activation
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.past import make_again
from wasm_engine.orchestrator.world_state import WorldState


def memories(agent: Agent, world: WorldState) -> list[bytes] | None:
    """The linear memories of an agent between two steps; None where it has none.

    Where its guest is not there, it is made again for the look.
    """
    activation = agent.activation
    if isinstance(activation, Activation):
        return activation.memories(world)
    if agent.resident is not None and agent.resident.alive:
        found: list[bytes] = agent.resident.memories()
        return found
    if agent.past is None:
        return None
    made = make_again(agent, agent.past, world)
    try:
        return made.instance.memories()
    finally:
        made.instance.close()
