;; A tool's configuration.
(import "wasm-engine:agent/context@0.1.0" (instance $context
  (export "config" (func (result string)))))
