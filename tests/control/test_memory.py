"""Memory as of any step is, byte for byte, what the guest itself had."""

from __future__ import annotations

import base64
import os
import shutil

import pytest

from tests.control.conftest import PING
from wasm_engine.cli.main import main
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import runs
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.pages import PAGE
from wasm_engine.control.travel import Journey

HOME = os.environ.get("WASM_ENGINE_HOME")
MIRROR = PING.parents[1] / "mirror/mirror.wasm"
MIRRORS = """\
[world]
name = "mirrors"

[agents.a]
source = "mirror.wasm"
lifecycle = "{lifecycle}"

[agents.b]
source = "mirror.wasm"
lifecycle = "{lifecycle}"
"""
MEMORY = Wanted(messages=True, memory=True)


@pytest.fixture(params=["message", "resident"])
def lifecycle(request):
    return request.param


@pytest.fixture
def mirrors(tmp_path):
    """Runs such a world: what it is sent, one message a resumption, so one in each step."""

    def run(lifecycle, *messages):
        folder = tmp_path / lifecycle
        folder.mkdir()
        shutil.copyfile(MIRROR, folder / "mirror.wasm")
        manifest = folder / "world.toml"
        manifest.write_text(MIRRORS.format(lifecycle=lifecycle))
        file = folder / "mirrors.run"
        runs.run(manifest, file=file)
        for message in messages:
            runs.send(file, message)
            runs.resume(file)
        return file

    return run


def _shown(report):
    """What the guest said that its memory was."""
    return base64.b64decode(report.messages[-1].body["base64"])


def test_it_is_what_the_guest_showed_of_itself(mirrors, lifecycle):
    file = mirrors(lifecycle, ("a", "note", "a note"), ("a", "grow", "3"), ("a", "show", "b"))
    report = inspect(file, step=3, agent="a", wanted=MEMORY)
    (row,) = report.memory
    assert row.data == _shown(report)
    assert len(row.data) == row.size >= PAGE
    with Journey.open(file) as journey:
        journey.seek(3)
        assert journey.memory("a") == [row.data]


def test_between_messages_only_residents_have_memory(mirrors):
    file = mirrors("message", ("a", "note", "a note"))
    assert inspect(file, step=1, wanted=MEMORY).memory == ()
    with pytest.raises(Misuse, match="'a' has no memory at the end of step 1"):
        inspect(file, agent="a", wanted=MEMORY)
    file = mirrors("resident", ("a", "note", "a note"))
    report = inspect(file, step=1, wanted=MEMORY)
    assert [(row.agent, row.memory, row.data) for row in report.memory] == [("a", 0, None)]


def test_differences_between_steps_are_those_of_the_guest(mirrors):
    file = mirrors("resident", ("a", "note", "first"), ("a", "note", "second"), ("a", "show", "b"))
    wanted = Wanted(memory=True, against=1)
    (row,) = inspect(file, step=2, agent="a", wanted=wanted).memory
    assert b"firstsecond" in row.data
    assert b"first\0" in row.before
    changed = {page.address for page in row.pages}
    assert changed
    for start in range(0, row.size, PAGE):
        same = row.data[start : start + PAGE] == row.before[start : start + PAGE]
        assert same == (start not in changed)
    (back,) = inspect(file, step=1, agent="a", wanted=Wanted(memory=True, against=2)).memory
    assert (back.data, back.before) == (row.before, row.data)


def test_texts_and_parts_are_found(mirrors, tmp_path, capsys):
    file = mirrors("resident", ("a", "note", "a text to be found"))
    (row,) = inspect(file, agent="a", wanted=Wanted(memory=True, strings=12)).memory
    text, *_ = [text for text in row.strings if "found" in text.text]
    assert text.text == "a text to be found"
    region = (0, text.address, len(text.text))
    (part,) = inspect(file, agent="a", wanted=Wanted(memory=True, region=region)).memory
    assert part.data == b"a text to be found"
    out = tmp_path / "part.bin"
    where = f"{text.address:#x}:{len(text.text)}"
    words = ["--memory", "--agent", "a", "--range", where, "--out", str(out)]
    assert main(["inspect", str(file), *words]) == 0
    assert out.read_bytes() == part.data
    assert main(["inspect", str(file), *words]) == 2
    assert "exists" in capsys.readouterr().err


PYTHON = """
from wasm_agent import on, send

KEPT = [bytes(range(256)) * 400]


def where(data):
    return id(data) + bytes.__basicsize__ - 1


@on("show")
def show(message):
    KEPT.append(bytes((7 * i + len(KEPT)) % 251 for i in range(5000)))
    for data in KEPT:
        send("witness", "memory", f"{where(data)}:".encode() + data)


@on("memory")
def memory(message):
    pass
"""
PYTHON_WORLD = """\
[world]
name = "snakes"

[agents.snake]
source = "snake.py"
lifecycle = "resident"

[agents.witness]
source = "snake.py"
"""


@pytest.fixture
def own_home(monkeypatch):
    """The home from before the tests: there the interpreter is built already."""
    monkeypatch.delenv("WASM_ENGINE_HOME", raising=False)
    if HOME is not None:
        monkeypatch.setenv("WASM_ENGINE_HOME", HOME)


def test_of_a_python_agent_too(tmp_path, own_home):
    (tmp_path / "snake.py").write_text(PYTHON)
    (tmp_path / "world.toml").write_text(PYTHON_WORLD)
    file = tmp_path / "snakes.run"
    runs.run(tmp_path / "world.toml", file=file, send=[("snake", "show", "")] * 2)
    report = inspect(file, step=1, agent="snake", wanted=MEMORY)
    (row,) = [row for row in report.memory if row.memory == 0]
    told = [m for m in report.messages if m.topic == "memory"]
    assert len(told) == 5
    for message in told:
        address, _, data = base64.b64decode(message.body["base64"]).partition(b":")
        assert row.data[int(address) :][: len(data)] == data


def test_looking_changes_nothing(mirrors, lifecycle):
    file = mirrors(lifecycle, ("a", "note", "one"), ("a", "show", "b"), ("b", "note", "two"))
    with Journey.open(file) as journey:
        forth = [{agent: journey.memory(agent) for agent in journey.agents()}]
        while journey.forward():
            for _ in range(2):
                seen = {agent: journey.memory(agent) for agent in journey.agents()}
            forth.append(seen)
        while journey.back():
            for agent in journey.agents():
                assert journey.memory(agent) == forth[journey.step][agent]
