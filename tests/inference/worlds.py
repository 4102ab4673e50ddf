"""Worlds whose agents ask models, and what they were answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wasm_engine.control import inspection, replays, runs

GUESTS = Path(__file__).parents[2] / "guests/testing"


class Thinking:
    """A world in a folder: agents that execute scripts of `thinker`.

    Args:
        folder: Where it lies.
        models: By name its keys as TOML.
        zoo: A folder of models.
        world: More of `[world]`.
        count: How many agents.
    """

    def __init__(
        self, folder: Path, models: dict[str, str], *, zoo: Path, world: str = "", count: int = 1,
        guest: str = "thinker/thinker.wasm", grants: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.folder, self.file = folder, folder / "it.run"
        self.allow = [f"source:{GUESTS}/*", f"source:{zoo}/*"]
        grants = (*(f"model:{name}" for name in models), *grants)
        tables = "".join(f"[models.{name}]\n{keys}\n" for name, keys in models.items())
        self.manifest = folder / "world.toml"
        self.manifest.write_text(
            f"[world]\nname = 'thinking'\n{world}\n[agents.a]\nsource = '{GUESTS / guest}'\n"
            f"count = {count}\ngrants = {list(grants)}\n{tables}"
        )

    def run(self, *scripts: str, **more: Any) -> Any:
        """Runs it; each agent gets its script, or all get the one."""
        agents = [f"a/{i}" for i in range(1, len(scripts) + 1)] if len(scripts) > 1 else ["a"]
        send = [(to, "think", script) for to, script in zip(agents, scripts, strict=True)]
        more.setdefault("file", self.file)
        more.setdefault("allow", self.allow)
        return runs.run(self.manifest, send=send, **more)

    def said(self, file: Path | None = None, agent: str | None = None) -> list[str]:
        """What the agents were answered, in order."""
        found = inspection.inspect(file or self.file, wanted=inspection.Wanted(log=True)).log
        return [line.text for line in found if agent in (None, line.agent)]

    def ask(self, script: str) -> list[str]:
        """Runs a script in a run of its own, and answers what was said."""
        self.file = self.folder / f"{len(list(self.folder.glob('*.run')))}.run"
        report = self.run(script)
        assert report.dead_letters == 0, self.said()
        return self.said()

    def replay(self, file: Path | None = None, **more: Any) -> Any:
        """Replays it."""
        return replays.replay(file or self.file, **more)
