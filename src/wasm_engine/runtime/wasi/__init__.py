"""Virtual WASI 0.2: the standard interfaces, deterministic and in memory.

No version of an interface is named here: components are linked by introspection, whatever 0.2.x
they ask for. What nothing here implements is refused by `deny`.
"""

from __future__ import annotations

from collections.abc import Mapping

from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi import cli, clocks, random, sockets
from wasm_engine.runtime.wasi.cli import GuestExit
from wasm_engine.runtime.wasi.denial import deny
from wasm_engine.runtime.wasi.filesystem import changing, descriptor, listing, looking
from wasm_engine.runtime.wasi.io import error, poll, streams
from wasm_engine.runtime.wasi.state import Preopen, WasiState
from wasm_engine.runtime.wasi.tree.mounting import Listed, copy_into, mounted
from wasm_engine.runtime.wasi.tree.quota import Quota
from wasm_engine.runtime.wasi.tree.tree import Tree

_FAMILIES = (
    cli,
    clocks,
    random,
    error,
    poll,
    streams,
    descriptor,
    looking,
    changing,
    listing,
    sockets,
)


def functions() -> Mapping[str, HostFunction]:
    """Every function implemented here, by its name without version."""
    return {function.name: function for family in _FAMILIES for function in family.FUNCTIONS}


__all__ = [
    "GuestExit",
    "Listed",
    "Preopen",
    "Quota",
    "Tree",
    "WasiState",
    "copy_into",
    "deny",
    "functions",
    "mounted",
]
