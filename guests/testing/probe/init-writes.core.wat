;; Writes to its state in `init`, and returns what the host answered.
(module
  (import "env" "memory" (memory 1))
  (import "wasm-engine:agent/state@0.1.0" "set" (func $set (param i32 i32 i32 i32 i32)))
  (data (i32.const 96) "key")
  (global (export "__heap_base") i32 (i32.const 1024))
  (func (export "wasm-engine:agent/handler@0.1.0#init") (result i32)
    (call $set (i32.const 96) (i32.const 3) (i32.const 96) (i32.const 3) (i32.const 64))
    (i32.const 64))
  (func (export "wasm-engine:agent/handler@0.1.0#handle") (param i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
    (i32.const 60000)))
