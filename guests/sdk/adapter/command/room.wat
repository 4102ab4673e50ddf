;; Room for the command adapter in the program's own memory: a stack, what it remembers, and what the
;; host hands out, which is free again at the next call. Taken once, by growing the memory, when the
;; program first calls; so a program needs an allocator that can live with memory that is not its own.
(module
  (import "env" "memory" (memory 0))
  (global $base (mut i32) (i32.const 0))
  (global $next (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))

  (func $grow (param $size i32) (result i32)
    (local $page i32)
    (local.set $page (memory.grow (i32.shr_u (i32.add (local.get $size) (i32.const 65535)) (i32.const 16))))
    (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))
    (i32.shl (local.get $page) (i32.const 16)))

  ;; Whether this is the first call. 32 KiB of stack, 32 KiB to remember, 64 KiB to hand out.
  (func (export "ready") (result i32)
    (if (result i32) (global.get $base)
      (then (global.set $next (i32.add (global.get $base) (i32.const 65536)))
            (global.set $end (i32.add (global.get $base) (i32.const 131072)))
            (i32.const 0))
      (else (global.set $base (call $grow (i32.const 131072)))
            (global.set $next (i32.add (global.get $base) (i32.const 65536)))
            (global.set $end (i32.add (global.get $base) (i32.const 131072)))
            (i32.const 1))))
  (func (export "stack") (result i32) (i32.add (global.get $base) (i32.const 32768)))
  (func (export "state") (result i32) (i32.add (global.get $base) (i32.const 32768)))

  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
                            (i32.sub (i32.const 0) (local.get $align))))
    (if (i32.gt_u (local.get $size) (i32.sub (global.get $end) (local.get $at)))
      (then (local.set $at (call $grow (local.get $size)))
            (global.set $end (i32.add (local.get $at)
              (i32.and (i32.add (local.get $size) (i32.const 65535)) (i32.const -65536))))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (if (local.get $old)
      (then (memory.copy (local.get $at) (local.get $old)
        (select (local.get $old_size) (local.get $size) (i32.lt_u (local.get $old_size) (local.get $size))))))
    (local.get $at))
)
