"""What may be sent and kept: text as it is, bytes as they are, anything else as JSON text."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import timedelta
from typing import Any, TypeAlias

from wasm_agent.contract import checked_text, is_unicode, types

Body: TypeAlias = "types.Body_Text | types.Body_Bytes"
Span: TypeAlias = "int | float | timedelta"

_NANOSECONDS = 1_000_000_000
_TOO_LONG = 2**64


class Content:
    """A body that arrived: read it as text, as bytes or as the value of its JSON."""

    def __init__(self, body: Body) -> None:
        self._value = body.value

    @property
    def text(self) -> str:
        """The text; bytes are read as UTF-8."""
        return self._value if isinstance(self._value, str) else self._value.decode()

    @property
    def bytes(self) -> bytes:
        """The bytes; text is written as UTF-8."""
        return self._value.encode() if isinstance(self._value, str) else self._value

    def json(self) -> Any:
        """The value of the JSON text."""
        return json.loads(self._value)


class Reply(Content):
    """What came back for a request: `.text`, `.bytes`, `.json()`."""

    def __repr__(self) -> str:
        return f"Reply({shortened(self._value)})"


def to_body(value: Any) -> Body:
    """The body for a value: text and bytes as they are, the rest as JSON text.

    Raises:
        TypeError: JSON knows no such value.
        ValueError: It holds NaN, an infinity, itself, or text that is not Unicode.
    """
    if isinstance(value, str):
        return types.Body_Text(checked_text("a body", value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return types.Body_Bytes(bytes(value))
    return types.Body_Text(to_json(value))


def to_json(value: Any) -> str:
    """Compact JSON. Dataclasses are objects, sets are sorted lists."""
    text = _readable.encode(value)
    # A lone surrogate can be escaped in JSON, but is not Unicode text by itself.
    return text if is_unicode(text) else _ascii.encode(value)


def nanoseconds(span: Span) -> int:
    """A span of world time, given in seconds or as a timedelta.

    Raises:
        ValueError: It is negative, infinite or no number, or longer than 584 years.
    """
    if isinstance(span, timedelta):
        # Exact: days, seconds and microseconds are integers.
        result = (span // timedelta(microseconds=1)) * 1000
    else:
        result = round(span * _NANOSECONDS) if math.isfinite(span) else -1
    if not 0 <= result < _TOO_LONG:
        message = f"a span of time is a number of seconds from 0 to 584 years, not {span!r}"
        raise ValueError(message)
    return result


def shortened(value: object, limit: int = 60) -> str:
    """The repr of a value, cut for people."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, (set, frozenset)):
        # The order of a set depends on the build of the interpreter.
        return sorted(value)
    message = f"a {type(value).__name__} is neither text nor bytes, and JSON does not know it"
    raise TypeError(message)


_readable = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
)
_ascii = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_plain)
