"""Shapes of values in a manifest or a policy: each reads one value, and describes itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from wasm_engine.concepts import json_text
from wasm_engine.concepts.mistakes import Mistakes, Wrong, nearest, shown
from wasm_engine.concepts.toml_source import KeyPath

_SIZE = re.compile(r"([0-9]{1,18}) ?(B|KiB|MiB|GiB)", re.ASCII)
_SPAN = re.compile(r"([0-9]{1,18}) ?(ns|ms|s|min|h)", re.ASCII)
_SPANS = {"ns": 1, "ms": 10**6, "s": 10**9, "min": 60 * 10**9, "h": 3600 * 10**9}
_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_UNIX_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LAST_YEAR = 2199  # Leaves world time some 60 years before it outgrows 63 bits of nanoseconds.


class Shape(Protocol):
    """What a value must look like."""

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> Any:
        """The value for the model; raises Wrong, or notes mistakes deeper in the value."""

    def takes(self) -> str:
        """What values it takes, for the manual."""

    def schema(self) -> dict[str, Any]:
        """The shape as JSON Schema."""


class Whole(Struct, frozen=True):
    """A whole number between two bounds."""

    least: int
    most: int

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> int:
        """The number."""
        del at, mistakes
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong(f"must be a whole number, not {shown(value)}")
        if not self.least <= value <= self.most:
            raise Wrong(f"must be from {self.least} to {self.most}, not {shown(value)}")
        return value

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"{self.least} to {_power(self.most)}"

    def spell(self, value: int) -> str:
        """A number as TOML has it."""
        return f"{value:_}"

    def schema(self) -> dict[str, Any]:
        """An integer."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Real(Struct, frozen=True):
    """A number between two bounds, whole or not."""

    least: float
    most: float

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> float:
        """The number."""
        del at, mistakes
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Wrong(f"must be a number, not {shown(value)}")
        if not self.least <= value <= self.most:
            raise Wrong(f"must be from {self.least:g} to {self.most:g}, not {shown(value)}")
        return float(value)

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"{self.least:g} to {self.most:g}"

    def schema(self) -> dict[str, Any]:
        """A number."""
        return {"type": "number", "minimum": self.least, "maximum": self.most}


class Size(Struct, frozen=True):
    """A number of bytes, or text such as "64 MiB"."""

    least: int
    most: int

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> int:
        """The number of bytes."""
        del at, mistakes
        if isinstance(value, str):
            match = _SIZE.fullmatch(value)
            if match is None:
                raise Wrong(
                    f'must be a size such as "64 MiB" (B, KiB, MiB, GiB), not {shown(value)}'
                )
            size = int(match[1]) * _UNITS[match[2]]
        elif isinstance(value, int) and not isinstance(value, bool):
            size = value
        else:
            raise Wrong(f'must be bytes or a size such as "64 MiB", not {shown(value)}')
        if not self.least <= size <= self.most:
            raise Wrong(
                f"must be {_spelled(self.least)} to {_spelled(self.most)}, not {shown(value)}"
            )
        return size

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"{_spelled(self.least)} to {_spelled(self.most)}"

    def spell(self, value: int) -> str:
        """A number of bytes in the largest unit that it is a multiple of."""
        return _spelled(value)

    def schema(self) -> dict[str, Any]:
        """An integer or a text."""
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"anyOf": [number, {"type": "string", "pattern": f"^{_SIZE.pattern}$"}]}


class Span(Struct, frozen=True):
    """A span of real time: whole seconds, or text such as "500 ms"; in the model nanoseconds."""

    least: int
    most: int

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> int:
        """Nanoseconds."""
        del at, mistakes
        if isinstance(value, str):
            match = _SPAN.fullmatch(value)
            if match is None:
                raise Wrong(
                    f'must be a span such as "30 s" (ns, ms, s, min, h), not {shown(value)}'
                )
            span = int(match[1]) * _SPANS[match[2]]
        elif isinstance(value, int) and not isinstance(value, bool):
            span = value * _SPANS["s"]
        else:
            raise Wrong(f'must be seconds or a span such as "30 s", not {shown(value)}')
        if not self.least <= span <= self.most:
            raise Wrong(f"must be {_lasting(self.least)} to {_lasting(self.most)}")
        return span

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"{_lasting(self.least)} to {_lasting(self.most)}"

    def spell(self, value: int) -> str:
        """Nanoseconds in the largest unit that they are a multiple of."""
        return _lasting(value)

    def schema(self) -> dict[str, Any]:
        """An integer or a text."""
        number = {"type": "integer", "minimum": 1, "maximum": self.most // _SPANS["s"]}
        return {"anyOf": [number, {"type": "string", "pattern": f"^{_SPAN.pattern}$"}]}


def _lasting(span: int) -> str:
    unit = next(unit for unit in ("h", "min", "s", "ms", "ns") if span % _SPANS[unit] == 0)
    return f"{span // _SPANS[unit]} {unit}"


def _power(number: int) -> str:
    return "2^63 - 1" if number == 2**63 - 1 else f"{number:_}"


def _spelled(size: int) -> str:
    for unit in ("GiB", "MiB", "KiB"):
        if size and size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]} {unit}"
    return f"{size} B"


class Flag(Struct, frozen=True):
    """True or false."""

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> bool:
        """The flag."""
        del at, mistakes
        if not isinstance(value, bool):
            raise Wrong(f"must be true or false, not {shown(value)}")
        return value

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return "`true`, `false`"

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


class Choice(Struct, frozen=True):
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> str:
        """The word."""
        del at, mistakes
        if value in self.words:
            return str(value)
        listed = " or ".join(map(shown, self.words))
        near = nearest(value, self.words) if isinstance(value, str) else ""
        raise Wrong(f"must be {listed}, not {shown(value)}{near if 'did you' in near else ''}")

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return ", ".join(f"`{word}`" for word in map(shown, self.words))

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"type": "string", "enum": list(self.words)}


class Text(Struct, frozen=True):
    """Text that keeps a rule.

    Attributes:
        rule: Whether a text is right; raises Wrong with a better message where it has one.
        says: What it must be, for people: "must be ...".
        pattern: The rule, as nearly as a regular expression can say it, for editors.
        parsed: What becomes of the text in the model.
    """

    rule: Callable[[str], bool]
    says: str
    pattern: str = ""
    parsed: Callable[[str], Any] = str

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> Any:
        """The text, parsed."""
        del at, mistakes
        if not isinstance(value, str) or not self.rule(value):
            raise Wrong(f"must be {self.says}, not {shown(value)}")
        return self.parsed(value)

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return self.says

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string", "pattern": self.pattern} if self.pattern else {"type": "string"}


class FilePath(Text, frozen=True):
    """The path of a file beside the manifest; a run file keeps its last part alone."""


class Script(Struct, frozen=True):
    """Text of several lines, as it is.

    Attributes:
        most: Bytes it may take.
    """

    most: int

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> str:
        """The text."""
        del at, mistakes
        if not isinstance(value, str) or not _whole(value) or "\0" in value:
            raise Wrong(f"must be text, not {shown(value)}")
        if len(value.encode()) > self.most:
            raise Wrong(f"takes {len(value.encode())} bytes; there may be {self.most}")
        return value

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"text, at most {_spelled(self.most)}"

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"}


class Several(Struct, frozen=True):
    """An array of different values of one shape; in the model a sorted tuple."""

    each: Shape

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> tuple[Any, ...]:
        """The values, sorted; their order in the manifest means nothing."""
        if not isinstance(value, list | tuple):
            raise Wrong(f"must be an array, not {shown(value)}")
        items = set()
        for number, inner in enumerate(value):
            place = (*at, number)
            try:
                item = self.each.read(inner, place, mistakes)
            except Wrong as wrong:
                mistakes.add(place, str(wrong))
                continue
            if item in items:
                mistakes.add(place, f"{shown(inner)} is there twice")
            items.add(item)
        return tuple(sorted(items))

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"array; each {self.each.takes()}"

    def schema(self) -> dict[str, Any]:
        """An array of unique items."""
        return {"type": "array", "items": self.each.schema(), "uniqueItems": True}


class Json(Struct, frozen=True):
    """A table (or also an array, or text) that a guest gets as JSON.

    Attributes:
        most: Bytes it may take.
        body: Whether it is the body of a message: text as it is, bytes, a table or an array.
    """

    most: int
    body: bool = False

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> Any:
        """Canonical JSON text; for a body, with its tag."""
        del at, mistakes
        if self.body and isinstance(value, bytes):
            return "bytes", self._bounded(value)
        if self.body and not isinstance(value, str | Mapping | list | tuple):
            raise Wrong(f"must be text, a table or an array, not {shown(value)}")
        if not self.body and not isinstance(value, Mapping):
            raise Wrong(f"must be a table, not {shown(value)}")
        try:
            text = json_text.write(value)
        except ValueError as error:
            raise Wrong(f"cannot be JSON: {error}") from None
        text = value if isinstance(value, str) else text
        self._bounded(text.encode())
        return ("text", text) if self.body else text

    def _bounded(self, data: bytes) -> bytes:
        if len(data) > self.most:
            raise Wrong(f"takes {len(data)} bytes; there may be {self.most}")
        return data

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"{'text, table or array' if self.body else 'table'}, at most {_spelled(self.most)}"

    def schema(self) -> dict[str, Any]:
        """Whatever TOML can say."""
        return {"type": ["string", "object", "array"]} if self.body else {"type": "object"}


class Labels(Struct, frozen=True):
    """A table of texts: the headers of a message; in the model sorted pairs."""

    most: int

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> tuple[tuple[str, str], ...]:
        """The pairs, sorted by name."""
        if not isinstance(value, Mapping):
            raise Wrong(f"must be a table of texts, not {shown(value)}")
        pairs = []
        for name, inner in value.items():
            if not isinstance(name, str) or not _whole(name):
                mistakes.add(at, f"names must be text, not {shown(name)}")
            elif not isinstance(inner, str) or not _whole(inner):
                mistakes.add((*at, name), f"must be text, not {shown(inner)}")
            else:
                pairs.append((name, inner))
        size = sum(len(text.encode()) for pair in pairs for text in pair)
        if size > self.most:
            raise Wrong(f"take {size} bytes; there may be {self.most}")
        return tuple(sorted(pairs))

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"table of texts, at most {_spelled(self.most)}"

    def schema(self) -> dict[str, Any]:
        """An object of strings."""
        return {"type": "object", "additionalProperties": {"type": "string"}}


def _whole(text: str) -> bool:
    """No half characters: a Python text may hold lone surrogates, UTF-8 may not."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


class Moment(Struct, frozen=True):
    """A date and time with its offset from UTC; in the model nanoseconds since 1970."""

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> int:
        """Nanoseconds since 1970."""
        del at, mistakes
        if not isinstance(value, dt.datetime):
            raise Wrong(f"must be a date and time such as 2025-01-01T00:00:00Z, not {shown(value)}")
        if value.tzinfo is None:
            raise Wrong("needs an offset from UTC: put Z at the end")
        since = value - _UNIX_EPOCH
        if since.days < 0 or value.year > _LAST_YEAR:
            raise Wrong(f"must be from 1970 to {_LAST_YEAR}")
        return (since // dt.timedelta(microseconds=1)) * 1000

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"date and time with offset, 1970 to {_LAST_YEAR}"

    def schema(self) -> dict[str, Any]:
        """A date-time."""
        return {"type": "string", "format": "date-time"}
