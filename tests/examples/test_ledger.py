"""The example `ledger`: the same books for any number of workers, after stops, in a replay."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import inspection, replays, runs
from wasm_engine.control.orders import Pace
from wasm_engine.world import databases

WORLD = Path(__file__).parents[2] / "examples/ledger/world.toml"
LOG = [
    "shop pays farm 30: booking 2",
    "farm pays shop 5: booking 1",
    "shop pays mill 20: booking 4",
    "farm pays mill 60: booking 3",
    "mill cannot pay 500: check",
    "not-granted: sql:ledger: updating accounts.balance",
    "mill pays nobody 1: no account nobody",
    "not-granted: sql:ledger: updating accounts.balance",
    *[
        "clerk/1: 2 bookings, 90 in all",
        "clerk/2: 2 bookings, 25 in all",
        "sql:ledger: reading accounts",
        "sql:ledger: reading bookings.payer",
        "sql:ledger: reading accounts",
        "sql:ledger: reading accounts",
    ]
    * 2,
]


def log_of(file: Path) -> list[str]:
    """What the agents logged."""
    history = inspection.inspect(file, wanted=inspection.Wanted(log=True))
    assert history.log is not None
    return [line.text for line in history.log]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run, and its chain."""
    file = tmp_path_factory.mktemp("ledger") / "kept.run"
    report = runs.run(WORLD, file=file)
    assert (report.status, report.dead_letters) == ("idle", 0)
    return file, report.chain


def test_the_books_are_right_and_nobody_sees_more_than_they_may(kept: tuple[Path, str]) -> None:
    assert log_of(kept[0]) == LOG
    assert replays.replay(kept[0]).identical


def test_neither_workers_nor_stops_change_a_booking(kept: tuple[Path, str], tmp_path: Path) -> None:
    file = tmp_path / "stopped.run"
    report = runs.run(WORLD, file=file, pace=Pace(workers=3, max_steps=3))
    while report.status == "stopped":
        report = runs.resume(file, pace=Pace(max_steps=1))
    assert (log_of(file), report.chain) == (LOG, kept[1])


def test_another_sqlite_is_named_and_goes_on_with_nothing(
    kept: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [[n, "3.99.9" if n == "sqlite" else v] for n, v in databases.made_with()]
    monkeypatch.setattr(databases, "made_with", lambda: made)
    report = replays.replay(kept[0])
    assert (report.identical, report.equivalent) == (False, True)
    with pytest.raises(Misuse, match=f"by sqlite {sqlite3.sqlite_version} .here is 3.99.9.") as it:
        runs.resume(kept[0])
    assert it.value.code == "other-sqlite"
