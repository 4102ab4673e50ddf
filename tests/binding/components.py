"""Components as text, small enough to read, and what they need of a host."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import wasmtime

from wasm_engine.concepts.hostcall import SUSPEND
from wasm_engine.runtime._wasmtime.compile import CompileLimits, Compiler
from wasm_engine.runtime._wasmtime.component import Component, Import
from wasm_engine.runtime._wasmtime.engine import Engine
from wasm_engine.runtime._wasmtime.instance import (
    SLICED,
    SUSPENDED,
    Finished,
    Instance,
    Limits,
)
from wasm_engine.runtime._wasmtime.linked import Linked
from wasm_engine.runtime._wasmtime.types import FuncType
from wasm_engine.runtime.resources import ResourceTable

MIB = 1 << 20
PLENTY = Limits(fuel=1_000_000_000, memory=64 * MIB, slice=100_000_000)
HOST = "test:host/api@0.1.0"
RUN = "test:guest/run"
ENGINE = Engine()


class HostGuest:
    """Whom a guest runs for: resources, and room for what a test wants to see."""

    def __init__(self) -> None:
        self.resources = ResourceTable()
        self.seen: list[Any] = []


class Thing:
    """A host object behind a handle."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True


def wasm_of(wat: str) -> bytes:
    return bytes(wasmtime.wat2wasm(wat))


@functools.cache
def component_of(wat: str) -> Component:
    return load(wasm_of(wat))


def load(wasm: bytes, limits: CompileLimits | None = None, cache: Path | None = None) -> Component:
    return Compiler(ENGINE, cache, limits).load_many([("guest.wasm", wasm)])[0]


def link(
    component: Component, functions: Mapping[str, Callable[..., Any]], waits: set[str]
) -> Linked:
    def define(_interface: str, name: str, _ty: FuncType) -> Import:
        return Import(functions.get(name, unexpected), name in waits)

    return component.link(define)


def unexpected(*_: Any) -> Any:
    message = "this function was not expected to be called"
    raise AssertionError(message)


def call(instance: Instance, interface: str, function: str, *args: Any) -> Any:
    """Calls to the end through all slices; a suspension is a mistake."""
    instance.begin(interface, function, args)
    while True:
        polled = instance.poll()
        if isinstance(polled, Finished):
            return polled.value
        assert polled is SLICED


def guest(
    functions: Mapping[str, Callable[..., Any]] | None = None,
    limits: Limits = PLENTY,
    host: HostGuest | None = None,
) -> Instance:
    """An instance of the guest below, with the functions it may import."""
    table = {**DEFAULTS, **(functions or {})}
    linked = link(component_of(GUEST), table, {"wait"})
    return linked.instantiate(host or HostGuest(), limits)


DEFAULTS: dict[str, Callable[..., Any]] = {
    "hit": lambda _: None,
    "text": lambda act, text: act.seen.append(text),
    "number": lambda _, n: n + 1,
    "wait": lambda _, n: SUSPEND,
    "find": lambda _, text: text.encode(),
    "make": lambda _, n: Thing(n),
    "[method]thing.value": lambda _, thing: thing.value,
    "both": lambda _, a, b: a.value * 100 + b.value,
    "all": lambda _, things: sum(thing.value for thing in things),
    "swallow": lambda act, thing: act.seen.append(thing),
}

GUEST = r"""
(component
  (import "test:host/api@0.1.0" (instance $host
    (export "hit" (func))
    (export "text" (func (param "t" string)))
    (export "number" (func (param "n" u64) (result u64)))
    (export "wait" (func (param "n" u64) (result u64)))
    (export "find" (func (param "t" string) (result (list u8))))
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (param "n" u32) (result (own $thing))))
    (export "[method]thing.value" (func (param "self" (borrow $thing)) (result u32)))
    (export "both" (func (param "a" (borrow $thing)) (param "b" (borrow $thing)) (result u32)))
    (export "all" (func (param "things" (list (borrow $thing))) (result u32)))
    (export "swallow" (func (param "thing" (own $thing))))))
  (alias export $host "thing" (type $thing))
  (core module $libc
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
        (then (if (i32.lt_s (memory.grow (i32.add (i32.const 1)
                (i32.shr_u (local.get 3) (i32.const 16)))) (i32.const 0)) (then unreachable))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $mem))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $hit (canon lower (func $host "hit")))
  (core func $text (canon lower (func $host "text") (memory $mem)))
  (core func $number (canon lower (func $host "number")))
  (core func $wait (canon lower (func $host "wait")))
  (core func $find (canon lower (func $host "find") (memory $mem) (realloc $realloc)))
  (core func $make (canon lower (func $host "make")))
  (core func $value (canon lower (func $host "[method]thing.value")))
  (core func $both (canon lower (func $host "both")))
  (core func $all (canon lower (func $host "all") (memory $mem)))
  (core func $swallow (canon lower (func $host "swallow")))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "host" "hit" (func $hit))
    (import "host" "text" (func $text (param i32 i32)))
    (import "host" "number" (func $number (param i64) (result i64)))
    (import "host" "wait" (func $wait (param i64) (result i64)))
    (import "host" "find" (func $find (param i32 i32 i32)))
    (import "host" "make" (func $make (param i32) (result i32)))
    (import "host" "value" (func $value (param i32) (result i32)))
    (import "host" "both" (func $both (param i32 i32) (result i32)))
    (import "host" "all" (func $all (param i32 i32) (result i32)))
    (import "host" "swallow" (func $swallow (param i32)))
    (import "host" "drop" (func $drop (param i32)))
    (data (i32.const 512) "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
    (func (export "nop"))
    (func (export "hit") (call $hit))
    (func (export "text") (param i32)
      (loop $l (call $text (i32.const 512) (i32.const 64))
        (br_if $l (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0)))))
    (func (export "number") (param i64) (result i64) (call $number (local.get 0)))
    (func (export "wait") (param i64) (result i64)
      (i64.add (call $wait (local.get 0)) (call $wait (i64.add (local.get 0) (i64.const 1)))))
    (func (export "find") (param i32) (result i32)
      (call $find (i32.const 512) (local.get 0) (i32.const 128))
      (i32.load (i32.const 132)))
    (func (export "value") (param i32) (result i32) (local $t i32) (local $v i32)
      (local.set $t (call $make (local.get 0)))
      (local.set $v (call $value (local.get $t)))
      (call $drop (local.get $t))
      (local.get $v))
    (func (export "both") (param i32 i32) (result i32)
      (call $both (call $make (local.get 0)) (call $make (local.get 1))))
    (func (export "all") (result i32)
      (i32.store (i32.const 16) (call $make (i32.const 1)))
      (i32.store (i32.const 20) (call $make (i32.const 2)))
      (i32.store (i32.const 24) (call $make (i32.const 4)))
      (call $all (i32.const 16) (i32.const 3)))
    (func (export "swallow") (param i32) (call $swallow (call $make (local.get 0))))
    (func (export "drop") (param i32) (call $drop (call $make (local.get 0))))
    (func (export "trap") unreachable)
    (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
    (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func $deep (export "deep") (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
        (else (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))))
    (func (export "spin") (param i64) (result i64) (local $h i64)
      (loop $l (local.set $h (i64.add (local.get $h) (local.get 0)))
        (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
        (br_if $l (i64.ne (local.get 0) (i64.const 0))))
      (local.get $h))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1))
      (i32.const 8)))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "host" (instance
    (export "hit" (func $hit)) (export "text" (func $text)) (export "number" (func $number))
    (export "wait" (func $wait)) (export "find" (func $find)) (export "make" (func $make))
    (export "value" (func $value)) (export "both" (func $both)) (export "all" (func $all))
    (export "swallow" (func $swallow)) (export "drop" (func $drop))))))
  (func $nop (canon lift (core func $i "nop")))
  (func $hit_ (canon lift (core func $i "hit")))
  (func $text_ (param "n" u32) (canon lift (core func $i "text")))
  (func $number_ (param "n" u64) (result u64) (canon lift (core func $i "number")))
  (func $wait_ (param "n" u64) (result u64) (canon lift (core func $i "wait")))
  (func $find_ (param "n" u32) (result u32) (canon lift (core func $i "find")))
  (func $value_ (param "n" u32) (result u32) (canon lift (core func $i "value")))
  (func $both_ (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "both")))
  (func $all_ (result u32) (canon lift (core func $i "all")))
  (func $swallow_ (param "n" u32) (canon lift (core func $i "swallow")))
  (func $drop_ (param "n" u32) (canon lift (core func $i "drop")))
  (func $trap_ (canon lift (core func $i "trap")))
  (func $divide_ (param "n" u32) (result u32) (canon lift (core func $i "divide")))
  (func $peek_ (param "n" u32) (result u32) (canon lift (core func $i "peek")))
  (func $grow_ (param "n" u32) (result s32) (canon lift (core func $i "grow")))
  (func $deep_ (param "n" u32) (result u32) (canon lift (core func $i "deep")))
  (func $spin_ (param "n" u64) (result u64) (canon lift (core func $i "spin")))
  (func $echo_ (param "t" string) (result string)
    (canon lift (core func $i "echo") (memory $mem) (realloc $realloc)))
  (func $bytes_ (param "b" (list u8)) (result (list u8))
    (canon lift (core func $i "echo") (memory $mem) (realloc $realloc)))
  (instance $run
    (export "nop" (func $nop)) (export "hit" (func $hit_)) (export "text" (func $text_))
    (export "number" (func $number_)) (export "wait" (func $wait_)) (export "find" (func $find_))
    (export "value" (func $value_)) (export "both" (func $both_)) (export "all" (func $all_))
    (export "swallow" (func $swallow_)) (export "drop" (func $drop_)) (export "trap" (func $trap_))
    (export "divide" (func $divide_)) (export "peek" (func $peek_)) (export "grow" (func $grow_))
    (export "deep" (func $deep_)) (export "spin" (func $spin_)) (export "echo" (func $echo_))
    (export "bytes" (func $bytes_)))
  (export "test:guest/run@0.1.0" (instance $run)))
"""


def echo_of(ty: str, names: str = "") -> str:
    """A component whose `echo` answers the list of the type that it was given."""
    return rf"""
(component {names}
  (core module $m
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
        (then (drop (memory.grow
          (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16)))))))
      (local.get $at))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1))
      (i32.const 8)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $mem))
  (alias core export $i "realloc" (core func $realloc))
  (func (export "echo") (param "x" (list {ty})) (result (list {ty}))
    (canon lift (core func $i "echo") (memory $mem) (realloc $realloc))))
"""


def answered(instance: Instance, answers: list[Any]) -> Any:
    """Runs the call in progress to its end, answering suspended functions in order."""
    while True:
        polled = instance.poll()
        if isinstance(polled, Finished):
            return polled.value
        if polled is SUSPENDED:
            instance.resume(answers.pop(0))
