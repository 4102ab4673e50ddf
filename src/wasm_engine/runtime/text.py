"""Modules and components that are written as text."""

from wasm_engine.runtime._wasmtime.text import assembled, to_binary

__all__ = ["assembled", "to_binary"]
