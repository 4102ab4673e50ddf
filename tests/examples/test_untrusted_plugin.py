"""The example `untrusted-plugin`: it works as advertised, and what it tries besides is refused."""

from __future__ import annotations

import importlib.util
import json
import shutil
import threading
from pathlib import Path

import pytest

from wasm_engine.cli.main import main
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import inspection, replays, runs
from wasm_engine.control.powers import powers

PLUGIN = Path(__file__).parents[2] / "examples/untrusted-plugin"


def _dictionary_module():
    spec = importlib.util.spec_from_file_location("dictionary", PLUGIN / "dictionary.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dictionary(monkeypatch):
    """The plugin's server, on whatever port is free."""
    module = _dictionary_module()
    monkeypatch.setattr(module.Request, "log_message", lambda *_: None)
    server = module.Dictionary(0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def world(dictionary, tmp_path):
    """The example, with the server where it is; answers the folder and the server's origin."""
    origin = f"http://127.0.0.1:{dictionary.server_port}"
    folder = tmp_path / "plugin"
    shutil.copytree(PLUGIN, folder)
    manifest = folder / "world.toml"
    manifest.write_text(manifest.read_text().replace("http://127.0.0.1:8809", origin))
    return folder, origin


def look(file):
    return inspection.inspect(file, wanted=inspection.Wanted(calls=True, log=True, state=True))


@pytest.mark.parametrize("policy", ["nothing-leaves.toml", "both"])
def test_it_works_and_nothing_private_leaves(world, dictionary, policy):
    folder, origin = world
    files = [folder / "nothing-leaves.toml"]
    if policy == "both":
        files.append(folder / "nothing-leaves.cedar")
    file = folder / "it.run"
    report = runs.run(folder / "world.toml", file=file, allow=[origin], policy=files)
    assert (report.status, report.dead_letters, report.denials) == ("idle", 0, 1)
    assert dictionary.received == []
    seen = look(file)
    (refusal,) = seen.refusals
    assert refusal.agent == "summariser"
    assert (refusal.action, refusal.target) == ("http", f"{origin}/telemetry")
    assert (refusal.rule, refusal.labels) == ("nothing-private-leaves", ("private",))
    call = [row for row in seen.calls if row.step == refusal.step][refusal.call]
    assert call.name.startswith("wasm-engine:agent/http#")
    assert [row.text for row in seen.log if row.level == "warning"] == ["no telemetry: forbidden"]
    replayed = replays.replay(file)
    assert replayed.identical
    assert replayed.refusals is None


def test_a_run_from_before_the_rule_tells_what_would_have_been_refused(world, dictionary, capsys):
    folder, origin = world
    file = folder / "before.run"
    report = runs.run(folder / "world.toml", file=file, allow=[origin])
    assert (report.status, report.denials) == ("idle", 0)
    assert len(dictionary.received) == 1
    assert "410,000" in dictionary.received[0]
    assert look(file).refusals == ()
    told = replays.replay(file, policy=[folder / "nothing-leaves.toml"])
    assert told.identical
    assert [(r.agent, r.action, r.rule) for r in told.refusals] == [
        ("summariser", "http", "nothing-private-leaves")
    ]
    assert len(dictionary.received) == 1
    words = ["replay", str(file), "--policy", str(folder / "nothing-leaves.toml")]
    assert main(words) == 0
    assert "the policy would have refused 1 call" in capsys.readouterr().out


def test_what_it_says_is_the_same_with_the_rule_and_without(world):
    folder, origin = world
    said = []
    for name, policy in (("with", [folder / "nothing-leaves.toml"]), ("without", [])):
        file = folder / f"{name}.run"
        runs.run(folder / "world.toml", file=file, allow=[origin], policy=policy)
        said.append(look(file).state["desk"])
    assert said[0] == said[1]
    assert json.loads(said[0]["minutes.txt"])["about"][0] == "board"


def test_a_reviewer_reads_what_it_can_ever_do(world):
    folder, origin = world
    report = powers(folder / "world.toml", [folder / "nothing-leaves.toml"])
    words = [power.words() for power in report.powers if power.kind == "summariser"]
    assert words == [
        "reads the folder papers",
        f"asks the server {origin}/, but not while it knows private (nothing-private-leaves)",
    ]
    assert report.learns == {"desk": (), "summariser": ("private",)}


def test_the_policy_in_cedar_needs_the_label_from_somewhere(world):
    folder, origin = world
    with pytest.raises(Misuse, match=r'nothing-leaves.cedar:9: no label is called "private"'):
        runs.run(folder / "world.toml", allow=[origin], policy=[folder / "nothing-leaves.cedar"])
