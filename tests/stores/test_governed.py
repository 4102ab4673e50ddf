"""Stores under a policy: who may write what, and labels that go through them into others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stores.worlds import GUESTS, Keeping, lines
from wasm_engine.concepts.segment import DENIED as REFUSAL
from wasm_engine.control import inspection, replays
from wasm_engine.control.policies import enforce
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

DENIED = "error access-denied"
SERVER = "http://127.0.0.1:9"
"""Nobody listens there: whoever is let pass is told so."""
RULES = """
[[forbid]]
name = "not-to-the-sink"
actions = ["send"]
targets = ["sink"]
labels = ["secret"]

[[forbid]]
name = "nothing-leaves"
actions = ["http"]
labels = ["secret"]
"""
WAYS = {
    "bucket": ("keeper", "keyvalue", "open {}\nset k 4711", "open {}\nget k"),
    "container": ("blobs", "blobstore", "create {}\nwrite k 4711", "container {}\nread k 0 9"),
}
"""By the kind of store: the guest, the interface, how one is filled, and how it is read."""


def governed(keeping: Keeping, name: str, policy: str, **more: Any) -> dict[str, list[str]]:
    """Runs a world under a policy; answers what each agent said."""
    file = keeping.file.with_name(name)
    file.write_text(policy)
    with keeping.begin(**more) as run:
        enforce(run, [file])
        assert run.execution.go(Until()) == "idle"
    assert replays.replay(keeping.file).identical
    rows = inspection.inspect(keeping.file, wanted=inspection.Wanted(log=True)).log or ()
    said: dict[str, list[str]] = {name: [] for name in keeping.manifest["agents"]}
    for row in rows:
        if row.level != REFUSAL:
            said[row.agent].append(row.text)
    return said


def refusals(file: Path) -> list[tuple[Any, ...]]:
    """Who was refused what, under which rule."""
    rows = inspection.inspect(file, wanted=inspection.Wanted(calls=True)).refusals or ()
    return [(row.agent, row.action, row.target, row.rule, row.count) for row in rows]


def test_who_may_not_write_into_a_bucket_may_still_look(tmp_path):
    script = lines("open orders", "set mine 1", "get kept", "put a 1 b 2", "drop kept", "add n 1")
    scripts = {"clerk": [lines("open orders", "set kept 1")], "visitor": [script]}
    rule = "[[forbid]]\nname = 'read-only'\nactions = ['keyvalue.write']\ntargets = ['or*s']\n"
    keeping = Keeping(tmp_path, scripts)
    said = governed(keeping, "p.toml", f"{rule}agents = ['visitor']")
    assert said == {"clerk": ["ok", "ok"], "visitor": ["ok", DENIED, "none", *[DENIED] * 3]}
    assert refusals(keeping.file) == [("visitor", "keyvalue.write", "orders", "read-only", 4)]


def test_cedar_decides_by_the_key(tmp_path):
    policy = """
    permit(principal, action, resource);
    @id("sealed")
    forbid(principal, action == Action::"keyvalue.write", resource == Bucket::"orders")
    when { context.key like "sealed/*" };
    """
    script = lines(
        "open orders", "set a 1", "set sealed/a 1", "get sealed/a", "put b 1 sealed/b 2",
        "add sealed/n 1", "delete sealed/a", "list", "open other", "set sealed/a 1",
    )  # fmt: skip
    keeping = Keeping(tmp_path, {"a": [script]}, {"a": ["keyvalue:orders", "keyvalue:other"]})
    said = governed(keeping, "p.cedar", policy)["a"]
    assert said == ["ok", "ok", DENIED, "none", *[DENIED] * 3, "1 a", "ok", "ok"]
    assert refusals(keeping.file) == [("a", "keyvalue.write", "orders", "sealed", 4)]


def test_cedar_decides_by_the_object(tmp_path):
    policy = """
    permit(principal, action, resource);
    @id("unseen")
    forbid(principal, action == Action::"blobstore.read", resource)
    when { context.object like "sealed*" };
    """
    script = lines(
        "create papers", "write sealed 1", "write open 22", "read sealed 0 9", "read open 0 9",
        "copy papers sealed papers copy", "copy papers open papers copy", "has sealed",
    )  # fmt: skip
    keeping = Keeping(tmp_path, {"a": [script]}, {"a": ["blobstore:papers"]}, guest="blobs")
    said = governed(keeping, "p.cedar", policy)["a"]
    denied = f"{DENIED}: papers"
    assert said == ["ok", "ok", "ok", denied, "= 22", denied, "ok", denied]
    assert {row[3] for row in refusals(keeping.file)} == {"unseen"}


def test_who_read_a_labelled_bucket_writes_into_no_other(tmp_path):
    script = lines("open public", "set a 1", "open private", "get k", "open public", "set b 2")
    scripts = {"knows": [script], "knows-not": [script.replace("get k", "set k 1")]}
    grants = {name: ["keyvalue:public", "keyvalue:private"] for name in scripts}
    labels = {"secret": {"sources": ["keyvalue:private"]}}
    keeping = Keeping(tmp_path, scripts, grants, labels=labels)
    rule = "[[forbid]]\nactions = ['keyvalue.write']\ntargets = ['public']\nlabels = ['secret']\n"
    said = governed(keeping, "p.toml", rule)
    assert said["knows"] == ["ok", "ok", "ok", "none", "ok", DENIED]
    assert said["knows-not"] == ["ok"] * 6  # whoever only writes there learns nothing


@pytest.fixture(scope="module")
def travelled(tmp_path_factory):
    """A run in which a text goes from one agent through a store to a clerk, and on to a courier.

    It comes from a vault, which is labelled, and from a shed, which is not; the courier tells the
    sink, and one that asks a server.
    """
    folder = tmp_path_factory.mktemp("travelled")
    agents: dict[str, Any] = {"sink": {"source": "scripted/scripted.wasm"}}
    messages = []
    for store, (guest, interface, fill, read) in WAYS.items():
        for source in ("vault", "shed"):
            own, inside = f"{source}-{store}", f"{store}-{source}"
            wasm = f"{guest}/{guest}.wasm"
            agents[own] = {"source": wasm, "grants": [f"{interface}:{inside}"]}
            agents[f"clerk-{own}"] = {"source": wasm, "grants": [f"{interface}-read:{inside}"]}
            agents[f"courier-{own}"] = {"source": "scripted/scripted.wasm"}
            agents[f"web-{own}"] = {"source": "asker/asker.wasm", "grants": [SERVER]}
            it, url = read.format(inside), f"1 {SERVER}/"
            go = f"ask clerk-{own} do {len(it)}:{it};send sink t x;"
            go += f"send web-{own} get {len(url)}:{url}"
            messages.append({"to": own, "topic": "do", "body": fill.format(inside)})
            later = f"schedule later 9000000 script {len(go)}:{go}"
            messages.append({"to": f"courier-{own}", "topic": "script", "body": later})
    labels = {"secret": {"sources": [f"agent:vault-{store}" for store in WAYS]}}
    tables = {"agents": agents, "messages": messages, "labels": labels}
    (folder / "p.toml").write_text(RULES)
    file = folder / "it.run"
    with World.from_mapping(tables, GUESTS).begin(file) as run:
        enforce(run, [folder / "p.toml"])
        assert run.execution.go(Until()) == "idle"
    return file


@pytest.mark.parametrize("store", WAYS)
def test_a_label_goes_through_a_store_to_whoever_reads_it(travelled, store):
    state = inspection.inspect(travelled, wanted=inspection.Wanted(state=True)).state or {}

    def came_of(source: str) -> tuple[list[str], str]:
        own = f"{source}-{store}"
        trace = state[f"courier-{own}"]["trace"].splitlines()
        return trace[3:], state[f"web-{own}"]["answer/1"]

    asked = ["ask:ok:ok", "= 4711"]
    assert came_of("vault") == ([*asked, "", "send:err:forbidden", "send:ok"], "forbidden")
    assert came_of("shed") == ([*asked, "", "send:ok", "send:ok"], "connection-failed")


def test_it_is_stopped_where_a_rule_says_so_and_a_replay_finds_the_same(travelled):
    found = {(agent, action, rule) for agent, action, _, rule, _ in refusals(travelled)}
    assert found == {
        (f"{who}-vault-{store}", action, rule)
        for store in WAYS
        for who, action, rule in (
            ("courier", "send", "not-to-the-sink"), ("web", "http", "nothing-leaves"),
        )
    }  # fmt: skip
    assert replays.replay(travelled).identical
