"""A world whose agents ask people, in a folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.effects.server import Server, running
from wasm_engine.control import inspection, people, replays, runs
from wasm_engine.control.orders import Pace
from wasm_engine.control.people import Question
from wasm_engine.control.reports import RunReport

CLERK = Path(__file__).parent / "agents/clerk.py"


class Office:
    """A world with a `clerk`, who may ask `owner` and `legal`, and an `idler`, who may not."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "office.run"
        self.manifest = folder / "world.toml"
        self.asked: list[int] = []
        shutil.copyfile(CLERK, folder / "clerk.py")
        self.describe()

    def describe(self, world: str = "", *, grants: str = "", more: str = "") -> None:
        """Writes the manifest."""
        self.manifest.write_text(
            f"[world]\n{world}\n[agents.clerk]\nsource = 'clerk.py'\n"
            f"grants = ['human:owner', 'human:legal'{grants}]\n{more}\n"
            "[agents.idler]\nsource = 'clerk.py'\n"
        )

    def run(self, *messages: tuple[str, Any], to: str = "clerk", **more: Any) -> RunReport:
        """Runs it with messages, topic and body; a body is JSON, or text."""
        send = [
            (to, topic, it if isinstance(it, str) else json.dumps(it)) for topic, it in messages
        ]
        return self._stands(runs.run(self.manifest, file=self.file, send=send, **more))

    def resume(self, file: Path | None = None, **more: Any) -> RunReport:
        """Goes on."""
        return self._stands(runs.resume(file or self.file, pace=Pace(**more)))

    def _stands(self, report: RunReport) -> RunReport:
        self.asked = [it.number or 0 for it in report.waits_for if it.kind == "human"]
        return report

    def open(self, file: Path | None = None) -> tuple[Question, ...]:
        """What is asked."""
        return people.pending(file or self.file).questions

    def answer(self, text: str = "", file: Path | None = None, **more: Any) -> people.AnswerReport:
        """Answers the first question that was open when it stopped."""
        return people.answer(file or self.file, self.asked.pop(0), text, **more)

    def log(self, file: Path | None = None) -> list[str]:
        """What the agents logged, in order."""
        found = inspection.inspect(file or self.file, wanted=inspection.Wanted(log=True)).log
        assert found is not None
        return [line.text for line in found]

    def state(self, agent: str = "clerk", file: Path | None = None) -> dict[str, Any]:
        """What an agent keeps."""
        report = inspection.inspect(file or self.file, wanted=inspection.Wanted(state=True))
        assert report.state is not None
        return {key: json.loads(value) for key, value in report.state[agent].items()}

    def replays(self, file: Path | None = None) -> bool:
        """Whether a replay, which asks nobody, is identical."""
        return replays.replay(file or self.file).identical


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The world."""
    return Office(tmp_path)


@pytest.fixture
def server():
    """A server that may hang."""
    with running() as made:
        assert isinstance(made, Server)
        yield made
