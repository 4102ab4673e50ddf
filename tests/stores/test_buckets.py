"""What every store of buckets must do, asked of each: the world's own, and Redis."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wasm_engine.capabilities.keyvalue import KeyValueStore, Quota
from wasm_engine.concepts import canonical
from wasm_engine.concepts.effect import REDIS, Issued
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.keyvalue import LARGEST, PAGE, SMALLEST
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.redis_client import MARK, RedisClient
from wasm_engine.orchestrator.outside import restored, stored
from wasm_engine.runtime.wasi.keyvalue.asking import _plain

_keys = itertools.count(1)


class RedisBuckets:
    """Redis as a store of buckets: each operation an effect, by the way that effects take."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = RedisClient()

    def issued(self, bucket: str, operation: str, arguments: tuple[Any, ...]) -> Issued:
        number = next(_keys)
        asked = (self.address, bucket, operation, *arguments)
        return Issued(number, "agent", 1, 0, 0, REDIS, asked, f"key-{number}")

    def perform(self, issued: Issued) -> Any:
        outcome = self.client.perform(issued, Cancellation())
        row = canonical.decode(canonical.encode(stored(outcome)))
        outcome = restored(row)
        if isinstance(outcome, Err):
            code, detail = outcome.payload
            return Err(("other", f"{code}: {detail}"))
        return _plain(issued.arguments[2], issued.arguments[3:], outcome)

    def do(self, bucket: str, operation: str, arguments: tuple[Any, ...]) -> Any:
        return self.perform(self.issued(bucket, operation, arguments))


@pytest.fixture(params=["world", "redis"])
def buckets(request):
    if request.param == "world":
        return KeyValueStore({}, {})
    return RedisBuckets(request.getfixturevalue("redis").address())


def do(buckets, operation, *arguments):
    return buckets.do("b", operation, arguments)


def keys_of(buckets, bucket="b"):
    found, cursor = [], None
    while True:
        keys, cursor = buckets.do(bucket, "list-keys", (cursor,))
        found += keys
        if cursor is None:
            return sorted(set(found))


def code_of(answer):
    assert isinstance(answer, Err)
    assert answer.payload[0] == "other"
    return answer.payload[1].partition(":")[0]


def test_what_was_put_is_there_until_it_is_taken_out(buckets):
    assert do(buckets, "get", "k") is None
    assert do(buckets, "exists", "k") is False
    assert do(buckets, "set", "k", b"\x00v\xff") is None
    assert do(buckets, "get", "k") == b"\x00v\xff"
    assert do(buckets, "exists", "k") is True
    assert do(buckets, "set", "k", b"") is None
    assert do(buckets, "get", "k") == b""
    assert do(buckets, "exists", "k") is True
    assert do(buckets, "delete", "k") is None
    assert do(buckets, "delete", "k") is None
    assert do(buckets, "get", "k") is None


def test_keys_are_any_text(buckets):
    names = ["", " ", "é", "a:b", "*", "{x}", "\n", "\0", "k" * 512]
    for name in names:
        assert do(buckets, "set", name, name.encode()) is None
    assert keys_of(buckets) == sorted(names)
    assert do(buckets, "get-many", names) == [(name, name.encode()) for name in names]


def test_buckets_do_not_see_each_other(buckets):
    assert buckets.do("one", "set", ("k", b"1")) is None
    assert buckets.do("two", "get", ("k",)) is None
    assert keys_of(buckets, "two") == []
    assert keys_of(buckets, "one") == ["k"]


def test_many_keys_are_listed_page_by_page(buckets):
    pairs = [(f"{n:05}", b"v") for n in range(2 * PAGE + 1)]
    for begin in range(0, len(pairs), PAGE):
        assert do(buckets, "set-many", pairs[begin : begin + PAGE]) is None
    assert keys_of(buckets) == [key for key, _ in pairs]
    keys, cursor = do(buckets, "list-keys", None)
    assert len(keys) < len(pairs)
    assert cursor is not None


def test_a_batch_answers_in_the_order_of_its_keys(buckets):
    assert do(buckets, "set-many", [("a", b"1"), ("b", b"2"), ("a", b"3")]) is None
    assert do(buckets, "get-many", ["b", "none", "a", "b"]) == [
        ("b", b"2"), None, ("a", b"3"), ("b", b"2"),
    ]  # fmt: skip
    assert do(buckets, "delete-many", ["a", "none", "a"]) is None
    assert keys_of(buckets) == ["b"]
    for operation in ("get-many", "set-many", "delete-many"):
        assert do(buckets, operation, []) in ([], None)


def test_an_increment_counts_in_decimal_digits(buckets):
    assert do(buckets, "increment", "n", 5) == 5
    assert do(buckets, "increment", "n", -7) == -2
    assert do(buckets, "get", "n") == b"-2"
    assert do(buckets, "increment", "zero", 0) == 0
    assert do(buckets, "get", "zero") == b"0"
    assert do(buckets, "set", "n", b"41") is None
    assert do(buckets, "increment", "n", 1) == 42


def test_sums_are_exact_up_to_64_bits(buckets):
    assert do(buckets, "increment", "n", LARGEST - 1) == LARGEST - 1
    assert do(buckets, "increment", "n", 1) == LARGEST
    assert code_of(do(buckets, "increment", "n", 1)) == "not-a-number"
    assert do(buckets, "get", "n") == str(LARGEST).encode()
    assert do(buckets, "increment", "m", SMALLEST) == SMALLEST
    assert code_of(do(buckets, "increment", "m", -1)) == "not-a-number"


@pytest.mark.parametrize("value", [b"", b"x", b" 1", b"1 ", b"+1", b"01", b"-0", b"1.0", b"9" * 19])
def test_what_is_no_number_is_not_counted_up(buckets, value):
    assert do(buckets, "set", "k", value) is None
    assert code_of(do(buckets, "increment", "k", 1)) == "not-a-number"
    assert do(buckets, "get", "k") == value


def test_a_swap_needs_what_it_expects(buckets):
    assert do(buckets, "swap", "k", b"there", b"new") == ("differs", None)
    assert do(buckets, "swap", "k", None, b"first") == ("swapped",)
    assert do(buckets, "swap", "k", None, b"again") == ("differs", b"first")
    assert do(buckets, "swap", "k", b"first", b"") == ("swapped",)
    assert do(buckets, "swap", "k", None, b"absent is not empty") == ("differs", b"")
    assert do(buckets, "swap", "k", b"", b"second") == ("swapped",)
    assert do(buckets, "get", "k") == b"second"


KEYS = st.sampled_from(["a", "b", "c", "é"])
VALUES = st.one_of(st.binary(max_size=4), st.integers(-3, 3).map(lambda n: str(n).encode()))
STEPS = st.one_of(
    st.tuples(st.just("set"), KEYS, VALUES),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(st.just("get"), KEYS),
    st.tuples(st.just("exists"), KEYS),
    st.tuples(st.just("increment"), KEYS, st.integers(-5, 5)),
    st.tuples(st.just("swap"), KEYS, st.none() | VALUES, VALUES),
    st.tuples(st.just("get-many"), st.lists(KEYS, max_size=4)),
    st.tuples(st.just("set-many"), st.lists(st.tuples(KEYS, VALUES), max_size=4)),
    st.tuples(st.just("delete-many"), st.lists(KEYS, max_size=4)),
)


def put_all(model, pairs):
    model.update(pairs)


def drop_all(model, keys):
    for key in keys:
        model.pop(key, None)


def count_up(model, key, delta):
    value = model.get(key, b"0")
    digits = value.removeprefix(b"-")
    if not digits.isdigit() or str(int(value)).encode() != value:
        return "not-a-number"
    model[key] = str(int(value) + delta).encode()
    return int(model[key])


def swap_in(model, key, expected, value):
    if model.get(key) != expected:
        return ("differs", model.get(key))
    model[key] = value
    return ("swapped",)


MODEL = {
    "get": lambda model, key: model.get(key),
    "exists": lambda model, key: key in model,
    "get-many": lambda model, keys: [(k, model[k]) if k in model else None for k in keys],
    "set": lambda model, key, value: put_all(model, [(key, value)]),
    "set-many": put_all,
    "delete": lambda model, key: drop_all(model, [key]),
    "delete-many": drop_all,
    "increment": count_up,
    "swap": swap_in,
}
"""The same on a dict; a refusal is its code."""


def agree(buckets, steps):
    model: dict[str, bytes] = {}
    for step in steps:
        answer, expected = do(buckets, *step), MODEL[step[0]](model, *step[1:])
        assert (code_of(answer) if isinstance(answer, Err) else answer) == expected, step
        assert keys_of(buckets) == sorted(model)


@settings(max_examples=100, derandomize=True)
@given(st.lists(STEPS, max_size=20))
def test_the_worlds_own_store_does_as_a_dict_would(steps):
    buckets = KeyValueStore({}, {})
    agree(buckets, steps)
    frozen = canonical.decode(canonical.encode(buckets.freeze()))
    other = KeyValueStore({}, {})
    other.thaw(frozen)
    assert other.freeze() == buckets.freeze()
    assert {n: b.size for n, b in other._buckets.items()} == {
        n: b.size for n, b in buckets._buckets.items()
    }


def test_redis_does_as_a_dict_would(redis):
    @settings(max_examples=30, derandomize=True)
    @given(st.lists(STEPS, max_size=12))
    def holds(steps):
        with redis.client() as client:
            client.flushall()
        agree(RedisBuckets(redis.address()), steps)

    holds()


def test_a_full_bucket_takes_nothing_more_and_keeps_what_it_has():
    buckets = KeyValueStore({"b": Quota(bytes=3 * 64 + 20, keys=2)}, {})
    assert do(buckets, "set", "a", b"1") is None
    assert do(buckets, "set", "b", b"2") is None
    assert code_of(do(buckets, "set", "c", b"3")) == "quota-exceeded"
    assert code_of(do(buckets, "increment", "c", 1)) == "quota-exceeded"
    assert code_of(do(buckets, "swap", "c", None, b"3")) == "quota-exceeded"
    assert code_of(do(buckets, "set", "a", bytes(100))) == "quota-exceeded"
    assert code_of(do(buckets, "set-many", [("a", b"9"), ("c", b"9")])) == "quota-exceeded"
    assert do(buckets, "get-many", ["a", "b", "c"]) == [("a", b"1"), ("b", b"2"), None]
    assert do(buckets, "delete", "b") is None
    assert do(buckets, "set", "c", b"3") is None


def test_what_nobody_froze_is_refused():
    for frozen in ([["b", [["k", "text"]]]], [["b", [[1, b"v"]]]], [["b"]], 5):
        with pytest.raises((TypeError, ValueError)):
            KeyValueStore({}, {}).thaw(frozen)


CHANGES = [
    ("set", "k", b"new"),
    ("delete", "k"),
    ("increment", "n", 2),
    ("swap", "k", b"old", b"new"),
    ("swap", "k", b"other", b"new"),
    ("increment", "k", 1),
    ("set-many", [("k", b"a"), ("l", b"b")]),
    ("delete-many", ["k", "n"]),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda it: f"{it[0]}-{it[2:]}")
def test_a_change_that_is_sent_twice_is_made_once_and_answered_the_same(redis, change):
    buckets = RedisBuckets(redis.address())
    assert do(buckets, "set-many", [("k", b"old"), ("n", b"40")]) is None
    operation, *arguments = change
    issued = buckets.issued("b", operation, tuple(arguments))
    first = buckets.perform(issued)
    with redis.client() as client:
        after = client.hgetall("b")
        # Somebody else changes what is there; who sends again neither sees nor undoes that.
        client.hset("b", mapping={"k": b"theirs", "n": b"7"})
        assert buckets.perform(issued._replace(again=True)) == first
        assert client.hgetall("b") == {**after, b"k": b"theirs", b"n": b"7"}
        assert 0 < client.ttl(f"{MARK}{issued.key}") <= 30 * 24 * 3600


def test_what_redis_holds_of_another_kind_is_no_bucket(redis):
    with redis.client() as client:
        client.set("b", "a string")
    buckets = RedisBuckets(redis.address())
    for step in (("get", "k"), ("set", "k", b"v"), ("list-keys", None), ("increment", "k", 1)):
        assert code_of(do(buckets, *step)) == "bad-response"
    assert code_of(do(buckets, "list-keys", "no cursor")) == "invalid-request"


def test_a_server_that_is_away_is_an_outcome_and_it_is_used_again_when_it_is_back(redis):
    buckets = RedisBuckets(redis.address())
    assert do(buckets, "set", "k", b"v") is None
    redis.stop()
    try:
        assert code_of(do(buckets, "get", "k")) == "connection-failed"
        assert code_of(do(buckets, "set", "k", b"w")) == "connection-failed"
    finally:
        redis.start()
    assert do(buckets, "get", "k") == b"v"


def test_a_password_is_the_processs_own(redis, monkeypatch):
    with redis.client() as client:
        client.config_set("requirepass", "secret words")
        try:
            assert code_of(do(RedisBuckets(redis.address()), "get", "k")) == "not-granted"
            monkeypatch.setenv("WASM_ENGINE_REDIS_PASSWORD", "secret words")
            assert do(RedisBuckets(redis.address()), "set", "k", b"v") is None
        finally:
            client.config_set("requirepass", "")
