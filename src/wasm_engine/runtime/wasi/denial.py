"""What an import of WASI answers that nothing here implements: a refusal in its own type."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime._wasmtime import types as wit

_REFUSALS = (
    "access-denied",
    "HTTP-request-denied",
    "not-supported",
    "unsupported",
    "not-permitted",
    "access",
    "closed",
)
"""Cases that say no, the most telling first."""


def _refusal(ty: wit.Type | None) -> Any:
    """A value of an error type that says no, or None where it has none."""
    match ty:
        case wit.Enum(names=cases):
            return next((name for name in _REFUSALS if name in cases), None)
        case wit.Variant(cases=cases):
            plain = {name for name, payload in cases if payload is None}
            name = next((name for name in _REFUSALS if name in plain), None)
            return None if name is None else (name, None)
        case _:
            return None


@lru_cache(maxsize=4096)
def deny(name: str, ty: wit.FuncType) -> HostFunction:
    """A function that refuses: an error where its type has one, `none` for an option, else a trap.

    Args:
        name: `interface#function`, without version.
        ty: Its type as the component imports it.
    """
    result = ty.result
    if isinstance(result, wit.Option):
        return _constant(name, None)
    if isinstance(result, wit.Result):
        code = _refusal(result.err)
        if code is not None or result.err is None:
            return _constant(name, Err(code))

    def trap(*_: Any) -> None:
        code = "not-implemented"
        raise GuestTrap(code, name)

    return HostFunction(name, trap, in_init=True)


def _constant(name: str, answer: Any) -> HostFunction:
    return HostFunction(name, lambda *_: answer, in_init=True)
