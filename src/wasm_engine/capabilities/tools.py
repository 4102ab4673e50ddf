"""wasm-engine:agent/tools: the typed functions that an agent was granted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from wasm_engine.concepts import faults, json_text
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.segment import Nested

MAX_DETAIL = 1_000
"""Characters of what is said of arguments that do not fit."""
Row = tuple[str, str, str, str]
"""Name, description, and the schemas of arguments and result as JSON text."""


class Toolbox(Protocol):
    """The tools that agents of a kind, or a tool, may call."""

    def rows(self) -> list[Row]:
        """All of them, by name."""

    def called(self, name: str, arguments: str) -> Nested | None:
        """The call of a tool with JSON; None where there is no such tool.

        Raises:
            ValueError: The arguments do not fit; says where.
        """


def functions_for(toolbox: Toolbox) -> Mapping[str, HostFunction]:
    """The interface's functions for whoever has the tools of a box.

    What they answer follows from the manifest and the components, so no call log keeps it: a guest
    that is made again calls its tools again.
    """

    def available(_guest: Caller) -> list[Row]:
        return toolbox.rows()

    def call(guest: Caller, name: str, arguments: str) -> Any:
        guest.charge(json_text.PRICE * len(arguments))
        try:
            nested = toolbox.called(name, arguments)
        except ValueError as unfit:
            return refusal(faults.INVALID_ARGUMENTS, f"{name}: {unfit}"[:MAX_DETAIL])
        if nested is None:
            return _unknown(name)
        refused = guest.authorize("tool", name)
        return guest.suspend(nested) if refused is None else refused

    return {
        _NAME + "available": HostFunction(_NAME + "available", available),
        _NAME + "call": HostFunction(_NAME + "call", call, suspends=True),
    }


def none_available(_guest: Caller) -> list[Row]:
    """The tools of whoever was granted none."""
    return []


def call_none(_guest: Caller, name: str, _arguments: str) -> Err:
    """Calls a tool of whoever was granted none."""
    return _unknown(name)


def _unknown(name: str) -> Err:
    return refusal(faults.UNKNOWN_TOOL, f"no tool {name[:100]} was granted")


_NAME = "wasm-engine:agent/tools#"
FUNCTIONS = (
    HostFunction(_NAME + "available", none_available, shared=True),
    HostFunction(_NAME + "call", call_none, suspends=True, shared=True),
)
"""For whoever was granted none."""
