;; What `thinker.c` imports: models, beside the standard streams.
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

  (import "wasm-engine:agent/types@0.1.0" (instance $types
    (type $is-fault (record (field "code" string) (field "detail" string)))
    (export "fault" (type $fault (eq $is-fault)))))
  (alias export $types "fault" (type $fault))
  (import "wasm-engine:agent/messaging@0.1.0" (instance $messaging
    (alias outer 1 $fault (type $f))
    (export "fault" (type $fault (eq $f)))
    (export "wait-any" (func (param "requests" (list u64)) (result (result u64 (error $fault)))))))
  (import "wasm-engine:inference/models@0.1.0" (instance $models
    (alias outer 1 $fault (type $f))
    (export "fault" (type $fault (eq $f)))
    (type $is-data (variant (case "float32" (list f32)) (case "float64" (list f64))
      (case "float16" (list u16)) (case "bfloat16" (list u16)) (case "int8" (list s8))
      (case "int16" (list s16)) (case "int32" (list s32)) (case "int64" (list s64))
      (case "uint8" (list u8)) (case "uint16" (list u16)) (case "uint32" (list u32))
      (case "uint64" (list u64)) (case "boolean" (list bool)) (case "text" (list string))))
    (export "data" (type $data (eq $is-data)))
    (type $is-tensor (record (field "name" string) (field "shape" (list u32))
      (field "data" $data)))
    (export "tensor" (type $tensor (eq $is-tensor)))
    (type $is-slot (record (field "name" string) (field "element" string)
      (field "shape" (list (option u32))) (field "optional" bool)))
    (export "slot" (type $slot (eq $is-slot)))
    (type $is-description (record (field "digest" string) (field "portable" bool)
      (field "inputs" (list $slot)) (field "outputs" (list $slot))))
    (export "description" (type $description (eq $is-description)))
    (export "describe" (func (param "model" string)
      (result (result $description (error $fault)))))
    (export "run" (func (param "model" string) (param "inputs" (list $tensor))
      (param "timeout" (option u64)) (result (result (list $tensor) (error $fault)))))
    (export "start" (func (param "model" string) (param "inputs" (list $tensor))
      (param "timeout" (option u64)) (result (result u64 (error $fault)))))
    (export "take" (func (param "number" u64)
      (result (result (list $tensor) (error $fault)))))))
  (import "wasm-engine:inference/embeddings@0.1.0" (instance $embeddings
    (alias outer 1 $fault (type $f))
    (export "fault" (type $fault (eq $f)))
    (export "dimensions" (func (param "model" string) (result (result u32 (error $fault)))))
    (export "embed" (func (param "model" string) (param "texts" (list string))
      (result (result (list f32) (error $fault)))))))

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
