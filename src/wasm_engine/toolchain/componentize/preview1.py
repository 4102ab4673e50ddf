"""Commands: programs for WASI preview 1, with our adapter that answers them out of WASI 0.2."""

from __future__ import annotations

from wasm_engine.runtime.text import to_binary
from wasm_engine.toolchain.componentize import binary
from wasm_engine.toolchain.componentize.adapter import PREVIEW1
from wasm_engine.toolchain.componentize.lowering import lowered
from wasm_engine.toolchain.componentize.shimmed import fill, shims, through_shims
from wasm_engine.toolchain.kits import kit

_PROGRAM, _ADAPTER = "the program comes here", "the adapter comes here"
_FOLDER = "adapter/command"
_OURS = ("env", "room")
_NEEDED = ("memory", "_start")


def command_component(core: bytes) -> bytes:
    """The component of a program that exports `memory` and `_start`.

    Raises:
        ValueError: It does not, or imports something else than preview 1.
    """
    exports = binary.core_exports(core)
    for name in _NEEDED:
        if name not in exports:
            raise ValueError(f"the program does not export {name!r}")
    imports = binary.core_imports(core)
    adapter = kit(f"{_FOLDER}/command.wasm").read_bytes()
    offered = binary.core_exports(adapter)
    for wanted in imports:
        if wanted.module != PREVIEW1 or wanted.name not in offered:
            raise ValueError(f"{wanted.module} {wanted.name} is nothing that a command may import")
    outer = kit(f"{_FOLDER}/outer.wat").read_text(encoding="utf-8")
    room = kit(f"{_FOLDER}/room.wat").read_text(encoding="utf-8")
    of_host = [it for it in binary.core_imports(adapter) if it.module not in _OURS]
    lower = lowered(of_host, outer)
    places = {
        "program": _PROGRAM,
        "adapter": _ADAPTER,
        "shims": "\n".join([*shims(imports), *through_shims(imports)]),
        "room": room[room.index("(module") :].replace("(module", "(core module $room", 1),
        "lowered": lower.definitions,
        "withs": lower.withs,
        "front": _front(imports),
        "fill": "\n".join(fill([f"$front.{it.name}" for it in imports])),
    }
    for place, text in places.items():
        outer = outer.replace(f"{{{place}}}", text)
    spliced = binary.splice(to_binary(outer), _ADAPTER.encode(), adapter)
    return binary.stripped(binary.splice(spliced, _PROGRAM.encode(), core))


def _front(imports: list[binary.CoreImport]) -> str:
    """Functions that see to it that the adapter has a stack, and call it."""
    functions = dict.fromkeys(imports)
    parts = [
        '(import "room" "ready" (func $ready (result i32)))',
        '(import "room" "stack" (func $stack (result i32)))',
        '(import "command" "__stack_pointer" (global $top (mut i32)))',
        *(f'(import "command" "{it.name}" (func ${it.name} {it.signature}))' for it in functions),
        "(func $begin (if (call $ready) (then (global.set $top (call $stack)))))",
    ]
    for it in functions:
        arguments = " ".join(f"(local.get {n})" for n in range(len(it.parameters or ())))
        call = f"(call $begin) (call ${it.name} {arguments})"
        parts.append(f'(func (export "{it.name}") {it.signature} {call})')
    aliases = (f'(alias core export $front "{it.name}" (core func $front.{it.name}))'
               for it in functions)  # fmt: skip
    return "\n".join(
        [
            f"(core module $front {' '.join(parts)})",
            '(core instance $front (instantiate $front (with "room" (instance $room))',
            '(with "command" (instance $command))))',
            *aliases,
        ]
    )
