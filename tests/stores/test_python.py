"""Python agents share buckets and containers by the SDK, through the real interpreter."""

from __future__ import annotations

from pathlib import Path

import pytest

from wasm_engine.control import inspection, replays
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

AGENTS = Path(__file__).parent / "agents"


def said(folder, names, *messages, **more):
    kind = {"source": "sharing.py", "grants": ["keyvalue:orders"], **more}
    bounds = {"orders": {"max-bytes": 200_000}}
    return played(folder, dict.fromkeys(names, kind), *messages, keyvalue=bounds)


def played(folder, agents, *messages, max_live=0, **sections):
    sent = [{"to": to, "topic": topic, "body": body} for to, topic, body in messages]
    manifest = {"agents": agents, "messages": sent, **sections}
    file = folder / "a.run"
    with World.from_mapping(manifest, AGENTS).begin(file, max_live=max_live) as run:
        run.execution.go(Until())
        assert run.execution.scheduler.totals.dead_letters == 0
    assert replays.replay(file).identical
    rows = inspection.inspect(file, wanted=inspection.Wanted(log=True)).log
    return [row.text for row in rows or ()]


@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_a_bucket_is_a_mapping_that_agents_share(tmp_path, lifecycle):
    lines = said(tmp_path, ["a"], ("a", "all", ""), ("a", "all", ""), lifecycle=lifecycle)
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert lines[: len(lines) // 2] == [
        "Bucket('orders') False None 5 0",
        "{'a': [1, None]} b'\\xff\\x00' b'{\"a\":[1,null]}' ['raw', 'x'] 2",
        "KeyError KeyError",
        "{'a': [1, None]} False text text",
        "1503 1503 1499 True",
        "['last', 'raw', 'y'] 1 -2",
        "NotANumber -2",
        "QuotaExceeded",
        "NotGranted TypeError",
        "ValueError",
        "TooLarge",
        "0",
    ]


def test_changes_of_the_same_step_are_all_made(tmp_path):
    names = ["a", "b", "c"]
    lines = said(tmp_path, names, *[(name, "add", name) for name in names for _ in range(2)])
    longest = max(lines, key=len)
    assert sorted(longest.split()) == ["a", "a", "b", "b", "c", "c"]
    assert sorted(len(line.split()) for line in lines) == [1, 2, 3, 4, 5, 6]


def test_a_container_is_a_mapping_of_objects_that_agents_share(tmp_path):
    agent = {
        "source": "papers.py",
        "grants": ["blobstore:papers", "blobstore:other"],
        "lifecycle": "resident",
    }
    bounds = {"papers": {"max-bytes": "4 MiB"}}
    # Kept alive: to make a guest again that has read megabytes takes as long as reading them did.
    lines = played(tmp_path, {"a": agent}, *[("a", "all", "")] * 2, max_live=1, blobstore=bounds)
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    info = "ObjectInfo(name='a', size=10, created=1735689600)"
    assert lines[: len(lines) // 2] == [
        "False no-such-container",
        "Container('papers') True 0 1735689600",
        "['a', 'empty', 'large'] b'0123456789' b'' None True",
        f"b'34' b'789' b'' {info}",
        "3072000 True 3072000",
        "['b', 'empty', 'large'] ['a']",
        "KeyError KeyError KeyError KeyError KeyError KeyError",
        "b'no more' 2 quota-exceeded",
        "invalid-name not-granted TypeError ValueError",
        "['b', 'large']",
        "0",
        "False no-such-container",
    ]


def test_whoever_may_look_only_reads_what_another_put(tmp_path):
    agents = {
        "reader": {"source": "papers.py", "grants": ["blobstore-read:papers"]},
        "writer": {"source": "papers.py", "grants": ["blobstore:papers"]},
    }
    assert played(tmp_path, agents, ("writer", "share", "hello")) == ["hello not-granted"]
