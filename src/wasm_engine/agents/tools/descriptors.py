"""What a component offers as tools: every exported function, with its schema and its digest."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from wasm_engine.agents.contract import EXPORTS
from wasm_engine.agents.tools import commands
from wasm_engine.agents.tools.docs import documentation
from wasm_engine.agents.tools.schemas import parameters_schema, result_schema
from wasm_engine.concepts import json_text
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.runtime import wit
from wasm_engine.runtime.component import Component, bare
from wasm_engine.runtime.gate import holds_handles

_DOMAIN = b"wasm-engine tool v1\n"
_INIT = "init"
"""What some toolchains export to begin with; nobody calls it."""


class Descriptor(NamedTuple):
    """One tool.

    Attributes:
        name: What it is called by: `calc.add`; `calc.fractions.add` where two interfaces of the
            component have a function of that name.
        interface: The interface that has it, with its version; empty at the root.
        function: Its name there.
        type: Its WIT type.
        description: What its WIT says of it; may be empty.
    """

    name: str
    interface: str
    function: str
    type: wit.FuncType
    description: str = ""

    @property
    def refusal(self) -> str:
        """Why it cannot be called with JSON; empty where it can."""
        types = [ty for _, ty in self.type.params] + [self.type.result]
        if any(holds_handles(ty) for ty in types):
            return "it takes or answers a resource, which has no JSON"
        return ""

    @property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of its arguments."""
        return parameters_schema(self.type)

    @property
    def output_schema(self) -> dict[str, Any]:
        """JSON Schema of its result."""
        return result_schema(self.type)

    def as_json(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "name": self.name,
            "function": f"{self.interface}#{self.function}" if self.interface else self.function,
            "type": str(self.type),
            "description": self.description,
            "input": self.input_schema,
            "output": self.output_schema,
        }

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of all of it: another one where anything of it changed."""
        return sha256_hex(_DOMAIN + json_text.write(self.as_json()).encode())


def descriptors_of(name: str, component: Component, wasm: bytes) -> list[Descriptor]:
    """What a component offers, sorted by name; among it what `refusal` speaks against.

    Args:
        name: What the component is called: the first part of each name.
        component: The component.
        wasm: Its bytes; what its WIT says of its functions is there.
    """
    said = documentation(wasm)
    found = [
        (interface, function, ty)
        for interface, held in component.exports.items()
        if bare(interface) not in EXPORTS
        for function, ty in held.functions.items()
        if not _is_beginning(interface, function) and not function.startswith("[")
    ]
    command = commands.interface_of(component)
    if command:
        found.append((command, "run", commands.TYPE))
        said = {**said, (_short(command), "run"): commands.DESCRIPTION}
    count = Counter(function for _, function, _ in found)
    return sorted(
        Descriptor(
            _called(name, interface, function, alone=count[function] == 1),
            interface,
            function,
            ty,
            said.get((_short(interface), function), ""),
        )
        for interface, function, ty in found
    )


def _is_beginning(interface: str, function: str) -> bool:
    return function == _INIT and interface in {"", "exports"}


def _short(interface: str) -> str:
    """`store` of `wasi:keyvalue/store@0.2.0`."""
    return bare(interface).rpartition("/")[2]


def _called(name: str, interface: str, function: str, *, alone: bool) -> str:
    if alone or not interface:
        return f"{name}.{function}"
    return f"{name}.{_short(interface)}.{function}"
