"""Numbers packed together, and as the C API has them: a value of 32 bytes for each."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from wasm_engine.runtime._wasmtime.codegen import MEMORY, VALUE

FEW = 512
"""Numbers that are not worth looking for something faster."""


def gathered(count: int, start: int, size: int) -> bytes | bytearray:
    """The payloads of values, packed together.

    Args:
        count: How many values.
        start: Address of the first.
        size: Bytes of a payload.
    """
    fast = _numpy(count)
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
    block = bytearray(VALUE * count)
    fast = _numpy(count)
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


def _numpy(count: int) -> Any:
    """numpy, which takes an eighth of the time, where somebody has loaded it anyway; or None."""
    return sys.modules.get("numpy") if count > FEW else None
