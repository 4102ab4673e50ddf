;; Exports the handler's functions by name, with other types.
(component
  (core module $m (func (export "f") (result i32) (i32.const 7)))
  (core instance $m (instantiate $m))
  (alias core export $m "f" (core func $f))
  (func $lifted (result u32) (canon lift (core func $f)))
  (instance $handler (export "init" (func $lifted)) (export "handle" (func $lifted)))
  (export "wasm-engine:agent/handler@0.1.0" (instance $handler)))
