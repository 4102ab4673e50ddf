"""A divergence says why, and where the agent's source makes the call, wherever it is met."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.replay.forger import forge, seal
from tests.replay.golden_worlds import GUESTS
from tests.replay.liars import Liar
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import ReplayDivergence
from wasm_engine.control.orders import Pace
from wasm_engine.control.replays import replay
from wasm_engine.control.runs import resume, run, send
from wasm_engine.journal.entries import Kind
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World
from wasm_engine.world import run as world_run

VOTES = Path(__file__).parents[2] / "examples/votes"
PING = """
[agents.a]
source = "ping.wasm"
[agents.b]
source = "ping.wasm"
[[messages]]
to = "a"
topic = "start"
body = "9 b"
"""


@pytest.fixture(scope="module")
def votes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of agents in Python and in C."""
    file = tmp_path_factory.mktemp("votes") / "votes.run"
    assert run(VOTES / "world.toml", file=file).status == "idle"
    return file


def test_another_source_is_told_with_its_own_lines(votes, tmp_path):
    text, call = (VOTES / "voter.py").read_text(), 'send("ballot", "vote", random'
    assert call in text
    head, _, tail = text.partition(call)
    other = tmp_path / "voter.py"
    other.write_text(f"{head}cast()\n\n\ndef cast():\n    {call}{tail.replace('yes', 'aye')}")
    lines = other.read_text().splitlines()
    vote, cast = lines.index("    cast()") + 1, len(lines)
    found = replay(votes, components={"voter": other}).divergence
    assert found is not None
    assert (found.step, found.cause) == (2, "component")
    assert found.line == f"voter.py:{cast} cast, from voter.py:{vote} vote"


def test_a_host_that_answers_otherwise_is_told_with_the_line_that_asked(votes, monkeypatch):
    table = dict(world_run.host_functions())
    liar = Liar()
    monkeypatch.setattr(world_run, "host_functions", lambda: liar.table(table))
    assert replay(votes).identical
    call = next(c for c in liar.calls if c.agent.startswith("voter/"))
    liar = Liar(call)
    found = replay(votes).divergence
    assert found is not None
    assert (found.step, found.agent, found.call) == (call.step, call.agent, call.ordinal)
    assert (found.cause, found.line) == ("recorded answer", "voter.py:10 vote")


def test_the_command_line_says_all_of_it(votes, tmp_path):
    other = tmp_path / "voter.py"
    other.write_text((VOTES / "voter.py").read_text().replace("yes", "aye"))
    words = ["replay", str(votes), "--component", f"voter={other}"]
    done = subprocess.run(
        [sys.executable, "-m", "wasm_engine.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 3
    assert "diverged at step 2" in done.stdout
    assert "\n  at voter.py:10 vote\n" in done.stdout
    assert "\n  cause: component: a component was given that is not" in done.stdout


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that was stopped, and changed in a step that no checkpoint comes after."""
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "home"))
    shutil.copyfile(GUESTS / "ping/ping.wasm", tmp_path / "ping.wasm")
    (tmp_path / "world.toml").write_text(PING)
    file = tmp_path / "ping.run"
    assert run(tmp_path / "world.toml", file=file, pace=Pace(max_steps=4)).status == "stopped"
    with sqlite3.connect(file) as db:
        db.execute("DELETE FROM checkpoint")
        seal(db)
    db.close()

    def edit(kind: int, body: bytes) -> bytes:
        fields = canonical.decode(body)
        if kind != Kind.STEP or fields[0] != 3:
            return body
        fields[2][0][5] += 1
        return canonical.encode(fields)

    assert forge(file, edit) == 1
    return file


@pytest.mark.parametrize("go_on", [resume, lambda file: send(file, ("a", "start", "1 b"))])
def test_who_goes_on_is_told_why_not(changed, go_on):
    with pytest.raises(ReplayDivergence, match="step 3") as met:
        go_on(changed)
    assert met.value.cause == "journal"
    assert "cause: journal" in str(met.value)


def test_a_component_with_debug_information_is_told_with_its_lines(tmp_path, monkeypatch):
    agents = {name: {"source": "lined.wasm"} for name in ("a", "b")}
    messages = [{"to": "a", "topic": "tell", "body": "b"}]
    file, folder = tmp_path / "lined.run", GUESTS / "lined"
    with World.from_mapping({"agents": agents, "messages": messages}, folder).begin(file) as made:
        made.execution.go(Until())
    table, liar = dict(world_run.host_functions()), Liar()
    monkeypatch.setattr(world_run, "host_functions", lambda: liar.table(table))
    assert replay(file).identical
    liar = Liar(liar.calls[0])
    found = replay(file).divergence
    assert found is not None
    assert (found.step, found.agent, found.cause) == (1, "a", "recorded answer")
    source = (folder / "lined.c").read_text().splitlines()
    told = next(n for n, line in enumerate(source, 1) if "messaging_send" in line)
    handled = next(n for n, line in enumerate(source, 1) if "return tell(" in line)
    assert found.line is not None
    assert found.line.endswith(
        f" messaging_send, from lined.c:{told} tell, from lined.c:{handled} agent_handle"
    )
