"""Random worlds with random budgets: nothing is spent twice, nothing beyond, and nothing shows."""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.model.observed import play, replay
from tests.model.script_language import quoted
from tests.orchestrator.budgeted import world
from wasm_engine.concepts.names import kind_of
from wasm_engine.journal import entries
from wasm_engine.journal.entries import StepBody
from wasm_engine.journal.runfile import RunFile

EXAMPLES = int(os.environ.get("BUDGET_EXAMPLES", "20"))
SLICE = 10_000_000
AGENTS = ("a/1", "a/2", "a/3", "b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


def script(chance: Random, depth: int = 2) -> str:
    to = chance.choice(AGENTS)
    inner = script(chance, depth - 1) if depth else "reply yes"
    pieces = [
        quoted("flood", to, "t", "hello", chance.randint(0, 4)),
        quoted("send", to, "script", inner),
        quoted("ask", to, "script", f"{inner};reply yes"),
        quoted("publish", "news", "x" * chance.randint(0, 9)),
        quoted("burn", chance.choice([10, 1_000_000, 3_000_000])),
        quoted("set", "k", "v" * chance.randint(0, 99)),
        "random;" + quoted("fail", "odd", "x"),
    ]
    return ";".join(chance.sample(pieces, chance.randint(1, 4)))


def budgets(chance: Random, *, ever: bool):
    found = {}
    for name in chance.sample(["x", "y", "z"], chance.randint(1, 3)):
        bounds = {
            "messages": chance.randint(1, 12),
            "bytes": chance.choice([300, 1_000, 9_000]),
            "fuel": chance.choice([1_000_000, 20_000_000, 10**10]),
            "work": chance.choice([1_000_000, 10**10]),
        }
        kept = chance.sample(sorted(bounds), chance.randint(1, 2))
        found[name] = {
            "over": chance.choice(["agent", "kind", "all"]),
            "kinds": chance.choice([[], ["a"], ["a", "b"]]),
            "exhausted": chance.choice(["refuse", "stop"] if ever else ["refuse", "stop", "wait"]),
            **({} if ever else {"per": chance.choice(["3 ms", "1 min"])}),
            **{bound: bounds[bound] for bound in kept},
        }
    return found


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="BUDGET_EXAMPLES" not in os.environ,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # to look for a smaller one takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
@given(chance=st.randoms(use_true_random=False), ever=st.booleans())
def test_budgets_hold_and_nothing_shows(folder, chance: Random, ever):
    lifecycle = "message" if ever else chance.choice(["message", "resident"])
    kind = {"subscribe": ["news"], "retries": 1, "lifecycle": lifecycle}
    made = world(
        budgets(chance, ever=ever), step_fuel=15_000_000, a={**kind, "count": 3}, b={**kind}
    )
    inputs = [
        (after, chance.choice(AGENTS), "script", script(chance))
        for after in sorted(chance.choice([0, 0, 1, 2]) for _ in range(chance.randint(1, 6)))
    ]
    kept = folder / "kept.run"
    kept.unlink(missing_ok=True)
    run = made.begin(kept, workers=3, max_live=0)
    first = play(run, inputs)
    assert play(made.begin(), inputs) == first
    assert replay(kept)._replace(status=first.status) == first
    if ever:
        sums(run, kept)


def sums(run, kept):
    """What is spent is what the records say, and it is within its bounds."""
    world_state = run.execution.scheduler.world
    found = recorded(kept, run.execution.scheduler._programs)
    for row in world_state.budgets.rows(world_state.time):
        if row.what != "bytes":
            said = sum(
                n for (address, what), n in found.items() if of(row, address, row.what, what)
            )
            # What a segment sent before it was cut is paid, also if it then failed.
            cut = sum(n for (address, what), n in found.items() if of(row, address, "cut", what))
            assert row.spent == said or (cut and row.what == "messages" and row.spent > said), row
        over = {"fuel": 3 * SLICE, "work": 2_100_000_000}.get(row.what, 0)
        assert row.spent <= row.limit + over, row


def of(row, address, what, called):
    return what == called and row.is_of(address)


def recorded(kept, programs):
    """What the records say of each agent: messages, fuel and host work."""
    found = Counter()
    with RunFile.open(kept) as file:
        receivers = {}
        for entry in file.entries():
            body = entries.decode(entry.kind, entry.body)
            if not isinstance(body, StepBody):
                continue
            for row in body.segments:
                found[row.agent, "messages"] += len(row.sends)
                found[row.agent, "work"] += row.work
                found[row.agent, "fuel"] += row.fuel
                found[row.agent, "cut"] += row.status == "cut"
                if row.part == 0 and row.fuel:
                    found[row.agent, "fuel"] += programs[kind_of(row.agent)].beginning
                receivers |= {send.request: send.to for send in row.sends}
            for number, how, _ in body.requests:
                found[receivers[number], "messages"] += how == "reply"
    return found
