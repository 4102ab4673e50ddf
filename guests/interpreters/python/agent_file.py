"""Finds, compiles and runs the agent's file.

This runs once for every message of an agent whose memory is pristine each time, so it touches
little: a page of memory touched is a page copied.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from wasm_agent.faults import Fault

_FOLDER = "/agent"


class _Source:
    """The text of the agent's file, in lines once somebody asks."""

    name = ""
    data = b""
    module: ModuleType | None = None


def load() -> None:
    """Runs the one file in /agent as a module of its own name.

    Raises:
        Fault: `no-agent-file`.
        SyntaxError: And whatever the file raises.
    """
    name = _find()
    path = f"{_FOLDER}/{name}"
    with open(path, "rb", buffering=0) as file:
        _Source.name, _Source.data = name, file.readall()
    # Tracebacks name the file as its author does, and show its lines.
    code = compile(_Source.data, name, "exec", dont_inherit=True)
    module = ModuleType(_module_name(name.removesuffix(".py")))
    module.__file__ = path
    sys.modules[module.__name__] = module
    exec(code, module.__dict__)
    _Source.module = module


def function(name: str) -> Callable[..., Any] | None:
    """A function of the agent's file, if it has one of that name."""
    found = getattr(_Source.module, name, None)
    return found if callable(found) else None


def know_no_other_source() -> None:
    """Spares tracebacks the search for sources that do not exist: each would be a host call."""

    def updatecache(filename: str, module_globals: dict[str, Any] | None = None) -> list[str]:
        del module_globals
        if filename != _Source.name:
            return []
        lines = _Source.data.decode(errors="replace").splitlines(keepends=True)
        linecache.cache[filename] = (len(_Source.data), None, lines, filename)
        return lines

    linecache.updatecache = updatecache


def _find() -> str:
    try:
        files = [name for name in os.listdir(_FOLDER) if name.endswith(".py")]
    except OSError:
        files = []
    if len(files) != 1:
        code, detail = "no-agent-file", f"{_FOLDER} holds {len(files)} Python files instead of one"
        raise Fault(code, detail)
    return files[0]


def _module_name(stem: str) -> str:
    """The file's name, unless that would hide a module: an agent may live in `queue.py`."""
    return f"agent_{stem}" if stem in sys.modules else stem
