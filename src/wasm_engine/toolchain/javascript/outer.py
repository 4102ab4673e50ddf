"""The component around QuickJS, written as text from the WIT.

Order of the parts: the imported interfaces; a module of shims, through which QuickJS calls what
does not exist yet; QuickJS; the allocator over its memory, and the host's functions lowered onto
it; the module between the two (`engine.wat`), which fills the shims' table; its exports lifted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wasm_engine.toolchain.javascript.shapes import (
    Shapes,
    camel,
    definition_text,
    function_text,
)
from wasm_engine.toolchain.javascript.wit import Function, Interface, Packages, Use

MARKER = "QuickJS comes here"
SHIMS = (
    ("env", "host_get_timezone_offset", "i32 i32", "i32"),
    ("env", "host_interrupt", "", "i32"),
    ("env", "host_promise_rejection", "i32 i32 i32", ""),
    ("env", "host_module_normalize", "i32 i32", "i32"),
    ("env", "host_module_load", "i32 i32", "i32"),
    ("env", "host_call", "i32 i32 i32 i32 i32", "i32"),
    ("wasi_snapshot_preview1", "clock_time_get", "i32 i64 i32", "i32"),
    ("wasi_snapshot_preview1", "fd_close", "i32", "i32"),
    ("wasi_snapshot_preview1", "fd_fdstat_get", "i32 i32", "i32"),
    ("wasi_snapshot_preview1", "fd_seek", "i32 i64 i32 i32", "i32"),
    ("wasi_snapshot_preview1", "fd_write", "i32 i32 i32 i32", "i32"),
    ("wasi_snapshot_preview1", "random_get", "i32 i32", "i32"),
)
"""What QuickJS imports, in the order in which `engine.wat` puts its functions into the table."""
_ALLOCATOR = """\
(core module $allocator
  (import "quickjs" "realloc" (func $realloc (param i32 i32) (result i32)))
  (func (export "cabi_realloc") (param $old i32) (param i32) (param $align i32) (param $size i32)
      (result i32)
    (local $at i32)
    (if (i32.eqz (local.get $size)) (then (return (local.get $align))))
    (local.set $at (call $realloc (local.get $old) (local.get $size)))
    (if (i32.eqz (local.get $at)) (then (unreachable)))
    (local.get $at)))"""


class HostFunction(NamedTuple):
    """A function of the host as the module in between knows it.

    Attributes:
        interface: Short name of its interface.
        name: Its name in JavaScript: `selfAddress`, `bucket.get`.
        component: The text that makes the core function, named `$core-N`.
        parameters: Core types of its parameters.
        result: Core type of its result, if it has one.
        returns_by_memory: Whether the last parameter says where the result is to lie.
        plain: What guests know of it: types of its parameters, and of its result.
    """

    interface: str
    name: str
    component: str
    parameters: list[str]
    result: str | None
    returns_by_memory: bool
    plain: tuple[list[object], object]


class Outer:
    """The component of a world.

    Args:
        packages: The WIT.
        world: Full name of the world; the functions that it exports have names of their own.

    Attributes:
        functions: Every function of the host that it imports, by number.
    """

    def __init__(self, packages: Packages, world: str) -> None:
        self._packages = packages
        found = packages.world(world)
        self._imports = [packages.interfaces[full] for full in found.imports]
        self._exports = [packages.interfaces[full] for full in found.exports]
        self.functions: list[HostFunction] = []
        for interface in self._imports:
            self.functions += self._functions(interface, len(self.functions))

    def number(self, interface: str, name: str) -> int:
        """The number of a function."""
        names = [(function.interface, function.name) for function in self.functions]
        return names.index((interface, name))

    def exported(self, name: str) -> list[str]:
        """Core types of the parameters of an exported function."""
        interface, function = self._exported(name)
        return Shapes(self._packages, interface).parameters(function)

    def exported_shape(self, name: str) -> tuple[list[object], object]:
        """Types of an exported function, as guests read them."""
        return self._plain(*self._exported(name))

    def text(self, glue: str) -> str:
        """The whole component as text; QuickJS goes where the marker is.

        Args:
            glue: The module between QuickJS and the host's functions.
        """
        items = (f'(export "{n}" (func $core-{n}))' for n in range(len(self.functions)))
        parts = [
            *(self._import(interface) for interface in self._imports),
            _shims(),
            "(core instance $shim (instantiate $shim))",
            f'(core module $quickjs (@custom "{MARKER}" ""))',
            "(core instance $quickjs (instantiate $quickjs",
            *(f'(with "{name}" (instance $shim))' for name in dict.fromkeys(s[0] for s in SHIMS)),
            "))",
            '(alias core export $quickjs "memory" (core memory $memory))',
            _ALLOCATOR,
            "(core instance $allocator (instantiate $allocator",
            '(with "quickjs" (instance $quickjs))))',
            '(alias core export $allocator "cabi_realloc" (core func $realloc))',
            *(function.component for function in self.functions),
            f"(core instance $host {' '.join(items)})",
            glue.replace("(module", "(core module $glue", 1),
            '(core instance $glue (instantiate $glue (with "quickjs" (instance $quickjs))',
            '(with "shim" (instance $shim)) (with "host" (instance $host))))',
            *self._lifted(),
        ]
        return "(component $agent\n" + "\n".join(parts) + ")"

    def _exported(self, name: str) -> tuple[Interface, Function]:
        interface = next(it for it in self._exports if name in it.functions)
        return interface, interface.functions[name]

    def _plain(self, interface: Interface, function: Function) -> tuple[list[object], object]:
        shapes = Shapes(self._packages, interface)
        parameters = [shapes.plain(use) for _, use in function.parameters]
        return parameters, function.result and shapes.plain(function.result)

    def _functions(self, interface: Interface, first: int) -> Iterator[HostFunction]:
        for number, (name, function) in enumerate(interface.functions.items(), first):
            text = (
                f'(alias export ${interface.full} "{name}" (func $func-{number}))\n'
                f"(core func $core-{number} (canon lower (func $func-{number}) (memory $memory)"
                " (realloc (core func $realloc))))"
            )
            known = ".".join(camel(part) for part in name.partition("]")[2].split(".") if part)
            core = Shapes(self._packages, interface).signature(function)
            plain = self._plain(interface, function)
            yield HostFunction(interface.short, known or camel(name), text, *core, plain)
        number = first + len(interface.functions)
        for name, definition in interface.types.items():
            if definition.form == "resource":
                text = f"(core func $core-{number} (canon resource.drop ${interface.full}.{name}))"
                known = f"{camel(name)}.drop"
                yield HostFunction(
                    interface.short, known, text, ["i32"], None, False, (["handle"], None)
                )
                number += 1

    def _import(self, interface: Interface) -> str:
        lines = [f'(import "{interface.full}" (instance ${interface.full}']
        for name, source in interface.uses.items():
            lines.append(f"(alias outer $agent ${source}.{name} (type $outer-{name}))")
            lines.append(f'(export "{name}" (type ${name} (eq $outer-{name})))')
        for name in _ordered(interface):
            definition = interface.types[name]
            if definition.form == "resource":
                lines.append(f'(export "{name}" (type ${name} (sub resource)))')
            else:
                lines.append(f"(type $is-{name} {definition_text(definition)})")
                lines.append(f'(export "{name}" (type ${name} (eq $is-{name})))')
        lines += [
            f'(export "{name}" (func {function_text(function)}))'
            for name, function in interface.functions.items()
        ]
        aliases = (
            f'(alias export ${interface.full} "{name}" (type ${interface.full}.{name}))'
            for name in (*interface.uses, *interface.types)
        )
        return "\n".join([*lines, "))", *aliases])

    def _lifted(self) -> Iterator[str]:
        """The functions lifted, in an instance for each interface that holds them and their types.

        The instance comes from a component of its own: an exported function may mention only types
        that have a name where it is exported, and a plain instance of exports gives them none.
        """
        needed = {name: home for it in self._exports for name, home in self._closure(it).items()}
        for name, home in needed.items():
            if home in self._exports:
                yield f"(type ${name} {definition_text(home.types[name])})"
            else:
                yield f'(alias export ${home.full} "{name}" (type ${name}))'
        for interface in self._exports:
            yield from self._instance(interface)

    def _instance(self, interface: Interface) -> Iterator[str]:
        for name, function in interface.functions.items():
            yield f'(alias core export $glue "{name}" (core func $lift-{name}))'
            yield (
                f"(func $lifted-{name} {function_text(function)} (canon lift"
                f" (core func $lift-{name}) (memory $memory) (realloc (core func $realloc))))"
            )
        yield f"(component $shape-{interface.name}"
        yield from self._shape(interface)
        yield f") (instance $exported-{interface.name} (instantiate $shape-{interface.name}"
        yield from (f'(with "type-{name}" (type ${name}))' for name in self._closure(interface))
        yield from (f'(with "func-{name}" (func $lifted-{name}))' for name in interface.functions)
        yield f')) (export "{interface.full}" (instance $exported-{interface.name}))'

    def _closure(self, exported: Interface) -> dict[str, Interface]:
        """Where the types are from that an interface's functions need, each after what it needs."""
        found: dict[str, Interface] = {}

        def add(interface: Interface, name: str) -> None:
            if name in interface.uses:
                add(self._packages.interfaces[interface.uses[name]], name)
            elif name in interface.types and name not in found:
                for inner in _names_in(interface, name):
                    add(interface, inner)
                found[name] = interface

        for name in (*exported.uses, *exported.types):
            add(exported, name)
        return found

    def _shape(self, interface: Interface) -> Iterator[str]:
        for name, home in self._closure(interface).items():
            text = definition_text(home.types[name])
            yield f"(type $is-{name} {text})"
            yield f'(import "type-{name}" (type ${name} (eq $is-{name})))'
        for name, function in interface.functions.items():
            yield f'(import "func-{name}" (func $func-{name} {function_text(function)}))'
        public = (*interface.uses, *interface.types)
        for name in public:
            yield f'(export $public-{name} "{name}" (type ${name}))'
        for name, function in interface.functions.items():
            text = function_text(function)
            for used in public:
                text = text.replace(f"${used}", f"$public-{used}")
            yield f'(export "{name}" (func $func-{name}) (func {text}))'


def _shims() -> str:
    lines = ["(core module $shim", f'(table $table (export "table") {len(SHIMS)} funcref)']
    for number, (_, name, parameters, result) in enumerate(SHIMS):
        count = len(parameters.split())
        of = f"{f'(param {parameters})' if parameters else ''} " + (
            f"(result {result})" if result else ""
        )
        pushed = " ".join(f"(local.get {n})" for n in range(count))
        lines.append(
            f'(func (export "{name}") {of}'
            f" (call_indirect $table {of} {pushed} (i32.const {number})))"
        )
    return "\n".join(lines) + ")"


def _names_in(interface: Interface, name: str) -> list[str]:
    found: list[str] = []

    def look(use: Use | None) -> None:
        if use is not None:
            if not use.arguments:
                found.append(use.head)
            for argument in use.arguments:
                look(argument)

    for _, member in interface.types[name].members:
        look(member)
    return found


def _ordered(interface: Interface) -> list[str]:
    """Its types, each after those that it needs."""
    done: dict[str, None] = {}

    def add(name: str) -> None:
        if name in interface.types and name not in done:
            for inner in _names_in(interface, name):
                add(inner)
            done[name] = None

    for name in interface.types:
        add(name)
    return list(done)
