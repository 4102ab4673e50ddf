"""The demonstration: real quotations, an intruder that got nothing, a replay of itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pydoc_data.topics import topics
from typing import Any

import pytest

from wasm_engine.concepts.errors import HostFault
from wasm_engine.control.demo import demo as run_demo

# Taken when tests are collected: others put a home of their own there while they run.
HOME = {
    key: value for key, value in os.environ.items() if key.startswith(("HOME", "WASM_", "XDG_"))
}
PROBES = {
    "files", "environment", "network", "clock", "endless loop", "memory bomb", "disk bomb",
    "log flood", "forged sender", "another agent's state", "more of itself", "message flood",
}  # fmt: skip


def demo(*words: str, **environment: str) -> tuple[int, dict[str, Any]]:
    """Exit status and JSON of one demonstration, in a process of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WASM_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-m", "wasm_engine.cli", "demo", "--json", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**kept, **HOME, **environment},
    )
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def first() -> dict[str, Any]:
    """A demonstration as anybody sees it."""
    status, report = demo()
    assert status == 0
    return report


def test_the_answer_quotes_what_is_in_the_documents(first: dict[str, Any]) -> None:
    assert len(first["quotations"]) == 3
    for quotation in first["quotations"]:
        assert quotation["text"] in topics[quotation["source"]]
        assert quotation["text"].splitlines()[0] in first["answer"]


def test_the_checker_sent_drafts_back(first: dict[str, Any]) -> None:
    assert first["drafts"] == 2
    assert first["sent_back"] > 0


def test_the_intruder_got_nothing_and_every_probe_is_named(first: dict[str, Any]) -> None:
    rows = {row["attempt"]: row for row in first["intruder"]}
    assert set(rows) == PROBES
    assert [row for row in rows.values() if not row["contained"]] == []
    assert rows["endless loop"]["outcome"] == "stopped: fuel"
    assert rows["message flood"]["outcome"].startswith("mailbox-full")


def test_it_replays_itself(first: dict[str, Any]) -> None:
    assert first["replay"]["identical"] is True
    assert first["replay"]["chain"] == first["chain"]
    assert (first["status"], first["dead_letters"]) == ("idle", 0)


def test_nothing_around_it_changes_the_chain(first: dict[str, Any]) -> None:
    around = {"PYTHONHASHSEED": "77", "TZ": "Asia/Kathmandu", "LANG": "C"}
    status, other = demo("--workers", "4", PYTHONINTMAXSTRDIGITS="0", **around)
    assert (status, other["chain"]) == (0, first["chain"])


def test_another_question_and_seed_are_another_history(first: dict[str, Any]) -> None:
    status, other = demo("What is a decorator?", "--seed", "5")
    assert (status, other["replay"]["identical"]) == (0, True)
    assert other["chain"] != first["chain"]
    assert all(q["text"] in topics[q["source"]] for q in other["quotations"])


def test_without_room_for_its_folder_the_machine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    with pytest.raises(HostFault, match="temporary folder"):
        run_demo()
