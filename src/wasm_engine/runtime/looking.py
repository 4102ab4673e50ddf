"""A look at a guest that is in the middle of a host call."""

from wasm_engine.runtime._wasmtime.looking import memories_of

__all__ = ["memories_of"]
