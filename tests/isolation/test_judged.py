"""Under a policy, and with labels, a process of its own changes nothing."""

from __future__ import annotations

import msgspec
import pytest

from tests.examples import test_untrusted_plugin
from tests.flow import conftest as flow
from tests.flow import test_declassifying
from tests.isolation.conftest import SCRIPTED
from tests.isolation.test_crashes import Killed
from tests.isolation.test_review import EMPTY
from wasm_engine.agents.isolated import views
from wasm_engine.agents.isolated.guest import IsolatedGuest
from wasm_engine.agents.isolated.protocol import Fetch, Judge, Lie, Ran, Standing
from wasm_engine.agents.isolated.worker import Worker
from wasm_engine.concepts.message import Message
from wasm_engine.control import inspection, replays, runs
from wasm_engine.journal.entries import Control
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.activation import Activation
from wasm_engine.orchestrator.execution import Until
from wasm_engine.policy.forbidding import Forbid
from wasm_engine.policy.policy import Policy
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.world import LATEST, Run, World, isolation
from wasm_engine.world.isolation import OVERSEER

folder = flow.folder
dictionary, world = test_untrusted_plugin.dictionary, test_untrusted_plugin.world


@pytest.fixture
def _nothing_dies(monkeypatch):
    """A worker process that dies says here why it did."""

    def told(_self, _world, why):
        raise AssertionError(why)

    monkeypatch.setattr(Activation, "crash", told)


def entries(file):
    with RunFile.open(file, write=False) as run:
        return [(entry.kind, entry.body, entry.detail) for entry in run.entries()]


@pytest.mark.usefixtures("_nothing_dies")
def test_every_way_is_closed_as_in_threads(folder, monkeypatch):
    here = entries(flow.play(folder))
    (folder / "vault.run").unlink()
    monkeypatch.setattr(isolation, "is_isolated", lambda kind: kind.name.startswith("carrier"))
    assert entries(flow.play(folder)) == here


@pytest.mark.usefixtures("_nothing_dies")
def test_a_plugin_that_nobody_trusts_is_refused_there_too(world, dictionary):
    where, origin = world
    manifest = where / "world.toml"
    text = manifest.read_text()
    manifest.write_text(
        text.replace("[agents.summariser]", '[agents.summariser]\nisolation = "process"')
    )
    files = [where / "nothing-leaves.toml", where / "nothing-leaves.cedar"]
    file = where / "it.run"
    report = runs.run(where / "world.toml", file=file, allow=[origin], policy=files)
    assert (report.status, report.dead_letters, report.denials) == ("idle", 0, 1)
    assert dictionary.received == []
    (refusal,) = test_untrusted_plugin.look(file).refusals
    assert (refusal.agent, refusal.action) == ("summariser", "http")
    assert (refusal.rule, refusal.labels) == ("nothing-private-leaves", ("private",))
    assert replays.replay(file).identical


@pytest.mark.usefixtures("_nothing_dies")
def test_a_label_comes_off_there_too(folder, monkeypatch):
    monkeypatch.setattr(isolation, "is_isolated", lambda it: it.name in {"granted", "forbidden"})
    test_declassifying.test_who_may_take_a_label_off_does_and_nobody_else(folder)


def script(text):
    return f"script {len(text)}:{text}"


TALK = ";".join(
    [
        "set own 1", "send sink t 1:x", "send sink t 1:y", f"start p b {script('reply yes')}",
        "schedule s 5000000 t 1:z", "publish news n", f"ask b {script('reply no')}",
        "send sink t 1:x", "take p", "get own", "keys 0:", "set other 2",
        "spawn child 1:k 0:", "send b t 1:x", f"ask sink {script('reply x')}", "reply done",
        "log over",
    ]
)  # fmt: skip
SECRET = f"send a {script(TALK)};ask a {script(TALK)}"
INPUTS = [("a", "append own 1;get own;send sink t 1:q"), ("vault", SECRET)]
AFTER = [("a", "get own;send sink t 1:x;delete own"), ("a", "set own 3;send sink t 1:x")]
RULES = [
    Forbid("no-secret", ("send", "ask"), ("sink",), (), ("secret",), ()),
    Forbid("no-child", ("spawn",), ("child",), (), ("secret",), ()),
]


def tables(isolated, lifecycle="message"):
    def kind(**more):
        return {"source": "scripted.wasm", "isolation": isolated, **more}

    here = {"source": "scripted.wasm"}
    return {
        "agents": {
            "a": kind(lifecycle=lifecycle, grants=["spawn:child"], fuel=80_000_000),
            "b": kind(subscribe=["news"]),
            "child": kind(count=0),
            "sink": {**here, "subscribe": ["news"]},
            "vault": here,
        },
        "labels": {"secret": {"sources": ["agent:vault"]}},
        "limits": {"step-fuel": 20_000_000},
    }


def went(isolated, inputs=INPUTS, after=AFTER, file=None, lifecycle="message", **options):
    """What came of it: chain, refusals and other lines, and all labels."""
    begun = World.from_mapping(tables(isolated, lifecycle), SCRIPTED)
    with begun.begin(file, **options) as run:
        run.change(Control("policy", [Policy(RULES).plain(), []]))
        for messages in (inputs, after):
            for to, text in messages:
                run.execution.receive(to, "script", ("text", text), [])
            run.execution.go(Until())
        return told(run)


def told(run):
    steps = [(e.kind, e.body, e.detail) for e in run.file.entries(2)]
    world = run.execution.scheduler.world
    return steps, world.guard.freeze(), {name: it.state for name, it in world.agents.items()}


@pytest.mark.usefixtures("_nothing_dies")
@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_labels_and_refusals_are_those_of_threads(lifecycle, monkeypatch):
    here = went("thread", lifecycle=lifecycle)
    assert here[2]["a"]["trace"].count("send:err:forbidden") >= 5
    assert "publish:err:forbidden" in here[2]["a"]["trace"]  # the sink would hear it
    assert went("process", lifecycle=lifecycle) == here
    monkeypatch.setattr(views, "FEW", -1)  # nothing goes along; all is asked for
    monkeypatch.setattr("wasm_engine.agents.isolated.knowing.FEW", -1)
    assert went("process", lifecycle=lifecycle, max_live=0) == here


@pytest.mark.usefixtures("_nothing_dies")
@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_one_whose_process_dies_is_judged_as_before(lifecycle, monkeypatch):
    here = went("thread", lifecycle=lifecycle)
    killed = Killed(monkeypatch, 1)
    assert went("process", lifecycle=lifecycle) == here
    assert len(killed.pids) == 1


WELL = [("vault", f"send a {script('send sink t 1:x;set k 1;loop')}")]
CUT = [("vault", f"send a {script('send sink t 1:x;set k 1;send b t 1:x;loop')}")]


def _die_when_cut(monkeypatch):
    held = Worker.ask_for

    def then(worker, kind, request):
        answer = held(worker, kind, request)
        if request[0] == "held":
            worker.close()
        return answer

    monkeypatch.setattr(Worker, "ask_for", then)


@pytest.mark.usefixtures("_nothing_dies")
@pytest.mark.parametrize("dies", [False, True])
def test_one_that_is_cut_holds_what_it_held(dies, monkeypatch):
    here = [went("thread", it, []) for it in (WELL, CUT)]
    if dies:
        _die_when_cut(monkeypatch)
    assert went("process", WELL, []) == here[0]
    if not dies:
        assert went("process", CUT, []) == here[1]


def test_one_that_dies_after_it_was_cut_between_messages_fails(tmp_path, monkeypatch):
    """What it had sent is in no call log."""
    _die_when_cut(monkeypatch)
    file = tmp_path / "it.run"
    there = went("process", CUT, [], file)
    assert "got:t" not in there[2]["b"].get("trace", "")
    assert inspection.inspect(file).dead_letters[0].code == "host-crash"
    monkeypatch.setattr(isolation, "is_isolated", lambda _kind: False)
    assert replays.replay(file).identical


@pytest.mark.usefixtures("_nothing_dies")
def test_breaks_between_steps_change_nothing(tmp_path):
    inputs = [*WELL, *CUT]
    here = went("thread", inputs, [])
    file = tmp_path / "broken.run"
    run = World.from_mapping(tables("process"), SCRIPTED).begin(file)
    run.change(Control("policy", [Policy(RULES).plain(), []]))
    for to, text in inputs:
        run.execution.receive(to, "script", ("text", text), [])
    while run.execution.go(Until(max_steps=1)) == "stopped":
        run.close()
        run = Run.open(file, write=True, at=LATEST)
        run.execution.replay()
    assert told(run) == here
    run.close()


def test_who_hears_of_a_crash_knows_what_the_process_knew(tmp_path, monkeypatch):
    inputs = [("vault", f"ask a {script(TALK)};send sink t 1:x")]
    file = tmp_path / "crash.run"
    with monkeypatch.context() as patch:
        Killed(patch, 2)
        there = went("process", inputs, [], file)
    assert "ask:err:failed" in there[2]["vault"]["trace"]
    monkeypatch.setattr(isolation, "is_isolated", lambda _kind: False)
    with Run.open(file) as run:
        run.execution.replay()
        assert told(run) == there


SEND = {"sends": [("sink", "t", ("text", "x"), [], None, None)], "sent_bytes": 257}
LESS = {"sends": [("b", "t", ("text", "x"), [], None, None)], "sent_bytes": 257}
LIES = {
    "to have known less than it was told": lambda it: {**LESS, "labels": []},
    "to have known what nobody told it": lambda it: {**LESS, "labels": [[*it, "other"]]},
    "to have done what the policy forbids": lambda it: {**SEND, "labels": [it]},
    "a refusal that there was not": lambda it: {"logs": [("denied", FORGED)]},
    "labels of keys that it did not write": lambda it: {
        "writes": [],
        "grown": 0,
        "marks": [("state", "own", it)],
    },
}
FORGED = (
    '{"action":"send","call":0,"count":1,"labels":["secret"],"rule":"no-secret","target":"sink"}'
)


@pytest.fixture
def guest():
    """What is known here of a guest of `a`, which handles something that is secret."""
    message = Message(9, "vault", "t", ("text", ""), [], None)
    with World.from_mapping(tables("thread"), SCRIPTED).begin() as run:
        world = run.execution.scheduler.world
        world.guard.enforce(Policy(RULES), {}, -1)
        world.guard.sent(message.id, frozenset({"secret"}))
        agent = world.agents["a"]
        made = IsolatedGuest({}, OVERSEER)
        made.begin(agent, world, message, Entropy(), work=agent.program.kind.work, reading=0)
        assert made.around()[2] == ["secret"]
        yield made


def standing(guest, **more):
    told = Standing(5, guest.work - 200_000, 0, 0, 0, False, False, [], labels=["secret"])
    return msgspec.structs.replace(told, **more)


@pytest.mark.parametrize(("what", "lie"), LIES.items())
def test_what_a_guest_cannot_have_known_or_done_is_refused(guest, what, lie):
    guest.stand(standing(guest), 10)
    outputs = msgspec.structs.replace(EMPTY, **lie(["secret"]))
    with pytest.raises(Lie, match=what):
        guest.take(outputs, 0, print)


def test_what_looks_like_a_publication_is_judged_by_who_gets_it(guest):
    guest.stand(standing(guest), 10)
    heard = [(to, "news", ("text", "x"), [], None, None) for to in ("b", "sink")]
    outputs = msgspec.structs.replace(EMPTY, sends=heard, sent_bytes=514, labels=[["secret"]] * 2)
    with pytest.raises(Lie, match="to have done what the policy forbids"):
        guest.take(outputs, 0, print)


def test_what_it_may_have_done_is_taken(guest):
    guest.stand(standing(guest), 10)
    send = {**LESS, "labels": [["secret"]]}
    asked = Judge("send", "sink", [("topic", "t")], ["secret"], 0)
    assert guest.fetched(asked) == "no-secret"
    guest.take(msgspec.structs.replace(EMPTY, logs=[("denied", FORGED)], **send), 0, print)
    assert guest.segment.sends[0].labels == {"secret"}


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"labels": []}, "knows no more what it knew"),
        ({"labels": ["other", "secret"]}, "knows what nobody told it"),
        ({"sources": ["mount:x"]}, "read what it did not ask for"),
    ],
)
def test_what_it_says_that_it_knows_has_bounds(guest, more, what):
    with pytest.raises(Lie, match=what):
        guest.stand(standing(guest, **more), 10)


@pytest.mark.parametrize(
    "question",
    [
        Judge("send", "b", [("topic", "t")], [], 0),
        Judge("send", "b", [("topic", "t")], ["other", "secret"], 0),
        Judge("send", "b", [], ["secret"], 0),
        Judge("format", "disk", [], ["secret"], 0),
        Fetch("source", "x" * 2_000),
    ],
)
def test_nobody_asks_so(guest, question):
    with pytest.raises(Lie):
        guest.fetched(question)


def test_a_liar_is_taken_for_a_crash(monkeypatch):
    """It has received something labelled, and says that it sends it on without."""
    answered = Worker._answer

    def lying(worker, fetched):
        answer = answered(worker, fetched)
        if isinstance(answer, Ran) and answer.standing.labels:
            answer.outputs = msgspec.structs.replace(answer.outputs, **LESS, labels=[])
        return answer

    monkeypatch.setattr(Worker, "_answer", lying)
    said = []
    with World.from_mapping(tables("process"), SCRIPTED).begin() as run:
        run.execution.scheduler.observe = lambda ran: said.extend(
            (it.agent.address, it.part.code, it.part.trouble) for it in ran if it.part.code
        )
        run.execution.receive("vault", "script", ("text", f"send a {script('touch')}"), [])
        run.execution.go(Until())
    why = "it claims to have known less than it was told"
    assert said == [("a", "host-crash", why)]
