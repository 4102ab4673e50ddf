"""The packages beside the contract as types say what their WIT texts say."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from tests.agents.test_contract import PLAIN
from wasm_engine.agents import contract, packages
from wasm_engine.runtime import wit
from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.wit_text import Interface, Use
from wasm_engine.world import host_functions

WIT = Path(__file__).parents[2] / "wit"
AGENT = Contract((WIT / "wasm-engine-agent@0.1.0/agent.wit").read_text())


NUMBERS = {
    "u32": wit.U32(), "s8": wit.S8(), "s16": wit.S16(), "s32": wit.S32(), "s64": wit.S64(),
    "f32": wit.F32(), "f64": wit.F64(),
}  # fmt: skip
KNOWN = {**PLAIN, **NUMBERS}
EXPORTS = {packages.RUNNER: (packages.CODE.version, packages.CODE.interfaces[packages.RUNNER])}
"""What interpreters export; agents reach it as a tool."""


def text_of(folder: Path) -> str:
    """The files of a package as one; the one that names it comes first."""
    texts = [path.read_text() for path in folder.glob("*.wit")]
    return "\n".join(sorted(texts, key=lambda text: "\npackage " not in f"\n{text}"))


def resolved(use: Use | None, home: Interface) -> wit.Type | None:
    """A type as it is written in an interface, as one of ours."""
    if use is None:
        return None
    inner = [resolved(argument, home) for argument in use.arguments]
    match use.head:
        case "list":
            return wit.List(inner[0])
        case "option":
            return wit.Option(inner[0])
        case "result":
            return wit.Result(*inner)
    if use.head in KNOWN:
        return KNOWN[use.head]
    if use.head in home.uses:
        assert home.uses[use.head] == f"{contract.PACKAGE}/types@{contract.VERSION}"
        home = AGENT.interfaces["types"]
    found = home.types[use.head]
    if found.form == "enum":
        return wit.Enum(tuple(name for name, _ in found.members))
    form = wit.Variant if found.form == "variant" else wit.Record
    return form(tuple((name, resolved(it, home)) for name, it in found.members))


@pytest.mark.parametrize("name", [*packages.IMPORTS, *EXPORTS])
def test_the_types_are_those_of_the_text(name: str) -> None:
    package, _, interface = name.partition("/")
    version, functions = {**packages.IMPORTS, **EXPORTS}[name]
    text = Contract(text_of(WIT / f"{package.replace(':', '-')}@{version}"))
    assert (text.package, text.version) == (package, version)
    home = text.interfaces[interface]
    assert {function: str(ty) for function, ty in functions.items()} == {
        function: str(
            wit.FuncType(
                tuple((p, resolved(use, home)) for p, use in it.parameters),
                resolved(it.result, home),
            )
        )
        for function, it in home.functions.items()
    }


def test_every_import_has_a_host_function_that_takes_its_arguments() -> None:
    for interface, (_, members) in packages.IMPORTS.items():
        for function, ty in members.items():
            call = host_functions()[f"{interface}#{function}"].call
            assert len(inspect.signature(call).parameters) == 1 + len(ty.params), function


def test_they_are_no_part_of_the_contracts_digest() -> None:
    assert not set(packages.IMPORTS) & set(contract.IMPORTS)
