"""Virtual WASI 0.2: the standard interfaces, deterministic and in memory.

No version of an interface is named here: components are linked by introspection, whatever 0.2.x
they ask for. What nothing here implements is refused by `deny`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.resources import ResourceTable
from wasm_engine.runtime.wasi import cli, clocks, freezing, random, sockets
from wasm_engine.runtime.wasi.blobstore import blobstore, container, values
from wasm_engine.runtime.wasi.cli import GuestExit
from wasm_engine.runtime.wasi.denial import deny
from wasm_engine.runtime.wasi.filesystem import changing, contents, descriptor, listing, looking
from wasm_engine.runtime.wasi.folders import handles as folder_handles
from wasm_engine.runtime.wasi.folders.entering import entering
from wasm_engine.runtime.wasi.folders.folder import Folder
from wasm_engine.runtime.wasi.folders.service import Beginning, Folders
from wasm_engine.runtime.wasi.http import (
    bodies,
    codes,
    fields,
    future,
    handler,
    requests,
    responses,
)
from wasm_engine.runtime.wasi.io import error, poll, streams
from wasm_engine.runtime.wasi.keyvalue import atomics, batch, store
from wasm_engine.runtime.wasi.keyvalue import handles as keyvalue_handles
from wasm_engine.runtime.wasi.nn import computing, graphs
from wasm_engine.runtime.wasi.nn import handles as nn_handles
from wasm_engine.runtime.wasi.state import Preopen, Stdin, WasiState
from wasm_engine.runtime.wasi.touching import changes_nothing
from wasm_engine.runtime.wasi.tree.mounting import Listed, copy_into, mounted
from wasm_engine.runtime.wasi.tree.nodes import SharedMount
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
    codes,
    fields,
    requests,
    bodies,
    handler,
    future,
    responses,
    store,
    atomics,
    batch,
    values,
    container,
    blobstore,
    nn_handles,
    graphs,
    computing,
)
_KINDS = freezing.by_kind(
    [
        Stdin,
        *cli.FROZEN,
        *error.FROZEN,
        *poll.FROZEN,
        *streams.FROZEN,
        *contents.FROZEN,
        *descriptor.FROZEN,
        *listing.FROZEN,
        *sockets.FROZEN,
        *fields.FROZEN,
        *requests.FROZEN,
        *bodies.FROZEN,
        *future.FROZEN,
        *responses.FROZEN,
        *keyvalue_handles.FROZEN,
        *values.FROZEN,
        *container.FROZEN,
        *folder_handles.FROZEN,
        *nn_handles.FROZEN,
    ]
)


def functions() -> Mapping[str, HostFunction]:
    """Every function implemented here, by its name without version."""
    every = (entering(function) for family in _FAMILIES for function in family.FUNCTIONS)
    return {it.name: it if changes_nothing(it) else replace(it, touches=True) for it in every}


def freeze(wasi: WasiState, resources: ResourceTable) -> list[Any]:
    """What the host keeps for an instance between messages, as plain values.

    Raises:
        NotCapturable: It holds what there is no way to make anew.
    """
    return freezing.freeze(wasi, resources, _KINDS)


def thaw(wasi: WasiState, resources: ResourceTable, frozen: list[Any]) -> None:
    """Makes a new state and a new table of handles equal to those that were frozen."""
    freezing.thaw(wasi, resources, _KINDS, frozen)


__all__ = [
    "Beginning",
    "Folder",
    "Folders",
    "GuestExit",
    "Listed",
    "Preopen",
    "Quota",
    "SharedMount",
    "Tree",
    "WasiState",
    "copy_into",
    "deny",
    "freeze",
    "functions",
    "mounted",
    "thaw",
]
