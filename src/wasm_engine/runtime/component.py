"""Components as the layers above may use them: loaded, and linked through the gate."""

from __future__ import annotations

from collections.abc import Mapping

from wasm_engine.concepts.errors import BadComponent
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime import wasi
from wasm_engine.runtime._wasmtime.compile import Compiler
from wasm_engine.runtime._wasmtime.component import Component, Import
from wasm_engine.runtime._wasmtime.engine import Engine
from wasm_engine.runtime._wasmtime.introspect import Interface
from wasm_engine.runtime._wasmtime.linked import Linked
from wasm_engine.runtime.gate import gated
from wasm_engine.runtime.wit import FuncType, packed

__all__ = ["Compiler", "Component", "Engine", "Interface", "bare", "link"]


def bare(name: str) -> str:
    """An interface's name without its version: `wasi:io/poll` of `wasi:io/poll@0.2.9`."""
    return name.partition("@")[0]


def link(component: Component, functions: Mapping[str, HostFunction], label: str) -> Linked:
    """Binds every import of a component to a host function, through the gate.

    What belongs to WASI and has no implementation gets a typed refusal; anything else is unknown.

    Args:
        component: The component.
        functions: Host functions by name; see `HostFunction`.
        label: How to call the component in a message.

    Raises:
        BadComponent: It wants an import that nobody here has.
    """

    def define(interface: str, function: str, ty: FuncType) -> Import:
        name = f"{bare(interface)}#{function}" if interface else function
        found = functions.get(name)
        if found is None:
            if not interface.startswith("wasi:"):
                message = f"{label} wants the import {name!r}, which this engine does not have"
                raise BadComponent(message, hint="component show FILE lists what it wants")
            found = wasi.deny(name, ty)
        seen = packed(ty) if found.packed else ty
        return Import(gated(found, seen), found.suspends, seen)

    return component.link(define)
