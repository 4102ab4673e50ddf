"""Instances as the layers above may use them: one owner object for each store."""

from wasm_engine.runtime._wasmtime.image import Image, Parts
from wasm_engine.runtime._wasmtime.instance import (
    SLICED,
    SUSPENDED,
    Finished,
    Instance,
    Limits,
    Polled,
)
from wasm_engine.runtime._wasmtime.linked import Linked

__all__ = [
    "SLICED",
    "SUSPENDED",
    "Finished",
    "Image",
    "Instance",
    "Limits",
    "Linked",
    "Parts",
    "Polled",
]
