;; What `desk.c` imports: this engine's own interfaces, beside the standard streams.
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
    (type $is-body (variant (case "text" string) (case "bytes" (list u8))))
    (export "body" (type $body (eq $is-body)))
    (type $is-fault (record (field "code" string) (field "detail" string)))
    (export "fault" (type $fault (eq $is-fault)))))
  (alias export $types "body" (type $body))
  (alias export $types "fault" (type $fault))
  (import "wasm-engine:agent/http@0.1.0" (instance $http
    (alias outer 1 $body (type $b))
    (export "body" (type $body (eq $b)))
    (alias outer 1 $fault (type $f))
    (export "fault" (type $fault (eq $f)))
    (type $is-request (record (field "method" string) (field "url" string)
      (field "headers" (list (tuple string string))) (field "body" (option $body))
      (field "timeout" (option u64))))
    (export "request" (type $request (eq $is-request)))
    (type $is-response (record (field "status" u16)
      (field "headers" (list (tuple string string))) (field "body" $body)))
    (export "response" (type $response (eq $is-response)))
    (export "fetch" (func (param "request" $request) (result (result $response (error $fault)))))))
  (import "wasm-engine:sql/sql@0.1.0" (instance $sql
    (alias outer 1 $fault (type $f))
    (export "fault" (type $fault (eq $f)))
    (export "query" (func
      (param "database" string) (param "statement" string) (param "parameters" string)
      (result (result string (error $fault)))))
    (export "execute" (func
      (param "database" string) (param "statement" string) (param "parameters" string)
      (result (result u64 (error $fault)))))
    (export "batch" (func (param "database" string) (param "statements" string)
      (result (result string (error $fault)))))))
  (import "wasm-engine:human/human@0.1.0" (instance $human
    (alias outer 1 $fault (type $f))
    (export "fault" (type $fault (eq $f)))
    (type $is-options (record (field "choices" (list string)) (field "timeout" (option u64))))
    (export "options" (type $options (eq $is-options)))
    (type $is-decision (record
      (field "approved" bool) (field "comment" string) (field "by" string)))
    (export "decision" (type $decision (eq $is-decision)))
    (export "ask" (func (param "role" string) (param "question" string)
      (param "options" $options) (result (result string (error $fault)))))
    (export "approve" (func (param "role" string) (param "what" string)
      (param "details" string) (param "timeout" (option u64))
      (result (result $decision (error $fault)))))
    (export "start-ask" (func (param "role" string) (param "question" string)
      (param "options" $options) (result (result u64 (error $fault)))))
    (export "take-answer" (func (param "number" u64) (result (result string (error $fault)))))))
  (import "wasm-engine:secrets/secrets@0.1.0" (instance $secrets
    (alias outer 1 $fault (type $f))
    (export "fault" (type $fault (eq $f)))
    (export "reference" (func (param "name" string) (result (result string (error $fault)))))))

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
