"""Folders are told apart by their names, whatever is in them."""

from __future__ import annotations

from tests.flow.conftest import carrier, sent
from wasm_engine.control import inspection, replays
from wasm_engine.control.policies import enforce
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World


def test_of_two_folders_with_the_same_contents_the_one_that_was_read_labels(folder):
    """Each carrier reads `/papers`; the other folder that it sees holds the very same files."""
    places = {"a-secret": "/papers", "b-plain": "/b", "c-plain": "/papers", "d-secret": "/d"}
    reader = carrier("mount")
    tables = {
        "agents": {
            "knows": {**reader, "mounts": ["a-secret", "b-plain"]},
            "knows-not": {**reader, "mounts": ["c-plain", "d-secret"]},
            "sink": {"source": "carrier.py", "config": {"way": "sink"}},
        },
        "mounts": {name: {"path": "papers", "at": at} for name, at in places.items()},
        "labels": {"secret": {"sources": ["mount:a-secret", "mount:d-secret"]}},
    }
    file = folder / "twins.run"
    with World.from_mapping(tables, folder).begin(file) as run:
        enforce(run, [folder / "rule.toml"])
        for name in ("knows", "knows-not"):
            run.execution.receive(name, "go", ("text", ""), [])
        assert run.execution.go(Until()) == "idle"
    assert sent(file) == {"knows": "forbidden", "knows-not": "yes"}
    (refused,) = inspection.inspect(file, wanted=inspection.Wanted(calls=True)).refusals
    assert (refused.agent, refused.labels) == ("knows", ("secret",))
    assert replays.replay(file).identical
