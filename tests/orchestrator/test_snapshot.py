"""A checkpoint that somebody made up is refused, or harmless."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.orchestrator import budgeted
from wasm_engine.agents.program import Program
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator import snapshot
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Edits, Run, World, fork

GUESTS = Path(__file__).parent.parent.parent / "guests/testing"
AGENTS = -2
ADDRESS, INDEX, STATE, INBOX, QUEUED, REQUESTS, TIMERS = 0, 1, 8, 11, 12, 13, 15
WATCHERS, ACTIVATION, PAST = 17, 18, 19
NUMBER, FUEL, LOGS, ENTRIES, RETURNED = 2, 6, -1, 3, 4


@pytest.fixture(scope="module")
def world():
    return World.from_mapping(
        {
            "agents": {
                "asker": {"source": "scripted/scripted.wasm"},
                "living": {"source": "scripted/scripted.wasm", "lifecycle": "resident"},
                "slow": {"source": "scripted/scripted.wasm"},
            },
            "messages": [
                {"to": "living", "topic": "script", "body": "touch; ask slow script 5:defer"},
                {"to": "asker", "topic": "script", "body": "ask slow script 5:defer"},
                {"to": "asker", "topic": "script", "body": "touch"},
            ],
        },
        GUESTS,
    )


@pytest.fixture(scope="module")
def told(world):
    """A world as plain values, in the middle of much."""
    parts: dict[bytes, bytes] = {}

    def keep(part):
        parts[part.digest] = part.data()
        return part.digest

    with world.begin() as run:
        run.execution.scheduler.world.remembers = True
        run.execution.go(Until(max_steps=1))
        return canonical.decode(snapshot.encode(run.execution.scheduler, keep)), parts


def agent_of(plain, address):
    return next(row for row in plain[AGENTS] if row[ADDRESS] == address)


def _without_its_past(plain):
    agent_of(plain, "living")[PAST] = None


def _past_of_nothing(plain):
    agent_of(plain, "living")[PAST][-1] = []


def _ready_and_unknown(plain):
    plain[10].append("nobody")


def _watched_by_nobody(plain):
    agent_of(plain, "slow")[WATCHERS] = ["nobody"]


def _unknown_kind(plain):
    agent_of(plain, "slow")[2] = "nobody"


def _mail_without_a_tag(plain):
    agent_of(plain, "slow")[INBOX] = [["x"]]


def _mail_that_is_short(plain):
    agent_of(plain, "slow")[INBOX] = [["t", 1, "asker"]]


def _mail_that_is_none(plain):
    agent_of(plain, "slow")[INBOX] = [7]


def _counts_of_other_mail(plain):
    agent_of(plain, "asker")[QUEUED] = []


def _mail_with_no_body(plain):
    agent_of(plain, "slow")[INBOX][0][5] = ["t", "text", "x", "x"]


def _mail_with_no_header(plain):
    agent_of(plain, "slow")[INBOX][0][6] = ["l", ["t", "name"]]


def _a_reply_of_nothing(plain):
    agent_of(plain, "asker")[REQUESTS][0][1] = ["e", ["t", "no-reply"]]


def _a_timer_for_nothing(plain):
    agent_of(plain, "slow")[TIMERS] = [[1, 2, "topic", 7]]


def _a_state_of_numbers(plain):
    agent_of(plain, "slow")[STATE] = [["key", 7]]


def _a_place_that_is_none(plain):
    agent_of(plain, "slow")[INDEX] = 1 << 40


def _two_in_one_place(plain):
    agent_of(plain, "slow")[INDEX] = agent_of(plain, "asker")[INDEX]


def _deadlines_in_no_order(plain):
    plain[11] = [[2, 1, "asker"], [1, 1, "asker"]]


def _gone_on_and_never_begun(plain):
    agent_of(plain, "living")[ACTIVATION][NUMBER] = 0


def _handled_and_never_begun(plain):
    agent_of(plain, "living")[PAST][LOGS][0][ENTRIES] = []


def _spent_other_fuel(plain):
    agent_of(plain, "living")[ACTIVATION][FUEL] -= 1


def _told_nothing(plain):
    agent_of(plain, "living")[PAST][LOGS][0][RETURNED] = []


def _answered_twice(plain):
    entries = agent_of(plain, "living")[PAST][LOGS][0][ENTRIES]
    entries.append(entries[-1])


def _handled_twice(plain):
    logs = agent_of(plain, "living")[PAST][LOGS]
    logs.append(logs[-1])


def nested_tuples(depth):
    value = []
    for _ in range(depth):
        value = ["t", value]
    return value


def _arrays_in_arrays(plain):
    agent_of(plain, "slow")[INBOX] = [nested_tuples(900)]


@pytest.mark.parametrize(
    "spoil",
    [
        _without_its_past,
        _past_of_nothing,
        _ready_and_unknown,
        _watched_by_nobody,
        _unknown_kind,
        _mail_without_a_tag,
        _mail_that_is_short,
        _mail_that_is_none,
        _counts_of_other_mail,
        _mail_with_no_body,
        _mail_with_no_header,
        _a_reply_of_nothing,
        _a_timer_for_nothing,
        _a_state_of_numbers,
        _a_place_that_is_none,
        _two_in_one_place,
        _deadlines_in_no_order,
        _gone_on_and_never_begun,
        _handled_and_never_begun,
        _arrays_in_arrays,
    ],
)
def test_what_cannot_be_a_world_is_refused(world, told, spoil):
    plain = canonical.decode(canonical.encode(told[0]))
    spoil(plain)
    with world.begin() as run, pytest.raises(BadRunFile):
        snapshot.decode(plain, run.execution.scheduler, run.kinds.program, told[1].__getitem__)


@pytest.mark.parametrize(
    "arguments", [[], ["x"], ["e"], nested_tuples(900)], ids=["empty", "tag", "error", "deep"]
)
def test_effects_of_a_checkpoint_that_are_none_are_refused(told, arguments):
    plain = canonical.decode(canonical.encode(told[0]))
    plain[13] = [["asker", 1, 0, 0, 1, 0, "http", arguments]]
    with pytest.raises(BadRunFile, match="tells no world"):
        snapshot.out_in(plain)


@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize(
    "spoil", [_spent_other_fuel, _told_nothing, _answered_twice, _handled_twice]
)
def test_a_guest_that_cannot_have_become_this_is_the_fault_of_the_file(world, told, spoil, look):
    plain = canonical.decode(canonical.encode(told[0]))
    spoil(plain)
    with world.begin() as run:
        snapshot.decode(plain, run.execution.scheduler, run.kinds.program, told[1].__getitem__)
        with pytest.raises(BadRunFile, match="does not fit its world"):
            run.memory("living") if look else run.execution.go(Until(max_steps=9))


def test_who_waits_for_what_there_is_not_stops_nobody(world, told):
    plain = canonical.decode(canonical.encode(told[0]))
    plain[12] = []  # the requests
    for address in ("asker", "living"):
        agent_of(plain, address)[13] = []
    with world.begin() as run:
        snapshot.decode(plain, run.execution.scheduler, run.kinds.program, told[1].__getitem__)
        assert run.execution.go(Until(max_steps=9)) == "idle"


@pytest.mark.parametrize(
    "data", [[], [1], [[], None, 3], [[[], [], None], {}], "x", [[[], [], 7], None]]
)
def test_a_checkpoint_of_another_shape_is_refused(world, tmp_path, data):
    file = tmp_path / "a.run"
    with world.begin(file) as run:
        run.execution.go(Until(max_steps=1))
    with RunFile.open(file, write=True) as made:
        made.put_checkpoint(1, canonical.encode(data), {})
        made.flush()
    with pytest.raises(BadRunFile):
        Run.open(file, at=LATEST)


def test_components_of_a_checkpoint_that_does_not_fit_are_not_those_of_an_older_one(
    tmp_path, monkeypatch
):
    world = World.from_mapping(
        {
            "agents": {
                "a": {"source": "ping/ping.wasm"},
                "b": {"source": "ping/ping.wasm", "lifecycle": "resident"},
            },
            "messages": [{"to": "b", "topic": "start", "body": "3 a"}],
        },
        GUESTS,
    )
    file, branch = tmp_path / "a.run", tmp_path / "b.run"
    with world.begin(file) as run:
        run.execution.go(Until())
    edits = Edits(
        components=(("a", GUESTS / "scripted/scripted.wasm"),),
        messages=(("a", "script", ("text", "touch")),),
    )
    with fork(file, 2, branch, edits) as run:
        run.execution.go(Until())
        state = dict(run.execution.scheduler.world.agents["a"].state)
    monkeypatch.setattr(Program, "fits", lambda *_: False)
    with Run.open(branch, at=LATEST) as run:
        assert run.execution.again.position == 1
        first = run.kinds.programs["a"].component.digest
        run.execution.replay()
        assert run.kinds.programs["a"].component.digest != first
        assert dict(run.execution.scheduler.world.agents["a"].state) == state


@pytest.fixture
def bounded():
    """A world with a budget, at its beginning, and its plain values."""
    run = budgeted.world({"m": {"messages": 3}}, a={}).begin()
    with run:
        yield run, canonical.decode(snapshot.encode(run.execution.scheduler, bytes))


@pytest.mark.parametrize(
    "made_up",
    [
        None,
        [[["m", "a", 0, [0, 0, 1]]], [], []],
        [[["m", "a", 0, [0, 0, -1, 0, 0, 0]]], [], []],
        [[["other", "a", 0, [0, 0, 1, 0, 0, 0]]], [], []],
        [[], [["nobody", 5]], []],
        [[], [], [["nobody", 5]]],
        [[], []],
    ],
)
def test_made_up_budgets_are_refused(bounded, made_up):
    run, plain = bounded
    decode_in(run, plain)
    plain[-1:] = [] if made_up is None else [made_up]
    with pytest.raises(BadRunFile):
        decode_in(run, plain)


def decode_in(run, plain):
    scheduler = run.execution.scheduler
    programs = {a.program.kind.name: a.program for a in scheduler.world.agents.values()}
    snapshot.decode(plain, scheduler, lambda row: programs[row[0]], lambda digest: digest)
