"""Where engines cost otherwise, a replay takes what the run holds, and compares all the rest.

No two engines that are known cost otherwise, so one is made up: a run is forged to be another
engine's, and its guests to have spent more or less, or to have been allowed more or less.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.replay.forger import forge
from wasm_engine.concepts import canonical
from wasm_engine.control.replays import replay
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Header, Kind
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

GUESTS = Path(__file__).parents[2] / "guests/testing"
FUEL = 200_000_000
SCRIPTS = [
    "burn 14000000; set a yes",
    "ask other script 8:reply ok; burn 14000000; set b yes",
    "now; log begun; loop",
    "touch; set c yes",
]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A run in which guests are cut, killed for their fuel, and end well with much of it spent."""
    shutil.copyfile(GUESTS / "scripted/scripted.wasm", tmp_path / "scripted.wasm")
    agents = {name: {"source": "scripted.wasm", "fuel": FUEL} for name in ("busy", "other")}
    data = {
        "agents": agents,
        "limits": {"step-fuel": 50_000_000},
        "messages": [{"to": "busy", "topic": "script", "body": text} for text in SCRIPTS],
    }
    with World.from_mapping(data, tmp_path).begin(tmp_path / "kept.run") as run:
        run.execution.go(Until())
        statuses = [s.status for s in segments(run.file)]
    assert {"cut", "done", "suspended", "failed:fuel"} <= set(statuses)
    return tmp_path / "kept.run"


def segments(file):
    found = [entries.decode(e.kind, e.body) for e in file.entries(2) if e.kind == Kind.STEP]
    return [segment for step in found for segment in step.segments]


def costing(factor: float, *, foreign: bool = True):
    """An edit: another engine ran it, whose fuel is so many times ours; limits likewise."""

    def edit(kind: int, body: bytes) -> bytes:
        if kind == Kind.HEADER:
            header = entries.decode(kind, body)
            assert isinstance(header, Header)
            engine = header.fingerprint
            if foreign:
                engine = [[n, "48.0.0" if n == "wasmtime" else v] for n, v in engine]
            return canonical.encode(
                Header(
                    header.version, header.world, header.seed, scaled(header.manifest, factor),
                    engine, header.contents,
                )
            )  # fmt: skip
        if kind != Kind.STEP:
            return body
        fields = canonical.decode(body)
        for row in fields[2]:
            row[5] = int(row[5] * factor)
        return canonical.encode(fields)

    return edit


def scaled(manifest: bytes, factor: float) -> bytes:
    """The manifest with limits on fuel so many times as large."""
    return canonical.encode(_scaled(canonical.decode(manifest), factor))


def _scaled(value, factor):
    if isinstance(value, list):
        return [_scaled(each, factor) for each in value]
    return int(value * factor) if value in (FUEL, 50_000_000) and value is not True else value


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.0, 1.1, 1.25])
def test_costs_of_another_engine_are_taken_as_they_were(kept, factor):
    assert forge(kept, costing(factor)) >= 1
    report = replay(kept)
    assert report.divergence is None
    assert (report.identical, report.equivalent) == (False, True)


def test_a_cut_that_cannot_be_found_again_is_a_difference_of_engines(kept):
    """Ours is done with half the fuel: it never comes to where the other one cut."""
    assert forge(kept, costing(2.0)) > 1
    found = replay(kept).divergence
    assert found is not None
    assert (found.step, found.agent, found.cause) == (1, "busy", "engine")


def test_on_the_same_engine_costs_are_compared(kept):
    assert forge(kept, costing(1.1, foreign=False)) > 1
    report = replay(kept)
    assert report.divergence is not None
    assert (report.divergence.step, report.divergence.agent) == (1, "busy")


@pytest.mark.parametrize(
    ("place", "value"), [(4, "done"), (8, [[99, "other", "x", ["text", ""], [], None]])]
)
def test_what_guests_did_is_compared_on_another_engine_too(kept, place, value):
    change = costing(1.1)

    def edit(kind: int, body: bytes) -> bytes:
        body = change(kind, body)
        if kind != Kind.STEP:
            return body
        fields = canonical.decode(body)
        for row in fields[2]:
            if row[4] == "suspended":
                row[place] = value
        return canonical.encode(fields)

    assert forge(kept, edit) > 1
    found = replay(kept).divergence
    assert found is not None
    assert (found.agent, found.cause) == ("busy", "engine")
