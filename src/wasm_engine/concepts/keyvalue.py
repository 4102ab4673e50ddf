"""Key-value stores: what can be asked of one, within what bounds, and how it answers.

Whoever implements `Buckets` is asked by name of the operation, and answers plain values, so that
an operation can be a turn call, an effect, or a look:

    get          key                  bytes, or None
    exists       key                  bool
    list-keys    cursor, or None      (keys, the next cursor or None)
    get-many     keys                 (key, bytes) or None, for each key
    set          key, value           None
    delete       key                  None
    set-many     [(key, value)]       None
    delete-many  keys                 None
    increment    key, delta           the new number
    swap         key, expected, new   ("swapped",), or ("differs", what is there)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, Protocol

from wasm_engine.concepts import faults
from wasm_engine.concepts.hostcall import Err

LOOKS: Final = frozenset({"get", "exists", "list-keys", "get-many"})
"""Operations that change nothing."""
LEARNS: Final = frozenset({*LOOKS, "increment", "swap"})
"""Operations by which one learns what is there."""

MAX_KEY_BYTES: Final = 512
MAX_VALUE_BYTES: Final = 2 << 20
"""More of a `list<u8>` does not cross in one call."""
MAX_BATCH_BYTES: Final = 8 << 20
PAGE: Final = 1_000
"""Keys of one answer to `list-keys`, and of one batch."""
LARGEST: Final = (1 << 63) - 1
SMALLEST: Final = -(1 << 63)
_NUMBER = re.compile(rb"0|-?[1-9][0-9]{0,18}")


class Buckets(Protocol):
    """Buckets of keys and values, by name; a bucket that nobody wrote to is empty."""

    def do(self, bucket: str, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Carries an operation out; its plain answer, or the refusal."""


def refused(code: str, detail: str) -> Err:
    """The case `other` of the interface's error: one of our codes, and what it is about."""
    return Err(("other", f"{code}: {detail}"))


def number_of(value: bytes | None) -> int | Err:
    """The number that a value says: decimal digits, as Redis has them; nothing is 0."""
    if value is None:
        return 0
    if _NUMBER.fullmatch(value) is None or not SMALLEST <= int(value) <= LARGEST:
        return refused(faults.NOT_A_NUMBER, "the value under the key is no whole number")
    return int(value)


def sum_of(value: bytes | None, delta: int) -> int | Err:
    """What an increment makes of a value."""
    number = number_of(value)
    if isinstance(number, Err):
        return number
    total = number + delta
    if not SMALLEST <= total <= LARGEST:
        return refused(faults.NOT_A_NUMBER, "the sum is beyond 64 bits")
    return total


def wrong_with(operation: str, arguments: tuple[Any, ...]) -> Err | None:
    """Why an operation is refused whatever is in the store: its keys or values are too large."""
    match operation:
        case "list-keys":
            return _wrong_keys(() if arguments[0] is None else arguments)
        case "get-many" | "delete-many":
            return _wrong_keys(arguments[0])
        case "set-many":
            pairs = arguments[0]
            return _wrong_keys(key for key, _ in pairs) or _wrong_values([v for _, v in pairs])
        case "set":
            return _wrong_keys(arguments[:1]) or _wrong_values(arguments[1:])
        case "swap":
            return _wrong_keys(arguments[:1]) or _wrong_values(arguments[2:])
        case _:
            return _wrong_keys(arguments[:1])


def _wrong_keys(keys: Iterable[str]) -> Err | None:
    count = 0
    for key in keys:
        count += 1
        if len(key.encode()) > MAX_KEY_BYTES:
            return refused(faults.TOO_LARGE, f"a key is at most {MAX_KEY_BYTES} bytes")
    if count > PAGE:
        return refused(faults.TOO_LARGE, f"a batch is at most {PAGE} keys")
    return None


def _wrong_values(values: Iterable[bytes]) -> Err | None:
    whole = 0
    for value in values:
        whole += len(value)
        if len(value) > MAX_VALUE_BYTES:
            return refused(faults.TOO_LARGE, f"a value is at most {MAX_VALUE_BYTES} bytes")
    if whole > MAX_BATCH_BYTES:
        return refused(faults.TOO_LARGE, f"a batch is at most {MAX_BATCH_BYTES} bytes")
    return None


def keys_of(operation: str, arguments: tuple[Any, ...]) -> list[str]:
    """The keys that an operation is about; an empty one where it is about all."""
    match operation:
        case "list-keys":
            return [""]
        case "get-many" | "delete-many":
            return list(arguments[0])
        case "set-many":
            return [key for key, _ in arguments[0]]
        case _:
            return [arguments[0]]


def written_size(operation: str, arguments: tuple[Any, ...]) -> int:
    """Bytes of keys and values that an operation would put."""
    match operation:
        case "set":
            return len(arguments[0]) + len(arguments[1])
        case "swap":
            return len(arguments[0]) + len(arguments[1] or b"") + len(arguments[2])
        case "set-many":
            return sum(len(key) + len(value) for key, value in arguments[0])
        case "delete-many":
            return sum(map(len, arguments[0]))
        case _:
            return len(arguments[0])
