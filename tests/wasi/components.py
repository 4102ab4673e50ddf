"""Components as text that import WASI, of several versions at once, as real programs do."""

from __future__ import annotations

_ERROR_CODES = """
    access would-block already bad-descriptor busy deadlock quota exist file-too-large
    illegal-byte-sequence in-progress interrupted invalid io is-directory loop too-many-links
    message-size name-too-long no-device no-entry no-lock insufficient-memory insufficient-space
    not-directory not-empty not-recoverable unsupported no-tty no-such-device overflow
    not-permitted pipe read-only invalid-seek text-file-busy cross-device
"""

# What a program waits for, prints and asks of files; traps where the answer is not the right one.
COMMAND = (
    r"""
(component
  (import "wasi:io/error@0.2.3" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $failure))
  (import "wasi:io/poll@0.2.3" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.99" (instance $clock
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $q (eq $p)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $failure (type $e))
    (export "error" (type $f (eq $e)))
    (export "output-stream" (type $out (sub resource)))
    (type $why (variant (case "last-operation-failed" (own $f)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $why)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $out)) (param "contents" (list u8))
        (result (result (error $stream-error)))))
    (export "[method]output-stream.write"
      (func (param "self" (borrow $out)) (param "contents" (list u8))
        (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output))
  (import "wasi:cli/stdout@0.2.6" (instance $stdout
    (alias outer 1 $output (type $o))
    (export "output-stream" (type $p (eq $o)))
    (export "get-stdout" (func (result (own $p))))))
  (import "wasi:cli/exit@0.2.0" (instance $exit
    (export "exit" (func (param "status" (result))))))
  (import "wasi:filesystem/types@0.2.9" (instance $files
    (export "descriptor" (type $d (sub resource)))
    (type $codes (enum """
    + " ".join(f'"{code}"' for code in _ERROR_CODES.split())
    + r"""))
    (export "error-code" (type $code (eq $codes)))
    (export "[method]descriptor.rename-at"
      (func (param "self" (borrow $d)) (param "old-path" string)
        (param "new-descriptor" (borrow $d)) (param "new-path" string)
        (result (result (error $code)))))
    (export "[method]descriptor.create-directory-at"
      (func (param "self" (borrow $d)) (param "path" string) (result (result (error $code)))))))
  (alias export $files "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.9" (instance $preopens
    (alias outer 1 $descriptor (type $d))
    (export "descriptor" (type $e (eq $d)))
    (export "get-directories" (func (result (list (tuple (own $e) string)))))))

  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (alias core export $memory "realloc" (core func $realloc))

  (core func $drop-pollable (canon resource.drop $pollable))
  (core func $drop-output (canon resource.drop $output))
  (core func $drop-descriptor (canon resource.drop $descriptor))
  (core func $poll (canon lower
    (func $poll "poll") (memory (core memory $mem)) (realloc (core func $realloc))))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $get-stdout (canon lower (func $stdout "get-stdout")))
  (core func $print (canon lower
    (func $streams "[method]output-stream.blocking-write-and-flush") (memory (core memory $mem))))
  (core func $write (canon lower
    (func $streams "[method]output-stream.write") (memory (core memory $mem))))
  (core func $exit (canon lower (func $exit "exit")))
  (core func $get-directories (canon lower
    (func $preopens "get-directories") (memory (core memory $mem)) (realloc (core func $realloc))))
  (core func $rename (canon lower
    (func $files "[method]descriptor.rename-at") (memory (core memory $mem))))
  (core func $mkdir (canon lower
    (func $files "[method]descriptor.create-directory-at") (memory (core memory $mem))))

  (core module $program
    (import "env" "memory" (memory 1))
    (import "env" "drop-pollable" (func $drop-pollable (param i32)))
    (import "env" "drop-output" (func $drop-output (param i32)))
    (import "env" "drop-descriptor" (func $drop-descriptor (param i32)))
    (import "env" "poll" (func $poll (param i32 i32 i32)))
    (import "env" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "env" "get-stdout" (func $get-stdout (result i32)))
    (import "env" "print" (func $print (param i32 i32 i32 i32)))
    (import "env" "write" (func $write (param i32 i32 i32 i32)))
    (import "env" "exit" (func $exit (param i32)))
    (import "env" "get-directories" (func $get-directories (param i32)))
    (import "env" "rename" (func $rename (param i32 i32 i32 i32 i32 i32 i32)))
    (import "env" "mkdir" (func $mkdir (param i32 i32 i32 i32)))
    (data (i32.const 64) "slept\n")
    (data (i32.const 80) "old")
    (data (i32.const 96) "new")
    (func $check (param i32) (if (i32.eqz (local.get 0)) (then unreachable)))

    ;; Two timers: the second is due first.
    (func $wait
      (i32.store (i32.const 0) (call $subscribe (i64.const 5000000000)))
      (i32.store (i32.const 4) (call $subscribe (i64.const 1000000000)))
      (call $poll (i32.const 0) (i32.const 2) (i32.const 16))
      (call $check (i32.eq (i32.load (i32.const 20)) (i32.const 1)))
      (call $check (i32.eq (i32.load (i32.load (i32.const 16))) (i32.const 1)))
      (call $drop-pollable (i32.load (i32.const 0)))
      (call $drop-pollable (i32.load (i32.const 4))))

    (func $say (local $out i32)
      (local.set $out (call $get-stdout))
      (call $print (local.get $out) (i32.const 64) (i32.const 6) (i32.const 16))
      (call $check (i32.eqz (i32.load8_u (i32.const 16))))
      (call $drop-output (local.get $out)))

    ;; The same descriptor lent twice in one call; then a directory that is there.
    (func $files (local $dir i32)
      (call $get-directories (i32.const 16))
      (call $check (i32.eq (i32.load (i32.const 20)) (i32.const 1)))
      (local.set $dir (i32.load (i32.load (i32.const 16))))
      (call $rename (local.get $dir) (i32.const 80) (i32.const 3)
        (local.get $dir) (i32.const 96) (i32.const 3) (i32.const 32))
      (call $check (i32.eq (i32.load8_u (i32.const 32)) (i32.const 1)))
      (call $check (i32.eq (i32.load8_u (i32.const 33)) (i32.const 20)))
      (call $mkdir (local.get $dir) (i32.const 80) (i32.const 3) (i32.const 32))
      (call $check (i32.eqz (i32.load8_u (i32.const 32))))
      (call $rename (local.get $dir) (i32.const 80) (i32.const 3)
        (local.get $dir) (i32.const 96) (i32.const 3) (i32.const 32))
      (call $check (i32.eqz (i32.load8_u (i32.const 32))))
      (call $drop-descriptor (local.get $dir)))

    (func (export "run") (result i32) (call $wait) (call $say) (call $files) (i32.const 0))
    (func (export "leave") (call $exit (i32.const 1)) unreachable)
    (func (export "overwrite")
      (call $write (call $get-stdout) (i32.const 64) (i32.const 6) (i32.const 16))))
  (core instance $program (instantiate $program (with "env" (instance
    (export "memory" (memory $mem))
    (export "drop-pollable" (func $drop-pollable))
    (export "drop-output" (func $drop-output))
    (export "drop-descriptor" (func $drop-descriptor))
    (export "poll" (func $poll))
    (export "subscribe" (func $subscribe))
    (export "get-stdout" (func $get-stdout))
    (export "print" (func $print))
    (export "write" (func $write))
    (export "exit" (func $exit))
    (export "get-directories" (func $get-directories))
    (export "rename" (func $rename))
    (export "mkdir" (func $mkdir))))))
  (func $run (result (result)) (canon lift (core func $program "run")))
  (func (export "leave") (canon lift (core func $program "leave")))
  (func (export "overwrite") (canon lift (core func $program "overwrite")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $command)))
"""
)

# Asks for what no world has: sockets, requests, a door that has no typed way to be refused.
UNSUPPORTED = r"""
(component
  (import "wasi:sockets/network@0.2.0" (instance $network
    (export "network" (type (sub resource)))
    (type $codes (enum "unknown" "access-denied" "not-supported"))
    (export "error-code" (type (eq $codes)))))
  (alias export $network "error-code" (type $code))
  (import "wasi:sockets/tcp@0.2.4" (instance $tcp
    (alias outer 1 $code (type $c))
    (export "error-code" (type $d (eq $c)))
    (export "tcp-socket" (type $socket (sub resource)))
    (export "[method]tcp-socket.start-listen"
      (func (param "self" (borrow $socket)) (result (result (error $d)))))
    (export "connections" (func (result (result u32 (error $d)))))
    (export "count" (func (result u32)))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $connections (canon lower (func $tcp "connections")
    (memory (core memory $memory "memory"))))
  (core func $count (canon lower (func $tcp "count")))
  (core module $program
    (import "env" "memory" (memory 1))
    (import "env" "connections" (func $connections (param i32)))
    (import "env" "count" (func $count (result i32)))
    (func (export "refused") (result i32)
      (call $connections (i32.const 8))
      (i32.add
        (i32.mul (i32.load8_u (i32.const 8)) (i32.const 10))
        (i32.load8_u (i32.const 12))))
    (func (export "trapped") (result i32) (call $count)))
  (core instance $program (instantiate $program (with "env" (instance
    (export "memory" (memory $memory "memory"))
    (export "connections" (func $connections))
    (export "count" (func $count))))))
  (func (export "refused") (result u32) (canon lift (core func $program "refused")))
  (func (export "trapped") (result u32) (canon lift (core func $program "trapped"))))
"""
