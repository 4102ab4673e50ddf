"""Components for the catalogue, as text: commands that end well if they get what they try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from wasmtime import wat2wasm

from tests.hostile.catalogue.entry import Words
from tests.hostile.commands import clocked, command

RAN = "(i32.const 0)"
DEPUTY = """
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error-type))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "input-stream" (type $input (sub resource)))
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $q (eq $p)))
    (export "[method]input-stream.subscribe"
      (func (param "self" (borrow $input)) (result (own $q))))))
  (alias export $streams "input-stream" (type $input))
  (import "wasi:cli/stdin@0.2.0" (instance $stdin
    (alias outer 1 $input (type $i))
    (export "input-stream" (type $j (eq $i)))
    (export "get-stdin" (func (result (own $j))))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (alias core export $memory "realloc" (core func $realloc))
  (core func $stdin (canon lower (func $stdin "get-stdin")))
  (core func $subscribe (canon lower (func $streams "[method]input-stream.subscribe")))
  (core func $poll (canon lower
    (func $poll "poll") (memory (core memory $mem)) (realloc (core func $realloc))))
  (core func $drop-pollable (canon resource.drop $pollable))
  (core func $drop-input (canon resource.drop $input))
  (core instance $env
    (export "memory" (memory $mem)) (export "stdin" (func $stdin))
    (export "subscribe" (func $subscribe)) (export "poll" (func $poll))
    (export "drop-pollable" (func $drop-pollable)) (export "drop-input" (func $drop-input)))"""
LENT = """
    (import "env" "memory" (memory 1))
    (import "env" "stdin" (func $stdin (result i32)))
    (import "env" "subscribe" (func $subscribe (param i32) (result i32)))
    (import "env" "poll" (func $poll (param i32 i32 i32)))
    (import "env" "drop-pollable" (func $drop-pollable (param i32)))
    (import "env" "drop-input" (func $drop-input (param i32)))"""


def plain(body: str, fields: str = "(memory 1)") -> bytes:
    """A command without imports, made of what its `run` does and what there is beside it."""
    run = f'(func (export "run") (result i32) {body} {RAN})'
    return command(f"(core module $m {fields} {run}) (core instance $main (instantiate $m))")


def timed(body: str) -> bytes:
    """A command with timers, polling and entropy."""
    return clocked(f"{body} {RAN}")


def deputy(body: str) -> bytes:
    """A command with two types of handles: the standard input ($i), and a pollable of it ($p)."""
    run = """
      (func $run (result (result)) (canon lift (core func $main "run")))
      (component $shape (import "run" (func $run (result (result)))) (export "run" (func $run)))
      (instance $run (instantiate $shape (with "run" (func $run))))
      (export "wasi:cli/run@0.2.0" (instance $run))"""
    main = f"""(core module $m {LENT} (func (export "run") (result i32) (local $i i32) (local $p i32)
      (local.set $i (call $stdin)) (local.set $p (call $subscribe (local.get $i)))
      {body} {RAN}))"""
    made = '(core instance $main (instantiate $m (with "env" (instance $env))))'
    return bytes(wat2wasm(f"(component {DEPUTY} {main} {made} {run})"))


def kinds(components: Mapping[str, bytes], **settings: Any) -> dict[str, dict[str, Any]]:
    """A kind of each component."""
    return {name: {"source": f"{name}.wasm", **settings} for name in components}


class Written:
    """Puts components into the folder of a world."""

    def __init__(self, components: Mapping[str, bytes]) -> None:
        self._components = components

    def __call__(self, folder: Path) -> AbstractContextManager[Words]:
        return self._written(folder)

    @contextmanager
    def _written(self, folder: Path) -> Iterator[Words]:
        for name, component in self._components.items():
            folder.joinpath(f"{name}.wasm").write_bytes(component)
        yield {}
