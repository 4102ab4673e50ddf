"""Calls the functions of components that the manifest grants, each in a sandbox of its own.

    from wasm_agent import tools

    tools.call("calc.add", {"a": 1, "b": 2})    # 3
    tools.list()                                # what there is, with JSON Schemas

A call is over before the agent goes on, in the same segment. A tool that fails, or arguments that
do not fit its schema, raise `ToolFailed` and `InvalidArguments`; both say where and why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wasm_agent.contract import call as _call
from wasm_agent.contract import tools as _host
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


def call(name: str, arguments: Mapping[str, Any] | None = None) -> Any:
    """Calls a tool, and gives the value of its result.

    Args:
        name: `TOOL.function`.
        arguments: By the names of its parameters.
    """
    given = to_json(dict(arguments or {}))
    return json.loads(_call(_host.call, name, given))


def list() -> tuple[Tool, ...]:  # noqa: A001 (it is called `tools.list`)
    """The tools that this agent was granted, by name."""
    return tuple(
        Tool(it.name, it.description, _parsed(it.input_schema), _parsed(it.output_schema))
        for it in _host.available()
    )


def _parsed(schema: str) -> Any:
    return json.loads(schema) if schema else None
