;; Needs a proposal that is off: a shared memory.
(component (core module (memory 1 1 shared)))
