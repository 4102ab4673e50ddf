"""Typed functions of other components that this agent was granted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from wasm_agent.contract import call, tools
from wasm_agent.values import to_json


@dataclass(frozen=True)
class Tool:
    """A function that may be called.

    Attributes:
        name: What to call it by.
        description: For people and models.
        input_schema: JSON Schema of its arguments.
        output_schema: JSON Schema of its result.
    """

    name: str
    description: str
    input_schema: Any
    output_schema: Any


def available_tools() -> list[Tool]:
    """The tools that this agent was granted."""
    return [
        Tool(tool.name, tool.description, _parsed(tool.input_schema), _parsed(tool.output_schema))
        for tool in tools.available()
    ]


def call_tool(name: str, /, **arguments: Any) -> Any:
    """Calls a tool with named arguments, and gives the value of its result."""
    return json.loads(call(tools.call, name, to_json(arguments)))


def _parsed(schema: str) -> Any:
    return json.loads(schema) if schema else None
