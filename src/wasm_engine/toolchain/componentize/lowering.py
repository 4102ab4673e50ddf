"""What a core module imports, lowered from interfaces that are written out as text."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from wasm_engine.toolchain.componentize.binary import CoreImport

_IMPORT = re.compile(r'\(import "([^"]+)" \(instance (\$[\w-]+)')
_DROP = "[resource-drop]"


class Lowered(NamedTuple):
    """Text that defines the core functions, and text that passes them to an instantiation."""

    definitions: str
    withs: str


def lowered(imports: Collection[CoreImport], outer: str) -> Lowered:
    """The imports of a core module out of a component's.

    Args:
        imports: What it imports. Functions have the names of their interfaces,
            `[resource-drop]NAME` drops a resource, as the tools of the ecosystem have it.
        outer: Text that imports the interfaces, each as an instance with an identifier, and gives
            every resource its name as identifier; and that has a memory `$mem` and a function
            `$realloc`.

    Raises:
        ValueError: It imports what the text does not.
    """
    instances = dict(_IMPORT.findall(outer))
    lines: list[str] = []
    names: dict[str, list[str]] = {}
    for number, wanted in enumerate(imports):
        if wanted.name.startswith(_DROP):
            resource = wanted.name.removeprefix(_DROP)
            lines.append(f"(core func $core{number} (canon resource.drop ${resource}))")
        else:
            if wanted.module not in instances:
                raise ValueError(f"{wanted.module} is nothing that it may import")
            instance = instances[wanted.module]
            lines.append(f'(alias export {instance} "{wanted.name}" (func $func{number}))')
            options = "(memory $mem) (realloc (core func $realloc))"
            lines.append(f"(core func $core{number} (canon lower (func $func{number}) {options}))")
        export = f'(export "{wanted.name}" (func $core{number}))'
        names.setdefault(wanted.module, []).append(export)
    lines += [
        f"(core instance $with-wasi{number} {' '.join(exports)})"
        for number, exports in enumerate(names.values())
    ]
    withs = " ".join(f'(with "{it}" (instance $with-wasi{n}))' for n, it in enumerate(names))
    return Lowered("\n".join(lines), withs)
