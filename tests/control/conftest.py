"""A small world of two real components that send a number to and fro."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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


@pytest.fixture(scope="session", autouse=True)
def _private_home(tmp_path_factory):
    """Keeps what this machine remembers of runs out of the developer's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WASM_ENGINE_HOME", str(tmp_path_factory.mktemp("home")))
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
