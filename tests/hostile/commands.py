"""Hostile commands as text: each ends with status 0 if the host gave it all that it asked for."""

from __future__ import annotations

from wasmtime import wat2wasm

RUN = """
  (func $run (result (result)) (canon lift (core func $main "run")))
  (component $shape (import "run" (func $run (result (result)))) (export "run" (func $run)))
  (instance $run (instantiate $shape (with "run" (func $run))))
  (export "wasi:cli/run@0.2.0" (instance $run))"""

CLOCKS = """
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $q (eq $p)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core module $memory
    (memory (export "memory") 40)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1048576)))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (alias core export $memory "realloc" (core func $realloc))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $poll (canon lower
    (func $poll "poll") (memory (core memory $mem)) (realloc (core func $realloc))))
  (core func $drop (canon resource.drop $pollable))
  (core func $random (canon lower
    (func $random "get-random-bytes") (memory (core memory $mem)) (realloc (core func $realloc))))
  (core instance $env
    (export "memory" (memory $mem)) (export "subscribe" (func $subscribe))
    (export "poll" (func $poll)) (export "drop" (func $drop)) (export "random" (func $random)))"""

IMPORTED = """
    (import "env" "memory" (memory 1))
    (import "env" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "env" "poll" (func $poll (param i32 i32 i32)))
    (import "env" "drop" (func $drop (param i32)))
    (import "env" "random" (func $random (param i64 i32)))"""


def command(core: str) -> bytes:
    """A command that imports nothing, made of core modules; the one called $main has `run`."""
    return bytes(wat2wasm(f"(component {core} {RUN})"))


def clocked(body: str) -> bytes:
    """A command with timers, polling and entropy, made of the body of its `run`."""
    main = f'(core module $m {IMPORTED} (func (export "run") (result i32) (local $i i32) {body}))'
    made = '(core instance $main (instantiate $m (with "env" (instance $env))))'
    return bytes(wat2wasm(f"(component {CLOCKS} {main} {made} {RUN})"))


def many(count: int, module: str, main: str) -> bytes:
    """A command of many instances of one core module, and one whose `run` calls all of them."""
    instances = "".join(f"(core instance $i{n} (instantiate $module))" for n in range(count))
    withs = "".join(f'(with "m{n}" (instance $i{n}))' for n in range(count))
    imports = "".join(f'(import "m{n}" "f" (func $f{n} (result i32)))' for n in range(count))
    calls = "".join(f"(drop (call $f{n}))" for n in range(count))
    return command(
        f"""(core module $module {module}) {instances}
        (core module $m {imports} (func (export "run") (result i32) {calls} {main}))
        (core instance $main (instantiate $m {withs}))"""
    )


GROW_MEMORY = """(memory 1) (func (export "f") (result i32) (local $p i32)
    (loop $again
      (local.set $p (memory.grow (i32.const 1)))
      (if (i32.ne (local.get $p) (i32.const -1)) (then
        (i32.store (i32.shl (local.get $p) (i32.const 16)) (i32.const 1)) (br $again))))
    (memory.size))"""
GROW_TABLE = """(table 1 funcref) (func (export "f") (result i32)
    (loop $again
      (br_if $again (i32.ne (i32.const -1) (table.grow (ref.null func) (i32.const 10000)))))
    (table.size))"""

MANY_MEMORIES = many(16, GROW_MEMORY, "(i32.const 0)")
TOO_MANY_MEMORIES = many(17, GROW_MEMORY, "(i32.const 0)")
MANY_TABLES = many(60, GROW_TABLE, "(i32.const 0)")
TOO_MANY_TABLES = many(65, GROW_TABLE, "(i32.const 0)")
MANY_INSTANCES = many(300, '(func (export "f") (result i32) (i32.const 0))', "(i32.const 0)")
HUGE_TABLE = command(
    """(core module $m (table 4000000000 funcref) (func (export "run") (result i32) (i32.const 0)))
    (core instance $main (instantiate $m))"""
)
HUGE_MEMORY = command(
    """(core module $m (memory 65536) (func (export "run") (result i32) (i32.const 0)))
    (core instance $main (instantiate $m))"""
)
HANDLES = clocked(
    """(loop $again (drop (call $subscribe (i64.const 1))) (br $again)) (i32.const 0)"""
)
POLL = clocked(
    """(loop $make
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (call $subscribe (i64.const 1000000000)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $make (i32.lt_u (local.get $i) (i32.const 5000))))
    (loop $again (call $poll (i32.const 0) (i32.const 5000) (i32.const 32000)) (br $again))
    (i32.const 0)"""
)
POLL_SAME = clocked(
    """(i32.store (i32.const 0) (call $subscribe (i64.const 1000000000)))
    (memory.fill (i32.const 4) (i32.const 0) (i32.const 1000000))
    (loop $make
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (i32.load (i32.const 0)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $make (i32.lt_u (local.get $i) (i32.const 200000))))
    (call $poll (i32.const 0) (i32.const 200000) (i32.const 900000)) (i32.const 0)"""
)
FORGED_HANDLES = clocked(
    """(i32.store (i32.const 0) (i32.const 4096))
    (call $poll (i32.const 0) (i32.const 1) (i32.const 64)) (i32.const 0)"""
)
DROPPED_TWICE = clocked(
    """(local.set $i (call $subscribe (i64.const 1)))
    (call $drop (local.get $i)) (call $drop (local.get $i)) (i32.const 0)"""
)
RANDOM_AT_ONCE = clocked("(call $random (i64.const 100000000000) (i32.const 0)) (i32.const 0)")
RANDOM_AGAIN = clocked(
    "(loop $again (call $random (i64.const 100000) (i32.const 0)) (br $again)) (i32.const 0)"
)
SLEEP = clocked(
    """(loop $again
      (i32.store (i32.const 0) (call $subscribe (i64.const 0x7fffffffffffffff)))
      (call $poll (i32.const 0) (i32.const 1) (i32.const 64))
      (br $again)) (i32.const 0)"""
)
NAP = clocked(
    """(loop $again
      (i32.store (i32.const 0) (call $subscribe (i64.const 1000)))
      (call $poll (i32.const 0) (i32.const 1) (i32.const 64))
      (call $drop (i32.load (i32.const 0)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 50)))) (i32.const 0)"""
)
