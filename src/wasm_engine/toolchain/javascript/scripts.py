"""The scripts of the interpreter as one piece of data, and the module between them and WIT."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from wasm_engine.toolchain.javascript.outer import SHIMS, HostFunction, Outer

LETTERS = "itbvsyxmfjde"
"""Names of the functions that `engine.wat` offers to `boot.js`."""
BOOT = "interpreter/boot.js"
CONTRACT = "interpreter/contract.js"
"""The module that says what functions of the host there are; written here."""
STACK = 160 << 10
"""What scripts may nest, in bytes: QuickJS refuses before the stack of the machine is used up."""
ROOM = 3 << 20
OUT_OF_MEMORY = "InternalError: out of memory"
_PLACE = re.compile(r"\{(\w+)\}")
_SLOT = 8
_RESULT = 512
_EXPORTS = ("init", "handle", "run")
_CODES = ("error", "raised")


def glue(template: str, outer: Outer, scripts: Mapping[str, str]) -> str:
    """`engine.wat` with everything that it leaves open.

    Args:
        template: Its text.
        outer: The component that it goes into.
        scripts: All modules by name, and `boot.js`.
    """
    data, places = _data({**scripts, CONTRACT: _contract(outer)})
    functions = [_trampoline(n, function) for n, function in enumerate(outer.functions)]
    values = {
        "imports": "\n".join(_imported(n, it) for n, it in enumerate(outer.functions)),
        "shims": str(len(SHIMS)),
        "stack": str(STACK),
        "room": str(ROOM),
        "scripts": "".join(_escaped(byte) for byte in data),
        "functions": "\n".join(functions),
        "table": " ".join(f"$call-{n}" for n in range(len(functions))),
        "monotonic_now": f"$host-{outer.number('clocks/monotonic-clock', 'now')}",
        "wall_now": f"$host-{outer.number('clocks/wall-clock', 'now')}",
        "arguments": str((len(LETTERS) + 2) * _SLOT),
        "block_argument": str(len(LETTERS) * _SLOT),
        "directory_argument": str((len(LETTERS) + 1) * _SLOT),
        "count": str(len(LETTERS) + 2),
        **places,
    }
    for name in _EXPORTS:
        values |= _entered(name, outer.exported(name))
    # All at once: the scripts are full of braces themselves.
    return _PLACE.sub(lambda found: values[found[1]], template)


def _data(scripts: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """All scripts one after another; where what is that the glue itself needs."""
    parts = {"letters": LETTERS, "boot": scripts[BOOT], "name": BOOT}
    parts["words"] = "".join((*_CODES, OUT_OF_MEMORY))
    data, directory = bytearray(), {}
    for name, text in sorted(scripts.items()):
        if name != BOOT:
            encoded = text.encode()
            directory[name] = (len(data), len(encoded))
            data += encoded
    parts["directory"] = json.dumps(directory)
    places = {}
    for name, text in parts.items():
        encoded = text.encode()
        places[name], places[f"{name}_at"] = str(len(encoded)), str(len(data))
        data += encoded
    places |= {name: str(len(name)) for name in _CODES}
    places |= {"codes": str(len("".join(_CODES))), "detail": str(len(OUT_OF_MEMORY))}
    return bytes(data), places


def _entered(name: str, parameters: list[str]) -> dict[str, str]:
    """How the parameters of an exported function are declared, and laid out in the block."""
    stores = [
        f"    ({it}.store offset={n * _SLOT} (local.get $block) (local.get $p{n}))"
        for n, it in enumerate(parameters)
    ]
    declared = (f"(param $p{n} {it})" for n, it in enumerate(parameters))
    return {f"{name}_parameters": " ".join(declared), f"{name}_stores": "\n".join(stores)}


class _Types:
    """Types by number, each once, and after those that it is made of: so no guest compares any.

    Attributes:
        listed: Them; a primitive stands where it is used.
    """

    def __init__(self) -> None:
        self.listed: list[object] = []
        self._numbers: dict[str, int] = {}

    def known(self, plain: Any) -> str | int | None:
        """A type, or none, as other types and functions refer to it."""
        if plain is None or isinstance(plain, str):
            return plain
        form, *inner = plain
        if form in ("record", "variant"):
            inner = [[[name, self.known(it)] for name, it in inner[0]]]
        elif form not in ("enum", "flags"):
            inner = [self.known(it) for it in inner]
        made = [form, *inner]
        key = json.dumps(made)
        if key not in self._numbers:
            self._numbers[key] = len(self.listed)
            self.listed.append(made)
        return self._numbers[key]

    def of(self, parameters: list[object], result: object) -> list[object]:
        """What goes into a function, all together, and what comes out."""
        return [self.known(["tuple", *parameters]), self.known(result)]


def _contract(outer: Outer) -> str:
    """What functions of the host there are, with the types of what goes in and comes out."""
    types = _Types()
    known: dict[str, dict[str, object]] = {}
    for number, function in enumerate(outer.functions):
        described = [number, *types.of(*function.plain)]
        known.setdefault(function.interface, {})[function.name] = described
    exported = {name: types.of(*outer.exported_shape(name)) for name in _EXPORTS}
    # As JSON: that takes a third of what the same costs as a script.
    parts = {"TYPES": types.listed, "IMPORTS": known, "EXPORTS": exported}
    return "".join(
        f"export const {name} = JSON.parse({json.dumps(json.dumps(part))});\n"
        for name, part in parts.items()
    )


def _imported(number: int, function: HostFunction) -> str:
    result = f" (result {function.result})" if function.result else ""
    parameters = " ".join(function.parameters)
    return f'  (import "host" "{number}" (func $host-{number} (param {parameters}){result}))'


def _trampoline(number: int, function: HostFunction) -> str:
    """Calls a function of the host with what lies in the block; its result lies there, too."""
    own = function.parameters[:-1] if function.returns_by_memory else function.parameters
    pushed = [
        f"({core}.load offset={place * _SLOT} (global.get $block))"
        for place, core in enumerate(own)
    ]
    if function.returns_by_memory:
        pushed.append(f"(i32.add (global.get $block) (i32.const {_RESULT}))")
    call = f"(call $host-{number} {' '.join(pushed)})"
    if function.result:
        call = f"({function.result}.store (global.get $block) {call})"
    return f"  (func $call-{number} {call})"


def _escaped(byte: int) -> str:
    plain = 32 <= byte < 127 and byte not in b'"\\'
    return chr(byte) if plain else f"\\{byte:02x}"
