"""What all interfaces to models have in common: who may ask, what goes out, what comes back."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.effect import MODELS
from wasm_engine.concepts.ended import ended
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.segment import arguments_size
from wasm_engine.concepts.tensors import Asked, ModelFacts, Models

SERVICE = "models"
"""What the world calls the `Models` that all of its agents share."""
AT_ONCE = 4 << 20
"""Bytes of a portable model and of what it is given up to which it computes within the segment.

Calls of larger ones take longer than all else in a step: they are effects, and those of all agents
compute side by side at the step's end.
"""
FAILED = 50_000_000
"""Host work of a model that computed at once and failed: too much came, or it took too long."""
BYTES_COMPUTED = 8
"""Bytes of a model that a unit of host work pays for: each is read once, and no faster."""


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


def is_prompt(guest: Caller, facts: ModelFacts, size: int) -> bool:
    """Whether a model computes as its agent waits, within the segment: see `AT_ONCE`.

    Args:
        guest: Who asks.
        facts: The model.
        size: Bytes of what it is given.
    """
    known = facts.portable and facts.size > 0 and guest.world.computing is not None
    return known and facts.size + size <= AT_ONCE


def ask_promptly(
    guest: Caller, facts: ModelFacts, given: list[Any], size: int, span: int | None = None
) -> Asked | Err:
    """The arguments of a `Computation` that is paid for; or the refusal."""
    timeout = _admitted(guest, facts.name, size, span)
    if isinstance(timeout, Err):
        return timeout
    guest.charge(cost.REQUEST + size * cost.STATE_BYTE + facts.size // BYTES_COMPUTED)
    asked = Asked(facts.form, facts.name, facts.digest, given, timeout)
    if guest.agent.purse is not None:
        refused = guest.spend("effects", 1, arguments_size(asked), kept=False)
        if refused is not None:
            return refused
    return asked


def come_of(guest: Caller, outcome: Any) -> Any:
    """What a model gave, of the outcome that holds it; or the fault."""
    if isinstance(outcome, Err):
        return outcome
    guest.reads(f"model:{outcome[1]}")
    return outcome[2]


def come_at_once(guest: Caller, outcome: Any) -> Any:
    """The same of a model that computed at once; one that failed is paid for nevertheless."""
    if isinstance(outcome, Err):
        guest.charge(FAILED)
    return come_of(guest, outcome)


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
    timeout = _admitted(guest, name, size, span)
    if isinstance(timeout, Err):
        return timeout
    guest.charge(size * cost.MESSAGE_BYTE)
    number = guest.issue(MODELS, Asked(form, name, digest, given, timeout))
    if not isinstance(number, Err):
        guest.answered_by(number, f"model:{name}")
    return number


def _admitted(guest: Caller, name: str, size: int, span: int | None) -> int | Err:
    """Real time (ns) that a call may take; or why there can be none."""
    service: Models = guest.world.services[SERVICE]
    most = service.memory[name]
    if size > most:
        return refusal(faults.TOO_LARGE, f"a call of {name} may have {most} bytes, given {size}")
    refused = guest.authorize("model", name)
    if refused is not None:
        return refused
    longest = service.timeouts[name]
    return longest if span is None else min(span, longest)


def taken(guest: Caller, number: int, form: str) -> Any:
    """What a model gave, once: the list that the effect brought; or the fault."""
    other = f"asks no model of {form}"  # but a server, or a person
    return come_of(guest, ended(guest, number, guest.seen(number), lambda it: it[0] == form, other))
