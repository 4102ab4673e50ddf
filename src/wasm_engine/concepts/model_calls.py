"""What all interfaces to models have in common: who may ask, what goes out, what comes back."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.effect import MODELS
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.tensors import Asked, ModelFacts, Models

SERVICE = "models"
"""What the world calls the `Models` that all of its agents share."""


def granted(guest: Caller, name: str, form: str) -> ModelFacts | Err:
    """What is known of a model that the guest may ask."""
    if not guest.agent.may_use("model", name):
        return refusal(faults.NOT_GRANTED, f"model:{name[:100]}")
    service: Models | None = guest.world.services.get(SERVICE)
    facts = None if service is None else service.find(name, form)
    if facts is None:
        return refusal(faults.UNKNOWN_MODEL, f"{name} is no model of {form}")
    return facts


def granted_own(guest: Caller) -> str | None:
    """The name by which the guest may bring the bytes of models, if it may."""
    service: Models | None = guest.world.services.get(SERVICE)
    names = () if service is None else service.guests
    return next((name for name in names if guest.agent.may_use("model", name)), None)


def ask(guest: Caller, facts: ModelFacts, given: list[Any], size: int, span: int | None) -> Any:
    """Has a model compute; answers the effect's number, or the refusal."""
    return ask_as(guest, facts.form, facts.name, facts.digest, given, size, span)


def ask_as(
    guest: Caller,
    form: str,
    name: str,
    digest: bytes,
    given: list[Any],
    size: int,
    span: int | None = None,
) -> Any:
    """The same, where the world knows no more of the model than its name.

    Args:
        guest: Who asks.
        form: As in `Asked`.
        name: What the manifest calls it.
        digest: SHA-256 of the model.
        given: As in `Asked`.
        size: Bytes of what is given.
        span: Real time (ns) that it may take; None: as long as the manifest lets it.
    """
    service: Models = guest.world.services[SERVICE]
    most = service.memory[name]
    if size > most:
        return refusal(faults.TOO_LARGE, f"a call of {name} may have {most} bytes, given {size}")
    refused = guest.authorize("model", name)
    if refused is not None:
        return refused
    guest.charge(size * cost.MESSAGE_BYTE)
    longest = service.timeouts[name]
    timeout = longest if span is None else min(span, longest)
    number = guest.issue(MODELS, Asked(form, name, digest, given, timeout))
    if not isinstance(number, Err):
        guest.answered_by(number, f"model:{name}")
    return number


def taken(guest: Caller, number: int, form: str) -> Any:
    """What a model gave, once: the list that the effect brought; or the fault."""
    outcome = guest.seen(number)
    if outcome is None:
        return refusal(faults.REQUEST_PENDING, f"request {number}")
    if isinstance(outcome, Err):
        if outcome.payload[0] != faults.UNKNOWN_REQUEST:
            guest.forget(number)
        return outcome
    if outcome[0] != form:  # a server's response, or what a person answered
        return refusal(faults.UNKNOWN_REQUEST, f"request {number} asks no model of {form}")
    guest.forget(number)
    guest.reads(f"model:{outcome[1]}")
    return outcome[2]
