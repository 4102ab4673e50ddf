"""The same as `tools`, with arguments by keyword."""

from __future__ import annotations

from typing import Any

from wasm_agent import tools
from wasm_agent.tools import Tool

__all__ = ["Tool", "available_tools", "call_tool"]


def available_tools() -> list[Tool]:
    """The tools that this agent was granted."""
    return [*tools.list()]


def call_tool(name: str, /, **arguments: Any) -> Any:
    """Calls a tool with named arguments, and gives the value of its result.

    WIT has hyphens where Python has underscores: `unit_price=3` is the parameter `unit-price`.
    """
    return tools.call(name, {key.replace("_", "-"): value for key, value in arguments.items()})
