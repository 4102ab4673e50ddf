;; Its `init` returns the fault `not-today`.
(module
  (import "env" "memory" (memory 1))
  (data (i32.const 64) "\01\00\00\00\60\00\00\00\09\00\00\00")
  (data (i32.const 96) "not-today")
  (global (export "__heap_base") i32 (i32.const 1024))
  (func (export "wasm-engine:agent/handler@0.1.0#init") (result i32)
    (i32.const 64))
  (func (export "wasm-engine:agent/handler@0.1.0#handle") (param i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
    (i32.const 60000)))
