"""The first place in which two runs differ, found in their journals alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeAlias

from wasm_engine.control.leaves import first_difference
from wasm_engine.control.plain_values import plain
from wasm_engine.control.reports import DiffReport
from wasm_engine.control.step_entries import last_step
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Detail, Entry, Intent, Kind, Segment, StepBody
from wasm_engine.journal.runfile import RunFile

_TEXT = 200
Call: TypeAlias = list[Any] | None

_HISTORY = (Kind.INPUT, Kind.CLOCK, Kind.STEP, Kind.INTENT, Kind.RESULT)


def diff(a: str | Path, b: str | Path) -> DiffReport:
    """Compares two runs: what they are made of, then what happened, entry by entry.

    What the chains say is the same is not looked at, so forks are compared from where they part.

    Raises:
        BadRunFile: One of them is not a run file, or is damaged.

    Example:
        >>> diff("kept.run", "kept.run").same
        True
    """
    with RunFile.open(Path(a), verify="tail") as one, RunFile.open(Path(b), verify="tail") as other:
        first = _common(one, other) + 1
        made_of = _made_of(one, other, first)
        step = last_step(one, first - 1)
        for left, right in zip_longest(_history(one, first), _history(other, first)):
            if left is None or right is None or not _same(left, right):
                return replace(_difference(left, right, step), made_of=made_of)
            step += left.kind == Kind.STEP
    return DiffReport(same=not made_of, made_of=made_of)


def _common(one: RunFile, other: RunFile) -> int:
    """The last entry up to which the chains say that the runs are the same; 1 where they do not."""
    if one.version != other.version:
        return 1
    low, high = max(one.anchor, other.anchor, 1), min(one.count, other.count)
    if high < low or one.chain_after(low) != other.chain_after(low):
        return 1
    while low < high:
        middle = (low + high + 1) // 2
        if one.chain_after(middle) == other.chain_after(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _same(left: Entry, right: Entry) -> bool:
    if (left.kind, left.body) != (right.kind, right.body):
        return False
    return entries.same_detail(left.detail, right.detail)


def _history(run: RunFile, first: int) -> Iterator[Entry]:
    return (entry for entry in run.entries(first) if entry.kind in _HISTORY)


def _made_of(one: RunFile, other: RunFile, first: int) -> tuple[str, ...]:
    """What differs before anything happened: fields of the header, then control entries."""
    x, y = one.header, other.header
    fields = [name for name in x.__struct_fields__ if getattr(x, name) != getattr(y, name)]
    kept, theirs = (
        [entry.body for entry in run.entries(first) if entry.kind == Kind.CONTROL]
        for run in (one, other)
    )
    return (*fields, *(["control"] if kept != theirs else []))


def _difference(left: Entry | None, right: Entry | None, step: int) -> DiffReport:
    """Two entries that are not the same; `step` steps before them are."""
    if left is None or right is None or left.kind != right.kind:
        return DiffReport(False, step + 1, None, None, "entry", _entry(left), _entry(right))
    x, y = entries.decode(left.kind, left.body), entries.decode(right.kind, right.body)
    if isinstance(x, StepBody) and isinstance(y, StepBody):
        return _steps(x, y, _detail(left, x), _detail(right, y))
    if isinstance(x, Intent) and isinstance(y, Intent):
        return _fields(x, y, x.step, x.agent, "intent")
    return _fields(x, y, step + 1, None, Kind(left.kind).name.lower())


def _steps(x: StepBody, y: StepBody, calls_x: Detail | None, calls_y: Detail | None) -> DiffReport:
    for number, (p, q) in enumerate(zip_longest(x.segments, y.segments)):
        if p is None or q is None or p.agent != q.agent:
            who = p.agent if p is not None else q.agent
            return DiffReport(False, x.step, who, None, "segment", _ran(p), _ran(q))
        found = _calls(number, calls_x, calls_y)
        if found is not None:
            ordinal, one, other = found
            report = DiffReport(False, x.step, p.agent, ordinal, "call", _call(one), _call(other))
            return _to_the_byte(report, one, other, p, q)
        if p != q:
            return _fields(p, q, x.step, p.agent, "segment")
        told = _lines(number, calls_x, calls_y)
        if told is not None:
            return DiffReport(False, x.step, p.agent, None, "log", *told)
    return _fields(x, y, x.step, None, "step")


def _calls(number: int, x: Detail | None, y: Detail | None) -> tuple[int, Call, Call] | None:
    """The first differing call of a segment: its ordinal, and both."""
    mine = x.calls[number] if x is not None else []
    theirs = y.calls[number] if y is not None else []
    for ordinal, (p, q) in enumerate(zip_longest(mine, theirs)):
        if p != q:
            return ordinal, p, q
    return None


def _to_the_byte(report: DiffReport, one: Call, other: Call, p: Segment, q: Segment) -> DiffReport:
    """The same call with other arguments: where in them."""
    if one is None or other is None or one[0] != other[0]:
        return report
    found = first_difference(one[1:], other[1:])
    if one[1:2] == other[1:2] == ["sha256"]:
        # Of long arguments the run holds a digest; what was sent stands in the segment itself.
        found = first_difference(p.sends, q.sends)
    if found is None or found.byte is None:
        return report
    a, b = (f"{one[0]}: {found.around(value)}" for value in (found.a, found.b))
    return replace(report, byte=found.byte, a=a, b=b)


def _lines(number: int, x: Detail | None, y: Detail | None) -> tuple[str, str] | None:
    """The first differing line that a segment logged, in both."""
    mine = x.logs[number] if x is not None else []
    theirs = y.logs[number] if y is not None else []
    for p, q in zip_longest(mine, theirs):
        if p != q:
            return _shown(p or "no line"), _shown(q or "no line")
    return None


def _fields(x: Any, y: Any, step: int, agent: str | None, what: str) -> DiffReport:
    """Names the first field in which two bodies of one type differ."""
    for name in x.__struct_fields__:
        p, q = getattr(x, name), getattr(y, name)
        if p == q:
            continue
        report = DiffReport(False, step, agent, None, f"{what}.{name}", _shown(p), _shown(q))
        found = first_difference(p, q)
        if found is None or found.byte is None:
            return report
        return replace(report, byte=found.byte, a=found.around(found.a), b=found.around(found.b))
    return DiffReport(False, step, agent, None, what, "the same fields", "another spelling")


def _detail(entry: Entry, step: StepBody) -> Detail | None:
    if entry.detail is None:
        return None
    return entries.decode_detail(entry.detail, len(step.segments))


def _entry(entry: Entry | None) -> str:
    if entry is None:
        return "the end"
    name = Kind(entry.kind).name.lower()
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _ran(segment: Segment | None) -> str:
    if segment is None:
        return "nobody"
    return f"{segment.agent} with message {segment.message}: {segment.status}"


def _call(call: Call) -> str:
    if call is None:
        return "no call"
    return _shown(f"{call[0]}({', '.join(_shown(argument) for argument in call[1:])})")


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        text = f"{len(value)} bytes {value[:16].hex()}"
    elif isinstance(value, str):
        text = value
    else:
        text = repr(plain(value))
    return text if len(text) <= _TEXT else text[: _TEXT - 3] + "..."
