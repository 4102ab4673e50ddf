"""What came of an act: how its messages ended, what the agents keep, what they logged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from wasm_engine.journal import entries
from wasm_engine.journal.entries import StepBody
from wasm_engine.world import Run

_NUMBER = re.compile(r"ok:\d+")
_OVER = ("suspended", "cut", "retry")


class Seen(NamedTuple):
    """What came of an act.

    Attributes:
        address: Of the guest.
        codes: How each of its messages ended, its code or `done`: of those from outside, or, where it
            got none, of all.
        state: What it keeps.
        logs: What it logged, and the host about it.
        spent: Fuel and host work of each of those messages.
        states: What all agents keep.
    """

    address: str
    codes: list[str]
    state: Mapping[str, Any]
    logs: list[str]
    spent: list[tuple[int, int]]
    states: Mapping[str, Mapping[str, Any]]


Reader: TypeAlias = Callable[[Seen], str]


class Journal(NamedTuple):
    """What the journal of a run says.

    Attributes:
        ends: By message, how it ended.
        spent: By message, its fuel and its host work.
        logs: By agent, its lines.
        endings: By agent, how each of its messages ended.
    """

    ends: dict[int, str]
    spent: dict[int, tuple[int, int]]
    logs: dict[str, list[str]]
    endings: dict[str, list[str]]

    @classmethod
    def of(cls, run: Run) -> Journal:
        """That of a run."""
        found = cls({}, {}, {}, {})
        for entry in run.file.entries():
            body = entries.decode(entry.kind, entry.body)
            if isinstance(body, StepBody):
                found.step(body, entry.detail)
        return found

    def step(self, body: StepBody, detail: bytes | None) -> None:
        """Takes in one step."""
        dead = {row[0]: row[3] for row in body.dead}
        lines = entries.decode_detail(detail, len(body.segments)).logs if detail else []
        for number, segment in enumerate(body.segments):
            fuel, work = self.spent.get(segment.message, (0, 0))
            self.spent[segment.message] = fuel + segment.fuel, work + segment.work
            if lines:
                logs = self.logs.setdefault(segment.agent, [])
                logs += [text for _, text in lines[number]]
            if not segment.status.startswith(_OVER):
                end = self.ends[segment.message] = dead.get(segment.message, "done")
                self.endings.setdefault(segment.agent, []).append(end)
        self.ends.update(dead)


def ended(seen: Seen) -> str:
    """How the last of its messages ended."""
    return seen.codes[-1]


def trace(seen: Seen) -> str:
    """What a scripted agent was answered: each answer once, numbers left out."""
    if seen.codes[-1] != "done":
        return seen.codes[-1]
    lines = str(seen.state.get("trace", "")).splitlines()
    answers = [line.partition(":")[2] for line in lines if not line.startswith(("on:", "got:"))]
    plain = (_NUMBER.sub("ok", answer.removeprefix("err:")) for answer in answers)
    return " ".join(dict.fromkeys(plain)).replace(seen.address, "<self>")


def kept(seen: Seen) -> str:
    """What a Python agent says that it got; how its message ended, where that was not well."""
    if seen.codes[-1] != "done":
        return seen.codes[-1]
    found = seen.state.get("got")
    return "nothing" if found is None else str(json.loads(found))


def heard(by: str, key: str) -> Reader:
    """What another agent keeps under a key."""
    return lambda seen: str(seen.states.get(by, {}).get(key, "nothing"))
