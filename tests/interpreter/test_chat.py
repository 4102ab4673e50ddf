"""Language models, as an agent in Python asks them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interpreter import fake_chat as chat
from tests.interpreter.fake_host import Body_Text, Err, Fault


def said(content="aye", calls=(), finish=chat.Finish.STOP):
    return chat.Answer(content, list(calls), finish, chat.Usage(3, 2))


def test_a_question_and_its_answer(sdk, host):
    host.answers["chat.complete"] = said('{"n":1}')
    tool = sdk.chat.tool_spec("look", "Looks.", {"type": "object"})
    answer = sdk.chat.complete(
        "m", [sdk.chat.system("s"), sdk.chat.user("u")], tools=[tool], choice="look",
        schema={"type": "object"}, most=5, temperature=0, top_p=0.5, top_k=3, seed=7, stop=["\n"],
        timeout=timedelta(seconds=2),
    )  # fmt: skip
    assert (answer.content, answer.text, answer.json()) == ('{"n":1}', '{"n":1}', {"n": 1})
    assert (answer.calls, answer.finish, answer.usage) == ((), "stop", (3, 2))
    assert repr(answer) == "Answer('{\"n\":1}', 'stop')"
    ((model, turns, options),) = host.called("chat.complete")
    assert model == "m"
    assert turns == [
        chat.Turn(chat.Role.SYSTEM, "s", [], None),
        chat.Turn(chat.Role.USER, "u", [], None),
    ]
    assert options == chat.Options(
        [chat.Tool("look", "Looks.", '{"type":"object"}')], chat.Choice_Named("look"),
        '{"type":"object"}', 5, 0.0, 0.5, 3, 7, ["\n"], 2 * 10**9,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "made"),
    [
        (None, chat.Choice_Free()),
        ("none", chat.Choice_None_()),
        ("required", chat.Choice_Required()),
    ],
)
def test_choices(sdk, host, choice, made):
    host.answers["chat.complete"] = said()
    sdk.chat.complete("m", [sdk.chat.user("u")], choice=choice)
    assert host.called("chat.complete")[0][2] == chat.Options(
        [], made, None, None, None, None, None, None, [], None
    )


def test_a_conversation_goes_on_with_what_was_called(sdk, host):
    call = chat.Call("c1", "look", '{"city":"Ulm"}')
    host.answers["chat.complete"] = said("", [call], chat.Finish.CALLS)
    answer = sdk.chat.complete("m", [sdk.chat.user("u")])
    assert (answer.finish, answer.calls[0].json()) == ("calls", {"city": "Ulm"})
    turns = [sdk.chat.user("u"), answer.turn(), sdk.chat.tool("c1", {"rain": True})]
    sdk.chat.complete("m", turns)
    assert host.called("chat.complete")[1][1][1:] == [
        chat.Turn(chat.Role.ASSISTANT, "", [call], None),
        chat.Turn(chat.Role.TOOL, '{"rain":true}', [], "c1"),
    ]
    assert sdk.chat.assistant("x", answer.calls).calls == answer.calls


def test_models_and_agents_are_waited_for_together(sdk, host):
    host.answers["chat.start"] = 1
    host.answers["messaging.start"] = 2
    host.answers["messaging.wait_any"] = lambda numbers: numbers[-1]
    host.answers["messaging.take"] = lambda _number: Body_Text("agent")
    host.answers["chat.take"] = said()
    asked = sdk.chat.start("m", [sdk.chat.user("u")])
    found = sdk.gather(asked, sdk.start("b", "t"))
    assert [it.text for it in found] == ["aye", "agent"]
    assert repr(asked) == "Asked('m', 1)"


def test_faults_have_their_classes(sdk, host):
    host.refuse("chat.complete", "context-overflow", "too long")
    with pytest.raises(sdk.ContextOverflow, match="too long"):
        sdk.chat.complete("m", [sdk.chat.user("u")])
    host.answers["chat.start"] = 1
    host.answers["chat.take"] = Err(Fault("bad-answer", ".n"))
    with pytest.raises(sdk.BadAnswer):
        sdk.chat.start("m", [sdk.chat.user("u")]).wait()
    host.answers["chat.describe"] = chat.Description(4096, 100)
    assert sdk.chat.describe("m") == (4096, 100)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"most": -1}, ValueError),
        ({"top_k": 2**32}, ValueError),
        ({"seed": 1.5}, ValueError),
        ({"temperature": "hot"}, TypeError),
        ({"stop": [1]}, TypeError),
        ({"schema": "\ud800"}, ValueError),
        ({"max_tokens": 3}, TypeError),
    ],
)
def test_what_cannot_be_asked_never_leaves_the_agent(sdk, host, given, wrong):
    with pytest.raises(wrong):
        sdk.chat.complete("m", [sdk.chat.user("u")], **given)
    with pytest.raises(TypeError):
        sdk.chat.complete("m", [sdk.chat.user(1)])
    assert not host.called("chat.complete")
