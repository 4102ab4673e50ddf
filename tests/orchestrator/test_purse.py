"""What one agent may spend, by itself: what is asked for, what is counted, what others took."""

from __future__ import annotations

import pytest

from wasm_engine.agents.manifest import Budget
from wasm_engine.concepts.budget import BYTES, FUEL, MESSAGES, TOKENS
from wasm_engine.concepts.errors import Postponed
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.segment import Segment
from wasm_engine.orchestrator.purse import GO, REFUSE, STOP, WAIT, Account, Purse

HOUR = 3600 * 10**9


def purse_of(*budgets, again=True):
    return Purse(tuple(Account(budget, "a", 0) for budget in budgets), again=again)


def test_tokens_that_a_server_reports_count_whatever_is_left():
    purse = purse_of(Budget("t", tokens=100))
    segment = Segment()
    assert purse.spend("tokens", 0, 0, segment, first=True) is None
    purse.used("tokens", 130)
    assert purse.spend("tokens", 0, 0, segment, first=True) == Err(("budget", "t: tokens"))
    assert purse.spent[TOKENS] == 130
    assert segment.costs == [0] * 6


def test_of_several_budgets_all_must_have_enough_or_none_gives_anything():
    purse = purse_of(Budget("m", messages=2), Budget("z", bytes=10))
    segment = Segment()
    assert purse.spend("messages", 2, 11, segment, first=True) == Err(("budget", "z: bytes"))
    assert segment.costs is None
    assert purse.spend("messages", 2, 10, segment, first=True) is None
    assert purse.spend("messages", 1, 0, segment, first=True) == Err(("budget", "m: messages"))
    assert (segment.costs[MESSAGES], segment.costs[BYTES]) == (2, 10)


def test_what_is_dropped_was_not_spent_and_what_is_paid_is():
    purse = purse_of(Budget("m", messages=2))
    assert purse.spend("messages", 2, 0, Segment(), first=True) is None
    kept = Segment()
    assert purse.spend("messages", 2, 0, kept, first=True) is None
    purse.pay(kept)
    assert kept.costs is None
    assert isinstance(purse.spend("messages", 1, 0, Segment(), first=True), Err)


@pytest.mark.parametrize(
    ("first", "again", "taken", "amount", "postponed"),
    [
        (True, True, 1, 2, True),
        (False, True, 1, 2, False),
        (True, False, 1, 2, False),
        (True, True, 1, 3, False),
        (True, True, 0, 3, False),
    ],
)
def test_a_message_is_put_off_only_where_that_helps(first, again, taken, amount, postponed):
    purse = purse_of(Budget("m", messages=2, per=HOUR, exhausted="wait"), again=again)
    purse.accounts[0].spent[MESSAGES] = taken
    if postponed:
        with pytest.raises(Postponed):
            purse.spend("messages", amount, 0, Segment(), first=first)
        assert purse.waits_until(5) == HOUR
        assert purse.waits_until(HOUR) == 0
    else:
        assert isinstance(purse.spend("messages", amount, 0, Segment(), first=first), Err)
        assert purse.waits_until(5) == 0


@pytest.mark.parametrize(
    ("exhausted", "what", "verdict"),
    [
        ("refuse", FUEL, REFUSE),
        ("refuse", MESSAGES, GO),
        ("wait", FUEL, WAIT),
        ("wait", MESSAGES, WAIT),
        ("stop", FUEL, STOP),
        ("stop", MESSAGES, GO),
    ],
)
def test_what_becomes_of_whoever_has_nothing_left(exhausted, what, verdict):
    purse = purse_of(Budget("x", fuel=5, messages=5, per=HOUR, exhausted=exhausted))
    assert purse.verdict() == GO
    purse.accounts[0].spent[what] = 5
    assert purse.verdict() == verdict
    assert purse.lets_run() == (verdict in {GO, REFUSE})
    assert (purse.wants == ("x", "fuel")) == (verdict == STOP)


def test_a_window_that_has_passed_leaves_nothing_spent():
    account = Account(Budget("m", messages=2, per=HOUR), "a", 7)
    account.spent[MESSAGES] = 2
    account.roll(7 + HOUR - 1)
    assert account.spent[MESSAGES] == 2
    account.roll(7 + HOUR)
    assert account.spent[MESSAGES] == 0
    assert (account.since, account.until) == (7 + HOUR, 7 + 2 * HOUR)


def test_whether_an_account_may_run_short_is_known_beforehand():
    account = Account(Budget("m", messages=10), "*", 0)
    account.expect([0, 0, 4, 0, 0, None])
    account.expect([0, 0, 6, 0, 0, None])
    assert not account.is_short
    account.expect([0, 0, 1, 0, 0, None])
    assert account.is_short
    tokens = Account(Budget("t", tokens=10**9), "*", 0)
    tokens.expect([0, 0, 0, 0, 0, None])
    assert tokens.is_short
