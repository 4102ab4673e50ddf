"""The component around the core module of a command, whose imports are written out as text."""

from __future__ import annotations

from wasm_engine.runtime.text import to_binary
from wasm_engine.toolchain.componentize import binary
from wasm_engine.toolchain.componentize.lowering import lowered
from wasm_engine.toolchain.kits import kit

_MARKER = "the core module comes here"
_ALLOCATOR = "env"


def command(core: bytes, outer: str) -> bytes:
    """The component of a command.

    Args:
        core: Imports its memory and allocator from `env`; exports `__heap_base` and `run`.
        outer: Text as `lowered` wants it, with places for what depends on the core module:
            `{memory}`, `{lowered}`, `{marker}`, `{withs}`.
    """
    heap, imports = binary.exported_constant(core, "__heap_base"), binary.core_imports(core)
    pages = next((it.pages for it in imports if it.pages), 1)
    memory = kit("c/memory.wat").read_text()
    memory = memory.replace("{pages}", str(pages)).replace("{heap}", str(heap))
    lower = lowered([it for it in imports if it.module != _ALLOCATOR], outer)
    places = {
        "memory": memory.replace("(module", "(core module $memory", 1),
        "lowered": lower.definitions,
        "marker": _MARKER,
        "withs": lower.withs,
    }
    for place, text in places.items():
        outer = outer.replace(f"{{{place}}}", text)
    return binary.stripped(binary.splice(to_binary(outer), _MARKER.encode(), core))
