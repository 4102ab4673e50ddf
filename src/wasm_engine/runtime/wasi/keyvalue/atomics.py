"""wasi:keyvalue/atomics: increments, and values that are swapped if nobody else changed them."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts import cost
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.keyvalue.asking import ask
from wasm_engine.runtime.wasi.keyvalue.handles import Bucket, Cas


def increment(guest: Caller, bucket: Bucket, key: str, delta: int) -> Any:
    """Adds to the number under a key; answers the sum."""
    return ask(guest, bucket.name, "increment", key, delta)


def new_cas(guest: Any, bucket: Bucket, key: str) -> Any:
    """A handle of what is under a key now."""

    def made(guest: Any, found: bytes | Err | None) -> Cas | Err:
        return found if isinstance(found, Err) else _cas(guest, bucket.name, key, found)

    return ask(guest, bucket.name, "get", key, then=made)


def current(guest: Caller, cas: Cas) -> bytes | None:
    """What was under the key when the handle was made: what `swap` expects to be there still."""
    return cas.value


def swap(guest: Caller, cas: Cas, value: bytes) -> Any:
    """Puts a value, if what the handle expects is there; else a handle of what is."""
    bucket, key, expected = cas.bucket, cas.key, cas.value
    cas.drop()

    def ended(guest: Any, found: tuple[Any, ...] | Err) -> Err | None:
        if isinstance(found, Err):
            return Err(("store-error", found.payload))
        if found[0] == "swapped":
            return None
        return Err(("cas-failed", _cas(guest, bucket, key, found[1])))

    return ask(guest, bucket, "swap", key, expected, value, then=ended)


def _cas(guest: Any, bucket: str, key: str, value: bytes | None) -> Cas:
    guest.charge(len(value or b"") * cost.STATE_BYTE)
    return Cas(guest.wasi.room, bucket, key, value)


_NAME = "wasi:keyvalue/atomics#"
FUNCTIONS = (
    HostFunction(_NAME + "increment", increment, suspends=True),
    HostFunction(_NAME + "[static]cas.new", new_cas, suspends=True),
    HostFunction(_NAME + "[method]cas.current", current),
    HostFunction(_NAME + "swap", swap, suspends=True),
)
