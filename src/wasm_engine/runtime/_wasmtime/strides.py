"""Numbers packed together, and as the C API has them: a value of 32 bytes for each."""

from __future__ import annotations

import ctypes
import functools
import struct
import sys
from itertools import chain, repeat
from typing import Any

from wasm_engine.runtime._wasmtime.codegen import MEMORY, VALUE

FEW = 32
"""Numbers up to which they are moved one by one, by code made for their count."""
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}


def gathered(count: int, start: int, size: int) -> bytes | bytearray:
    """The payloads of values, packed together.

    Args:
        count: How many values.
        start: Address of the first.
        size: Bytes of a payload.
    """
    if count <= FEW:
        together, apart = _few(count, size)
        return together.pack(*apart.unpack_from(MEMORY, start)[1::2])
    fast = sys.modules.get("numpy")  # an eighth of the time, where somebody has loaded it anyway
    if fast is not None:
        rows = (ctypes.c_char * (VALUE * count)).from_address(start)
        data: bytes = fast.frombuffer(rows, f"<u{size}")[8 // size :: VALUE // size].tobytes()
        return data
    packed = bytearray(count * size)
    for i in range(size):
        packed[i::size] = MEMORY[start + 8 + i : start + 8 + i + VALUE * count : VALUE]
    return packed


def spread(packed: Any, kind: int, size: int) -> bytearray:
    """Values of a kind whose payloads were packed together; the other way round."""
    count = len(packed) // size
    if count <= FEW:
        together, apart = _few(count, size)
        pairs = zip(repeat(kind), together.unpack(packed))
        return bytearray(apart.pack(*chain.from_iterable(pairs)))
    block = bytearray(VALUE * count)
    fast = sys.modules.get("numpy")
    if fast is not None:
        fast.frombuffer(block, "u1")[::VALUE] = kind
        fast.frombuffer(block, f"<u{size}")[8 // size :: VALUE // size] = fast.frombuffer(
            packed, f"<u{size}"
        )
        return block
    block[::VALUE] = bytes((kind,)) * count
    for i in range(size):
        block[8 + i :: VALUE] = packed[i::size]
    return block


@functools.lru_cache(maxsize=4 * FEW)
def _few(count: int, size: int) -> tuple[struct.Struct, struct.Struct]:
    """Payloads of a size: together, and with the kind of each before it, apart."""
    code = _CODES[size]
    return struct.Struct(f"<{count}{code}"), struct.Struct("<" + f"B7x{code}{24 - size}x" * count)
