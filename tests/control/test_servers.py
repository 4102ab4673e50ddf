"""Servers that a world may ask: the operator's word, and what is remembered of it."""

from __future__ import annotations

import shutil
import sys

import pytest

from tests.control.conftest import PING
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.control import runs
from wasm_engine.control.checks import check
from wasm_engine.control.forks import fork
from wasm_engine.control.observer import Unobserved
from wasm_engine.control.orders import Pace
from wasm_engine.control.replays import replay
from wasm_engine.host import origins, places

API = "https://api.example.com"
WORLD = f"""
[agents.a]
source = "ping.wasm"
grants = ["{API}", "http://127.0.0.1:9"]
[agents.b]
source = "ping.wasm"
grants = ["{API}"]
[[messages]]
to = "a"
topic = "start"
body = "9 b"
"""
BOTH = [API, "http://127.0.0.1:9"]


class Asked(Unobserved):
    """A person at a terminal, who says yes or no."""

    def __init__(self, yes):
        self.yes = yes
        self.grants = []

    def allows(self, grants):
        self.grants += grants
        return self.yes


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "home"))
    shutil.copyfile(PING, tmp_path / "ping.wasm")
    (tmp_path / "world.toml").write_text(WORLD)
    return tmp_path / "world.toml"


@pytest.fixture
def file(world, tmp_path):
    return tmp_path / "it.run"


def policy(*grants):
    folder = places.config_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.toml").write_text(f"allow = {list(grants)}")


def test_without_the_operators_word_nothing_begins(world, file):
    with pytest.raises(Refused) as refused:
        runs.run(world, file=file)
    assert refused.value.exit_status == 4
    assert f"--allow http://127.0.0.1:9 --allow {API}" in refused.value.hint
    assert not file.exists()
    assert check(world).missing == ("http://127.0.0.1:9", API)
    assert check(world, allow=BOTH).missing == ()


def test_all_that_it_wants_must_be_given(world):
    with pytest.raises(Refused) as refused:
        runs.run(world, allow=[API])
    assert refused.value.hint == "give it: --allow http://127.0.0.1:9"
    assert runs.run(world, allow=[*BOTH, "https://elsewhere"]).status == "idle"
    assert runs.run(world, allow=["https://*.example.com", BOTH[1]]).status == "idle"


def test_a_person_is_asked_once_for_all(world, file):
    nobody = Asked(yes=False)
    with pytest.raises(Refused):
        runs.run(world, observer=nobody)
    assert nobody.grants == ["http://127.0.0.1:9", API]
    assert runs.run(world, file=file, pace=Pace(max_steps=2), observer=Asked(yes=True)).step == 2
    assert runs.resume(file).status == "idle"


def test_what_a_run_was_given_it_has_when_it_goes_on(world, file):
    runs.run(world, file=file, allow=BOTH, pace=Pace(max_steps=2))
    assert runs.resume(file, pace=Pace(max_steps=2)).step == 4
    assert runs.resume(file).status == "idle"


def test_what_the_policy_gives_holds_only_as_long_as_it_does(world, file):
    policy(*BOTH)
    runs.run(world, file=file, pace=Pace(max_steps=2))
    runs.resume(file, pace=Pace(max_steps=1))
    policy(API)
    with pytest.raises(Refused) as refused:
        runs.resume(file)
    assert refused.value.hint == "give it: --allow http://127.0.0.1:9"
    assert runs.resume(file, allow=[BOTH[1]], pace=Pace(max_steps=1)).status == "stopped"
    assert runs.resume(file).status == "idle"
    policy()
    with pytest.raises(Refused):
        runs.resume(file)


def test_a_run_from_elsewhere_keeps_none(world, file, tmp_path, monkeypatch):
    runs.run(world, file=file, allow=BOTH, pace=Pace(max_steps=2))
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "another home"))
    with pytest.raises(Misuse, match="another machine"):
        runs.resume(file, allow=BOTH)
    with pytest.raises(Refused):
        runs.resume(file, take_over=True)
    with pytest.raises(Misuse, match="another machine"):
        runs.resume(file, allow=BOTH)
    assert runs.resume(file, take_over=True, allow=BOTH, pace=Pace(max_steps=1)).step == 3
    assert runs.resume(file).status == "idle"


def test_a_fork_may_ask_what_its_parent_may(world, file, tmp_path):
    runs.run(world, file=file, allow=BOTH, pace=Pace(max_steps=4))
    fork(file, at=2, out=tmp_path / "fork.run")
    assert runs.resume(tmp_path / "fork.run").status == "idle"
    policy(*BOTH)
    runs.run(world, file=tmp_path / "other.run", pace=Pace(max_steps=4))
    fork(tmp_path / "other.run", at=2, out=tmp_path / "its fork.run")
    policy()
    with pytest.raises(Refused):
        runs.resume(tmp_path / "its fork.run")


def test_what_is_no_grant_is_told(world, file):
    runs.run(world, file=file, allow=BOTH, pace=Pace(max_steps=2))
    with pytest.raises(Misuse, match="is no origin"):
        runs.resume(file, allow=["https://api.example.com/"])


def test_without_the_library_such_a_world_cannot_run_and_can_be_replayed(
    world, file, tmp_path, monkeypatch
):
    runs.run(world, file=file, allow=BOTH, pace=Pace(max_steps=2))
    monkeypatch.setitem(sys.modules, "urllib3", None)
    monkeypatch.delitem(sys.modules, "wasm_engine.host.http_client", raising=False)
    other = tmp_path / "other.run"
    for attempt in (
        lambda: runs.run(world, file=other, allow=BOTH),
        lambda: runs.resume(file),
    ):
        with pytest.raises(Misuse, match="urllib3") as missing:
            attempt()
        assert missing.value.code == "no-http-client"
        assert "wasm-engine[http]" in missing.value.hint
    assert not other.exists()
    assert replay(file).identical
    world.write_text(WORLD.replace("grants", "subscribe = []  #"))
    assert runs.run(world).status == "idle"


def test_what_is_remembered_may_be_of_an_older_version_or_damaged(world, file):
    run = runs.run(world, file=file, allow=BOTH, pace=Pace(max_steps=2)).run
    kept = places.data_folder() / "runs" / f"{run}.json"
    assert origins.granted(run) == sorted(BOTH)
    kept.write_text('{"docs": "/somewhere"}')
    assert (origins.origin_of(run), origins.granted(run)) == ({"docs": "/somewhere"}, [])
    origins.remember_grants(run, [API])
    assert (origins.origin_of(run), origins.granted(run)) == ({"docs": "/somewhere"}, [API])
    for text in ("[]", "{", '{"folders": 3, "grants": 4}', '{"folders": {"a": 1}, "grants": [1]}'):
        kept.write_text(text)
        assert (origins.origin_of(run), origins.granted(run)) == ({}, [])
    kept.write_text('{"folders": {}, "grants": ["nonsense", "spawn:b"]}')
    with pytest.raises(Refused):
        runs.resume(file)
