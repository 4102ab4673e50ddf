"""Where a re-executed step differs from the stored one: agent, call, expected and got."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Never

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import ReplayDivergence
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Detail, Entry
from wasm_engine.orchestrator.record import StepRecord

MAX_SHOWN = 200
"""Characters of a value that a report shows."""

_SEGMENTS = 2
_FIELDS = ("agent", "message", "attempt", "part", "outcome", "fuel", "host work", "state", "sends")
_STEP_FIELDS = (
    "step",
    "time",
    "segments",
    "turn calls",
    "ended requests",
    "dead letters",
    "timers",
)


def compare(step: int, stored: Entry, record: StepRecord) -> None:
    """Compares a step's record, and its detail, with what is stored, byte for byte.

    Raises:
        ReplayDivergence: They differ; names the first difference.
    """
    if stored.body == record.body and entries.same_detail(stored.detail, record.detail):
        return
    expected, got = canonical.decode(stored.body), canonical.decode(record.body)
    _compare_segments(step, expected, got, stored.detail, record.detail)
    for name, one, other in zip(_STEP_FIELDS, expected, got, strict=False):
        if one != other:
            _diverged(step, None, None, name, one, other)
    _compare_logs(step, [row[0] for row in got[_SEGMENTS]], stored.detail, record.detail)


def _compare_segments(
    step: int, expected: Any, got: Any, stored: bytes | None, made: bytes | None
) -> None:
    old, new = expected[_SEGMENTS], got[_SEGMENTS]
    calls_old, calls_new = _calls(stored, len(old)), _calls(made, len(new))
    for i in range(max(len(old), len(new))):
        if i >= len(old) or i >= len(new):
            longer = old if i < len(old) else new
            texts = [str(rows[i][0]) if i < len(rows) else "nothing" for rows in (old, new)]
            _diverged(step, longer[i][0], None, "who ran", *texts)
        agent = old[i][0]
        if old[i][:4] != new[i][:4]:
            _diverged(step, agent, None, "who ran", old[i][:4], new[i][:4])
        _compare_calls(step, agent, calls_old[i], calls_new[i])
        for name, one, other in zip(_FIELDS, old[i], new[i], strict=True):
            if one != other:
                _diverged(step, agent, None, name, one, other)


def _compare_calls(step: int, agent: str, old: Sequence[Any], new: Sequence[Any]) -> None:
    for ordinal in range(max(len(old), len(new))):
        one = old[ordinal] if ordinal < len(old) else None
        other = new[ordinal] if ordinal < len(new) else None
        if one != other:
            raise ReplayDivergence(
                step=step, agent=agent, call=ordinal, expected=_call(one), got=_call(other)
            )


def _compare_logs(
    step: int, agents: Sequence[str], stored: bytes | None, made: bytes | None
) -> None:
    """What agents logged and printed; everything else of the step is the same."""
    old, new = _detail(stored, len(agents)).logs, _detail(made, len(agents)).logs
    for agent, mine, theirs in zip(agents, old, new, strict=True):
        for one, other in zip_longest(mine, theirs):
            if one != other:
                _diverged(step, agent, None, "log line", one, other)
    _diverged(step, None, None, "detail", stored or b"", made or b"")


def _calls(detail: bytes | None, count: int) -> list[Any]:
    return _detail(detail, count).calls


def _detail(detail: bytes | None, count: int) -> Detail:
    if detail is None:
        return Detail([[] for _ in range(count)], [[] for _ in range(count)])
    return entries.decode_detail(detail, count)


def _call(row: Sequence[Any] | None) -> str:
    if row is None:
        return "no further call"
    return _shown(f"{row[0]}({', '.join(map(_value, row[1:]))})")


def _value(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)


def _shown(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."


def _diverged(
    step: int, agent: str | None, call: int | None, what: str, expected: Any, got: Any
) -> Never:
    raise ReplayDivergence(
        step=step,
        agent=agent,
        call=call,
        expected=f"{what} {_shown(_value(expected))}",
        got=_shown(_value(got)),
    )
