"""The component around the core module of a command, whose imports are written out as text.

The text imports the interfaces, each as an instance with an identifier, and gives every resource
its name as identifier. What the core module imports is lowered from them: functions by the names
of their interfaces, `[resource-drop]NAME` as the tools of the ecosystem have it.
"""

from __future__ import annotations

import re

from wasm_engine.runtime.text import to_binary

from wasm_engine.toolchain.componentize import binary
from wasm_engine.toolchain.kits import kit

_MARKER = "the core module comes here"
_IMPORT = re.compile(r'\(import "([^"]+)" \(instance (\$[\w-]+)')
_ALLOCATOR = "env"
_DROP = "[resource-drop]"


def command(core: bytes, outer: str) -> bytes:
    """The component of a command.

    Args:
        core: Imports its memory and allocator from `env`; exports `__heap_base` and `run`.
        outer: Text with places for what depends on the core module: `{memory}`, `{lowered}`,
            `{marker}`, `{withs}`.
    """
    heap, imports = binary.exported_constant(core, "__heap_base"), binary.core_imports(core)
    pages = next((it.pages for it in imports if it.pages), 1)
    memory = kit("c/memory.wat").read_text().replace("{pages}", str(pages)).replace("{heap}", str(heap))
    instances = dict(_IMPORT.findall(outer))
    lowered: list[str] = []
    names: dict[str, list[str]] = {}
    for number, wanted in enumerate(imports):
        if wanted.module == _ALLOCATOR:
            continue
        if wanted.name.startswith(_DROP):
            resource = wanted.name.removeprefix(_DROP)
            lowered.append(f"(core func $core{number} (canon resource.drop ${resource}))")
        else:
            instance = instances[wanted.module]
            lowered.append(f'(alias export {instance} "{wanted.name}" (func $func{number}))')
            options = "(memory $mem) (realloc (core func $realloc))"
            lowered.append(
                f"(core func $core{number} (canon lower (func $func{number}) {options}))"
            )
        export = f'(export "{wanted.name}" (func $core{number}))'
        names.setdefault(wanted.module, []).append(export)
    lowered += [
        f"(core instance $with{number} {' '.join(exports)})"
        for number, exports in enumerate(names.values())
    ]
    places = {
        "memory": memory.replace("(module", "(core module $memory", 1),
        "lowered": "\n".join(lowered),
        "marker": _MARKER,
        "withs": " ".join(f'(with "{it}" (instance $with{n}))' for n, it in enumerate(names)),
    }
    for place, text in places.items():
        outer = outer.replace(f"{{{place}}}", text)
    return binary.stripped(binary.splice(to_binary(outer), _MARKER.encode(), core))
