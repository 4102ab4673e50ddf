"""A component that was rewritten does what it did, takes the fuel that it took, and can be kept."""

from __future__ import annotations

import pytest
import wasmtime

from tests.binding.rewriting import FUEL, Kept, compiled, mapping, of, rewritten, seen

COUNTER = """
(component
  (core module $m
    (memory (export "memory") 1)
    (global $count (mut i32) (i32.const 40))
    (data (i32.const 8) "hello")
    (func (export "next") (param i32) (result i32)
      (global.set $count (i32.add (global.get $count) (local.get 0)))
      (i32.store (i32.const 64) (global.get $count))
      (global.get $count))
    (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
  (core instance $i (instantiate $m))
  (func (export "next") (param "n" u32) (result u32) (canon lift (core func $i "next")))
  (func (export "peek") (param "n" u32) (result u32) (canon lift (core func $i "peek")))
  (func (export "grow") (param "n" u32) (result u32) (canon lift (core func $i "grow"))))
"""

ALL_TYPES = """
(component
  (core module $m
    (global $a (mut i32) (i32.const -2))
    (global $b (mut i64) (i64.const -3))
    (global $c (mut f32) (f32.const nan:0x200001))
    (global $fixed i32 (i32.const 5))
    (global $d (mut f64) (f64.const -0))
    (global $e (mut v128) (v128.const i64x2 0x1122334455667788 -1))
    (func (export "next") (param i32) (result i32)
      (global.set $a (i32.add (global.get $a) (local.get 0)))
      (global.set $b (i64.mul (global.get $b) (i64.const 3)))
      (global.set $c (f32.add (f32.const 1) (f32.convert_i32_u (global.get $a))))
      (global.set $d (f64.sub (global.get $d) (f64.const 0.5)))
      (global.set $e (i32x4.add (global.get $e) (v128.const i32x4 1 2 3 4)))
      (i32x4.extract_lane 3 (global.get $e))))
  (core instance $i (instantiate $m))
  (func (export "next") (param "n" u32) (result u32) (canon lift (core func $i "next"))))
"""

# Two instances of one module and one of another share a memory, a table and a mutable global;
# offsets come from an imported global; start functions write where later data goes.
SHARING = """
(component
  (core module $base
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global (export "at") i32 (i32.const 100))
    (global (export "shared") (mut i32) (i32.const 7))
    (data (i32.const 99) "[")
    (func $zero (result i32) (i32.const 11))
    (elem (i32.const 0) $zero))
  (core module $part
    (import "base" "memory" (memory 1))
    (import "base" "at" (global $at i32))
    (import "base" "shared" (global $shared (mut i32)))
    (global $own (mut i32) (i32.const 0))
    (data (global.get $at) "0123456789")
    (data (i32.add (global.get $at) (i32.const 4)) "AB")
    (data "passive, and never read")
    (data (i32.const 110) "")
    (func $begin
      (global.set $shared (i32.add (global.get $shared) (i32.const 1)))
      (global.set $own (i32.add (global.get $own) (global.get $shared)))
      (i32.store8 (i32.add (global.get $at) (global.get $shared)) (i32.const 33)))
    (start $begin)
    (func (export "next") (param i32) (result i32)
      (global.set $shared (i32.add (global.get $shared) (local.get 0)))
      (global.set $own (i32.add (global.get $own) (i32.const 1)))
      (i32.store (i32.const 200) (global.get $own))
      (i32.add (global.get $own) (i32.load8_u (global.get $shared)))))
  (core module $last
    (type $f (func (result i32)))
    (import "base" "table" (table 4 funcref))
    (import "base" "shared" (global $shared (mut i32)))
    (import "base" "memory" (memory 1))
    (func (export "next") (param i32) (result i32)
      (i32.add (global.get $shared) (call_indirect (type $f) (local.get 0)))))
  (core instance $base (instantiate $base))
  (core instance $a (instantiate $part (with "base" (instance $base))))
  (core instance $b (instantiate $part (with "base" (instance $base))))
  (core instance $c (instantiate $last (with "base" (instance $base))))
  (func (export "next") (param "n" u32) (result u32) (canon lift (core func $a "next")))
  (func (export "other") (param "n" u32) (result u32) (canon lift (core func $b "next")))
  (func (export "third") (param "n" u32) (result u32) (canon lift (core func $c "next"))))
"""

# Passive data that is read, a declared segment, SIMD, every bulk instruction on memory.
READING = """
(component
  (core module $m
    (memory (export "memory") 2)
    (data $p "passive")
    (data $q (i32.const 16) "active")
    (table 2 funcref)
    (elem declare func $f)
    (func $f)
    (func (export "next") (param i32) (result i32)
      (memory.init $p (i32.const 300) (i32.const 1) (i32.const 4))
      (memory.copy (i32.const 400) (i32.const 16) (i32.const 6))
      (memory.fill (i32.const 500) (local.get 0) (i32.const 9))
      (v128.store8_lane 3 (i32.const 600) (v128.load (i32.const 400)))
      (drop (ref.func $f)) (drop (table.get (local.get 0))) (drop (table.size))
      (i32.add (i32.load (i32.const 300)) (i32.load8_u (i32.const 600)))))
  (core instance $i (instantiate $m))
  (func (export "next") (param "n" u32) (result u32) (canon lift (core func $i "next"))))
"""

# A nested component that only makes an interface, as those of every toolchain do.
INTERFACE = """
(component
  (core module $m
    (memory 1)
    (global $n (mut i64) (i64.const 1))
    (func (export "next") (param i32) (result i32)
      (global.set $n (i64.add (global.get $n) (i64.extend_i32_u (local.get 0))))
      (i32.wrap_i64 (global.get $n))))
  (core instance $i (instantiate $m))
  (func $next (param "n" u32) (result u32) (canon lift (core func $i "next")))
  (component $face
    (import "next" (func $f (param "n" u32) (result u32)))
    (type $t (record (field "x" u32)))
    (export $t2 "t" (type $t))
    (export "next" (func $f)))
  (instance $face (instantiate $face (with "next" (func $next))))
  (export "test:a/b@0.1.0" (instance $face))
  (export "next" (func $next)))
"""

# As toolchains join a module of the older WASI to an adapter: functions that the adapter has only
# later are called through a table, which is filled last; the adapter's start function asks the
# module for memory before that.
ADAPTED = """
(component
  (core module $shim
    (type $f (func (param i32) (result i32)))
    (table (export "$imports") 1 1 funcref)
    (func (export "0") (param i32) (result i32)
      (call_indirect (type $f) (local.get 0) (i32.const 0))))
  (core module $main
    (import "old" "twice" (func $twice (param i32) (result i32)))
    (memory (export "memory") 1)
    (global $stack (mut i32) (i32.const 1024))
    (data (i32.const 2000) "main")
    (func (export "realloc") (param i32) (result i32)
      (i32.mul (i32.const 65536) (memory.grow (local.get 0))))
    (func (export "next") (param i32) (result i32)
      (global.set $stack (i32.sub (global.get $stack) (i32.const 16)))
      (i32.store (global.get $stack) (call $twice (local.get 0)))
      (i32.load (global.get $stack))))
  (core module $adapter
    (import "main" "realloc" (func $realloc (param i32) (result i32)))
    (import "env" "memory" (memory 0))
    (global $stack (mut i32) (i32.const 0))
    (global $state (mut i32) (i32.const 0))
    (func $allocate
      (global.set $stack (i32.add (call $realloc (i32.const 1)) (i32.const 65536)))
      (global.set $state (i32.const 2)))
    (start $allocate)
    (func (export "twice") (param i32) (result i32)
      (i32.store (i32.sub (global.get $stack) (i32.const 4)) (local.get 0))
      (i32.mul (local.get 0) (global.get $state))))
  (core module $fixup
    (import "" "0" (func $f (param i32) (result i32)))
    (import "" "$imports" (table 1 1 funcref))
    (elem (i32.const 0) func $f))
  (core instance $shim (instantiate $shim))
  (alias core export $shim "0" (core func $late))
  (core instance $old (export "twice" (func $late)))
  (core instance $main (instantiate $main (with "old" (instance $old))))
  (alias core export $main "memory" (core memory $memory))
  (core instance $env (export "memory" (memory $memory)))
  (core instance $adapter (instantiate $adapter
    (with "main" (instance $main)) (with "env" (instance $env))))
  (alias core export $shim "$imports" (core table $table))
  (alias core export $adapter "twice" (core func $twice))
  (core instance (instantiate $fixup (with "" (instance
    (export "$imports" (table $table)) (export "0" (func $twice))))))
  (func (export "next") (param "n" u32) (result u32) (canon lift (core func $main "next"))))
"""

EMPTY = """(component (core module $m (func (export "next") (param i32) (result i32)
    (local.get 0)))
  (core instance $i (instantiate $m))
  (func (export "next") (param "n" u32) (result u32) (canon lift (core func $i "next"))))"""

COMPONENTS = {
    "counter": COUNTER,
    "all types": ALL_TYPES,
    "sharing": SHARING,
    "reading": READING,
    "interface": INTERFACE,
    "adapted": ADAPTED,
    "empty": EMPTY,
}
STEPS = [("next", 1), ("next", 0), ("other", 1), ("third", 0), ("grow", 2), ("next", 1)]


@pytest.fixture(params=COMPONENTS.values(), ids=COMPONENTS.keys())
def wasm(request):
    return of(request.param)


def steps_of(wasm: bytes) -> list[tuple[str, int]]:
    return [step for step in STEPS if f"\x04{step[0]}\x01".encode() in wasm or step[0] == "next"]


def taken(instance: Kept, steps: list[tuple[str, int]]) -> list[object]:
    """What a test can see of an instance after each of its steps."""
    return [
        (instance.call(name, argument), instance.fuel, instance.memories)
        for name, argument in steps
    ]


def test_it_does_what_it_did(wasm):
    assert rewritten(wasm).capture == rewritten(wasm).rollback == ""
    original, kept = Kept(wasm), Kept.begun(wasm)
    assert kept.memories == original.memories
    kept.store.set_fuel(original.fuel)
    assert taken(kept, steps_of(wasm)) == taken(original, steps_of(wasm))


def test_beginning_is_charged_as_it_was_where_memory_was_mapped(wasm):
    assert Kept.begun(wasm).fuel == Kept(wasm, engine=mapping()).fuel


@pytest.mark.parametrize("after", range(4))
def test_an_instance_is_made_again(wasm, after):
    kept, steps = Kept.begun(wasm), steps_of(wasm)
    taken(kept, steps[:after])
    again = kept.again(wasm)
    assert again.memories == kept.memories
    slots = rewritten(wasm).slots
    assert again.globals(slots) == kept.globals(slots)
    again.store.set_fuel(FUEL)
    kept.store.set_fuel(FUEL)
    assert taken(again, steps) == taken(kept, steps)


def test_an_instance_is_taken_back(wasm):
    kept, slots = Kept.begun(wasm), rewritten(wasm).slots
    before, contents = kept.globals(slots), kept.memories
    kept.call("we-save")
    assert kept.call("we-changed") is False
    first = [kept.call(name, argument) for name, argument in steps_of(wasm)]
    assert kept.call("we-changed") is (kept.globals(slots) != before)
    kept.call("we-restore")
    assert kept.globals(slots) == before
    assert kept.call("we-changed") is False
    for memory, content in zip(kept._memories, contents, strict=True):
        memory.fill(content.ljust(memory.size, b"\0"))
    if ("grow", 2) not in steps_of(wasm):
        assert [kept.call(name, argument) for name, argument in steps_of(wasm)] == first


def test_making_an_instance_runs_nothing_and_fills_nothing():
    made = Kept(rewritten(of(SHARING)).wasm)
    assert made.used == 0
    assert not any(map(any, made.memories))


def test_globals_are_told_and_set_bit_by_bit():
    found = rewritten(of(ALL_TYPES))
    assert found.slots == (6,)
    kept = Kept.begun(of(ALL_TYPES))
    high = 1 << 64
    values = [2**32 - 2, high - 3, 0x7FA00001, 1 << 63, 0x1122334455667788, high - 1]
    assert kept.globals(found.slots) == [values]
    kept.call("we-save")
    for slot in range(6):
        kept.call("we-set-0", slot, high - 1 - slot)
        assert kept.call("we-changed") is True
        kept.call("we-restore")
        assert kept.globals(found.slots) == [values]
    for slot in range(6):
        kept.call("we-set-0", slot, 0x7FF4_0000_FFA0_0001 + slot)
    low = [0xFFA00001, 0x7FF40000FFA00002, 0xFFA00003]
    wide = [0x7FF40000FFA00001 + slot for slot in (3, 4, 5)]
    assert kept.globals(found.slots) == [low + wide]


def test_a_slot_that_there_is_not_traps():
    kept = Kept.begun(of(COUNTER))
    with pytest.raises(wasmtime.WasmtimeError):
        kept.call("we-get-0", 1)


def test_instances_have_globals_of_their_own():
    assert rewritten(of(SHARING)).slots == (1, 1, 1)
    kept = Kept.begun(of(SHARING))
    assert kept.globals((1, 1, 1)) == [[9], [8], [9]]


def test_data_outside_of_memory_traps_at_the_beginning():
    text = '(component (core module $m (memory 1) (data (i32.const 65530) "0123456789"))'
    wasm = of(text + "(core instance (instantiate $m)))")
    with pytest.raises(wasmtime.WasmtimeError):
        Kept(wasm)
    made = Kept(rewritten(wasm).wasm)
    with pytest.raises(wasmtime.WasmtimeError):
        made.call("we-begin")


@pytest.mark.parametrize(
    "body",
    [
        "unreachable",
        "(loop $l (br $l))",
        "(drop (i32.load (i32.const 90000)))",
    ],
)
def test_start_functions_fail_at_the_beginning_as_they_did(body):
    wasm = of(
        f"(component (core module $m (memory 1) (func $s {body}) (start $s))"
        "(core instance (instantiate $m)))"
    )
    with pytest.raises(wasmtime.WasmtimeError) as failed:
        Kept(wasm, fuel=10_000)
    made = Kept(rewritten(wasm).wasm, fuel=10_000 + rewritten(wasm).surplus)
    with pytest.raises(wasmtime.WasmtimeError) as late:
        made.call("we-begin")
    assert str(failed.value).splitlines()[-1] == str(late.value).splitlines()[-1]


def test_a_beginning_has_the_fuel_that_it_had():
    needed = Kept(of(SHARING), engine=mapping()).used
    assert Kept.begun(of(SHARING), fuel=needed).fuel == 0
    with pytest.raises(wasmtime.WasmtimeError):
        Kept.begun(of(SHARING), fuel=needed // 2)


def test_many_globals_and_many_segments():
    globals_ = " ".join(f"(global (mut i32) (i32.const {n}))" for n in range(3000))
    data = " ".join(f'(data (i32.const {n}) "{n % 10}")' for n in range(3000))
    wasm = of(
        f'(component (core module $m (memory (export "m") 1) {globals_} {data})'
        "(core instance (instantiate $m)))"
    )
    kept = Kept.begun(wasm)
    assert kept.fuel == Kept(wasm, engine=mapping()).fuel == FUEL
    assert kept.memories == Kept(wasm).memories
    assert rewritten(wasm).slots == (3000,)
    assert [kept.call("we-get-0", n) for n in (0, 1, 1500, 2999)] == [0, 1, 1500, 2999]


def test_the_same_bytes_give_the_same_bytes(wasm):
    assert rewritten.__wrapped__(wasm) == rewritten(wasm)


def test_a_rewritten_component_is_left_alone():
    wasm = of(COUNTER)
    again = rewritten(rewritten(wasm).wasm)
    assert again.wasm == rewritten(wasm).wasm
    assert again.capture == again.rollback == "its core modules have names that begin with we."


def test_a_component_with_a_name_of_ours_is_left_alone():
    wasm = of(EMPTY.replace('(export "next") (param "', '(export "WE-next") (param "'))
    found = rewritten(wasm)
    assert found.wasm == wasm
    assert found.capture == found.rollback == "it has exports that begin with we-"


def test_what_was_there_is_there_still(wasm):
    """All that is added comes behind; of the sections only the core modules are other ones."""
    assert rewritten(wasm).wasm.startswith(wasm[:8])
    compiled(seen().engine, rewritten(wasm).wasm)
