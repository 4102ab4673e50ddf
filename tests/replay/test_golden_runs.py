"""Runs that were recorded once replay for ever, and the same worlds still give the same chains."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.replay.golden_worlds import GOLDENS, NEWEST, WORLDS, record
from wasm_engine.agents import contract
from wasm_engine.control.differences import diff
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.replays import replay
from wasm_engine.journal.entries import Detail, Kind
from wasm_engine.journal.runfile import RunFile
from wasm_engine.runtime.fingerprint import fingerprint

OWN: dict[str, Any] = {"run": "", "chain": "", "bytes": {}}
"""What two files of one history need not have in common."""
EVERYTHING = Wanted(messages=True, state=True, calls=True, log=True)


FILES = sorted(GOLDENS.glob("v*/*.sqlite"))


@pytest.fixture(params=FILES, ids=[f"{path.parent.name}-{path.stem}" for path in FILES])
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a golden, under the name of a run file."""
    copy = tmp_path / f"{request.param.stem}.run"
    shutil.copyfile(request.param, copy)
    return copy


@pytest.mark.parametrize("workers", [1, 4])
def test_a_golden_run_replays(golden: Path, workers: int) -> None:
    """Identically, where the engine still is the one that recorded it; else equivalently."""
    with RunFile.open(golden) as file:
        same = file.header.fingerprint == fingerprint(contract.DIGEST)
    report = replay(golden, workers=workers)
    assert (report.divergence, report.equivalent, report.identical) == (None, True, same)
    assert report.steps > 1


def test_its_world_still_gives_its_entries(golden: Path, tmp_path: Path) -> None:
    """All but the header, which holds the engine's fingerprint; details as far as both go."""
    record(golden.stem, tmp_path / "again.run", workers=2)
    again, kept = bodies(tmp_path / "again.run"), bodies(golden)
    assert [row[:2] for row in again] == [row[:2] for row in kept]
    for (*_, made), (*_, stored) in zip(again, kept, strict=True):
        assert (made is None) == (stored is None)
        if made is not None and stored is not None:
            assert (made.calls, made.logs) == (stored.calls, stored.logs)
            assert made.told == stored.told or stored.told == []


def bodies(path: Path) -> list[tuple[int, bytes, Detail | None]]:
    with RunFile.open(path, verify="all") as file:
        return [
            (entry.kind, entry.body, _DETAIL.decode(entry.detail) if entry.detail else None)
            for entry in file.entries()
            if entry.kind != Kind.HEADER
        ]


_DETAIL = msgspec.msgpack.Decoder(Detail)


def test_a_run_of_the_first_version_is_looked_at_and_compared(tmp_path: Path) -> None:
    old = Path(shutil.copyfile(GOLDENS / "v1/conversation.sqlite", tmp_path / "old.run"))
    record("conversation", tmp_path / "new.run")
    found = diff(old, tmp_path / "new.run")
    assert (found.step, found.made_of) == (None, ("version", "manifest", "fingerprint"))
    looks = [inspect(file, wanted=EVERYTHING) for file in (old, tmp_path / "new.run")]
    assert replace(looks[0], **OWN) == replace(looks[1], **OWN)


def test_every_golden_world_was_recorded() -> None:
    assert {path.stem for path in NEWEST.glob("*.sqlite")} == set(WORLDS)
