"""wasi:logging/logging: lines of the agent's log, for components of other hosts."""

from __future__ import annotations

from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import HostFunction

_LEVELS = {"trace": "debug", "warn": "warning", "critical": "error"}
"""Levels that a log here does not tell apart from another."""


def log(guest: Caller, level: str, context: str, message: str) -> None:
    """Adds a line; the context, where there is one, comes before the message."""
    guest.log(_LEVELS.get(level, level), f"{context}: {message}" if context else message)


FUNCTIONS = (HostFunction("wasi:logging/logging#log", log, in_init=True),)
