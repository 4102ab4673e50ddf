"""The tools of a world, and what each kind of agent and each tool gets of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wasm_engine.agents.manifest import Kind, Manifest, Tool
from wasm_engine.agents.material import Source
from wasm_engine.agents.tool_rules import needed_by
from wasm_engine.agents.tools.authority import Authority
from wasm_engine.agents.tools.callee import Callee, Row, row_of
from wasm_engine.agents.tools.descriptors import Descriptor
from wasm_engine.agents.tools.linking import Link, links_of
from wasm_engine.agents.tools.program import ToolProgram, label_of
from wasm_engine.agents.tools.submitted import closed, offered_by
from wasm_engine.concepts.errors import BadComponent, GuestTrap
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.mistakes import nearest
from wasm_engine.concepts.segment import Nested
from wasm_engine.runtime.component import Component, bare

Functions = Mapping[str, HostFunction]


class Toolbox:
    """The tools that somebody may call with JSON."""

    def __init__(self, callees: dict[str, Callee], rows: list[Row]) -> None:
        self._callees = callees
        self._rows = rows

    def add(self, descriptor: Descriptor, program: ToolProgram) -> None:
        """One more tool: the one whose box it is."""
        self._callees[descriptor.name] = Callee(descriptor, program)
        self._rows = sorted([*self._rows, row_of(descriptor)])

    def rows(self) -> list[Row]:
        """All of them, by name: what an agent is told of each."""
        return self._rows

    def tools(self) -> list[str]:
        """The tools that have these functions, sorted."""
        return sorted({row[0].partition(".")[0] for row in self._rows})

    def called(self, name: str, arguments: str) -> Nested | None:
        """The call of a tool with JSON; None where there is no such tool.

        Raises:
            Unfit: The arguments do not fit; says where.
        """
        callee = self._callees.get(name)
        return None if callee is None else callee.by_json(arguments)


class Edge(NamedTuple):
    """That somebody calls a tool.

    Attributes:
        holder: Who: `agents.NAME` or `tools.NAME`.
        tool: The tool's name.
        functions: Names of the functions that it may call with JSON.
        interfaces: Interfaces of the tool that stand in for its imports.
    """

    holder: str
    tool: str
    functions: tuple[str, ...]
    interfaces: tuple[str, ...]


class Equipment(NamedTuple):
    """What somebody has who calls tools.

    Attributes:
        functions: Host functions by name, with those that lead to tools.
        programs: The tools that it can come to call, itself or through others.
        links: Its imports that tools stand in for.
        box: What it may call with JSON.
    """

    functions: Functions
    programs: list[ToolProgram]
    links: list[Link]
    box: Toolbox


class Workshop:
    """Makes the tools of a world.

    Args:
        manifest: The world's.
        components: What each tool runs, by name.
        sources: The bytes of the same.
        functions: Every host function there is.
        give: `give(toolbox)` makes the host functions by which a toolbox is used.
        wasi: `wasi(tool, mounts)` makes what makes the WASI state of a new instance.

    Attributes:
        edges: Who calls what, of those that were equipped.
    """

    def __init__(
        self,
        manifest: Manifest,
        components: Mapping[str, Component],
        sources: Mapping[str, Source],
        functions: Functions,
        give: Callable[[Toolbox], Functions],
        wasi: Callable[[Tool, frozenset[str]], Callable[[], Any]],
    ) -> None:
        self._manifest = manifest
        self._components = components
        self._sources = sources
        self._functions = functions
        self._give = give
        self._wasi = wasi
        self._descriptors: dict[str, list[Descriptor]] = {}
        self.edges: dict[tuple[str, str], Edge] = {}
        self._programs: dict[tuple[str, Authority], tuple[ToolProgram, list[ToolProgram]]] = {}

    def equip(
        self, holder: Kind | Tool, component: Component, authority: Authority, label: str
    ) -> Equipment:
        """What a kind of agent, or a tool, gets.

        Args:
            holder: Who.
            component: What it runs.
            authority: What it may do; its tools may do no more.
            label: How to call it in a message.

        Raises:
            BadComponent: It names a function that there is not, or imports what nobody exports.
        """
        everything: dict[int, ToolProgram] = {}
        linked = [self._program(name, authority, everything) for name in holder.link]
        links = links_of(component, label, linked, self._functions)
        box = self._box(holder, authority, everything)
        self._note(holder, box, links)
        functions = {**self._functions, **self._give(box)}
        for link in links:
            functions |= self._standing_in(link)
        return Equipment(functions, list(everything.values()), links, box)

    def descriptors(self, name: str) -> list[Descriptor]:
        """What a tool offers, by name."""
        found = self._descriptors.get(name)
        if found is None:
            tool = self._manifest.tool(name)
            assert tool is not None  # the manifest was checked
            found = offered_by(tool, self._components[name], self._sources[name].component)
            self._descriptors[name] = found
        return found

    def _note(self, holder: Kind | Tool, box: Toolbox, links: list[Link]) -> None:
        who = f"{'agents' if isinstance(holder, Kind) else 'tools'}.{holder.name}"
        for tool in sorted({*box.tools(), *(link.program.tool.name for link in links)}):
            called = tuple(row[0] for row in box.rows() if row[0].partition(".")[0] == tool)
            linked = tuple(it.interface for it in links if it.program.tool.name == tool)
            self.edges[who, tool] = Edge(who, tool, called, linked)

    def _program(
        self, name: str, authority: Authority, everything: dict[int, ToolProgram]
    ) -> ToolProgram:
        """The program of a tool for somebody; it and what it can come to call is noted."""
        tool = self._manifest.tool(name)
        assert tool is not None  # the manifest was checked
        lent = authority.lent(tool)
        made = self._programs.get((name, lent))
        if made is None:
            component, label = self._components[name], label_of(tool)
            equipment = self.equip(tool, component, lent, label)
            functions = equipment.functions
            program = ToolProgram(
                tool,
                component,
                {**functions, **closed(functions)} if tool.language else functions,
                lent,
                self._wasi(tool, lent.mounts),
                self._manifest.world.epoch,
            )
            if name in needed_by(tool):  # submitted code that submits code
                equipment.box.add(self.descriptors(name)[0], program)
                self._note(tool, equipment.box, equipment.links)
            made = self._programs[name, lent] = program, [*equipment.programs, program]
        program, below = made
        everything.update((id(it), it) for it in below)
        return program

    def _box(
        self, holder: Kind | Tool, authority: Authority, everything: dict[int, ToolProgram]
    ) -> Toolbox:
        wanted: dict[str, tuple[Descriptor, ToolProgram]] = {}
        for text in holder.tools:
            name, _, function = text.partition(".")
            if name == holder.name and isinstance(holder, Tool):
                continue  # it is there once its program is made
            program = self._program(name, authority, everything)
            chosen = self._chosen(holder, text, name, function)
            wanted |= {it.name: (it, program) for it in chosen}
        callees = {full: Callee(*found) for full, found in sorted(wanted.items())}
        return Toolbox(callees, [row_of(wanted[name][0]) for name in callees])

    def _chosen(self, holder: Kind | Tool, text: str, name: str, function: str) -> list[Descriptor]:
        offered = self.descriptors(name)
        usable = [it for it in offered if not it.refusal]
        if not function:
            if usable:
                return usable
            why = f"{offered[0].name}: {offered[0].refusal}" if offered else "it exports none"
            raise BadComponent(
                f"{holder.name}: no function of the tool {name!r} can be called: {why}"
            )
        one = next((it for it in offered if it.name == text), None)
        if one is None:
            near = nearest(text, [it.name for it in usable])
            raise BadComponent(f"{holder.name}: there is no tool {text!r}{near}")
        if one.refusal:
            raise BadComponent(f"{holder.name}: {text!r} is no tool: {one.refusal}")
        return [one]

    def _standing_in(self, link: Link) -> Functions:
        """Host functions for the functions of a linked interface."""
        program = link.program
        exported = {
            it.function: it
            for it in self.descriptors(program.tool.name)
            if it.interface == link.interface
        }
        return {
            name: _linked(name, Callee(descriptor, program))
            for function, descriptor in exported.items()
            for name in [f"{bare(link.interface)}#{function}"]
        }


def _linked(name: str, callee: Callee) -> HostFunction:
    def call(guest: Any, *arguments: Any) -> Any:
        refused = guest.authorize("tool", callee.name)
        if refused is not None:
            return _forbidden(callee, refused)
        return guest.suspend(callee.typed(arguments))

    return HostFunction(name, call, suspends=True)


def _forbidden(callee: Callee, refused: Err) -> Any:
    """The refusal of the policy, as far as the import's type has room for one.

    Raises:
        GuestTrap: It has none.
    """
    code = refused.payload[0]
    try:
        return callee.typed(()).fault(code)
    except GuestTrap:
        raise GuestTrap(code, callee.name) from None
