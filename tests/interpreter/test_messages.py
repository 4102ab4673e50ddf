"""What a message does: finds its function, is answered, fails with a fault that says where."""

from __future__ import annotations

import pytest

from tests.interpreter.fake_host import Body_Text, Message


def test_the_exact_topic_wins_over_patterns_and_longer_patterns_over_shorter(sdk, agent):
    taken = []
    for topic in ("*", "order/*", "order/new/*", "order/new"):
        sdk.on(topic)(lambda message, topic=topic: taken.append(topic))
    for topic in ("order/new", "order/new/today", "order/old", "order", "other"):
        assert agent.receive(topic) is None
    assert taken == ["order/new", "order/new/*", "order/*", "*", "*"]


def test_a_topic_that_nobody_handles_is_a_fault_that_names_what_is_handled(sdk, host, agent):
    host.answers["context.self_address"] = "me"
    sdk.on("greet")(lambda message: None)
    fault = agent.receive("gret")
    assert fault.code == "no-handler"
    assert fault.detail == "me handles no topic 'gret' (it handles: greet)"


def test_two_functions_for_one_topic_are_refused(sdk):
    sdk.on("greet")(print)
    with pytest.raises(ValueError, match="two functions for topic 'greet': print and len"):
        sdk.on("greet")(len)


def test_on_without_a_topic_says_how_to_write_it(sdk):
    with pytest.raises(TypeError, match='@on\\("topic"\\)'):
        sdk.on(len)


def test_what_a_function_returns_is_the_reply(sdk, host, agent):
    sdk.on("double")(lambda message: message.json() * 2)
    assert agent.receive("double", "21", request=5) is None
    assert host.called("messaging.reply") == [(Body_Text("42"),)]


def test_nothing_is_replied_where_nobody_asked_or_nothing_is_returned(sdk, host, agent):
    sdk.on("value")(lambda message: 1)
    sdk.on("nothing")(lambda message: None)
    agent.receive("value")
    agent.receive("nothing", request=5)
    assert not host.called("messaging.reply")


def test_a_coroutine_function_is_run_to_its_end(sdk, host, agent):
    async def answer(message):
        return message.text

    sdk.on("a")(answer)
    agent.receive("a", "text", request=1)
    assert host.called("messaging.reply") == [(Body_Text("text"),)]


def test_a_reply_that_is_no_value_names_the_function(sdk, agent):
    @sdk.on("a")
    def answer(message):
        return object()

    fault = agent.receive("a", request=1)
    assert fault.code == "error"
    assert fault.detail.endswith("in the reply that answer returned")


def test_a_returned_reply_that_nobody_waits_for_is_dropped(sdk, host, agent):
    host.refuse("messaging.reply", "request-closed")
    sdk.on("a")(lambda message: "late")
    assert agent.receive("a", request=1) is None
    assert "came too late" in host.called("log.write")[0][1]


def test_a_second_reply_is_a_fault_of_the_agent(sdk, host, agent):
    @sdk.on("a")
    def answer(message):
        message.reply("one")
        host.refuse("messaging.reply", "request-closed")
        return "two"

    assert agent.receive("a", request=1).code == "request-closed"


def test_replying_to_what_is_no_request_is_a_fault_of_the_agent(sdk, agent):
    sdk.on("a")(lambda message: message.reply(1))
    assert agent.receive("a").code == "no-request"


def test_a_message_kept_from_before_is_answered_only_if_it_was_deferred(sdk, host, agent):
    kept = []
    host.answers["messaging.defer"] = 77
    sdk.on("keep")(kept.append)
    sdk.on("defer")(lambda message: kept.append(message) or (message.defer() and None))
    sdk.on("answer")(lambda message: kept.pop().reply(1))
    agent.receive("keep", request=76)
    assert agent.receive("answer").code == "request-closed"
    agent.receive("defer", request=77)
    assert agent.receive("answer") is None
    assert host.called("messaging.reply_to") == [(77, Body_Text("1"))]
    assert not host.called("messaging.reply")


def test_the_configuration_is_read_once_a_message(sdk, host, agent):
    seen = []
    sdk.on("a")(lambda message: seen.append((sdk.config["n"], sdk.config.get("m"))))
    for n in (1, 2):
        host.answers["context.config"] = f'{{"n":{n}}}'
        agent.receive("a")
    assert seen == [(1, None), (2, None)]
    assert len(host.called("context.config")) == 2


def test_headers_are_a_mapping_where_the_first_of_a_name_counts(sdk):
    received = Message(1, "x", "t", Body_Text(""), [("a", "1"), ("b", "2"), ("a", "3")])
    assert sdk.Message(received).headers == {"a": "1", "b": "2"}
