"""A label comes off where manifest and policy let it; reading puts it on again."""

from __future__ import annotations

import json

from wasm_engine.control import inspection, replays
from wasm_engine.control.policies import enforce
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

CLERKS = {
    "granted": ({"label": "secret"}, ["declassify:secret"], ["yes", True, [], ["secret"]]),
    "other": (
        {"label": "other"},
        ["declassify:other"],
        ["forbidden", True, ["secret"], ["secret"]],
    ),
    "without": (
        {"label": "secret"},
        ["declassify:other"],
        ["forbidden", "not-granted", ["secret"], ["secret"]],
    ),
    "forbidden": (
        {"label": "secret"},
        ["declassify:secret"],
        ["forbidden", "forbidden", ["secret"], ["secret"]],
    ),
}
RULE = """
[[forbid]]
name = "this-clerk-never"
actions = ["declassify"]
agents = ["forbidden"]
"""


def test_who_may_take_a_label_off_does_and_nobody_else(folder):
    with (folder / "rule.toml").open("a") as rule:
        rule.write(RULE)
    agents = {
        name: {"source": "clerk.py", "config": config, "grants": grants, "mounts": ["papers"]}
        for name, (config, grants, _) in CLERKS.items()
    }
    agents["sink"] = {"source": "carrier.py", "config": {"way": "sink"}}
    tables = {
        "agents": agents,
        "mounts": {"papers": {"path": "papers", "at": "/papers"}},
        "labels": {"secret": {"sources": ["mount:papers"]}, "other": {}},
    }
    file = folder / "clerks.run"
    with World.from_mapping(tables, folder).begin(file) as run:
        enforce(run, [folder / "rule.toml"])
        for name in CLERKS:
            run.execution.receive(name, "go", ("text", ""), [])
        assert run.execution.go(Until()) == "idle"
    report = inspection.inspect(file, wanted=inspection.Wanted(state=True, calls=True))
    for name, (_, _, expected) in CLERKS.items():
        kept = {key: json.loads(value) for key, value in report.state[name].items()}
        assert kept["knew"] == ["secret"]
        found = [kept[key] for key in ("sent", "declassified", "knows", "knows then")]
        assert found == expected, name
    calls = [row for row in report.calls if row.name == "wasm-engine:flow/flow#declassify"]
    assert {(row.agent, *row.arguments) for row in calls} == {
        (name, config["label"]) for name, (config, _, _) in CLERKS.items()
    }
    assert replays.replay(file).identical
