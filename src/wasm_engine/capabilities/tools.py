"""wasm-engine:agent/tools: the typed functions that an agent was granted.

A manifest grants none yet, so the list is empty and every name is unknown; agents can be written
against the interface and find out at run time.
"""

from __future__ import annotations

from wasm_engine.concepts import faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction


def available(guest: Caller) -> list[tuple[str, str, str, str]]:
    """The tools that this agent was granted."""
    return []


def call(guest: Caller, name: str, arguments: str) -> Err:
    """Calls a tool by name with JSON."""
    return refusal(faults.UNKNOWN_TOOL, f"no tool {name[:100]} was granted")


_NAME = "wasm-engine:agent/tools#"
FUNCTIONS = (
    HostFunction(_NAME + "available", available),
    HostFunction(_NAME + "call", call, suspends=True),
)
