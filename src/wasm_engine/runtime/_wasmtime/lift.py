"""Lifting: the C API's values into Python ones, by code generated for their type. Only reads."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable
from typing import Any

from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.codegen import MEMORY, SCALARS, VALUE, Code, size_of
from wasm_engine.runtime._wasmtime.handles import lift_handle
from wasm_engine.runtime._wasmtime.strides import gathered


def lift_bytes(count: int, start: int) -> bytes:
    """`list<u8>`: every 32nd byte."""
    data: bytes = MEMORY[start + 8 : start + 8 + VALUE * count : VALUE]
    return data


def lift_numbers(count: int, start: int, code: str, size: int) -> list[Any]:
    """A list of numbers: gathered by strides, then unpacked at once."""
    return list(struct.unpack(f"<{count}{code}", gathered(count, start, size)))


def lift_packed(count: int, start: int, size: int) -> bytes:
    """A list of numbers as bytes."""
    return bytes(gathered(count, start, size))


LIFT_NAMES: dict[str, Any] = {
    "MEMORY": MEMORY,
    "Err": Err,
    "lift_bytes": lift_bytes,
    "lift_numbers": lift_numbers,
    "lift_packed": lift_packed,
    "lift_handle": lift_handle,
}
"""What generated code needs to know."""


class Lifting:
    """Writes the expressions that lift values; `slot` in the code is the instance's slot."""

    def __init__(self, code: Code) -> None:
        self._code = code
        code.names.update(LIFT_NAMES)

    def read(self, ty: wit.Type) -> tuple[str, list[str], str]:
        """How a value is read.

        Returns:
            Struct layout of its 32 bytes, the names that they are unpacked into, and the
            expression that makes the Python value of them.
        """
        one = self._code.symbol()
        scalar = SCALARS.get(type(ty))
        if scalar is not None:
            _, code, size = scalar
            return f"8x{code}{24 - size}x", [one], one
        match ty:
            case wit.Bool() | wit.Char():
                layout = "8x?23x" if isinstance(ty, wit.Bool) else "8xI20x"
                return layout, [one], one if isinstance(ty, wit.Bool) else f"chr({one})"
            case wit.Option() | wit.Own() | wit.Borrow():
                return "8xQ16x", [one], self._pointer(ty, one)
            case wit.Variant():
                two, three = self._code.symbol(), self._code.symbol()
                lift = f"{self._known(_variant(ty))}(MEMORY[{two}:{two}+{one}], {three}, slot)"
                return "8xQQQ", [one, two, three], lift
            case wit.Result():
                two = self._code.symbol()
                return "8x?7xQ8x", [one, two], self._result(ty, one, two)
            case _:
                two = self._code.symbol()
                return "8xQQ8x", [one, two], self._sized(ty, one, two)

    def _pointer(self, ty: wit.Option | wit.Own | wit.Borrow, pointer: str) -> str:
        """The value of what is an address."""
        if isinstance(ty, wit.Option):
            some = f"{self._known(_at(ty.payload))}({pointer}, slot)"
            some = f"({some},)" if ty.wrapped else some
            return f"({some} if {pointer} else None)"
        owned = int(isinstance(ty, wit.Own))
        return f"lift_handle(slot, {pointer}, {ty.resource!r}, {owned})"

    def _sized(self, ty: wit.Type, count: str, start: str) -> str:
        """The value of what is a count and an address."""
        match ty:
            case wit.String():
                return f"MEMORY[{start}:{start}+{count}].decode()"
            case wit.List():
                return self._list(ty, count, start)
            case wit.Packed(element=element):
                return f"lift_packed({count}, {start}, {size_of(element)})"
            case wit.Record() | wit.Tuple():
                return f"{self._known(_record(ty))}({start}, slot)"
            case wit.Enum(names=names):
                table = self._code.bind({name.encode(): name for name in names})
                return f"{table}[MEMORY[{start}:{start}+{count}]]"
            case wit.Flags():
                rows = self._code.bind(struct.Struct("<QQ").iter_unpack)
                pairs = f"{rows}(MEMORY[{start}:{start}+16*{count}])"
                return f"frozenset([MEMORY[p:p+n].decode() for n, p in {pairs}])"
        raise AssertionError(ty)

    def _result(self, ty: wit.Result, is_ok: str, pointer: str) -> str:
        ok, err = self._case(ty.ok, pointer), self._case(ty.err, pointer)
        ok = f"({ok},)" if ty.wrapped else ok
        return f"({ok} if {is_ok} else Err({err}))"

    def _case(self, ty: wit.Type | None, pointer: str) -> str:
        return "None" if ty is None else f"{self._known(_at(ty))}({pointer}, slot)"

    def _known(self, function: Callable[..., Any]) -> str:
        return self._code.bind(function, "lift")

    def _list(self, ty: wit.List, count: str, start: str) -> str:
        element = ty.element
        if isinstance(element, wit.U8):
            return f"lift_bytes({count}, {start})"
        if type(element) in SCALARS:
            _, code, size = SCALARS[type(element)]
            return f"lift_numbers({count}, {start}, {code!r}, {size})"
        return f"{self._known(_elements(element))}({count}, {start}, slot)"


# Compiled once for each type, whatever it is part of: every function of a file system has the same
# error codes.
@functools.lru_cache(maxsize=4096)
def _at(ty: wit.Type) -> Callable[..., Any]:
    """From the address of a value to the value."""
    code = Code()
    layout, names, value = Lifting(code).read(ty)
    lines = [
        "def lift(p, slot):",
        f"    {', '.join(names)}, = {code.unpacker(layout)}(MEMORY, p)",
        f"    return {value}",
    ]
    return code.define("lift", lines)


@functools.lru_cache(maxsize=4096)
def _elements(ty: wit.Type) -> Callable[..., Any]:
    """From count and address of values of a type to their list.

    A function of its own for each level: however deep lists are nested, the code is flat.
    """
    code = Code()
    layout, names, value = Lifting(code).read(ty)
    rows = code.bind(struct.Struct("<" + layout).iter_unpack)
    lines = [
        "def lift(n, p, slot):",
        f"    return [{value} for {', '.join(names)}, in {rows}(MEMORY[p:p+{VALUE}*n])]",
    ]
    return code.define("lift", lines)


@functools.lru_cache(maxsize=4096)
def _record(ty: wit.Record | wit.Tuple) -> Callable[..., Any]:
    """From the address of the fields to their tuple."""
    code = Code()
    lifting = Lifting(code)
    named = isinstance(ty, wit.Record)
    types = [t for _, t in ty.fields] if isinstance(ty, wit.Record) else list(ty.elements)
    layout, names, values = "", [], []
    for inner in types:
        inner_layout, inner_names, value = lifting.read(inner)
        layout += ("16x" if named else "") + inner_layout
        names += inner_names
        values.append(value)
    lines = [
        "def lift(p, slot):",
        f"    {', '.join(names)}, = {code.unpacker(layout)}(MEMORY, p)",
        f"    return ({', '.join(values)},)",
    ]
    return code.define("lift", lines)


@functools.lru_cache(maxsize=4096)
def _variant(ty: wit.Variant) -> Callable[..., Any]:
    """From the name of the case and the address of its payload to the pair."""
    cases = {
        name.encode(): (name, None if inner is None else _at(inner)) for name, inner in ty.cases
    }

    def lift(case: bytes, pointer: int, slot: Any) -> tuple[str, Any]:
        name, payload = cases[case]
        return name, None if payload is None else payload(pointer, slot)

    return lift
