"""A machine without a home to write to: nothing is cached, and everything still works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wasm_engine.host import places

PING = Path(__file__).parents[2] / "guests/testing/ping/ping.wasm"
WORLD = """
[agents.a]
source = "ping.wasm"
[agents.b]
source = "ping.wasm"
[[messages]]
to = "a"
topic = "start"
body = "9 b"
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a small world."""
    shutil.copyfile(PING, tmp_path / "ping.wasm")
    (tmp_path / "world.toml").write_text(WORLD)
    return tmp_path


def command(here: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """A verb, in a process whose home cannot be."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "WASM_ENGINE"))}
    done = subprocess.run(
        [sys.executable, "-m", "wasm_engine.cli", *words, "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=here,
        env={**kept, "HOME": "/proc/nowhere"},
    )
    return done.returncode, json.loads(done.stdout)


def test_a_world_runs_and_replays(here: Path) -> None:
    status, report = command(here, "run", "world.toml", "--run", "it.run")
    assert (status, report["status"], report["messages"]) == (0, "idle", 11)
    status, report = command(here, "replay", "it.run")
    assert (status, report["identical"]) == (0, True)


def test_to_go_on_takes_the_operators_word(here: Path) -> None:
    assert command(here, "run", "world.toml", "--run", "it.run", "--max-steps", "3")[0] == 0
    status, report = command(here, "resume", "it.run")
    assert (status, report["error"]["code"]) == (2, "not-ours")
    status, report = command(here, "resume", "it.run", "--take-over")
    assert (status, report["messages"]) == (0, 11)


def test_a_user_without_a_name_has_the_home_of_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless(_uid: int) -> None:
        raise KeyError

    for name in ("HOME", "WASM_ENGINE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nameless)
    assert places.cache_folder() == Path("/.cache/wasm-engine")
