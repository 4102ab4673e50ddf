"""Calls in and out: values arrive, fuel is counted, suspended calls go on."""

from __future__ import annotations

import pytest

from tests.binding.components import (
    DEFAULTS,
    GUEST,
    PLENTY,
    RUN,
    HostGuest,
    Thing,
    answered,
    call,
    component_of,
    guest,
    link,
)
from wasm_engine.concepts.errors import Bug, GuestTrap, LimitExceeded
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime._wasmtime.instance import SLICED, SUSPENDED, Finished


def test_values_go_in_and_come_back():
    instance = guest()
    assert call(instance, RUN, "nop") is None
    assert call(instance, RUN, "echo", "héllo \U0001f600") == "héllo \U0001f600"
    assert call(instance, RUN, "bytes", bytes(range(256)) * 300) == bytes(range(256)) * 300
    assert call(instance, RUN, "number", 2**64 - 2) == 2**64 - 1
    assert call(instance, RUN, "find", 10) == 10


def test_host_functions_are_handed_the_guest_they_run_for():
    one, two = HostGuest(), HostGuest()
    first, second = guest(host=one), guest(host=two)
    call(first, RUN, "text", 2)
    call(second, RUN, "text", 1)
    assert [len(one.seen), len(two.seen)] == [2, 1]
    assert one.seen[0].startswith("0123456789abcdef")


def test_a_suspended_call_goes_on_with_its_answer():
    instance = guest()
    instance.begin(RUN, "wait", (7,))
    assert instance.poll() is SUSPENDED
    instance.resume(100)
    assert instance.poll() is SUSPENDED
    instance.resume(11)
    assert instance.poll() == Finished(111)
    assert call(instance, RUN, "number", 1) == 2


def test_a_suspending_function_may_answer_at_once():
    instance = guest({"wait": lambda _, n: n * 10})
    assert call(instance, RUN, "wait", 1) == 30


def test_a_call_that_waits_is_not_polled_before_its_answer():
    instance = guest()
    instance.begin(RUN, "wait", (7,))
    with pytest.raises(Bug, match="no host function waits"):
        instance.resume(1)
    instance.poll()
    with pytest.raises(Bug, match="waits for an answer"):
        instance.poll()
    instance.resume(1)
    with pytest.raises(Bug, match="no host function waits"):
        instance.resume(2)
    assert answered(instance, [5]) == 6


def test_many_guests_are_suspended_in_one_thread():
    instances = [guest() for _ in range(100)]
    for number, instance in enumerate(instances):
        instance.begin(RUN, "wait", (number,))
        assert instance.poll() is SUSPENDED
    for number, instance in reversed(list(enumerate(instances))):
        assert answered_first(instance, number) == 2 * number


def answered_first(instance, number):
    instance.resume(number)
    return answered(instance, [number])


def test_a_suspended_call_can_be_dropped():
    instance = guest()
    instance.begin(RUN, "wait", (7,))
    instance.poll()
    instance.close()
    assert not instance.alive
    with pytest.raises(Bug, match="closed"):
        instance.poll()


def test_a_call_that_never_ran_can_be_dropped():
    instance = guest()
    instance.begin(RUN, "echo", ("x" * 100_000,))
    instance.close()
    assert not instance.alive


def test_a_call_in_one_step_is_begin_and_poll():
    instance = guest(limits=PLENTY._replace(slice=10_000))
    assert instance.call(RUN, "nop", ()) == Finished(None)
    assert instance.call(RUN, "number", (1,)) == Finished(2)
    assert instance.call(RUN, "echo", ("text",)) == Finished("text")
    assert instance.call(RUN, "spin", (20_000,)) is SLICED
    with pytest.raises(Bug, match="a call is in progress"):
        instance.call(RUN, "nop", ())
    assert isinstance(answered(instance, []), int)
    assert instance.call(RUN, "wait", (1,)) is SUSPENDED
    instance.resume(1)
    assert answered(instance, [2]) == 3
    for arguments in ((), ("x",), (-1,)):
        with pytest.raises(Bug, match="arguments of test:guest/run#number do not fit"):
            instance.call(RUN, "number", arguments)
    with pytest.raises(Bug, match="does not export"):
        instance.call(RUN, "nothing", ())
    assert instance.call(RUN, "number", (1,)) == Finished(2)
    with pytest.raises(GuestTrap):
        instance.call(RUN, "trap", ())
    with pytest.raises(Bug, match="died of an error"):
        instance.call(RUN, "nop", ())


def test_what_a_host_function_raises_in_a_call_in_one_step_comes_out():
    error = ZeroDivisionError("made up")

    def fail(*_):
        raise error

    instance = guest({"number": fail})
    with pytest.raises(ZeroDivisionError) as raised:
        instance.call(RUN, "number", (1,))
    assert raised.value is error
    assert not instance.alive


def test_an_instance_closed_in_a_call_in_one_step_is_closed_after_it():
    box = []
    box.append(guest({"hit": lambda _: box[0].close()}))
    assert box[0].call(RUN, "hit", ()) == Finished(None)
    assert not box[0].alive


def test_a_bad_answer_is_our_fault_and_ends_the_instance():
    instance = guest()
    instance.begin(RUN, "wait", (7,))
    instance.poll()
    with pytest.raises(Bug, match="wait answered a value that is not u64"):
        instance.resume("text")
    assert not instance.alive


def test_an_error_is_no_answer_of_a_function_without_a_result_type():
    instance = guest()
    instance.begin(RUN, "wait", (7,))
    instance.poll()
    with pytest.raises(Bug, match="not u64"):
        instance.resume(Err("no"))


def test_fuel_is_the_same_every_time():
    used = set()
    for _ in range(3):
        instance = guest()
        before = instance.fuel
        call(instance, RUN, "spin", 1000)
        call(instance, RUN, "text", 3)
        used.add(before - instance.fuel)
    assert len(used) == 1
    assert used.pop() > 1000


def test_slices_do_not_change_fuel_or_result():
    outcomes = set()
    for slice_ in (1_000, 7_777, 100_000_000):
        instance = guest(limits=PLENTY._replace(slice=slice_))
        before = instance.fuel
        outcomes.add((call(instance, RUN, "spin", 20_000), before - instance.fuel))
    assert len(outcomes) == 1


def test_a_long_call_is_cut_into_slices():
    instance = guest(limits=PLENTY._replace(slice=10_000))
    instance.begin(RUN, "spin", (20_000,))
    slices = 0
    while instance.poll() is SLICED:
        slices += 1
    assert slices > 5


def test_fuel_can_be_read_and_set_between_polls():
    instance = guest(limits=PLENTY._replace(slice=10_000))
    instance.begin(RUN, "spin", (10**9,))
    assert instance.poll() is SLICED
    before = instance.fuel
    assert instance.poll() is SLICED
    assert before - instance.fuel == pytest.approx(10_000, abs=100)
    instance.fuel = 5_000
    with pytest.raises(LimitExceeded) as spent:
        answered(instance, [])
    assert spent.value.code == "fuel"
    assert instance.fuel == 0


def test_fuel_can_be_read_in_a_host_function():
    read = []
    instance = guest({"hit": lambda _: read.append(instance.fuel)})
    before = instance.fuel
    call(instance, RUN, "hit")
    assert before > read[0] >= instance.fuel


def test_a_start_function_cannot_wait():
    wat = """(component
      (import "wait" (func $w (param "n" u64) (result u64)))
      (core func $cw (canon lower (func $w)))
      (core module $m (import "" "w" (func $w (param i64) (result i64)))
        (func $s (drop (call $w (i64.const 1)))) (start $s))
      (core instance (instantiate $m (with "" (instance (export "w" (func $cw)))))))"""
    linked = link(component_of(wat), DEFAULTS, {"wait"})
    with pytest.raises(GuestTrap) as trapped:
        linked.instantiate(HostGuest(), PLENTY)
    assert trapped.value.code == "unavailable-in-init"


def test_a_start_function_runs_within_its_fuel():
    wat = """(component (core module $m (func $s (loop (br 0))) (start $s))
      (core instance (instantiate $m)))"""
    linked = link(component_of(wat), {}, set())
    with pytest.raises(LimitExceeded) as spent:
        linked.instantiate(HostGuest(), PLENTY._replace(fuel=10_000_000, slice=1_000_000))
    assert spent.value.code == "fuel"


def test_handles_of_host_objects():
    host = HostGuest()
    made = []
    instance = guest({"make": lambda _, n: made.append(Thing(n)) or made[-1]}, host=host)
    assert call(instance, RUN, "value", 42) == 42
    assert made[0].dropped
    assert len(host.resources) == 0


def test_two_borrows_in_one_call():
    assert call(guest(), RUN, "both", 3, 7) == 307
    assert call(guest(), RUN, "all") == 7


def test_an_owned_handle_comes_back_to_the_host():
    host = HostGuest()
    call(guest(host=host), RUN, "swallow", 9)
    assert host.seen[0].value == 9
    assert not host.seen[0].dropped
    assert len(host.resources) == 0


def test_many_calls_leave_no_handles():
    host = HostGuest()
    instance = guest(host=host)
    for number in range(200):
        call(instance, RUN, "value", number)
    assert len(host.resources) == 0


def test_the_component_tells_its_types():
    component = component_of(GUEST)
    api = component.imports["test:host/api@0.1.0"]
    assert str(api.functions["find"]) == "func(t: string) -> list<u8>"
    assert str(api.functions["both"]) == "func(a: borrow<thing>, b: borrow<thing>) -> u32"
    assert api.resources == {"thing": "test:host/api#thing"}
    assert str(component.exports["test:guest/run@0.1.0"].functions["nop"]) == "func()"
