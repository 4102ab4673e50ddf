"""How calls of wasi:filesystem come to a shared folder: by a handle of it, or by a path into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.filesystem.answers import answering
from wasm_engine.runtime.wasi.folders.handles import ROOT, SharedDescriptor
from wasm_engine.runtime.wasi.folders.methods import METHODS, open_at, rename_within
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.paths import MAX_LINKS, Crossed, resolve_name

_PREFIX = "wasi:filesystem/types#[method]descriptor."
_PATH_OF = {
    "stat-at": 1,
    "set-times-at": 1,
    "metadata-hash-at": 1,
    "open-at": 1,
    "symlink-at": 1,
    "readlink-at": 0,
    "create-directory-at": 0,
    "remove-directory-at": 0,
    "unlink-file-at": 0,
}
"""Which argument after the descriptor is the path."""
_TURNS = frozenset(
    {
        "set-size", "set-times", "write", "set-times-at", "open-at", "create-directory-at",
        "remove-directory-at", "unlink-file-at", "rename-at",
    }
)  # fmt: skip


def entering(function: HostFunction) -> HostFunction:
    """The function, for shared folders, too; one that is not of a descriptor as it is."""
    name = function.name.removeprefix(_PREFIX)
    if name == function.name:
        return function
    if name in {"rename-at", "link-at"}:
        call = _of_two(function.call, renames=name == "rename-at")
    elif name in _PATH_OF:
        call = _by_path(function.call, METHODS[name], _PATH_OF[name])
    else:
        call = _by_handle(function.call, METHODS[name])
    return replace(function, call=answering(call), suspends=name in _TURNS)


def _by_handle(private: Callable[..., Any], shared: Callable[..., Any]) -> Callable[..., Any]:
    def call(guest: Any, handle: Any, *rest: Any) -> Any:
        do = shared if handle.__class__ is SharedDescriptor else private
        return do(guest, handle, *rest)

    return call


def _by_path(
    private: Callable[..., Any], shared: Callable[..., Any], at: int
) -> Callable[..., Any]:
    def call(guest: Any, base: Any, *rest: Any) -> Any:
        if base.__class__ is SharedDescriptor:
            return shared(guest, base, *rest)
        for _ in range(MAX_LINKS):
            try:
                return private(guest, base, *rest)
            except Crossed as crossed:
                handle, path = _root(crossed, base), crossed.path
                if crossed.onward is None:
                    return shared(guest, handle, *_with(rest, at, path))
                _pass(guest, handle, path)
                rest = _with(rest, at, crossed.onward)
        code = "loop"
        raise FsError(code)

    return call


def _with(arguments: tuple[Any, ...], at: int, path: str) -> tuple[Any, ...]:
    return (*arguments[:at], path, *arguments[at + 1 :])


def _root(crossed: Crossed, base: Any) -> SharedDescriptor:
    """The folder itself, as far as the base lets it be changed."""
    flags = frozenset({"read"})
    return SharedDescriptor(crossed.mount.name, ROOT, "directory", flags, mutable=base.mutable)


def _pass(guest: Any, handle: SharedDescriptor, path: str) -> None:
    """Refuses a way out of a folder through what is no directory in it."""
    open_at(guest, handle, frozenset(), path, frozenset({"directory"}), frozenset({"read"}))


def _of_two(private: Callable[..., Any], *, renames: bool) -> Callable[..., Any]:
    def call(guest: Any, *arguments: Any) -> Any:
        base, path, new_base, new_path = arguments if renames else arguments[:1] + arguments[2:]
        if SharedDescriptor not in {base.__class__, new_base.__class__}:
            try:
                return private(guest, *arguments)
            except Crossed:
                pass
        source, target = _place(guest, base, path), _place(guest, new_base, new_path)
        if source is None or target is None or source[0].mount != target[0].mount:
            return Err("cross-device")
        return rename_within(guest, *source, *target) if renames else Err("not-permitted")

    return call


def _place(guest: Any, base: Any, path: str) -> tuple[SharedDescriptor, str] | None:
    """Where in a shared folder a path leads to; None where it is elsewhere."""
    if base.__class__ is SharedDescriptor:
        return base, path
    for _ in range(MAX_LINKS):
        try:
            resolve_name(base.directory(), path, guest)
        except Crossed as crossed:
            handle = _root(crossed, base)
            if crossed.onward is None:
                return handle, crossed.path
            _pass(guest, handle, crossed.path)
            path = crossed.onward
        else:
            return None
    code = "loop"
    raise FsError(code)
