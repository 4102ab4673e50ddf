"""Why a file is not a component that runs here, in words a user can act on."""

from __future__ import annotations

import re

from wasm_engine.concepts.errors import BadComponent
from wasm_engine.host.child import ChildLimits, Outcome

_MAGIC = b"\0asm"
_COMPONENT = b"\x0d\x00\x01\x00"
_CORE = b"\x01\x00\x00\x00"

# What the validator says of a proposal that is off -> the proposal. The first that fits counts.
_OFF = re.compile(r"not enabled|disabled|must be enabled|not supported|require|without the")
_PROPOSALS = {
    "multiple memories": "multi-memory",
    "multi-memory": "multi-memory",
    "gc feature": "garbage collection",
    "gc support": "garbage collection",
    "gc proposal": "garbage collection",
    "gc types": "garbage collection",
    "exception": "exceptions",
    "threads": "threads",
    "shared": "threads",
    "memory64": "memory64",
    "64-bit": "memory64",
    "relaxed": "relaxed SIMD",
    "custom page sizes": "custom page sizes",
    "stack switching": "stack switching",
    "wide arithmetic": "wide arithmetic",
    "function references": "function references",
    "component model map": "component-model maps",
    "fixed": "fixed-length lists",
    "component model value": "component-model values",
    "async": "component-model async",
    "error-context": "component-model async",
    "stream": "component-model async",
    "future": "component-model async",
}


def check_bytes(name: str, wasm: bytes, most: int) -> None:
    """Refuses what is plainly no component, without a look inside.

    Raises:
        BadComponent: It is not.
    """
    if len(wasm) > most:
        message = f"{name}: too large: {len(wasm):,} bytes; {most:,} are allowed"
        raise BadComponent(message)
    if wasm[:8] == _MAGIC + _COMPONENT:
        return
    if wasm[:8] == _MAGIC + _CORE:
        message = f"{name}: a core WebAssembly module; a component is needed"
        raise BadComponent(message, hint="make one of it: wasm-tools component new FILE.wasm")
    if wasm[:4] == _MAGIC and len(wasm) >= 8:
        message = f"{name}: a WebAssembly file of an unknown version ({wasm[4:8].hex()})"
        raise BadComponent(message)
    if (_MAGIC + _COMPONENT).startswith(wasm[:8]):
        message = f"{name}: not a WebAssembly component: {'empty' if not wasm else 'cut short'}"
        raise BadComponent(message)
    text = wasm[:64].lstrip()
    if text.startswith((b"(component", b"(module", b";;", b"(;")):
        message = f"{name}: WebAssembly text; a binary is needed"
        raise BadComponent(message, hint="translate it: wasm-tools parse FILE.wat -o FILE.wasm")
    message = f"{name}: not a WebAssembly component"
    raise BadComponent(message)


def invalid(name: str, message: str) -> BadComponent:
    """The refusal for what the validator said."""
    reason = message.rpartition("Caused by: ")[2]
    lower = reason.lower()
    if "unexpected end" in lower or "unexpected-eof" in lower or "too short" in lower:
        return BadComponent(f"{name}: cut short, or damaged: {reason}")
    if _OFF.search(lower) or "multiple memories" in lower:
        for sign, proposal in _PROPOSALS.items():
            if sign in lower:
                return BadComponent(f"{name}: needs {proposal}, which is off here: {reason}")
    return BadComponent(f"{name}: not a valid component: {reason}")


def killed(name: str, outcome: Outcome, limits: ChildLimits) -> BadComponent:
    """The refusal for what broke the limits of the compiling process."""
    cost = f"{limits.address_space >> 20} MiB, {limits.cpu_seconds} s of CPU time"
    how = outcome.signal_name or f"status {outcome.status}"
    return BadComponent(f"{name}: too costly to compile (the limits are {cost}; ended by {how})")
