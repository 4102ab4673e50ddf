"""Handles of an instance's table, put there and dropped from outside."""

from __future__ import annotations

import pytest
import wasmtime
from wasmtime import component as wit

from tests.binding.rewriting import Kept, of, rewritten

HOLDER = """
(component
  (import "test:host/things@0.1.0" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "other" (type $other (sub resource)))
    (export "again" (type (eq $thing)))
    (export "make" (func (param "n" u32) (result (own $thing))))
    (export "made" (func (param "n" u32) (result (own $other))))
    (export "[method]thing.value" (func (param "self" (borrow $thing)) (result u32)))))
  (import "lone" (type $lone (sub resource)))
  (alias export $things "thing" (type $thing))
  (alias export $things "other" (type $other))
  (core func $make (canon lower (func $things "make")))
  (core func $made (canon lower (func $things "made")))
  (core func $value (canon lower (func $things "[method]thing.value")))
  (core func $drop (canon resource.drop $thing))
  (core func $drop2 (canon resource.drop $other))
  (core module $m
    (import "h" "make" (func $make (param i32) (result i32)))
    (import "h" "made" (func $made (param i32) (result i32)))
    (import "h" "value" (func $value (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (import "h" "drop2" (func $drop2 (param i32)))
    (func (export "make") (param i32) (result i32) (call $make (local.get 0)))
    (func (export "made") (param i32) (result i32) (call $made (local.get 0)))
    (func (export "value") (param i32) (result i32) (call $value (local.get 0)))
    (func (export "drop") (param i32) (call $drop (local.get 0)))
    (func (export "drop2") (param i32) (call $drop2 (local.get 0))))
  (core instance $i (instantiate $m (with "h" (instance
    (export "make" (func $make)) (export "made" (func $made)) (export "value" (func $value))
    (export "drop" (func $drop)) (export "drop2" (func $drop2))))))
  (func (export "make") (param "n" u32) (result u32) (canon lift (core func $i "make")))
  (func (export "made") (param "n" u32) (result u32) (canon lift (core func $i "made")))
  (func (export "value") (param "h" u32) (result u32) (canon lift (core func $i "value")))
  (func (export "drop") (param "h" u32) (canon lift (core func $i "drop")))
  (func (export "drop2") (param "h" u32) (canon lift (core func $i "drop2"))))
"""
THING, OTHER, LONE = 7001, 7002, 7003


def handle(store: wasmtime.Store, rep: int, kind: int) -> wit.ResourceAny:
    return wit.ResourceHost.own(rep, kind).to_any(store)


class Holder(Kept):
    """An instance whose host makes a thing of any number."""

    def __init__(self, wasm: bytes) -> None:
        functions = {
            "thing": wit.ResourceType.host(THING),
            "other": wit.ResourceType.host(OTHER),
            "make": lambda store, n: handle(store, n, THING),
            "made": lambda store, n: handle(store, n, OTHER),
            "[method]thing.value": lambda store, it: it.to_host(store).rep,
        }
        root = {"lone": wit.ResourceType.host(LONE)}
        super().__init__(wasm, {"": root, "test:host/things@0.1.0": functions})


def test_resources_are_told_in_the_order_of_imports():
    found = rewritten(of(HOLDER))
    assert found.capture == found.rollback == ""
    things = "test:host/things@0.1.0"
    assert found.resources == ((things, "thing"), (things, "other"), ("", "lone"))


def test_a_table_is_brought_to_what_it_was():
    wasm = rewritten(of(HOLDER)).wasm
    first = Holder(wasm)
    made = [first.call("make", 10), first.call("made", 20), first.call("make", 30)]
    first.call("drop", made[0])
    made += [first.call("make", 40), first.call("make", 50)]
    second = Holder(wasm)

    def give(n: int, rep: int, kind: int) -> int:
        return second.call(f"we-give-{n}", handle(second.store, rep, kind))

    again = [give(0, 10, THING), give(1, 20, OTHER), give(0, 30, THING)]
    second.call("we-drop-0", again[0])
    again += [give(0, 40, THING), give(0, 50, THING)]
    assert again == made
    for it in (first, second):
        assert [it.call("value", made[n]) for n in (2, 3, 4)] == [30, 40, 50]
        it.call("drop2", made[1])
    assert first.call("make", 60) == second.call("make", 60)


def test_a_handle_of_another_kind_is_not_dropped():
    it = Holder(rewritten(of(HOLDER)).wasm)
    made = it.call("made", 1)
    with pytest.raises(wasmtime.WasmtimeError):
        it.call("we-drop-0", made)


def test_a_resource_that_comes_by_itself():
    it = Holder(rewritten(of(HOLDER)).wasm)
    given = it.call("we-give-2", handle(it.store, 5, LONE))
    it.call("we-drop-2", given)
    assert it.call("we-give-2", handle(it.store, 6, LONE)) == given


def test_a_component_with_many_types_is_as_any_other():
    """From the 64th on, the number of a type takes another form where it stands for a value."""
    many = "\n".join('(type (record (field "a" u8)))' for _ in range(100))
    it = Holder(rewritten(of(HOLDER.replace("(component\n", f"(component\n{many}\n", 1))).wasm)
    made = it.call("we-give-0", handle(it.store, 5, THING))
    assert it.call("value", made) == 5
