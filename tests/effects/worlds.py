"""Worlds whose agents ask a server of the test, and what is looked for in their runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from wasm_engine.control import inspection, replays, runs
from wasm_engine.control.reports import RunReport

AGENTS = Path(__file__).parent / "agents"


class Asking:
    """A world in a folder: agents `client` (or several) and `idler`, which may not ask."""

    def __init__(self, folder: Path, origin: str, *, world: str = "", client: str = "") -> None:
        self.folder, self.origin = folder, origin
        self.file = folder / "it.run"
        shutil.copyfile(AGENTS / "client.py", folder / "client.py")
        self.manifest = folder / "world.toml"
        self.manifest.write_text(
            f"[world]\n{world}\n[agents.client]\nsource = 'client.py'\ngrants = ['{origin}']\n"
            f"{client}\n[agents.idler]\nsource = 'client.py'\n"
        )

    def run(self, *messages: tuple[str, str, Any], **more: Any) -> RunReport:
        """Runs it; bodies are JSON, or text."""
        send = [
            (to, topic, body if isinstance(body, str) else json.dumps(body))
            for to, topic, body in messages
        ]
        more.setdefault("file", self.file)
        more.setdefault("allow", [self.origin])
        return runs.run(self.manifest, send=send, **more)

    def url(self, path: str) -> str:
        """Where the server has a path."""
        return self.origin + path

    def log(self, file: Path | None = None, agent: str | None = None) -> list[str]:
        """What the agents logged, in order."""
        wanted = inspection.Wanted(log=True)
        found = inspection.inspect(file or self.file, wanted=wanted).log
        assert found is not None
        return [line.text for line in found if agent in (None, line.agent)]

    def replay(self, file: Path | None = None, **more: Any) -> Any:
        """Replays it."""
        return replays.replay(file or self.file, **more)


def copied(file: Path, name: str) -> Path:
    """A run as a crash at this moment would leave it: its files as they are."""
    for beside in ("", "-wal", "-shm"):
        source = file.with_name(file.name + beside)
        if source.exists():
            shutil.copyfile(source, file.with_name(name + beside))
    return file.with_name(name)
