"""`wasm_agent.sql`: what goes out for a statement, and what its rows are."""

from __future__ import annotations

import json
import math
from types import ModuleType

import pytest

from tests.interpreter.fake_host import FakeHost


def test_rows_are_read_by_name_by_place_and_whole(host: FakeHost, sdk: ModuleType) -> None:
    host.answers["sql.query"] = (
        '{"columns":["id","who","id"],"rows":[[1,"ann",{"hex":"00ff"}],[2,null,{"real":"-inf"}]]}'
    )
    shop = sdk.sql.open("shop")
    rows = shop.query("SELECT ?, ?", b"\x01", math.inf)
    assert json.loads(host.calls[-1][3]) == [{"hex": "01"}, {"real": "inf"}]
    assert (rows.columns, len(rows)) == (["id", "who", "id"], 2)
    first, second = rows
    assert (first.id, first["who"], first[2], list(first)) == (
        1,
        "ann",
        b"\0\xff",
        [1, "ann", b"\0\xff"],
    )
    assert (second.who, second[-1], second.as_dict()) == (None, -math.inf, {"id": 2, "who": None})
    with pytest.raises(AttributeError, match="no column 'total'; there are"):
        _ = first.total


@pytest.mark.parametrize(("value", "error"), [({}, TypeError), (math.nan, ValueError)])
def test_what_sql_does_not_know_does_not_leave(
    host: FakeHost, sdk: ModuleType, value: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        sdk.sql.open("shop").execute("SELECT ?", value)
    assert host.calls == []
    host.answers["sql.execute"] = 0
    assert sdk.sql.open("shop").execute("SELECT ?", 1) == 0


def test_a_batch_is_one_call(host: FakeHost, sdk: ModuleType) -> None:
    host.answers["sql.batch"] = (
        '[{"changed":2,"columns":[],"rows":[]},{"changed":0,"columns":["n"],"rows":[[7]]}]'
    )
    done = sdk.sql.open("shop").batch(("DELETE FROM a WHERE b = ?", 3), ("SELECT n FROM a",))
    assert json.loads(host.calls[-1][2]) == [
        ["DELETE FROM a WHERE b = ?", [3]],
        ["SELECT n FROM a", []],
    ]
    assert [it.changed for it in done] == [2, 0]
    assert done[1].rows[0].n == 7
