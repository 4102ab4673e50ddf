"""How an operation on a bucket is carried out: a look, a turn call, or an effect on Redis.

granted, and let by the policy in force?  else `access-denied`
in the world, changes nothing             answered at once, as of the step's start
in the world, changes something           a turn call, answered in the next step
in Redis                                  an effect, answered when Redis has
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.effect import REDIS
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.keyvalue import (
    LEARNS,
    LOOKS,
    keys_of,
    refused,
    written_size,
    wrong_with,
)
from wasm_engine.concepts.segment import Turn

DENIED: Final = Err(("access-denied", None))
SERVICE = "keyvalue"

Then = Callable[[Caller, Any], Any]
"""Makes of the plain answer, or of the refusal, what the guest gets."""


def is_granted(guest: Caller, bucket: str, *, to_write: bool) -> bool:
    """Whether the manifest lets the agent."""
    agent = guest.agent
    return bool(
        agent.may_use("keyvalue", bucket)
        or (not to_write and agent.may_use("keyvalue-read", bucket))
    )


def ask(
    guest: Caller, bucket: str, operation: str, *arguments: Any, then: Then | None = None
) -> Any:
    """Carries an operation out; for a host function to return.

    Args:
        guest: Who asks.
        bucket: The bucket's name.
        operation: One of `concepts.keyvalue`.
        arguments: Its arguments.
        then: Makes of the plain answer what the guest gets.
    """
    wrong = wrong_with(operation, arguments)
    if wrong is not None:
        return _done(guest, wrong, then)
    how, found = guest.given(lambda: _begin(guest, bucket, operation, arguments))
    if found == DENIED:
        return _done(guest, found, then)
    source = f"{SERVICE}:{bucket}"
    if operation in LEARNS:
        guest.reads(source)
    if operation not in LOOKS:
        guest.writes(source)
        guest.charge(cost.STATE_WRITE + written_size(operation, arguments) * cost.STATE_BYTE)
    elif operation == "list-keys":
        guest.charge(_listed(found) * cost.STATE_KEY)
    match how:
        case "turn":
            call = f"{SERVICE}.{operation}"
            return guest.suspend(Turn(call, bucket, *arguments, answer=then))
        case "redis":
            number = guest.effect(REDIS, (found, bucket, operation, *arguments))
            if isinstance(number, Err):  # a budget has not so much left
                return _done(guest, Err(("other", number.payload[0])), then)
            guest.answered_by(number, source)
            return guest.wait(
                {number: None}, None, lambda it: _arrived(it, number, operation, arguments, then)
            )
        case _:
            return _done(guest, found, then)


def _begin(
    guest: Caller, bucket: str, operation: str, arguments: tuple[Any, ...]
) -> tuple[str, Any]:
    """How it is carried out, and what is known of that: the answer, or where the bucket lies."""
    to_write = operation not in LOOKS
    if not is_granted(guest, bucket, to_write=to_write):
        return "answer", DENIED
    action = f"{SERVICE}.{'write' if to_write else 'read'}"
    for key in keys_of(operation, arguments):
        if guest.authorize(action, bucket, {"key": key}) is not None:
            return "answer", DENIED
    store = guest.world.services[SERVICE]
    address = store.redis.get(bucket)
    if address is not None:
        return "redis", address
    return ("turn", None) if to_write else ("answer", store.look(bucket, operation, arguments))


def _done(guest: Caller, answer: Any, then: Then | None) -> Any:
    return answer if then is None else then(guest, answer)


def _listed(found: Any) -> int:
    return len(found[0]) if isinstance(found, tuple) else 0


def _arrived(
    guest: Caller, number: int, operation: str, arguments: tuple[Any, ...], then: Then | None
) -> Any:
    """What Redis answered, as the store of a world would have."""
    outcome = guest.observe(number)
    guest.forget(number)
    if isinstance(outcome, Err):
        code, detail = outcome.payload
        answer: Any = DENIED if code == faults.NOT_GRANTED else refused(code, detail)
    else:
        guest.charge(_size(outcome) * cost.MESSAGE_BYTE)
        answer = _plain(operation, arguments, outcome)
    return _done(guest, answer, then)


def _plain(operation: str, arguments: tuple[Any, ...], outcome: tuple[Any, ...]) -> Any:
    """An effect brings a tuple, whose lists hold tuples; see `concepts.keyvalue` for the rest."""
    match operation:
        case "list-keys":
            keys, cursor = outcome
            return [key for (key,) in keys], cursor
        case "get-many":
            found = dict(outcome[0])
            return [(key, found[key]) if key in found else None for key in arguments[0]]
        case "swap":
            return outcome
        case _:
            return outcome[0]


def _size(value: Any) -> int:
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    return len(value) if isinstance(value, str | bytes) else 0
