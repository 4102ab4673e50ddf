"""A run from elsewhere, with grants on this machine: to look at it or replay it touches nothing.

Every file that the process opens, every folder that it lists, every address that it looks up or
connects to is noted by an audit hook of the interpreter, in a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.effects.server import running
from wasm_engine.control import runs

FETCH = Path(__file__).parents[2] / "guests/testing/fetch/fetch.wasm"
AUDIT = """
import json, os, sys
seen = []
WATCHED = ("open", "os.listdir", "os.scandir", "socket.connect", "socket.getaddrinfo",
           "socket.bind", "sqlite3.connect", "os.remove", "os.rename", "os.mkdir", "os.chmod")
def note(event, arguments):
    if event in WATCHED:
        seen.append([event, [str(it) for it in arguments[:2]]])
    if event == "os.chdir" or event.startswith("os.exec"):
        seen.append([event, []])
from wasm_engine.cli.main import main
sys.addaudithook(note)
status = [main(words) for words in json.loads(sys.argv[1])]
taken = list(seen)
print(json.dumps([status, taken]))
"""
WORLD = """
[agents.asker]
source = "fetch.wasm"
config = {{ args = ["GET", "http", "{authority}", "/same"] }}
grants = ["{origin}"]
mounts = ["private"]
[mounts.private]
path = "{private}"
at = "/private"
[[messages]]
to = "asker"
topic = "go"
"""


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    """A run that was made here, with a folder and a server, and is now in another's home."""
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "first home"))
    private = tmp_path / "private"
    private.mkdir()
    (private / "secret.txt").write_text("secret")
    world = tmp_path / "world"
    world.mkdir()
    shutil.copyfile(FETCH, world / "fetch.wasm")
    with running() as server:
        authority = server.origin.partition("://")[2]
        text = WORLD.format(origin=server.origin, authority=authority, private=private)
        (world / "world.toml").write_text(text)
        file = tmp_path / "mailed" / "it.run"
        file.parent.mkdir()
        allow = [server.origin, f"mount:{private}"]
        assert runs.run(world / "world.toml", file=file, allow=allow).status == "idle"
        asked = len(server.seen)
        assert asked == 1
        yield file, tmp_path / "second home", private, server
        assert len(server.seen) == asked


def test_replay_and_inspect_open_the_file_and_nothing_of_the_machine(foreign):
    file, home, private, _ = foreign
    verbs = [
        ["replay", str(file)],
        ["inspect", str(file), "--state", "--calls", "--messages", "--log"],
        ["diff", str(file), str(file)],
    ]
    environment = {**os.environ, "WASM_ENGINE_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", AUDIT, json.dumps(verbs)],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    status, seen = json.loads(done.stdout.splitlines()[-1])
    assert status == [0, 0, 0], done.stderr
    assert [row for row in seen if row[0].startswith("socket.")] == []
    touched = {row[1][0] for row in seen if row[1]}
    assert not any(str(private) in path for path in touched)
    allowed = (
        *(sys.prefix, sys.base_prefix, str(home), str(file.parent), str(Path(__file__).parents[2])),
        # How much memory the machine has to give, and where the new home is made.
        *("/proc/self", "/proc/sys/vm/", "/dev/", "/sys/"),
    )
    beyond = {path for path in touched if path.startswith("/") and not path.startswith(allowed)}
    assert beyond <= {str(home.parent)}
    assert any(path.startswith(str(home)) for path in touched), "the hook noted nothing"
