"""Where good input comes from: the tests' golden files, the examples, the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent
GOLDENS = ROOT / "tests/goldens"


def texts(paths: Iterable[Path]) -> list[bytes]:
    """The files' bytes, in one order."""
    return [path.read_bytes() for path in sorted(paths)]
