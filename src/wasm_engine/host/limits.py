"""Bounds that the machine sets."""

from __future__ import annotations

from pathlib import Path

_USUAL_MAPPINGS = 65_530


def most_mappings() -> int:
    """How many memory mappings a process may have."""
    try:
        return int(Path("/proc/sys/vm/max_map_count").read_text())
    except (OSError, ValueError):
        return _USUAL_MAPPINGS
