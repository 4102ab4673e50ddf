"""Lowering: Python values into the C API's, by code generated for their type.

A value is packed into bytes objects that refer to one another by address; `keep` holds them until
the library has copied what it was lent. A value that does not fit its type raises TypeError,
ValueError, KeyError or struct.error, and nothing has happened.
"""

from __future__ import annotations

import ctypes
import functools
import struct
from collections.abc import Callable
from typing import Any

from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.codegen import (
    BOOL,
    CHAR,
    DATA,
    ENUM,
    FLAGS,
    LIST,
    MEMORY,
    OPTION,
    RECORD,
    RESOURCE,
    RESULT,
    SCALARS,
    STRING,
    TUPLE,
    VALUE,
    VARIANT,
    Code,
    size_of,
)
from wasm_engine.runtime._wasmtime.handles import lower_handle
from wasm_engine.runtime._wasmtime.strides import spread

_address = ctypes.addressof
_view = ctypes.c_char.from_buffer
_SMALL = 64


def lower_bytes(value: Any, keep: list[Any]) -> tuple[int, int]:
    """`list<u8>`: count and address of the elements, a value each; the API has no other way."""
    if not isinstance(value, bytes | bytearray | memoryview):
        message = f"list<u8> is bytes, not {type(value).__name__}"
        raise TypeError(message)
    count = len(value)
    if not count:
        return 0, 8
    block = bytearray(VALUE * count)
    block[::VALUE] = b"\2" * count
    block[8::VALUE] = value
    keep.append(block)
    return count, _address(_view(block))


def lower_numbers(value: Any, kind: int, code: str, size: int, keep: list[Any]) -> tuple[int, int]:
    """A list of numbers: packed together, then spread by strides."""
    if not isinstance(value, list | tuple):
        message = f"a list is needed, not {type(value).__name__}"
        raise TypeError(message)
    count = len(value)
    if not count:
        return 0, 8
    block = spread(struct.pack(f"<{count}{code}", *value), kind, size)
    keep.append(block)
    return count, _address(_view(block))


def lower_packed(value: Any, kind: int, size: int, keep: list[Any]) -> tuple[int, int]:
    """A list of numbers from their bytes."""
    if not isinstance(value, bytes) or len(value) % size:
        message = f"bytes of whole numbers are needed, not {type(value).__name__}"
        raise TypeError(message)
    if kind == BOOL and value.strip(b"\0\1"):
        value = bytes(map(bool, value))
    if not value:
        return 0, 8
    block = spread(value, kind, size)
    keep.append(block)
    return len(value) // size, _address(_view(block))


def not_a_list(value: Any) -> None:
    """Refuses what is not a list (a str would do as one of strings)."""
    message = f"a list is needed, not {type(value).__name__}"
    raise TypeError(message)


def a_tuple(value: Any) -> tuple[Any, ...]:
    """The value, if it is a tuple (a str of one character would unpack as well)."""
    if type(value) is not tuple:
        message = f"(value,) is needed, not {type(value).__name__}"
        raise TypeError(message)
    return value


def not_a_bool(value: Any) -> None:
    """Refuses what is merely true or false."""
    message = f"a bool is needed, not {type(value).__name__}"
    raise TypeError(message)


def not_a_char(value: Any) -> None:
    """Refuses a surrogate: it is no Unicode scalar value, and the library would abort."""
    message = f"{value!r} is not a Unicode scalar value"
    raise ValueError(message)


LOWER_NAMES: dict[str, Any] = {
    "Err": Err,
    "DATA": DATA,
    "MEMORY": MEMORY,
    "lower_bytes": lower_bytes,
    "lower_numbers": lower_numbers,
    "lower_packed": lower_packed,
    "lower_handle": lower_handle,
    "a_tuple": a_tuple,
    "not_a_list": not_a_list,
    "not_a_bool": not_a_bool,
    "not_a_char": not_a_char,
}
"""What generated code needs to know."""


def _owned(ty: wit.Type) -> int:
    return int(isinstance(ty, wit.Own))


class Lowering:
    """Writes the statements that lower values; `slot` in the code is the instance's slot."""

    def __init__(self, code: Code) -> None:
        self._code = code
        code.names.update(LOWER_NAMES)

    def write(self, ty: wit.Type, source: str, out: list[str], pad: str) -> tuple[str, list[str]]:
        """Appends statements that prepare the value named by `source`.

        Returns:
            Struct layout of the 32 bytes of the value, and the expressions to pack.
        """
        scalar = SCALARS.get(type(ty))
        if scalar is not None:
            kind, code, size = scalar
            return f"B7x{code}{24 - size}x", [str(kind), source]
        name = self._code.symbol()
        found: tuple[str, list[str]]
        match ty:
            case wit.String():
                out.append(f"{pad}{name} = {source}.encode(); keep.append({name})")
                found = "B7xQQ8x", [str(STRING), f"len({name})", f"id({name})+DATA"]
            case wit.Bool():
                out.append(f"{pad}if {source} is not True and {source} is not False:")
                out.append(f"{pad}    not_a_bool({source})")
                found = "B7x?23x", [str(BOOL), source]
            case wit.Char():
                out.append(f"{pad}{name} = ord({source})")
                out.append(f"{pad}if 0xD800 <= {name} <= 0xDFFF: not_a_char({source})")
                found = "B7xI20x", [str(CHAR), name]
            case wit.Own(resource=resource) | wit.Borrow(resource=resource):
                made = f"lower_handle(slot, {source}, {resource!r}, {_owned(ty)}, keep)"
                out.append(f"{pad}{name} = {made}")
                found = "B7xQ16x", [str(RESOURCE), name]
            case wit.List():
                found = self._list(ty, source, out, pad)
            case wit.Packed(element=element):
                kind = BOOL if isinstance(element, wit.Bool) else SCALARS[type(element)][0]
                call = f"lower_packed({source}, {kind}, {size_of(element)}, keep)"
                more = self._code.symbol()
                out.append(f"{pad}{name}, {more} = {call}")
                found = "B7xQQ8x", [str(LIST), name, more]
            case wit.Record() | wit.Tuple():
                found = self._record(ty, source, out, pad)
            case wit.Enum() | wit.Flags():
                found = self._names(ty, source, out, pad)
            case wit.Variant():
                found = self._variant(ty, source, out, pad)
            case wit.Option() | wit.Result():
                found = self._optional(ty, source, out, pad)
            case _:
                raise AssertionError(ty)
        return found

    def function(self, ty: wit.Type) -> str:
        """Name of a function from a value to its 32 bytes."""
        return self._code.bind(_value(ty), "lower")

    def _list(self, ty: wit.List, source: str, out: list[str], pad: str) -> tuple[str, list[str]]:
        element = ty.element
        count, start = self._code.symbol(), self._code.symbol()
        if isinstance(element, wit.U8):
            out.append(f"{pad}{count}, {start} = lower_bytes({source}, keep)")
        elif type(element) in SCALARS:
            kind, code, size = SCALARS[type(element)]
            call = f"lower_numbers({source}, {kind}, {code!r}, {size}, keep)"
            out.append(f"{pad}{count}, {start} = {call}")
        else:
            lower, block = self.function(element), self._code.symbol()
            out.append(f"{pad}if type({source}) is not list and type({source}) is not tuple:")
            out.append(f"{pad}    not_a_list({source})")
            out.append(f"{pad}{block} = b''.join([{lower}(x, keep, slot) for x in {source}])")
            out.append(f"{pad}keep.append({block}); {count} = len({block}) >> 5")
            out.append(f"{pad}{start} = id({block})+DATA")
        return "B7xQQ8x", [str(LIST), count, start]

    def _record(
        self, ty: wit.Record | wit.Tuple, source: str, out: list[str], pad: str
    ) -> tuple[str, list[str]]:
        named = isinstance(ty, wit.Record)
        fields: list[tuple[str, wit.Type]] = (
            list(ty.fields) if isinstance(ty, wit.Record) else [("", t) for t in ty.elements]
        )
        values = [self._code.symbol() for _ in fields]
        out.append(f"{pad}{', '.join(values)}, = {source}")
        layout, parts = "", []
        for (name, inner), value in zip(fields, values, strict=True):
            inner_layout, inner_parts = self.write(inner, value, out, pad)
            if named:
                size, start = self._code.text(name)
                layout += "QQ"
                parts += [str(size), str(start)]
            layout += inner_layout
            parts += inner_parts
        pack, block = self._code.packer(layout), self._code.symbol()
        out.append(f"{pad}{block} = {pack}({', '.join(parts)}); keep.append({block})")
        kind = RECORD if named else TUPLE
        return "B7xQQ8x", [str(kind), str(len(fields)), f"id({block})+DATA"]

    def _names(
        self, ty: wit.Enum | wit.Flags, source: str, out: list[str], pad: str
    ) -> tuple[str, list[str]]:
        if isinstance(ty, wit.Enum):
            table = self._code.bind({name: self._code.text(name) for name in ty.names})
            size, start = self._code.symbol(), self._code.symbol()
            out.append(f"{pad}{size}, {start} = {table}[{source}]")
            return "B7xQQ8x", [str(ENUM), size, start]
        table = self._code.bind(
            {name: struct.pack("<QQ", *self._code.text(name)) for name in ty.names}
        )
        block = self._code.symbol()
        out.append(f"{pad}if type({source}) is str: not_a_list({source})")
        out.append(f"{pad}{block} = b''.join([{table}[x] for x in {source}]); keep.append({block})")
        return "B7xQQ8x", [str(FLAGS), f"len({block}) >> 4", f"id({block})+DATA"]

    def _variant(
        self, ty: wit.Variant, source: str, out: list[str], pad: str
    ) -> tuple[str, list[str]]:
        table = {}
        for name, inner in ty.cases:
            lower = None if inner is None else _value(inner)
            table[name] = (*self._code.text(name), lower)
        case, value, size, start, lower_name, block, pointer = (
            self._code.symbol() for _ in range(7)
        )
        cases = self._code.bind(table)
        out += [
            f"{pad}{case}, {value} = {source}",
            f"{pad}{size}, {start}, {lower_name} = {cases}[{case}]",
            f"{pad}if {lower_name} is None:",
            f"{pad}    if {value} is not None: raise ValueError({case} + ' has no payload')",
            f"{pad}    {pointer} = 0",
            f"{pad}else:",
            f"{pad}    {block} = {lower_name}({value}, keep, slot); keep.append({block})",
            f"{pad}    {pointer} = id({block})+DATA",
        ]
        return "B7xQQQ", [str(VARIANT), size, start, pointer]

    def _optional(
        self, ty: wit.Option | wit.Result, source: str, out: list[str], pad: str
    ) -> tuple[str, list[str]]:
        pointer = self._code.symbol()
        deeper = pad + "    "
        wrapped = f"{pointer}, = a_tuple({source})" if ty.wrapped else f"{pointer} = {source}"
        if isinstance(ty, wit.Option):
            out += [f"{pad}if {source} is None: {pointer} = 0", f"{pad}else:", deeper + wrapped]
            self._payload(ty.payload, pointer, out, deeper)
            return "B7xQ16x", [str(OPTION), pointer]
        ok = self._code.symbol()
        out += [f"{pad}{ok} = not isinstance({source}, Err)", f"{pad}if {ok}:", deeper + wrapped]
        self._payload(ty.ok, pointer, out, deeper)
        out += [f"{pad}else:", f"{deeper}{pointer} = {source}.payload"]
        self._rare_payload(ty.err, pointer, out, deeper)
        return "B7x?7xQ8x", [str(RESULT), ok, pointer]

    def _payload(self, ty: wit.Type | None, name: str, out: list[str], pad: str) -> None:
        """Statements that replace the payload of that name by the address of its lowered form."""
        if ty is None:
            out.append(f"{pad}if {name} is not None: raise ValueError('there is no payload here')")
            out.append(f"{pad}{name} = 0")
            return
        block = self._code.symbol()
        layout, parts = self.write(ty, name, out, pad)
        pack = self._code.packer(layout)
        out.append(f"{pad}{block} = {pack}({', '.join(parts)}); keep.append({block})")
        out.append(f"{pad}{name} = id({block})+DATA")

    def _rare_payload(self, ty: wit.Type | None, name: str, out: list[str], pad: str) -> None:
        """The same by a function that all types with that part share."""
        if ty is None:
            self._payload(ty, name, out, pad)
            return
        block = self._code.symbol()
        out.append(f"{pad}{block} = {self.function(ty)}({name}, keep, slot); keep.append({block})")
        out.append(f"{pad}{name} = id({block})+DATA")


@functools.lru_cache(maxsize=4096)
def _value(ty: wit.Type) -> Callable[..., bytes]:
    """From a value to its 32 bytes; compiled once for each type, whatever it is part of."""
    code = Code()
    out: list[str] = []
    layout, parts = Lowering(code).write(ty, "x", out, "    ")
    body = [*out, f"    return {code.packer(layout)}({', '.join(parts)})"]
    return code.define("lower", ["def lower(x, keep, slot):", *body])
