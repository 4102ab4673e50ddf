"""Values as a hostile guest leaves them in its memory: pointers, lengths, text, tags of cases."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from fuzz.wit_types import random_type
from tests.binding.components import MIB, HostGuest, call, component_of, link
from tests.binding.test_values import NAMES, TYPES
from wasm_engine.concepts.errors import GuestFailure
from wasm_engine.runtime._wasmtime.instance import Limits
from wasm_engine.runtime._wasmtime.linked import Linked

REFUSES = (GuestFailure,)
_KINDS = 48
_LIMITS = Limits(fuel=10_000_000, memory=4 * MIB, slice=10_000_000)
_BASE = 1024
"""Where the input lies in the guest's memory."""


def check(data: bytes) -> None:
    """The first byte chooses a type, the next its way, the others are the guest's memory.

    A value comes as a result, or as an argument of a host function, which answers it: then it is
    lowered into memory that the guest chooses.
    """
    if len(data) < 2:
        return
    instance = _linked(data[0] % _KINDS).instantiate(HostGuest(), _LIMITS)
    try:
        call(instance, "", "pass" if data[1] % 2 else "answer", data[2:])
    finally:
        instance.close()


@cache
def _linked(kind: int) -> Linked:
    known = list(TYPES)
    name = known[kind] if kind < len(known) else random_type(random.Random(kind)).text
    return link(component_of(_text(name)), {"take": lambda _guest, value: value}, set())


def _text(name: str) -> str:
    return rf"""
(component {NAMES}
  (import "take" (func $take (param "x" (list {name})) (result (list {name}))))
  (core module $libc
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const {_BASE}))
    (global $given (export "given") (mut i32) (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (if (global.get $given) (then (return (global.get $given))))
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
        (then (drop (memory.grow
          (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16)))))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $mem))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $low (canon lower (func $take) (memory $mem) (realloc $realloc)))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "libc" "given" (global $given (mut i32)))
    (import "host" "take" (func $take (param i32 i32 i32)))
    (func (export "answer") (param i32 i32) (result i32) (local.get 0))
    (func (export "pass") (param i32 i32) (result i32)
      (global.set $given (i32.load offset=8 (local.get 0)))
      (call $take (i32.load (local.get 0)) (i32.load offset=4 (local.get 0)) (i32.const 16))
      (i32.const 16)))
  (core instance $i (instantiate $m (with "libc" (instance $libc))
    (with "host" (instance (export "take" (func $low))))))
  (func (export "answer") (param "raw" (list u8)) (result (tuple {name} {name}))
    (canon lift (core func $i "answer") (memory $mem) (realloc $realloc)))
  (func (export "pass") (param "raw" (list u8)) (result (list {name}))
    (canon lift (core func $i "pass") (memory $mem) (realloc $realloc))))
"""


def seeds() -> list[bytes]:
    """Of every type memory that may be a value, and some that is none."""
    words = [
        (0, 0, 0, 0), (_BASE + 32, 1, 0, 0), (_BASE + 32, 3, 0, _BASE), (0, 0xFFFF_FFFF, 0, 1),
        (0xFFFF_FFF0, 16, 0, 2), (_BASE, 0x1000, 0, 3), (_BASE + 32, 2, 0x1_0000, 0),
        (_BASE + 32, 2, 0xFFFF_FFF8, 0), (0x1_FFF8, 8, 0x1_FFF8, 0), (_BASE + 1, 2, 7, 0),
    ]  # fmt: skip
    inner = (
        b"".join(_words(it) for it in ((_BASE, 16, 1, 2), (0, 3, _BASE + 4, 5)))
        + b"text\xff\xed\xa0\x80"
    )
    return [
        bytes([kind, way]) + _words(row) + bytes(16) + inner
        for kind in range(_KINDS)
        for way, row in enumerate(words)
    ]


def _words(row: Any) -> bytes:
    return b"".join(number.to_bytes(4, "little") for number in row)
