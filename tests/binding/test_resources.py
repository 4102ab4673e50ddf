"""Handles of guests' own resources, names that interfaces share, and the fault upstream."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.binding.components import (
    PLENTY,
    SUSPENDED,
    HostGuest,
    Thing,
    call,
    component_of,
    link,
)
from wasm_engine.concepts.errors import Bug, LimitExceeded
from wasm_engine.concepts.hostcall import SUSPEND
from wasm_engine.runtime._wasmtime import library
from wasm_engine.runtime._wasmtime.instance import Finished
from wasm_engine.runtime.resources import MAX_HANDLES

COUNTER = """
(component
  (core module $d (global (export "dropped") (mut i32) (i32.const 0))
    (func (export "dtor") (param i32)))
  (core instance $di (instantiate $d))
  (type $c (resource (rep i32) (dtor (core func $di "dtor"))))
  (core func $new (canon resource.new $c))
  (core func $rep (canon resource.rep $c))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "peek") (param i32) (result i32) (local.get 0))
    (func (export "take") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (export $e "counter" (type $c))
  (func (export "make") (param "n" u32) (result (own $e)) (canon lift (core func $i "make")))
  (func (export "peek") (param "c" (borrow $e)) (result u32) (canon lift (core func $i "peek"))))
"""


def counter():
    return link(component_of(COUNTER), {}, set()).instantiate(HostGuest(), PLENTY)


def test_resources_of_the_guest_are_opaque_handles():
    instance = counter()
    first, second = call(instance, "", "make", 7), call(instance, "", "make", 9)
    assert call(instance, "", "peek", first) == 7
    assert call(instance, "", "peek", second) == 9
    assert call(instance, "", "peek", first) == 7


def test_a_handle_of_another_instance_is_refused():
    one, two = counter(), counter()
    handle = call(one, "", "make", 7)
    for wrong in (handle, 7, None, object()):
        with pytest.raises(Bug, match="a handle that this instance gave"):
            two.begin("", "peek", (wrong,))
    one.close()
    del one, handle  # in this order: the box outlives the store


def test_the_type_says_that_it_is_the_guests_own():
    exports = component_of(COUNTER).exports[""]
    assert str(exports.functions["make"]) == "func(n: u32) -> counter"
    assert exports.resources == {"counter": "export#counter"}


TWO_NAMES = """
(component
  (import "a:b/one@1.0.0" (instance $one
    (export "thing" (type $t (sub resource)))
    (export "make" (func (result (own $t))))))
  (alias export $one "thing" (type $thing))
  (import "a:b/two@1.0.0" (instance $two
    (alias outer 1 $thing (type $t')) (export "thing" (type $t (eq $t')))
    (export "read" (func (param "t" (borrow $t)) (result u32)))))
  (core func $make (canon lower (func $one "make")))
  (core func $read (canon lower (func $two "read")))
  (core module $m (import "" "make" (func $make (result i32)))
    (import "" "read" (func $read (param i32) (result i32)))
    (func (export "f") (result i32) (call $read (call $make))))
  (core instance $i (instantiate $m (with "" (instance
    (export "make" (func $make)) (export "read" (func $read))))))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))
"""


def test_a_resource_that_another_interface_uses_is_the_same_resource():
    component = component_of(TWO_NAMES)
    assert component.imports["a:b/two@1.0.0"].resources == {"thing": "a:b/one#thing"}
    functions = {"make": lambda _: Thing(42), "read": lambda _, thing: thing.value}
    instance = link(component, functions, set()).instantiate(HostGuest(), PLENTY)
    assert call(instance, "", "f") == 42


def test_a_suspended_function_may_be_answered_with_a_handle():
    waiting = {"make": lambda _: SUSPEND, "read": lambda _, thing: thing.value}
    host = HostGuest()
    linked = link(component_of(TWO_NAMES), waiting, {"make"})
    instance = linked.instantiate(host, PLENTY)
    instance.begin("", "f", ())
    assert instance.poll() is SUSPENDED
    instance.resume(Thing(42))
    assert instance.poll() == Finished(42)
    assert len(host.resources) == 1  # the guest never dropped it


FLOOD = """
(component
  (import "h" (instance $h (export "r" (type $r (sub resource)))
    (export "make" (func (result (own $r))))))
  (core func $make (canon lower (func $h "make")))
  (core module $m (import "" "make" (func $make (result i32)))
    (func (export "f") (loop (drop (call $make)) (br 0))))
  (core instance $i (instantiate $m (with "" (instance (export "make" (func $make))))))
  (func (export "f") (canon lift (core func $i "f"))))
"""


def test_a_flood_of_handles_ends():
    host = HostGuest()
    instance = link(component_of(FLOOD), {"make": lambda _: Thing(1)}, set()).instantiate(
        host, PLENTY
    )
    with pytest.raises(LimitExceeded) as spent:
        call(instance, "", "f")
    assert spent.value.code == "handles"
    assert len(host.resources) == MAX_HANDLES


CANARY = '''
from wasmtime import Config, Engine, Store, WasmtimeError, _ffi as ffi
from wasmtime.component import Component, Linker, ResourceHost, ResourceType
wat = """(component
  (import "h" (instance $h (export "r" (type $r (sub resource)))
    (export "make" (func (result (own $r))))
    (export "two" (func (param "a" (borrow $r)) (param "b" (borrow $r))))))
  (core func $make (canon lower (func $h "make"))) (core func $two (canon lower (func $h "two")))
  (core module $m (import "" "make" (func $make (result i32)))
    (import "" "two" (func $two (param i32 i32)))
    (func (export "f") (call $two (call $make) (call $make))))
  (core instance $i (instantiate $m (with "" (instance
    (export "make" (func $make)) (export "two" (func $two))))))
  (func (export "f") (canon lift (core func $i "f"))))"""
config = Config()
ffi.wasmtime_config_concurrency_support_set(config.ptr(), True)
engine = Engine(config)
linker = Linker(engine)
with linker.root() as root, root.add_instance("h") as h:
    h.add_resource("r", ResourceType.host(1), lambda store, rep: None)
    h.add_func("make", lambda store: ResourceHost.own(1, 1))
    h.add_func("two", lambda store, a, b: [x.to_host(store) for x in (a, b)] and None)
store = Store(engine)
instance = linker.instantiate(store, Component(engine, wat))
try:
    instance.get_func(store, "f")(store)
    print("works")
except WasmtimeError as error:
    print("fault" if "no call context" in str(error) else error)
'''


def test_canary_two_borrows_still_fault_upstream_with_concurrency_support():
    """When this fails the upstream fault is gone: `concurrency_support` may be decided anew.

    49.0.0 did not have it yet.
    """
    done = subprocess.run(
        [sys.executable, "-c", CANARY], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == {"49.0.0": "works", "50.0.1": "fault"}[library.VERSION]
