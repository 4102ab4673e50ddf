"""Where Wasmtime's shared library is, found without importing the package that brings it.

The compiling child is told instead, so that it need not look.
"""

from __future__ import annotations

import importlib.util
import platform
import re
import sys
from pathlib import Path


def _package() -> Path:
    spec = importlib.util.find_spec("wasmtime")
    if spec is None or spec.origin is None:
        message = "the package 'wasmtime' is not installed"
        raise ImportError(message)
    return Path(spec.origin).parent


def _version(package: Path) -> str:
    """By the name of the metadata folder: importlib.metadata takes 15 ms."""
    for path in package.parent.glob("wasmtime-*.dist-info"):
        if found := re.fullmatch(r"wasmtime-(.+)\.dist-info", path.name):
            return found[1]
    message = "the package 'wasmtime' has no metadata"
    raise ImportError(message)


_PACKAGE = _package()
MACHINE = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
PATH = str(_PACKAGE / f"{sys.platform}-{MACHINE}" / "_libwasmtime.so")
VERSION = _version(_PACKAGE)
