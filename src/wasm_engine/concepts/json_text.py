"""JSON as a guest gets it: one spelling for one value, on every machine.

Keys sorted, no spaces, UTF-8 unescaped; nested at most 128 deep; whole numbers of at most 64 bits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any

MAX_DEPTH = 128
PRICE = 20
"""Host work of a character that is read, or written, for a guest."""
_LEAST, _MOST = -(2**63), 2**64 - 1
_FEW_DIGITS, _MOST_DIGITS = 19, 20
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""How half of a character is escaped; both halves together are one."""
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
    return _read(text, _READER)


def read_whole(text: str) -> Any:
    """The same, of text that goes on to others: no text in it may hold half of a character.

    Raises:
        NotJson: It is not JSON, or beyond the bounds; or one does.
    """
    value = read(text)
    if _HALF.search(text):
        _plain(value, "", MAX_DEPTH)
    return value


def check(text: str) -> None:
    """Looks at JSON text that somebody else will read: its numbers may have any size.

    Raises:
        NotJson: It is not JSON, or nested too deep.
    """
    _read(text, _CHECKER)


def quoted(text: str) -> str:
    """Text without half a character as a JSON string: as `write` spells it."""
    return encode_basestring(text)


def is_unicode(text: str) -> bool:
    """Whether it holds no half of a character (a lone surrogate)."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read(text: str, decoder: json.JSONDecoder) -> Any:
    refuse_deep(text)
    try:
        return decoder.decode(text)
    except json.JSONDecodeError:
        # What it says, and where, is another thing in each version of Python; guests may see ours.
        raise NotJson("", "it is not JSON") from None


def refuse_deep(text: str) -> None:
    """Lets JSON text pass that is not nested deep.

    Who reads deeper text comes to the end of the stack, where garbage that is collected just then
    fails to clean up behind itself.

    Raises:
        NotJson: It is nested too deep.
    """
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _NESTING.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            raise NotJson("", f"nested more than {MAX_DEPTH} deep")


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
    if len(digits) < _FEW_DIGITS:
        return int(digits)
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


_READER = json.JSONDecoder(parse_int=_whole, parse_float=_real, parse_constant=_constant)
_CHECKER = json.JSONDecoder(parse_int=len, parse_float=len, parse_constant=_constant)


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
    if not is_unicode(value):
        raise NotJson(at, "text with half a character (a lone surrogate)")
    return str(value)


def _short(key: str) -> str:
    """A key in a message; anything but plain words is escaped and cut."""
    return key if len(key) <= 40 and key.isidentifier() and key.isascii() else json.dumps(key[:40])
