"""The way to the host: the bindings generated from the WIT contract, and one call through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from componentize_py_types import Err
from wit_world.imports import agents, context, log, messaging, state, tools, types

from wasm_agent.faults import Fault

__all__ = ["agents", "call", "context", "log", "messaging", "state", "tools", "types"]


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls the host and raises a refusal as the `Fault` of its code."""
    try:
        return function(*arguments)
    except Err as error:
        refusal = error.value
    # Outside the except clause: the binding's own error is no part of the agent's story.
    raise Fault.of(refusal.code, refusal.detail)
