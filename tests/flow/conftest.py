"""A world with a vault, and carriers that each know of one way in which a secret travels."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from wasm_engine.control import inspection
from wasm_engine.control.policies import enforce
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run, World

AGENTS = Path(__file__).parent / "agents"
WAYS = (
    "message", "publish", "timer", "state", "overwritten", "name", "memory", "relay", "reply",
    "fault", "exit", "mount", "folder", "absent", "clean",
)  # fmt: skip
UNTOLD = {"publish", "reply", "fault", "exit", "mount", "folder", "absent", "clean"}
"""To these the vault sends nothing: they find out by themselves, or nothing at all."""
RULE = """
[[forbid]]
name = "not-to-the-sink"
actions = ["send"]
targets = ["sink"]
labels = ["secret"]
"""


def carrier(way: str) -> dict[str, Any]:
    """The table of a carrier."""
    table: dict[str, Any] = {"source": "carrier.py", "config": {"way": way}}
    if way == "publish":
        table["subscribe"] = ["secret"]
    if way == "memory":
        table["lifecycle"] = "resident"
    if way in {"mount", "folder", "absent"}:
        table["mounts"] = ["papers"]
    return table


def tables(*, labels: bool = True) -> dict[str, Any]:
    """The world's."""
    agents = {f"carrier-{way}": carrier(way) for way in WAYS}
    told = [f"carrier-{way}" for way in WAYS if way not in UNTOLD]
    agents["carrier-message-2"] = carrier("message")
    agents["vault"] = {
        "source": "vault.py", "config": {"tell": told}, "grants": ["spawn:child", "stop:clerk"],
    }  # fmt: skip
    agents["child"] = {"source": "child.py", "count": 0}
    agents["clerk"] = {"source": "child.py"}
    agents["sink"] = {"source": "carrier.py", "config": {"way": "sink"}}
    found: dict[str, Any] = {
        "world": {"name": "vault"},
        "agents": agents,
        "mounts": {"papers": {"path": "papers", "at": "/papers"}},
    }
    if labels:
        found["labels"] = {"secret": {"sources": ["agent:vault", "mount:papers"]}}
    return found


ORDER = [
    ("carrier-exit", "go", ""),
    ("vault", "open", ""),
]
AFTERWARDS = [
    ("carrier-overwritten", "overwrite", ""),
    *((f"carrier-{way}", "go", "") for way in WAYS if way not in {"exit", "message", "timer"}),
]


@pytest.fixture
def folder(tmp_path):
    """Where the world lies."""
    for path in AGENTS.iterdir():
        if path.suffix == ".py":
            shutil.copyfile(path, tmp_path / path.name)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers/secret.txt").write_text("4711")
    (tmp_path / "rule.toml").write_text(RULE)
    return tmp_path


def sent(file: Path) -> dict[str, str]:
    """What came of each carrier's try."""
    state = inspection.inspect(file, wanted=inspection.Wanted(state=True)).state or {}
    return {agent: json.loads(kept["sent"]) for agent, kept in state.items() if "sent" in kept}


def play(
    folder: Path,
    *,
    labels: bool = True,
    policy: bool = True,
    workers: int = 1,
    max_live: int = 4096,
    breaks: bool = False,
) -> Path:
    """Runs the world, and answers the run file.

    Args:
        folder: Where it lies.
        labels: Whether its manifest labels anything.
        policy: Whether a rule is in force.
        workers: Threads.
        max_live: Suspended guests that are kept.
        breaks: Whether the run is closed and opened after every step.
    """
    file = folder / "vault.run"
    run = World.from_mapping(tables(labels=labels), folder).begin(
        file, workers=workers, max_live=max_live
    )
    if policy:
        enforce(run, [folder / "rule.toml"])
    for messages in (ORDER, AFTERWARDS):
        for to, topic, body in messages:
            run.execution.receive(to, topic, ("text", body), [])
        run = _go(run, file, breaks=breaks)
    run.close()
    return file


def _go(run: Run, file: Path, *, breaks: bool) -> Run:
    while run.execution.go(Until(max_steps=1 if breaks else None)) == "stopped":
        run.close()
        run = Run.open(file, write=True, at=LATEST)
        run.execution.replay()
    return run
