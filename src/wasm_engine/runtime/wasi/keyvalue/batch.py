"""wasi:keyvalue/batch: many keys at once. In the world's own store a batch is atomic."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi.keyvalue.asking import ask
from wasm_engine.runtime.wasi.keyvalue.handles import Bucket


def get_many(guest: Caller, bucket: Bucket, keys: list[str]) -> Any:
    """Key and value of each key, or none."""
    return ask(guest, bucket.name, "get-many", keys)


def set_many(guest: Caller, bucket: Bucket, pairs: list[tuple[str, bytes]]) -> Any:
    """Puts all of them."""
    return ask(guest, bucket.name, "set-many", pairs)


def delete_many(guest: Caller, bucket: Bucket, keys: list[str]) -> Any:
    """Takes all of them out."""
    return ask(guest, bucket.name, "delete-many", keys)


_NAME = "wasi:keyvalue/batch#"
FUNCTIONS = (
    HostFunction(_NAME + "get-many", get_many, suspends=True),
    HostFunction(_NAME + "set-many", set_many, suspends=True),
    HostFunction(_NAME + "delete-many", delete_many, suspends=True),
)
