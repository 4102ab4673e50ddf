"""wasm-engine:secrets: agents get references; the secrets are put in outside the world."""

from __future__ import annotations

from wasm_engine.concepts import faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.secrets import References

SERVICE = "secrets"
"""What the world calls the `References` that all of its agents share."""


def reference(guest: Caller, name: str) -> str | Err:
    """The text that stands for a secret in requests to servers."""
    if not guest.agent.may_use("secret", name):
        return refusal(faults.NOT_GRANTED, "that secret")
    refused = guest.authorize("secret", name)
    if refused is not None:
        return refused
    guest.reads(f"secret:{name}")
    references: References = guest.world.services[SERVICE]
    return references.to(name)


FUNCTIONS = (HostFunction("wasm-engine:secrets/secrets#reference", reference, shared=True),)
