"""Types and functions of WIT as component text, and which named types they need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from wasm_engine.toolchain.wit_text import Definition, Function, Interface, Use

_PRIMITIVE = frozenset(
    ["bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "char", "string"]
)


def type_text(use: Use) -> str:
    """A type as component text; a named one by the identifier it has where it stands."""
    if not use.arguments:
        return use.head if use.head in _PRIMITIVE else f"${use.head}"
    arguments = [a and type_text(a) for a in use.arguments]
    if use.head != "result":
        return f"({use.head} {' '.join(a or '' for a in arguments)})"
    ok, error = [*arguments, None][:2]
    return f"(result {ok or ''} {f'(error {error})' if error else ''})"


def definition_text(definition: Definition) -> str:
    """The right side of a named type."""
    if definition.form == "alias":
        return "".join(type_text(use) for _, use in definition.members if use)
    if definition.form == "enum":
        names = " ".join(f'"{name}"' for name, _ in definition.members)
        return f"(enum {names})"
    word = {"record": "field", "variant": "case"}[definition.form]
    members = (f'({word} "{n}" {type_text(u) if u else ""})' for n, u in definition.members)
    return f"({definition.form} {' '.join(members)})"


def function_text(function: Function) -> str:
    """Parameters and result of a function."""
    parameters = " ".join(f'(param "{name}" {type_text(use)})' for name, use in function.parameters)
    result = f"(result {type_text(function.result)})" if function.result else ""
    return f"{parameters} {result}"


def named(name: str, definition: Definition, *, verb: str = "export", as_name: str = "") -> str:
    """A type defined, and given its name by an export or an import."""
    return (
        f"(type $is-{name} {definition_text(definition)}) "
        f'({verb} "{as_name or name}" (type ${name} (eq $is-{name})))'
    )


def renamed(text: str, names: Iterable[str], prefix: str) -> str:
    """The text with these types' identifiers prefixed."""
    for name in names:
        text = re.sub(rf"\${name}(?![\w-])", f"${prefix}{name}", text)
    return text


def needed_types(interface: Interface, uses: Iterable[Use | None]) -> set[str]:
    """The named types in these types, with those of the interface that they need in turn."""
    waiting = [name for use in uses for name in _names_in(use)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name in interface.types:
                waiting += [n for _, u in interface.types[name].members for n in _names_in(u)]
    return found


def types_of(functions: Iterable[Function]) -> list[Use | None]:
    """The types of all parameters and results."""
    return [use for f in functions for use in (*(u for _, u in f.parameters), f.result)]


def _names_in(use: Use | None) -> Iterator[str]:
    if use is None:
        return
    if use.head not in _PRIMITIVE and not use.arguments:
        yield use.head
    for argument in use.arguments:
        yield from _names_in(argument)
