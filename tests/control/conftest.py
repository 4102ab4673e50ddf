"""A small world of two real components that send a number to and fro."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.homes import live_in
from wasm_engine.control import runs
from wasm_engine.control.orders import Outside

PING = Path(__file__).parents[2] / "guests/testing/ping/ping.wasm"
WORLD = """\
[world]
name = "pingpong"

[agents.a]
source = "ping.wasm"

[agents.b]
source = "ping.wasm"
"""


SCRIPTED = PING.parents[1] / "scripted/scripted.wasm"
TALK = """\
[world]
name = "talk"

[agents.asker]
source = "scripted.wasm"

[agents.clerk]
source = "scripted.wasm"
"""


@pytest.fixture
def talk(tmp_path):
    """A run in which one agent asks another, sets itself a timer, and keeps things."""
    folder = tmp_path / "talk"
    folder.mkdir()
    shutil.copyfile(SCRIPTED, folder / "scripted.wasm")
    manifest = folder / "world.toml"
    manifest.write_text(TALK)
    file = tmp_path / "talk.run"
    script = "ask clerk script 11:reply hello;schedule t 5000000 later x;set color blue;log hi"
    runs.run(manifest, file=file, send=[Outside("asker", "script", script)])
    return file


@pytest.fixture(scope="session", autouse=True)
def _private_home(tmp_path_factory):
    """Keeps what this machine remembers of runs out of the developer's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        live_in(patch, tmp_path_factory.mktemp("home"))
        yield


@pytest.fixture
def world(tmp_path):
    """The world's manifest, in a folder of its own."""
    folder = tmp_path / "world"
    folder.mkdir()
    shutil.copyfile(PING, folder / "ping.wasm")
    manifest = folder / "world.toml"
    manifest.write_text(WORLD)
    return manifest


@pytest.fixture
def kept(world, tmp_path):
    """A run of it that is idle: 20 messages to and fro."""
    file = tmp_path / "kept.run"
    runs.run(world, file=file, send=[Outside("a", "start", "20 b")])
    return file
