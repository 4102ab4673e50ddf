"""The component around a core module, written as text from the contract.

Order of the parts: the imported interfaces (only what the core module uses), the memory module,
the host's functions lowered onto that memory, the core module, and its exports lifted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wasmtime import wat2wasm

from componentize import binary
from componentize.typetext import (
    definition_text,
    function_text,
    named,
    needed_types,
    renamed,
    types_of,
)
from componentize.wit import Contract, Interface, Use

_MARKER = "the core module comes here"
_ALLOCATOR = "env"
MEMORY = Path(__file__).parent.parent / "sdk" / "c" / "memory.wat"


def component(
    core: bytes,
    contract: Contract,
    world: str,
    *,
    memory: str = "",
    before: str = "",
    lines: bool = False,
) -> bytes:
    """The component of a world around a core module.

    Args:
        core: Imports its memory and allocator from `env`, the host's functions by the names of
            their interfaces; exports `__heap_base` and the world's functions.
        contract: The WIT.
        world: Which of its worlds.
        memory: Text of another memory module than the kit's.
        before: Text that comes first in the component.
        lines: Whether names and debug information stay in it.
    """
    text = _Outer(core, contract, world).text(memory or MEMORY.read_text(), before)
    spliced = binary.splice(bytes(wat2wasm(text)), _MARKER.encode(), core)
    return spliced if lines else binary.stripped(spliced)


class _Outer:
    """One component being written."""

    def __init__(self, core: bytes, contract: Contract, world: str) -> None:
        self._contract = contract
        self._world = contract.worlds[world]
        self._exports = binary.core_exports(core)
        self._heap = binary.exported_constant(core, "__heap_base")
        self._pages = 1
        self._used: dict[str, list[str]] = {}
        self._read_imports(core)

    def _read_imports(self, core: bytes) -> None:
        offered = {self._contract.full_name(name): name for name in self._world.imports}
        for wanted in binary.core_imports(core):
            self._pages = wanted.pages or self._pages
            if wanted.module in offered:
                self._used.setdefault(offered[wanted.module], []).append(wanted.name)
            elif wanted.module != _ALLOCATOR:
                raise ValueError(f"{wanted.module} is not in the world")

    def text(self, memory: str, before: str) -> str:
        """The whole component as text."""
        used = [self._contract.interfaces[n] for n in self._world.imports if n in self._used]
        exported = [self._contract.interfaces[n] for n in (*self._world.exports, *self._beside())]
        memory = memory.replace("{pages}", str(self._pages)).replace("{heap}", str(self._heap))
        withs = [
            '(with "env" (instance $memory))',
            *(f'(with "{self._full(i)}" (instance ${i.name}))' for i in used),
        ]
        parts = [
            before,
            *self._shared_types([*used, *exported]),
            *(self._import(interface) for interface in used),
            memory.replace("(module", "(core module $memory", 1),
            "(core instance $memory (instantiate $memory))",
            '(alias core export $memory "memory" (core memory $memory))',
            '(alias core export $memory "cabi_realloc" (core func $realloc))',
            *(self._lower(interface) for interface in used),
            f'(core module $main (@custom "{_MARKER}" ""))',
            f"(core instance $main (instantiate $main {' '.join(withs)}))",
            *(line for interface in exported for line in self._export(interface)),
        ]
        return "(component $agent\n" + "\n".join(parts) + ")"

    def _beside(self) -> list[str]:
        """The interfaces of other packages that the core module exports."""
        return [
            name
            for name, full in self._contract.beside.items()
            if any(export.startswith(f"{full}#") for export in self._exports)
        ]

    def _full(self, interface: Interface) -> str:
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

    def _shared_types(self, interfaces: list[Interface]) -> Iterator[str]:
        """Imports the types that interfaces share, from those that they come from."""
        wanted: dict[str, set[str]] = {}
        for interface in interfaces:
            for name, types in self._taken(interface).items():
                wanted.setdefault(name, set()).update(types)
        for name, types in wanted.items():
            source = self._contract.interfaces[name]
            names = self._closure(source, types)
            yield f'(import "{self._full(source)}" (instance ${name}'
            yield from (named(n, source.types[n]) for n in names)
            yield "))"
            yield from (f'(alias export ${name} "{n}" (type ${n}))' for n in names)

    def _import(self, interface: Interface) -> str:
        needed, used = self._needed(interface), self._used[interface.name]
        lines = [f'(import "{self._full(interface)}" (instance ${interface.name}']
        for name in interface.uses:
            if name in needed:
                lines.append(f"(alias outer $agent ${name} (type $outer-{name}))")
                lines.append(f'(export "{name}" (type ${name} (eq $outer-{name})))')
        lines += [named(n, d) for n, d in interface.types.items() if n in needed]
        for name, function in interface.functions.items():
            if name in used:
                lines.append(f'(export "{name}" (func {function_text(function)}))')
        return "\n".join([*lines, "))"])

    def _lower(self, interface: Interface) -> str:
        lines, items = [], []
        for name in interface.functions:
            if name in self._used[interface.name]:
                here = f"${interface.name}.{name}"
                lines.append(f'(alias export ${interface.name} "{name}" (func {here}))')
                lines.append(f"(core func {here} (canon lower (func {here})")
                lines.append("(memory $memory) (realloc (core func $realloc))))")
                items.append(f'(export "{name}" (func {here}))')
        lines.append(f"(core instance ${interface.name} {' '.join(items)})")
        return "\n".join(lines)

    def _export(self, interface: Interface) -> Iterator[str]:
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
        yield f')) (export "{self._full(interface)}" (instance ${interface.name}))'

    def _lift(self, interface: Interface, name: str) -> str:
        here, core_name = f"${interface.name}.{name}", f"{self._full(interface)}#{name}"
        post = f"cabi_post_{core_name}"
        lines = [f'(alias core export $main "{core_name}" (core func {here}))']
        if post in self._exports:
            lines.append(f'(alias core export $main "{post}" (core func {here}.post))')
        lines.append(f"(func {here} {function_text(interface.functions[name])}")
        lines.append(f"(canon lift (core func {here}) (memory $memory)")
        lines.append("(realloc (core func $realloc))")
        if post in self._exports:
            lines.append(f"(post-return (core func {here}.post))")
        return "\n".join([*lines, "))"])
