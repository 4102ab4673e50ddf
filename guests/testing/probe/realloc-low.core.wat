;; Its allocator answers address 0 whatever is asked: the host overwrites it all.
(module
  (import "env" "memory" (memory 1))
  (global (export "__heap_base") i32 (i32.const 1024))
  (func (export "wasm-engine:agent/handler@0.1.0#init") (result i32)
    (i32.const 0))
  (func (export "wasm-engine:agent/handler@0.1.0#handle") (param i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
    (i32.const 60000)))
