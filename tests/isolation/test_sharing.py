"""What agents share, whom they ask, what they spend: in a process of its own as in a thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.isolation.test_crashes import Killed
from tests.model.observed import play
from tests.orchestrator import budgeted
from tests.orchestrator.test_budgets import BUSY
from tests.secrets import conftest as secrets
from tests.sql.conftest import SCHEMA
from wasm_engine.agents.isolated import views
from wasm_engine.control import inspection, people, replays
from wasm_engine.control.secrets import set_secret
from wasm_engine.journal.entries import Control
from wasm_engine.orchestrator.activation import Activation
from wasm_engine.orchestrator.execution import Until
from wasm_engine.policy.forbidding import Forbid
from wasm_engine.policy.policy import Policy
from wasm_engine.world import LATEST, Run, World, isolation

GUESTS = Path(__file__).parents[2] / "guests" / "testing"
server, VALUE = secrets.server, secrets.VALUE
DENIED = "error not-granted"
KEEPS = [
    "open orders", "get x", "set x one", "get x", "exists x", "put a 1 b 2", "many a c", "list",
    "drop a", "delete b", "add n 5", "add x 1", "expect n", "add n 1", "swap 7", "again 8", "get n",
    "open others", "open seen", "get q", "set q 1",
]  # fmt: skip
STORES = [
    "create box", "about", "write a one", "twice b c two", "read a 0 9", "stream b", "fill f 5000",
    "names 2", "has a", "has z", "info a", "copy box a box d", "move box b box e", "drop c d",
    "delete e", "container other", "there other", "write a again", "clear", "remove box",
]  # fmt: skip
ASKS = [
    "query|shop|SELECT id, total FROM orders WHERE id = ?|[1]",
    "query|shop|SELECT pin FROM vault|[]",
    'execute|shop|INSERT INTO items(oid, n) VALUES (?, 2.5), (2, ?)|[2, {"hex": "00ff"}]',
    "query|shop|DROP TABLE items|[]", "query|other|SELECT 1|[]",
    'batch|shop|[["SELECT count(*) FROM items", []], ["UPDATE items SET n = ?", [4]]]',
    "execute|shop|INSERT INTO trail VALUES (1)|[]", "reference|api-key", "reference|other-key",
    "ask|boss|what?", "start|owner|later?", "ask|owner|how many?", "take|",
    "approve|owner|all of it",
]  # fmt: skip
SHOP = {"shop": {"read": ["orders.id", "orders.total", "items"], "insert": ["items"],
                 "update": ["items.n"]}}  # fmt: skip


def kind(guest: str, isolated: str = "process", **more: Any) -> dict[str, Any]:
    return {"source": f"{guest}/{guest}.wasm", "isolation": isolated, **more}


def tables(origin: str) -> dict[str, Any]:
    """Agents of all that there is to share, and one in a thread that shares a bucket with them."""
    granted = ["sql:shop", "human:owner", "secret:api-key", origin]
    scripts = {"keeper": KEEPS, "blobs": STORES, "clerk": [*ASKS, f"get|{origin}/echo|api-key"]}
    return {
        "agents": {
            "keeper": kind("keeper", grants=["keyvalue:orders", "keyvalue-read:seen"]),
            "blobs": kind("blobs", grants=["blobstore:box"]),
            "clerk": kind("desk", grants=granted, sql=SHOP),
            "beside": kind("keeper", "thread", grants=["keyvalue:orders", "keyvalue:seen"]),
        },
        "sql": {"shop": {"schema": SCHEMA}},
        "secrets": {name: {"for": [origin], "in": ["header"]} for name in ("api-key", "other-key")},
        "messages": [
            *({"to": to, "topic": "do", "body": "\n".join(it)} for to, it in scripts.items()),
            {"to": "beside", "topic": "do", "body": "open orders\nadd n 1\nset x 9\nlist"},
        ],
    }


@pytest.fixture
def _nothing_dies(monkeypatch):
    """A worker process that dies says here why it did."""

    def told(_self, _world, why):
        raise AssertionError(why)

    monkeypatch.setattr(Activation, "crash", told)


def said(file, agent):
    lines = inspection.inspect(file, wanted=inspection.Wanted(log=True)).log
    return [line.text for line in lines if line.agent == agent]


@pytest.mark.usefixtures("_nothing_dies")
def test_all_that_is_shared_has_the_history_of_threads(tmp_path, server, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    set_secret("api-key", VALUE)
    set_secret("other-key", VALUE[::-1])
    file = tmp_path / "it.run"
    with World.from_mapping(tables(server.origin), GUESTS).begin(file) as run:
        assert run.execution.go(Until()) == "waiting"
    for answer in ("later", "seven", None):  # the question that it does not wait for comes first
        number = people.pending(file).questions[0].number
        people.answer(file, number, answer or "", approved=None if answer else True)
        monkeypatch.setattr(views, "FEW", -1)  # from here on all is asked for
        with Run.open(file, write=True, at=LATEST) as run:
            run.execution.replay()
            run.execution.go(Until())
    told = {it: said(file, it) for it in ("keeper", "blobs", "clerk")}
    assert told["keeper"][10:18] == [
        "= 6", "= 10", "ok", "= 7", "differs", "= 7", "swapped", "= 8",
    ]  # fmt: skip
    assert told["keeper"][-4:] == ["error access-denied", "ok", "none", "error access-denied"]
    assert told["blobs"][2:6] == ["ok", "ok", "= one", "3 of 3"]
    assert told["blobs"][15:17] == ["error access-denied: other"] * 2
    assert told["clerk"][:3] == ['= {"columns":["id","total"],"rows":[[1,10]]}', DENIED, "= 2"]
    assert told["clerk"][6:10] == [DENIED, told["clerk"][7], DENIED, DENIED]
    assert told["clerk"][7].startswith("= wasm-engine-secret.api-key.")
    assert told["clerk"][-4:-1] == ["= seven", "= later", "= yes "]
    assert [request.headers["authorization"] for request in server.seen] == [VALUE]
    monkeypatch.setattr(isolation, "is_isolated", lambda _kind: False)
    assert replays.replay(file).identical


SECRETIVE = {
    "keeper/1": ["open open", "set k 1", "get k", "open vault", "get k", "get z", "list",
               "open open", "set k 2", "get k", "open joint", "add n 1", "put a 1 b 2", "many a"],
    "keeper/2": ["open vault", "get k", "open joint", *["set w 1"] * 5, "expect n", "open open",
              "set q 2"],
}  # fmt: skip
KEPT = ["create vault", "create open", "write a x", "container vault", "write a secret",
        "copy open a vault b", "copy vault a open b", "container open", "write z y"]  # fmt: skip
RULES = [
    Forbid("nothing-out", ("keyvalue.write", "blobstore.write"), ("open",), (), ("secret",)),
    Forbid("nobody-asked", ("human",), (), (), ("private",)),
    Forbid("not-that", ("keyvalue.read",), ("vault",), ("keeper/2",)),
    Forbid("not-the-key", ("secret",), ("*",)),
]


def judged(isolated: str, file: Path | None = None, **options: Any) -> Any:
    """What came of a world in which stores, databases and people are judged."""
    sources = ["keyvalue:vault", "blobstore:vault"]
    grants = [f"keyvalue:{it}" for it in ("open", "vault", "joint")]
    asks = ["reference|k", "start|owner|1?", "query|shop|SELECT 1|[]", "start|owner|2?"]
    data = {
        "agents": {
            "keeper": kind("keeper", isolated, grants=grants, count=2),
            "blobs": kind("blobs", isolated, grants=["blobstore:open", "blobstore:vault"]),
            "clerk": kind("desk", isolated, grants=["sql:shop", "human:owner", "secret:k"]),
        },
        "sql": {"shop": {"schema": SCHEMA}},
        "secrets": {"k": {"for": ["https://x.example"], "in": ["header"]}},
        "labels": {"secret": {"sources": sources}, "private": {"sources": ["sql:shop"]}},
    }
    scripts = {**SECRETIVE, "blobs": KEPT, "clerk": asks}
    with World.from_mapping(data, GUESTS).begin(file, **options) as run:
        run.change(Control("policy", [Policy(RULES).plain(), []]))
        for to, script in scripts.items():
            run.execution.receive(to, "do", ("text", "\n".join(script)), [])
        run.execution.go(Until())
        world = run.execution.scheduler.world
        steps = [(e.kind, e.body, e.detail) for e in run.file.entries(2)]
        return steps, world.guard.freeze(), run.execution.scheduler.totals.denials


@pytest.mark.usefixtures("_nothing_dies")
def test_labels_and_refusals_of_what_is_shared_are_those_of_threads(monkeypatch):
    here = judged("thread")
    assert here[2] == 7
    killed = Killed(monkeypatch, 1)
    assert judged("process", max_live=0) == here  # each guest is made again in each step
    assert len(killed.pids) == 1


BUDGETS = {
    "each": {"messages": 5, "fuel": 50_000_000, "per": "1 h", "exhausted": "wait"},
    "kind": {"kinds": ["a", "c"], "over": "kind", "bytes": 4_000, "agents": 3, "per": "2 h"},
    "all": {"over": "all", "messages": 40, "work": 10**10, "fuel": 10**9, "exhausted": "stop"},
}


@pytest.mark.usefixtures("_nothing_dies")
def test_budgets_are_spent_as_in_threads(monkeypatch):
    """The process of `a` is killed in the middle of what it asks its budget for."""
    table = {"count": 3, "grants": ["spawn:c"], "lifecycle": "resident", "subscribe": ["n"]}
    made = budgeted.world(BUDGETS, step_fuel=15_000_000, a=table, b={}, c={"count": 0})
    here = play(made.begin(), BUSY)
    killed = Killed(monkeypatch, 1)
    monkeypatch.setattr(isolation, "is_isolated", lambda it: it.name in {"a", "c"})
    assert play(made.begin(max_live=0), BUSY) == here
    assert killed.pids
