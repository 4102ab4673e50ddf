"""The package `wasm-engine:sql`, as types, says what its WIT text says; the host has all of it."""

from __future__ import annotations

import inspect
from pathlib import Path

from wasm_engine.agents import packages
from wasm_engine.runtime import wit
from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.world import host_functions

TEXT = Contract((Path(__file__).parents[2] / "wit/wasm-engine-sql@0.1.0/sql.wit").read_text())
FAULT = wit.Record((("code", wit.String()), ("detail", wit.String())))
PLAIN = {"string": wit.String(), "u64": wit.U64()}


def test_the_types_are_those_of_the_text() -> None:
    (name, functions), *rest = packages.SQL.interfaces.items()
    assert (name, rest) == (f"{TEXT.package}/sql", [])
    assert packages.SQL.version == TEXT.version
    interface = TEXT.interfaces["sql"]
    assert interface.uses == {"fault": "wasm-engine:agent/types@0.1.0"}
    written = {
        function: wit.FuncType(
            tuple((p, PLAIN[use.head]) for p, use in it.parameters),
            wit.Result(PLAIN[it.result.arguments[0].head], FAULT),
        )
        for function, it in interface.functions.items()
    }
    assert {f: str(ty) for f, ty in functions.items()} == {f: str(t) for f, t in written.items()}


def test_every_function_has_a_host_function_that_takes_its_arguments() -> None:
    for interface, functions in packages.SQL.interfaces.items():
        for function, ty in functions.items():
            call = host_functions()[f"{interface}#{function}"].call
            assert len(inspect.signature(call).parameters) == 1 + len(ty.params)
