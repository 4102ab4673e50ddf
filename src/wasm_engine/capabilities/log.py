"""wasm-engine:agent/log: lines for people, kept beside the chain."""

from __future__ import annotations

from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import HostFunction


def write(guest: Caller, level: str, text: str) -> None:
    """Adds a line to the agent's log."""
    guest.log(level, text)


FUNCTIONS = (HostFunction("wasm-engine:agent/log#write", write, in_init=True),)
