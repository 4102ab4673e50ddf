"""Nobody falsifies the history: whatever was tried, it is replayed, in any number of threads."""

from __future__ import annotations

import pytest

from tests.hostile.attack import (
    GOOD_MESSAGES,
    GUESTS,
    MIB,
    SCRIPTED,
    attacker,
    give,
    manifest,
    told,
)
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World

TOPICS = [
    *("loop", "clock", "keys", "memory", "stack", "reply", "logs", "short-logs", "sends"),
    *("big-sends", "requests", "timers", "state", "nesting", "wait-list"),
    *("bad-text", "bad-pointer", "bad-level", "bad-result", "unreachable", "divide", "bounds"),
    *("indirect", "forge", "steal"),
]
EVIL = {
    "evil": attacker(count=3, memory=2 * MIB, fuel=3_000_000, work=10_000_000, retries=1),
    "twin": attacker(SCRIPTED, count=2, lifecycle="resident"),
}
ORDERS = [
    *((f"evil/{n % 3 + 1}", topic, "1000") for n, topic in enumerate(TOPICS)),
    *(("twin/1", "script", f"ask evil/{n} {topic} 4:1000") for n in (1, 2) for topic in TOPICS),
    ("twin/2", "script", "ask twin/1 script 6:#!trap;ask-timeout 5 twin/1 script 6:#!loop"),
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A run in which everything was tried, and its outcome."""
    file = tmp_path_factory.mktemp("history") / "attacked.run"
    with World.from_mapping(manifest(EVIL), GUESTS).begin(file, workers=3) as run:
        give(run, [*GOOD_MESSAGES, *ORDERS])
        assert run.execution.go(Until(max_steps=2000)) == "idle"
        return file, told(run, "idle")


@pytest.mark.parametrize(("workers", "live"), [(1, 4096), (4, 1), (1, 0)])
def test_it_is_replayed(kept, workers, live):
    file, outcome = kept
    with Run.open(file, workers=workers, max_live=live) as run:
        run.execution.replay()
        again = told(run, "idle")
    assert again == outcome


def test_it_stays_small(kept):
    file, outcome = kept
    assert len(outcome.codes) > len(TOPICS)
    assert file.stat().st_size < 2 * MIB
