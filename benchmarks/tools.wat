;; A command that calls a linked tool, or a host function, TIMES times.
(component
  (import "bench:calc/api" (instance $calc
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
    (export "nothing" (func))))
  (import "wasm-engine:agent/context@0.1.0" (instance $context
    (export "now" (func (result u64)))))
  (core func $add (canon lower (func $calc "add")))
  (core func $nothing (canon lower (func $calc "nothing")))
  (core func $now (canon lower (func $context "now")))
  (core module $m
    (import "host" "add" (func $add (param i32 i32) (result i32)))
    (import "host" "nothing" (func $nothing))
    (import "host" "now" (func $now (result i64)))
    (func (export "run") (result i32) (local $left i32)
      (local.set $left (i32.const TIMES))
      (loop $again
        CALL
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "host" (instance
    (export "add" (func $add)) (export "nothing" (func $nothing))
    (export "now" (func $now))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.6" (instance $command)))
