"""What the CPU of this machine has, as far as it decides numbers."""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path

from wasm_engine.concepts.portable import NEEDED_CPU_FLAGS

_INFO = Path("/proc/cpuinfo")


@lru_cache(maxsize=1)
def flags() -> frozenset[str]:
    """What every processor of this machine can do; nothing where that is not told."""
    try:
        lines = _INFO.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    rows = [frozenset(line.partition(":")[2].split()) for line in lines if line.startswith("flags")]
    return frozenset.intersection(*rows) if rows else frozenset()


def computes_portably() -> bool:
    """Whether a portable model gives here the bits that it gives on other such machines."""
    known = platform.machine() in ("x86_64", "AMD64")
    return known and flags().issuperset(NEEDED_CPU_FLAGS)
