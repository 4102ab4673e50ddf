"""The contract as types says what the WIT text says, and every import of it has a host function."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from wasm_engine.agents import contract
from wasm_engine.runtime import wit
from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.wit_text import Interface, Use
from wasm_engine.world import host_functions

WIT = Path(__file__).parents[2] / "wit/wasm-engine-agent@0.1.0/agent.wit"
TEXT = Contract(WIT.read_text())
PLAIN = {
    "string": wit.String(),
    "u64": wit.U64(),
    "u32": wit.U32(),
    "u16": wit.U16(),
    "u8": wit.U8(),
    "bool": wit.Bool(),
}


def resolved(use: Use | None, interface: Interface) -> wit.Type | None:
    """A type as it is written in an interface, as one of ours."""
    if use is None:
        return None
    inner = [resolved(argument, interface) for argument in use.arguments]
    match use.head:
        case "list":
            return wit.List(inner[0])
        case "option":
            return wit.Option(inner[0])
        case "tuple":
            return wit.Tuple(tuple(inner))
        case "result":
            return wit.Result(*inner)
    return PLAIN.get(use.head) or defined(use.head, interface)


def defined(name: str, interface: Interface) -> wit.Type | None:
    """A named type of an interface, or one that it uses."""
    home = TEXT.interfaces[interface.uses[name]] if name in interface.uses else interface
    definition = home.types[name]
    members = [(member, resolved(use, home)) for member, use in definition.members]
    match definition.form:
        case "record":
            return wit.Record(tuple(members))
        case "variant":
            return wit.Variant(tuple(members))
        case "enum":
            return wit.Enum(tuple(member for member, _ in members))
    return members[0][1]


def functions(name: str) -> dict[str, str]:
    """The functions of an interface of the WIT text, and their types."""
    interface = TEXT.interfaces[name]
    return {
        function: str(
            wit.FuncType(
                tuple((p, resolved(use, interface)) for p, use in it.parameters),
                resolved(it.result, interface),
            )
        )
        for function, it in interface.functions.items()
    }


@pytest.mark.parametrize("name", sorted({*TEXT.worlds["agent"].imports, "handler", "reducer"}))
def test_the_types_are_those_of_the_text(name: str) -> None:
    full = f"{contract.PACKAGE}/{name}"
    ours = contract.IMPORTS.get(full) or contract.EXPORTS[full]
    assert {function: str(ty) for function, ty in ours.items()} == functions(name)


def test_the_package_is_the_one_of_the_text() -> None:
    assert (TEXT.package, TEXT.version) == (contract.PACKAGE, contract.VERSION)


def test_every_import_has_a_host_function_that_takes_its_arguments() -> None:
    for interface, members in contract.IMPORTS.items():
        for function, ty in members.items():
            call = host_functions()[f"{interface}#{function}"].call
            assert len(inspect.signature(call).parameters) == 1 + len(ty.params), function
