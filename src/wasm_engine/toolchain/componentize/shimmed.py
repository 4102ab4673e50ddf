"""Around a core module that brings its own memory and allocator.

The host's functions need the memory to be lowered, and the core module needs the functions to be
instantiated. So it gets functions that go through a table, and the table is filled when all is
there: the same shape that the tools of the ecosystem write.
"""

from __future__ import annotations

from collections.abc import Iterator

from wasm_engine.toolchain.componentize import binary
from wasm_engine.toolchain.componentize.adapter import PREVIEW1, Adapter
from wasm_engine.toolchain.componentize.interfaces import Interfaces
from wasm_engine.toolchain.componentize.wit import Contract

_NEEDED = "cabi_realloc"
_INITIALIZE = ("_initialize", "_start")


def shimmed_text(core: bytes, contract: Contract, world: str, marker: str) -> str:
    """The whole component as text, with a place for the core module.

    Raises:
        ValueError: It imports what the world does not offer, or lacks what it has to export.
    """
    return _Shimmed(core, contract, world).text(marker)


class _Shimmed:
    """One component being written."""

    def __init__(self, core: bytes, contract: Contract, world: str) -> None:
        self._imports = [it for it in binary.core_imports(core) if it.signature is not None]
        self._exports = binary.core_exports(core)
        if _NEEDED not in self._exports:
            raise ValueError(f"the module exports a memory, but no {_NEEDED}")
        wanted = [it.name for it in self._imports if it.module == PREVIEW1]
        self._adapter = Adapter(wanted, contract) if wanted else None
        used = self._used(contract, world)
        after = {"init": Adapter.LIVE} if self._adapter else {}
        self._interfaces = Interfaces(contract, world, used, self._exports, after)
        missing = [
            name
            for it in self._interfaces.exported
            for name in (f"{self._interfaces.full(it)}#{f}" for f in it.functions)
            if name not in self._exports
        ]
        if missing:
            raise ValueError(f"the module does not export {missing[0]!r}")

    def _used(self, contract: Contract, world: str) -> dict[str, list[str]]:
        offered = self._offered = contract.offered(world)
        used: dict[str, list[str]] = {}
        for it in self._imports:
            if it.module == PREVIEW1:
                continue
            if it.module not in offered:
                raise ValueError(f"{it.module} is not in the world")
            if it.name not in contract.interfaces[offered[it.module]].functions:
                raise ValueError(f"{it.module} has no function {it.name!r}")
            used.setdefault(offered[it.module], []).append(it.name)
        for interface, name in self._adapter.host_functions() if self._adapter else ():
            functions = used.setdefault(interface, [])
            if name not in functions:
                functions.append(name)
        return used

    def text(self, marker: str) -> str:
        interfaces = self._interfaces
        parts = [
            *interfaces.shared_types([*interfaces.imported, *interfaces.exported]),
            *(interfaces.import_text(interface) for interface in interfaces.imported),
            f'(core module $main (@custom "{marker}" ""))',
            *shims(self._imports),
            *through_shims(self._imports),
            '(alias core export $main "memory" (core memory $memory))',
            f'(alias core export $main "{_NEEDED}" (core func $realloc))',
            *(interfaces.lower(interface) for interface in interfaces.imported),
            *(self._adapter.text() if self._adapter else ()),
            *fill(list(self._targets())),
            *self._started(),
            *(line for interface in interfaces.exported for line in interfaces.export(interface)),
        ]
        return "(component $agent\n" + "\n".join(parts) + ")"

    def _targets(self) -> Iterator[str]:
        """The core function behind each import, in their order."""
        for it in self._imports:
            if it.module == PREVIEW1:
                yield f"$adapter.{it.name}"
            else:
                yield f"${self._offered[it.module]}.{it.name}"

    def _started(self) -> Iterator[str]:
        """What the module wants to be called before all else."""
        for name in _INITIALIZE:
            if name in self._exports:
                yield '(core module $start (import "" "go" (func)) (start 0))'
                yield f'(alias core export $main "{name}" (core func $initialize))'
                yield '(core instance $go (export "go" (func $initialize)))'
                yield '(core instance (instantiate $start (with "" (instance $go))))'
                return


def shims(imports: list[binary.CoreImport]) -> Iterator[str]:
    """A module of functions that go through a table, and one that fills it."""
    count = len(imports)
    table = f"{count} {count} funcref"
    functions = []
    for number, it in enumerate(imports):
        arguments = " ".join(f"local.get {n}" for n in range(len(it.parameters or ())))
        signature = it.signature
        functions.append(
            f'(func (export "{number}") {signature} {arguments} '
            f"i32.const {number} call_indirect {signature})"
        )
    yield f'(core module $shim (table (export "table") {table}) {" ".join(functions)})'
    targets = " ".join(f'(import "" "{n}" (func {it.signature}))' for n, it in enumerate(imports))
    numbers = " ".join(map(str, range(count)))
    elements = f"(elem (i32.const 0) func {numbers})" if count else ""
    yield f'(core module $fixup {targets} (import "" "table" (table {table})) {elements})'
    yield "(core instance $shim (instantiate $shim))"


def through_shims(imports: list[binary.CoreImport]) -> Iterator[str]:
    """The core module instantiated, each import going through the table."""
    modules: dict[str, list[str]] = {}
    for number, it in enumerate(imports):
        yield f'(alias core export $shim "{number}" (core func $shim{number}))'
        modules.setdefault(it.module, []).append(f'(export "{it.name}" (func $shim{number}))')
    for number, items in enumerate(modules.values()):
        yield f"(core instance $with{number} {' '.join(items)})"
    withs = " ".join(f'(with "{name}" (instance $with{n}))' for n, name in enumerate(modules))
    yield f"(core instance $main (instantiate $main {withs}))"


def fill(targets: list[str]) -> Iterator[str]:
    """The table filled with what is behind the imports."""
    yield '(alias core export $shim "table" (core table $table))'
    items = " ".join(f'(export "{n}" (func {target}))' for n, target in enumerate(targets))
    yield f'(core instance $fill {items} (export "table" (table $table)))'
    yield '(core instance (instantiate $fixup (with "" (instance $fill))))'
