"""Statements in Go that put values into memory, where arguments have to lie in it."""

from __future__ import annotations

from collections.abc import Iterator

from bindings.golang_names import camel, named, type_name
from bindings.layout import PRIMITIVES, Type

_SET = {1: "setByte", 2: "setShort", 4: "setWord", 8: "setLong"}


def stored(it: Type, value: str) -> str:
    """An expression for where the elements of a list lie."""
    return f"keepEach({value}, {it.item.size}, {storing(it.item)})"


def storing(it: Type) -> str:
    """The function that stores a value."""
    return "storeText" if it.form == "string" else f"store{named(it)}"


def _place(base: str, at: int) -> str:
    return f"{base}+{at}" if at else base


def spilled(it: Type, value: str, base: str, at: int) -> list[str]:
    """Statements that store an argument."""
    return _store(it, value, base, at)


def _store(it: Type, value: str, base: str, at: int) -> list[str]:
    """Statements that store a value where zeros lie."""
    place = _place(base, at)
    if it.form in PRIMITIVES:
        return [_primitive(it, value, place)]
    if it.form == "enum":
        return [f"setByte({place}, uint8({value}))"]
    if it.is_plain_list:
        return [f"storeList({place}, {value})"]
    if it.form == "list":
        return [
            f"setWord({place}, {stored(it, value)})",
            f"setWord({_place(base, at + 4)}, uint32(len({value})))",
        ]
    if it.form == "option":
        inner = _option(it, value, base, at)
        return [
            f"if {value} != nil {{",
            f"\tsetByte({place}, 1)",
            *(f"\t{line}" for line in inner),
            "}",
        ]
    return [f"{storing(it)}({place}, &{value})"]


def _primitive(it: Type, value: str, place: str) -> str:
    width = PRIMITIVES[it.form]
    bits = (
        f"math.Float{8 * width}bits({value})" if it.form[0] == "f" else f"uint{8 * width}({value})"
    )
    if it.form == "bool":
        raise NotImplementedError("a truth value as an argument in memory")
    return f"{_SET[width]}({place}, {bits})"


def _option(it: Type, value: str, base: str, at: int) -> list[str]:
    inside = at + it.payload_at
    if it.item.form == "string":
        return [f"storeText({_place(base, inside)}, {value})"]
    return _store(it.item, f"*{value}", base, inside)


def storer(it: Type) -> Iterator[str]:
    """The function that stores a record or a variant."""
    yield f"func {storing(it)}(at uint32, it *{type_name(it)}) {{"
    if it.form == "record":
        for name, part, at in it.fields():
            yield from (
                f"\t{line}" for line in _store(part, f"it.{camel(name, public=True)}", "at", at)
            )
    else:
        yield "\tsetByte(at, uint8(it.Kind))"
        yield "\tswitch it.Kind {"
        for case, part in it.parts:
            if part is not None:
                name = camel(case, public=True)
                yield f"\tcase {named(it)}{name}:"
                yield from (
                    f"\t\t{line}" for line in _store(part, f"it.{name}", "at", it.payload_at)
                )
        yield "\t}"
    yield "}"
    yield ""
