"""Tools as text, small enough to read, and worlds with agents that call them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.binding.components import wasm_of
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World
from wasm_engine.world.run import Run

GUESTS = Path(__file__).parent.parent.parent / "guests"
HANDY = (GUESTS / "testing" / "handy" / "handy.wasm").read_bytes()

_LIBC = r"""
  (core module $libc
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 8192))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
        (then (drop (memory.grow (i32.add (i32.const 1)
                (i32.shr_u (local.get 3) (i32.const 16)))))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $mem))
  (alias core export $libc "realloc" (core func $realloc))
"""
_MEM = "(memory $mem) (realloc (core func $realloc))"

CALC = rf"""
(component {_LIBC}
  (core module $m
    (import "libc" "memory" (memory 1))
    (global $count (mut i32) (i32.const 0))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1))
      (i32.const 8))
    (func (export "count") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1)))
      (i32.add (i32.mul (global.get $count) (i32.const 10)) (i32.load (i32.const 16))))
    (func (export "spin") (param i64) (result i64) (local $h i64)
      (loop $l (local.set $h (i64.add (local.get $h) (local.get 0)))
        (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
        (br_if $l (i64.ne (local.get 0) (i64.const 0))))
      (local.get $h))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "trap") unreachable))
  (core instance $i (instantiate $m (with "libc" (instance $libc))))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func $echo (param "text" string) (result string) (canon lift (core func $i "echo") {_MEM}))
  (func $count (result u32) (canon lift (core func $i "count")))
  (func $spin (param "n" u64) (result u64) (canon lift (core func $i "spin")))
  (func $grow (param "pages" u32) (result s32) (canon lift (core func $i "grow")))
  (func $trap (canon lift (core func $i "trap")))
  (instance $api (export "add" (func $add)) (export "echo" (func $echo))
    (export "count" (func $count)) (export "spin" (func $spin)) (export "grow" (func $grow))
    (export "trap" (func $trap)))
  (export "test:calc/api@1.0.0" (instance $api)))
"""

WORLDLY = rf"""
(component $worldly
  (import "wasm-engine:agent/types@0.1.0" (instance $types
    (type $is-fault (record (field "code" string) (field "detail" string)))
    (export "fault" (type $fault (eq $is-fault)))))
  (alias export $types "fault" (type $fault))
  (import "wasm-engine:agent/tools@0.1.0" (instance $tools
    (alias outer $worldly $fault (type $outer-fault))
    (export "fault" (type $f (eq $outer-fault)))
    (export "call" (func (param "name" string) (param "arguments" string)
      (result (result string (error $f)))))))
  (import "wasm-engine:agent/context@0.1.0" (instance $context
    (export "now" (func (result u64))) (export "random" (func (result u64)))
    (export "self-address" (func (result string))) (export "config" (func (result string)))))
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer $worldly $pollable (type $outer-pollable))
    (export "pollable" (type $p (eq $outer-pollable)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
  (import "wasi:keyvalue/store@0.2.0-draft2" (instance $store
    (export "bucket" (type $bucket (sub resource)))
    (type $is-error (variant
      (case "no-such-store") (case "access-denied") (case "other" string)))
    (export "error" (type $error (eq $is-error)))
    (export "open" (func
      (param "identifier" string) (result (result (own $bucket) (error $error)))))
    (export "[method]bucket.set" (func
      (param "self" (borrow $bucket)) (param "key" string) (param "value" (list u8))
      (result (result (error $error)))))
    (export "[method]bucket.exists" (func
      (param "self" (borrow $bucket)) (param "key" string)
      (result (result bool (error $error)))))))
  {_LIBC}
  (core func $call (canon lower (func $tools "call") {_MEM}))
  (core func $now (canon lower (func $context "now")))
  (core func $random (canon lower (func $context "random")))
  (core func $self (canon lower (func $context "self-address") {_MEM}))
  (core func $config (canon lower (func $context "config") {_MEM}))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $sleep (canon lower (func $clock "subscribe-duration")))
  (core func $drop (canon resource.drop $pollable))
  (core func $open (canon lower (func $store "open") {_MEM}))
  (core func $set (canon lower (func $store "[method]bucket.set") {_MEM}))
  (core func $exists (canon lower (func $store "[method]bucket.exists") {_MEM}))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "host" "call" (func $call (param i32 i32 i32 i32 i32)))
    (import "host" "now" (func $now (result i64)))
    (import "host" "random" (func $random (result i64)))
    (import "host" "self" (func $self (param i32)))
    (import "host" "config" (func $config (param i32)))
    (import "host" "block" (func $block (param i32)))
    (import "host" "sleep" (func $sleep (param i64) (result i32)))
    (import "host" "drop" (func $drop (param i32)))
    (import "host" "open" (func $open (param i32 i32 i32)))
    (import "host" "set" (func $set (param i32 i32 i32 i32 i32 i32)))
    (import "host" "exists" (func $exists (param i32 i32 i32 i32)))
    (func (export "relay") (param i32 i32 i32 i32) (result i32)
      (call $call (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 64))
      (i32.const 68))
    (func (export "now") (result i64) (call $now))
    (func (export "random") (result i64) (call $random))
    (func (export "self") (result i32) (call $self (i32.const 8)) (i32.const 8))
    (func (export "config") (result i32) (call $config (i32.const 8)) (i32.const 8))
    (func (export "nap") (param i64) (result i64) (local $p i32)
      (local.set $p (call $sleep (local.get 0)))
      (call $block (local.get $p)) (call $drop (local.get $p)) (call $now))
    (func (export "keep") (param i32 i32 i32 i32) (result i32)
      (call $open (local.get 0) (local.get 1) (i32.const 32))
      (if (i32.load8_u (i32.const 32)) (then (return (i32.const 10))))
      (call $set (i32.load (i32.const 36)) (local.get 2) (local.get 3)
        (local.get 2) (local.get 3) (i32.const 48))
      (i32.load8_u (i32.const 48)))
    (func (export "has") (param i32 i32 i32 i32) (result i32)
      (call $open (local.get 0) (local.get 1) (i32.const 32))
      (if (i32.load8_u (i32.const 32)) (then (return (i32.const 10))))
      (call $exists (i32.load (i32.const 36)) (local.get 2) (local.get 3) (i32.const 48))
      (i32.load8_u (i32.const 52))))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "host" (instance
    (export "call" (func $call)) (export "now" (func $now)) (export "random" (func $random))
    (export "self" (func $self)) (export "config" (func $config)) (export "block" (func $block))
    (export "sleep" (func $sleep)) (export "drop" (func $drop)) (export "open" (func $open))
    (export "set" (func $set)) (export "exists" (func $exists))))))
  (func (export "relay") (param "name" string) (param "arguments" string) (result string)
    (canon lift (core func $i "relay") {_MEM}))
  (func (export "now") (result u64) (canon lift (core func $i "now")))
  (func (export "random") (result u64) (canon lift (core func $i "random")))
  (func (export "self") (result string) (canon lift (core func $i "self") {_MEM}))
  (func (export "config") (result string) (canon lift (core func $i "config") {_MEM}))
  (func (export "nap") (param "ns" u64) (result u64) (canon lift (core func $i "nap")))
  (func (export "keep") (param "bucket" string) (param "key" string) (result u32)
    (canon lift (core func $i "keep") {_MEM}))
  (func (export "has") (param "bucket" string) (param "key" string) (result u32)
    (canon lift (core func $i "has") {_MEM})))
"""

# A tool that imports what `calc` exports, as an agent in any language would.
USER = r"""
(component
  (import "IMPORTED" (instance $calc
    (export "add" (func (param "a" u32) (param "b" u32) (result SUM)))
    (export "trap" (func))))
  (core func $add (canon lower (func $calc "add")))
  (core func $trap (canon lower (func $calc "trap")))
  (core module $m
    (import "calc" "add" (func $add (param i32 i32) (result CORE)))
    (import "calc" "trap" (func $trap))
    (func (export "sum") (param i32 i32) (result CORE) (call $add (local.get 0) (local.get 1)))
    (func (export "trap") (call $trap)))
  (core instance $i (instantiate $m (with "calc" (instance
    (export "add" (func $add)) (export "trap" (func $trap))))))
  (func (export "sum") (param "a" u32) (param "b" u32) (result SUM)
    (canon lift (core func $i "sum")))
  (func (export "fail") (canon lift (core func $i "trap"))))
"""


def user(imported: str = "test:calc/api@1.0.0", total: str = "u32") -> bytes:
    """The bytes of a tool that imports an interface like that of `calc`."""
    core = "i64" if total == "u64" else "i32"
    return wasm_of(USER.replace("IMPORTED", imported).replace("SUM", total).replace("CORE", core))


@functools.cache
def wasm(name: str) -> bytes:
    """The bytes of one of the tools above."""
    return user() if name == "user" else wasm_of({"calc": CALC, "worldly": WORLDLY}[name])


def lay_out(folder: Path) -> Path:
    """Puts the components into a folder."""
    for name in ("calc", "worldly", "user"):
        (folder / f"{name}.wasm").write_bytes(wasm(name))
    (folder / "handy.wasm").write_bytes(HANDY)
    return folder


AGENT = {"source": "handy.wasm"}
TOOLS: dict[str, Any] = {
    "calc": {"component": "calc.wasm"},
    "worldly": {"component": "worldly.wasm", "tools": ["calc"], "config": {"a": 1}},
}


def tables(agents: Mapping[str, Any], tools: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """A manifest's tables."""
    return {
        "world": {"name": "tools", "seed": 7},
        "agents": dict(agents),
        "tools": dict(TOOLS if tools is None else tools),
        **more,
    }


@contextmanager
def running(
    folder: Path, manifest: Any, *bodies: str, to: str = "a", file: Path | None = None, **how: Any
) -> Iterator[Run]:
    """A run of a world that got these bodies, until nothing was left to do."""
    run = World.from_mapping(manifest, folder).begin(file, **how)
    try:
        for body in bodies:
            run.execution.receive(to, "do", ("text", body), [])
        run.execution.go(Until(max_steps=300))
        yield run
    finally:
        run.close()


def trace(run: Run, address: str = "a") -> list[str]:
    """What the agent wrote down, line by line."""
    text = run.execution.scheduler.world.agents[address].state.get("trace", "")
    return str(text).split("\n")[:-1]
