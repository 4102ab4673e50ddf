;; What the command adapter imports of WASI 0.2, and the component around it and the program.
(component
  (import "wasi:cli/environment@0.2.3" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))
    (export "get-arguments" (func (result (list string))))))
  (import "wasi:cli/exit@0.2.3" (instance $exit
    (export "exit-with-code" (func (param "status-code" u8)))))
  (import "wasi:io/error@0.2.3" (instance $ioerror (export "error" (type (sub resource)))))
  (alias export $ioerror "error" (type $error))
  (import "wasi:io/poll@0.2.3" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.3" (instance $streams
    (alias outer 1 $error (type $e))
    (export "error" (type $error (eq $e)))
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $pollable (eq $p)))
    (export "input-stream" (type $input (sub resource)))
    (export "output-stream" (type $output (sub resource)))
    (type $why (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $why)))
    (export "[method]input-stream.blocking-read" (func
      (param "self" (borrow $input)) (param "len" u64)
      (result (result (list u8) (error $stream-error)))))
    (export "[method]input-stream.subscribe" (func
      (param "self" (borrow $input)) (result (own $pollable))))
    (export "[method]output-stream.subscribe" (func
      (param "self" (borrow $output)) (result (own $pollable))))
    (export "[method]output-stream.blocking-write-and-flush" (func
      (param "self" (borrow $output)) (param "contents" (list u8))
      (result (result (error $stream-error)))))))
  (alias export $streams "input-stream" (type $input-stream))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:cli/stdin@0.2.3" (instance $stdin
    (alias outer 1 $input-stream (type $i))
    (export "input-stream" (type $input-stream (eq $i)))
    (export "get-stdin" (func (result (own $input-stream))))))
  (import "wasi:cli/stdout@0.2.3" (instance $stdout
    (alias outer 1 $output-stream (type $o))
    (export "output-stream" (type $output-stream (eq $o)))
    (export "get-stdout" (func (result (own $output-stream))))))
  (import "wasi:cli/stderr@0.2.3" (instance $stderr
    (alias outer 1 $output-stream (type $o))
    (export "output-stream" (type $output-stream (eq $o)))
    (export "get-stderr" (func (result (own $output-stream))))))
  (import "wasi:clocks/wall-clock@0.2.3" (instance $wall
    (type $is-datetime (record (field "seconds" u64) (field "nanoseconds" u32)))
    (export "datetime" (type $datetime (eq $is-datetime)))
    (export "now" (func (result $datetime)))
    (export "resolution" (func (result $datetime)))))
  (alias export $wall "datetime" (type $datetime))
  (import "wasi:clocks/monotonic-clock@0.2.3" (instance $monotonic
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $pollable (eq $p)))
    (export "now" (func (result u64)))
    (export "resolution" (func (result u64)))
    (export "subscribe-instant" (func (param "when" u64) (result (own $pollable))))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
  (import "wasi:random/random@0.2.3" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (import "wasi:filesystem/types@0.2.3" (instance $files
    (alias outer 1 $datetime (type $d))
    (export "datetime" (type $datetime (eq $d)))
    (export "descriptor" (type $descriptor (sub resource)))
    (export "directory-entry-stream" (type $entries (sub resource)))
    (type $is-code (enum "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota"
      "exist" "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io"
      "is-directory" "loop" "too-many-links" "message-size" "name-too-long" "no-device" "no-entry"
      "no-lock" "insufficient-memory" "insufficient-space" "not-directory" "not-empty"
      "not-recoverable" "unsupported" "no-tty" "no-such-device" "overflow" "not-permitted" "pipe"
      "read-only" "invalid-seek" "text-file-busy" "cross-device"))
    (export "error-code" (type $code (eq $is-code)))
    (type $is-type (enum "unknown" "block-device" "character-device" "directory" "fifo"
      "symbolic-link" "regular-file" "socket"))
    (export "descriptor-type" (type $type (eq $is-type)))
    (type $is-flags (flags "read" "write" "file-integrity-sync" "data-integrity-sync"
      "requested-write-sync" "mutate-directory"))
    (export "descriptor-flags" (type $flags (eq $is-flags)))
    (type $is-path-flags (flags "symlink-follow"))
    (export "path-flags" (type $path-flags (eq $is-path-flags)))
    (type $is-open-flags (flags "create" "directory" "exclusive" "truncate"))
    (export "open-flags" (type $open-flags (eq $is-open-flags)))
    (type $is-stat (record (field "type" $type) (field "link-count" u64) (field "size" u64)
      (field "data-access-timestamp" (option $datetime))
      (field "data-modification-timestamp" (option $datetime))
      (field "status-change-timestamp" (option $datetime))))
    (export "descriptor-stat" (type $stat (eq $is-stat)))
    (type $is-time (variant (case "no-change") (case "now") (case "timestamp" $datetime)))
    (export "new-timestamp" (type $time (eq $is-time)))
    (type $is-entry (record (field "type" $type) (field "name" string)))
    (export "directory-entry" (type $entry (eq $is-entry)))
    (type $is-hash (record (field "lower" u64) (field "upper" u64)))
    (export "metadata-hash-value" (type $hash (eq $is-hash)))
    (export "[method]descriptor.read" (func
      (param "self" (borrow $descriptor)) (param "length" u64) (param "offset" u64)
      (result (result (tuple (list u8) bool) (error $code)))))
    (export "[method]descriptor.write" (func
      (param "self" (borrow $descriptor)) (param "buffer" (list u8)) (param "offset" u64)
      (result (result u64 (error $code)))))
    (export "[method]descriptor.stat" (func
      (param "self" (borrow $descriptor)) (result (result $stat (error $code)))))
    (export "[method]descriptor.stat-at" (func
      (param "self" (borrow $descriptor)) (param "path-flags" $path-flags) (param "path" string)
      (result (result $stat (error $code)))))
    (export "[method]descriptor.open-at" (func
      (param "self" (borrow $descriptor)) (param "path-flags" $path-flags) (param "path" string)
      (param "open-flags" $open-flags) (param "flags" $flags)
      (result (result (own $descriptor) (error $code)))))
    (export "[method]descriptor.get-flags" (func
      (param "self" (borrow $descriptor)) (result (result $flags (error $code)))))
    (export "[method]descriptor.read-directory" (func
      (param "self" (borrow $descriptor)) (result (result (own $entries) (error $code)))))
    (export "[method]descriptor.create-directory-at" (func
      (param "self" (borrow $descriptor)) (param "path" string) (result (result (error $code)))))
    (export "[method]descriptor.remove-directory-at" (func
      (param "self" (borrow $descriptor)) (param "path" string) (result (result (error $code)))))
    (export "[method]descriptor.unlink-file-at" (func
      (param "self" (borrow $descriptor)) (param "path" string) (result (result (error $code)))))
    (export "[method]descriptor.rename-at" (func
      (param "self" (borrow $descriptor)) (param "old-path" string)
      (param "new-descriptor" (borrow $descriptor)) (param "new-path" string)
      (result (result (error $code)))))
    (export "[method]descriptor.link-at" (func
      (param "self" (borrow $descriptor)) (param "old-path-flags" $path-flags)
      (param "old-path" string) (param "new-descriptor" (borrow $descriptor))
      (param "new-path" string) (result (result (error $code)))))
    (export "[method]descriptor.symlink-at" (func
      (param "self" (borrow $descriptor)) (param "old-path" string) (param "new-path" string)
      (result (result (error $code)))))
    (export "[method]descriptor.readlink-at" (func
      (param "self" (borrow $descriptor)) (param "path" string)
      (result (result string (error $code)))))
    (export "[method]descriptor.set-size" (func
      (param "self" (borrow $descriptor)) (param "size" u64) (result (result (error $code)))))
    (export "[method]descriptor.set-times" (func
      (param "self" (borrow $descriptor)) (param "data-access-timestamp" $time)
      (param "data-modification-timestamp" $time) (result (result (error $code)))))
    (export "[method]descriptor.set-times-at" (func
      (param "self" (borrow $descriptor)) (param "path-flags" $path-flags) (param "path" string)
      (param "data-access-timestamp" $time) (param "data-modification-timestamp" $time)
      (result (result (error $code)))))
    (export "[method]descriptor.sync" (func
      (param "self" (borrow $descriptor)) (result (result (error $code)))))
    (export "[method]descriptor.sync-data" (func
      (param "self" (borrow $descriptor)) (result (result (error $code)))))
    (export "[method]descriptor.metadata-hash" (func
      (param "self" (borrow $descriptor)) (result (result $hash (error $code)))))
    (export "[method]descriptor.metadata-hash-at" (func
      (param "self" (borrow $descriptor)) (param "path-flags" $path-flags) (param "path" string)
      (result (result $hash (error $code)))))
    (export "[method]directory-entry-stream.read-directory-entry" (func
      (param "self" (borrow $entries)) (result (result (option $entry) (error $code)))))))
  (alias export $files "descriptor" (type $descriptor))
  (alias export $files "directory-entry-stream" (type $directory-entry-stream))
  (import "wasi:filesystem/preopens@0.2.3" (instance $preopens
    (alias outer 1 $descriptor (type $d))
    (export "descriptor" (type $descriptor (eq $d)))
    (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))))

  (core module $main (@custom "{program}" ""))
  {shims}
  (alias core export $main "memory" (core memory $mem))
  {room}
  (core instance $env (export "memory" (memory $mem)))
  (core instance $room (instantiate $room (with "env" (instance $env))))
  (alias core export $room "cabi_realloc" (core func $realloc))
  {lowered}
  (core module $command (@custom "{adapter}" ""))
  (core instance $command
    (instantiate $command (with "env" (instance $env)) (with "room" (instance $room)) {withs}))
  {front}
  {fill}
  (alias core export $main "_start" (core func $start))
  (core module $entry (import "" "start" (func))
    (func (export "run") (result i32) (call 0) (i32.const 0)))
  (core instance $starts (export "start" (func $start)))
  (core instance $entry (instantiate $entry (with "" (instance $starts))))
  (alias core export $entry "run" (core func $run))
  (func $run (result (result)) (canon lift (core func $run)))
  (component $shape
    (import "run" (func $run (result (result))))
    (export "run" (func $run)))
  (instance $run (instantiate $shape (with "run" (func $run))))
  (export "wasi:cli/run@0.2.3" (instance $run)))
