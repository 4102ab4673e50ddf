"""What a fork takes over of the run that it left: inputs, clock readings and results to come.

A fork shares a run's past up to a step. What came from outside after that comes again: an input
before the same step, a result for as long as the effect is the same (agent, capability, arguments).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Kind
from wasm_engine.orchestrator.world_state import Issue

Reuse = Literal["reuse", "live", "none"]
NEVER: Final = 2**63 - 1
"""As the step before which a result comes: it does not."""


class Row(msgspec.Struct, array_like=True):
    """One thing that came from outside.

    Attributes:
        before: The step before which it came.
        kind: `input`, `clock` or `result`.
        value: Of an input its address, topic, body and headers; of a clock reading the time (ns);
            of a result how it ended, as the journal holds it, or None: it never did in that run.
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
        after: The entry of the fork's journal after which all of this is still to come.

    Attributes:
        effects, after: As given.
    """

    def __init__(self, rows: Iterable[Row], effects: Reuse, after: int = 0) -> None:
        self.effects: Reuse = effects
        self.after = after
        self._inputs: deque[tuple[int, Row]] = deque()
        self._clocks: dict[int, tuple[int, Row]] = {}
        # Results by their place in the order; unclaimed ones also by name and number.
        self._results: dict[int, Row] = {}
        self._numbered: dict[int, int] = {}
        self._named: dict[bytes, deque[int]] = {}
        self._claimed: dict[int, tuple[int, Row]] = {}
        self._places = 0
        for row in rows:
            self._put(row)

    def _put(self, row: Row) -> None:
        place = self._places = self._places + 1
        if row.kind == "input":
            self._inputs.append((place, row))
        elif row.kind == "clock":
            self._clocks[row.before] = place, row
        elif self.effects == "reuse":
            self._results[place] = row
            self._numbered[row.number] = place
            if row.value is not None:
                self._named.setdefault(row.name, deque()).append(place)

    def plain(self) -> list[Any]:
        """All that is still to come, as a canonical value; what was claimed is claimed again."""
        return [self.effects, self.rows()]

    def rows(self) -> list[Row]:
        """All that is still to come, in order."""
        rows = [*self._inputs, *self._clocks.values(), *self._results.items()]
        rows += [claim for claim in self._claimed.values() if claim[1].name]
        rows.sort(key=lambda it: it[0])
        return [row for _, row in rows]

    @classmethod
    def from_plain(cls, value: Any, after: int = 0) -> Script:
        """The script that was told.

        Raises:
            BadRunFile: It is none.
        """
        try:
            effects, rows = msgspec.convert(value, tuple[Reuse, list[Row]])
            for row in rows:
                _check(row)
        except msgspec.ValidationError as error:
            message = f"what is to come of a fork cannot be read ({error})"
            raise BadRunFile(message) from None
        return cls(rows, effects, after)

    def claims(self, issue: Issue) -> bool:
        """Whether the result of an effect is to come from here; then it need not go out."""
        return self.claims_named(issue.effect.number, _name(issue))

    def claims_named(self, number: int, name: bytes) -> bool:
        """The same of an effect of which the number is known, and the name."""
        if number in self._claimed:
            return True
        place = self._fitting(number, name)
        if place is None:
            return False
        row = self._results.pop(place)
        if row.value is None:
            return False
        self._claimed[number] = place, row
        return True

    def answers(self, issue: Issue) -> bool:
        """Whether an effect would end by what is here, and not by what somebody else does."""
        if self.effects == "none" or issue.effect.number in self._claimed:
            return True
        place = self._fitting(issue.effect.number, _name(issue))
        return place is not None and self._results[place].value is not None

    def told(self, issue: Issue) -> list[Any] | None:
        """Takes how an effect ended that follows from its arguments, if that is here."""
        if self.effects == "none" or not self.claims(issue):
            return None
        _, row = self._claimed.pop(issue.effect.number)
        found: list[Any] | None = row.value
        return found

    def has_claimed(self, number: int) -> bool:
        """Whether an effect ends by what is here."""
        return number in self._claimed

    def _fitting(self, number: int, name: bytes) -> int | None:
        """The place of the result of this very effect, or of the first one that is like it."""
        place = self._numbered.get(number, 0)
        if place in self._results and self._results[place].name == name:
            return place
        places = self._named.get(name)
        while places:
            if places[0] in self._results:
                return places[0]
            places.popleft()
        return None

    def add(self, number: int, outcome: list[Any]) -> None:
        """An effect ends at once, with what is given."""
        self._places += 1
        self._claimed[number] = self._places, Row(0, "result", outcome, number=number)

    def drop(self, number: int) -> None:
        """An effect was cancelled, or has ended: what was to come of it does not come any more."""
        self._claimed.pop(number, None)

    def reading(self, step: int) -> int | None:
        """The reading of the clock before a step, where there was one (ns)."""
        found = self._clocks.get(step)
        return None if found is None else int(found[1].value)

    def due(self, step: int) -> list[tuple[Row, int]]:
        """Takes what comes before a step, in order; with each result the effect's number."""
        self._clocks.pop(step - 1, None)
        if not self._claimed and (not self._inputs or self._inputs[0][1].before > step):
            return []
        return self._take(step)

    def next(self) -> list[tuple[Row, int]]:
        """Takes what comes next although its step has not come: nothing else can happen."""
        ahead = [row.before for _, row in self._claimed.values()]
        if self._inputs:
            ahead.append(self._inputs[0][1].before)
        return self._take(min(ahead)) if ahead else []

    def taken_input(self, value: list[Any]) -> None:
        """The journal holds an input: if it is the next one to come from here, it has come."""
        if self._inputs:
            wanted = self._inputs[0][1].value
            if canonical.encode(wanted) == canonical.encode(value):
                self._inputs.popleft()

    def has_come(self, row: Row) -> None:
        """What came in a run after its script was told does not come of that once more."""
        if row.kind == "input":
            self.taken_input(row.value)
        elif row.kind == "clock":
            self.taken_clock(row.before)
        else:
            self.claims_named(row.number, row.name)
            self.drop(row.number)

    def taken_clock(self, step: int) -> None:
        """The journal holds the reading before a step."""
        self._clocks.pop(step, None)

    def _take(self, step: int) -> list[tuple[Row, int]]:
        found: list[tuple[int, Row, int]] = []
        while self._inputs and self._inputs[0][1].before <= step:
            found.append((*self._inputs.popleft(), 0))
        for number, (place, row) in list(self._claimed.items()):
            if row.before <= step:
                del self._claimed[number]
                found.append((place, row, number))
        found.sort(key=lambda it: it[0])
        return [(row, number) for _, row, number in found]


def _name(issue: Issue) -> bytes:
    return name_of(issue.agent, issue.effect.capability, issue.effect.arguments)


def _check(row: Row) -> None:
    """Whether the value of a row that was read is one of its kind."""
    if row.kind == "input":
        entries.decode(Kind.INPUT, canonical.encode([0, *msgspec.convert(row.value, list)]))
    else:
        msgspec.convert(row.value, int if row.kind == "clock" else list[Any] | None)
