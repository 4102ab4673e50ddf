"""Python functions made from text: what lowering and lifting have in common.

Layout of the C API's values, 64-bit little endian (checked by tests/binding/test_layout.py): a
value is 32 bytes, its kind in byte 0 and its payload from byte 8 on; an entry of a record is 48,
the field's name (length, address) before the value.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Callable
from typing import Any

from wasm_engine.runtime._wasmtime import types as wit

ENTRY = 48
VALUE = 32
LIST, RECORD, TUPLE, VARIANT, ENUM, OPTION, RESULT, FLAGS, RESOURCE = range(13, 22)
BOOL, CHAR, STRING = 0, 11, 12

# Numbers: kind, struct code, size.
SCALARS: dict[type, tuple[int, str, int]] = {
    wit.S8: (1, "b", 1),
    wit.U8: (2, "B", 1),
    wit.S16: (3, "h", 2),
    wit.U16: (4, "H", 2),
    wit.S32: (5, "i", 4),
    wit.U32: (6, "I", 4),
    wit.S64: (7, "q", 8),
    wit.U64: (8, "Q", 8),
    wit.F32: (9, "f", 4),
    wit.F64: (10, "d", 8),
}


def size_of(ty: wit.Type) -> int:
    """Bytes of a number; of a truth value 1."""
    return 1 if isinstance(ty, wit.Bool) else SCALARS[type(ty)][2]


_PROBE = b"probe"
DATA = bytes.__basicsize__ - 1
"""Where the data of a bytes object lies, counted from its `id`: memory that C may read in place."""

MEMORY: Any = (ctypes.c_char * (1 << 56)).from_address(0)
"""All memory, by address: `MEMORY[p:p+n]` takes a third of the time of `ctypes.string_at(p, n)`."""

if sys.byteorder != "little" or MEMORY[id(_PROBE) + DATA : id(_PROBE) + DATA + 5] != _PROBE:
    message = "this Python keeps bytes objects in a way the binding does not know"
    raise ImportError(message)


def has_resources(ty: wit.Type | None) -> bool:
    """Whether a value of the type may hold a handle."""
    match ty:
        case wit.Own() | wit.Borrow():
            return True
        case wit.List(element=inner) | wit.Option(payload=inner):
            return has_resources(inner)
        case wit.Record(fields=parts) | wit.Variant(cases=parts):
            return any(has_resources(part) for _, part in parts)
        case wit.Tuple(elements=elements):
            return any(map(has_resources, elements))
        case wit.Result(ok=ok, err=err):
            return has_resources(ok) or has_resources(err)
        case _:
            return False


def needs_delete(ty: wit.Type | None) -> bool:
    """Whether the library allocates for a value of the type."""
    return ty is not None and type(ty) not in SCALARS and not isinstance(ty, wit.Bool | wit.Char)


class Code:
    """The names that generated functions share, and what must outlive them."""

    def __init__(self, **names: Any) -> None:
        self.names: dict[str, Any] = names
        self._count = 0
        self._kept: list[bytes] = []

    def symbol(self, prefix: str = "v") -> str:
        """A fresh name."""
        self._count += 1
        return f"{prefix}{self._count}"

    def bind(self, value: Any, prefix: str = "k") -> str:
        """A fresh name for a value."""
        name = self.symbol(prefix)
        self.names[name] = value
        return name

    def text(self, text: str) -> tuple[int, int]:
        """Length and address of a name that C reads as long as the code lives."""
        data = text.encode()
        self._kept.append(data)
        return len(data), id(data) + DATA

    def packer(self, layout: str) -> str:
        """Name of the function that packs the layout into bytes."""
        return self.bind(struct.Struct("<" + layout).pack, "pack")

    def unpacker(self, layout: str) -> str:
        """Name of the function that unpacks the layout at an address of MEMORY."""
        return self.bind(struct.Struct("<" + layout).unpack_from, "unpack")

    def define(self, name: str, lines: list[str]) -> Callable[..., Any]:
        """Compiles a function; it stays known under its name to what is compiled later."""
        exec(compile("\n".join(lines), f"<{name}>", "exec"), self.names)  # noqa: S102
        function: Callable[..., Any] = self.names[name]
        # The names own the memory that the function's constants point into.
        self.names["_kept"] = self._kept
        return function
