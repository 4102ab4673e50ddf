"""What a fork takes over of the run that it left: inputs, clock readings and results to come.

A fork shares a run's past up to a step. What came from outside after that comes again: an input
before the same step, a result for as long as the effect is the same (agent, capability, arguments).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from wasm_engine.concepts import canonical
from wasm_engine.orchestrator.world_state import Issue

Reuse = Literal["reuse", "live", "none"]


class Row(msgspec.Struct, array_like=True):
    """One thing that came from outside.

    Attributes:
        before: The step before which it came.
        kind: `input`, `clock` or `result`.
        value: Of an input its address, topic, body and headers; of a clock reading the time (ns);
            of a result how it ended, as the journal holds it.
        name: Of a result: the digest of whose effect that was, and which.
        number: Of a result: the effect's number in that run.
    """

    before: int
    kind: Literal["input", "clock", "result"]
    value: Any
    name: bytes = b""
    number: int = 0


def name_of(agent: str, capability: str, arguments: Iterable[Any]) -> bytes:
    """What must agree for a result to be taken over: agent, capability and arguments."""
    return canonical.sha256(canonical.encode([agent, capability, list(arguments)]))


class Script:
    """What is still to come of a run's outside, in the order in which it came.

    Args:
        rows: All that came after the fork.
        effects: `reuse`: results that agree are taken over, other effects go out; `live`: all go
            out; `none`: none does.

    Attributes:
        effects: As given.
    """

    def __init__(self, rows: Iterable[Row], effects: Reuse) -> None:
        self.effects: Reuse = effects
        self._rows = [row for row in rows if row.kind != "result" or effects == "reuse"]
        self._claimed: dict[int, Row] = {}

    def plain(self) -> list[Any]:
        """All that is still to come, as a canonical value; what was claimed is claimed again."""
        return [self.effects, self._rows]

    @classmethod
    def from_plain(cls, value: Any) -> Script:
        """The script that was told."""
        effects, rows = msgspec.convert(value, tuple[Reuse, list[Row]])
        return cls(rows, effects)

    def claims(self, issue: Issue) -> bool:
        """Whether the result of an effect is to come from here; then it need not go out."""
        row = self._fitting(issue)
        if row is None:
            return False
        self._claimed[issue.effect.number] = row
        return True

    def answers(self, issue: Issue) -> bool:
        """Whether an effect would end by what is here, and not by what somebody else does."""
        return self.effects == "none" or self._fitting(issue) is not None

    def _fitting(self, issue: Issue) -> Row | None:
        effect = issue.effect
        name = name_of(issue.agent, effect.capability, effect.arguments)
        taken = {id(row) for row in self._claimed.values()}
        fitting = [r for r in self._rows if r.name == name and id(r) not in taken]
        same = [row for row in fitting if row.number == effect.number]
        return next(iter(same or fitting), None)

    def add(self, number: int, outcome: list[Any]) -> None:
        """An effect ends at once, with what is given."""
        row = Row(0, "result", outcome, number=number)
        self._rows.append(row)
        self._claimed[number] = row

    def reading(self, step: int) -> int | None:
        """The reading of the clock before a step, where there was one (ns)."""
        for row in self._rows:
            if row.kind == "clock" and row.before == step:
                return int(row.value)
        return None

    def due(self, step: int) -> list[tuple[Row, int]]:
        """Takes what comes before a step, in order; with each result the effect's number."""
        return self._take([row for row in self._rows if row.before <= step])

    def next(self) -> list[tuple[Row, int]]:
        """Takes what comes next although its step has not come: nothing else can happen."""
        ahead = [row for row in self._rows if row.kind == "input" or self._number(row)]
        if not ahead:
            return []
        return self._take([row for row in ahead if row.before == ahead[0].before])

    def taken(self, kind: str, value: Any) -> None:
        """What a journal holds after the fork has come already: it does not come again."""
        plain = canonical.encode(value)
        for row in self._rows:
            if row.kind == kind and canonical.encode(row.value) == plain:
                self._rows.remove(row)
                return

    def _take(self, rows: list[Row]) -> list[tuple[Row, int]]:
        found = []
        for row in rows:
            number = self._number(row)
            if row.kind == "input" or number:
                self._rows.remove(row)
                self._claimed.pop(number, None)
                found.append((row, number))
        return found

    def _number(self, row: Row) -> int:
        """The effect of this world that a result is for; 0 where there is none."""
        return next((number for number, claimed in self._claimed.items() if claimed is row), 0)
