"""Components of our own that are written as text."""

from wasm_engine.runtime._wasmtime.text import assembled

__all__ = ["assembled"]
