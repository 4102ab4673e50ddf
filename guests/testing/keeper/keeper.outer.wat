;; What `keeper.c` imports of WASI: the standard interfaces alone.
(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $io-error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $io-error (type $e))
    (export "error" (type $error (eq $e)))
    (export "input-stream" (type $input (sub resource)))
    (export "output-stream" (type $output (sub resource)))
    (type $why (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $why)))
    (export "[method]input-stream.blocking-read" (func
      (param "self" (borrow $input)) (param "len" u64)
      (result (result (list u8) (error $stream-error)))))
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

  (import "wasi:keyvalue/store@0.2.0-draft2" (instance $store
    (export "bucket" (type $bucket (sub resource)))
    (type $is-error (variant
      (case "no-such-store") (case "access-denied") (case "other" string)))
    (export "error" (type $error (eq $is-error)))
    (type $is-page (record (field "keys" (list string)) (field "cursor" (option string))))
    (export "key-response" (type $page (eq $is-page)))
    (export "open" (func
      (param "identifier" string) (result (result (own $bucket) (error $error)))))
    (export "[method]bucket.get" (func
      (param "self" (borrow $bucket)) (param "key" string)
      (result (result (option (list u8)) (error $error)))))
    (export "[method]bucket.set" (func
      (param "self" (borrow $bucket)) (param "key" string) (param "value" (list u8))
      (result (result (error $error)))))
    (export "[method]bucket.delete" (func
      (param "self" (borrow $bucket)) (param "key" string) (result (result (error $error)))))
    (export "[method]bucket.exists" (func
      (param "self" (borrow $bucket)) (param "key" string)
      (result (result bool (error $error)))))
    (export "[method]bucket.list-keys" (func
      (param "self" (borrow $bucket)) (param "cursor" (option string))
      (result (result $page (error $error)))))))
  (alias export $store "bucket" (type $bucket))
  (alias export $store "error" (type $store-error))
  (import "wasi:keyvalue/atomics@0.2.0-draft2" (instance $atomics
    (alias outer 1 $bucket (type $b))
    (export "bucket" (type $bucket (eq $b)))
    (alias outer 1 $store-error (type $e))
    (export "error" (type $error (eq $e)))
    (export "cas" (type $cas (sub resource)))
    (type $is-cas-error (variant (case "store-error" $error) (case "cas-failed" (own $cas))))
    (export "cas-error" (type $cas-error (eq $is-cas-error)))
    (export "[static]cas.new" (func
      (param "bucket" (borrow $bucket)) (param "key" string)
      (result (result (own $cas) (error $error)))))
    (export "[method]cas.current" (func
      (param "self" (borrow $cas)) (result (result (option (list u8)) (error $error)))))
    (export "increment" (func
      (param "bucket" (borrow $bucket)) (param "key" string) (param "delta" s64)
      (result (result s64 (error $error)))))
    (export "swap" (func
      (param "cas" (own $cas)) (param "value" (list u8))
      (result (result (error $cas-error)))))))
  (alias export $atomics "cas" (type $cas))
  (import "wasi:keyvalue/batch@0.2.0-draft2" (instance $batch
    (alias outer 1 $bucket (type $b))
    (export "bucket" (type $bucket (eq $b)))
    (alias outer 1 $store-error (type $e))
    (export "error" (type $error (eq $e)))
    (export "get-many" (func
      (param "bucket" (borrow $bucket)) (param "keys" (list string))
      (result (result (list (option (tuple string (list u8)))) (error $error)))))
    (export "set-many" (func
      (param "bucket" (borrow $bucket)) (param "key-values" (list (tuple string (list u8))))
      (result (result (error $error)))))
    (export "delete-many" (func
      (param "bucket" (borrow $bucket)) (param "keys" (list string))
      (result (result (error $error)))))))
  (import "wasi:config/store@0.2.0-draft" (instance $config
    (export "get" (func (param "key" string) (result (option string))))
    (export "get-all" (func (result (list (tuple string string)))))))
  (import "wasi:logging/logging@0.1.0-draft" (instance $logging
    (type $is-level (enum "trace" "debug" "info" "warn" "error" "critical"))
    (export "level" (type $level (eq $is-level)))
    (export "log" (func
      (param "level" $level) (param "context" string) (param "message" string)))))

  {memory}
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (alias core export $memory "cabi_realloc" (core func $realloc))

  {lowered}
  (core module $main (@custom "{marker}" ""))
  (core instance $main (instantiate $main (with "env" (instance $memory)) {withs}))
  (alias core export $main "run" (core func $run))
  (func $run (result (result)) (canon lift (core func $run)))
  (component $shape
    (import "run" (func $run (result (result))))
    (export "run" (func $run)))
  (instance $run (instantiate $shape (with "run" (func $run))))
  (export "wasi:cli/run@0.2.3" (instance $run)))
