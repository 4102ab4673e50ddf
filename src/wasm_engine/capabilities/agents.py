"""wasm-engine:agent/agents: raising, ending and watching other agents, all of it by turn calls."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.concepts.names import MAX_NAME_BYTES, is_name
from wasm_engine.concepts.segment import Turn

MAX_CONFIG_BYTES = 64 << 10


def spawn(guest: Caller, kind: str, key: str, config: str) -> Any:
    """Raises a new agent of a kind under `kind/key`."""
    if not is_name(f"{kind}/{key}"):
        return refusal(faults.INVALID_NAME, "not an address")
    if len(config.encode()) > MAX_CONFIG_BYTES:
        return refusal(faults.TOO_LARGE, f"a configuration is at most {MAX_CONFIG_BYTES} bytes")
    guest.charge(len(config) * cost.MESSAGE_BYTE)
    forbidden = guest.authorize("spawn", kind, {"key": key})
    if forbidden is not None:
        return forbidden
    return guest.suspend(Turn("spawn", kind, key, config))


def stop(guest: Caller, address: str) -> Any:
    """Ends an agent at the end of the step."""
    forbidden = guest.authorize("stop", address) if is_name(address) else None
    return _turn(guest, "stop", address) if forbidden is None else forbidden


def watch(guest: Caller, address: str) -> Any:
    """Asks for a message on topic "exit" when the agent ends."""
    return _turn(guest, "watch", address)


def _turn(guest: Caller, operation: str, address: str) -> Any:
    if len(address) > MAX_NAME_BYTES:  # nobody's; the record of turn calls holds it in full
        return refusal(faults.UNKNOWN_ADDRESS, "not an address")
    return guest.suspend(Turn(operation, address))


_NAME = "wasm-engine:agent/agents#"
FUNCTIONS = (
    HostFunction(_NAME + "spawn", spawn, suspends=True),
    HostFunction(_NAME + "stop", stop, suspends=True),
    HostFunction(_NAME + "watch", watch, suspends=True),
)
