"""Clocks, waiting, entropy, and the rest of wasi:cli."""

from __future__ import annotations

import pytest

from tests.wasi.activations import EPOCH, TICK, Calls, plain_guest
from wasm_engine.concepts.errors import GuestFailure, GuestTrap, LimitExceeded
from wasm_engine.concepts.hostcall import SUSPEND, Err
from wasm_engine.runtime.wasi import GuestExit, Tree, functions
from wasm_engine.runtime.wasi.random import MAX_BYTES

SECOND = 10**9


@pytest.fixture
def calls() -> Calls:
    return Calls(plain_guest(Tree(), args=["prog", "a b"], env=[("Z", "1"), ("A", "")]))


def clock(calls: Calls) -> int:
    return int(calls("wasi:clocks/monotonic-clock#now"))


def test_both_clocks_are_world_time(calls: Calls) -> None:
    assert clock(calls) == TICK
    seconds, nanoseconds = calls("wasi:clocks/wall-clock#now")
    assert seconds * SECOND + nanoseconds == EPOCH + 2 * TICK
    assert calls("wasi:clocks/monotonic-clock#resolution") == TICK
    assert calls("wasi:clocks/wall-clock#resolution") == (0, TICK)
    assert calls("wasi:clocks/timezone#display", (0, 0)) == (0, "UTC", False)
    assert calls("wasi:clocks/timezone#utc-offset", (0, 0)) == 0


def test_poll_waits_for_the_first_that_is_due(calls: Calls) -> None:
    late = calls("subscribe-duration", 5 * SECOND)
    soon = calls("subscribe-duration", 2 * SECOND)
    same = calls("subscribe-instant", soon.deadline - EPOCH)
    assert calls("poll", [late, soon, same]) is SUSPEND
    assert calls.guest.waiting is not None
    assert calls.guest.waiting[1] == soon.deadline
    assert calls.guest.wake() == [1, 2]
    assert calls("pollable.ready", soon)
    assert not calls("pollable.ready", late)
    assert calls("poll", [late, soon]) == [1]
    assert calls("pollable.block", late) is SUSPEND
    assert calls.guest.wake() is None
    assert clock(calls) >= 5 * SECOND
    assert calls("pollable.block", late) is None
    assert calls("poll", [late, soon]) == [0, 1]


def test_a_stream_beside_a_timer_is_ready_at_once(calls: Calls) -> None:
    timer, stream = calls("subscribe-duration", SECOND), calls("output-stream.subscribe", None)
    assert calls("poll", [timer, stream]) == [1]
    assert calls("poll", [calls("subscribe-duration", 0), stream]) == [0, 1]
    assert calls("poll", [calls("subscribe-instant", 0)]) == [0]


def test_busy_waiting_comes_to_an_end(calls: Calls) -> None:
    timer = calls("subscribe-duration", 50 * TICK)
    looks = 0
    while not calls("pollable.ready", timer):
        looks += 1
    assert looks == 49


@pytest.mark.parametrize("name", ["poll", "pollable.block"])
def test_what_can_never_be_ready_traps(calls: Calls, name: str) -> None:
    never = calls("subscribe-duration", (1 << 64) - 1)
    with pytest.raises(GuestTrap, match="stuck"):
        calls(name, [never] if name == "poll" else never)


def test_poll_of_nothing_traps(calls: Calls) -> None:
    with pytest.raises(GuestTrap, match="empty-poll"):
        calls("poll", [])


def test_entropy(calls: Calls) -> None:
    assert len(calls("get-random-bytes", 100)) == 100
    assert calls("get-random-bytes", 0) == b""
    assert calls("get-random-bytes", 16) != calls("get-insecure-random-bytes", 16)
    assert calls("get-random-u64") != calls("get-insecure-random-u64")
    assert calls("insecure-seed") != calls("get-insecure-seed")
    assert len(calls("get-random-bytes", MAX_BYTES)) == MAX_BYTES
    for name in ("get-random-bytes", "get-insecure-random-bytes"):
        with pytest.raises(LimitExceeded):
            calls(name, MAX_BYTES + 1)


def test_arguments_and_environment_are_as_given(calls: Calls) -> None:
    assert calls("get-arguments") == ["prog", "a b"]
    assert calls("get-environment") == [("Z", "1"), ("A", "")]
    assert calls("initial-cwd") == "/"
    for stream in ("stdin", "stdout", "stderr"):
        assert calls(f"get-terminal-{stream}") is None


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [("exit", None, 0), ("exit", Err(), 1), ("exit-with-code", 0, 0), ("exit-with-code", 42, 42)],
)
def test_exit_ends_the_guest(calls: Calls, name: str, status: object, expected: int) -> None:
    with pytest.raises(GuestExit) as left:
        calls(name, status)
    assert left.value.status == expected
    assert isinstance(left.value, GuestFailure)
    assert left.value.code == "exit"


def test_there_is_no_network(calls: Calls) -> None:
    network = calls("instance-network")
    assert calls("create-tcp-socket", "ipv4") == Err("access-denied")
    assert calls("create-udp-socket", "ipv6") == Err("access-denied")
    assert calls("resolve-addresses", network, "localhost") == Err("access-denied")


SHARED = ("wasi:keyvalue/", "wasi:blobstore/", "wasi:nn/")
"""What agents share is not there while an instance is made: it belongs to no agent yet."""


WRITE = ("blocking-splice", "blocking-write-and-flush", "blocking-write-zeroes-and-flush", "splice",
         "write", "write-zeroes")  # fmt: skip
CHANGE = ("create-directory-at", "open-at", "remove-directory-at", "rename-at", "set-size",
          "set-times", "set-times-at", "unlink-file-at", "write")  # fmt: skip
"""What is a turn call where it is done to a folder that agents share."""


def test_every_function_may_be_called_while_an_instance_is_made() -> None:
    table = {name: it for name, it in functions().items() if not name.startswith(SHARED)}
    assert all(function.in_init for function in table.values())
    assert all(name == function.name and "@" not in name for name, function in table.items())
    suspending = {name for name, function in table.items() if function.suspends}
    waiting = {"wasi:io/poll#poll", "wasi:io/poll#[method]pollable.block"}
    assert suspending == waiting | {
        f"wasi:io/streams#[method]output-stream.{it}" for it in WRITE
    } | {f"wasi:filesystem/types#[method]descriptor.{it}" for it in CHANGE}
