"""What the library's errors mean: guest traps, limits, faults of the machine.

The library gives text only, and part of the text is the guest's (function names in the backtrace),
so nothing but the last line, which is always the library's own, decides.
"""

from __future__ import annotations

from wasm_engine.concepts.errors import EngineError, GuestTrap, HostFault, LimitExceeded

MAX_DETAIL = 4000


class Halted(EngineError):
    """A host function ends a guest for a look at where it stands.

    Attributes:
        backtrace: What the library says of that; in part the guest's own words.
    """

    backtrace = ""

    def __init__(self) -> None:
        super().__init__("halted for a look")


_TRAPS = {
    "all fuel consumed by WebAssembly": "fuel",
    "wasm `unreachable` instruction executed": "unreachable",
    "out of bounds memory access": "out-of-bounds-memory",
    "misaligned memory access": "misaligned-memory",
    "call stack exhausted": "stack-exhausted",
    "undefined element: out of bounds table access": "out-of-bounds-table",
    "uninitialized element": "indirect-call",
    "indirect call type mismatch": "indirect-call",
    "integer overflow": "integer-overflow",
    "integer divide by zero": "integer-divide-by-zero",
    "invalid conversion to integer": "invalid-conversion",
    "cannot enter component instance": "cannot-enter",
    "cannot leave component instance": "cannot-leave",
}
_LIMITS = {
    "memory minimum size of": "memory",
    "table minimum size of": "table",
    "resource limit exceeded: memory": "memory",
    "resource limit exceeded: table": "table",
    "resource limit exceeded: instance": "instances",
    "too much data is being copied": "transfer",
}
_MACHINE = ("mmap", "mprotect", "memfd", "Cannot allocate memory", "os error", "out of memory")


def failure_of(message: str) -> EngineError:
    """The error that a message of the library stands for."""
    last = message.rstrip().rpartition("\n")[2].strip()
    detail = _cut(message.strip())
    _, found, trap = last.rpartition("wasm trap: ")
    if found:
        code = _TRAPS.get(trap, "trap")
        return LimitExceeded(code, detail) if code == "fuel" else GuestTrap(code, detail)
    for start, code in _LIMITS.items():
        if start in last:
            return LimitExceeded(code, detail)
    if any(sign in last for sign in _MACHINE):
        return HostFault(f"the machine could not run a guest: {last}")
    return GuestTrap("trap", detail)


def _cut(text: str) -> str:
    """The beginning and the end: a backtrace may hold names as long as the guest likes."""
    half = MAX_DETAIL // 2
    return text if len(text) <= MAX_DETAIL else f"{text[:half]}\n...\n{text[-half:]}"
