"""Lifting: the C API's values into Python ones, by code generated for their type. Only reads."""

from __future__ import annotations

import ctypes
import struct
from typing import Any

from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.codegen import ENTRY, SCALARS, VALUE, Code
from wasm_engine.runtime._wasmtime.handles import lift_handle

string_at = ctypes.string_at
_COPY = 4096


def lift_bytes(count: int, start: int) -> bytes:
    """`list<u8>`: every 32nd byte."""
    if count <= _COPY:
        return string_at(start, VALUE * count)[8::VALUE]
    block = (ctypes.c_char * (VALUE * count)).from_address(start)
    return bytes(memoryview(block).cast("B")[8::VALUE])


def lift_numbers(count: int, start: int, code: str, size: int) -> list[Any]:
    """A list of numbers: gathered by strides, then unpacked at once."""
    block = string_at(start, VALUE * count)
    packed = bytearray(count * size)
    for i in range(size):
        packed[i::size] = block[8 + i :: VALUE]
    return list(struct.unpack(f"<{count}{code}", packed))


LIFT_NAMES: dict[str, Any] = {
    "string_at": string_at,
    "Err": Err,
    "lift_bytes": lift_bytes,
    "lift_numbers": lift_numbers,
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
            case wit.Bool():
                return "8x?23x", [one], one
            case wit.Char():
                return "8xI20x", [one], f"chr({one})"
            case wit.Option(payload=payload):
                some = f"{self._at(payload)}({one}, slot)"
                some = f"({some},)" if ty.wrapped else some
                return "8xQ16x", [one], f"({some} if {one} else None)"
            case wit.Own(resource=resource) | wit.Borrow(resource=resource):
                owned = isinstance(ty, wit.Own)
                return "8xQ16x", [one], f"lift_handle(slot, {one}, {resource!r}, {owned})"
        two = self._code.symbol()
        match ty:
            case wit.String():
                return "8xQQ8x", [one, two], f"string_at({two}, {one}).decode()"
            case wit.List():
                return "8xQQ8x", [one, two], self._list(ty, one, two)
            case wit.Record() | wit.Tuple():
                return "8xQQ8x", [one, two], f"{self._record(ty)}({two}, slot)"
            case wit.Enum(names=names):
                table = self._code.bind({name.encode(): name for name in names})
                return "8xQQ8x", [one, two], f"{table}[string_at({two}, {one})]"
            case wit.Flags():
                rows = self._code.bind(struct.Struct("<QQ").iter_unpack)
                pairs = f"{rows}(string_at({two}, 16*{one}))"
                return "8xQQ8x", [one, two], f"frozenset([string_at(p, n).decode() for n, p in {pairs}])"
            case wit.Result():
                ok, err = self._case(ty.ok, two), self._case(ty.err, two)
                ok = f"({ok},)" if ty.wrapped else ok
                return "8x?7xQ8x", [one, two], f"({ok} if {one} else Err({err}))"
            case wit.Variant():
                three = self._code.symbol()
                lift = f"{self._variant(ty)}(string_at({two}, {one}), {three}, slot)"
                return "8xQQQ", [one, two, three], lift
        raise AssertionError(ty)

    def _at(self, ty: wit.Type) -> str:
        """Name of a function from the address of a value to the value."""
        layout, names, value = self.read(ty)
        unpack, name = self._code.unpacker(layout), self._code.symbol("lift")
        lines = [
            f"def {name}(p, slot):",
            f"    {', '.join(names)}, = {unpack}(string_at(p, {VALUE}))",
            f"    return {value}",
        ]
        self._code.define(name, lines)
        return name

    def _case(self, ty: wit.Type | None, pointer: str) -> str:
        return "None" if ty is None else f"{self._at(ty)}({pointer}, slot)"

    def _list(self, ty: wit.List, count: str, start: str) -> str:
        element = ty.element
        if isinstance(element, wit.U8):
            return f"lift_bytes({count}, {start})"
        if type(element) in SCALARS:
            _, code, size = SCALARS[type(element)]
            return f"lift_numbers({count}, {start}, {code!r}, {size})"
        layout, names, value = self.read(element)
        rows = self._code.bind(struct.Struct("<" + layout).iter_unpack)
        name = self._code.symbol("lift")
        # A function of its own for each level: however deep lists are nested, the code is flat.
        lines = [
            f"def {name}(n, p, slot):",
            f"    return [{value} for {', '.join(names)}, in {rows}(string_at(p, {VALUE}*n))]",
        ]
        self._code.define(name, lines)
        return f"{name}({count}, {start}, slot)"

    def _record(self, ty: wit.Record | wit.Tuple) -> str:
        named = isinstance(ty, wit.Record)
        types = [t for _, t in ty.fields] if isinstance(ty, wit.Record) else list(ty.elements)
        layout, names, values = "", [], []
        for inner in types:
            inner_layout, inner_names, value = self.read(inner)
            layout += ("16x" if named else "") + inner_layout
            names += inner_names
            values.append(value)
        size = len(types) * (ENTRY if named else VALUE)
        unpack, name = self._code.unpacker(layout), self._code.symbol("lift")
        lines = [
            f"def {name}(p, slot):",
            f"    {', '.join(names)}, = {unpack}(string_at(p, {size}))",
            f"    return ({', '.join(values)},)",
        ]
        self._code.define(name, lines)
        return name

    def _variant(self, ty: wit.Variant) -> str:
        table = {}
        for name, inner in ty.cases:
            lift = None if inner is None else self._code.names[self._at(inner)]
            table[name.encode()] = (name, lift)
        cases, function = self._code.bind(table), self._code.symbol("lift")
        lines = [
            f"def {function}(case, p, slot):",
            f"    name, lift = {cases}[case]",
            "    return (name, None if lift is None else lift(p, slot))",
        ]
        self._code.define(function, lines)
        return function
