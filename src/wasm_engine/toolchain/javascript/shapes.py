"""Types of WIT in three forms: component text, core types, and the plain lists that guests read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from wasm_engine.toolchain.javascript.wit import (
    Definition,
    Function,
    Interface,
    Packages,
    Use,
    definition_of,
)

_CORE = {
    **dict.fromkeys(("bool", "u8", "u16", "u32", "s8", "s16", "s32"), "i32"),
    **dict.fromkeys(("u64", "s64"), "i64"),
    "f32": "f32",
    "f64": "f64",
}
"""What core type a number is passed as."""
_PRIMITIVE = frozenset([*_CORE, "string"])
MAX_FLAT = 16
"""Core parameters that a function may have. Where it would have more, all of them lie in memory."""


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
    """The right side of a named type that is no resource."""
    form, members = definition.form, definition.members
    if form == "alias":
        return "".join(type_text(use) for _, use in members if use)
    if form in ("enum", "flags"):
        names = " ".join(f'"{name}"' for name, _ in members)
        return f"({form} {names})"
    word = {"record": "field", "variant": "case"}[form]
    parts = (f'({word} "{name}" {type_text(use) if use else ""})' for name, use in members)
    return f"({form} {' '.join(parts)})"


def function_text(function: Function) -> str:
    """Parameters and result of a function."""
    parameters = " ".join(f'(param "{name}" {type_text(use)})' for name, use in function.parameters)
    result = f"(result {type_text(function.result)})" if function.result else ""
    return f"{parameters} {result}"


class Shapes:
    """Types as they stand in one interface, with every name resolved.

    Args:
        packages: Where names lead.
        interface: Where the types stand.
    """

    def __init__(self, packages: Packages, interface: Interface) -> None:
        self._packages = packages
        self._interface = interface

    def plain(self, use: Use) -> Any:
        """A type for guests: a word for a primitive or a handle, else a list that begins with one.

        Fields of records have the names that JavaScript has for them.
        """
        if use.head in ("own", "borrow"):
            return "handle"
        if use.arguments:
            return [
                use.head,
                *(a and self.plain(a) for a in (*use.arguments, None)[: _places(use)]),
            ]
        if use.head in _PRIMITIVE:
            return use.head
        home, definition = definition_of(self._packages.interfaces, self._interface, use.head)
        inner = Shapes(self._packages, home)
        form, members = definition.form, definition.members
        if form == "resource":
            return "handle"
        if form == "alias":
            return next(inner.plain(it) for _, it in members if it)
        if form in ("enum", "flags"):
            return [form, [name for name, _ in members]]
        named = camel if form == "record" else str
        return [form, [[named(name), it and inner.plain(it)] for name, it in members]]

    def parameters(self, function: Function) -> list[str]:
        """Core parameters of a function: what its types are passed as, or where all of it lies."""
        found = flat(self.plain(use) for _, use in function.parameters)
        return found if len(found) <= MAX_FLAT else ["i32"]

    def signature(self, function: Function) -> tuple[list[str], str | None, bool]:
        """Core parameters and result of a lowered function; whether its result lies in memory."""
        parameters = self.parameters(function)
        results = flat([self.plain(function.result)]) if function.result else []
        if len(results) > 1:
            return [*parameters, "i32"], None, True
        return parameters, (results[0] if results else None), False


def camel(name: str) -> str:
    """A name of WIT as JavaScript has it: `self-address` is `selfAddress`."""
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)


def flat(shapes: Iterable[Any]) -> list[str]:
    """Core types of plain types, one after another, as the canonical ABI has them."""
    return [core for shape in shapes for core in _flat(shape)]


def _flat(shape: Any) -> Iterator[str]:
    if isinstance(shape, str):
        yield from ("i32", "i32") if shape == "string" else [_CORE.get(shape, "i32")]
        return
    form, *inner = shape
    if form in ("record", "variant"):
        inner = [it for _, it in inner[0]]
    if form == "list":
        yield from ("i32", "i32")
    elif form in ("tuple", "record"):
        yield from flat(inner)
    elif form in ("enum", "flags"):
        yield "i32"
    else:  # a variant of some kind: a number for the case, then what all cases fit into
        yield "i32"
        yield from _joined([flat([it]) for it in inner if it is not None])


def _joined(cases: list[list[str]]) -> Iterator[str]:
    for place in range(max(map(len, cases), default=0)):
        here = {case[place] for case in cases if place < len(case)}
        if len(here) == 1:
            yield from here
        else:
            yield "i64" if here & {"i64", "f64"} else "i32"


def _places(use: Use) -> int:
    return 2 if use.head == "result" else len(use.arguments)
