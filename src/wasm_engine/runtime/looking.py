"""A look at a guest that is in the middle of a host call."""

from wasm_engine.runtime._wasmtime.looking import Halted, has_lines, lines_of, memories_of

__all__ = ["Halted", "has_lines", "lines_of", "memories_of"]
