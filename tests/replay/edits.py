"""Edits of a run's entries by somebody who makes the chain consistent again.

Each names where its report must point, as it is known from the edit itself: never from the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

import msgspec

from tests.replay.histories import Place
from wasm_engine.concepts import canonical
from wasm_engine.journal.blocks import Plain
from wasm_engine.journal.entries import Kind

_STATUSES = ["done", "suspended", "cut", "failed:unreachable", "retry:trap"]


class Edit(NamedTuple):
    """One entry, changed.

    Attributes:
        what: In words.
        n: Its number.
        entry: What is put in its place.
        place: Where the report must point; agent "?" where a stored name was changed.
        cause: What it must say.
    """

    what: str
    n: int
    entry: Plain
    place: Place
    cause: str = "journal"


def edits_of_steps(plain: list[Plain], chance: Random) -> Iterator[Edit]:
    """For every field of every segment and step, and every part of its detail, one edit."""
    for n, (kind, body, detail) in enumerate(plain, start=1):
        if kind != Kind.STEP:
            continue
        fields = msgspec.msgpack.decode(body)
        for place, changed, what in _of_body(fields, chance):
            yield Edit(what, n, (kind, canonical.encode(changed), detail), place)
        if detail is not None:
            for row, changed, what in _of_detail(msgspec.msgpack.decode(detail), chance):
                place = Place(fields[0], fields[2][row][0])
                cause = "recorded answer" if what == "a sum" else "journal"
                yield Edit(what, n, (kind, body, canonical.encode(changed)), place, cause)


def _of_body(fields: list[Any], chance: Random) -> Iterator[tuple[Place, list[Any], str]]:
    step = fields[0]
    for at, other in _segments(fields, chance):
        row, field, value = at
        segments = [list(each) for each in fields[2]]
        segments[row][field] = value
        changed = [*fields[:2], segments, *fields[3:]]
        yield Place(step, "?" if field == 0 else fields[2][row][0]), changed, f"a segment's {other}"
    yield Place(step, None), [step, fields[1] + chance.randrange(1, 99), *fields[2:]], "time"
    extra = {
        "a turn": (3, [fields[2][0][0] if fields[2] else "a", "watch", ["a"], ["ok", None]]),
        "an ended request": (4, [99, "timeout", None]),
        "a dead letter": (5, [99, "a", "failed", "trap"]),
        "a timer": (6, [99, "a", 0]),
    }
    for what, (field, row) in extra.items():
        owner = {3: 0, 5: 1, 6: 1}.get(field)
        changed = list(fields)
        changed[field] = [*fields[field], row]
        yield Place(step, None if owner is None else row[owner]), changed, f"{what} more"
        if fields[field]:
            gone = fields[field][-1]
            changed = list(fields)
            changed[field] = fields[field][:-1]
            yield Place(step, None if owner is None else gone[owner]), changed, f"{what} less"


def _segments(fields: list[Any], chance: Random) -> Iterator[tuple[tuple[int, int, Any], str]]:
    for row, segment in enumerate(fields[2]):
        agent, message, attempt, part, status, fuel, work, state, sends = segment
        other = chance.choice([each for each in _STATUSES if each != status])
        yield (row, 0, agent + "x"), "agent"
        yield (row, 1, message + 1), "message"
        yield (row, 2, attempt + 1), "attempt"
        yield (row, 3, part + 1), "part"
        yield (row, 4, other), "outcome"
        yield (row, 5, fuel + chance.choice([-1, 1])), "fuel"
        yield (row, 6, work + chance.choice([-1, 1])), "host work"
        yield (row, 7, _flipped(state, chance)), "state"
        for number, send in enumerate(sends):
            for field, name in enumerate(("id", "receiver", "topic", "body", "headers")):
                rows = [list(each) for each in sends]
                rows[number][field] = _another(send[field])
                yield (row, 8, rows), f"message's {name}"
            yield (row, 8, [*sends[:number], *sends[number + 1 :]]), "messages"


def _of_detail(detail: list[Any], chance: Random) -> Iterator[tuple[int, list[Any], str]]:
    calls, logs, told = detail
    for row, made in enumerate(calls):
        for ordinal in range(len(made)):
            call = list(made[ordinal])
            at = chance.randrange(len(call))
            call[at] = _another(call[at])
            other = [*made[:ordinal], call, *made[ordinal + 1 :]]
            yield row, [_with(calls, row, other), logs, told], "a call"
            fewer = [*made[:ordinal], *made[ordinal + 1 :]]
            yield row, [_with(calls, row, fewer), logs, told], "a call less"
    for row, lines in enumerate(logs):
        for number, (level, text) in enumerate(lines):
            other = _with(lines, number, [level, text + "."])
            yield row, [calls, _with(logs, row, other), told], "a line of log"
    for row, sums in enumerate(told):
        if sums:
            yield row, [calls, logs, _with(told, row, _flipped(sums, chance))], "a sum"


def _with(values: list[Any], at: int, value: Any) -> list[Any]:
    return [*values[:at], value, *values[at + 1 :]]


def _flipped(data: bytes | None, chance: Random) -> bytes:
    if data is None:
        return bytes(32)
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1 :]


def _another(value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case int():
            return value + 1
        case str():
            return value + "x"
        case bytes():
            return value + b"x"
        case ["text" | "bytes" as tag, content]:
            return [tag, _another(content)]
        case list():
            return [*value, ["more", "x"]]
    return 1
