"""A worker process that was taken over sees, changes and spends nothing that its agent may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.isolation.test_review import EMPTY, MESSAGE, TEXT
from tests.sql.conftest import SCHEMA
from wasm_engine.agents.isolated import protocol
from wasm_engine.agents.isolated.guest import IsolatedGuest
from wasm_engine.agents.isolated.protocol import (
    Judge,
    Lie,
    Look,
    Ran,
    Spend,
    Standing,
    TurnTold,
)
from wasm_engine.agents.isolated.worker import Worker
from wasm_engine.concepts.plain import to_plain
from wasm_engine.orchestrator.execution import Until
from wasm_engine.policy.forbidding import Forbid
from wasm_engine.policy.policy import Policy
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.world import World
from wasm_engine.world.isolation import OVERSEER

GUESTS = Path(__file__).parents[2] / "guests" / "testing"
REDIS = "redis://127.0.0.1:6379/0"
GRANTS = [
    "keyvalue:orders", "keyvalue-read:seen", "keyvalue:cache", "blobstore:box", "sql-read:shop",
    "human:owner", "secret:key",
]  # fmt: skip
TABLES: dict[str, Any] = {
    "agents": {
        "liar": {
            "source": "scripted/scripted.wasm",
            "grants": GRANTS,
            "sql": {"shop": {"read": ["orders.id"]}},
        },
        "other": {"source": "scripted/scripted.wasm", "grants": ["keyvalue:others"]},
    },
    "keyvalue": {"cache": {"redis": REDIS}},
    "sql": {"shop": {"schema": SCHEMA}},
    "secrets": {it: {"for": ["https://x.example"], "in": ["header"]} for it in ("key", "other")},
    "labels": {"secret": {"sources": ["keyvalue:orders", "sql:shop", "human:owner"]}},
}
SECRET = frozenset({"secret"})


@pytest.fixture(scope="module")
def stage():
    """A world that a liar looks at; nobody changes it."""
    with World.from_mapping(TABLES, GUESTS).begin() as run:
        yield run.execution.scheduler.world


@pytest.fixture
def guest(stage):
    """What is known here of a guest of `liar`; there are labels, and no policy."""
    stage.guard.enforce(Policy([]), {}, -1)
    stage.guard.judged_from = None
    return _begun(stage)


@pytest.fixture
def judged(stage):
    """The same under a policy."""
    rule = Forbid("no-box", ("blobstore.write",), ("box",), (), ("secret",))
    stage.guard.enforce(Policy([rule]), {}, -1)
    return _begun(stage)


def _begun(stage):
    agent = stage.agents["liar"]
    agent.ordinal = 0
    made = IsolatedGuest({}, OVERSEER)
    made.begin(agent, stage, MESSAGE, Entropy(), work=agent.program.kind.work, reading=0)
    made.around()
    return made


def look(service, operation, *arguments):
    return Look(service, operation, to_plain(arguments))


def stand(guest, ordinal=0, labels=(), sources=()):
    told = Standing(
        5, guest.work - 1_000_000, 0, 0, ordinal, False, False, [],
        labels=sorted(labels), sources=list(sources),
    )  # fmt: skip
    guest.stand(told, 10)


def say(guest, ordinal=0, labels=(), sources=(), **fields):
    """It says that it did this, gave so many numbers, and knows that."""
    stand(guest, ordinal, labels, sources)
    outputs = msgspec.structs.replace(EMPTY, **fields)
    told = Standing(1, 1, 0, 0, 0, False, False, [])
    answer = protocol.decode(protocol.encode(Ran("finished", told, outputs)))
    guest.take(answer.outputs, 0, print)


def turn(call, *arguments, labels=()):
    return TurnTold(call, to_plain(arguments), sorted(labels))


NOT_ITS_OWN = "what its agent was not granted"
NOTHING = "what there is not"
LOOKS = [
    (NOT_ITS_OWN, look("keyvalue", "get", "others", "k")),
    (NOT_ITS_OWN, look("keyvalue", "list-keys", "others", None)),
    (NOT_ITS_OWN, look("keyvalue", "redis", "others")),
    (NOT_ITS_OWN, look("blobstore", "names", "other")),
    (NOT_ITS_OWN, look("blobstore", "read", "other", "a", 0, 9)),
    (NOT_ITS_OWN, look("sql", "footprint", "other", "SELECT 1")),
    (NOT_ITS_OWN, look("secrets", "to", "other")),
    (NOTHING, look("keyvalue", "set", "orders", "k", b"v")),
    (NOTHING, look("keyvalue", "get", "orders")),
    (NOTHING, look("keyvalue", "get", "orders", b"k")),
    (NOTHING, look("keyvalue", "freeze")),
    (NOTHING, look("blobstore", "read", "box", "a", 0, True)),
    (NOTHING, Look("keyvalue", "get", "orders")),
    ("as nobody does", look("keyvalue", "get", "cache", "k")),
    ("as nobody does", look("keyvalue", "get-many", "orders", ["k"] * 1001)),
    ("before an object", look("blobstore", "read", "box", "a", -5, 9)),
    ("no budget|nobody asks for", Spend("messages", 1, 0)),
    ("a value that is none", Look("keyvalue", "get", ["?", "orders", "k"])),
]


@pytest.mark.parametrize(("what", "question"), LOOKS)
def test_nobody_looks_where_his_agent_may_not(guest, what, question):
    with pytest.raises(Lie, match=what):
        guest.fetched(question)


def test_who_may_look_is_shown_and_knows_it(guest):
    assert guest.fetched(look("keyvalue", "get", "orders", "k")) is None
    assert guest.fetched(look("keyvalue", "redis", "cache")) == REDIS
    assert guest.fetched(look("secrets", "to", "key")).startswith("wasm-engine-secret.key.")
    verb, *_, denied = guest.fetched(look("sql", "footprint", "shop", "SELECT who FROM orders"))[1:]
    assert (verb, denied) == ("select", "reading orders.who")
    for source in ("keyvalue:orders", "secret:key"):
        guest.fetched(protocol.Fetch("source", source))
    with pytest.raises(Lie, match="did not read what it looked at"):
        stand(guest, labels=SECRET)
    with pytest.raises(Lie, match="does not know what it looked at"):
        stand(guest, sources=["keyvalue:orders", "secret:key"])


def test_whoever_looks_pays(guest):
    guest.most_work = 12_000
    for _ in range(2):
        guest.fetched(look("keyvalue", "get", "orders", "k"))
    with pytest.raises(Lie, match="more than it can pay for"):
        guest.fetched(look("keyvalue", "get", "orders", "k"))
    guest.most_work, guest.answers = 10**9, []
    with pytest.raises(Lie, match="in its call log"):
        guest.fetched(look("keyvalue", "get", "orders", "k"))


def asked(guest, action, target, labels=(), **context):
    return guest.fetched(Judge(action, target, list(context.items()), sorted(labels), 0))


def test_under_a_policy_it_sees_what_it_was_let_see(judged):
    for question in (
        look("keyvalue", "get", "orders", "k"), look("blobstore", "created", "box"),
        look("secrets", "to", "key"),
    ):  # fmt: skip
        with pytest.raises(Lie, match="what it did not ask for"):
            judged.fetched(question)
    assert asked(judged, "keyvalue.read", "orders", key="k") is None
    assert judged.fetched(look("keyvalue", "get", "orders", "k")) is None
    with pytest.raises(Lie, match="what it did not ask for"):
        judged.fetched(look("keyvalue", "get", "orders", "other"))


NOW = 1_735_689_600 * 10**9
TURNS = [
    (NOT_ITS_OWN, turn("keyvalue.set", "others", "k", b"v")),
    (NOT_ITS_OWN, turn("keyvalue.delete", "seen", "k")),
    ("lies in Redis", turn("keyvalue.set", "cache", "k", b"v")),
    ("there is not", turn("keyvalue.set", "orders", "k", "text")),
    ("there is not", turn("keyvalue.get", "orders", "k")),
    ("there is not", turn("keyvalue.thaw", [])),
    ("there is not", turn("blobstore.put", [["box", "a"]], b"", NOW)),
    ("there is not", turn("secrets.to", "key")),
    ("there is not", turn("format.disk")),
    ("without arguments", TurnTold("keyvalue.set", ["l", "orders"], [])),
    ("too large", turn("keyvalue.set", "orders", "k" * 600, b"v")),
    ("too large", turn("keyvalue.set-many", "orders", [("k", b"v")] * 1001)),
    ("too large", turn("keyvalue.increment", "orders", "k", 1 << 63)),
    (NOT_ITS_OWN, turn("blobstore.drop", "other")),
    (NOT_ITS_OWN, turn("blobstore.copy", "other", "a", "box", "a", NOW)),
    (NOT_ITS_OWN, turn("blobstore.put", [("box", "a"), ("other", "a")], b"x", NOW)),
    ("another time", turn("blobstore.create", "box", NOW + 1)),
    ("a name that is none", turn("blobstore.move", "box", "a", "box", "", NOW)),
    (NOT_ITS_OWN, turn("sql.query", "other", [("SELECT 1", [])], NOW)),
    ("may not have executed", turn("sql.query", "shop", [("SELECT pin FROM vault", [])], NOW)),
    ("may not have executed", turn("sql.execute", "shop", [("DELETE FROM orders", [])], NOW)),
    ("a statement that is none", turn("sql.execute", "shop", [("DROP TABLE orders", [])], NOW)),
    ("other statements", turn("sql.query", "shop", [("SELECT 1", [])] * 2, NOW)),
    ("parameters that are none", turn("sql.query", "shop", [("SELECT ?", [1 << 63])], NOW)),
    ("parameters that are none", turn("sql.query", "shop", [("S", [float("nan")])], NOW)),
    ("there is not", turn("sql.query", "shop", [("SELECT ?", [[1]])], NOW)),
    ("more than it can pay for", turn("sql.query", "shop", [("S" * 500_000, [])], NOW)),
]  # fmt: skip


@pytest.mark.parametrize(("what", "suspension"), TURNS)
def test_no_turn_call_is_forged(guest, what, suspension):
    guest.fetched(protocol.Fetch("source", "sql:shop"))
    with pytest.raises(Lie, match=what):
        say(guest, labels=SECRET, sources=["sql:shop"], suspension=suspension)


def test_labels_of_what_it_may_not_write_are_refused(guest):
    with pytest.raises(Lie, match="labels of what it may not write"):
        say(guest, marks=[("store", "keyvalue:others", [])])


ASK = ("ask", "owner", "what?", "", ["yes"], None)
EFFECTS = [
    (NOT_ITS_OWN, "human", ("ask", "boss", "what?", "", [], None)),
    ("nobody so", "human", ("order", *ASK[1:])),
    ("nobody so", "human", (*ASK[:3], "more", *ASK[4:])),
    ("nobody so", "human", ASK[:4]),
    ("more than one may", "human", ("ask", "owner", "x" * 5_000, "", [], None)),
    ("more than one may", "human", ("ask", "owner", "x", "", ["a\nb"], None)),
    ("a time that is none", "human", ("ask", "owner", "x", "", [], -1)),
    (NOT_ITS_OWN, "redis", (REDIS, "others", "get", "k")),
    ("lies elsewhere", "redis", ("redis://127.0.0.1:1/0", "cache", "get", "k")),
    ("lies elsewhere", "redis", (REDIS, "orders", "get", "k")),
    ("lies in the world", "sql", ("shop", "query", [("SELECT id FROM orders", [])], False)),
    (NOT_ITS_OWN, "sql", ("others", "query", [("SELECT 1", [])], False)),
    ("there is not", "sql", ("shop", "drop", [("SELECT 1", [])], False)),
    ("there is not", "redis", (REDIS, "cache", "flushall")),
    ("there is not", "redis", (REDIS, "cache", "get", "k", "k")),
]


def effect(capability, arguments):
    marks = [("effect", 1, ["secret"]), ("asked", 1, [])]
    sent = 100 + len(str(arguments))
    row = (1, 0, capability, to_plain(arguments))
    return {"effects": [row], "sent_bytes": 1000 + sent, "marks": marks}


@pytest.mark.parametrize(("what", "capability", "arguments"), EFFECTS)
def test_no_effect_is_forged(guest, what, capability, arguments):
    with pytest.raises(Lie, match=what):
        say(guest, 1, **effect(capability, arguments))


def test_whose_answer_it_is_goes_with_it(guest):
    asked = effect("human", ASK)
    guest.fetched(protocol.Fetch("source", "human:owner"))
    with pytest.raises(Lie, match="who will answer"):
        say(guest, 1, **{**asked, "marks": []})
    say(guest, 1, **asked)
    assert guest.segment.effects[1].arguments == ASK


PUT = turn("keyvalue.set", "orders", "k", b"v")
ADD = turn("keyvalue.increment", "orders", "n", 1, labels=SECRET)
OTHER = turn("keyvalue.increment", "orders", "other", 1, labels=SECRET)
MARK = {"marks": [("store", "keyvalue:orders", [])]}
MARKED = {"marks": [("store", "keyvalue:orders", ["secret"])]}
READ = {"labels": SECRET, "sources": ["keyvalue:orders"]}


def test_under_a_policy_it_changes_what_it_was_let_change(judged):
    with pytest.raises(Lie, match="what it was not let do"):
        say(judged, suspension=PUT, **MARK)
    assert [asked(judged, "keyvalue.write", "orders", key=it) for it in "kn"] == [None, None]
    say(judged, suspension=PUT, **MARK)
    judged.fetched(protocol.Fetch("source", "keyvalue:orders"))
    with pytest.raises(Lie, match="not to know what it reads"):
        say(judged, suspension=ADD, labels=SECRET, **MARKED)
    with pytest.raises(Lie, match="what it was not let do"):
        say(judged, suspension=OTHER, **READ, **MARKED)
    with pytest.raises(Lie, match="without its labels"):
        say(judged, suspension=ADD, **READ, **MARK)
    say(judged, suspension=ADD, **READ, **MARKED)
    assert asked(judged, "blobstore.write", "box", SECRET, object="") == "no-box"
    said = turn("blobstore.drop", "box", labels=SECRET)
    with pytest.raises(Lie, match="what it was not let do"):
        say(judged, suspension=said, **READ, marks=[("store", "blobstore:box", ["secret"])])


@pytest.fixture
def poor():
    """What is known here of a guest whose agent has a budget."""
    budget = {"messages": 3, "bytes": 100, "per": "1 h", "exhausted": "wait"}
    data = {**TABLES, "budgets": {"each": budget}}
    with World.from_mapping(data, GUESTS).begin() as run:
        yield _begun(run.execution.scheduler.world)


SEND = {"sends": [("other", "t", TEXT, [], None, None)], "sent_bytes": 257}


def test_nothing_is_done_that_no_budget_was_asked_for(poor):
    with pytest.raises(Lie, match="messages that it asked no budget for"):
        say(poor, **SEND)
    assert poor.fetched(Spend("messages", 1, 0)) == []
    with pytest.raises(Lie, match="bytes that it asked no budget for"):
        say(poor, **SEND)
    assert poor.fetched(Spend("bytes", 1, 0)) == []
    say(poor, **SEND)
    assert poor.segment.costs[2] == 1


def test_nothing_is_asked_for_that_is_not_done(poor):
    assert poor.fetched(Spend("messages", 3, 3)) == []
    with pytest.raises(Lie, match="messages that it has no use for"):
        say(poor, **SEND)
    for question in (Spend("messages", -1, 0), Spend("bytes", 1 << 60, 0)):
        with pytest.raises(Lie, match="nobody asks for"):
            poor.fetched(question)


def test_who_is_put_off_does_not_go_on(poor):
    poor.fetched(Spend("messages", 3, 3))
    poor.agent.purse.spent[2] = 3  # by a message before
    poor.segment.costs = None
    assert poor.fetched(Spend("messages", 1, 1)) == "each: messages"
    with pytest.raises(Lie, match="although it was put off"):
        poor.fetched(Spend("messages", 0, 0))
    assert poor.spending.postponed


def test_a_liar_is_taken_for_a_crash_and_leaves_no_trace(monkeypatch):
    """It wants more than its budget has, which would end it, and looks into another's bucket."""
    answered = Worker._answer

    def lying(worker, fetched):
        def asking():
            yield Spend("messages", 50, 0)
            yield look("keyvalue", "get", "others", "k")

        answer = answered(worker, fetched)
        if isinstance(answer, Ran):
            for question in asking():
                fetched(question)
        return answer

    monkeypatch.setattr(Worker, "_answer", lying)
    kinds = {
        "liar": {**TABLES["agents"]["liar"], "isolation": "process"},
        "other": TABLES["agents"]["other"],
    }
    budgets = {"few": {"messages": 10, "exhausted": "stop"}}
    with World.from_mapping({**TABLES, "agents": kinds, "budgets": budgets}, GUESTS).begin() as run:
        said = []
        run.execution.scheduler.observe = lambda ran: said.extend(
            (each.part.code, each.part.trouble) for each in ran
        )
        run.execution.receive("liar", "script", ("text", "set a 1"), [])
        run.execution.go(Until())
        why = f"it looked at {NOT_ITS_OWN} (keyvalue:others)"
        assert said == [("host-crash", why)]
        agent = run.execution.scheduler.world.agents["liar"]  # its budget has not ended it
        assert (agent.purse.wants, sum(agent.purse.spent), agent.state) == (None, 0, {})
