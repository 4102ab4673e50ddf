"""Where Wasmtime's shared library is, found without importing the package that brings it.

The compiling child is told instead, so that it need not look.
"""

from __future__ import annotations

import importlib.util
import platform
import re
import sys
from pathlib import Path

from wasm_engine.concepts.errors import Misuse

KNOWN = ("49.0.0", "50.0.1")
"""Versions whose layouts and switches were looked at and tested; no other is loaded."""


def _package() -> Path:
    spec = importlib.util.find_spec("wasmtime")
    if spec is None or spec.origin is None:
        raise _unfit("the package 'wasmtime' is not installed")
    return Path(spec.origin).parent


def _version(package: Path) -> str:
    """By the name of the metadata folder: importlib.metadata takes 15 ms."""
    for path in sorted(package.parent.glob("wasmtime-*.dist-info")):
        if found := re.fullmatch(r"wasmtime-(.+)\.dist-info", path.name):
            if found[1] not in KNOWN:
                raise _unfit(f"wasmtime {found[1]} is installed, and was not tested with this")
            return found[1]
    raise _unfit("the package 'wasmtime' has no metadata")


def _unfit(why: str) -> Misuse:
    return Misuse(why, code="unfit-wasmtime", hint=f"it runs on wasmtime {' and '.join(KNOWN)}")


_PACKAGE = _package()
MACHINE = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
PATH = str(_PACKAGE / f"{sys.platform}-{MACHINE}" / "_libwasmtime.so")
VERSION = _version(_PACKAGE)
