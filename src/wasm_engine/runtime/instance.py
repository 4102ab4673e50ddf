"""Instances as the layers above may use them: one owner object for each store."""

from wasm_engine.runtime._wasmtime.instance import (
    SLICED,
    SUSPENDED,
    Finished,
    Instance,
    Limits,
    Linked,
    Polled,
)

__all__ = ["SLICED", "SUSPENDED", "Finished", "Instance", "Limits", "Linked", "Polled"]
