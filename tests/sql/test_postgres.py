"""Databases in a real PostgreSQL: what it is told, and that a change is made once."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.effects.worlds import copied
from tests.sql.outside import CLERK, DECLARED, asking
from tests.sql.postgres import PASSWORD, Postgres
from wasm_engine.capabilities.sql.database import Database
from wasm_engine.capabilities.sql.postgres import translated
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.control import replays, runs, secrets
from wasm_engine.host.postgres_server import PostgresServer

SCHEMA = Database(DECLARED, max_size=1 << 20, max_value=1 << 14).schema
CHANGE = "query shop [] UPDATE orders SET total = total + 1 WHERE id = 1 RETURNING total"
READ = "query shop [] SELECT id, who FROM orders ORDER BY id"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """One for all tests here."""
    server = Postgres()
    server.fresh()
    yield server
    server.close()


@pytest.fixture
def postgres(server: Postgres) -> Postgres:
    """The server, as it was at the beginning."""
    secrets.set_secret("db-password", PASSWORD)
    server.execute(
        "DROP TABLE IF EXISTS wasm_engine_done", "TRUNCATE orders RESTART IDENTITY",
        "INSERT INTO orders(who, total, secret) VALUES ('ann', 3, 'alpha')",
    )  # fmt: skip
    return server


def at(address: str, **more: Any) -> dict[str, Any]:
    return {"address": address, "user": "clerk", "secret": "db-password", "tls": False, **more}


def clerk(folder: Path, address: str, *script: str, rules: Any = None, **more: Any) -> Any:
    return asking(folder, address, *script, database=at(address, **more), rules=rules)


def test_it_answers_as_a_file_does(postgres: Postgres, tmp_path: Path) -> None:
    keeping = clerk(
        tmp_path, postgres.address(), READ,
        'execute shop ["bob",7] INSERT INTO orders(who, total) VALUES (?, ?)',
        'query shop ["x",1.5,null,{"hex":"00ff"},1] SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e',
        "query shop [1,1] SELECT * FROM orders ORDER BY id LIMIT ?, ?",
        "query shop [2] UPDATE orders AS o SET total = o.total + 1 WHERE id = ? RETURNING *",
        'batch shop [["SELECT count(*) AS n FROM orders",[]],["DELETE FROM orders WHERE id=2",[]]]',
        "execute shop [-1] UPDATE orders SET total = ?",
        'execute shop ["a"] UPDATE orders SET total = ?',
        "execute shop [] INSERT INTO orders(id) VALUES (1)",
        "execute shop [] INSERT INTO orders(id, who) VALUES (1, 'cy') "
        "ON CONFLICT (id) DO UPDATE SET who = excluded.who",
        "query shop [] SELECT sum(total) AS s, avg(total) AS a, 1 = 1 AS t, "
        "group_concat(who, '+') AS w FROM orders",
        "query shop [] SELECT ? AS a",
        "query shop [] SELECT n FROM items",
    )  # fmt: skip
    said = keeping.run()["clerk"]
    assert said == [
        '= {"columns":["id","who"],"rows":[[1,"ann"]]}',
        "= 1",
        '= {"columns":["a","b","c","d","e"],"rows":[["x",1.5,null,{"hex":"00ff"},1]]}',
        '= {"columns":["id","who","total"],"rows":[[2,"bob",7]]}',
        '= {"columns":["id","who","total"],"rows":[[2,"bob",8]]}',
        '= [{"changed":0,"columns":["n"],"rows":[[2]]},{"changed":1,"columns":[],"rows":[]}]',
        "error constraint: check",
        "error constraint: datatype",
        "error constraint: unique",
        "= 1",
        '= {"columns":["s","a","t","w"],"rows":[[3,"3.0000000000000000",1,"cy"]]}',
        "error invalid-statement: it takes 1 parameters",
        "error bad-response: the database is not as the manifest says",
    ]
    assert replays.replay(keeping.file).identical
    # The password is at the edge, and in nothing that is kept.
    for kept in tmp_path.iterdir():
        assert PASSWORD.encode() not in kept.read_bytes() or kept.is_dir()


REFUSED = [
    "SELECT secret FROM orders",
    "SELECT id FROM orders UNION SELECT pin FROM vault",
    "SELECT id FROM orders; DELETE FROM orders",
    "WITH x AS (DELETE FROM orders) SELECT id FROM items",
    "WITH x AS (SELECT who FROM orders) SELECT id FROM items",
    "SELECT id FROM pg_catalog.pg_authid",
    "SELECT pg_sleep(10)",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT CAST('vault' AS regclass)",
    "SELECT ctid FROM orders",
    "SELECT orders FROM orders",
    "SELECT rowid FROM orders",
    "SELECT x'00'",
    "SELECT id AS k FROM orders WHERE k > 1",
    "UPDATE items SET n = (SELECT 1 AS oid WHERE oid > 0)",
    "SELECT id FROM (SELECT id FROM orders) JOIN items ON items.n = 1",
    "SELECT wasm_engine_target.n FROM items AS wasm_engine_target",
    "SELECT ?1",
    "INSERT OR IGNORE INTO items(n) VALUES (1)",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_could_mean_something_else_there_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        translated(SCHEMA, text)


def test_what_it_is_told_names_everything() -> None:
    """No text of a guest's, the columns that are read, and the table that is changed as ours."""
    told = translated(SCHEMA, "SELECT Who /* x */ FROM main.Orders o WHERE 'é' = ? -- '?").text
    assert told == (
        'SELECT "o"."who" FROM (SELECT "who" FROM "public"."orders") AS "o" WHERE \'é\' = $1'
    )
    text = "UPDATE items SET n = o.total FROM orders o WHERE oid = o.id AND n < ? RETURNING *"
    assert translated(SCHEMA, text).text == (
        'UPDATE "public"."items" AS "wasm_engine_target" SET "n" = "o"."total" '
        'FROM (SELECT "id", "total" FROM "public"."orders") AS "o" '
        'WHERE "wasm_engine_target"."oid" = "o"."id" AND "wasm_engine_target"."n" < $1 '
        'RETURNING "wasm_engine_target"."id", "wasm_engine_target"."oid", "wasm_engine_target"."n"'
    )
    text = "DELETE FROM items WHERE oid IN (SELECT o.id FROM orders o JOIN orders p ON o.id = p.id)"
    assert '"wasm_engine_target"."oid" IN (SELECT "o"."id" FROM (SELECT "id"' in (
        translated(SCHEMA, text).text
    )


def test_rules_hold_and_so_does_what_the_database_lets_its_user_do(
    postgres: Postgres, tmp_path: Path
) -> None:
    postgres.execute("REVOKE DELETE ON orders FROM clerk")
    declared = f"{DECLARED} CREATE TABLE vault(id INTEGER PRIMARY KEY, pin TEXT);"
    keeping = clerk(
        tmp_path, postgres.address(), "query shop [] SELECT who FROM orders",
        "execute shop [] DELETE FROM orders", "query shop [] SELECT pin FROM vault",
        "query shop [] SELECT id FROM orders WHERE id IN (SELECT length(pin) FROM vault)",
        rules={**CLERK, "delete": ["*"]}, schema=declared,
    )  # fmt: skip
    said = keeping.run()["clerk"]
    postgres.execute("GRANT DELETE ON orders TO clerk")
    assert said == [
        "error not-granted: sql:shop: reading orders.who",
        "error not-granted: the database does not let us",
        "error not-granted: sql:shop: reading vault",
        "error not-granted: sql:shop: reading vault",
    ]


class Line:
    """Leads to a server; the first connections that send a word break before it is answered."""

    def __init__(self, port: int, word: bytes, breaks: int) -> None:
        self._target, self._word, self._breaks = port, word, breaks
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            cut = threading.Event()
            for lead in (self._ask, self._answer):
                threading.Thread(target=lead, args=(near, far, cut), daemon=True).start()

    def _ask(self, near: socket.socket, far: socket.socket, cut: threading.Event) -> None:
        while data := _received(near):
            if self._breaks > 0 and self._word in data:
                self._breaks -= 1
                cut.set()
            far.sendall(data)
        _end(far)

    def _answer(self, near: socket.socket, far: socket.socket, cut: threading.Event) -> None:
        while data := _received(far):
            if cut.is_set():  # it is done, and nobody hears of it
                break
            near.sendall(data)
        _end(near)
        far.close()
        near.close()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


def _received(one: socket.socket) -> bytes:
    with contextlib.suppress(OSError):
        return one.recv(65536)
    return b""


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("word", "breaks", "marks", "said", "total"),
    [
        (b"COMMIT", 1, True, '= {"columns":["total"],"rows":[[4]]}', 4),
        (b"UPDATE", 1, True, '= {"columns":["total"],"rows":[[4]]}', 4),
        (b"COMMIT", 1, False, "error outcome-unknown: the connection to the database broke;", 4),
        (b"UPDATE", 9, True, "error connection-lost: the connection to the database broke;", 3),
    ],
)
def test_where_the_connection_breaks_a_change_is_made_once_or_told_unknown(
    postgres: Postgres,
    tmp_path: Path,
    word: bytes,
    breaks: int,
    marks: bool,  # noqa: FBT001
    said: str,
    total: int,
) -> None:
    postgres.execute("CREATE TABLE IF NOT EXISTS wasm_engine_done(key text PRIMARY KEY, at "
                     "timestamptz NOT NULL DEFAULT now(), answer text)",
                     "GRANT ALL ON wasm_engine_done TO clerk")  # fmt: skip
    line = Line(postgres.port, word, breaks)
    try:
        keeping = clerk(tmp_path, f"postgresql://127.0.0.1:{line.port}/shop", CHANGE, marks=marks)
        assert keeping.run()["clerk"][0].startswith(said)
    finally:
        line.close()
    assert postgres.execute("SELECT total FROM orders WHERE id = 1") == [(total,)]


def test_a_change_whose_result_was_lost_in_a_crash_is_made_once(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping = clerk(tmp_path, postgres.address(), CHANGE)
    perform = PostgresServer.perform

    def die_after(it: Any, *asked: Any, **more: Any) -> Any:
        """The intent is on the disk, the change made, and nobody has noted the answer."""
        outcome = perform(it, *asked, **more)
        copied(keeping.file, "crashed.run")
        return outcome

    monkeypatch.setattr(PostgresServer, "perform", die_after)
    said = keeping.run()
    monkeypatch.undo()
    keeping.file = tmp_path / "crashed.run"
    assert keeping.resume() == said == {"clerk": ['= {"columns":["total"],"rows":[[4]]}']}
    assert postgres.execute("SELECT total FROM orders WHERE id = 1") == [(4,)]
    assert replays.replay(keeping.file).identical


def test_time_and_bytes_are_bounded_and_a_lost_server_is_a_typed_error(
    postgres: Postgres, tmp_path: Path
) -> None:
    endless = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x)"
    postgres.execute("UPDATE orders SET who = repeat('w', 5000)")
    said = clerk(
        tmp_path / "a", postgres.address(), f"query shop [] {endless} SELECT count(*) FROM x",
        f"query shop [] {endless} SELECT n FROM x", READ, "query shop [] SELECT id FROM orders",
        timeout="400 ms", **{"max-value": 4096},
    ).run()["clerk"]  # fmt: skip
    assert [answer.partition(": ")[0] for answer in said[:3]] == [
        "error timeout", "error too-large", "error too-large",
    ]  # fmt: skip
    assert said[3] == '= {"columns":["id"],"rows":[[1]]}'
    away = "the database cannot be reached or opened; nothing was sent"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"postgresql://127.0.0.1:{probe.getsockname()[1]}/shop"
    assert clerk(tmp_path / "b", closed, READ).run()["clerk"] == [
        f"error connection-failed: {away}"
    ]
    # Who must prove who it is, and does not, is told nothing.
    address = postgres.address()
    assert clerk(tmp_path / "c", address, READ, tls=True).run()["clerk"] == [
        f"error connection-failed: {away}"
    ]
    secrets.set_secret("db-password", "another-password")
    assert clerk(tmp_path / "d", address, READ).run()["clerk"] == [
        "error not-granted: the database does not let us"
    ]


def test_the_operator_must_allow_the_server_and_have_the_password(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(__file__).parents[2] / "guests" / "testing" / "clerk" / "clerk.wasm"
    (tmp_path / "clerk.wasm").write_bytes(source.read_bytes())
    manifest, run = tmp_path / "world.toml", tmp_path / "a.run"
    manifest.write_text(
        "[agents.clerk]\nsource = 'clerk.wasm'\ngrants = ['sql-read:shop']\n"
        f"[sql.shop]\naddress = '{postgres.address()}'\nschema = '''{DECLARED}'''\n"
        "user = 'clerk'\nsecret = 'db-password'\ntls = false\n"
        f"[[messages]]\nto = 'clerk'\ntopic = 'do'\nbody = '''{READ}'''\n"
    )
    address, password = postgres.address(), "secret:db-password"
    for allow in ([], [address], [password], [postgres.address("other"), password]):
        with pytest.raises(Refused):
            runs.run(manifest, file=run, allow=allow)
    secrets.remove_secret("db-password")
    with pytest.raises(Refused, match="does not have the secrets"):
        runs.run(manifest, file=run, allow=[address, password])
    secrets.set_secret("db-password", PASSWORD)
    assert runs.run(manifest, file=run, allow=[address, password]).status == "idle"
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "wasm_engine.host.postgres_server", raising=False)
    with pytest.raises(Misuse, match=r"package psycopg is missing") as failure:
        runs.run(manifest, file=tmp_path / "b.run", allow=[address, password])
    assert failure.value.code == "no-postgres-client"
