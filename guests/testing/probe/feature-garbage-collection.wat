;; Needs a proposal that is off: structures of the garbage collector.
(component (core module (type (struct (field i32)))))
