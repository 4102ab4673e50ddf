"""Raising and ending other agents, and hearing what became of them."""

from __future__ import annotations

from typing import Any

from wasm_agent.contract import agents, call
from wasm_agent.values import to_json


def spawn(kind: str, key: str, config: Any = None) -> str:
    """A new agent of a kind, with the address `kind/key`; answers the address.

    Args:
        kind: As the manifest names it.
        key: What tells it from the others of its kind.
        config: Its configuration, anything JSON knows. None: the kind's own.
    """
    address: str = call(agents.spawn, kind, key, "" if config is None else to_json(config))
    return address


def stop(agent: str) -> None:
    """Ends an agent: oneself, one that this agent spawned, or one it has the grant to stop."""
    call(agents.stop, agent)


def watch(agent: str) -> None:
    """Asks for a message on topic `exit` when the agent has ended."""
    call(agents.watch, agent)
