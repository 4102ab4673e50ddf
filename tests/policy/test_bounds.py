"""Upper bounds in a policy file, and what manifests ask for of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wasm_engine.agents.demands import demands, most_agents
from wasm_engine.agents.read_manifest import from_mapping
from wasm_engine.policy.bounds import BOUNDED, Bound, spelled, tightest
from wasm_engine.policy.operator import BadPolicy, parse_policy

PING = Path(__file__).parents[2] / "guests/testing/ping"
KIND = {"source": "ping.wasm"}


def bounds(text):
    return parse_policy(text, "p.toml").bounds


def asked(**tables):
    return from_mapping({"agents": {"a": KIND}, **tables}, PING)


def test_bounds_are_written_as_manifests_write_what_they_bound():
    text = '[bounds]\nfuel = 1_000_000\n\nmemory = "64 MiB"\nhttp-timeout = "2 min"\nagents = 0\n'
    assert bounds(text) == (
        Bound("memory", 64 << 20, "p.toml:4"),
        Bound("fuel", 1_000_000, "p.toml:2"),
        Bound("agents", 0, "p.toml:6"),
        Bound("http-timeout", 120 * 10**9, "p.toml:5"),
    )
    assert spelled("memory", 64 << 20) == "64 MiB"
    assert spelled("http-timeout", 120 * 10**9) == "2 min"
    assert spelled("fuel", 1_000_000) == "1_000_000"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("bounds = 3", "p.toml:1: bounds: must be a table of bounds, not 3"),
        ("[bounds]\nmemroy = 1", 'p.toml:2: bounds.memroy: unknown key; did you mean "memory"?'),
        ("[bounds]\n\nfuel = -1", "p.toml:3: bounds.fuel: must be from 0 to 9223372036854775807"),
        ("[bounds]\nfuel = '1 s'", "p.toml:2: bounds.fuel: must be a whole number, not "),
        ("[bounds]\nagents = true", "p.toml:2: bounds.agents: must be a whole number, not true"),
        ("[bounds]\nmemory = '1 MB'", "p.toml:2: bounds.memory: must be a size such as "),
        ("[bounds]\nqueue = -5", "p.toml:2: bounds.queue: must be 0 B to "),
        ("[bounds]\nhttp-timeout = '1 MiB'", "p.toml:2: bounds.http-timeout: must be a span such "),
        ("[bounds]\nbatch = 1.5", "p.toml:2: bounds.batch: must be a whole number, not 1.5"),
    ],
)
def test_a_bound_that_is_none_is_told_with_its_line(text, mistake):
    with pytest.raises(BadPolicy) as caught:
        parse_policy(text, "p.toml")
    (told,) = caught.value.mistakes
    assert told.startswith(mistake)


def test_of_several_bounds_the_tightest_counts():
    low, same, high = (Bound("fuel", most, f"{most}.toml:1") for most in (5, 5, 6))
    assert tightest([high, low, same]) == {"fuel": low}
    assert list(tightest([Bound("queue", 1, ""), low, Bound("memory", 2, "")])) == [
        "memory", "fuel", "queue",
    ]  # fmt: skip


def test_everything_that_can_be_bounded_is_asked_for_by_some_manifest():
    manifest = asked(agents={"a": {**KIND, "grants": ["https://a.com"]}})
    assert {it.bound for it in demands(manifest)} == set(BOUNDED)


def test_defaults_are_asked_for_too():
    found = {it.at: it.amount for it in demands(asked())}
    assert found["agents.a.memory"] == 256 << 20
    assert found["limits.queue"] == 256 << 20
    assert found["agents"] == 1
    assert "agents.a.http.timeout" not in found  # it may ask no server


@pytest.mark.parametrize(
    ("raised", "budgets", "most"),
    [
        ({}, {}, 2),
        ({"grants": ["spawn:b"]}, {}, 100_000),
        ({"grants": ["spawn:b"]}, {"x": {"over": "all", "agents": 7}}, 7),
        ({"grants": ["spawn:b"]}, {"x": {"over": "kind", "kinds": ["b"], "agents": 7}}, 8),
        ({"grants": ["spawn:b"]}, {"x": {"over": "all", "kinds": ["b"], "agents": 7}}, 8),
        ({"grants": ["spawn:b"]}, {"x": {"over": "all", "kinds": ["a"], "agents": 7}}, 100_000),
        ({"grants": ["spawn:a", "spawn:b"]}, {"x": {"over": "kind", "agents": 7}}, 14),
        ({"grants": ["spawn:b"]}, {"x": {"over": "all", "fuel": 7}}, 100_000),
    ],
)
def test_kinds_that_may_be_raised_ask_for_as_many_agents_as_there_may_be(raised, budgets, most):
    manifest = asked(agents={"a": {**KIND, **raised}, "b": KIND}, budgets=budgets)
    assert most_agents(manifest) == most


def test_stores_ask_for_all_that_they_may_have():
    grants = ["keyvalue:small", "keyvalue:usual", "keyvalue-read:seen", "blobstore:box"]
    manifest = asked(
        agents={
            "a": {**KIND, "grants": [*grants, "keyvalue:far"]},
            "b": {**KIND, "grants": grants},
        },
        keyvalue={"small": {"max-bytes": 10}, "far": {"redis": "redis://127.0.0.1:1/0"}},
        blobstore={"other": {"max-bytes": 5}},
    )
    (storage,) = [it.amount for it in demands(manifest) if it.bound == "storage"]
    assert storage == 10 + (64 << 20) + (256 << 20) + 5
