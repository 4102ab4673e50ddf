;; What `blobs.c` imports of WASI: the standard interfaces alone.
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

  (import "wasi:blobstore/types@0.2.0-draft" (instance $types
    (alias outer 1 $input-stream (type $i))
    (export "input-stream" (type $input-stream (eq $i)))
    (alias outer 1 $output-stream (type $o))
    (export "output-stream" (type $output-stream (eq $o)))
    (type $is-about (record (field "name" string) (field "created-at" u64)))
    (export "container-metadata" (type $about (eq $is-about)))
    (type $is-object (record
      (field "name" string) (field "container" string)
      (field "created-at" u64) (field "size" u64)))
    (export "object-metadata" (type $object (eq $is-object)))
    (type $is-id (record (field "container" string) (field "object" string)))
    (export "object-id" (type $id (eq $is-id)))
    (export "outgoing-value" (type $outgoing (sub resource)))
    (export "incoming-value" (type $incoming (sub resource)))
    (export "[static]outgoing-value.new-outgoing-value" (func (result (own $outgoing))))
    (export "[method]outgoing-value.outgoing-value-write-body" (func
      (param "self" (borrow $outgoing)) (result (result (own $output-stream)))))
    (export "[static]outgoing-value.finish" (func
      (param "this" (own $outgoing)) (result (result (error string)))))
    (export "[static]incoming-value.incoming-value-consume-sync" (func
      (param "this" (own $incoming)) (result (result (list u8) (error string)))))
    (export "[static]incoming-value.incoming-value-consume-async" (func
      (param "this" (own $incoming)) (result (result (own $input-stream) (error string)))))
    (export "[method]incoming-value.size" (func (param "self" (borrow $incoming)) (result u64)))))
  (alias export $types "outgoing-value" (type $outgoing-value))
  (alias export $types "incoming-value" (type $incoming-value))
  (alias export $types "container-metadata" (type $container-metadata))
  (alias export $types "object-metadata" (type $object-metadata))
  (alias export $types "object-id" (type $object-id))
  (import "wasi:blobstore/container@0.2.0-draft" (instance $containers
    (alias outer 1 $container-metadata (type $a))
    (export "container-metadata" (type $about (eq $a)))
    (alias outer 1 $object-metadata (type $m))
    (export "object-metadata" (type $object (eq $m)))
    (alias outer 1 $incoming-value (type $i))
    (export "incoming-value" (type $incoming (eq $i)))
    (alias outer 1 $outgoing-value (type $o))
    (export "outgoing-value" (type $outgoing (eq $o)))
    (export "container" (type $container (sub resource)))
    (export "stream-object-names" (type $names (sub resource)))
    (export "[method]container.name" (func
      (param "self" (borrow $container)) (result (result string (error string)))))
    (export "[method]container.info" (func
      (param "self" (borrow $container)) (result (result $about (error string)))))
    (export "[method]container.get-data" (func
      (param "self" (borrow $container)) (param "name" string) (param "start" u64)
      (param "end" u64) (result (result (own $incoming) (error string)))))
    (export "[method]container.write-data" (func
      (param "self" (borrow $container)) (param "name" string) (param "data" (borrow $outgoing))
      (result (result (error string)))))
    (export "[method]container.list-objects" (func
      (param "self" (borrow $container)) (result (result (own $names) (error string)))))
    (export "[method]container.delete-object" (func
      (param "self" (borrow $container)) (param "name" string) (result (result (error string)))))
    (export "[method]container.delete-objects" (func
      (param "self" (borrow $container)) (param "names" (list string))
      (result (result (error string)))))
    (export "[method]container.has-object" (func
      (param "self" (borrow $container)) (param "name" string)
      (result (result bool (error string)))))
    (export "[method]container.object-info" (func
      (param "self" (borrow $container)) (param "name" string)
      (result (result $object (error string)))))
    (export "[method]container.clear" (func
      (param "self" (borrow $container)) (result (result (error string)))))
    (export "[method]stream-object-names.read-stream-object-names" (func
      (param "self" (borrow $names)) (param "len" u64)
      (result (result (tuple (list string) bool) (error string)))))
    (export "[method]stream-object-names.skip-stream-object-names" (func
      (param "self" (borrow $names)) (param "num" u64)
      (result (result (tuple u64 bool) (error string)))))))
  (alias export $containers "container" (type $container))
  (alias export $containers "stream-object-names" (type $stream-object-names))
  (import "wasi:blobstore/blobstore@0.2.0-draft" (instance $blobstore
    (alias outer 1 $container (type $c))
    (export "container" (type $container (eq $c)))
    (alias outer 1 $object-id (type $i))
    (export "object-id" (type $id (eq $i)))
    (export "create-container" (func
      (param "name" string) (result (result (own $container) (error string)))))
    (export "get-container" (func
      (param "name" string) (result (result (own $container) (error string)))))
    (export "delete-container" (func (param "name" string) (result (result (error string)))))
    (export "container-exists" (func (param "name" string) (result (result bool (error string)))))
    (export "copy-object" (func
      (param "src" $id) (param "dest" $id) (result (result (error string)))))
    (export "move-object" (func
      (param "src" $id) (param "dest" $id) (result (result (error string)))))))

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
