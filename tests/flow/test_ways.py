"""Whatever way a secret takes, its label takes it too; and who knows none is let pass."""

from __future__ import annotations

from tests.flow.conftest import WAYS, play, sent
from wasm_engine.control import inspection, replays

REFUSED = {
    **{f"carrier-{way}": "forbidden" for way in WAYS},
    "carrier-clean": "yes",
    "carrier-overwritten": "yes",
    "carrier-message-2": "forbidden",
    "child/4711": "forbidden",
}
del REFUSED["carrier-relay"]  # it tells another, who tries


def test_no_way_leads_to_the_sink(folder):
    file = play(folder)
    assert sent(file) == REFUSED
    report = inspection.inspect(file, wanted=inspection.Wanted(state=True, calls=True))
    assert sorted(report.state["sink"]) == ["from/carrier-clean", "from/carrier-overwritten"]
    refused = [row for row in report.refusals if row.agent != "vault"]
    assert {(row.rule, row.target, row.labels) for row in refused} == {
        ("not-to-the-sink", "sink", ("secret",))
    }
    assert replays.replay(file).identical


def test_of_a_run_without_labels_and_rules_it_is_found_what_would_have_been_refused(folder):
    file = play(folder, labels=False, policy=False)
    assert set(sent(file).values()) == {"yes"}
    assert set(sent(file)) == set(REFUSED)
    rule = folder / "rule.toml"
    rule.write_text(
        rule.read_text() + '\n[labels.secret]\nsources = ["agent:vault", "mount:papers"]\n'
    )
    report = replays.replay(file, policy=[rule])
    assert report.identical
    found = {row.agent for row in report.refusals}
    assert found == {agent for agent, code in REFUSED.items() if code == "forbidden"}


def test_breaks_evictions_and_threads_change_nothing(folder):
    plain = play(folder)
    chains = {replays.replay(plain).chain}
    for options in ({"workers": 3, "max_live": 0}, {"breaks": True}):
        plain.unlink()
        file = play(folder, **options)
        assert sent(file) == REFUSED, options
        chains.add(replays.replay(file).chain)
    assert len(chains) == 1
