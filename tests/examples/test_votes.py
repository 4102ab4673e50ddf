"""The example `votes`: agents in Python and C, and a result that only the seed decides."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.control import inspection, runs
from wasm_engine.control.orders import Pace

WORLD = Path(__file__).parents[2] / "examples/votes/world.toml"


def result(file: Path, **settings: object) -> tuple[str, str]:
    """What the chair logged, and the chain."""
    report = runs.run(WORLD, file=file, **settings)
    assert (report.status, report.dead_letters) == ("idle", 0)
    history = inspection.inspect(file, wanted=inspection.Wanted(log=True))
    assert history.log is not None
    return history.log[-1].text, report.chain


def test_the_seed_decides_and_nothing_else(tmp_path: Path) -> None:
    first = result(tmp_path / "a.run")
    again = result(tmp_path / "b.run", pace=Pace(workers=4))
    assert first == again
    assert first[0] == "Tea at four? 6 yes, 3 no"


def test_another_seed_is_another_vote(tmp_path: Path) -> None:
    assert result(tmp_path / "a.run", seed=7)[0] != "Tea at four? 6 yes, 3 no"
