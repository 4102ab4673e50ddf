"""wasm-engine:agent/state: the agent's own durable memory."""

from __future__ import annotations

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.segment import (
    KEY_BYTES,
    MAX_KEY_BYTES,
    MAX_STATE_BYTES,
    MAX_VALUE_BYTES,
    Value,
    state_size,
)


def _current(guest: Caller, key: str) -> Value | None:
    writes = guest.segment.writes
    return writes[key] if key in writes else guest.agent.state.get(key)


def _write(guest: Caller, key: str, value: Value) -> Err | None:
    new = state_size(key, value)
    key_bytes = len(key.encode())
    value_bytes = new - key_bytes - KEY_BYTES
    if key_bytes > MAX_KEY_BYTES:
        return refusal(faults.TOO_LARGE, f"a key is at most {MAX_KEY_BYTES} bytes")
    if value_bytes > MAX_VALUE_BYTES:
        return refusal(faults.TOO_LARGE, f"a value is at most {MAX_VALUE_BYTES} bytes")
    grown = guest.segment.grown + new - state_size(key, _current(guest, key))
    if guest.agent.state_bytes + grown > MAX_STATE_BYTES:
        return refusal(faults.STATE_FULL, f"an agent's state is at most {MAX_STATE_BYTES} bytes")
    refused = guest.spend("bytes", key_bytes + value_bytes)
    if refused is not None:
        return refused
    guest.charge(cost.STATE_WRITE + new * cost.STATE_BYTE)
    guest.segment.grown = grown
    guest.segment.writes[key] = value
    guest.mark("state", key)
    return None


def get(guest: Caller, key: str) -> str | None:
    """The text under the key; None where there is none, or bytes."""
    guest.knows_key(key)
    value = _current(guest, key)
    return value if isinstance(value, str) else None


def get_bytes(guest: Caller, key: str) -> bytes | None:
    """The bytes under the key, or the text's UTF-8 bytes."""
    guest.knows_key(key)
    value = _current(guest, key)
    return value.encode() if isinstance(value, str) else value


def delete(guest: Caller, key: str) -> None:
    """Removes the key."""
    value = _current(guest, key)
    if value is not None:
        guest.segment.grown -= state_size(key, value)
        guest.segment.writes[key] = None
        guest.mark("state", key)


def keys(guest: Caller, prefix: str) -> list[str]:
    """The keys that begin with the prefix; Python's order of str is that of UTF-8 bytes."""
    guest.knows_keys(prefix)
    committed, writes = guest.agent.state, guest.segment.writes
    guest.charge(cost.STATE_KEY * (len(committed) + len(writes)))
    found = {key for key in committed if key.startswith(prefix)}
    for key, value in writes.items():
        if value is None:
            found.discard(key)
        elif key.startswith(prefix):
            found.add(key)
    return sorted(found)


_NAME = "wasm-engine:agent/state#"
FUNCTIONS = (
    HostFunction(_NAME + "get", get),
    HostFunction(_NAME + "set", _write),
    HostFunction(_NAME + "delete", delete),
    HostFunction(_NAME + "keys", keys),
    HostFunction(_NAME + "get-bytes", get_bytes),
    HostFunction(_NAME + "set-bytes", _write),
)
