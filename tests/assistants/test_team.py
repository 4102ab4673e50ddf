"""Several assistants: what goes on to whom, and what comes back to whoever asked."""

from __future__ import annotations

from tests.assistants.crew import assistant, call
from wasm_engine.control import people


def messages(crew, *, to=None):
    """Sender, receiver and text of each message between agents."""
    rows = [(it.sender, it.to, (it.body or {}).get("text")) for it in crew.look().messages or ()]
    return [row for row in rows if row[0] != "operator" and (to is None or row[1] == to)]


SEQUENCE = (
    assistant("first", 'then = "second"')
    + assistant("second", 'then = "third"')
    + assistant("third")
)
WORDS = (
    {"agent": "first", "content": "one"},
    {"agent": "second", "content": "two"},
    {"agent": "third", "content": "three"},
)


def test_answers_go_on_with_the_task_and_all_that_was_made_of_it(crew):
    crew.describe(*WORDS, more=SEQUENCE)
    assert crew.run(("first", "Count.")).dead_letters == 0
    assert messages(crew) == [
        ("first", "second", "Count.\n\n[first]\none"),
        ("second", "third", "Count.\n\n[first]\none\n\n[second]\ntwo"),
    ]
    assert crew.state("third")["answer"] == "three"
    assert "thread/operator" in crew.state("third"), "the thread goes on with the task"


def test_who_asks_the_first_gets_the_answer_of_the_last(crew):
    crew.describe(
        *WORDS, more=SEQUENCE.replace('then = "second"', 'then = "second"\npasses = "answer"')
    )
    assert crew.run(("handy", "@first Count.")).dead_letters == 0
    assert crew.state("handy")["trace"] == "three\n"
    assert messages(crew, to="second") == [("first", "second", "one")]


def test_a_task_is_handed_over_and_its_new_owner_answers(crew):
    crew.describe(
        {
            "agent": "triage",
            "role": "user",
            "calls": [call("hand_off_to_doctor_2", context="Fever.")],
        },
        {"agent": "doctor/2", "content": "Rest."},
        more=assistant("triage", 'hand-offs = { "doctor/2" = "Fevers." }')
        + assistant("doctor", 'role = "a doctor"', "count = 2"),
    )
    assert crew.run(("handy", "@triage I am hot."), ("triage", "Hot!")).dead_letters == 0
    assert crew.state("handy")["trace"] == "Rest.\n"
    assert messages(crew, to="doctor/2") == [
        ("triage", "doctor/2", "Hot!\n\n[triage]\nFever."),
        ("triage", "doctor/2", "I am hot.\n\n[triage]\nFever."),
    ]
    assert len(crew.questions("triage")) == 2, "who handed it over is not asked again"
    assert "answer" not in crew.state("triage")


def test_a_colleague_is_asked_and_the_work_goes_on(crew):
    crew.describe(
        {
            "agent": "boss",
            "turn": 0,
            "calls": [call("ask_expert", request="2+2?"), call("ask_expert")],
        },
        {"agent": "boss", "content": "It is four."},
        {"agent": "expert", "content": "4"},
        more=assistant("boss", 'asks = ["expert"]')
        + assistant("expert", 'role = "a mathematician"'),
    )
    assert crew.run(("boss", "How much is 2+2?")).dead_letters == 0
    first, then = crew.questions("boss")
    assert first.tools == ["ask_expert"]
    assert [text for role, text in then.turns if role == "tool"] == [
        "4",
        'error: invalid-arguments: an object is expected, with text as "request"',
    ]
    assert crew.state("boss")["answer"] == "It is four."


def test_a_ring_ends_when_it_is_done_or_went_around_too_often(crew):
    crew.describe(
        {"agent": "judge", "turn": 1, "content": "APPROVED: fine"},
        {"agent": "judge", "content": "Again!"},
        {"agent": "author", "content": "A draft."},
        {"content": "round and round"},
        more=assistant("author", 'then = "judge"\npasses = "answer"')
        + assistant("judge", 'then = "author"\npasses = "answer"\ndone-when = "APPROVED"')
        + assistant("tick", 'then = "tock"\nmax-rounds = 4\nconversation = "none"')
        + assistant("tock", 'then = "tick"\nmax-rounds = 4\nconversation = "none"'),
    )
    assert crew.run(("author", "Write."), ("tick", "Go.")).dead_letters == 0
    assert crew.state("judge")["answer"] == "APPROVED: fine"
    assert len(crew.questions("author")) == 2
    assert len(crew.questions("tick")) + len(crew.questions("tock")) == 5


def test_who_ask_each_other_for_ever_are_stopped(crew):
    """Each request waits for the other, a deadlock; each fault makes room for another request."""
    crew.describe(
        {"agent": "a", "role": "user", "calls": [call("ask_b", request="You?")]},
        {"agent": "b", "role": "user", "calls": [call("ask_a", request="No, you?")]},
        {"contains": "error: too-many-rounds", "content": "Nobody."},
        {"content": "So be it."},
        more=assistant("a", 'asks = ["b"]\nmax-rounds = 3')
        + assistant("b", 'asks = ["a"]\nmax-rounds = 3'),
    )
    assert crew.run(("a", "Who?")).dead_letters == 0
    told = {text for it in crew.questions() for role, text in it.turns if role == "tool"}
    assert any(it.startswith("error: deadlock") for it in told)
    assert any(it.startswith("error: too-many-rounds") for it in told)
    assert len(crew.questions()) < 20


def test_answers_are_published_to_whoever_subscribes(crew):
    crew.describe(
        {"agent": "news", "content": "Rain."},
        {"content": "Noted."},
        more=assistant("news", 'publish = "weather"')
        + assistant("left", 'then = "handy"', 'subscribe = ["weather"]')
        + assistant("right", "", 'count = 2\nsubscribe = ["weather"]'),
    )
    assert crew.run(("news", "What will it be?")).dead_letters == 0
    assert {(a, b) for a, b, _ in messages(crew)} == {
        ("news", "left"), ("news", "right/1"), ("news", "right/2"), ("left", "handy"),
    }  # fmt: skip


def test_a_person_approves_of_calls_that_the_manifest_names(crew):
    crew.describe(
        {"turn": 0, "calls": [call("text_measure", text="a b")] * 2},
        {"content": "done"},
        more=assistant("a", 'approve = ["text"]\napprover = "owner"', 'tools = ["text.measure"]'),
    )
    (waits,) = crew.run(("a", "Go.")).waits_for
    (asked,) = people.pending(crew.file).questions
    assert (asked.question, asked.details) == ("Call text.measure", '{"text":"a b"}')
    people.answer(crew.file, waits.number, "fine", approved=True)
    (waits,) = crew.again().waits_for
    people.answer(crew.file, waits.number, "not twice", approved=False)
    assert crew.again().waits_for == ()
    assert [text for role, text in crew.questions()[-1].turns if role == "tool"] == [
        '{"longest":2,"sentences":1,"words":2}',
        "error: a person has not approved of this call. not twice",
    ]
