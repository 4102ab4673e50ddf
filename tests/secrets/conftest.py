"""A world whose agents use a secret of the operator's, with a server that gets it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.effects.server import Server, running
from wasm_engine.control import inspection, replays, runs
from wasm_engine.control.reports import RunReport
from wasm_engine.control.secrets import set_secret
from wasm_engine.journal.runfile import RunFile

CALLER = Path(__file__).parent / "agents/caller.py"
VALUE = 'sk-live/Very"Secret\\1+2&3'


@pytest.fixture(autouse=True)
def _own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the operator keeps, and wrote, is the test's own."""
    monkeypatch.delenv("WASM_ENGINE_HOME", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def server() -> Iterator[Server]:
    """Who gets the secret."""
    with running() as made:
        yield made


class Calls:
    """A world with a `caller`, who may use the secret, and a `thief`, who may not."""

    def __init__(self, folder: Path, origin: str) -> None:
        self.origin = origin
        self.file = folder / "calls.run"
        self.manifest = folder / "world.toml"
        shutil.copyfile(CALLER, folder / "caller.py")
        self.describe()
        set_secret("api-key", VALUE)

    def describe(self, places: str = "['header']", *, more: str = "") -> None:
        """Writes the manifest."""
        self.manifest.write_text(
            "[agents.caller]\nsource = 'caller.py'\nlifecycle = 'resident'\n"
            f"grants = ['secret:api-key', '{self.origin}', 'http://127.0.0.1:9']\n"
            f"[agents.thief]\nsource = 'caller.py'\ngrants = ['{self.origin}']\n"
            f"[secrets.api-key]\nfor = ['{self.origin}']\nin = {places}\n{more}"
        )

    @property
    def allow(self) -> list[str]:
        """What the operator gives."""
        return [self.origin, "http://127.0.0.1:9", "secret:api-key"]

    def run(self, *orders: dict[str, Any] | tuple[str, str, str], **more: Any) -> RunReport:
        """Runs it; an order is for `call` of the caller, its URL a path of the server."""
        send = [it if isinstance(it, tuple) else self._order(it) for it in orders]
        return runs.run(self.manifest, file=self.file, send=send, **{"allow": self.allow, **more})

    def _order(self, order: dict[str, Any]) -> tuple[str, str, str]:
        url = order.get("url", "/echo")
        full = url if "://" in url else self.origin + url
        return "caller", "call", json.dumps({**order, "url": full})

    def log(self) -> list[str]:
        """What the agents logged."""
        found = inspection.inspect(self.file, wanted=inspection.Wanted(log=True)).log
        assert found is not None
        return [line.text for line in found]

    def replays(self) -> bool:
        """Whether a replay is identical."""
        return replays.replay(self.file).identical

    def bytes(self) -> Iterator[bytes]:
        """All that the run holds, unpacked: entries, details, contents, checkpoints; and as it lies
        on the disk."""
        with RunFile.open(self.file) as run:
            for entry in run.entries():
                yield entry.body
                yield entry.detail or b""
            for digest in run.contents():
                yield run.content(digest)
            for row in run.checkpoints():
                yield run.checkpoint(row)
        for beside in self.file.parent.glob(self.file.name + "*"):
            yield beside.read_bytes()


@pytest.fixture
def calls(tmp_path: Path, server: Server) -> Calls:
    """The world."""
    return Calls(tmp_path, server.origin)
