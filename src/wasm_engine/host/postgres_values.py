"""How values travel between SQL here and PostgreSQL: as text where both do not have the same."""

from __future__ import annotations

import math
from typing import Any

import psycopg
from psycopg.adapt import AdaptersMap, Loader
from psycopg.types.bool import BoolLoader
from psycopg.types.none import NoneDumper
from psycopg.types.numeric import FloatDumper, FloatLoader, IntDumper, IntLoader
from psycopg.types.string import ByteaLoader, BytesDumper, StrDumperUnknown, TextLoader

from wasm_engine.concepts.sql_values import SqlValue

_LONGEST = 20
"""Characters of a whole number of 64 bits."""


def adapters() -> AdaptersMap:
    """How values travel: as text, and what is no number, truth or bytes comes as it is written."""
    made = AdaptersMap(types=psycopg.postgres.types)
    for python, dumper in (
        (type(None), NoneDumper), (int, IntDumper), (float, FloatDumper), (str, StrDumperUnknown),
        (bytes, BytesDumper),
    ):  # fmt: skip
        made.register_dumper(python, dumper)
    for name in ("int2", "int4", "int8", "oid"):
        made.register_loader(name, IntLoader)
    for name in ("float4", "float8"):
        made.register_loader(name, FloatLoader)
    made.register_loader("bool", BoolLoader)
    made.register_loader("numeric", _NumericLoader)
    made.register_loader("bytea", ByteaLoader)
    made.register_loader(0, TextLoader)
    return made


def value_of(value: Any) -> SqlValue:
    """A value as SQL has it here: truths are numbers, what is no number is NULL."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return value  # type: ignore[no-any-return]


def length_of(value: SqlValue) -> int:
    """Characters or bytes of a value that has any."""
    return len(value) if isinstance(value, str | bytes) else 0


class _NumericLoader(Loader):
    """Exact numbers: whole ones of 64 bits as such, others as the text that they are."""

    def load(self, data: Any) -> int | str:
        """The number."""
        text = bytes(data).decode()
        whole = len(text) <= _LONGEST and text.removeprefix("-").isdigit()
        return int(text) if whole and -(2**63) <= int(text) < 2**63 else text
