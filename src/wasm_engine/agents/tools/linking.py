"""Typed links: imports of a component that other components stand in for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wasm_engine.agents.tools.program import ToolProgram
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.runtime.component import Component, Interface, bare
from wasm_engine.runtime.gate import holds_handles
from wasm_engine.runtime.wit import FuncType


class Link(NamedTuple):
    """An import, and the tool that stands in for it.

    Attributes:
        interface: The interface, with its version.
        program: The tool's.
    """

    interface: str
    program: ToolProgram


def links_of(
    component: Component, label: str, providers: Sequence[ToolProgram], known: Mapping[str, object]
) -> list[Link]:
    """Which of its imports a component finds among the exports of tools.

    Args:
        component: Whose imports.
        label: How to call it in a message.
        providers: The tools that its manifest names, in order.
        known: The host functions, by name: what this engine has itself is not linked.

    Raises:
        BadComponent: Nobody exports what it imports, or two do, or with other types; or a tool is
            named that exports nothing of it.
    """
    found: list[Link] = []
    for name, interface in component.imports.items():
        if not interface.functions and not interface.resources:
            continue
        if not name or name.startswith("wasi:") or _is_known(name, interface, known):
            continue
        found.append(Link(name, _provider(name, interface, label, providers)))
    for program in providers:
        if not any(link.program is program for link in found):
            raise BadComponent(
                f"{label} is linked to {program.tool.name!r}, and imports nothing that it exports",
                hint="component show FILE lists what it wants",
            )
    return found


def _is_known(name: str, interface: Interface, known: Mapping[str, object]) -> bool:
    return any(f"{bare(name)}#{function}" in known for function in interface.functions)


def _provider(
    name: str, interface: Interface, label: str, providers: Sequence[ToolProgram]
) -> ToolProgram:
    offering = [(it, _export(it, name)) for it in providers]
    exact = [it for it, export in offering if export == name]
    if len(exact) > 1:
        names = " and ".join(repr(it.tool.name) for it in exact)
        raise BadComponent(f"{label} imports {name}, and {names} both export it: link one of them")
    if not exact:
        other = next(((it, export) for it, export in offering if export), None)
        if other is not None:
            raise BadComponent(
                f"{label} imports {name}; the tool {other[0].tool.name!r} exports {other[1]}: "
                "they were built for different versions"
            )
        linked = ", ".join(repr(it.tool.name) for it in providers) or "none"
        raise BadComponent(
            f"{label} imports {name}, which none of the tools exports that it is linked to "
            f"({linked})",
            hint="name a tool that exports it in `link`; `wasm-engine tools FILE` lists them",
        )
    _compare(name, interface, exact[0], label)
    return exact[0]


def _export(program: ToolProgram, name: str) -> str:
    """The name with version under which a tool exports an interface; empty where it does not."""
    return next((it for it in program.component.exports if bare(it) == bare(name)), "")


def _compare(name: str, interface: Interface, program: ToolProgram, label: str) -> None:
    tool, offered = program.tool.name, program.component.exports[name].functions
    for function, ty in interface.functions.items():
        if interface.resources or _has_handles(ty):
            raise BadComponent(
                f"{label} imports {name}, which has resources: a handle cannot leave the component "
                "that made it",
                hint="pass values, or a number for each thing",
            )
        theirs = offered.get(function)
        if theirs is None:
            raise BadComponent(f"{label} imports {name}#{function}; the tool {tool!r} has none")
        if theirs != ty:
            raise BadComponent(
                f"{label} imports {name}#{function} as `{ty}`; the tool {tool!r} exports it as "
                f"`{theirs}`"
            )


def _has_handles(ty: FuncType) -> bool:
    return any(holds_handles(it) for _, it in ty.params) or holds_handles(ty.result)
