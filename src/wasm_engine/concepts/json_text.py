"""JSON as a guest gets it: one spelling for one value, on every machine.

Keys sorted, no spaces, UTF-8 unescaped; nested at most 128 deep; whole numbers of at most 64 bits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

MAX_DEPTH = 128
PRICE = 20
"""Host work of a character that is read, or written, for a guest."""
_LEAST, _MOST = -(2**63), 2**64 - 1
_MOST_DIGITS = 20
_NESTING = re.compile(r'"(?:\\.|[^"\\])*"?|[\[\]{}]', re.DOTALL)


class NotJson(ValueError):
    """The value is not JSON; the text says what in it is not, and where: `.shards[3]: ...`."""

    def __init__(self, at: str, what: str) -> None:
        super().__init__(f"{at}: {what}" if at else what)


def read(text: str) -> Any:
    """The value of JSON text, under the same bounds on every machine and at any depth of the stack.

    Raises:
        NotJson: It is not JSON, or beyond the bounds.
    """
    return _read(text, _whole, _real)


def check(text: str) -> None:
    """Looks at JSON text that somebody else will read: its numbers may have any size.

    Raises:
        NotJson: It is not JSON, or nested too deep.
    """
    _read(text, len, len)


def _read(text: str, whole: Callable[[str], Any], real: Callable[[str], Any]) -> Any:
    depth = 0
    for match in _NESTING.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            raise NotJson("", f"nested more than {MAX_DEPTH} deep")
    try:
        return json.loads(text, parse_int=whole, parse_float=real, parse_constant=_constant)
    except json.JSONDecodeError:
        # What it says, and where, is another thing in each version of Python; guests may see ours.
        raise NotJson("", "it is not JSON") from None


def write(value: Any) -> str:
    """The canonical JSON text of a value.

    Raises:
        NotJson: It is not JSON.
    """
    plain = _plain(value, "", MAX_DEPTH)
    return json.dumps(
        plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def _whole(digits: str) -> int:
    # How long a text int() takes depends on PYTHONINTMAXSTRDIGITS.
    number = int(digits) if len(digits) <= _MOST_DIGITS else _MOST + 1
    if not _LEAST <= number <= _MOST:
        raise NotJson("", "a whole number of more than 64 bits")
    return number


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NotJson("", "a number beyond what 64 bits can hold")
    return number


def _constant(name: str) -> None:
    raise NotJson("", f"{name} is not JSON")


def _plain(value: Any, at: str, depth: int) -> Any:
    """The value in dicts and lists, checked; `at` is where it is, for the message."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, at)
    if isinstance(value, int):
        if not _LEAST <= value <= _MOST:
            raise NotJson(at, "a whole number of more than 64 bits")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotJson(at, f"{value} is not JSON")
        return float(value)
    return _container(value, at, depth)


def _container(value: Any, at: str, depth: int) -> Any:
    if depth == 0:
        raise NotJson("", f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        return {
            _key(key, at): _plain(inner, f"{at}.{_short(key)}", depth - 1)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(inner, f"{at}[{n}]", depth - 1) for n, inner in enumerate(value)]
    if type(value).__module__ == "datetime":
        raise NotJson(at, "JSON has no dates and times; write it as text")
    raise NotJson(at, f"JSON has no {type(value).__name__}")


def _key(key: Any, at: str) -> str:
    if not isinstance(key, str):
        raise NotJson(at, "a key that is not text")
    return _text(key, at)


def _text(value: str, at: str) -> str:
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise NotJson(at, "text with half a character (a lone surrogate)")
    return str(value)


def _short(key: str) -> str:
    """A key in a message; anything but plain words is escaped and cut."""
    return key if len(key) <= 40 and key.isidentifier() and key.isascii() else json.dumps(key[:40])
