"""A world whose agents ask language models, in a folder: `guests/testing/talker`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wasm_engine import World
from wasm_engine.control import inspection, replays
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run

TALKER = Path(__file__).parents[2] / "guests/testing/talker/talker.wasm"
ECHO = '[[answer]]\ncontent = "aye"\n'


class Talk:
    """A world with an agent `a` that may ask the model `m`, and `b` that may not.

    Attributes:
        file: Where its run is kept.
        agents, models, more: Tables of its manifest, to be changed before it runs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "talk.run"
        self.agents: dict[str, Any] = {
            "a": {"source": str(TALKER), "grants": ["model:m"]},
            "b": {"source": str(TALKER)},
        }
        self.models: dict[str, Any] = {"m": {"script": "m.toml"}}
        self.more: dict[str, Any] = {}
        self.script(ECHO)

    def script(self, text: str, name: str = "m") -> None:
        """Writes a script."""
        (self.folder / f"{name}.toml").write_text(text, encoding="utf-8")

    def world(self) -> World:
        """The world, from its manifest."""
        tables = {"agents": self.agents, "models": self.models, **self.more}
        return World.from_mapping(tables, folder=self.folder)

    def run(
        self, *messages: tuple[str, str], to: str = "a", max_steps: int | None = None, **how: Any
    ) -> str:
        """Runs it with messages, topic and body; answers how it stands."""
        inputs = [(to, topic, ("text", body)) for topic, body in messages]
        with self.world().begin(self.file, inputs=inputs, **how) as run:
            return run.execution.go(Until(max_steps=max_steps))

    def resume(self, file: Path | None = None) -> str:
        """Goes on."""
        with Run.open(file or self.file, write=True, at=LATEST) as run:
            run.execution.replay()
            return run.execution.go(Until())

    def look(self, file: Path | None = None, **wanted: bool) -> Any:
        """What `inspect` reports."""
        return inspection.inspect(file or self.file, wanted=inspection.Wanted(**wanted))

    def log(self, file: Path | None = None) -> list[str]:
        """What the agents logged, in order."""
        return [line.text for line in self.look(file, log=True).log or ()]

    def effects(self, file: Path | None = None) -> list[Any]:
        """Its effects, in order."""
        return list(self.look(file, messages=True).effects or ())

    def replays(self, file: Path | None = None) -> bool:
        """Whether a replay, which asks nobody, is identical."""
        return replays.replay(file or self.file).identical
