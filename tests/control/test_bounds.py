"""A world that asks for more than the operator lets any have does not begin here, nor go on."""

from __future__ import annotations

import json

import pytest

from wasm_engine.cli.main import main
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.control import checks, forks, inspection, replays, runs
from wasm_engine.control.orders import Outside
from wasm_engine.control.powers import powers
from wasm_engine.journal.runfile import RunFile

START = [Outside("a", "start", "4 b")]


@pytest.fixture
def policy(tmp_path, monkeypatch):
    """This machine's policy file, of this test alone; what runs there are it does not know."""
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "home"))
    file = tmp_path / "home/config/policy.toml"
    file.parent.mkdir(parents=True)
    return file


def test_what_asks_for_too_much_is_refused_before_anything_is_written(policy, world, tmp_path):
    policy.write_text('[bounds]\nmemory = "128 MiB"\nfuel = 9_000_000_000\nqueue = "1 MiB"\n')
    file = tmp_path / "a.run"
    for attempt in (
        lambda: runs.run(world, file=file),
        lambda: checks.check(world),
        lambda: runs.load(world),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert (refused.value.code, refused.value.exit_status) == ("beyond-bounds", 4)
        assert str(refused.value).splitlines()[:4] == [
            f"{world}: asks for more than may be had on this machine:",
            f"  agents.a.memory: 256 MiB; at most 128 MiB ({policy}:2)",
            f"  agents.b.memory: 256 MiB; at most 128 MiB ({policy}:2)",
            f"  limits.queue: 256 MiB; at most 1 MiB ({policy}:4)",
        ]
    assert not file.exists()


def test_bounds_that_are_met_leave_no_trace_in_the_history(policy, world):
    plain = runs.run(world, send=START)
    policy.write_text('[bounds]\nmemory = "256 MiB"\nagents = 2\ncount = 1\nstorage = 0\n')
    bounded = runs.run(world, send=START)
    assert (plain.chain, plain.status) == (bounded.chain, "idle")
    assert checks.check(world).agents == ("a", "b")


def test_a_run_goes_on_only_within_the_bounds_of_the_day(policy, world, tmp_path):
    file, other = tmp_path / "a.run", tmp_path / "b.run"
    runs.run(world, file=file, send=START)
    with RunFile.open(file) as run:
        before = run.chain
    policy.write_text("[bounds]\nagents = 1\n")
    for attempt in (lambda: runs.resume(file), lambda: forks.fork(file, at=2, out=other)):
        with pytest.raises(Refused, match=r"agents: 2; at most 1 \("):
            attempt()
    with RunFile.open(file) as run:
        assert run.chain == before
    assert not other.exists()
    # Whoever only looks is bound by nothing.
    assert replays.replay(file).identical
    assert inspection.inspect(file).step > 2
    policy.write_text("[bounds]\nagents = 2\n")
    assert runs.resume(file).status == "idle"
    assert forks.fork(file, at=2, out=other).at == 2


def test_of_several_files_the_tightest_bound_counts(policy, world, tmp_path):
    tight, wide = tmp_path / "tight.toml", tmp_path / "wide.toml"
    policy.write_text("[bounds]\nfuel = 6_000_000_000\nmailbox = 2000\n")
    tight.write_text("\n[bounds]\nfuel = 4_000_000_000\n")
    wide.write_text("[bounds]\nfuel = 9_000_000_000\nmailbox = 9000\n")
    file = tmp_path / "a.run"
    runs.run(world, file=file, policy=[wide], send=START)
    for attempt in (
        lambda: runs.run(world, policy=[wide, tight]),
        lambda: runs.resume(file, policy=[tight]),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        told = f"agents.a.fuel: 5_000_000_000; at most 4_000_000_000 ({tight}:3)"
        assert told in str(refused.value)
    wide.write_text("[bounds]\nfule = 1\n")
    with pytest.raises(Misuse, match=rf'{wide}:2: bounds.fule: unknown key; did you mean "fuel"'):
        runs.run(world, policy=[wide])


def test_the_verb_says_what_there_may_be_and_what_is_asked(policy, world, capsys):
    policy.write_text('[bounds]\nmemory = "1 GiB"\nagents = 1\n')
    report = powers(world)
    assert [(it.key, it.at, it.asked, it.most, it.within) for it in report.bounds] == [
        ("memory", "agents.a.memory", 256 << 20, 1 << 30, True),
        ("memory", "agents.b.memory", 256 << 20, 1 << 30, True),
        ("agents", "agents", 2, 1, False),
    ]
    assert main(["policy", str(world)]) == 0
    memory = f"  linear memory of one agent: at most 1 GiB ({policy}:2)"
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "of this machine it may have:",
        f"{memory}; agents.a.memory asks for 256 MiB",
        f"{memory}; agents.b.memory asks for 256 MiB",
        f"  agents at a time, of all kinds together: at most 1 ({policy}:3); agents asks for 2, "
        "too much",
    ]
    assert main(["run", str(world), "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "beyond-bounds"
