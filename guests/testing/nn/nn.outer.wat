;; What `nn.c` imports: wasi:nn, beside the standard streams.
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

  (import "wasi:nn/errors@0.2.0-rc-2024-10-28" (instance $errors
    (type $is-code (enum "invalid-argument" "invalid-encoding" "timeout" "runtime-error"
      "unsupported-operation" "too-large" "not-found" "security" "unknown"))
    (export "error-code" (type $code (eq $is-code)))
    (export "error" (type $error (sub resource)))
    (export "[method]error.code" (func (param "self" (borrow $error)) (result $code)))
    (export "[method]error.data" (func (param "self" (borrow $error)) (result string)))))
  (alias export $errors "error" (type $error))
  (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" (instance $tensors
    (type $is-dimensions (list u32))
    (export "tensor-dimensions" (type $dimensions (eq $is-dimensions)))
    (type $is-type (enum "FP16" "FP32" "FP64" "BF16" "U8" "I32" "I64"))
    (export "tensor-type" (type $type (eq $is-type)))
    (type $is-data (list u8))
    (export "tensor-data" (type $data (eq $is-data)))
    (export "tensor" (type $tensor (sub resource)))
    (export "[constructor]tensor" (func (param "dimensions" $dimensions) (param "ty" $type)
      (param "data" $data) (result (own $tensor))))
    (export "[method]tensor.dimensions" (func (param "self" (borrow $tensor))
      (result $dimensions)))
    (export "[method]tensor.ty" (func (param "self" (borrow $tensor)) (result $type)))
    (export "[method]tensor.data" (func (param "self" (borrow $tensor)) (result $data)))))
  (alias export $tensors "tensor" (type $tensor))
  (import "wasi:nn/inference@0.2.0-rc-2024-10-28" (instance $inference
    (alias outer 1 $error (type $e))
    (export "error" (type $error (eq $e)))
    (alias outer 1 $tensor (type $t))
    (export "tensor" (type $tensor (eq $t)))
    (type $is-named (tuple string (own $tensor)))
    (export "named-tensor" (type $named (eq $is-named)))
    (export "graph-execution-context" (type $context (sub resource)))
    (export "[method]graph-execution-context.compute" (func (param "self" (borrow $context))
      (param "inputs" (list $named)) (result (result (list $named) (error (own $error))))))))
  (alias export $inference "graph-execution-context" (type $graph-execution-context))
  (import "wasi:nn/graph@0.2.0-rc-2024-10-28" (instance $graph
    (alias outer 1 $error (type $e))
    (export "error" (type $error (eq $e)))
    (alias outer 1 $tensor (type $t))
    (export "tensor" (type $tensor (eq $t)))
    (alias outer 1 $graph-execution-context (type $c))
    (export "graph-execution-context" (type $context (eq $c)))
    (export "graph" (type $model (sub resource)))
    (type $is-encoding (enum "openvino" "onnx" "tensorflow" "pytorch" "tensorflowlite" "ggml"
      "autodetect"))
    (export "graph-encoding" (type $encoding (eq $is-encoding)))
    (type $is-target (enum "cpu" "gpu" "tpu"))
    (export "execution-target" (type $target (eq $is-target)))
    (type $is-builder (list u8))
    (export "graph-builder" (type $builder (eq $is-builder)))
    (export "[method]graph.init-execution-context" (func (param "self" (borrow $model))
      (result (result (own $context) (error (own $error))))))
    (export "load" (func (param "builder" (list $builder)) (param "encoding" $encoding)
      (param "target" $target) (result (result (own $model) (error (own $error))))))
    (export "load-by-name" (func (param "name" string)
      (result (result (own $model) (error (own $error))))))))
  (alias export $graph "graph" (type $graph))


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
