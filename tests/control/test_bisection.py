"""The first divergent step is found by few replays, each of one part of the run."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from wasm_engine.control.bisection import bisect
from wasm_engine.control.replays import replay
from wasm_engine.journal import entries
from wasm_engine.journal.entries import StepBody
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

STEPS = 64


@pytest.fixture
def marked(world, tmp_path):
    """A run of many steps that was stopped every other one, and has checkpoints of that."""
    file = tmp_path / "marked.run"
    start = ("a", "start", ("text", f"{STEPS - 2} b"))
    with World.load(world).begin(file, inputs=[start]) as run:
        while run.execution.go(Until(max_steps=2)) == "stopped":
            pass
    return file


def _forged(marked, out, wrong):
    """The same run, with other fuel in some steps: chain and checkpoints as if it had been so."""
    with RunFile.open(marked) as run:
        contents = [(digest, run.content(digest)) for digest in run.header.contents]
        marks = {row.n: row for row in run.checkpoints()}
        with RunFile.create(out, run.header, contents) as forged:
            for entry in run.entries(2):
                body = entries.decode(entry.kind, entry.body)
                if isinstance(body, StepBody) and wrong(body.step):
                    (segment,) = body.segments
                    body = replace(body, segments=[replace(segment, fuel=segment.fuel + 1)])
                data = entries.encode(body)[1]
                forged.append(entry.kind, data, durable=False, detail=entry.detail)
                if entry.n in marks:
                    row = marks[entry.n]
                    parts = {digest: run.content(digest) for digest in row.parts}
                    forged.put_checkpoint(row.step, run.checkpoint(row), parts)
                    forged.flush()
    return out


def _checkpoints(file):
    with RunFile.open(file) as run:
        return sorted({row.step for row in run.checkpoints()})


@pytest.mark.parametrize("first", [1, 2, 17, 32, 33, 50, 62, 63, 64])
def test_the_first_divergent_step_is_found(marked, tmp_path, first):
    forged = _forged(marked, tmp_path / "forged.run", lambda step: step >= first)
    marks = [step for step in _checkpoints(forged) if 0 < step < STEPS]
    assert len(marks) >= 5
    report = bisect(forged)
    assert (report.steps, report.checkpoints) == (STEPS, len(marks))
    assert (report.divergence.step, report.divergence.agent) == (first, "ab"[(first - 1) % 2])
    assert report.divergence.expected.startswith("fuel ")
    assert report.replays <= 1 + (len(marks) + 1).bit_length()
    assert report.since == max([0, *(step for step in marks if step < first)])
    assert replay(forged).divergence.step == first


def test_few_steps_are_executed_for_a_late_one(marked, tmp_path):
    forged = _forged(marked, tmp_path / "forged.run", lambda step: step >= STEPS - 1)
    assert bisect(forged).executed < STEPS


def test_a_run_that_replays_needs_one_replay_of_its_end(marked):
    report = bisect(marked)
    assert (report.divergence, report.replays) == (None, 1)
    assert report.executed <= STEPS // 2


def test_a_single_altered_step_breaks_the_rule_and_replay_finds_it(marked, tmp_path):
    forged = _forged(marked, tmp_path / "forged.run", lambda step: step == 3)
    assert bisect(forged).divergence is None
    assert replay(forged).divergence.step == 3


def test_without_checkpoints_one_replay_finds_it(kept, tmp_path):
    forged = _forged(kept, tmp_path / "forged.run", lambda step: step >= 5)
    report = bisect(forged)
    assert (report.divergence.step, report.since) == (5, 0)
    assert (report.replays, report.executed) == (1, 5)


def test_a_replay_may_begin_at_a_checkpoint(marked):
    marks = _checkpoints(marked)
    report = replay(marked, start=50)
    assert report.since == max(step for step in marks if step < 50)
    assert (report.identical, report.steps) == (True, STEPS - report.since)
    assert replay(marked, start=50, to=50).steps == 50 - report.since
    assert replay(marked).since == 0
