"""wasi:keyvalue/store: buckets are opened by name, and looked into or changed key by key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.keyvalue.asking import DENIED, ask, is_granted
from wasm_engine.runtime.wasi.keyvalue.handles import Bucket


def open_bucket(guest: Caller, identifier: str) -> Bucket | Err:
    """A handle of a bucket that the agent was granted; whether there is anything in it or not."""
    granted = guest.given(lambda: is_granted(guest, identifier, to_write=False))
    return Bucket(identifier) if granted else DENIED


def get(guest: Caller, bucket: Bucket, key: str) -> Any:
    """The value under a key, or none."""
    return ask(guest, bucket.name, "get", key)


def put(guest: Caller, bucket: Bucket, key: str, value: bytes) -> Any:
    """Puts a value under a key."""
    return ask(guest, bucket.name, "set", key, value)


def delete(guest: Caller, bucket: Bucket, key: str) -> Any:
    """Takes a key out, if it is there."""
    return ask(guest, bucket.name, "delete", key)


def exists(guest: Caller, bucket: Bucket, key: str) -> Any:
    """Whether there is a value under a key."""
    return ask(guest, bucket.name, "exists", key)


def list_keys(guest: Caller, bucket: Bucket, cursor: str | None) -> Any:
    """Some of the keys, and where the next ones begin."""
    return ask(guest, bucket.name, "list-keys", cursor)


_NAME = "wasi:keyvalue/store#"
_METHODS: dict[str, Callable[..., Any]] = {
    "get": get,
    "set": put,
    "delete": delete,
    "exists": exists,
    "list-keys": list_keys,
}
FUNCTIONS = (
    HostFunction(_NAME + "open", open_bucket),
    *(
        HostFunction(f"{_NAME}[method]bucket.{name}", call, suspends=True)
        for name, call in _METHODS.items()
    ),
)
