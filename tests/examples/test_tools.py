"""The example `tools`: prices from a component in C, asked by an agent in Python."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.control import inspection, replays, runs
from wasm_engine.control.checks import check

WORLD = Path(__file__).parents[2] / "examples/tools/world.toml"


def test_prices_come_from_the_tool(tmp_path: Path) -> None:
    file = tmp_path / "prices.run"
    report = runs.run(WORLD, file=file)
    assert (report.status, report.dead_letters) == ("idle", 0)
    wanted = inspection.Wanted(log=True, calls=True)
    history = inspection.inspect(file, wanted=wanted)
    assert [line.text for line in history.log or ()] == [
        "sold: cups, pots, tea",
        "134.90",
        "110.16 (10 % off)",
        "no: nobody sells rum",
        "not understood: pricing.price: /lines/0/count: must be from 0 to 4294967295, not -1",
    ]
    names = [row.name for row in history.calls or () if row.agent == "desk"]
    assert names.count("pricing.price answers") == 3
    assert replays.replay(file).identical


def test_the_graph_says_who_calls_it() -> None:
    (link,) = check(WORLD).links
    assert (link.holder, link.tool) == ("agents.desk", "pricing")
    assert link.functions == ("pricing.goods", "pricing.price")
