"""Buckets that lie in a real Redis: a replay repeats no effect, and a crash doubles none."""

from __future__ import annotations

import sys

import pytest

from tests.effects.worlds import copied
from tests.stores.worlds import GUESTS, Keeping, lines, wrapped
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.control import inspection, replays, runs
from wasm_engine.host.redis_client import RedisClient
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Intent, Result
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Edits, fork


def keeping_in(redis, folder, scripts, **more):
    return Keeping(folder, scripts, keyvalue={"orders": {"redis": redis.address()}}, **more)


def of_kind(run, kind):
    bodies = (entries.decode(e.kind, e.body) for e in run.file.entries())
    return [body for body in bodies if isinstance(body, kind)]


def test_every_function_answers_as_the_worlds_own_store_does(redis, tmp_path):
    script = lines(
        "open orders", "get x", "set x one two", "get x", "exists x", "exists y", "put a 1 b 2",
        "many a b c", "list", "drop a c", "delete b", "list", "add n 5", "add n -7", "add n 0",
        "expect n", "swap 77", "get n", "expect q", "set q other", "swap mine", "again mine",
        "get q", "blob big 100000", "exists big",
    )  # fmt: skip
    said = []
    for name in ("world", "redis"):
        folder = tmp_path / name
        folder.mkdir()
        more = {"keyvalue": {"orders": {"redis": redis.address()}}} if name == "redis" else {}
        keeping = Keeping(folder, {"keeper": [script]}, **more)
        said.append(keeping.run())
        assert replays.replay(keeping.file).identical
    assert said[0] == said[1]
    with redis.client() as client:
        assert client.hget("orders", "q") == b"mine"


def test_a_replay_asks_nobody_and_intents_are_before_results(redis, tmp_path):
    keeping = keeping_in(redis, tmp_path, {"keeper": [lines("open orders", "add n 2", "get n")]})
    assert keeping.run()["keeper"] == ["ok", "= 2", "= 2"]
    with redis.client() as client:
        client.flushall()
    redis.stop()
    try:
        assert replays.replay(keeping.file).identical
        intents, results = wrapped(lambda r: (of_kind(r, Intent), of_kind(r, Result)), keeping)
    finally:
        redis.start()
    assert [it.number for it in intents] == [it.number for it in results]
    assert [it.capability for it in intents] == ["redis", "redis"]
    assert intents[0].arguments == [redis.address(), "orders", "increment", "n", 2]


def test_who_counts_at_once_loses_nothing(redis, tmp_path):
    names = [f"agent-{n}" for n in range(4)]
    scripts = {name: [lines("open orders", *["add n 1"] * 5)] for name in names}
    keeping_in(redis, tmp_path, scripts).run(workers=2)
    with redis.client() as client:
        assert client.hget("orders", "n") == b"20"


def test_a_change_whose_result_was_lost_in_a_crash_is_made_once(redis, tmp_path, monkeypatch):
    keeping = keeping_in(redis, tmp_path, {"keeper": [lines("open orders", "add n 1", "get n")]})
    perform = RedisClient.perform

    def die_after(client, issued, cancellation):
        """The intent is on the disk, Redis made the change, and nobody has noted its answer."""
        outcome = perform(client, issued, cancellation)
        if issued.arguments[2] == "increment":
            copied(keeping.file, "crashed.run")
        return outcome

    monkeypatch.setattr(RedisClient, "perform", die_after)
    keeping.run()
    monkeypatch.undo()
    crashed = tmp_path / "crashed.run"
    with redis.client() as client:
        assert client.hget("orders", "n") == b"1"
    keeping.file = crashed
    assert keeping.resume()["keeper"] == ["ok", "= 1", "= 1"]
    with redis.client() as client:
        assert client.hget("orders", "n") == b"1"
    assert replays.replay(crashed).identical


def test_a_server_that_is_away_is_a_typed_error(redis, tmp_path):
    script = lines("open orders", "get k", "set k v", "expect k", "many k", "list")
    keeping = keeping_in(redis, tmp_path, {"keeper": [script]})
    redis.stop()
    try:
        said = keeping.run()["keeper"]
    finally:
        redis.start()
    away = "error connection-failed: Redis cannot be reached; nothing was sent"
    assert said == ["ok", *[away] * 5]


def test_a_guest_that_was_evicted_while_redis_was_asked_goes_on(redis, tmp_path):
    script = lines("open orders", "add n 1", "expect n", "get n", "set k v", "swap 5", "many n k")
    chains = []
    for live in (100, 0):
        folder = tmp_path / str(live)
        folder.mkdir()
        with redis.client() as client:
            client.flushall()
        keeping = keeping_in(redis, folder, {"keeper": [script]})
        said = keeping.run(max_live=live)["keeper"]
        assert said == ["ok", "= 1", "ok", "= 1", "ok", "swapped", "many n=5 k=v"]
        chains.append(replays.replay(keeping.file).chain)
    assert chains[0] == chains[1]


def test_a_fork_takes_the_recorded_answers(redis, tmp_path):
    keeping = keeping_in(redis, tmp_path, {"keeper": [lines("open orders", "add n 1", "get n")]})
    said = keeping.run()
    with redis.client() as client:
        client.flushall()
    with fork(keeping.file, 1, tmp_path / "fork.run", Edits()) as other:
        other.execution.go(Until())
    assert keeping.said(tmp_path / "fork.run") == said
    with redis.client() as client:
        assert client.keys("*") == []


def manifest_of(redis, folder):
    source = GUESTS / "keeper" / "keeper.wasm"
    (folder / "keeper.wasm").write_bytes(source.read_bytes())
    file = folder / "world.toml"
    file.write_text(
        "[agents.keeper]\nsource = 'keeper.wasm'\ngrants = ['keyvalue:orders']\n"
        f"[keyvalue.orders]\nredis = '{redis.address(3)}'\n"
        "[[messages]]\nto = 'keeper'\ntopic = 'do'\nbody = '''open orders\nset k v'''\n"
    )
    return file


def test_the_operator_must_allow_the_server(redis, tmp_path):
    manifest, run = manifest_of(redis, tmp_path), tmp_path / "a.run"
    for allow in ([], ["redis://127.0.0.1:1"], ["http://127.0.0.1:1"]):
        with pytest.raises(Refused, match=r"redis://127\.0\.0\.1"):
            runs.run(manifest, file=run, allow=allow)
    with pytest.raises(Misuse, match="a server is redis://host:port"):
        runs.run(manifest, file=run, allow=["redis://127.0.0.1"])
    runs.run(manifest, file=run, allow=[redis.origin])
    with redis.client(3) as client:
        assert client.hgetall("orders") == {b"k": b"v"}
    # The run is remembered as one that may.
    runs.send(run, ("keeper", "do", "open orders\nset k w"))
    runs.resume(run)
    with redis.client(3) as client:
        assert client.hgetall("orders") == {b"k": b"w"}
    rows = inspection.inspect(run, wanted=inspection.Wanted(messages=True)).effects
    assert rows is not None
    asked = [(row.capability, row.arguments[:4]) for row in rows]
    assert asked == [("redis", [redis.address(3), "orders", "set", "k"])] * 2


def test_a_missing_library_is_named_before_anything_runs(redis, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.delitem(sys.modules, "wasm_engine.host.redis_client", raising=False)
    keeping = keeping_in(redis, tmp_path, {"keeper": ["open orders"]})
    with pytest.raises(Misuse, match=r"wasm-engine\[redis\]") as failure:
        keeping.begin()
    assert failure.value.code == "no-redis-client"
    assert not keeping.file.exists()
