"""The C kit is written by hand: here its imports and its values are held to the WIT."""

from __future__ import annotations

import re

from bindings.layout import Resolved, Type

_DEFINE = re.compile(r"#define (\w+_ABI) ((?:[^\n]*\\\n)*[^\n]*)")
_IMPORT = re.compile(r'AGENT\("([\w-]+)", "([\w-]+)"\)\s*([\w ]+?)\s*\b(\w+)\(([^)]*)\);')
_NAMES = {
    "body": "body_t",
    "fault": "fault_t",
    "options": "options_t",
    "tool": "tool_t",
    "request": "request_t",
    "response": "response_t",
}


def _declared(header: str) -> dict[tuple[str, str], tuple[list[str], str]]:
    """Parameters and result of each import that the header declares."""
    macros = {name: text.replace("\\\n", " ") for name, text in _DEFINE.findall(header)}
    for other, text in macros.items():
        macros = {n: re.sub(rf"\b{other}\b", text, it) for n, it in macros.items()}
    found = {}
    for interface, name, result, _, arguments in _IMPORT.findall(header):
        text = arguments
        for macro, meaning in macros.items():
            text = re.sub(rf"\b{macro}\b", lambda _, meaning=meaning: meaning, text)
        parts = [" ".join(part.split()) for part in text.split(",")]
        found[interface, name] = ([] if parts == ["void"] else parts, result)
    return found


def _core(declared: str) -> str | None:
    """The core type of a parameter or a result in C."""
    if declared == "void":
        return None
    return "i64" if re.match(r"uint64_t\b[^*]*$", declared) else "i32"


def differences(resolved: Resolved, header: str) -> list[str]:
    """What the header declares otherwise than the WIT, or not at all: a line each."""
    declared = _declared(header)
    found = []
    for interface in resolved.contract.worlds["agent"].imports:
        for it in resolved.signatures(interface):
            what = f"sdk/c/agent.h: {interface}.{it.name}"
            arguments, result = declared.pop((interface, it.name), (None, ""))
            if arguments is None:
                found.append(f"{what} is missing")
            elif [_core(part) for part in arguments] != it.flat or _core(result) != it.flat_result:
                found.append(f"{what} has other parameters or another result than the WIT")
    return [*found, *(f"sdk/c/agent.h: {a}.{b} is not in the WIT" for a, b in declared)]


def layout_header(resolved: Resolved) -> str:
    """What the compiler has to find of the values: their sizes, and where their fields lie."""
    header = (
        "/* Written by guests/bindings from wit/wasm-engine-agent@0.1.0/agent.wit; do not edit.\n"
        " * The compiler holds the kit's types to it. */\n"
        "#ifndef WASM_ENGINE_LAYOUT_H\n#define WASM_ENGINE_LAYOUT_H\n"
        '#include "types.h"\n\n'
    )
    lines = []
    for (_, name), it in resolved.types.items():
        if name in _NAMES and it.form in ("record", "variant"):
            lines += _asserts(it, _NAMES[name])
    return header + "\n".join(dict.fromkeys(lines)) + "\n#endif\n"


def _asserts(it: Type, name: str) -> list[str]:
    lines = [f'_Static_assert(sizeof({name}) == {it.size}, "{name}");']
    if it.form == "record":
        for field, part, at in it.fields():
            if part.form != "option":
                place = f"offsetof({name}, {field.replace('-', '_')})"
                lines.append(f'_Static_assert({place} == {at}, "{name}");')
    return lines
