"""Values of the component boundary as plain ones, and back: what a checkpoint keeps of answers.

Canonical bytes turn tuples into arrays and an `Err` into an array. Where the very value has to come
back, each container is told by its first element.
"""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts.hostcall import SUSPEND, Err


def to_plain(value: Any) -> Any:
    """The value, with containers as tagged arrays.

    Raises:
        TypeError: It holds what has no plain form, such as a host object.
    """
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    if isinstance(value, tuple):
        return ["t", *map(to_plain, value)]
    if isinstance(value, list):
        return ["l", *map(to_plain, value)]
    if isinstance(value, Err):
        return ["e", to_plain(value.payload)]
    if isinstance(value, frozenset):
        return ["f", *sorted(value)]
    if value is SUSPEND:
        return ["s"]
    message = f"a {type(value).__name__} has no plain form"
    raise TypeError(message)


def from_plain(value: Any) -> Any:
    """The value that was made plain.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(value, list):
        return value
    match value:
        case ["t", *parts]:
            return tuple(map(from_plain, parts))
        case ["l", *parts]:
            return [from_plain(part) for part in parts]
        case ["e", payload]:
            return Err(from_plain(payload))
        case ["f", *names]:
            return frozenset(names)
        case ["s"]:
            return SUSPEND
    message = "an array without a known tag"
    raise ValueError(message)
