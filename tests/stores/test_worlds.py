"""Worlds whose agents share buckets and containers, by the standard interfaces alone."""

from __future__ import annotations

import pytest

from tests.stores.worlds import Keeping, lines, service, wrapped
from wasm_engine.concepts.errors import BadManifest
from wasm_engine.control import inspection, replays
from wasm_engine.orchestrator.execution import Until
from wasm_engine.orchestrator.snapshot import encode as snapshot
from wasm_engine.world import LATEST, Edits, Run, World, fork


def test_every_function_of_wasi_keyvalue_as_a_component_calls_it(tmp_path):
    script = [
        ("open orders", ["ok"]),
        ("get x", ["none"]),
        ("set x one two", ["ok"]),
        ("get x", ["= one two"]),
        ("exists x", ["yes"]),
        ("exists y", ["no"]),
        ("put a 1 b 2", ["ok"]),
        ("many a b c", ["many a=1 b=2 none"]),
        ("list", ["1 a b x"]),
        ("drop a c", ["ok"]),
        ("delete b", ["ok"]),
        ("list", ["1 x"]),
        ("add n 5", ["= 5"]),
        ("add n -7", ["= -2"]),
        ("add x 1", ["error not-a-number: the value under the key is no whole number"]),
        ("expect n", ["ok"]),
        ("swap 77", ["swapped"]),
        ("get n", ["= 77"]),
        ("expect q", ["ok"]),
        ("set q other", ["ok"]),
        ("swap mine", ["differs", "= other"]),
        ("again mine", ["swapped"]),
        ("get q", ["= mine"]),
    ]
    said = Keeping(tmp_path, {"keeper": [lines(*(do for do, _ in script))]}).run()
    assert said["keeper"] == [text for _, answer in script for text in answer]


def test_no_increment_of_the_same_step_is_lost(tmp_path):
    names = [f"agent-{n}" for n in range(5)]
    scripts = {name: [lines("open orders", *["add n 1"] * 4, "get n")] for name in names}
    keeping = Keeping(tmp_path, scripts)
    said = keeping.run(workers=2)
    sums = sorted(int(text[2:]) for name in names for text in said[name][1:5])
    assert sums == list(range(1, 21))
    assert {said[name][-1] for name in names} == {"= 20"}
    assert keeping.said() == said
    assert replays.replay(keeping.file).identical


def test_of_two_swaps_of_one_step_one_wins_and_the_other_is_told_what_is_there(tmp_path):
    scripts = {n: [lines("open orders", "expect k", f"again {n}")] for n in ("left", "right")}
    said = Keeping(tmp_path, scripts).run()
    first, second = sorted(said.values(), key=len)
    winner = "left" if said["left"] is first else "right"
    assert first == ["ok", "ok", "swapped"]
    assert second == ["ok", "ok", "differs", f"= {winner}", "swapped"]


def test_reads_are_as_of_the_steps_start_and_ones_own_writes_are_seen(tmp_path):
    scripts = {
        "reader": [lines("open orders", "get k", "set other 1", "get k")],
        "writer": [lines("open orders", "set k new", "get k")],
    }
    said = Keeping(tmp_path, scripts).run()
    assert said["writer"] == ["ok", "ok", "= new"]
    # In its first step the reader sees what was there before; in its second what was written then.
    assert said["reader"] == ["ok", "none", "ok", "= new"]


def test_what_is_not_granted_is_denied_and_counted(tmp_path):
    grants = {"reader": ["keyvalue-read:orders"], "stranger": []}
    tries = ["get k", "exists k", "many k", "list", "set k v", "delete k", "add k 1"]
    tries += ["put k v", "drop k", "expect k", "swap v"]
    scripts = {"reader": [lines("open orders", *tries)], "stranger": [lines("open orders")]}
    keeping = Keeping(tmp_path, scripts, grants)
    said = keeping.run()
    denied = "error access-denied"
    assert said["stranger"] == [denied]
    assert said["reader"] == [
        "ok", "none", "no", "many none", "1", *[denied] * 5, "ok", denied,
    ]  # fmt: skip
    assert wrapped(lambda run: run.execution.scheduler.totals.denials, keeping) == 7
    assert wrapped(lambda run: service(run).names(), keeping) == []


def test_a_bucket_is_bounded_by_the_manifest(tmp_path):
    keyvalue = {"orders": {"max-keys": 2, "max-bytes": "1 KiB"}}
    script = ["open orders", "put a 1 b 2", "set c 3", "blob a 2000", "delete a", "set c 3", "list"]
    said = Keeping(tmp_path, {"keeper": [lines(*script)]}, keyvalue=keyvalue).run()
    full = ["error quota-exceeded: the bucket holds 2 keys"]
    full += ["error quota-exceeded: the bucket holds 1024 bytes"]
    assert said["keeper"] == ["ok", "ok", *full, "ok", "ok", "1 b c"]


def test_keys_and_values_that_are_too_large_are_refused(tmp_path):
    script = ["open orders", "blob k 2097152", "blob k 2097153", f"get {'k' * 513}", "list"]
    said = Keeping(tmp_path, {"keeper": [lines(*script)]}).run()
    assert said["keeper"] == [
        "ok",
        "ok",
        "error too-large: a value is at most 2097152 bytes",
        "error too-large: a key is at most 512 bytes",
        "1 k",
    ]


def test_a_write_costs_host_work_by_the_byte(tmp_path):
    def work(size):
        folder = tmp_path / str(size)
        folder.mkdir()
        keeping = Keeping(folder, {"keeper": [lines("open orders", f"blob k {size}")]})
        with keeping.begin() as run:
            parts = []
            run.execution.scheduler.observe = lambda ran: parts.extend(it.part.work for it in ran)
            run.execution.go(Until())
        return sum(parts)

    assert work(20_000) - work(10_000) == 10_000 * (40 + 10)


def test_a_store_is_there_again_after_a_resume_and_in_a_fork(tmp_path):
    script = ["open orders", "add n 1", "set k v", "expect k", "add n 1", "swap w", "get k"]
    keeping = Keeping(tmp_path, {"keeper": [lines(*script)] * 3})
    with keeping.begin() as run:
        run.execution.go(Until(max_steps=6))
        run.execution.checkpoints.make(anyhow=True)
        half = service(run).freeze()
        told = snapshot(run.execution.scheduler, lambda it: it.digest)
    assert half != []
    with Run.open(keeping.file, write=True, at=LATEST) as run:
        run.execution.replay()
        assert snapshot(run.execution.scheduler, lambda it: it.digest) == told
        assert service(run).freeze() == half
        run.execution.go(Until())
        end = service(run).freeze()
    # It was in the middle of a message, with a bucket and a cas in its hands.
    assert keeping.said()["keeper"] == [
        answer
        for n in (1, 3, 5)
        for answer in ("ok", f"= {n}", "ok", "ok", f"= {n + 1}", "swapped", "= w")
    ]
    assert end == [["orders", [["k", b"w"], ["n", b"6"]]]]
    assert replays.replay(keeping.file).identical
    with fork(keeping.file, 6, tmp_path / "fork.run", Edits()) as other:
        assert service(other).freeze() == half
        other.execution.go(Until())
        assert service(other).freeze() == end


@pytest.mark.parametrize("guest", ["keeper", "blobs"])
def test_guests_that_are_dropped_and_made_again_go_on_as_if_they_had_not_been(tmp_path, guest):
    operations = {
        "keeper": ["open orders", "add n 1", "expect n", "get n", "add n 1", "swap 0", "again 1"],
        "blobs": ["create orders", "container orders", "write a x", "names 9", "stream a", "clear"],
    }[guest]
    kind = {"keeper": "keyvalue", "blobs": "blobstore"}[guest]
    grants = {name: [f"{kind}:orders"] for name in ("a", "b", "c")}
    said = []
    for live in (100, 0):
        folder = tmp_path / str(live)
        folder.mkdir()
        scripts = {name: [lines(*operations)] * 2 for name in grants}
        keeping = Keeping(folder, scripts, grants, guest=guest)
        said.append((keeping.run(max_live=live), replays.replay(keeping.file).chain))
    assert said[0] == said[1]


def test_a_world_that_shares_nothing_has_no_service(tmp_path):
    keeping = Keeping(tmp_path, {"keeper": [lines("open orders")]}, {"keeper": []})
    with keeping.begin() as run:
        assert run.execution.scheduler.world.services == {}
        run.execution.go(Until())
    assert keeping.said() == {"keeper": ["error access-denied"]}


def test_configuration_and_log_by_the_standard_interfaces(tmp_path):
    config = {"name": "n", "limit": 5, "on": True, "rate": 1.5, "deep": {"a": 1}, "list": [1]}
    script = ["config name", "config limit", "config deep", "config none", "configs"]
    script += ["log 0 a b c", "log 1 - d", "log 2 - i", "log 3 - w", "log 4 - e", "log 5 x f"]
    keeping = Keeping(tmp_path, {"keeper": [lines(*script)]}, kind={"config": config})
    said = keeping.run()["keeper"]
    assert said[:6] == ["a: b c", "d", "i", "w", "e", "x: f"]
    assert said[6:] == ["= n", "= 5", "none", "none", "limit=5", "name=n", "on=true", "rate=1.5"]
    rows = inspection.inspect(keeping.file, wanted=inspection.Wanted(log=True)).log
    levels = [row.level for row in rows or ()][:6]
    assert levels == ["debug", "debug", "info", "warning", "error", "error"]


def test_every_function_of_wasi_blobstore_as_a_component_calls_it(tmp_path):
    script = [
        ("there docs", ["no"]),
        ("container docs", ["error no-such-container: docs"]),
        ("create docs", ["ok"]),
        ("create docs ", ["error access-denied: docs "]),
        ("about", ["docs 1735689600"]),
        ("write a hello world", ["ok"]),
        ("read a 0 4", ["= hello"]),
        ("read a 6 100", ["= world"]),
        ("read a 5 2", ["error invalid-request: the end is before the start"]),
        ("read b 0 1", ["error no-such-object: b"]),
        ("twice b c both", ["ok"]),
        ("forget d lost", ["ok"]),
        ("has d", ["no"]),
        ("has c", ["yes"]),
        ("names 2", ["names a b, c."]),
        ("info a", ["docs/a 11 1735689600"]),
        ("fill big 100000", ["ok"]),
        ("stream big", ["100000 of 100000"]),
        ("copy docs a docs e", ["ok"]),
        ("move docs b docs f", ["ok"]),
        ("copy docs none docs g", ["error no-such-object: none"]),
        ("copy docs a other g", ["error access-denied: other"]),
        ("names 100", ["names a big c e f."]),
        ("drop a e nothing", ["ok"]),
        ("delete c", ["ok"]),
        ("names 1", ["names big, f."]),
        ("clear", ["ok"]),
        ("names 3", ["names"]),
        ("remove docs", ["ok"]),
        ("names 4", ["error no-such-container: docs"]),
    ]
    keeping = Keeping(
        tmp_path,
        {"blobs": [lines(*(do for do, _ in script))]},
        {"blobs": ["blobstore:docs"]},
        guest="blobs",
    )
    assert keeping.run()["blobs"] == [text for _, answer in script for text in answer]
    assert replays.replay(keeping.file).identical


def test_objects_are_bounded_and_shared_and_there_after_a_resume(tmp_path):
    grants = {"writer": ["blobstore:docs"], "reader": ["blobstore-read:docs"]}
    scripts = {
        "writer": [lines("create docs", "fill a 5000", "fill b 5000", "fill a 2000", "write b x")],
        "reader": [lines("there docs", "create docs", "remove docs")],
    }
    bounds = {"docs": {"max-bytes": 6000}}
    keeping = Keeping(tmp_path, scripts, grants, guest="blobs", blobstore=bounds)
    with keeping.begin() as run:
        run.execution.go(Until(max_steps=3))
        run.execution.checkpoints.make(anyhow=True)
        late = lines("container docs", "write c x", "names 9", "copy docs a docs c", "clear")
        run.execution.receive("reader", "do", ("text", late), [])
    said = keeping.resume()
    full = "error quota-exceeded: the container holds 6000 bytes"
    assert said["writer"] == ["ok", "ok", full, "ok", "ok"]
    no = "error access-denied: docs"
    late = ["ok", no, "ok", "names a.", no, no]  # of a write whose place was refused all is well
    assert said["reader"] == ["no", no, no, *late]
    frozen = wrapped(lambda run: service(run, "blobstore").freeze(), keeping)
    ((name, _, objects),) = frozen
    assert (name, [(key, len(data)) for key, _, data in objects]) == (
        "docs",
        [("a", 2000), ("b", 1)],
    )
    assert replays.replay(keeping.file).identical


@pytest.mark.parametrize(
    ("keyvalue", "says"),
    [
        ({"b": {"redis": "redis://user:secret@host:6379/0"}}, "without user or password"),
        ({"b": {"redis": "redis://host/0"}}, "host, port and number"),
        ({"b": {"redis": "redis://host:70000/0"}}, "redis://host:port"),
        ({"b": {"redis": "redis://h:1/0", "max-keys": 5}}, "Redis bounds it"),
        ({"no/name": {}}, "cannot name a bucket"),
        ({"b": {"max-bytes": -1}}, "max-bytes"),
    ],
)
def test_mistakes_in_a_buckets_table_are_named(keyvalue, says):
    with pytest.raises(BadManifest, match=says):
        World.from_mapping({"agents": {"a": {"source": "a.wasm"}}, "keyvalue": keyvalue})
