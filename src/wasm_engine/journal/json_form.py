"""Canonical values as JSON, which can be turned back; or with digests in place of contents."""

from __future__ import annotations

import base64
import struct
from typing import Any

from wasm_engine.concepts import canonical
from wasm_engine.journal import entries
from wasm_engine.journal.entries import (
    ComputedStep,
    Control,
    Header,
    Input,
    Intent,
    Result,
    Segment,
    Send,
    StepBody,
    Turn,
)


def to_json(value: Any) -> Any:
    """A canonical value: bytes, doubles and maps, which JSON lacks, as objects of one member."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, float):
        return {"double": struct.pack(">d", value).hex()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {"map": [[to_json(key), to_json(item)] for key, item in value.items()]}
    return value


def from_json(value: Any) -> Any:
    """The canonical value of what `to_json` made.

    Raises:
        ValueError: It made no such thing.
    """
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((form, held),) = value.items()
    match form:
        case "base64":
            return base64.b64decode(held, validate=True)
        case "double":
            return struct.unpack(">d", int(held, 16).to_bytes(8, "big"))[0]
        case "map":
            return {from_json(key): from_json(item) for key, item in held}
    raise ValueError(form)


def redacted(kind: int, body: bytes) -> Any:
    """An entry's body as JSON, with digests in place of all that a world's makers may keep private.

    Who did what when stays: names, topics, numbers, outcomes, fuel.
    """
    value = entries.decode(kind, body)
    match value:
        case Header():
            return [
                value.version, value.world, value.seed, digest(value.manifest),
                to_json(value.fingerprint), to_json(value.contents),
            ]  # fmt: skip
        case Input():
            return [value.id, value.to, value.topic, digest(value.body), digest(value.headers)]
        case Control():
            return [value.op, digest(value.args)]
        case StepBody():
            return [
                value.step, value.time, [_segment(it) for it in value.segments],
                [_turn(it) for it in value.turns],
                [[number, how, digest(reply)] for number, how, reply in value.requests],
                to_json(value.dead), to_json(value.timers),
                *([_computed(value)] if isinstance(value, ComputedStep) else []),
            ]  # fmt: skip
        case Intent():
            return [
                value.number, value.step, value.agent, value.message, value.attempt, value.call,
                value.capability, digest(value.arguments),
            ]  # fmt: skip
        case Result():
            return [value.number, value.step, _outcome(value.outcome)]
    return to_json(canonical.decode(body))


def digest(value: Any) -> dict[str, Any] | None:
    """What stands for a value: the SHA-256 of its canonical bytes, and how many they are."""
    if value is None:
        return None
    data = value if isinstance(value, bytes) else canonical.encode(value)
    return {"sha256": canonical.sha256_hex(data), "size": len(data)}


def _computed(step: ComputedStep) -> list[Any]:
    return [[[call, _outcome(outcome)] for call, outcome in rows] for rows in step.computed]


def _outcome(outcome: list[Any]) -> list[Any]:
    """How an effect ended; of what it brought a digest."""
    shown = 2 if outcome[:1] == ["err"] else 1
    return [*to_json(outcome[:shown]), *map(digest, outcome[shown:])]


def _segment(it: Segment) -> list[Any]:
    return [
        it.agent, it.message, it.attempt, it.part, it.status, it.fuel, it.work,
        to_json(it.state), [_send(send) for send in it.sends],
    ]  # fmt: skip


def _send(it: Send) -> list[Any]:
    return [it.id, it.to, it.topic, digest(it.body), digest(it.headers), it.request]


def _turn(it: Turn) -> list[Any]:
    return [it.agent, it.op, digest(it.args), digest(it.result)]
