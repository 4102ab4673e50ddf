"""A guest that has of everything that can be kept, and a way to drive it."""

from __future__ import annotations

import functools
from typing import Any

from tests.binding.components import PLENTY, HostGuest, Thing, call, component_of, link
from wasm_engine.runtime._wasmtime.instance import Instance
from wasm_engine.runtime._wasmtime.linked import Linked

WAT = r"""
(component
  (import "test:host/api@0.1.0" (instance $host
    (export "thing" (type $thing (sub resource)))
    (export "other" (type $other (sub resource)))
    (export "make" (func (result (own $thing))))
    (export "make-other" (func (result (own $other))))
    (export "swallow" (func (param "thing" (own $thing))))))
  (alias export $host "thing" (type $thing))
  (alias export $host "other" (type $other))
  (core func $make (canon lower (func $host "make")))
  (core func $make-other (canon lower (func $host "make-other")))
  (core func $swallow (canon lower (func $host "swallow")))
  (core func $drop (canon resource.drop $thing))
  (core func $drop-other (canon resource.drop $other))
  (core module $memory
    (memory (export "memory") 2 40)
    (global $i (export "i") (mut i32) (i32.const -7))
    (data (i32.const 70000) "behind the first page")
    (data (i32.const 16) "first"))
  (core instance $first (instantiate $memory))
  (core instance $second (instantiate $memory))
  (core module $m
    (import "first" "memory" (memory 2))
    (import "first" "i" (global $i (mut i32)))
    (import "host" "make" (func $make (result i32)))
    (import "host" "make-other" (func $make-other (result i32)))
    (import "host" "swallow" (func $swallow (param i32)))
    (import "host" "drop" (func $drop (param i32)))
    (import "host" "drop-other" (func $drop-other (param i32)))
    (global $l (mut i64) (i64.const 5))
    (global $f (mut f32) (f32.const 1.5))
    (global $d (mut f64) (f64.const nan:0x4000000000001))
    (global $v (mut v128) (v128.const i64x2 3 4))
    (table 4 funcref)
    (elem (i32.const 0) $peek $size)
    (type $unary (func (param i32) (result i32)))
    (data (i32.const 1024) "computed")
    (func $start
      (global.set $l (i64.add (global.get $l) (i64.extend_i32_u (i32.load (i32.const 16)))))
      (i32.store (i32.const 200) (i32.const 77)))
    (start $start)
    (func $peek (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
    (func $size (export "size") (param i32) (result i32) (memory.size))
    (func (export "through") (param i32 i32) (result i32)
      (call_indirect (type $unary) (local.get 1) (local.get 0)))
    (func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "set") (param i32 i64)
      (block $4 (block $3 (block $2 (block $1 (block $0
        (br_table $0 $1 $2 $3 $4 (local.get 0)))
        (return (global.set $i (i32.wrap_i64 (local.get 1)))))
        (return (global.set $l (local.get 1))))
        (return (global.set $f (f32.reinterpret_i32 (i32.wrap_i64 (local.get 1))))))
        (return (global.set $d (f64.reinterpret_i64 (local.get 1)))))
      (global.set $v (i64x2.replace_lane 1 (global.get $v) (local.get 1))))
    (func (export "sum") (result i64)
      (i64.add (i64.extend_i32_u (global.get $i))
      (i64.add (i64.mul (global.get $l) (i64.const 3))
      (i64.add (i64.mul (i64.extend_i32_u (i32.reinterpret_f32 (global.get $f))) (i64.const 5))
      (i64.add (i64.mul (i64.reinterpret_f64 (global.get $d)) (i64.const 7))
      (i64.add (i64x2.extract_lane 0 (global.get $v))
        (i64.mul (i64x2.extract_lane 1 (global.get $v)) (i64.const 11))))))))
    (func (export "make") (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (call $make)) (else (call $make-other))))
    (func (export "drop") (param i32) (call $drop (local.get 0)))
    (func (export "drop-other") (param i32) (call $drop-other (local.get 0)))
    (func (export "swallow") (param i32) (call $swallow (local.get 0)))
    (func (export "fuel-bomb") (loop $l (br $l))))
  (core instance $m (instantiate $m
    (with "first" (instance $first))
    (with "host" (instance
      (export "make" (func $make)) (export "make-other" (func $make-other))
      (export "swallow" (func $swallow))
      (export "drop" (func $drop)) (export "drop-other" (func $drop-other))))))
  (func (export "peek") (param "a" u32) (result u32) (canon lift (core func $m "peek")))
  (func (export "through") (param "f" u32) (param "a" u32) (result u32)
    (canon lift (core func $m "through")))
  (func (export "poke") (param "a" u32) (param "v" u32) (canon lift (core func $m "poke")))
  (func (export "grow") (param "n" u32) (result s32) (canon lift (core func $m "grow")))
  (func (export "set") (param "g" u32) (param "v" u64) (canon lift (core func $m "set")))
  (func (export "sum") (result u64) (canon lift (core func $m "sum")))
  (func (export "make") (param "which" u32) (result u32) (canon lift (core func $m "make")))
  (func (export "drop") (param "h" u32) (canon lift (core func $m "drop")))
  (func (export "drop-other") (param "h" u32) (canon lift (core func $m "drop-other")))
  (func (export "swallow") (param "h" u32) (canon lift (core func $m "swallow"))))
"""


@functools.cache
def linked() -> Linked:
    """The guest, linked to a host that gives it things."""
    functions = {
        "make": lambda _: Thing(1),
        "make-other": lambda _: Thing(2),
        "swallow": lambda act, thing: act.seen.append(thing),
    }
    return link(component_of(WAT), functions, set())


class Driven:
    """An instance, and what it was made to do.

    Attributes:
        held: Its handles, by index: whether it is a thing (1) or another (0).
        seen: What every operation answered, and the fuel that it took.
    """

    def __init__(self, instance: Instance, held: dict[int, int] | None = None) -> None:
        self.instance = instance
        self.held = dict(held or {})
        self.seen: list[tuple[Any, int]] = []

    def do(self, name: str, *arguments: int) -> None:
        """One operation; of handles the argument picks one of those that are held."""
        if name in ("drop", "swallow"):
            wanted = sorted(h for h, which in self.held.items() if which or name == "drop")
            if not wanted:
                return
            handle = wanted[arguments[0] % len(wanted)]
            name = name if name == "swallow" or self.held[handle] else "drop-other"
            del self.held[handle]
            arguments = (handle,)
        self.instance.fuel = PLENTY.fuel
        answer = call(self.instance, "", name, *arguments)
        self.seen.append((answer, PLENTY.fuel - self.instance.fuel))
        if name == "make":
            self.held[answer] = arguments[0]

    def look(self) -> tuple[Any, ...]:
        """All of it that can be seen from outside."""
        return self.seen, self.held, self.instance.memories(), self.instance.memory_sizes()


def new() -> Driven:
    return Driven(linked().instantiate(HostGuest(), PLENTY))
