"""What a world does while people think: others go on, time stands, what nobody wants is over."""

from __future__ import annotations

import pytest

from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.concepts.errors import BadManifest, Misuse
from wasm_engine.control import inspection, people
from wasm_engine.control.moment import Moment

HOUR = 3600 * 10**9


def effects_of(office):
    return inspection.inspect(office.file, wanted=inspection.Wanted(messages=True)).effects


def test_what_nobody_waits_for_any_more_is_withdrawn(office):
    report = office.run(
        ("both", {"agent": True}), ("forget", ""), ("forget", "fail"), ("cancel", "")
    )
    assert (report.status, report.dead_letters) == ("waiting", 1)
    assert [question.question for question in office.open()] == ["really?", "wait?"]
    people.answer(office.file, office.asked[1], "no")
    assert office.resume().status == "idle"
    assert office.log() == ["idler: me", "cancelled"]
    assert office.open() == ()
    assert office.replays()


def test_a_server_is_waited_for_and_a_person_is_not(office, server):
    office.describe(grants=f", '{server.origin}'")
    report = office.run(("beside", f"{server.origin}/echo"), allow=[server.origin])
    assert report.status == "waiting"
    assert office.log() == ["server: 200"]
    asked = next(row.number for row in effects_of(office) if row.capability == "http")
    with pytest.raises(Misuse, match=f"there is no question {asked}"):
        people.answer(office.file, asked, "x")
    office.answer("me")
    assert office.resume().status == "idle"
    assert office.log() == ["server: 200", "owner: me"]
    assert office.replays()


def test_time_does_not_jump_over_a_question(office):
    report = office.run(("nap", ""))
    assert [(it.kind, it.agent) for it in report.waits_for] == [
        ("timer", "clerk"), ("human", "clerk"),
    ]  # fmt: skip
    office.answer("yes")
    assert office.resume().status == "idle"
    assert office.log() == ["yes", "woken"]


def test_the_operator_may_let_time_go_on(office):
    office.run(("both", {"timeout": 3600, "then": True}))
    until = 1_735_689_600 * 10**9 + 10**6 + HOUR
    assert [question.until for question in office.open()] == [until, None]
    report = office.resume(until=Moment.parse("+59m"))
    assert (report.status, len(office.asked)) == ("waiting", 2)
    assert office.resume(until=Moment.parse("+2h")).status == "waiting"
    assert office.log() == ["owner: timeout"]
    ended = effects_of(office)[0]
    assert (ended.arrived, ended.outcome) == (2, ["err", "timeout", ""])
    with pytest.raises(Misuse, match="is not open any more"):
        people.answer(office.file, ended.number, "too late")
    assert [question.role for question in office.open()] == ["legal"]
    office.answer("well", approved=True)
    assert office.resume(until=Moment.parse("+2h")).status == "idle"
    assert office.log() == ["owner: timeout", "well"]
    assert office.replays()


def test_a_deadline_in_real_time_passes_while_nobody_runs(office):
    office.describe("clock = 'recorded'")
    report = office.run(("ask", {"question": "Who?", "timeout": 0.001}))
    while report.status == "waiting":  # unless it was over before anybody looked
        report = office.resume()
    assert office.log() == ["timeout: nobody answered in time"]
    assert office.replays()


def test_no_more_may_be_open_than_effects_may_be_out(office):
    report = office.run(("many", "64"), ("many", "63"))
    assert (report.status, len(office.asked)) == ("waiting", 64)
    assert [letter.code for letter in report.letters] == ["effects"]


REFUSED = (
    ({"role": "king", "question": "x"}, "not-granted: human:king"),
    ({"role": "../x", "question": "x"}, "invalid-name: not a role"),
    ({"question": " "}, "invalid-request: nothing is asked"),
    ({"question": "x" * 5000}, "too-large: "),
    ({"question": "x", "choices": ["a", "a"]}, "invalid-request: choices are different"),
    ({"question": "x", "choices": [""]}, "invalid-request: choices are different"),
    ({"question": "x", "choices": ["a\nb"]}, "invalid-request: choices are different"),
    ({"question": "x", "choices": list(map(str, range(65)))}, "too-large: at most 64"),
)


def test_what_cannot_be_asked_is_refused_at_once(office):
    report = office.run(*(("ask", order) for order, _ in REFUSED))
    assert (report.status, report.denials) == ("idle", 1)
    for line, (_, said) in zip(office.log(), REFUSED, strict=True):
        assert line.startswith(said)


def test_who_has_no_grant_asks_nobody(office):
    office.run(("ask", {"question": "x"}), to="idler")
    assert office.log() == ["not-granted: human:owner"]


def test_lockstep_and_people_exclude_each_other(office):
    office.describe("effects = 'lockstep'")
    with pytest.raises(BadManifest, match=r"world\.toml:5: agents\.clerk\.grants: .*lockstep"):
        read_manifest(office.manifest)
