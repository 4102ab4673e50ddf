"""The text form of WebAssembly, turned into bytes; nothing of it is compiled."""

from __future__ import annotations

import ctypes

from wasm_engine.concepts.errors import Bug
from wasm_engine.runtime._wasmtime import capi


def to_binary(text: str) -> bytes:
    """The bytes of a module or component that is written as text.

    Raises:
        ValueError: It is not well written; the message says where.
    """
    encoded = text.encode()
    vector = (ctypes.c_size_t * 2)()
    error = capi.wat_to_wasm(encoded, len(encoded), ctypes.addressof(vector))
    if error:
        raise ValueError(capi.take_error(error))
    return capi.take_bytes(vector)


def assembled(text: str) -> bytes:
    """The bytes of a module or component of our own that is written as text.

    Raises:
        Bug: It is not well written.
    """
    try:
        return to_binary(text)
    except ValueError as error:
        message = f"a component of ours is not well written: {error}"
        raise Bug(message) from None
