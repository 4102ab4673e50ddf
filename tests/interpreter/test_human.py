"""People and secrets, as an agent in Python asks for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interpreter.fake_host import Body_Text, Decision, Err, Fault


def test_a_question_and_its_answer(sdk, host):
    host.answers["human.ask"] = "red"
    said = sdk.human.ask("owner", "Which?", choices=("red", "green"), timeout=timedelta(hours=1))
    assert said == "red"
    role, question, options = host.called("human.ask")[0]
    assert (role, question) == ("owner", "Which?")
    assert (options.choices, options.timeout) == (["red", "green"], 3600 * 10**9)


def test_a_decision_is_true_where_it_was_approved(sdk, host):
    host.answers["human.approve"] = Decision(True, "fine", "ann")
    decision = sdk.human.approve("owner", "Send?", details={"b": [1]})
    assert host.called("human.approve") == [("owner", "Send?", '{"b":[1]}', None)]
    assert decision
    assert (decision.approved, decision.comment, decision.by) == (True, "fine", "ann")
    assert (decision.text, repr(decision)) == ("fine", "Decision(approved by 'ann', 'fine')")
    host.answers["human.approve"] = Decision(False, "", "bob")
    refused = sdk.human.approve("owner", "Send?", details="as it is")
    assert not refused
    assert repr(refused) == "Decision(denied by 'bob', '')"
    assert host.called("human.approve")[-1][2] == "as it is"


def test_people_and_agents_are_waited_for_together(sdk, host):
    host.answers["human.start_ask"] = 1
    host.answers["human.start_approve"] = 2
    host.answers["messaging.start"] = 3
    host.answers["messaging.wait_any"] = lambda numbers: numbers[-1]
    host.answers["messaging.take"] = lambda _number: Body_Text("agent")
    host.answers["human.take_answer"] = "me"
    host.answers["human.take_decision"] = Decision(False, "no", "ann")
    asked = [
        sdk.human.start_ask("owner", "Who?"),
        sdk.human.start_approve("legal", "This?"),
        sdk.start("b", "t"),
    ]
    found = sdk.gather(*asked)
    assert [it.text for it in found] == ["me", "no", "agent"]
    assert not found[1]
    assert repr(asked[0]) == "Asked('owner', 'ask', 1)"


def test_a_question_can_be_withdrawn(sdk, host):
    host.answers["human.start_ask"] = 7
    sdk.human.start_ask("owner", "Who?").cancel()
    assert host.called("messaging.cancel_request") == [(7,)]


def test_faults_have_their_classes(sdk, host):
    host.refuse("human.ask", "timeout", "nobody")
    with pytest.raises(sdk.Timeout, match="nobody"):
        sdk.human.ask("owner", "Who?")
    host.answers["human.start_approve"] = 1
    host.answers["human.take_decision"] = Err(Fault("timeout", ""))
    with pytest.raises(sdk.Timeout):
        sdk.human.start_approve("owner", "This?").wait()


@pytest.mark.parametrize("choice", [1, "\ud800", None])
def test_what_the_bindings_cannot_carry_is_the_agents_own_error(sdk, host, choice):
    with pytest.raises((TypeError, ValueError)):
        sdk.human.ask("owner", "Which?", choices=[choice])
    assert host.called("human.ask") == []


def test_a_secret_is_a_reference(sdk, host):
    host.answers["secrets.reference"] = "wasm-engine-secret.k.0"
    assert sdk.secret("k") == "wasm-engine-secret.k.0"
    host.refuse("secrets.reference", "not-granted")
    with pytest.raises(sdk.NotGranted):
        sdk.secret("other")
