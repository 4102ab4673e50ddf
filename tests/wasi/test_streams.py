"""Streams: permits, ends, failures, and the standard ones."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wasi.activations import Calls, plain_guest
from wasm_engine.concepts.errors import GuestTrap, LimitExceeded
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime.wasi import Quota, Tree
from wasm_engine.runtime.wasi.io.streams import MAX_READ, PERMIT

NONE = frozenset[str]()
CLOSED = Err(("closed", None))


@pytest.fixture
def calls() -> Calls:
    return Calls(plain_guest(Tree(Quota(bytes=100_000)), stdin=b"first line\nsecond"))


@pytest.fixture
def file(calls: Calls) -> Any:
    root = calls("get-directories")[0][0]
    how, flags = frozenset({"create"}), frozenset({"read", "write"})
    return calls("descriptor.open-at", root, NONE, "file", how, flags)


def test_standard_input_has_one_position(calls: Calls) -> None:
    one, other = calls("get-stdin"), calls("get-stdin")
    assert calls("input-stream.read", one, 0) == b""
    assert calls("input-stream.read", one, 6) == b"first "
    one.drop()
    assert calls("input-stream.blocking-read", other, 4) == b"line"
    assert calls("input-stream.skip", other, 1) == 1
    assert calls("input-stream.blocking-skip", other, 3) == 3
    assert calls("input-stream.read", other, 1 << 63) == b"ond"
    assert calls("input-stream.read", other, 1) == CLOSED
    assert calls("input-stream.skip", other, 1) == CLOSED


def test_what_is_printed_arrives(calls: Calls) -> None:
    out, err = calls("get-stdout"), calls("get-stderr")
    assert calls("output-stream.blocking-write-and-flush", out, b"to out") is None
    assert calls("output-stream.check-write", err) == PERMIT
    assert calls("output-stream.write", err, b"to err") is None
    assert calls("output-stream.flush", err) is None
    assert calls("output-stream.blocking-flush", err) is None
    assert calls.guest.printed == {"stdout": b"to out", "stderr": b"to err"}


def test_writes_need_a_permit(calls: Calls, file: Any) -> None:
    stream = calls("descriptor.write-via-stream", file, 0)
    with pytest.raises(GuestTrap, match="write-not-permitted"):
        calls("output-stream.write", stream, b"x")
    calls("output-stream.check-write", stream)
    assert calls("output-stream.write", stream, bytes(PERMIT - 1)) is None
    assert calls("output-stream.write", stream, b"x") is None
    with pytest.raises(GuestTrap, match="write-not-permitted"):
        calls("output-stream.write-zeroes", stream, 1)
    assert calls("output-stream.write", stream, b"") is None


def test_streams_on_a_file_have_their_own_offsets(calls: Calls, file: Any) -> None:
    first, second = (calls("descriptor.write-via-stream", file, at) for at in (0, 4))
    appending = calls("descriptor.append-via-stream", file)
    for stream, data in (
        (second, b"EF"),
        (first, b"ab"),
        (appending, b"gh"),
        (first, b"cd"),
        (appending, b"ij"),
    ):
        assert calls("output-stream.blocking-write-and-flush", stream, data) is None
    reading = calls("descriptor.read-via-stream", file, 2)
    assert calls("input-stream.read", reading, 4) == b"cdEF"
    assert calls("input-stream.read", reading, 100) == b"ghij"
    assert calls("input-stream.read", reading, 100) == CLOSED
    calls("output-stream.blocking-write-and-flush", appending, b"more")
    assert calls("input-stream.read", reading, 100) == b"more"
    beyond = calls("descriptor.read-via-stream", file, 1000)
    assert calls("input-stream.read", beyond, 1) == CLOSED
    assert calls("descriptor.read-via-stream", file, 1 << 63) == Err("invalid")
    assert calls("descriptor.write-via-stream", file, 1 << 63) == Err("invalid")


def test_a_failed_write_closes_the_stream_and_says_why(calls: Calls, file: Any) -> None:
    stream = calls("descriptor.write-via-stream", file, 99_999)
    failed = calls("output-stream.blocking-write-and-flush", stream, b"too much")
    case, failure = failed.payload
    assert case == "last-operation-failed"
    assert calls("filesystem-error-code", failure) == "insufficient-space"
    assert calls("error.to-debug-string", failure) == "insufficient-space"
    for name, more in (
        ("check-write", ()),
        ("write", (b"",)),
        ("blocking-write-and-flush", (b"",)),
        ("flush", ()),
        ("blocking-flush", ()),
        ("write-zeroes", (0,)),
        ("blocking-write-zeroes-and-flush", (0,)),
        ("splice", (calls("get-stdin"), 1)),
    ):
        assert calls(f"output-stream.{name}", stream, *more) == CLOSED, name
    assert calls("descriptor.stat", file)[2] == 0
    assert calls("input-stream.read", calls("get-stdin"), 5) == b"first"


def test_zeroes(calls: Calls, file: Any) -> None:
    stream = calls("descriptor.write-via-stream", file, 0)
    calls("output-stream.check-write", stream)
    assert calls("output-stream.write-zeroes", stream, 10) is None
    assert calls("output-stream.blocking-write-zeroes-and-flush", stream, PERMIT + 10) is None
    assert calls("descriptor.stat", file)[2] == PERMIT + 20
    assert calls("descriptor.read", file, MAX_READ, 0) == (bytes(PERMIT + 20), True)
    failed = calls("output-stream.blocking-write-zeroes-and-flush", stream, 1 << 63)
    assert failed.payload[0] == "last-operation-failed"


def test_endless_zeroes_are_paid_for(calls: Calls) -> None:
    calls.guest.work = 1_000_000
    with pytest.raises(LimitExceeded):
        calls("output-stream.blocking-write-zeroes-and-flush", calls("get-stdout"), 1 << 63)
    assert len(calls.guest.printed["stdout"]) <= 1_000_000


def test_splice_moves_bytes(calls: Calls, file: Any) -> None:
    stdin, out = calls("get-stdin"), calls("descriptor.append-via-stream", file)
    assert calls("output-stream.splice", out, stdin, 0) == 0
    assert calls("output-stream.splice", out, stdin, 5) == 5
    assert calls("output-stream.blocking-splice", out, stdin, 1 << 60) == 12
    assert calls("output-stream.splice", out, stdin, 1) == CLOSED
    assert calls("descriptor.read", file, 100, 0) == (b"first line\nsecond", True)


def test_one_read_is_bounded() -> None:
    calls = Calls(plain_guest(stdin=bytes(MAX_READ + 5)))
    stdin = calls("get-stdin")
    assert len(calls("input-stream.read", stdin, 1 << 63)) == MAX_READ
    assert len(calls("input-stream.read", stdin, 1 << 63)) == 5


def test_streams_are_always_ready(calls: Calls, file: Any) -> None:
    before = calls.guest.time
    pollables = [
        calls("input-stream.subscribe", calls("get-stdin")),
        calls("output-stream.subscribe", calls("get-stdout")),
        calls("output-stream.subscribe", calls("descriptor.append-via-stream", file)),
    ]
    assert calls("poll", pollables) == [0, 1, 2]
    assert all(calls("pollable.ready", pollable) for pollable in pollables)
    assert calls("pollable.block", pollables[0]) is None
    assert calls.guest.time == before  # no clock was read for it
