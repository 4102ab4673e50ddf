"""The fingerprint: all about the engine that a history depends on. It heads every journal."""

from __future__ import annotations

from typing import Any, Final

from wasm_engine.concepts import cost
from wasm_engine.runtime._wasmtime.engine import Engine
from wasm_engine.runtime.wasi import price

SEMANTICS: Final = 2
"""Raised when the order, the outcomes or the record of a golden run change."""


def fingerprint(contract: str) -> list[Any]:
    """The engine's fingerprint, as canonical values: pairs of name and value.

    Args:
        contract: Digest of the contract between agents and their world, hex.
    """
    profile = sorted((str(name), repr(value)) for name, value in Engine.PROFILE.items())
    return [
        ["semantics", SEMANTICS],
        ["wasmtime", Engine.VERSION],
        ["profile", [list(pair) for pair in profile]],
        ["contract", contract],
        ["cost", [list(cost.TABLE), list(price.TABLE)]],
    ]
