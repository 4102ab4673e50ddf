"""What agents may not swap, and what nobody can: a fault that says why, and nothing is changed."""

from __future__ import annotations

import json

import pytest

from tests.swap.conftest import (
    TOKENIZERS,
    asked_world,
    go,
    order,
    replayed,
    resumed,
    said,
    starts,
    states,
)
from wasm_engine.concepts.errors import BadComponent, BadManifest
from wasm_engine.journal.entries import Control
from wasm_engine.policy.operator import parse_policy
from wasm_engine.policy.policy import Policy
from wasm_engine.world import World

REFUSED = {
    "tokenizer source 3": "source already-running",
    "tokenizer later 3": "later unknown-alternative",
    "tokenizer a/b 3": "a/b unknown-alternative",
    "feeder again 3": "again not-granted",
    "nobody again 3": "again not-granted",
    "Tokenizer again 3": "again invalid-name",
    "tokenizer again 1000001": "again too-large",
    "tokenizer broken 3": "broken cannot-begin",
}


def test_each_refusal_has_its_code_and_changes_nothing(parts):
    with World.from_mapping(asked_world(), parts).begin(inputs=starts(6)) as run:
        go(run, 3)
        for body in REFUSED:
            order(run, "swap", body)
        order(run, "running", "feeder")
        order(run, "running", "tokenizer")
        go(run)
        running = ["feeder runs not-granted", "tokenizer runs source"]
        assert said(run) == [*REFUSED.values(), *running]
        assert run.execution.scheduler.totals.denials == 3
        assert states(run) == [{"count": "7"}] * TOKENIZERS
        assert run.kinds.replaced == []
        assert not run.execution.scheduler.swaps.is_active


def test_one_that_cannot_take_the_state_of_one_agent_changes_none(parts, tmp_path):
    file = tmp_path / "many.run"
    with World.from_mapping(asked_world(), parts).begin(file, inputs=starts(20)) as run:
        go(run, 6)
        run.change(Control("edit", ["state", "tokenizer/2", "count", "many"]))
        before = states(run)
        order(run, "swap", "tokenizer next 3")
        go(run, 1)
        assert states(run) == before
        go(run)
        assert said(run) == ["next cannot-migrate"]
    replayed(file)


def test_who_cannot_pay_for_it_is_refused(parts):
    tables = asked_world(work=900_000)
    with World.from_mapping(tables, parts).begin() as run:
        order(run, "swap", "tokenizer again 3")
        go(run)
        assert said(run) == ["again too-costly"]


CEDAR = """\
@id("all")
permit(principal, action, resource);
@id("not-that")
forbid(principal, action == Action::"swap", resource == Kind::"tokenizer")
when { context.to == "next" || context.digest == "%s" };
"""


def test_a_policy_forbids_by_name_and_by_what_would_run(parts, tmp_path, killed):
    file = tmp_path / "policy.run"
    world = World.from_mapping(asked_world(), parts)
    cedar = CEDAR % world.choices["tokenizer"]["odd"]
    run = world.begin(file, inputs=starts(30))
    run.change(Control("policy", [Policy(cedar=[cedar]).plain(), []]))
    for name in ("next", "odd", "again"):
        order(run, "swap", f"tokenizer {name} 0")
    go(run, 3)
    run.execution.checkpoints.make()
    killed(run, file)
    with resumed(file) as run:
        order(run, "swap", "tokenizer next 0")
        go(run)
        assert said(run) == ["next forbidden", "odd forbidden", "again 3", "next forbidden"]
        assert states(run) == [{"count": "31"}] * TOKENIZERS
        assert run.execution.scheduler.totals.denials == 3
        chain = run.file.chain
    assert replayed(file) == chain


def test_one_that_swaps_from_a_process_of_its_own_is_held_to_the_same(parts):
    found = []
    for isolation in ("thread", "process"):
        world = World.from_mapping(asked_world(isolation=isolation), parts)
        with world.begin(inputs=starts(8)) as run:
            cedar = CEDAR % world.choices["tokenizer"]["odd"]
            run.change(Control("policy", [Policy(cedar=[cedar]).plain(), []]))
            for body in ("tokenizer odd 0", "tokenizer again 2", "tokenizer nothing 2"):
                order(run, "swap", body)
            order(run, "running", "tokenizer")
            go(run)
            assert states(run) == [{"count": "9"}] * TOKENIZERS
            found.append((said(run), run.execution.scheduler.totals.messages))
    assert found[0] == found[1]
    assert found[0][0][:2] == ["odd forbidden", "again 3"]


RULE = """\
[labels.private]
sources = ["agent:swapper"]
[[forbid]]
name = "nothing-private-back"
actions = ["send"]
agents = ["tokenizer/*"]
labels = ["private"]
"""


def test_whose_kind_was_swapped_knows_what_its_swapper_knew(parts, tmp_path, killed):
    """What runs says something of whoever chose it, and so does all that it does."""
    file = tmp_path / "labels.run"
    run = World.from_mapping(asked_world(), parts).begin(file, inputs=starts(30))
    parsed = parse_policy(RULE, "policy.toml")
    run.change(Control("policy", [Policy(parsed.forbid, (), parsed.labels).plain(), []]))
    go(run, 6)
    assert run.execution.scheduler.totals.denials == 0
    order(run, "swap", "tokenizer again 0")
    go(run, 2)
    run.execution.checkpoints.make()
    killed(run, file)
    with resumed(file) as run:
        go(run)
        guard = run.execution.scheduler.world.guard
        assert guard is not None
        assert guard.known("tokenizer/1") == {"private"}
        assert run.execution.scheduler.totals.denials == TOKENIZERS
    replayed(file)


SIGNED = """\
[[forbid]]
name = "ours"
actions = ["send"]
agents = ["tokenizer/*"]
unless-signed-by = ["ada"]
"""


def test_rules_know_at_once_who_signed_what_an_agent_swapped_in(parts, tmp_path):
    file = tmp_path / "signed.run"
    with World.from_mapping(asked_world(), parts).begin(file, inputs=starts(30)) as run:
        signers = [[name, "ada"] for name in ("tokenizer", "tokenizer@again", "tokenizer@source")]
        parsed = parse_policy(SIGNED, "policy.toml")
        run.change(Control("policy", [Policy(parsed.forbid).plain(), signers]))
        denials = []
        for name in ("again", "source", "again", "next"):
            order(run, "swap", f"tokenizer {name} 0")
            go(run, 4)
            denials.append(run.execution.scheduler.totals.denials)
        assert denials == [0, 0, 0, TOKENIZERS]
    replayed(file)


def test_a_manifest_with_mistakes_is_refused_with_all_of_them(parts):
    tables = asked_world()
    tables["agents"]["feeder"]["grants"] = ["swap:feeder", "swap:tokeniser"]
    tables["agents"]["tokenizer"]["alternatives"] = {
        "source": "ping.wasm", "A": "ping.wasm", "x": "none.wasm", "y": 3, "z": "ping.txt",
    }  # fmt: skip
    with pytest.raises(BadManifest) as refused:
        World.from_mapping(tables, parts)
    text = str(refused.value)
    for said_so in (
        '"source" is no name for one', '"A" is no name for one', 'there is no file "none.wasm"',
        "alternatives.y: must be the path", "alternatives.z: must be the path",
        'agents.feeder has no `alternatives`', 'no kind of agent is called "tokeniser"',
    ):  # fmt: skip
        assert said_so in text, text


def test_an_alternative_that_is_no_agent_is_found_before_the_run_begins(parts):
    tables = asked_world()
    (parts / "empty.wasm").write_bytes(b"\0asm\x0d\0\x01\0")
    tables["agents"]["tokenizer"]["alternatives"] = {"next": "empty.wasm"}
    with pytest.raises(BadComponent, match="empty"):
        World.from_mapping(tables, parts)


def test_check_and_the_lock_name_what_may_be_swapped_in(parts, tmp_path, monkeypatch, capsys):
    from wasm_engine.cli.main import main  # noqa: PLC0415

    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "home"))
    for name in ("ping", "tokenizer", "tokenizer-next"):
        (tmp_path / f"{name}.wasm").write_bytes((parts / f"{name}.wasm").read_bytes())
    file = tmp_path / "world.toml"
    file.write_text(
        '[agents.t]\nsource = "tokenizer.wasm"\n[agents.t.alternatives]\n'
        'next = "tokenizer-next.wasm"\n[agents.s]\nsource = "ping.wasm"\ngrants = ["swap:t"]\n'
    )
    assert main(["check", str(file)]) == 0
    assert "alternative t next: tokenizer-next.wasm sha256:" in capsys.readouterr().out
    assert main(["check", str(file), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["alternatives"][0]
    assert (row["kind"], row["name"], row["swappers"]) == ("t", "next", ["s"])
    assert main(["lock", str(file)]) == 0
    assert '[alternatives."t@next"]' in (tmp_path / "world.lock").read_text()
    assert main(["lock", str(file), "--check"]) == 0
    (tmp_path / "tokenizer-next.wasm").write_bytes((parts / "tokenizer-again.wasm").read_bytes())
    capsys.readouterr()
    assert main(["run", str(file)]) == 4
    assert "t@next: locked tokenizer-next.wasm" in capsys.readouterr().err
    assert main(["policy", str(file)]) == 0
    assert "swaps what runs of kind t" in capsys.readouterr().out
