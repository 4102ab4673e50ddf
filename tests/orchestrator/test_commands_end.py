"""How commands end, early and late, and what the world makes of it when they can't end well."""

from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from tests.model.observed import SCRIPTED
from wasm_engine.control import history
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

COMMAND = """
(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $failure))
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $q (eq $p)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $failure (type $e))
    (export "error" (type $f (eq $e)))
    (export "output-stream" (type $out (sub resource)))
    (type $why (variant (case "last-operation-failed" (own $f)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $why)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $out)) (param "contents" (list u8))
        (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output))
  (import "wasi:cli/stderr@0.2.0" (instance $stderr
    (alias outer 1 $output (type $o))
    (export "output-stream" (type $p (eq $o)))
    (export "get-stderr" (func (result (own $p))))))
  (import "wasi:cli/exit@0.2.0" (instance $exit
    (export "exit" (func (param "status" (result))))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $get-stderr (canon lower (func $stderr "get-stderr")))
  (core func $print (canon lower
    (func $streams "[method]output-stream.blocking-write-and-flush") (memory (core memory $mem))))
  (core func $exit (canon lower (func $exit "exit")))
  (core module $program
    (import "env" "memory" (memory 1))
    (import "env" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "env" "block" (func $block (param i32)))
    (import "env" "get-stderr" (func $get-stderr (result i32)))
    (import "env" "print" (func $print (param i32 i32 i32 i32)))
    (import "env" "exit" (func $exit (param i32)))
    (data (i32.const 64) "no newline")
    (func $sleep (call $block (call $subscribe (i64.const 5000000000))))
    (func $say (call $print (call $get-stderr) (i32.const 64) (i32.const 10) (i32.const 16)))
    (func (export "run") (result i32) {body} (i32.const 0)))
  (core instance $program (instantiate $program (with "env" (instance
    (export "memory" (memory $mem)) (export "subscribe" (func $subscribe))
    (export "block" (func $block)) (export "get-stderr" (func $get-stderr))
    (export "print" (func $print)) (export "exit" (func $exit))))))
  (func $run (result (result)) (canon lift (core func $program "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $command)))
"""
EARLY, LATE = "(call $exit (i32.const 0))", ""


@pytest.fixture
def play(tmp_path):
    """Runs a command that is asked, for a second, by an agent; answers the run's history."""
    (tmp_path / "scripted.wasm").write_bytes((SCRIPTED / "scripted.wasm").read_bytes())

    def run(body, **settings):
        (tmp_path / "command.wasm").write_bytes(bytes(wat2wasm(COMMAND.replace("{body}", body))))
        kinds = {
            "a": {"source": "scripted.wasm"},
            "c": {"source": "command.wasm", **settings},
        }
        script = "ask-timeout 1000000000 c t x"
        with World.from_mapping({"agents": kinds}, tmp_path).begin() as begun:
            begun.execution.receive("a", "script", ("text", script), [])
            assert begun.execution.go(Until(max_steps=20)) == "idle"
            return history.read(begun.file)

    return run


def letters(found):
    return [(row.agent, row.reason, row.code) for row in found.dead]


@pytest.mark.parametrize("end", [EARLY, LATE])
def test_one_that_ends_after_its_asker_gave_up_fails_alone(play, end):
    found = play(f"(call $sleep) {end}")
    assert letters(found) == [("c", "failed-after-commit", "request-closed")]


@pytest.mark.parametrize("end", [EARLY, LATE])
def test_one_whose_last_line_it_cannot_pay_for_fails_alone(play, end):
    found = play(f"(call $say) {end}", work=30_000)
    assert letters(found) == [("c", "failed", "host-work")]


@pytest.mark.parametrize("end", [EARLY, LATE])
def test_what_it_printed_last_is_logged(play, end):
    found = play(f"(call $say) {end}")
    lines = [(row.level, row.text) for row in found.log if row.agent == "c"]
    assert lines == [("warning", "no newline")]
    assert letters(found) == []
