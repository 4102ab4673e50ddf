"""Conversations: which messages are one, and what becomes of those that are too long."""

from __future__ import annotations

import json

import pytest

from tests.assistants.crew import assistant, call

LONG = "word " * 600  # 750 tokens of the script


def turns(crew, agent, thread="thread/operator"):
    return json.loads(crew.state(agent)[thread])


def test_messages_of_a_thread_are_one_conversation(crew):
    crew.describe(
        {"content": "Yes."},
        more=assistant("a")
        + assistant("strict", 'conversation = "sender"')
        + assistant("fleeting", 'conversation = "none"')
        + '[[messages]]\nto = "a"\ntopic = "t"\nbody = "One."\nheaders = { thread = "x/y" }\n'
        + '[[messages]]\nto = "strict"\ntopic = "t"\nbody = "One."\nheaders = { thread = "x/y" }\n',
    )
    names = ("a", "strict", "fleeting")
    crew.run(*((name, "Two.") for name in names), *((name, "Three.") for name in names))
    said = {name: [len(it.turns) for it in crew.questions(name)] for name in names}
    assert said == {"a": [1, 1, 3], "strict": [1, 3, 5], "fleeting": [1, 1]}
    assert sorted(crew.state("a")) == ["answer", "thread/operator", "thread/x/y"]
    assert sorted(crew.state("strict")) == ["answer", "thread/operator"]
    assert sorted(crew.state("fleeting")) == ["answer"]


@pytest.mark.parametrize(
    ("strategy", "first"),
    [("buffered", "Three"), ("head-and-tail", "One"), ("summary", "What was said before")],
)
def test_the_oldest_turns_make_room(crew, strategy, first):
    crew.describe(
        {"system": "Sum up", "content": "They counted."},
        {"content": "Yes."},
        more=assistant("a", f'context = "{strategy}"'),
        context=3_200,
    )
    crew.run(*(("a", f"{word}! {LONG}") for word in ("One", "Two", "Three", "Four")))
    asked = [it for it in crew.questions() if "Sum up" not in it.turns[0][1]][-1]
    system = [text for role, text in asked.turns if role == "system"]
    users = [text for role, text in asked.turns if role == "user"]
    assert users[0].startswith(first)
    assert users[-1].startswith("Four")
    assert sum(len(text) for _, text in asked.turns) < 4 * 2_400
    assert bool(system) == (strategy != "summary")
    assert all("turns are left out" in it for it in system)
    assert turns(crew, "a")[0]["content"].startswith(first)


def test_what_the_model_finds_too_long_is_cut_until_it_fits(crew):
    """The script counts four characters a token, and the assistant three bytes at first."""
    crew.describe(
        {"agent": "a", "content": "Short enough."},
        {"agent": "tool", "turn": 0, "calls": [call("ask_liar", request="Tell me all!")]},
        {"agent": "tool", "content": "I read it."},
        {"agent": "liar", "content": "blah " * 2_000},
        more=assistant("a") + assistant("tool", 'asks = ["liar"]') + assistant("liar"),
        context=400,
    )
    assert crew.run(("a", "x" * 100_000), ("tool", "Ask.")).dead_letters == 0
    (asked,) = [it for it in crew.questions("a") if len(it.turns[-1][1]) < 1_600][-1:]
    assert "\n[...]\n" in asked.turns[-1][1]
    assert crew.state("a")["answer"] == "Short enough."
    assert crew.state("tool")["answer"] == "I read it."


def test_a_model_that_always_overflows_is_not_asked_for_ever(crew):
    crew.describe(
        {"fault": {"code": "context-overflow", "detail": "too long"}}, more=assistant("a")
    )
    report = crew.run(("a", "Hi. " * 100))
    assert [it.code for it in report.letters] == ["context-overflow"]
    assert len(crew.questions()) <= 10


def test_text_of_any_script_is_cut_between_characters(crew):
    crew.describe({"content": "Ja."}, more=assistant("a"), context=100)
    for number, text in enumerate(("ä" * 999, "日本語" * 400, "🙂x" * 500)):
        crew.manifest.write_text(crew.manifest.read_text().replace("crew.run", f"{number}.run"))
        crew.file = crew.folder / f"{number}.run"
        assert crew.run(("a", text)).dead_letters == 0
        kept = turns(crew, "a")[0]["content"]
        assert set(kept) <= {*text, *"\n[...]"}
