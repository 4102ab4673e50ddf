"""Which index the engine gives a handle: what `ResourceTable` follows, and snapshots rest on."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.binding.components import PLENTY, HostGuest, Thing, call, component_of, link

FIRST_INDEX = 1

TWO_RESOURCES = """
(component
  (import "test:host/api@0.1.0" (instance $host
    (export "one" (type $one (sub resource)))
    (export "two" (type $two (sub resource)))
    (export "make-one" (func (result (own $one))))
    (export "make-two" (func (result (own $two))))
    (export "pair" (func (result (tuple (own $two) (own $one)))))
    (export "swallow" (func (param "it" (own $two))))
    (export "look" (func (param "it" (borrow $two)) (result u32)))))
  (alias export $host "one" (type $one))
  (alias export $host "two" (type $two))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (core func $make-one (canon lower (func $host "make-one")))
  (core func $make-two (canon lower (func $host "make-two")))
  (core func $pair (canon lower (func $host "pair") (memory $mem)))
  (core func $swallow (canon lower (func $host "swallow")))
  (core func $look (canon lower (func $host "look")))
  (core func $drop-one (canon resource.drop $one))
  (core func $drop-two (canon resource.drop $two))
  (core module $m
    (import "" "memory" (memory 1))
    (import "" "make-one" (func $make-one (result i32)))
    (import "" "make-two" (func $make-two (result i32)))
    (import "" "pair" (func $pair (param i32)))
    (import "" "swallow" (func $swallow (param i32)))
    (import "" "look" (func $look (param i32) (result i32)))
    (import "" "drop-one" (func $drop-one (param i32)))
    (import "" "drop-two" (func $drop-two (param i32)))
    (func (export "make-one") (result i32) (call $make-one))
    (func (export "make-two") (result i32) (call $make-two))
    (func (export "pair") (result i64) (call $pair (i32.const 8)) (i64.load (i32.const 8)))
    (func (export "swallow") (param i32) (call $swallow (local.get 0)))
    (func (export "look") (param i32) (result i32) (call $look (local.get 0)))
    (func (export "drop-one") (param i32) (call $drop-one (local.get 0)))
    (func (export "drop-two") (param i32) (call $drop-two (local.get 0))))
  (core instance $i (instantiate $m (with "" (instance
    (export "memory" (memory $mem))
    (export "make-one" (func $make-one)) (export "make-two" (func $make-two))
    (export "pair" (func $pair)) (export "swallow" (func $swallow)) (export "look" (func $look))
    (export "drop-one" (func $drop-one)) (export "drop-two" (func $drop-two))))))
  (func (export "make-one") (result u32) (canon lift (core func $i "make-one")))
  (func (export "make-two") (result u32) (canon lift (core func $i "make-two")))
  (func (export "pair") (result u64) (canon lift (core func $i "pair")))
  (func (export "swallow") (param "it" u32) (canon lift (core func $i "swallow")))
  (func (export "look") (param "it" u32) (result u32) (canon lift (core func $i "look")))
  (func (export "drop-one") (param "it" u32) (canon lift (core func $i "drop-one")))
  (func (export "drop-two") (param "it" u32) (canon lift (core func $i "drop-two"))))
"""
FUNCTIONS = {
    "make-one": lambda _: Thing(1),
    "make-two": lambda _: Thing(2),
    "pair": lambda _: (Thing(2), Thing(1)),
    "swallow": lambda _, thing: None,
    "look": lambda _, thing: thing.value,
}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(["one", "two", "pair", "end"]), st.integers(0, 99))))
def test_the_engines_indexes_are_those_that_the_table_follows(steps: list[tuple[str, int]]) -> None:
    host = HostGuest()
    instance = link(component_of(TWO_RESOURCES), FUNCTIONS, set()).instantiate(host, PLENTY)
    held: list[tuple[str, int]] = []
    for what, choice in steps:
        if what == "end" and held:
            resource, index = held.pop(choice % len(held))
            take = "swallow" if resource == "two" and choice % 2 else f"drop-{resource}"
            call(instance, "", take, index)
        elif what == "pair":
            both = call(instance, "", "pair")
            held += [("two", both & 0xFFFFFFFF), ("one", both >> 32)]
        elif what != "end":
            held.append((what, call(instance, "", f"make-{what}")))
        places = host.resources.places
        found = {
            (place.resource.rpartition("#")[2], index + FIRST_INDEX)
            for index, place in enumerate(places)
            if place is not None
        }
        assert found == set(held)
    for resource, index in held:
        if resource == "two":
            assert call(instance, "", "look", index) == 2
    instance.close()
