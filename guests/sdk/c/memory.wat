;; An agent's memory and the one allocator over it. It is a module of its own, so that the host's
;; functions can be lowered onto it before the agent's module exists: no table of shims in between.
(module
  (memory (export "memory") {pages})
  (global $next (mut i32) (i32.const {heap}))
  (global $floor (mut i32) (i32.const {heap}))

  ;; What was allocated so far stays for the life of the instance.
  (func (export "keep") (global.set $floor (global.get $next)))
  ;; Everything allocated since is free again.
  (func (export "release") (global.set $next (global.get $floor)))

  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $start i32) (local $end i32) (local $room i32)
    ;; The newest block grows where it is.
    (if (i32.and (i32.ne (local.get $old) (i32.const 0))
                 (i32.eq (i32.add (local.get $old) (local.get $old_size)) (global.get $next)))
      (then (local.set $start (local.get $old)))
      (else (local.set $start
        (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
                 (i32.sub (i32.const 0) (local.get $align))))))
    (local.set $end (i32.add (local.get $start) (local.get $size)))
    (if (i32.lt_u (local.get $end) (local.get $start)) (then (unreachable)))
    (local.set $room (i32.shl (memory.size) (i32.const 16)))
    (if (i32.gt_u (local.get $end) (local.get $room))
      (then
        (if (i32.eq (i32.const -1)
              (memory.grow
                (i32.add (i32.shr_u (i32.sub (i32.sub (local.get $end) (local.get $room)) (i32.const 1)) (i32.const 16))
                         (i32.const 1))))
          (then (unreachable)))))
    (global.set $next (local.get $end))
    (if (i32.and (i32.ne (local.get $old) (i32.const 0)) (i32.ne (local.get $old) (local.get $start)))
      (then (memory.copy (local.get $start) (local.get $old)
        (select (local.get $old_size) (local.get $size)
                (i32.lt_u (local.get $old_size) (local.get $size))))))
    (local.get $start))
)
