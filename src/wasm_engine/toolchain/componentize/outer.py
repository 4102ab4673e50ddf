"""The component around a core module, written as text from the contract.

A core module comes in one of two forms. One imports its memory and its allocator: the kit's module
brings them, and the host's functions are lowered onto them before the core module exists. Another
brings its own, as the compilers of most languages have it: then it reaches the host through a table
that is filled when its memory is there (`shimmed`).
"""

from __future__ import annotations

import re

from wasm_engine.runtime.text import to_binary
from wasm_engine.toolchain.componentize import binary
from wasm_engine.toolchain.componentize.interfaces import Interfaces
from wasm_engine.toolchain.componentize.lowering import lowered
from wasm_engine.toolchain.componentize.shimmed import shimmed_text
from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.kits import kit

MARKER = "the core module comes here"
_ALLOCATOR = "env"
_IMPORT = re.compile(r'\(import "([^"]+)" \(instance ')
_BEGIN = "_initialize"
_BEGINNING = f"""
(core module $beginning (import "main" "{_BEGIN}" (func $begin)) (start $begin))
(core instance (instantiate $beginning (with "main" (instance $main))))"""
"""Calls what a module has to do before anything else, as the ecosystem's reactors name it."""


def component(
    core: bytes,
    contract: Contract,
    world: str,
    *,
    memory: str = "",
    before: str = "",
    others: str = "",
    lines: bool = False,
) -> bytes:
    """The component of a world around a core module.

    Args:
        core: Imports the host's functions by the names of their interfaces, and exports the
            world's. Imports memory and allocator from `env`, and exports `__heap_base`; or
            exports `memory` and `cabi_realloc`, and may import `wasi_snapshot_preview1`. What it
            exports as `_initialize` is called as an instance begins, where it imports its memory.
        contract: The WIT.
        world: Which of its worlds.
        memory: Text of another memory module than the kit's.
        before: Text that comes first in the component.
        others: Text that imports interfaces of other packages, as `lowered` wants it.
        lines: Whether names and debug information stay in it.

    Raises:
        ValueError: It imports what the world does not offer, or lacks what it has to export.
    """
    exports = binary.core_exports(core)
    if "memory" in exports:
        text = shimmed_text(core, contract, world, MARKER)
    else:
        memory = memory or kit("c/memory.wat").read_text()
        text = _over_memory(core, contract, world, memory, before, others)
    spliced = binary.splice(to_binary(text), MARKER.encode(), core)
    return spliced if lines else binary.stripped(spliced)


def _over_memory(
    core: bytes, contract: Contract, world: str, memory: str, before: str, others: str
) -> str:
    """The text around a core module that imports its memory."""
    imported = set(_IMPORT.findall(others))
    used, pages = _read_imports(core, contract, world, imported)
    exports = binary.core_exports(core)
    interfaces = Interfaces(contract, world, used, exports)
    heap = binary.exported_constant(core, "__heap_base")
    memory = memory.replace("{pages}", str(pages)).replace("{heap}", str(heap))
    lower = lowered([it for it in binary.core_imports(core) if it.module in imported], others)
    withs = [
        '(with "env" (instance $memory))',
        *(f'(with "{interfaces.full(i)}" (instance ${i.name}))' for i in interfaces.imported),
        lower.withs,
    ]
    parts = [
        before,
        others,
        *interfaces.shared_types([*interfaces.imported, *interfaces.exported]),
        *(interfaces.import_text(interface) for interface in interfaces.imported),
        memory.replace("(module", "(core module $memory", 1),
        "(core instance $memory (instantiate $memory))",
        '(alias core export $memory "memory" (core memory $memory))',
        '(alias core export $memory "cabi_realloc" (core func $realloc))',
        *(f"{interfaces.lower(it)}\n{interfaces.instance(it)}" for it in interfaces.imported),
        '(alias core export $memory "memory" (core memory $mem))' if others else "",
        lower.definitions,
        f'(core module $main (@custom "{MARKER}" ""))',
        f"(core instance $main (instantiate $main {' '.join(withs)}))",
        _BEGINNING if _BEGIN in exports else "",
        *(line for interface in interfaces.exported for line in interfaces.export(interface)),
    ]
    return "(component $agent\n" + "\n".join(parts) + ")"


def _read_imports(
    core: bytes, contract: Contract, world: str, others: set[str]
) -> tuple[dict[str, list[str]], int]:
    """The functions that it imports, by their interface, and the size of its memory in pages."""
    offered = contract.offered(world)
    used: dict[str, list[str]] = {}
    pages = 1
    for wanted in binary.core_imports(core):
        pages = wanted.pages or pages
        if wanted.module in offered:
            used.setdefault(offered[wanted.module], []).append(wanted.name)
        elif wanted.module != _ALLOCATOR and wanted.module not in others:
            raise ValueError(f"{wanted.module} is not in the world")
    return used, pages
