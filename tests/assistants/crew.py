"""Worlds of assistants: a manifest, a script in place of their model, and what came of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from wasm_engine.control import inspection, runs
from wasm_engine.control.inspection import InspectReport
from wasm_engine.control.orders import Pace
from wasm_engine.control.reports import RunReport

ROOT = Path(__file__).parents[2]


class Question(NamedTuple):
    """What the model was asked once.

    Attributes:
        agent: Who asked.
        turns: Role and content of each turn.
        answers: How many turns are answers to calls.
        tools: Names of what it might call.
        how: The choice: `free`, or `none`.
        options: Schema, most, temperature, top-p, top-k, seed, stop.
    """

    agent: str
    turns: list[tuple[str, str]]
    answers: int
    tools: list[str]
    how: str
    options: tuple[Any, ...]


class Crew:
    """A world that is described, run and looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = folder / "world.toml"
        self.file = folder / "crew.run"
        shutil.copyfile(ROOT / "examples/crew/counter.wasm", folder / "counter.wasm")
        shutil.copyfile(ROOT / "guests/testing/handy/handy.wasm", folder / "handy.wasm")

    def describe(self, *answers: Mapping[str, Any], more: str = "", context: int = 4096) -> None:
        """Writes script and manifest: `more` has the agents; `handy` asks whom it is told."""
        (self.folder / "answers.toml").write_text(
            "\n".join(f"[[answer]]\n{_toml(answer)}" for answer in answers), encoding="utf-8"
        )
        self.manifest.write_text(
            f'[models.m]\nscript = "answers.toml"\ncontext = {context}\nmost = {context // 4}\n'
            '[agents.handy]\nsource = "handy.wasm"\n'
            f'[tools.text]\ncomponent = "counter.wasm"\n{more}',
            encoding="utf-8",
        )

    def run(self, *messages: tuple[str, str], **more: Any) -> RunReport:
        """Runs it with messages: address and text."""
        send = [(to, "task", text) for to, text in messages]
        return runs.run(self.manifest, file=self.file, send=send, **more)

    def again(self, *messages: tuple[str, str]) -> RunReport:
        """Sends more, and goes on."""
        for to, text in messages:
            runs.send(self.file, (to, "task", text))
        return runs.resume(self.file, pace=Pace())

    def look(self) -> InspectReport:
        """Everything."""
        wanted = inspection.Wanted(messages=True, state=True, calls=True, log=True)
        return inspection.inspect(self.file, wanted=wanted)

    def state(self, agent: str) -> dict[str, str]:
        """The texts that an agent keeps."""
        report = inspection.inspect(self.file, wanted=inspection.Wanted(state=True))
        return dict((report.state or {}).get(agent, {}))

    def questions(self, agent: str = "") -> list[Question]:
        """What the model was asked, by all or by one."""
        rows = inspection.inspect(self.file, wanted=inspection.Wanted(calls=True)).effects or ()
        asked = [_question(row.agent, row.arguments) for row in rows if row.capability == "chat"]
        return [it for it in asked if not agent or it.agent == agent]


def assistant(name: str, table: str = "", kind: str = "") -> str:
    """The tables of an assistant."""
    return (
        f'\n[agents.{name}]\nkind = "assistant"\n{kind}\n'
        f'[agents.{name}.assistant]\nmodel = "m"\n{table}\n'
    )


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """An answer's call, for a script."""
    return {"name": name, "arguments": arguments}


def _question(agent: str, arguments: Sequence[Any]) -> Question:
    _model, _instead, turns, tools, choice, schema, *rest = arguments
    return Question(
        agent,
        [(turn[0], turn[1]) for turn in turns],
        sum(turn[0] == "tool" for turn in turns),
        [tool[0] for tool in tools],
        choice[0],
        (schema, *rest),
    )


def _toml(answer: Mapping[str, Any]) -> str:
    return "\n".join(f"{key} = {_value(value)}" for key, value in answer.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_value(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
