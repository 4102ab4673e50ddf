"""Msgpack as values, one of which is replaced: what a mutation of bytes would only break."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec

NUMBERS = (
    0, 1, -1, 2, 7, 255, 256, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, -(2**63), 2**63,
    2**64 - 1,
)  # fmt: skip
_OTHERS: tuple[Any, ...] = (
    None, True, False, 0.0, -1.5, float("inf"), float("nan"), 1e300, "", "x", "a/1", "t", "text",
    "\0", "\u202e", "bytes", b"", b"\0", b"\xff" * 32, [], [[]], ["t"], ["e", ["t", "a", "b"]],
    ["s"],
    ["f"], ["l", 1], {}, {"a": 1}, ["text", "x"], ["bytes", b"x"],
)  # fmt: skip
_DEEP = (10, 120, 500, 900)


def read(data: bytes) -> Any:
    """The value of bytes; None where they are none."""
    try:
        return msgspec.msgpack.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def written(value: Any) -> bytes:
    """Canonical bytes."""
    try:
        return msgspec.msgpack.encode(value, order="deterministic")
    except (RecursionError, TypeError, OverflowError):
        return b"\xc0"


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key of it; none within what is nested deeper than anybody does."""
    waiting = [(value, 0)]
    while waiting:
        held, depth = waiting.pop()
        keys = held.keys() if isinstance(held, dict) else range(len(held))
        for key in keys:
            yield held, key
            if isinstance(held[key], list | dict) and depth < 40:
                waiting.append((held[key], depth + 1))


def changed(value: Any, other: Any, rng: random.Random) -> Any:
    """The value with one place in it otherwise; `other` is a value to take pieces from."""
    if not isinstance(value, list | dict):
        return value if rng.random() < 0.3 else _new(value, other, rng)
    found = list(places(value))
    if not found:
        return [_new(value, other, rng)]
    held, key = rng.choice(found)
    match rng.randrange(8):
        case 0 if isinstance(held, list):
            held.insert(key, held[key] if rng.random() < 0.7 else _new(held[key], other, rng))
        case 1:
            del held[key]
        case 2:
            from_held, from_key = rng.choice(found)
            held[key] = from_held[from_key]
            return read(written(value))
        case 3 if isinstance(held, list) and len(held) > 1:
            at = rng.randrange(len(held))
            held[key], held[at] = held[at], held[key]
        case _:
            held[key] = _new(held[key], other, rng)
    return value


def _new(old: Any, other: Any, rng: random.Random) -> Any:
    """Something to put in the place of a value: mostly of the same kind."""
    if rng.random() < 0.25:
        return rng.choice(_OTHERS)
    if rng.random() < 0.03:
        return _nested(rng)
    if rng.random() < 0.2 and isinstance(other, list | dict) and other:
        held, key = rng.choice(list(places(other)))
        return held[key]
    match old:
        case bool():
            return not old
        case int():
            near = old + rng.choice((-1, 1))
            return rng.choice((*NUMBERS, near if -(2**63) <= near < 2**64 else 0))
        case str():
            return rng.choice((old[:-1], old + "x", old.upper(), old * 2, "", old + "\0"))
        case bytes():
            at = rng.randrange(len(old) + 1)
            return rng.choice((old[:at], old + b"\0", old[:at] + b"\xff" + old[at + 1 :]))
    return rng.choice(_OTHERS)


def _nested(rng: random.Random) -> Any:
    value: Any = []
    for _ in range(rng.choice(_DEEP)):
        value = ["t", value]
    return value
