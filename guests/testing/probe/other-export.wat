;; A component that exports a function, but is no agent.
(component
  (core module $m (func (export "seven") (result i32) (i32.const 7)))
  (core instance $m (instantiate $m))
  (alias core export $m "seven" (core func $seven))
  (func (export "seven") (result u32) (canon lift (core func $seven))))
