"""The text form of WebAssembly, turned into bytes."""

from __future__ import annotations

import wasmtime

from wasm_engine.concepts.errors import Bug


def assembled(text: str) -> bytes:
    """The bytes of a module or component of our own that is written as text.

    Raises:
        Bug: It is not well written.
    """
    try:
        return bytes(wasmtime.wat2wasm(text))
    except wasmtime.WasmtimeError as error:
        message = f"a component of ours is not well written: {error}"
        raise Bug(message) from None
