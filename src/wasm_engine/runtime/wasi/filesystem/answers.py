"""How an operation on the tree becomes a host function: its error's code is the guest's answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.tree.errors import FsError


def descriptor_function(name: str, do: Callable[..., Any]) -> HostFunction:
    """A method of the resource `descriptor`."""

    def seeing(guest: Any, descriptor: Any, *rest: Any) -> Any:
        node = descriptor.node
        if node.read_only and not guest.saw(node.mount):
            raise fail("access")
        return do(guest, descriptor, *rest)

    return HostFunction(
        f"wasi:filesystem/types#[method]descriptor.{name}", answering(seeing), in_init=True
    )


def answering(do: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with `Err(code)` as the answer where it fails."""

    @wraps(do)
    def call(*arguments: Any) -> Any:
        try:
            return do(*arguments)
        except FsError as error:
            return Err(error.code)

    return call


def fail(code: str) -> FsError:
    """The failure to raise."""
    return FsError(code)
