"""Where a re-executed step differs from the stored one: agent, call, expected and got."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Never

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import ReplayDivergence
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Detail, Entry
from wasm_engine.orchestrator.given import is_kill
from wasm_engine.orchestrator.record import StepRecord

MAX_SHOWN = 200
"""Characters of a value that a report shows."""
SUM = 2
"""Bytes of the sum that is kept of an answer."""
HOST = "recorded answer"
"""The cause of a divergence in which the host is the first to do otherwise."""

_SEGMENTS, _OUTCOME = 2, 4
_FIELDS = ("agent", "message", "attempt", "part", "outcome", "fuel", "host work", "state", "sends")
_STEP_FIELDS = (
    "step",
    "time",
    "segments",
    "turn calls",
    "ended requests",
    "dead letters",
    "timers",
    "computed",
)
_OWNERS = {"turn calls": 0, "dead letters": 1, "timers": 1}
"""Where the rows of a step's field name their agent."""


def compare(step: int, stored: Entry, record: StepRecord, *, exact: bool = True) -> None:
    """Compares a step's record, and its detail, with what is stored, byte for byte.

    Args:
        step: Its number.
        stored: What the run holds.
        record: What re-execution gave.
        exact: Whether the same engine did both. If not, nothing is asked of what a guest did in an
            activation that was killed for its costs: another engine kills it at another moment.

    Raises:
        ReplayDivergence: They differ; names the first difference.
    """
    if stored.body == record.body and entries.same_detail(stored.detail, record.detail):
        return
    expected, got = canonical.decode(stored.body), canonical.decode(record.body)
    old, new = expected[_SEGMENTS], got[_SEGMENTS]
    details = _detail(stored.detail, len(old)), _detail(record.detail, len(new))
    if not exact:
        details = _without_killed(old, *details), _without_killed(old, *details[::-1])
    _compare_segments(step, old, new, *details)
    for name, one, other in zip(_STEP_FIELDS, expected, got, strict=False):
        if one != other:
            _diverged(step, name, one, other, row=_owner(name, one, other))
    _compare_logs(step, new, *details)
    if exact or details[0] != details[1]:
        _diverged(step, "detail", stored.detail or b"", record.detail or b"")


def _owner(name: str, one: Any, other: Any) -> Sequence[Any]:
    """Whose the first other row of a field is, where its rows are agents'."""
    place = _OWNERS.get(name)
    if place is None:
        return ()
    rows = zip_longest(one, other)
    row = next(mine or theirs for mine, theirs in rows if mine != theirs)
    return (row[place], None)


def _compare_segments(
    step: int, old: list[Any], new: list[Any], stored: Detail, made: Detail
) -> None:
    for i in range(max(len(old), len(new))):
        if i >= len(old) or i >= len(new):
            longer = old if i < len(old) else new
            texts = [str(rows[i][0]) if i < len(rows) else "nothing" for rows in (old, new)]
            _diverged(step, "who ran", *texts, row=longer[i])
        if old[i][:4] != new[i][:4]:
            _diverged(step, "who ran", old[i][:4], new[i][:4], row=old[i])
        sums = _sums(stored, made, i)
        _compare_calls(step, old[i], stored.calls[i], made.calls[i], sums)
        for name, one, other in zip(_FIELDS, old[i], new[i], strict=True):
            if one != other:
                _diverged(step, name, one, other, row=old[i])


def _without_killed(rows: list[Any], detail: Detail, other: Detail) -> Detail:
    """The detail without what killed activations did; and without sums that the other lacks."""
    killed = {i for i, row in enumerate(rows) if is_kill(row[_OUTCOME])}

    def only(values: list[Any], nothing: Any) -> list[Any]:
        return [nothing if i in killed else value for i, value in enumerate(values)]

    told = only(detail.told, b"") if detail.told and other.told else []
    return Detail(only(detail.calls, []), only(detail.logs, []), told)


def _sums(stored: Detail, made: Detail, i: int) -> tuple[bytes, bytes]:
    """Sums of the answers that a segment got; none where the run holds none."""
    if not stored.told or not made.told:
        return b"", b""
    return stored.told[i], made.told[i]


def _compare_calls(
    step: int, row: Sequence[Any], old: Sequence[Any], new: Sequence[Any], sums: tuple[bytes, bytes]
) -> None:
    """The calls of a segment and what each was answered, in the order in which they were made."""
    if _sum(sums[0], 0) != _sum(sums[1], 0):
        _answered(step, row, None, "that it goes on with", sums, 0)
    for ordinal in range(max(len(old), len(new))):
        one = old[ordinal] if ordinal < len(old) else None
        other = new[ordinal] if ordinal < len(new) else None
        if one != other:
            raise ReplayDivergence(
                step=step,
                agent=row[0],
                call=ordinal,
                expected=_call(one),
                got=_call(other),
                message=row[1],
            )
        if _sum(sums[0], ordinal + 1) != _sum(sums[1], ordinal + 1):
            _answered(step, row, ordinal, f"to {_call(one)}", sums, ordinal + 1)


def _sum(sums: bytes, place: int) -> str:
    return sums[place * SUM : (place + 1) * SUM].hex().ljust(2 * SUM, "0")


def _answered(
    step: int,
    row: Sequence[Any],
    call: int | None,
    what: str,
    sums: tuple[bytes, bytes],
    place: int,
) -> Never:
    one, other = (_sum(each, place) for each in sums)
    raise ReplayDivergence(
        step=step,
        agent=row[0],
        call=call,
        expected=f"an answer (sum {one}) {what}",
        got=f"another one (sum {other})",
        message=row[1],
        cause=HOST,
    )


def _compare_logs(step: int, rows: Sequence[Any], stored: Detail, made: Detail) -> None:
    """What agents logged and printed; everything else of the step is the same."""
    for row, mine, theirs in zip(rows, stored.logs, made.logs, strict=True):
        for one, other in zip_longest(mine, theirs):
            if one != other:
                _diverged(step, "log line", one, other, row=row)


def _detail(detail: bytes | None, count: int) -> Detail:
    if detail is None:
        return Detail([[] for _ in range(count)], [[] for _ in range(count)], [b""] * count)
    return entries.decode_detail(detail, count)


def _call(row: Sequence[Any] | None) -> str:
    if row is None:
        return "no further call"
    return _shown(f"{row[0]}({', '.join(map(_value, row[1:]))})")


def _value(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)


def _shown(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."


def _diverged(step: int, what: str, expected: Any, got: Any, *, row: Sequence[Any] = ()) -> Never:
    raise ReplayDivergence(
        step=step,
        agent=row[0] if row else None,
        call=None,
        expected=f"{what} {_shown(_value(expected))}",
        got=_shown(_value(got)),
        message=row[1] if row else None,
    )
