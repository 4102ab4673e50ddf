"""Core modules that were compiled elsewhere, in the binary or in the text format."""

from __future__ import annotations

from wasm_engine.concepts.errors import Misuse
from wasm_engine.runtime.text import to_binary
from wasm_engine.toolchain.building.compiler import Task

_CORE = b"\0asm\x01\0\0\0"


def read_module(task: Task) -> bytes:
    """The module itself."""
    data = task.sources[0].read_bytes()
    if not data.startswith(_CORE):
        message = f"{task.sources[0]}: no core module; a component needs no building"
        raise Misuse(message, code="does-not-compile")
    return data


def read_text(task: Task) -> bytes:
    """The module that a text says."""
    try:
        return to_binary(task.sources[0].read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        message = f"{task.sources[0]}: this text does not compile:\n{error}"
        raise Misuse(message, code="does-not-compile") from None
