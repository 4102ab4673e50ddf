"""Finds, compiles and runs the agent's file."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from wasm_agent.faults import Fault

_FOLDER = Path("/agent")


def load() -> None:
    """Runs the one file in /agent as a module of its own name.

    Raises:
        Fault: `no-agent-file`.
        SyntaxError: And whatever the file raises.
    """
    path = _find()
    source = path.read_bytes()
    # Tracebacks name the file as its author does, and show its lines.
    code = compile(source, path.name, "exec", dont_inherit=True)
    text = source.decode(errors="replace")
    linecache.cache[path.name] = (len(source), None, text.splitlines(keepends=True), path.name)
    module = ModuleType(_module_name(path.stem))
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    exec(code, module.__dict__)  # noqa: S102 - running it is what the interpreter is for


def know_no_other_source() -> None:
    """Spares tracebacks the search for sources that do not exist: each would be a host call."""

    def updatecache(filename: str, module_globals: dict[str, Any] | None = None) -> list[str]:
        del filename, module_globals
        return []

    linecache.updatecache = updatecache


def _find() -> Path:
    try:
        files = sorted(path for path in _FOLDER.iterdir() if path.suffix == ".py")
    except OSError:
        files = []
    if len(files) != 1:
        code, detail = "no-agent-file", f"/agent holds {len(files)} Python files instead of one"
        raise Fault(code, detail)
    return files[0]


def _module_name(stem: str) -> str:
    """The file's name, unless that would hide a module: an agent may live in `queue.py`."""
    return f"agent_{stem}" if stem in sys.modules else stem
