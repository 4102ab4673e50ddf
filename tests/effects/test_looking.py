"""Effects are looked at like all else: when they were issued, and when and how they ended."""

from __future__ import annotations

import pytest

from tests.effects.worlds import Asking
from wasm_engine.cli.main import main
from wasm_engine.control import runs
from wasm_engine.control.differences import diff
from wasm_engine.control.forks import fork
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.travel import Journey
from wasm_engine.world.branch import branch

MESSAGES = Wanted(messages=True)


@pytest.fixture
def asked(tmp_path, server):
    """A run that asked the server twice, once for what is not there."""
    world = Asking(tmp_path, server.origin)
    world.run(
        ("client", "ask", {"url": world.url("/same"), "method": "POST", "value": "hé"}),
        ("client", "ask", {"url": "http://127.0.0.1:1/"}),
        ("client", "ask", {"url": world.url("/status/404")}),
    )
    return world


def test_effects_are_rows(asked):
    report = inspect(asked.file, wanted=MESSAGES)
    first, *_, last = report.effects
    assert (first.agent, first.capability, first.message) == ("client", "http", 1)
    assert first.arguments[:2] == ["POST", asked.url("/same")]
    assert first.arrived > first.step
    assert (first.outcome[0], first.outcome[1][0]) == ("ok", 200)
    assert last.arguments[1] == asked.url("/status/404")
    assert inspect(asked.file, wanted=Wanted(log=True)).effects is None
    assert inspect(asked.file, agent="idler", wanted=MESSAGES).effects == ()


def test_before_its_result_an_effect_has_none(asked):
    first = inspect(asked.file, wanted=MESSAGES).effects[0]
    (then,) = inspect(asked.file, step=first.step, wanted=MESSAGES).effects
    assert (then.number, then.arrived, then.outcome) == (first.number, None, None)


def test_they_are_told_where_they_stand_in_the_conversation(asked, capsys):
    assert main(["inspect", str(asked.file), "--messages"]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()[1:]]
    told = [(int(step), text) for step, text in lines if text.startswith("effect")]
    first = inspect(asked.file, wanted=MESSAGES).effects[0]
    asking = f"effect {first.number}  client -> http  POST {asked.url('/same')}"
    assert told[0] == (first.step, asking)
    assert told[1] == (first.arrived, f"effect {first.number} ended: 200, 3 bytes")
    assert any(text.endswith("ended: 404, 11 bytes") for _, text in told)


def test_a_journey_meets_them(asked):
    whole = {row.number: row for row in inspect(asked.file, wanted=MESSAGES).effects}
    issued, ended = set(), set()
    with Journey.open(asked.file) as journey:
        while journey.forward():
            for row in journey.effects():
                if row.step == journey.step:
                    issued.add(row.number)
                else:
                    assert row == whole[row.number]
                    assert row.arrived == journey.step
                    ended.add(row.number)
    assert issued == ended == set(whole)


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_a_fork_takes_over_what_was_answered(asked, server, tmp_path, at):
    before = len(server.seen)
    out = tmp_path / "fork.run"
    fork(asked.file, at=at, out=out)
    runs.resume(out, allow=[server.origin])
    assert diff(asked.file, out).same
    assert len(server.seen) == before


def test_a_fork_at_a_checkpoint_knows_what_was_out(tmp_path, server, monkeypatch):
    for name in ("SOONEST", "SHARE"):  # a checkpoint after each step
        monkeypatch.setattr(f"wasm_engine.orchestrator.checkpoints.{name}", 0)
    world = Asking(tmp_path, server.origin)
    urls = [world.url("/hang"), world.url("/same")]
    world.run(("client", "first", urls), ("client", "ask", {"url": world.url("/status/404")}))
    report = inspect(world.file, wanted=MESSAGES)
    never = next(row for row in report.effects if row.arguments[1] == urls[0])
    assert never.outcome is None  # it was cancelled when the other one had ended
    before = len(server.seen)
    for at in range(1, report.steps):
        out = tmp_path / f"{at}.run"
        assert branch(world.file, at, out)
        runs.resume(out, allow=[server.origin])
        assert diff(world.file, out).same
    asked = [it.path for it in server.seen[before:]]
    assert asked in ([], ["/hang"])  # of what never ended nobody knows more
    server.release()
