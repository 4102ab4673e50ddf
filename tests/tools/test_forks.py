"""A fork puts another component in the place of a tool's, for all who come to call it."""

from __future__ import annotations

import shutil

import pytest

from tests.binding.components import wasm_of
from tests.tools.components import CALC
from wasm_engine.cli.main import main
from wasm_engine.concepts.errors import BadComponent, Misuse
from wasm_engine.control import keyring
from wasm_engine.control.forks import Edits, fork
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.keeping import compact
from wasm_engine.control.orders import Pace
from wasm_engine.control.replays import replay
from wasm_engine.control.runs import run
from wasm_engine.control.signing import sign
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run

WORLD = """
[agents.a]
source = "handy.wasm"
tools = ["calc"]

[agents.b]
source = "handy.wasm"
tools = ["worldly"]

[agents.c]
source = "handy.wasm"
lifecycle = "resident"
tools = ["calc.add"]

[agents.free]
source = "handy.wasm"

[tools.calc]
component = "calc.wasm"

[tools.worldly]
component = "worldly.wasm"
tools = ["calc"]
"""
ADD = 'calc.add {"a":9,"b":2}'
RELAY = r'worldly.relay {"name":"calc.add","arguments":"{\"a\":9,\"b\":2}"}'


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("home")
        patch.setenv("WASM_ENGINE_HOME", str(place))
        yield place


@pytest.fixture(scope="module")
def place(folder, tmp_path_factory, home):
    """The world, a calculator that subtracts, and one that can do nothing."""
    made = tmp_path_factory.mktemp("forks")
    for name in ("handy", "calc", "worldly"):
        (made / f"{name}.wasm").write_bytes((folder / f"{name}.wasm").read_bytes())
    other = CALC.replace(
        "(i32.add (local.get 0) (local.get 1))", "(i32.sub (local.get 0) (local.get 1))"
    )
    assert other != CALC
    (made / "less.wasm").write_bytes(wasm_of(other))
    (made / "world.toml").write_text(WORLD)
    return made


@pytest.fixture(scope="module")
def kept(place):
    """A run in which each has called once what it has."""
    file = place / "kept.run"
    told = [("a", "do", ADD), ("b", "do", RELAY), ("c", "do", ADD)]
    assert run(place / "world.toml", file=file, send=told).dead_letters == 0
    assert traces(file) == {"a": "11", "b": "11", "c": "11"}
    return file


def traces(file):
    """What each was answered the last time."""
    state = inspect(file, wanted=Wanted(state=True)).state
    last = {name: it["trace"].splitlines()[-1] for name, it in state.items() if "trace" in it}
    return {name: answer.strip('"') for name, answer in last.items()}


def once_more(file):
    with Run.open(file, write=True, at=LATEST) as opened:
        opened.execution.replay()
        for name, body in (("a", ADD), ("b", RELAY), ("c", ADD)):
            opened.execution.receive(name, "do", ("text", body), [])
        opened.execution.go(Until())
        assert opened.execution.scheduler.totals.dead_letters == 0
    return traces(file)


LESS = {"a": "7", "b": "7", "c": "7"}


def _fork(kept, place, out, *names):
    last = inspect(kept).step
    edits = Edits(components=tuple((name, place / "less.wasm") for name in names))
    return fork(kept, at=last, out=out, edits=edits)


def test_all_who_can_call_it_call_the_other_one_and_the_file_alone_replays(kept, place, tmp_path):
    out, again, short = tmp_path / "fork.run", tmp_path / "again.run", tmp_path / "short.run"
    _fork(kept, place, out, "calc")
    assert once_more(out) == LESS
    assert traces(kept) == {"a": "11", "b": "11", "c": "11"}
    assert replay(out).identical
    assert replay(kept).identical
    # From checkpoints: in a fork of the fork without an edit, in a compacted run, in a resumed one.
    last = inspect(out).step
    fork(out, at=last, out=again)
    compact(out, short, step=last)
    assert once_more(again) == once_more(short) == LESS
    assert replay(again).identical
    assert replay(out, start=last).identical


def test_the_name_is_a_kinds_where_both_have_it_and_the_tools_is_told_apart(kept, place, tmp_path):
    world, both = tmp_path / "world.toml", tmp_path / "both.run"
    world.write_text(WORLD.replace("agents.free", "agents.calc"))
    for name in ("handy", "calc", "worldly"):
        shutil.copyfile(place / f"{name}.wasm", tmp_path / f"{name}.wasm")
    run(world, file=both, send=[("a", "do", ADD)])
    with pytest.raises(BadComponent, match="is no agent"):
        _fork(both, place, tmp_path / "kind.run", "calc")
    _fork(both, place, tmp_path / "tool.run", "tools/calc")
    assert once_more(tmp_path / "tool.run") == LESS


def test_what_does_not_fit_leaves_nothing(kept, place, tmp_path):
    out, last = tmp_path / "fork.run", inspect(kept).step
    for name, file, said in (
        ("calc", place / "worldly.wasm", "there is no tool 'calc.add'"),
        ("tools/none", place / "less.wasm", "there is no tool 'none'"),
        ("none", place / "less.wasm", "there is no kind 'none'"),
        ("calc", place / "world.toml", "a tool is a component"),
    ):
        with pytest.raises((BadComponent, Misuse)) as refused:
            fork(kept, at=last, out=out, edits=Edits(components=((name, file),)))
        assert said in str(refused.value)
        assert not out.exists()


def test_whoever_is_in_the_middle_of_a_message_calls_what_it_began_with(kept, place, tmp_path):
    busy, out = tmp_path / "busy.run", tmp_path / "fork.run"
    send_all = [("a", "do", f"@free {ADD}\n{ADD}")]
    run(place / "world.toml", file=busy, send=send_all, pace=Pace(max_steps=1))
    edits = Edits(components=(("calc", place / "less.wasm"),))
    with pytest.raises(Misuse, match="a is in the middle of a message"):
        fork(busy, at=1, out=out, edits=edits)
    assert not out.exists()


def test_the_operator_wants_it_signed(kept, place, tmp_path, monkeypatch, capsys):
    home = tmp_path / "home"
    monkeypatch.setenv("WASM_ENGINE_HOME", str(home))
    keyring.trust(keyring.new("ada").file, "ada")
    for name in ("handy", "calc", "worldly", "less"):
        shutil.copyfile(place / f"{name}.wasm", tmp_path / f"{name}.wasm")
    (tmp_path / "world.toml").write_text(WORLD)
    for name in ("handy", "calc", "worldly"):
        sign(tmp_path / f"{name}.wasm", key="ada")
    (home / "config/policy.toml").write_text('require-signers = ["ada"]\n')
    mine, out = tmp_path / "mine.run", tmp_path / "fork.run"
    run(tmp_path / "world.toml", file=mine, send=[("a", "do", ADD)])
    words = ["fork", str(mine), "--at", "1", "--out", str(out)]
    words += ["--component", f"calc={tmp_path / 'less.wasm'}"]
    assert main(words) == 4
    assert "is not signed" in capsys.readouterr().err
    sign(tmp_path / "less.wasm", key="ada")
    assert main(words) == 0
    assert once_more(out) == LESS
