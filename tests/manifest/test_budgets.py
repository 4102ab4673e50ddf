"""Budgets in a manifest: what cannot be kept, or is about nobody, is told."""

from __future__ import annotations

import pytest

from wasm_engine.agents.read_manifest import from_mapping
from wasm_engine.agents.stored_manifest import canonical, from_canonical
from wasm_engine.concepts.errors import BadManifest


def read(tmp_path, *, isolation="thread", **budget):
    (tmp_path / "a.wasm").write_bytes(b"")
    agents = {
        "a": {"source": "a.wasm", "count": 3},
        "b": {"source": "a.wasm", "isolation": isolation},
    }
    return from_mapping({"agents": agents, "budgets": {"x": budget}}, tmp_path)


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        ({}, "budgets.x: bounds nothing: it needs one of fuel, work, messages"),
        ({"over": "kind"}, "bounds nothing"),
        ({"fuel": 0}, "budgets.x.fuel: must be from 1"),
        ({"tokens": 1, "kinds": ["c"]}, 'budgets.x.kinds: no kind of agent is called "c"'),
        ({"tokens": 1, "exhausted": "wait"}, "budgets.x.exhausted: must have a span to wait for"),
        ({"agents": 5}, "budgets.x.agents: cannot bound one agent alone"),
        ({"agents": 2, "over": "kind"}, "budgets.x.agents: must be at least 3"),
        ({"agents": 3, "over": "all"}, "budgets.x.agents: must be at least 4"),
        ({"tokens": 1, "per": "0 s"}, "budgets.x.per: must be 1 ms to"),
        (
            {"tokens": 1, "isolation": "process"},
            'budgets.x.tokens: cannot bound "b", whose isolation is "process"',
        ),
        ({"token": 1}, 'unknown key; did you mean "tokens"?'),
    ],
)
def test_what_is_wrong_is_told(tmp_path, budget, says):
    with pytest.raises(BadManifest) as caught:
        read(tmp_path, **budget)
    assert says in str(caught.value)


def test_of_a_kind_apart_fuel_and_work_can_be_bounded(tmp_path):
    assert read(tmp_path, isolation="process", fuel=5, bytes=5).budgets
    assert read(tmp_path, isolation="process", tokens=5, kinds=["a"]).budgets


def test_a_right_one_is_read_and_comes_back_from_a_run_file(tmp_path):
    manifest = read(tmp_path, bytes="1 KiB", per="1 h", exhausted="wait", kinds=["b"], over="all")
    (budget,) = manifest.budgets
    assert (budget.bytes, budget.per, budget.fuel) == (1024, 3600 * 10**9, None)
    assert budget.is_about("b")
    assert not budget.is_about("a")
    assert from_canonical(canonical(manifest)).budgets == manifest.budgets
