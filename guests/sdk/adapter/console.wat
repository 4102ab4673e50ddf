;; Bytes that a program writes, gathered into lines, and each line written to the agent's log: standard
;; output as `info`, standard error as `warning`. What is not UTF-8 becomes `?`. A line that is longer
;; than the memory holds goes out in parts.
;;
;; Each of the two has a room of 16,384 bytes, at 16,384 and 32,768.
(module
  (import "lines" "memory" (memory 1))
  (import "log" "write" (func $write (param i32 i32 i32)))
  (global $out (mut i32) (i32.const 0))
  (global $err (mut i32) (i32.const 0))
  ;; Of the character that is being written: bytes that are missing, bytes that are there, and what
  ;; the next one may be.
  (global $missing (mut i32) (i32.const 0))
  (global $there (mut i32) (i32.const 0))
  (global $low (mut i32) (i32.const 0x80))
  (global $high (mut i32) (i32.const 0xBF))

  (func $size (param $fd i32) (result i32)
    (if (result i32) (i32.eq (local.get $fd) (i32.const 1)) (then (global.get $out)) (else (global.get $err))))
  (func $resize (param $fd i32) (param $size i32)
    (if (i32.eq (local.get $fd) (i32.const 1))
      (then (global.set $out (local.get $size)))
      (else (global.set $err (local.get $size)))))
  (func $add (param $fd i32) (param $byte i32)
    (i32.store8
      (i32.add (i32.mul (local.get $fd) (i32.const 16384)) (call $size (local.get $fd)))
      (local.get $byte))
    (call $resize (local.get $fd) (i32.add (call $size (local.get $fd)) (i32.const 1))))
  (func $flush (param $fd i32)
    (call $write (local.get $fd) (i32.mul (local.get $fd) (i32.const 16384)) (call $size (local.get $fd)))
    (call $resize (local.get $fd) (i32.const 0)))

  ;; A character that does not go on as it must: `?` instead of its bytes.
  (func $broken (param $fd i32)
    (call $resize (local.get $fd) (i32.sub (call $size (local.get $fd)) (global.get $there)))
    (global.set $missing (i32.const 0))
    (call $add (local.get $fd) (i32.const 63)))
  (func $begin (param $fd i32) (param $byte i32) (param $missing i32) (param $low i32) (param $high i32)
    (global.set $missing (local.get $missing))
    (global.set $there (i32.const 1))
    (global.set $low (local.get $low))
    (global.set $high (local.get $high))
    (call $add (local.get $fd) (local.get $byte)))

  (func (export "put") (param $fd i32) (param $byte i32)
    (if (global.get $missing)
      (then
        (if (i32.and (i32.ge_u (local.get $byte) (global.get $low)) (i32.le_u (local.get $byte) (global.get $high)))
          (then
            (global.set $missing (i32.sub (global.get $missing) (i32.const 1)))
            (global.set $there (i32.add (global.get $there) (i32.const 1)))
            (global.set $low (i32.const 0x80))
            (global.set $high (i32.const 0xBF))
            (call $add (local.get $fd) (local.get $byte))
            (return))
          (else (call $broken (local.get $fd))))))
    (if (i32.gt_u (call $size (local.get $fd)) (i32.const 16376)) (then (call $flush (local.get $fd))))
    (if (i32.eq (local.get $byte) (i32.const 10)) (then (call $flush (local.get $fd)) (return)))
    (if (i32.lt_u (local.get $byte) (i32.const 0x80))
      (then (call $add (local.get $fd) (local.get $byte)) (return)))
    (if (i32.and (i32.ge_u (local.get $byte) (i32.const 0xC2)) (i32.le_u (local.get $byte) (i32.const 0xDF)))
      (then (call $begin (local.get $fd) (local.get $byte) (i32.const 1) (i32.const 0x80) (i32.const 0xBF)) (return)))
    (if (i32.eq (i32.and (local.get $byte) (i32.const 0xF0)) (i32.const 0xE0))
      (then
        (call $begin (local.get $fd) (local.get $byte) (i32.const 2)
          (select (i32.const 0xA0) (i32.const 0x80) (i32.eq (local.get $byte) (i32.const 0xE0)))
          (select (i32.const 0x9F) (i32.const 0xBF) (i32.eq (local.get $byte) (i32.const 0xED))))
        (return)))
    (if (i32.and (i32.ge_u (local.get $byte) (i32.const 0xF0)) (i32.le_u (local.get $byte) (i32.const 0xF4)))
      (then
        (call $begin (local.get $fd) (local.get $byte) (i32.const 3)
          (select (i32.const 0x90) (i32.const 0x80) (i32.eq (local.get $byte) (i32.const 0xF0)))
          (select (i32.const 0x8F) (i32.const 0xBF) (i32.eq (local.get $byte) (i32.const 0xF4))))
        (return)))
    (call $add (local.get $fd) (i32.const 63)))
)
