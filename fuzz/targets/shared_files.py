"""Shared folders as a checkpoint holds them: put in place, told again, and worked with."""

from __future__ import annotations

from functools import cache
from typing import Any

from wasm_engine.agents.material import ListedFile
from wasm_engine.concepts import canonical
from wasm_engine.runtime.wasi import Beginning, Folders, Quota

FORMS = ("msgpack",)
REFUSES = (ValueError, TypeError, LookupError, RecursionError)
_ROOT = 1
_TIME = 5_000_000_000
_LISTING = [
    ListedFile("d", "directory", 0, b"", "", bytes),
    ListedFile("d/old", "file", 0, canonical.sha256(b""), "", bytes),
]


class _Payer:
    def spend(self, work: int) -> None:
        """Pays."""


def _folders() -> Folders:
    return Folders({"shelf": Beginning(_LISTING, Quota(1 << 16, 64))}, _TIME)


def _do(folders: Folders, operation: str, *arguments: Any) -> Any:
    return folders.execute(_Payer(), operation, ("shelf", *arguments, _TIME))


def _work(folders: Folders) -> None:
    _do(folders, "create-directory", _ROOT, "made")
    _do(folders, "rename", _ROOT, "d", _ROOT, "made/d")
    number, _ = _do(folders, "open", _ROOT, "made/../new", ["create"], ["write"])
    _do(folders, "write", number, 3, b"text")


@cache
def seeds() -> list[bytes]:
    """A folder as it begins, and one that was worked with."""
    folders = _folders()
    found = [canonical.encode(folders.freeze())]
    _work(folders)
    return [*found, canonical.encode(folders.freeze())]


def check(data: bytes) -> None:
    """What is put in place is told as it was, is within its bounds, and can be worked with."""
    folders = _folders()
    folders.thaw(canonical.decode(data))
    told = canonical.encode(folders.freeze())
    again = _folders()
    again.thaw(canonical.decode(told))
    assert canonical.encode(again.freeze()) == told
    tree = folders.folder("shelf").tree
    nodes = dict(folders.folder("shelf").paths())
    assert len(nodes) == tree.usage.nodes <= 64
    assert sum(it.size for it in nodes.values()) == tree.usage.bytes <= 1 << 16
    if len(nodes) < 60 and tree.usage.bytes < 60_000 and not {"made", "new"} & set(nodes):
        _work(folders)
        assert folders.folder("shelf").content(folders.folder("shelf").find(_ROOT, "new")[0])
