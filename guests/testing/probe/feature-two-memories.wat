;; Needs a proposal that is off: two memories.
(component (core module (memory 1) (memory 1)))
