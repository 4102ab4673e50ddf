"""Many requests at once."""

from __future__ import annotations

import pytest

from tests.interpreter.fake_host import Body_Text, Err, Fault


@pytest.fixture
def replies(host):
    """Requests end in the order of this list; what a number's outcome is, by number."""
    outcomes = {}
    order = []

    def start(to, topic, body, options):
        number = len(outcomes) + 1
        outcomes[number] = Body_Text(f"{to}:{body.value}")
        order.append(number)
        return number

    host.answers["messaging.start"] = start
    host.answers["messaging.wait_any"] = lambda numbers: next(n for n in order if n in numbers)
    host.answers["messaging.take"] = lambda number: outcomes[number]
    return outcomes, order


def test_gather_keeps_the_order_of_the_requests(sdk, replies):
    requests = [sdk.start(name, "t", 1) for name in "abc"]
    replies[1].reverse()
    assert [reply.text for reply in sdk.gather(*requests)] == ["a:1", "b:1", "c:1"]


def test_gather_raises_the_first_fault_and_cancels_the_rest(sdk, host, replies):
    outcomes, order = replies
    requests = [sdk.start(name, "t") for name in "abc"]
    outcomes[2] = Err(Fault("failed", "b"))
    order[:] = [2, 1, 3]
    with pytest.raises(sdk.Failed, match="b"):
        sdk.gather(*requests)
    assert host.called("messaging.cancel_request") == [(1,), (3,)]


def test_gather_may_give_faults_in_their_places(sdk, replies):
    requests = [sdk.start(name, "t") for name in "ab"]
    replies[0][1] = Err(Fault("no-reply", ""))
    first, second = sdk.gather(*requests, faults=True)
    assert isinstance(first, sdk.NoReply)
    assert second.text == "b:"


def test_ask_all_asks_everybody_before_it_waits(sdk, host, replies):
    assert [r.text for r in sdk.ask_all(["a", "b"], "t", "x", timeout=1)] == ["a:x", "b:x"]
    names = [call[0] for call in host.calls]
    assert names[:3] == ["messaging.start", "messaging.start", "messaging.wait_any"]
    assert host.called("messaging.start")[1][3].timeout == 10**9


def test_wait_any_gives_what_ended_and_its_reply_is_taken_once(sdk, host, replies):
    first, second = sdk.start("a", "t"), sdk.start("b", "t")
    replies[1].reverse()
    ended = sdk.wait_any([first, second])
    assert ended is second
    assert ended.wait().text == ended.wait().text == "b:"
    assert host.called("messaging.take") == [(2,)]
    assert sdk.wait_any([first, second]) is second


def test_a_request_that_ended_is_not_cancelled(sdk, host, replies):
    request = sdk.start("a", "t")
    request.wait()
    request.cancel()
    assert not host.called("messaging.cancel_request")
