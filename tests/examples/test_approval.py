"""The example `approval`: drafts that a person sends back, and one that goes out."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.control import inspection, people, replays, runs

WORLD = Path(__file__).parents[2] / "examples/approval/world.toml"
FIRST = "12 x tea for 40.80"
SECOND = "12 x tea for 36.72"


def test_a_draft_is_sent_back_and_the_next_one_goes_out(tmp_path: Path) -> None:
    file = tmp_path / "offer.run"
    assert runs.run(WORLD, file=file).status == "waiting"
    (asked,) = people.pending(file).questions
    assert (asked.agent, asked.question, asked.details) == (
        "clerk", "Send offer 1 to the harbour?", FIRST,
    )  # fmt: skip
    people.answer(file, asked.number, "give a discount", approved=False, by="ann")
    assert runs.resume(file).status == "waiting"
    (asked,) = people.pending(file).questions
    assert (asked.question, asked.details) == ("Send offer 2 to the harbour?", SECOND)
    people.answer(file, asked.number, approved=True, by="ann")
    report = runs.resume(file)
    assert (report.status, report.dead_letters) == ("idle", 0)
    log = inspection.inspect(file, wanted=inspection.Wanted(log=True)).log
    assert log is not None
    assert [line.text for line in log] == [
        "ann would not send it: give a discount",
        f"to the harbour: {SECOND}",
    ]
    assert replays.replay(file).identical
