"""Worlds with databases: what is refused before they run, and what a run says it was made with."""

from __future__ import annotations

import importlib.metadata
import sqlite3
import sys
from typing import Any

import pytest

from tests.sql.conftest import SCHEMA
from wasm_engine.agents.read_manifest import from_mapping
from wasm_engine.capabilities.sql import calls, service
from wasm_engine.concepts import faults
from wasm_engine.concepts.errors import BadManifest, Misuse
from wasm_engine.concepts.hostcall import Err
from wasm_engine.world.services import services_of


def manifest(tmp_path: Any, grants: list[str], rules: dict[str, Any], schema: str = SCHEMA) -> Any:
    (tmp_path / "a.wasm").write_bytes(b"")
    agent = {"source": "a.wasm", "grants": grants, "sql": rules}
    return from_mapping({"sql": {"shop": {"schema": schema}}, "agents": {"a": agent}}, tmp_path)


@pytest.mark.parametrize(
    ("grants", "rules", "says"),
    [
        (["sql:shops"], {}, 'no database is called "shops"; did you mean "shop"?'),
        ([], {"shop": {"read": ["orders"]}}, 'it has no grant "sql:shop"'),
        (["sql-read:shop"], {"shop": {"insert": ["orders"]}}, "allows nothing but read"),
        (["sql:shop"], {"shop": {"reed": ["orders"]}}, 'unknown key; did you mean "read"?'),
        (["sql:shop"], {"shop": {"read": ["a.b.c"]}}, 'must be a column such as "orders.id"'),
        (["sql:shop"], {"shop": {"insert": ["orders.id"]}}, "must be the name of a table"),
        (["sql:shop"], {"shop": 3}, "must be a table, not 3"),
        (["sql:shop"], {"shop": {"read": ["order"]}}, 'table "order" is not there; did you mean'),
        (["sql:shop"], {"shop": {"read": ["orders.sekret"]}}, 'no column "sekret"; did you mean'),
        (["sql:shop"], {"shop": {"read": ["leaky"]}}, "is a view; name its tables"),
    ],
)
def test_rules_that_fit_nothing_are_mistakes(
    tmp_path: Any, grants: list[str], rules: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadManifest) as caught:
        services_of(manifest(tmp_path, grants, rules))
    assert says in str(caught.value)
    services_of(manifest(tmp_path, ["sql:shop"], {"shop": {"read": ["Orders.ID", "items"]}}))


@pytest.mark.parametrize("schema", ["CREATE TABLE", "CREATE VIEW v AS SELECT 1 AS a WHERE 1 IN t"])
def test_a_schema_that_cannot_be_used_is_a_mistake(tmp_path: Any, schema: str) -> None:
    with pytest.raises(BadManifest, match=r"sql\.shop\.schema: "):
        services_of(manifest(tmp_path, [], {}, schema))


def test_a_world_without_databases_has_no_service_and_needs_nothing(tmp_path: Any) -> None:
    (tmp_path / "a.wasm").write_bytes(b"")
    assert services_of(from_mapping({"agents": {"a": {"source": "a.wasm"}}}, tmp_path)) == {}


def test_what_is_missing_is_named(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = manifest(tmp_path, ["sql:shop"], {})
    with monkeypatch.context() as patch:
        patch.setattr(importlib.metadata, "version", lambda _name: "1.2.3")
        with pytest.raises(Misuse, match=r"need sqlglot .* 1\.2\.3 is installed"):
            services_of(shop)
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "sqlite_version_info", (3, 31, 0))
        with pytest.raises(Misuse, match=r"databases of worlds need 3\.37\.0"):
            services_of(shop)
    for name in [name for name in sys.modules if name.startswith("wasm_engine.capabilities.sql.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    monkeypatch.delattr("wasm_engine.capabilities.sql.service")
    with pytest.raises(Misuse, match="the package sqlglot, which they need, is missing") as caught:
        services_of(shop)
    assert caught.value.code == "no-sql-parser"


class Agent:
    """An agent as the service and the host functions see it."""

    address = "a"

    def __init__(self, *grants: str) -> None:
        self.grants, self.work_left, self.spent = grants, 10**9, 0

    def may_use(self, kind: str, name: str) -> bool:
        return f"{kind}:{name}" in self.grants

    def spend(self, work: int) -> None:
        self.spent += work


class Guest:
    """An activation; what it does is noted."""

    def __init__(self, services: dict[str, Any], *grants: str) -> None:
        self.agent, self.world, self.noted = Agent(*grants), self, []
        self.services, self.time = services, 10**18
        self.refusal: Err | None = None

    def charge(self, work: int) -> None:
        self.noted.append("charge")

    def authorize(self, *asked: Any) -> Err | None:
        self.noted.append(asked)
        return self.refusal

    def reads(self, source: str) -> None:
        self.noted.append(f"reads {source}")

    def writes(self, source: str) -> None:
        self.noted.append(f"writes {source}")

    def suspend(self, turn: Any) -> Any:
        operation = turn.operation.removeprefix("sql.")
        return self.services["sql"].execute(self.agent, operation, turn.arguments)


def test_policy_is_asked_with_what_the_statement_touches_before_it_is_executed(
    tmp_path: Any,
) -> None:
    guest = Guest(services_of(manifest(tmp_path, ["sql:shop"], {})), "sql:shop")
    assert calls.execute(guest, "shop", "UPDATE orders SET total = 1 WHERE id = ?", "[1]") == 1
    context = {"verb": "update", "tables": ["orders"], "columns": ["orders.id", "orders.total"]}
    assert guest.noted[1:] == [("sql", "shop", context), "reads sql:shop", "writes sql:shop"]
    assert 50_000 <= guest.agent.spent < 60_000
    guest.refusal = Err(("not-granted", "policy"))
    assert calls.query(guest, "shop", "SELECT id FROM orders", "") == guest.refusal
    assert guest.noted[-1][0] == "sql"


@pytest.mark.parametrize(
    ("call", "arguments", "code"),
    [
        (calls.query, ("shops", "SELECT 1", "[]"), faults.NOT_GRANTED),
        (calls.query, ("shop", "SELECT 1", "{}"), faults.INVALID_STATEMENT),
        (calls.query, ("shop", "SELECT 1", "[[1]]"), faults.INVALID_STATEMENT),
        (calls.query, ("shop", "SELECT 1", "[9223372036854775808]"), faults.INVALID_STATEMENT),
        (calls.query, ("shop", "SELECT 1", '[{"hex": "0"}]'), faults.INVALID_STATEMENT),
        (calls.query, ("shop", "SELECT 1", " " * (2 << 20)), faults.TOO_LARGE),
        (calls.query, ("shop", "SELEC 1", "[]"), faults.INVALID_STATEMENT),
        (calls.execute, ("shop", "DELETE FROM orders", "[]"), faults.NOT_GRANTED),
        (calls.batch, ("shop", '[["SELECT 1"]]'), faults.INVALID_STATEMENT),
        (calls.batch, ("shop", '["SELECT 1"]'), faults.INVALID_STATEMENT),
        (calls.batch, ("shop", f"[{','.join(['[]'] * 101)}]"), faults.INVALID_STATEMENT),
    ],
)
def test_bad_calls_are_refused_with_a_code(
    tmp_path: Any, call: Any, arguments: tuple[str, ...], code: str
) -> None:
    guest = Guest(services_of(manifest(tmp_path, ["sql-read:shop"], {})), "sql-read:shop")
    answer = call(guest, *arguments)
    assert isinstance(answer, Err)
    assert answer.payload[0] == code
    batch = calls.batch(guest, "shop", '[["SELECT ? AS a", [true]], ["SELECT 2 AS b", []]]')
    assert batch == (
        '[{"changed":0,"columns":["a"],"rows":[[1]]},{"changed":0,"columns":["b"],"rows":[[2]]}]'
    )


def test_databases_are_frozen_and_thawed(tmp_path: Any) -> None:
    shop = manifest(tmp_path, ["sql:shop"], {})
    one, other = services_of(shop), services_of(shop)
    guest, later = Guest(one, "sql:shop"), Guest(other, "sql:shop")
    calls.execute(guest, "shop", "INSERT INTO items(n) VALUES (9)", "[]")
    other["sql"].thaw(one["sql"].freeze())
    asked = ("shop", "SELECT n FROM items", "[]")
    assert calls.query(later, *asked) == calls.query(guest, *asked)
    for frozen in ([], [["shop", b""]], [["shop", 3]], [["other", b""]], 7):
        with pytest.raises((ValueError, TypeError, LookupError)):
            other["sql"].thaw(frozen)


def test_a_run_says_what_its_databases_were_made_with() -> None:
    told = {row[0]: row[1] for row in service.made_with()}
    assert told["sqlite"] == sqlite3.sqlite_version
    assert told["sqlglot"] == service.SQLGLOT
    assert service.made_with() == service.made_with()
