;; A core module, not a component.
(module
  (memory (export "memory") 1)
  (func (export "wasm-engine:agent/handler@0.1.0#handle")))
