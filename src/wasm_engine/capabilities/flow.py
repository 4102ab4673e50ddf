"""wasm-engine:flow: what labels an agent knows, and taking one off, on the record."""

from __future__ import annotations

from wasm_engine.concepts import faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.names import is_name


def labels(guest: Caller) -> list[str]:
    """The labels of what is known so far, in order."""
    return sorted(guest.labels)


def declassify(guest: Caller, label: str) -> Err | None:
    """From here on, what is known does not carry the label any more."""
    if not is_name(label):
        return refusal(faults.INVALID_NAME, "not a label")
    if not guest.agent.may_use("declassify", label):
        return refusal(faults.NOT_GRANTED, f"declassify:{label}")
    refused = guest.authorize("declassify", label)
    if refused is not None:
        return refused
    guest.labels -= {label}
    return None


_NAME = "wasm-engine:flow/flow#"
FUNCTIONS = (
    HostFunction(_NAME + "labels", labels, shared=True),
    HostFunction(_NAME + "declassify", declassify, shared=True),
)
