"""The interfaces around a core module as component text: imported, lowered, lifted and exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wasm_engine.toolchain.componentize.typetext import (
    definition_text,
    function_text,
    named,
    needed_types,
    renamed,
    types_of,
)
from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.wit_text import Interface, Use


class Interfaces:
    """The imports and exports of one component being written.

    Args:
        contract: The WIT.
        world: Which of its worlds.
        used: The functions that are imported, by the name of their interface.
        exports: Names of what the core module exports.
        after: Core functions called after exported ones, where the core module brings none.
    """

    def __init__(
        self,
        contract: Contract,
        world: str,
        used: Mapping[str, list[str]],
        exports: Mapping[str, object],
        after: Mapping[str, str] | None = None,
    ) -> None:
        self._contract = contract
        self._used = used
        self._exports = exports
        self._after = after or {}
        shape = contract.worlds[world]
        offered = [*shape.imports, *contract.beside]
        self.imported = [contract.interfaces[name] for name in offered if name in used]
        names = [*shape.exports, *self._beside()]
        self.exported = [contract.interfaces[name] for name in names]

    def _beside(self) -> list[str]:
        """The interfaces of other packages that the core module exports."""
        return [
            name
            for name, full in self._contract.beside.items()
            if any(export.startswith(f"{full}#") for export in self._exports)
        ]

    def full(self, interface: Interface) -> str:
        """Its name as components import and export it."""
        return self._contract.full_name(interface.name)

    def _needed(self, interface: Interface) -> set[str]:
        """The types that the functions in use need, one level into other interfaces."""
        names = self._used.get(interface.name, list(interface.functions))
        return needed_types(interface, types_of([interface.functions[name] for name in names]))

    def _closure(self, source: Interface, names: set[str]) -> list[str]:
        """These types of an interface and what they need, in the order of the WIT."""
        needed = needed_types(source, [Use(name) for name in names])
        return [name for name in source.types if name in needed]

    def _taken(self, interface: Interface) -> dict[str, set[str]]:
        """What an interface takes from others: by the others' names."""
        taken: dict[str, set[str]] = {}
        for name in self._needed(interface) & interface.uses.keys():
            taken.setdefault(interface.uses[name], set()).add(name)
        return taken

    def shared_types(self, interfaces: list[Interface]) -> Iterator[str]:
        """Imports the types that interfaces share, from those that they come from."""
        wanted: dict[str, set[str]] = {}
        for interface in interfaces:
            for name, types in self._taken(interface).items():
                wanted.setdefault(name, set()).update(types)
        for name, types in wanted.items():
            source = self._contract.interfaces[name]
            names = self._closure(source, types)
            yield f'(import "{self.full(source)}" (instance ${name}'
            yield from (named(n, source.types[n]) for n in names)
            yield "))"
            yield from (f'(alias export ${name} "{n}" (type ${n}))' for n in names)

    def import_text(self, interface: Interface) -> str:
        """The import of what is used of it."""
        needed, used = self._needed(interface), self._used[interface.name]
        lines = [f'(import "{self.full(interface)}" (instance ${interface.name}']
        for name in interface.uses:
            if name in needed:
                lines.append(f"(alias outer $agent ${name} (type $outer-{name}))")
                lines.append(f'(export "{name}" (type ${name} (eq $outer-{name})))')
        lines += [named(n, d) for n, d in interface.types.items() if n in needed]
        for name, function in interface.functions.items():
            if name in used:
                lines.append(f'(export "{name}" (func {function_text(function)}))')
        return "\n".join([*lines, "))"])

    def lower(self, interface: Interface) -> str:
        """Core functions for what is used of it, over `$memory` and `$realloc`."""
        lines = []
        for name in interface.functions:
            if name in self._used[interface.name]:
                here = f"${interface.name}.{name}"
                lines.append(f'(alias export ${interface.name} "{name}" (func {here}))')
                lines.append(f"(core func {here} (canon lower (func {here})")
                lines.append("(memory $memory) (realloc (core func $realloc))))")
        return "\n".join(lines)

    def instance(self, interface: Interface) -> str:
        """The core instance of the lowered functions, by the names that they are imported by."""
        names = [n for n in interface.functions if n in self._used[interface.name]]
        items = [f'(export "{name}" (func ${interface.name}.{name}))' for name in names]
        return f"(core instance ${interface.name} {' '.join(items)})"

    def export(self, interface: Interface) -> Iterator[str]:
        """The functions lifted, in an instance that holds them and their types.

        The instance comes from a component of its own: an exported function may mention only types
        that have a name where it is exported, and a plain instance of exports gives them none.
        """
        shared = [
            (n, self._contract.interfaces[source].types[n])
            for source, names in sorted(self._taken(interface).items())
            for n in self._closure(self._contract.interfaces[source], names)
        ]
        needed = self._needed(interface)
        own = [(n, d) for n, d in interface.types.items() if n in needed]
        public = [n for n in (*interface.uses, *interface.types) if n in needed]
        yield from (f"(type ${n} {definition_text(d)})" for n, d in own)
        yield from (self._lift(interface, name) for name in interface.functions)
        yield f"(component $shape-{interface.name}"
        yield from (named(n, d, verb="import", as_name=f"type-{n}") for n, d in (*shared, *own))
        for name, function in interface.functions.items():
            yield f'(import "func-{name}" (func ${name} {function_text(function)}))'
        definitions = dict(own)
        for name in public:
            text = definition_text(definitions[name]) if name in definitions else ""
            within = renamed(text, definitions, "public-")
            if within == text:
                yield f'(export $public-{name} "{name}" (type ${name}))'
            else:  # what it is made of has its name where it is exported, too
                yield f'(type $own-{name} {within}) (export $public-{name} "{name}"'
                yield f"(type $own-{name}))"
        for name, function in interface.functions.items():
            text = renamed(function_text(function), public, "public-")
            yield f'(export "{name}" (func ${name}) (func {text}))'
        withs = [f'(with "type-{n}" (type ${n}))' for n, _ in (*shared, *own)]
        withs += [f'(with "func-{n}" (func ${interface.name}.{n}))' for n in interface.functions]
        yield f") (instance ${interface.name} (instantiate $shape-{interface.name}"
        yield from withs
        yield f')) (export "{self.full(interface)}" (instance ${interface.name}))'

    def _lift(self, interface: Interface, name: str) -> str:
        here, core_name = f"${interface.name}.{name}", f"{self.full(interface)}#{name}"
        post = f"cabi_post_{core_name}"
        lines = [f'(alias core export $main "{core_name}" (core func {here}))']
        after = ""
        if post in self._exports:
            lines.append(f'(alias core export $main "{post}" (core func {here}.post))')
            after = f"{here}.post"
        after = after or self._after.get(name, "")
        lines.append(f"(func {here} {function_text(interface.functions[name])}")
        lines.append(f"(canon lift (core func {here}) (memory $memory)")
        lines.append("(realloc (core func $realloc))")
        if after:
            lines.append(f"(post-return (core func {after}))")
        return "\n".join([*lines, "))"])
