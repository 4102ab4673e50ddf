"""Shapes of what is counted or measured: numbers, sizes, spans of time, moments."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from msgspec import Struct

from wasm_engine.concepts.mistakes import Mistakes, Wrong, shown
from wasm_engine.concepts.toml_source import KeyPath

_SIZE = re.compile(r"([0-9]{1,18}) ?(B|KiB|MiB|GiB)", re.ASCII)
_SPAN = re.compile(r"([0-9]{1,18}) ?(ns|ms|s|min|h)", re.ASCII)
_SPANS = {"ns": 1, "ms": 10**6, "s": 10**9, "min": 60 * 10**9, "h": 3600 * 10**9}
_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_UNIX_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LAST_YEAR = 2199  # Leaves world time some 60 years before it outgrows 63 bits of nanoseconds.


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
                f"must be {size_text(self.least)} to {size_text(self.most)}, not {shown(value)}"
            )
        return size

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return f"{size_text(self.least)} to {size_text(self.most)}"

    def spell(self, value: int) -> str:
        """A number of bytes in the largest unit that it is a multiple of."""
        return size_text(value)

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


def size_text(size: int) -> str:
    """A number of bytes in the largest unit that it is a multiple of."""
    for unit in ("GiB", "MiB", "KiB"):
        if size and size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]} {unit}"
    return f"{size} B"


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
