"""What runs hold, step by step, read and compared without the engine's own comparison."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from wasm_engine.journal.entries import Kind
from wasm_engine.journal.runfile import RunFile


class Place(NamedTuple):
    """Where two histories part: a step, and the agent whose segment is the first other one."""

    step: int
    agent: str | None


class Step(NamedTuple):
    """A step as it is stored: its fields, and for each segment what it called and logged."""

    fields: list[Any]
    calls: list[Any]
    logs: list[Any]
    sums: list[Any]


def steps(file: Path) -> list[Step]:
    """The steps of a run."""
    with RunFile.open(file) as run:
        return [_step(e.body, e.detail) for e in run.entries(2) if e.kind == Kind.STEP]


def _step(body: bytes, detail: bytes | None) -> Step:
    fields = msgspec.msgpack.decode(body)
    empty = [[] for _ in fields[2]]
    calls, logs, *sums = msgspec.msgpack.decode(detail) if detail else (empty, empty)
    return Step(fields[:7], calls, logs, sums[0] if sums else [b""] * len(empty))


def parting(one: list[Step], other: list[Step]) -> Place | None:
    """Where two histories part; None where they do not."""
    for number, (a, b) in enumerate(zip_longest(one, other), start=1):
        if a == b:
            continue
        if a is None or b is None:
            return Place(number, None)
        rows = [list(zip(step.fields[2], *step[1:], strict=True)) for step in (a, b)]
        for row, its in zip_longest(*rows):
            if row != its:
                return Place(number, (row or its)[0][0])
        return Place(number, None)
    return None
