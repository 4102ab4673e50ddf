"""Agents that hold the grant swap kinds of agents for what the manifest names for them."""

from __future__ import annotations

import pytest

from tests.swap.conftest import (
    TOKENIZERS,
    asked_world,
    go,
    order,
    replayed,
    replayed_from_each,
    resumed,
    said,
    starts,
    states,
    told,
)
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.inspection import inspect
from wasm_engine.control.keeping import compact, export, import_run
from wasm_engine.control.replays import replay
from wasm_engine.control.runs import resume
from wasm_engine.world import Run, World

TURNS = 12
ROUNDS = 30


def swap_and_go(run: Run, turns: range) -> None:
    """In each turn of two steps one swap, on trial or not, and a question what runs."""
    for turn in turns:
        order(run, "swap", f"tokenizer {('again', 'source')[turn % 2]} {turn % 3 * 2}")
        order(run, "running", "tokenizer")
        go(run, 2)


def _begin(parts, file=None, **how) -> Run:
    return World.from_mapping(asked_world(), parts).begin(file, inputs=starts(ROUNDS), **how)


@pytest.fixture(scope="module")
def kept(parts, tmp_path_factory):
    """The file of a run in which an agent swaps all the time, and its chain."""
    file = tmp_path_factory.mktemp("asked") / "asked.run"
    with _begin(parts, file) as run:
        swap_and_go(run, range(TURNS))
        assert go(run) == "idle"
        assert states(run) == [{"count": str(ROUNDS + 1)}] * TOKENIZERS
        assert run.execution.scheduler.totals.dead_letters == 0
        lines = said(run)
        assert len(lines) == 2 * TURNS
        assert lines[:2] == ["again 3", "tokenizer runs again"]
        assert any(line.endswith(" on trial") for line in lines)
        assert any(operation == "swap-kept" for _, _, operation, _ in told(run))
        return file, run.file.chain


@pytest.mark.parametrize("workers", [2, 4])
def test_no_message_is_lost_and_workers_do_not_matter(kept, parts, workers):
    with _begin(parts, workers=workers) as run:
        swap_and_go(run, range(TURNS))
        go(run)
        assert run.file.chain == kept[1]


def test_a_run_that_is_killed_and_resumed_between_swaps_has_the_same_history(
    kept, parts, tmp_path, killed
):
    file = tmp_path / "killed.run"
    run = _begin(parts, file)
    for first in range(0, TURNS, 6):
        swap_and_go(run, range(first, first + 4))
        run.execution.checkpoints.make()  # what follows it is executed again
        swap_and_go(run, range(first + 4, first + 6))
        killed(run, file)
        run = resumed(file)
    with run:
        go(run)
        assert run.file.chain == kept[1]
    assert replayed_from_each(file) > 1
    assert replayed(file, workers=3) == kept[1]


def test_the_run_file_alone_holds_all_that_was_swapped_in(kept, tmp_path):
    file, chain = kept
    assert replay(file).identical
    short, lines, again = tmp_path / "short.run", tmp_path / "lines", tmp_path / "again.run"
    compact(file, short, step=10)
    export(file, lines)
    assert import_run(lines, again).chain == chain
    assert replay(short).identical
    assert replay(again).identical
    assert inspect(again).chain == chain


def test_one_that_fails_is_taken_back_and_the_asker_can_see_it(parts, tmp_path):
    file = tmp_path / "back.run"
    world = World.from_mapping(asked_world("trap"), parts)
    with world.begin(file, inputs=starts(20)) as run:
        go(run, 5)
        order(run, "swap", "tokenizer odd 3")
        order(run, "running", "tokenizer")
        go(run, 3)
        assert [row[2:] for row in told(run)] == [("swap-back", "ok")]
        order(run, "running", "tokenizer")
        go(run)
        assert said(run) == ["odd 3", "tokenizer runs odd on trial", "tokenizer runs source"]
        assert states(run) == [{"count": "21"}] * TOKENIZERS
        assert run.execution.scheduler.totals.dead_letters == 0
        assert run.kinds.replaced == []
    rows = inspect(file).swaps
    assert [row.how for row in rows] == ["swapped", "taken-back"]
    assert rows[0].agent == "swapper"
    assert replayed_from_each(file) > 0


def test_what_runs_before_the_step_ends_is_not_judged_by_what_it_did_in_it(parts):
    """A swap comes last in its step: what failed in that failed on the old one."""
    tables = asked_world("trap")
    tables["agents"]["tokenizer"]["source"] = "tokenizer-odd.wasm"
    tables["agents"]["tokenizer"]["alternatives"] = {"good": "tokenizer.wasm"}
    with World.from_mapping(tables, parts).begin(inputs=starts(5)) as run:
        go(run, 1)
        order(run, "swap", "tokenizer good 1")
        go(run)
        assert told(run) == []
        assert run.execution.scheduler.totals.dead_letters == TOKENIZERS


def test_states_are_migrated_as_by_an_operator(parts, tmp_path):
    file = tmp_path / "next.run"
    with World.from_mapping(asked_world(), parts).begin(file, inputs=starts(20)) as run:
        go(run, 5)
        order(run, "swap", "tokenizer next 0")
        go(run)
        assert states(run) == [{"total": "words 21"}] * TOKENIZERS
        chain = run.file.chain
    assert replayed(file) == chain


def test_a_kind_may_swap_itself_and_the_caller_goes_over_when_it_has_ended(parts, tmp_path):
    file = tmp_path / "own.run"
    with World.from_mapping(asked_world(), parts).begin(file) as run:
        agent = run.execution.scheduler.world.agents["swapper"]
        old = agent.program
        order(run, "swap", "swapper again 2")
        order(run, "running", "swapper")
        go(run, 1)
        run.execution.checkpoints.make()
        assert agent.program is old is not run.kinds.programs["swapper"]
        go(run)
        assert agent.program is run.kinds.choices["swapper"]["again"]
        assert said(run) == ["again 0", "swapper runs again on trial"]
    assert replayed_from_each(file) > 1


def test_who_is_stopped_in_the_step_swaps_nothing(parts):
    tables = asked_world()
    tables["agents"]["killer"] = {"source": "scripted.wasm", "grants": ["stop:swapper"]}
    with World.from_mapping(tables, parts).begin() as run:
        order(run, "swap", "tokenizer again 0")
        order(run, "script", "stop swapper", to="killer")
        go(run)
        assert run.kinds.replaced == []


def test_what_an_operator_swaps_in_has_a_name_if_it_is_an_alternative(parts, tmp_path):
    file = tmp_path / "both.run"
    with World.from_mapping(asked_world(), parts).begin(file, inputs=starts(20)) as run:
        run.swap("tokenizer", parts / "tokenizer-again.wasm", keep_old=0)
        order(run, "running", "tokenizer")
        order(run, "swap", "tokenizer again 0")
        go(run, 4)
        with pytest.raises(Misuse) as refused:
            run.swap("tokenizer", parts / "tokenizer-again.wasm")
        assert refused.value.code == "swap-same"
        run.swap("tokenizer", parts / "scripted.wasm", keep_old=0)
        order(run, "running", "tokenizer")
        order(run, "swap", "tokenizer source 0")
        order(run, "running", "tokenizer")
        go(run)
        assert said(run) == [
            "tokenizer runs again", "again already-running", "tokenizer runs ?", "source 3",
            "tokenizer runs source",
        ]  # fmt: skip
    replayed(file)


def test_an_operator_verifies_over_what_agents_swapped(parts, tmp_path):
    file = tmp_path / "verified.run"
    with World.from_mapping(asked_world(), parts).begin(file, inputs=starts(20)) as run:
        swap_and_go(run, range(2))
        run.swap("tokenizer", parts / "tokenizer-next.wasm", verify=True, keep_old=0)
        order(run, "swap", "tokenizer again 0")
        go(run, 3)
        with pytest.raises(Misuse) as refused:
            run.swap("tokenizer", parts / "tokenizer-odd.wasm", verify=True)
        assert refused.value.code == "swap-differs"
        go(run)
    assert replay(file).identical


def test_agents_in_the_middle_of_a_message_and_those_raised_later_run_the_new_one(parts, tmp_path):
    file = tmp_path / "middle.run"
    tables = asked_world()
    tables["agents"]["hand"] = {
        "source": "scripted.wasm", "alternatives": {"again": "scripted-again.wasm"},
    }  # fmt: skip
    tables["agents"]["swapper"]["grants"] = ["swap:hand"]
    tables["agents"]["head"] = {"source": "scripted.wasm", "grants": ["spawn:hand"]}
    with World.from_mapping(tables, parts).begin(file) as run:
        order(run, "script", "ask head script 18:spawn hand one 0:;reply ok", to="hand")
        order(run, "swap", "hand again 0")
        go(run, 1)
        agents, new = run.execution.scheduler.world.agents, run.kinds.choices["hand"]["again"]
        assert agents["hand"].program is run.kinds.choices["hand"]["source"]
        run.execution.checkpoints.make()
        order(run, "script", "spawn hand two 0:", to="head")
        go(run)
        assert said(run) == ["again 0"]
        assert agents["hand"].program is agents["hand/two"].program is new
    assert replayed_from_each(file) > 0
    report = resume(file)
    assert report.dead_letters == 0
