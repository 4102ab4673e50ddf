"""Folders for as long as something takes."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """A folder of ours alone; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        yield Path(folder)
