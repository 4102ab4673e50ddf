"""What agents keep is turned into what the new component knows, of all of them or of none."""

from __future__ import annotations

import pytest

from tests.swap.conftest import TOKENIZERS, go, replayed, starts, states, told, world_of
from wasm_engine.concepts.errors import Misuse, ReplayDivergence
from wasm_engine.orchestrator.edits import set_state
from wasm_engine.world import Run, World


def test_the_next_release_goes_on_with_what_the_old_one_counted(parts, tmp_path):
    file = tmp_path / "next.run"
    with world_of(parts).begin(file, inputs=starts(20)) as run:
        go(run, 5)
        assert run.swap("tokenizer", parts / "tokenizer-next.wasm").migrated == TOKENIZERS
        assert states(run) == [{"total": "words 2"}] * TOKENIZERS
        go(run)
        assert states(run) == [{"total": "words 21"}] * TOKENIZERS
        chain = run.file.chain
    assert replayed(file) == chain


def test_one_that_cannot_take_the_state_of_one_agent_changes_none(parts):
    with world_of(parts).begin(inputs=starts(20)) as run:
        go(run, 5)
        set_state(run.execution.scheduler.world, "tokenizer/2", "count", "many")
        before, chain = states(run), run.file.chain
        with pytest.raises(Misuse, match=r"tokenizer/2: migration: no number") as refused:
            run.swap("tokenizer", parts / "tokenizer-next.wasm")
        assert refused.value.code == "swap-migration"
        assert (states(run), run.file.chain, run.kinds.replaced) == (before, chain, [])


def test_what_it_kept_before_is_back_if_it_fails(parts):
    with world_of(parts, "migrate").begin(inputs=starts(20)) as run:
        go(run, 5)
        before = [
            (dict(a.state), a.state_bytes, a.digest)
            for a in run.execution.scheduler.world.agents.values()
        ]
        run.swap("tokenizer", parts / "tokenizer-odd.wasm")
        assert states(run)[0] == {"count": "2", "odd": b"odd"}
        go(run, 1)
        after = [
            (dict(a.state), a.state_bytes, a.digest)
            for a in run.execution.scheduler.world.agents.values()
        ]
        assert [row[2] for row in told(run)] == ["swap-back"]
        assert after == before


def test_what_it_has_written_stays_so_the_trial_is_over(parts):
    with world_of(parts).begin(inputs=starts(20)) as run:
        go(run, 5)
        run.swap("tokenizer", parts / "tokenizer-next.wasm", keep_old=1000)
        go(run, 2)
        assert [row[2] for row in told(run)] == ["swap-kept"]


def _busy(parts, count: str) -> Run:
    """One tokenizer at work as it is swapped: a scripted agent that waits, and keeps a count."""
    world = World.from_mapping(
        {
            "agents": {
                "tokenizer": {"source": "scripted.wasm", "count": 2},
                "clerk": {"source": "scripted.wasm"},
            }
        },
        parts,
    )
    script = f"set count {count};ask clerk script 8:reply ok;set done yes"
    run = world.begin(inputs=[("tokenizer/1", "script", ("text", script))])
    go(run, 1)
    return run


def test_an_agent_in_the_middle_of_a_message_is_migrated_when_it_has_ended_it(parts):
    with _busy(parts, "5") as run:
        done = run.swap("tokenizer", parts / "tokenizer-next.wasm")
        assert (done.over, done.later, done.migrated) == (1, 1, 0)
        go(run)
        state = states(run)[0]
        assert (state["total"], state["done"]) == ("words 5", "yes")
        assert [row[1:] for row in told(run)] == [("tokenizer/1", "swap-state", "ok")]


@pytest.mark.parametrize("keep_old", [0, 3])
def test_of_one_that_cannot_take_its_state_later_the_old_one_is_kept(parts, keep_old):
    with _busy(parts, "many") as run:
        old = run.kinds.programs["tokenizer"]
        run.swap("tokenizer", parts / "tokenizer-next.wasm", keep_old=keep_old)
        go(run)
        rows = [row[1:] for row in told(run)]
        assert rows[0] == ("tokenizer/1", "swap-state", "err")
        agents = run.execution.scheduler.world.agents
        runs = [agents[f"tokenizer/{i}"].program for i in (1, 2)]
        if keep_old:  # on trial: all of them are
            assert (rows[1][1], runs) == ("swap-back", [old, old])
        else:  # else that one alone, until the next swap
            assert runs[0] is old is not runs[1]
            run.swap("tokenizer", parts / "tokenizer-odd.wasm")
            assert agents["tokenizer/1"].program is run.kinds.programs["tokenizer"]


def test_a_replay_migrates_again_and_compares(parts, tmp_path, monkeypatch):
    file = tmp_path / "other.run"
    with world_of(parts).begin(file, inputs=starts(20)) as run:
        go(run, 5)
        run.swap("tokenizer", parts / "tokenizer-next.wasm")
        go(run, 2)
    from wasm_engine.agents.program import Program  # noqa: PLC0415

    monkeypatch.setattr(Program, "migrate", lambda *_: [("total", "words 9")])
    with Run.open(file) as run, pytest.raises(ReplayDivergence, match="a swap of tokenizer"):
        run.execution.replay()


def test_agents_in_processes_of_their_own_are_migrated_there(parts):
    with world_of(parts, isolation="process").begin(inputs=starts(4)) as run:
        go(run, 3)
        run.swap("tokenizer", parts / "tokenizer-next.wasm")
        go(run)
        isolated, chain = states(run), run.file.chain
    with world_of(parts).begin(inputs=starts(4)) as run:
        go(run, 3)
        run.swap("tokenizer", parts / "tokenizer-next.wasm")
        go(run)
        assert states(run) == isolated == [{"total": "words 5"}] * TOKENIZERS
    assert chain
