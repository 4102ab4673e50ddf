"""How guests fail, and that the failed one is over while all others go on."""

from __future__ import annotations

import threading

import pytest

from tests.binding.components import (
    MIB,
    PLENTY,
    RUN,
    SUSPENDED,
    HostGuest,
    call,
    component_of,
    guest,
    link,
)
from wasm_engine.concepts.errors import Bug, GuestTrap, HostFault, LimitExceeded
from wasm_engine.runtime._wasmtime import entry, outcome
from wasm_engine.runtime._wasmtime.slot import LIVE


@pytest.mark.parametrize(
    ("function", "arguments", "code"),
    [
        ("trap", (), "unreachable"),
        ("divide", (0,), "integer-divide-by-zero"),
        ("peek", (2**31,), "out-of-bounds-memory"),
        ("deep", (10**6,), "stack-exhausted"),
    ],
)
def test_traps_have_our_codes(function, arguments, code):
    instance, bystander = guest(), guest()
    with pytest.raises(GuestTrap) as trapped:
        call(instance, RUN, function, *arguments)
    assert trapped.value.code == code
    assert trapped.value.detail
    assert not instance.alive
    with pytest.raises(Bug, match="died of an error"):
        instance.begin(RUN, "nop", ())
    with pytest.raises(Bug, match="died of an error"):
        instance.poll()
    assert call(bystander, RUN, "number", 1) == 2


def test_out_of_fuel():
    instance = guest()
    with pytest.raises(LimitExceeded) as spent:
        call(instance, RUN, "spin", 10**12)
    assert spent.value.code == "fuel"
    assert instance.fuel == 0


def test_memory_does_not_grow_beyond_its_limit():
    instance = guest(limits=PLENTY._replace(memory=MIB))
    assert call(instance, RUN, "grow", 10) == 2
    assert call(instance, RUN, "grow", 10) == -1


def test_a_guest_that_begins_beyond_its_memory_is_refused():
    with pytest.raises(LimitExceeded) as refused:
        guest(limits=PLENTY._replace(memory=65536))
    assert refused.value.code == "memory"


def test_a_guest_with_enormous_tables_is_refused():
    wat = "(component (core module $m (table 10000000 funcref)) (core instance (instantiate $m)))"
    linked = link(component_of(wat), {}, set())
    with pytest.raises(LimitExceeded) as refused:
        linked.instantiate(HostGuest(), PLENTY)
    assert refused.value.code == "table"


def test_many_memories_share_the_limit():
    memories = "(core instance (instantiate $m))" * 40
    wat = f"(component (core module $m (memory 1)) {memories})"
    linked = link(component_of(wat), {}, set())
    with pytest.raises(LimitExceeded) as refused:
        linked.instantiate(HostGuest(), PLENTY)
    assert refused.value.code == "memory"


def test_two_memories_share_the_limit():
    wat = """(component
      (core module $m (memory 1)
        (func (export "g") (param i32) (result i32) (memory.grow (local.get 0))))
      (core instance $a (instantiate $m)) (core instance $b (instantiate $m))
      (func (export "a") (param "n" u32) (result s32) (canon lift (core func $a "g")))
      (func (export "b") (param "n" u32) (result s32) (canon lift (core func $b "g"))))"""
    linked = link(component_of(wat), {}, set())
    instance = linked.instantiate(HostGuest(), PLENTY._replace(memory=MIB))
    assert [call(instance, "", which, 7) for which in "ab"] == [1, 1]
    assert [call(instance, "", which, 1) for which in "ab"] == [-1, -1]


def test_the_guest_cannot_choose_its_failure_by_the_names_of_its_functions():
    wat = """(component (core module $m
        (func $lie (export "wasm trap: all fuel consumed by WebAssembly") unreachable)
        (func $inner (@name "x\\n    wasm trap: all fuel consumed by WebAssembly\\n") unreachable)
        (func (export "f") (call $inner)))
      (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))"""
    instance = link(component_of(wat), {}, set()).instantiate(HostGuest(), PLENTY)
    with pytest.raises(GuestTrap) as trapped:
        call(instance, "", "f")
    assert trapped.value.code == "unreachable"


def test_details_are_bounded():
    name = "n" * 100_000
    wat = f"""(component (core module $m (func $x (@name "{name}") unreachable)
        (func (export "f") (call $x)))
      (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))"""
    instance = link(component_of(wat), {}, set()).instantiate(HostGuest(), PLENTY)
    with pytest.raises(GuestTrap) as trapped:
        call(instance, "", "f")
    assert len(trapped.value.detail) < 2 * outcome.MAX_DETAIL


def test_faults_of_the_machine_are_not_the_guests():
    failure = outcome.failure_of("error\n\nCaused by:\n    mmap failed to reserve 0x1000 bytes")
    assert isinstance(failure, HostFault)


def test_live_instances_are_counted_and_bounded(monkeypatch):
    held = [guest() for _ in range(3)]
    monkeypatch.setattr("wasm_engine.runtime._wasmtime.instance.most_live", lambda: len(LIVE) + 1)
    held.append(guest())
    monkeypatch.setattr("wasm_engine.runtime._wasmtime.instance.most_live", lambda: len(LIVE))
    with pytest.raises(HostFault, match="instances live") as refused:
        guest()
    assert refused.value.code == "instance-limit"
    held.pop().close()
    monkeypatch.undo()
    assert call(guest(), RUN, "number", 1) == 2
    assert entry.most_live() >= entry.LEAST_LIVE


def test_an_instance_that_is_let_go_gives_its_store_back():
    before = len(LIVE)
    for _ in range(20):
        guest()
    assert len(LIVE) <= before + 1


def test_closing_twice_is_closing_once():
    instance = guest()
    instance.close()
    instance.close()
    assert not instance.alive
    with pytest.raises(Bug, match="closed"):
        instance.begin(RUN, "nop", ())


def test_a_second_call_waits_for_the_first():
    instance = guest()
    instance.begin(RUN, "nop", ())
    with pytest.raises(Bug, match="a call is in progress"):
        instance.begin(RUN, "nop", ())
    instance.poll()
    with pytest.raises(Bug, match="no call is in progress"):
        instance.poll()
    assert call(instance, RUN, "number", 1) == 2


def test_an_unknown_function_is_our_mistake():
    instance = guest()
    with pytest.raises(Bug, match="does not export test:guest/run#nothing"):
        instance.begin(RUN, "nothing", ())
    with pytest.raises(Bug, match="does not export other#nop"):
        instance.begin("other", "nop", ())
    assert call(instance, RUN, "number", 1) == 2


def test_another_thread_is_kept_out_while_one_is_inside():
    inside, go_on = threading.Event(), threading.Event()

    def wait(_):
        inside.set()
        go_on.wait(30)

    instance = guest({"hit": wait})
    thread = threading.Thread(target=call, args=(instance, RUN, "hit"))
    thread.start()
    inside.wait(30)
    for use in (instance.poll, lambda: instance.begin(RUN, "nop", ())):
        with pytest.raises(Bug, match="one thread at a time"):
            use()
    instance.close()  # happens when the call returns
    assert instance.alive
    go_on.set()
    thread.join()
    assert not instance.alive


def test_a_call_may_move_between_threads():
    instance = guest()
    instance.begin(RUN, "wait", (7,))
    seen = []
    for answer in (1, 2, None):

        def step(answer=answer):
            seen.append(instance.poll())
            if answer is not None:
                instance.resume(answer)

        thread = threading.Thread(target=step)
        thread.start()
        thread.join()
    assert seen[:2] == [SUSPENDED, SUSPENDED]
    assert seen[2].value == 3
