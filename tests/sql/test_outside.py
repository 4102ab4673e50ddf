"""Databases in files outside of a world: held to the same rules, asked once, changed once."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.effects.worlds import copied
from tests.sql.outside import CLERK, DECLARED, Shop, asking, of_kind
from tests.stores.worlds import GUESTS
from wasm_engine.agents.read_manifest import from_mapping
from wasm_engine.capabilities.sql.database import Database
from wasm_engine.capabilities.sql.outside import walls
from wasm_engine.concepts.errors import BadManifest, Misuse, Refused
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.sql_rights import EVERYTHING, SqlRights
from wasm_engine.control import inspection, replays, runs
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.sql_outside import Asked, Terms
from wasm_engine.host.sqlite_file import SqliteFile
from wasm_engine.journal.entries import Intent, Result
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Edits, fork
from wasm_engine.world.services import services_of

SCHEMA = Database(DECLARED, max_size=1 << 20, max_value=1 << 14).schema
RIGHTS = SqlRights(
    read=("items", "orders.id", "orders.total"), insert=("items",), update=("items.n",)
)
READ = "query shop [] SELECT id, total FROM orders ORDER BY id"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def ask(shop: Shop, text: str, *parameters: Any, rights: SqlRights = EVERYTHING) -> Any:
    """What a file answers behind the wall alone: nobody has looked at the statement before."""
    file = SqliteFile(str(shop.file), Terms(2.0, 4, marks=False, max_value=4096))
    held = walls(SCHEMA, rights)
    outcome = file.perform("k", [Asked(text, parameters)], held, Cancellation(), writes=True)
    return outcome.payload if isinstance(outcome, Err) else outcome[0][0]


def test_a_file_is_asked_by_effects_and_a_replay_asks_nobody(shop: Shop, tmp_path: Path) -> None:
    keeping = asking(
        tmp_path,
        shop.address,
        READ,
        'execute shop [1,5] INSERT INTO items(oid, n) VALUES (?, ?)',
        'query shop [9,{"hex":"00ff"}] UPDATE items SET n = ? WHERE oid = 1 RETURNING n, ? AS b',
        'batch shop [["DELETE FROM items WHERE n = ?",[9]],["SELECT count(*) AS n FROM items",[]]]',
    )  # fmt: skip
    said = keeping.run()["clerk"]
    assert said == [
        '= {"columns":["id","total"],"rows":[[1,3],[2,20]]}',
        "= 1",
        '= {"columns":["n","b"],"rows":[[9,{"hex":"00ff"}]]}',
        '= [{"changed":1,"columns":[],"rows":[]},{"changed":0,"columns":["n"],"rows":[[0]]}]',
    ]
    shop.file.unlink()
    assert replays.replay(keeping.file).identical
    intents, results = of_kind(keeping, Intent), of_kind(keeping, Result)
    assert [it.capability for it in intents] == ["sql"] * 4
    assert [it.number for it in intents] == [it.number for it in results]
    asked = ["INSERT INTO items(oid, n) VALUES (?, ?)", [1, 5]]
    assert intents[1].arguments == ["shop", "execute", [asked], True]
    assert not shop.file.exists()


TRICKS = [
    "SELECT secret FROM orders",
    "SELECT id FROM orders UNION SELECT pin FROM vault",
    "SELECT id FROM orders -- \n UNION SELECT pin FROM vault",
    "SELECT/**/id/**/FROM/**/orders/**/UNION/**/SELECT/**/who/**/FROM/**/orders",
    "SELECT (SELECT group_concat(who) FROM orders) AS id",
    "SELECT id FROM orders WHERE secret LIKE 'a%'",
    "SELECT id FROM orders ORDER BY who",
    "SELECT * FROM orders",
    "WITH items AS (SELECT pin AS id FROM vault) SELECT id FROM items",
    "WITH kept AS (SELECT pin FROM vault) SELECT pin FROM kept",
    'SELECT "secret" FROM orders',
    "SELECT sql FROM sqlite_master",
    "SELECT answer FROM wasm_engine_done",
    "SELECT name FROM pragma_table_info('vault')",
    "INSERT INTO items(n) SELECT pin FROM vault",
    "INSERT INTO items(n) VALUES (1) RETURNING (SELECT who FROM orders)",
    "INSERT INTO orders(who) VALUES ('eve')",
    "UPDATE items SET oid = 7",
    "UPDATE items SET n = 1 WHERE (SELECT length(pin) FROM vault) = 4",
    "UPDATE orders SET total = 0",
    "DELETE FROM items",
    "INSERT OR REPLACE INTO items(id, n) VALUES (1, 2)",
    "DROP TABLE vault",
    "ATTACH 'x.db' AS x",
    "PRAGMA writable_schema = ON",
    "SELECT load_extension('x')",
    "SELECT id FROM orders; DELETE FROM vault",
    "COMMIT",
]


def test_rules_hold_against_tricks(shop: Shop, tmp_path: Path) -> None:
    """Both layers refuse each: what the world is asked, and the wall by itself."""
    before = shop.file.read_bytes()
    script = [f"batch shop {json.dumps([[text, []]])}" for text in TRICKS]
    said = asking(tmp_path, shop.address, *script, rules=CLERK).run()["clerk"]
    for text, answer in zip(TRICKS, said, strict=True):
        assert answer.startswith(("error not-granted", "error invalid-statement")), text
        code = ask(shop, text, rights=RIGHTS)[0]
        assert code in {"not-granted", "invalid-statement"}, text
    assert shop.file.read_bytes() == before
    assert shop.rows("SELECT count(*) FROM orders, vault") == [(2,)]


def test_what_is_not_declared_is_not_there_whatever_is_granted(shop: Shop, tmp_path: Path) -> None:
    said = asking(
        tmp_path, shop.address, "query shop [] SELECT pin FROM vault",
        "query shop [] SELECT secret FROM orders", "query shop [] SELECT * FROM orders",
        "execute shop [] INSERT INTO orders VALUES (7, 'eve', 1, 'mine')",
    ).run()["clerk"]  # fmt: skip
    assert said == [
        'error invalid-statement: no table "vault"',
        'error invalid-statement: no column "secret" here',
        "error not-granted: the column orders.secret",
        "error invalid-statement: name the columns: INSERT INTO orders(id, total) ...",
    ]
    # What it names means an outer column as it is declared, and one of the table that is there.
    assert ask(shop, "SELECT (SELECT secret FROM orders) FROM items AS secret")[0] == "not-granted"


def test_who_has_the_database_keeps_its_triggers_keys_and_checks(shop: Shop) -> None:
    rights = SqlRights(read=("orders.id",), insert=("items", "orders"))
    assert ask(shop, "INSERT INTO items(oid, n) VALUES (1, 2)", rights=rights)[0] == 1
    assert shop.rows("SELECT pin, length(what) FROM trail") == [("1234", 4)]
    assert ask(shop, "INSERT INTO items(oid) VALUES (77)", rights=rights) == (
        "constraint",
        "foreignkey",
    )
    assert ask(shop, "INSERT INTO orders(total) VALUES (-1)", rights=rights) == (
        "constraint",
        "check",
    )


@pytest.mark.parametrize("marks", [True, False])
def test_a_change_whose_result_was_lost_in_a_crash_is_made_once(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, marks: bool
) -> None:
    """By its mark; without marks nobody knows, and the agent is told so. A read is sent again."""
    change = "query shop [] UPDATE orders SET total = total + 1 WHERE id = 1 RETURNING total"
    keeping = asking(tmp_path, shop.address, READ, change, database={"marks": marks})
    perform, files = SqliteFile.perform, []

    def die_after(it: Any, *asked: Any, **more: Any) -> Any:
        """The intent is on the disk, the statement done, and nobody has noted its answer."""
        outcome = perform(it, *asked, **more)
        files.append(copied(keeping.file, f"crashed-{len(files)}.run"))
        return outcome

    monkeypatch.setattr(SqliteFile, "perform", die_after)
    said = keeping.run()["clerk"]
    monkeypatch.undo()
    assert said[1] == '= {"columns":["total"],"rows":[[4]]}'
    keeping.file = files[1]
    unknown = "error outcome-unknown: nobody knows whether it was carried out: "
    ended = said[1] if marks else f"{unknown}the engine ended meanwhile"
    assert keeping.resume()["clerk"] == [said[0], ended]
    assert shop.rows("SELECT total FROM orders WHERE id = 1") == [(4,)]
    assert replays.replay(keeping.file).identical
    keeping.file = files[0]  # where it read: that is asked again, and then the change anew
    assert keeping.resume()["clerk"][0].startswith('= {"columns":["id","total"]')
    if marks:
        assert shop.rows("SELECT count(*) FROM wasm_engine_done") == [(1,)]


def test_the_operator_must_allow_the_file(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "[agents.clerk]\nsource = 'clerk.wasm'\ngrants = ['sql:shop']\n"
        f"[sql.shop]\naddress = '{shop.address}'\nschema = '''{DECLARED}'''\n"
        f"[[messages]]\nto = 'clerk'\ntopic = 'do'\nbody = '''{READ}'''\n"
    )
    source = (GUESTS / "clerk" / "clerk.wasm").read_bytes()
    (tmp_path / "clerk.wasm").write_bytes(source)
    manifest, run = tmp_path / "world.toml", tmp_path / "a.run"
    manifest.write_text(text)
    for allow in ([], ["sqlite:/other/shop.db"], [f"mount:{tmp_path}/*"]):
        with pytest.raises(Refused, match=f"  {shop.address}"):
            runs.run(manifest, file=run, allow=allow)
    with pytest.raises(Misuse, match="after `sqlite:` goes an absolute path"):
        runs.run(manifest, file=run, allow=["sqlite:shop.db"])
    runs.run(manifest, file=run, allow=[f"sqlite:{tmp_path}/*"])
    # This run may go on; where it is brought from elsewhere it may not.
    runs.send(run, ("clerk", "do", READ))
    runs.resume(run)
    with monkeypatch.context() as patch:
        patch.setenv("WASM_ENGINE_HOME", str(tmp_path / "another home"))
        with pytest.raises(Refused, match=f"  {shop.address}"):
            runs.resume(run, take_over=True)
    rows = inspection.inspect(run, wanted=inspection.Wanted(messages=True)).effects
    assert rows is not None
    assert [(row.capability, row.arguments[:2]) for row in rows] == [("sql", ["shop", "query"])] * 2


@pytest.mark.parametrize("what", ["nothing", "a link", "no database", "other tables"])
def test_what_is_not_as_the_manifest_says_is_a_typed_error(
    shop: Shop, tmp_path: Path, what: str
) -> None:
    if what == "nothing":
        shop.file.unlink()
    elif what == "a link":
        (tmp_path / "real.db").write_bytes(shop.file.read_bytes())
        shop.file.unlink()
        shop.file.symlink_to(tmp_path / "real.db")
    elif what == "no database":
        shop.file.write_bytes(b"x" * 8192)
    else:
        shop.execute("ALTER TABLE orders DROP COLUMN who")
    code, detail = ask(shop, "SELECT total FROM orders")
    away = "the database cannot be reached or opened; nothing was sent"
    other = "the database is not as the manifest says"
    assert (code, detail) == {
        "nothing": ("connection-failed", away),
        "a link": ("connection-failed", away),
        "no database": ("bad-response", other),
        "other tables": ("bad-response", f"{other}: orders has no column who"),
    }[what]
    if what == "nothing":
        assert not shop.file.exists()


def test_time_rows_and_bytes_are_bounded(shop: Shop, tmp_path: Path) -> None:
    endless = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x)"
    shop.execute(f"UPDATE orders SET who = '{'w' * 5000}' WHERE id = 2")
    keeping = asking(
        tmp_path, shop.address, f"query shop [] {endless} SELECT count(*) AS n FROM x",
        f"query shop [] {endless} SELECT n FROM x", "query shop [] SELECT who FROM orders",
        f'query shop ["{"p" * 5000}"] SELECT ? AS p', READ,
        database={"timeout": "300 ms", "max-value": 4096},
    )  # fmt: skip
    late = "error timeout: it took longer than it may, or others kept the database locked"
    value = "error too-large: a value is larger than one may be"
    said = keeping.run()["clerk"]
    assert said[0] == late
    assert said[1].startswith("error too-large: a result has at most 10000 rows")
    assert said[2:4] == [value] * 2
    assert said[4].startswith("= ")
    other = sqlite3.connect(shop.file)
    other.execute("BEGIN IMMEDIATE")
    file = SqliteFile(str(shop.file), Terms(0.1, 1, marks=True, max_value=4096))
    held = walls(SCHEMA, EVERYTHING)
    asked = [Asked("DELETE FROM items", ())]
    outcome = file.perform("k", asked, held, Cancellation(), writes=True)
    other.close()
    assert isinstance(outcome, Err)
    assert outcome.payload[0] == "timeout"
    gone = Cancellation()
    gone.cancel()
    outcome = file.perform("k", [Asked(f"{endless} SELECT count(*) FROM x", ())], held, gone,
                           writes=False)  # fmt: skip
    assert isinstance(outcome, Err)
    assert outcome.payload[0] == "cancelled"


def test_in_lockstep_many_clerks_change_the_same_and_lose_nothing(
    shop: Shop, tmp_path: Path
) -> None:
    script = ["execute shop [] UPDATE orders SET total = total + 1 WHERE id = 1"] * 3
    chains = []
    for name, workers, live in (("one", 1, 100), ("two", 2, 0)):
        keeping = asking(tmp_path / name, shop.address, *script, world={"effects": "lockstep"})
        kinds = keeping.manifest["agents"]
        kinds["clerk"]["count"] = 3
        for number in (1, 2, 3):
            keeping.manifest["messages"][number - 1 : number] = [
                {"to": f"clerk/{number}", "topic": "do", "body": "\n".join(script)}
            ]
        keeping.world = type(keeping.world).from_mapping(keeping.manifest, GUESTS)
        with keeping.begin(workers=workers, max_live=live) as run:
            run.execution.go(Until())
        chains.append(replays.replay(keeping.file).chain)
    assert shop.rows("SELECT total FROM orders WHERE id = 1") == [(3 + 2 * 9,)]
    assert chains[0] == chains[1]


def test_a_fork_takes_the_recorded_answers(shop: Shop, tmp_path: Path) -> None:
    keeping = asking(tmp_path, shop.address, READ, "execute shop [] DELETE FROM items", READ)
    said = keeping.run()
    shop.file.unlink()
    with fork(keeping.file, 1, tmp_path / "fork.run", Edits()) as other:
        other.execution.go(Until())
    assert keeping.said(tmp_path / "fork.run") == said


SERVER = {"address": "postgresql://127.0.0.1:5432/shop", "schema": DECLARED, "user": "clerk"}
FILE = {"address": "sqlite:/data/shop.db", "schema": DECLARED}


@pytest.mark.parametrize(
    ("database", "says"),
    [
        ({**FILE, "address": "sqlite:shop.db"}, "must be an address such as"),
        ({**FILE, "address": "sqlite:/data/../shop.db"}, "must be an address such as"),
        ({**FILE, "address": "postgresql://u:p@127.0.0.1:5432/shop"}, "must be an address such as"),
        ({**FILE, "address": "postgresql://127.0.0.1:99999/shop"}, "must be an address such as"),
        ({**FILE, "schema": ""}, "needs a `schema`"),
        ({**FILE, "max-size": "1 MiB"}, "is bounded by who has it"),
        ({**FILE, "user": "clerk"}, "is for a server; this is a file"),
        ({**FILE, "secret": "password"}, "is for a server; this is a file"),
        ({**FILE, "schema": "CREATE TABLE wasm_engine_done(key)"}, "is a table of ours"),
        ({**FILE, "schema": "CREATE TABLE t(a); INSERT INTO t VALUES (1)"}, "has its own rows"),
        ({**SERVER, "user": ""}, "must be a name of 1 to 63 characters"),
        ({"schema": DECLARED, "timeout": "3 s"}, "is for a database outside"),
        ({k: v for k, v in SERVER.items() if k != "user"}, "needs a `user`"),
    ],
)
def test_what_does_not_go_together_is_a_mistake(database: dict[str, Any], says: str) -> None:
    agents = {"clerk": {"source": "clerk/clerk.wasm", "grants": ["sql:shop"]}}
    with pytest.raises(BadManifest) as caught:
        services_of(from_mapping({"sql": {"shop": database}, "agents": agents}, GUESTS))
    assert says in str(caught.value)
