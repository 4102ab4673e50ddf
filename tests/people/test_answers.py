"""Questions to people, and their answers: put once, answered once, replayed without anybody."""

from __future__ import annotations

import pytest

from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import forks, inspection, keeping, people
from wasm_engine.control.people import Question
from wasm_engine.control.reports import WaitsFor
from wasm_engine.journal.runfile import RunFile

OFFER = ("approve", {"what": "Send the offer?", "details": {"boxes": 100}})


def chain_of(file):
    with RunFile.open(file) as run:
        return run.chain


def test_a_run_ends_waiting_for_a_person_and_goes_on_with_the_answer(office):
    report = office.run(OFFER)
    (number,) = office.asked
    assert report.status == "waiting"
    assert report.waits_for == (
        WaitsFor("clerk", "human", None, number, "owner", "Send the offer?"),
    )
    assert office.open() == (
        Question(
            number, "clerk", "owner", "approve", "Send the offer?", '{"boxes":100}', (), 1, None
        ),
    )
    assert office.resume().status == "waiting"  # nobody has answered
    told = office.answer("only this once", approved=True, by="ann")
    assert (told.number, told.agent, told.approved, told.by, told.left) == (
        number, "clerk", True, "ann", 0,
    )  # fmt: skip
    assert office.open() == ()
    assert office.resume().status == "idle"
    assert office.state()["decided"] == [True, "only this once", "ann"]
    assert office.state("idler") == {"done": 1}
    (row,) = inspection.inspect(office.file, wanted=inspection.Wanted(messages=True)).effects
    assert row.arguments == ["approve", "owner", "Send the offer?", '{"boxes":100}', [], None]
    assert row.outcome == ["ok", ["approve", "owner", True, "only this once", "ann"]]
    assert office.replays()


def test_what_is_no_answer_changes_nothing(office):
    office.describe(more="[[messages]]\nto = 'clerk'\ntopic = 'both'\nbody = { then = true }")
    office.run(("ask", {"question": "Which?", "choices": ["red", "blå"]}))
    first, approve = office.asked[:2]
    office.answer("whoever")
    office.resume()
    before = chain_of(office.file)
    assert len(office.asked) == 1
    for number, text, more, code, said in (
        (approve, "yes", {}, "bad-answer", "wants a decision, and no answer"),
        (approve, "x" * 65_537, {"approved": True}, "bad-answer", "the answer has 65537 bytes"),
        (approve, "\ud800", {"approved": True}, "bad-answer", "the answer is not Unicode text"),
        (approve, "x", {"approved": True, "by": " "}, "bad-answer", "names nobody who answers"),
        (approve, "x", {"approved": True, "by": "a\x1b"}, "bad-answer", "names nobody who"),
        (approve, "x", {"approved": True, "by": "a" * 201}, "bad-answer", "has 201 bytes"),
        (first, "me", {}, "no-question", "was answered by operator already"),
        (7, "x", {}, "no-question", "there is no question 7"),
    ):
        with pytest.raises(Misuse, match=said) as refused:
            people.answer(office.file, number, text, **more)
        assert refused.value.code == code
    assert chain_of(office.file) == before
    office.answer("well", approved=False)
    office.resume()
    before = chain_of(office.file)
    (choice,) = office.asked
    with pytest.raises(Misuse, match="'green' is none of the choices of question") as refused:
        people.answer(office.file, choice, "green")
    assert "there are 'red', 'blå'" in str(refused.value)
    with pytest.raises(Misuse, match="wants an answer, and no decision"):
        people.answer(office.file, choice, approved=True)
    assert chain_of(office.file) == before
    office.answer("blå")
    assert office.resume().status == "idle"
    assert office.log() == ["owner: whoever", "well", "blå"]
    assert office.replays()


def test_a_fork_takes_the_answer_over_or_asks_anew_or_nobody(office, tmp_path):
    office.run(("ask", {"question": "Who?"}))
    office.answer("me")
    office.resume()
    for effects, status, said in (
        ("reuse", "idle", "me"),
        ("none", "idle", "without-effects: this run is a fork without effects"),
        ("live", "waiting", "somebody else"),
    ):
        other = tmp_path / f"{effects}.run"
        forks.fork(office.file, at=1, out=other, effects=effects)
        assert office.resume(other).status == status
        if effects == "live":
            office.answer("somebody else", other)
            assert office.resume(other).status == "idle"
        assert office.log(other) == [said]
    assert office.replays(other)


def test_a_compacted_run_still_asks(office, tmp_path):
    office.run(("ask", {"question": "Who?"}))
    out = tmp_path / "compact.run"
    keeping.compact(office.file, out=out)
    (question,) = office.open(out)
    assert (question.question, question.since) == ("Who?", None)
    office.answer("me", out)
    assert office.resume(out).status == "idle"
    assert office.log(out) == ["me"]
