"""Budgets of effects, with a real server."""

from __future__ import annotations

from tests.effects.worlds import Asking
from wasm_engine.control.inspection import Wanted, inspect

BUDGET = "[budgets.asks]\nover = 'all'\neffects = 2\n"


def test_no_more_is_asked_than_the_budget_lets(tmp_path, server):
    asking = Asking(tmp_path, server.origin, client=BUDGET)
    ask = ("client", "ask", {"url": asking.url("/echo")})
    report = asking.run(*[ask] * 4)
    assert len(server.seen) == 2
    assert report.denials == 2
    assert asking.replay().identical
    (row,) = inspect(asking.file, wanted=Wanted(budgets=True)).budgets
    assert (row.who, row.what, row.spent, row.limit) == ("*", "effects", 2, 2)
