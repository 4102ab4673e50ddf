"""The C kit is written by hand: here its imports and its values are held to the WIT."""

from __future__ import annotations

import re
from typing import NamedTuple

from bindings.layout import Resolved, Type

_DEFINE = re.compile(r"#define (\w+_ABI) ((?:[^\n]*\\\n)*[^\n]*)")
_IMPORT = r'\b{}\((?:"([\w-]+)", )?"([\w-]+)"\)\s*([\w ]+?)\s*\b(\w+)\(([^)]*)\);'


class Header(NamedTuple):
    """A header of the kit.

    Attributes:
        macro: What declares an import, from an interface where there are several.
        interfaces: The names of those in the contract, by their names in it.
    """

    macro: str
    interfaces: dict[str, str]


_OF_AGENT = ("messaging", "agents", "state", "context", "tools", "http", "log")
HEADERS = {
    "agent.h": Header("AGENT", {name: name for name in _OF_AGENT}),
    "models.h": Header(
        "INFERENCE", {name: f"inference-{name}" for name in ("models", "embeddings")}
    ),
    "chat.h": Header("CHAT", {"": "inference-chat"}),
    "human.h": Header("HUMAN", {"": "human-human"}),
    "swap.h": Header("SWAP_ABI", {"": "swap-swap"}),
}
_NAMES = {
    "body": "body_t",
    "fault": "fault_t",
    "options": "options_t",
    "tool": "tool_t",
    "request": "request_t",
    "response": "response_t",
}


_BESIDE = {
    "models.h": {
        "inference-models": {
            "data": "tensor_data_t",
            "tensor": "tensor_t",
            "slot": "slot_t",
            "description": "model_t",
        }
    },
    "chat.h": {
        "inference-chat": {
            name: f"chat_{name}_t"
            for name in ("call", "turn", "tool", "choice", "options", "usage", "answer")
        }
        | {"description": "chat_description_t"}
    },
    "human.h": {"human-human": {"decision": "decision_t"}},
    "swap.h": {"swap-swap": {"standing": "standing_t"}},
}
"""Names of types in C, by header, interface and name in the WIT."""


def _declared(header: str, macro: str) -> dict[tuple[str, str], tuple[list[str], str]]:
    """Parameters and result of each import that the header declares."""
    macros = {name: text.replace("\\\n", " ") for name, text in _DEFINE.findall(header)}
    for other, text in macros.items():
        macros = {n: re.sub(rf"\b{other}\b", text, it) for n, it in macros.items()}
    found = {}
    for interface, name, result, _, arguments in re.findall(_IMPORT.format(macro), header):
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


def differences(resolved: Resolved, header: str, file: str = "agent.h") -> list[str]:
    """What the header declares otherwise than the WIT, or not at all: a line each."""
    macro, interfaces = HEADERS[file]
    declared = _declared(header, macro)
    where, only = f"sdk/c/{file}", interfaces.get("")
    found = []
    for interface, full in interfaces.items():
        for it in resolved.signatures(full):
            what = f"{where}: {interface or full}.{it.name}"
            arguments, result = declared.pop((interface, it.name), (None, ""))
            if arguments is None:
                found.append(f"{what} is missing")
            elif [_core(part) for part in arguments] != it.flat or _core(result) != it.flat_result:
                found.append(f"{what} has other parameters or another result than the WIT")
    return [*found, *(f"{where}: {a or only}.{b} is not in the WIT" for a, b in declared)]


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


def beside_layout_header(resolved: Resolved) -> str:
    """The same for the packages beside the contract."""
    lines = [
        "/* Written by guests/bindings from the WIT of packages beside the contract; do not edit.",
        " * The compiler holds the kit's types to it. */",
        "#ifndef WASM_ENGINE_LAYOUT_BESIDE_H",
        "#define WASM_ENGINE_LAYOUT_BESIDE_H",
        *(f'#include "{header}"' for header in _BESIDE),
        "",
    ]
    for names in _BESIDE.values():
        for interface, types in names.items():
            for name, own in types.items():
                lines += _asserts(resolved.types[interface, name], own)
    return "\n".join([*lines, "#endif"]) + "\n"


def _asserts(it: Type, name: str) -> list[str]:
    lines = [f'_Static_assert(sizeof({name}) == {it.size}, "{name}");']
    if it.form == "record":
        for field, part, at in it.fields():
            if part.form != "option":
                place = f"offsetof({name}, {field.replace('-', '_')})"
                lines.append(f'_Static_assert({place} == {at}, "{name}");')
    return lines
