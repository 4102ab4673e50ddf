"""Homes of tests' own: they remember no run, key or policy, and share what can be made anew.

Compiled code and interpreters follow from their sources alone. Each worker that made them again in
an empty home would build and compile the same for minutes; tests of the cache itself, and of how an
interpreter is built, have a home with nothing in it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from wasm_engine.host import places
from wasm_engine.host.disk import secret


def furnished(home: Path) -> Path:
    """A new home with the compiled code and the interpreters of the present one, and no more."""
    cache, data = places.cache_folder(), places.data_folder()
    cache.mkdir(parents=True, exist_ok=True)
    secret(data / "cache.key")
    (home / "data").mkdir(parents=True)
    (home / "cache").symlink_to(cache)
    _link(data / "cache.key", home / "data/cache.key")
    if (data / "interpreters").is_dir():
        (home / "data/interpreters").mkdir(mode=0o700)
        for file in sorted((data / "interpreters").iterdir()):
            if file.is_file() and not file.name.startswith("."):
                _link(file, home / "data/interpreters" / file.name)
    return home


def live_in(patch: pytest.MonkeyPatch, home: Path) -> None:
    """From here on this process, and those that it starts, live in a new home."""
    patch.setenv("WASM_ENGINE_HOME", str(furnished(home)))


def _link(file: Path, name: Path) -> None:
    """The same file under a second name, or where that cannot be, a copy. It may be gone by now."""
    with contextlib.suppress(FileNotFoundError):
        try:
            os.link(file, name)
        except OSError:
            shutil.copy2(file, name)
