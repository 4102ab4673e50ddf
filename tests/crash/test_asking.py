"""Worlds that ask a server while they are killed: nothing is asked too early, nothing twice."""

from __future__ import annotations

import copy
import itertools

import pytest

from tests.crash.asking import Mix, asking, check_order, check_served, effects_in, serving
from tests.crash.recording import OPERATIONS, Kind
from tests.crash.trial import ALIVE, Blow, Lost, tell

REPEATED = Mix(get=2, put=2, pay=2, post=0, each=2)
ALL = Mix(get=1, put=1, pay=2, post=2, each=2)


class Bout:
    """One world that asks one server, and how that went undisturbed."""

    def __init__(self, bench, place, server, mix, *, lockstep):
        self.bench, self.place, self.server, self.mix = bench, place, server, mix
        self.story = asking(server, mix, lockstep=lockstep).lay_out(place / "world")
        machine = bench.machine(place / "undisturbed")
        self.told = tell(machine, self.story, remember=True)
        self.undisturbed = effects_in(machine.files())
        self.records = self.told.programs[0][1]
        served = check_served(server.log, self.undisturbed, self.undisturbed)
        assert served == {"once": mix.requests}
        self.names = itertools.count()

    def disturbed(self, *blows):
        """Tells it with blows; what was served, and how."""
        self.server.log.clear()
        machine = self.bench.machine(self.place / f"disturbed-{next(self.names)}")
        told = tell(machine, self.story, blows, remember=True)
        for before, records in told.programs:
            check_order(before, records)
        effects = effects_in(machine.files())
        assert machine.command("replay", "it.run").status == 0
        return told, check_served(self.server.log, effects, self.undisturbed)

    def all_before(self, kind):
        """The operations that do such a thing."""
        done = [record for record in self.records if record.kind in OPERATIONS]
        return [place for place, it in enumerate(done, 1) if it.kind == kind]

    def before(self, kind, number=1):
        """The operation that does such a thing for the n-th time."""
        return self.all_before(kind)[number - 1]


@pytest.fixture(scope="module")
def lockstep(bench, tmp_path_factory):
    with serving() as server:
        yield Bout(bench, tmp_path_factory.mktemp("lockstep"), server, REPEATED, lockstep=True)


@pytest.fixture
def concurrent(bench, tmp_path):
    with serving() as server:
        yield Bout(bench, tmp_path, server, ALL, lockstep=False)


def test_no_request_leaves_before_its_intent_is_durable(lockstep):
    assert check_order(*lockstep.told.programs[0]) == REPEATED.requests


def test_without_syncs_requests_leave_too_early(lockstep, tmp_path):
    machine = lockstep.bench.machine(tmp_path / "lying")
    before = copy.deepcopy(machine.disk)
    ended = machine.command(*lockstep.story.commands[0], sync="lie")
    with pytest.raises(Lost):
        check_order(before, ended.records)


MOMENTS = {
    "before anything is asked": (Kind.CONNECT, 1, "lost"),
    "while requests are out": (Kind.SEND, 4, "some"),
    "and the machine lives on": (Kind.SEND, 6, ALIVE),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_in_lockstep_the_chain_is_as_undisturbed(lockstep, moment):
    kind, number, flavour = MOMENTS[moment]
    told, served = lockstep.disturbed(Blow(kill=lockstep.before(kind, number), flavour=flavour))
    assert told.chain == lockstep.told.chain
    assert served["once"] + served["again"] == REPEATED.requests


def test_each_request_is_served_once_or_again_under_its_key(concurrent):
    first = Blow(kill=concurrent.before(Kind.SEND, 7), flavour="torn")
    second = Blow(kill=20, flavour=ALIVE)
    _, served = concurrent.disturbed(first, second, Blow(kill=30, flavour="late"))
    assert served.total() == ALL.requests
    assert served["unknown"] <= 4


def test_what_was_written_and_not_synced_is_synced_before_it_is_asked_again(lockstep):
    """A program dies between writing an intent and syncing it, and the machine lives on."""
    first = lockstep.before(Kind.CONNECT)
    last = max(place for place in lockstep.all_before(Kind.SYNC_BEGIN) if place < first)
    told, _ = lockstep.disturbed(Blow(kill=last, flavour=ALIVE))
    assert told.chain == lockstep.told.chain
