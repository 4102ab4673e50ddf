;; What `fetch.c` imports of WASI, in several versions as programs of several tools do.
(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $io-error))
  (import "wasi:io/poll@0.2.3" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
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
      (result (result (error $stream-error)))))
    (export "[method]output-stream.blocking-splice" (func
      (param "self" (borrow $output)) (param "src" (borrow $input)) (param "len" u64)
      (result (result u64 (error $stream-error)))))))
  (alias export $streams "input-stream" (type $input-stream))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:clocks/monotonic-clock@0.2.3" (instance $clock
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $pollable (eq $p)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
  (import "wasi:cli/environment@0.2.3" (instance $environment
    (export "get-arguments" (func (result (list string))))))
  (import "wasi:cli/stdin@0.2.3" (instance $stdin
    (alias outer 1 $input-stream (type $i))
    (export "input-stream" (type $input-stream (eq $i)))
    (export "get-stdin" (func (result (own $input-stream))))))
  (import "wasi:cli/stdout@0.2.3" (instance $stdout
    (alias outer 1 $output-stream (type $o))
    (export "output-stream" (type $output-stream (eq $o)))
    (export "get-stdout" (func (result (own $output-stream))))))

  (import "wasi:http/types@0.2.3" (instance $http
    (alias outer 1 $io-error (type $e))
    (export "io-error" (type $io-error (eq $e)))
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $pollable (eq $p)))
    (alias outer 1 $input-stream (type $i))
    (export "input-stream" (type $input-stream (eq $i)))
    (alias outer 1 $output-stream (type $o))
    (export "output-stream" (type $output-stream (eq $o)))
    (type $is-method (variant (case "get") (case "head") (case "post") (case "put") (case "delete")
      (case "connect") (case "options") (case "trace") (case "patch") (case "other" string)))
    (export "method" (type $method (eq $is-method)))
    (type $is-scheme (variant (case "HTTP") (case "HTTPS") (case "other" string)))
    (export "scheme" (type $scheme (eq $is-scheme)))
    (type $is-dns (record (field "rcode" (option string)) (field "info-code" (option u16))))
    (export "DNS-error-payload" (type $dns (eq $is-dns)))
    (type $is-alert (record
      (field "alert-id" (option u8)) (field "alert-message" (option string))))
    (export "TLS-alert-received-payload" (type $alert (eq $is-alert)))
    (type $is-size (record (field "field-name" (option string)) (field "field-size" (option u32))))
    (export "field-size-payload" (type $size (eq $is-size)))
    (type $is-code (variant
      (case "DNS-timeout") (case "DNS-error" $dns) (case "destination-not-found")
      (case "destination-unavailable") (case "destination-IP-prohibited")
      (case "destination-IP-unroutable") (case "connection-refused")
      (case "connection-terminated") (case "connection-timeout") (case "connection-read-timeout")
      (case "connection-write-timeout") (case "connection-limit-reached")
      (case "TLS-protocol-error") (case "TLS-certificate-error") (case "TLS-alert-received" $alert)
      (case "HTTP-request-denied") (case "HTTP-request-length-required")
      (case "HTTP-request-body-size" (option u64)) (case "HTTP-request-method-invalid")
      (case "HTTP-request-URI-invalid") (case "HTTP-request-URI-too-long")
      (case "HTTP-request-header-section-size" (option u32))
      (case "HTTP-request-header-size" (option $size))
      (case "HTTP-request-trailer-section-size" (option u32))
      (case "HTTP-request-trailer-size" $size) (case "HTTP-response-incomplete")
      (case "HTTP-response-header-section-size" (option u32))
      (case "HTTP-response-header-size" $size) (case "HTTP-response-body-size" (option u64))
      (case "HTTP-response-trailer-section-size" (option u32))
      (case "HTTP-response-trailer-size" $size)
      (case "HTTP-response-transfer-coding" (option string))
      (case "HTTP-response-content-coding" (option string)) (case "HTTP-response-timeout")
      (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")
      (case "configuration-error") (case "internal-error" (option string))))
    (export "error-code" (type $code (eq $is-code)))
    (type $is-header-error (variant (case "invalid-syntax") (case "forbidden") (case "immutable")))
    (export "header-error" (type $header-error (eq $is-header-error)))
    (export "fields" (type $fields (sub resource)))
    (export "outgoing-request" (type $request (sub resource)))
    (export "outgoing-body" (type $outgoing-body (sub resource)))
    (export "request-options" (type $options (sub resource)))
    (export "future-incoming-response" (type $future (sub resource)))
    (export "incoming-response" (type $response (sub resource)))
    (export "incoming-body" (type $incoming-body (sub resource)))
    (export "future-trailers" (type $trailers (sub resource)))
    (export "http-error-code" (func
      (param "err" (borrow $io-error)) (result (option $code))))
    (export "[static]fields.from-list" (func
      (param "entries" (list (tuple string (list u8))))
      (result (result (own $fields) (error $header-error)))))
    (export "[method]fields.entries" (func
      (param "self" (borrow $fields)) (result (list (tuple string (list u8))))))
    (export "[constructor]outgoing-request" (func
      (param "headers" (own $fields)) (result (own $request))))
    (export "[method]outgoing-request.body" (func
      (param "self" (borrow $request)) (result (result (own $outgoing-body)))))
    (export "[method]outgoing-request.set-method" (func
      (param "self" (borrow $request)) (param "method" $method) (result (result))))
    (export "[method]outgoing-request.set-path-with-query" (func
      (param "self" (borrow $request)) (param "path-with-query" (option string))
      (result (result))))
    (export "[method]outgoing-request.set-scheme" (func
      (param "self" (borrow $request)) (param "scheme" (option $scheme)) (result (result))))
    (export "[method]outgoing-request.set-authority" (func
      (param "self" (borrow $request)) (param "authority" (option string)) (result (result))))
    (export "[method]outgoing-body.write" (func
      (param "self" (borrow $outgoing-body)) (result (result (own $output-stream)))))
    (export "[static]outgoing-body.finish" (func
      (param "this" (own $outgoing-body)) (param "trailers" (option (own $fields)))
      (result (result (error $code)))))
    (export "[constructor]request-options" (func (result (own $options))))
    (export "[method]request-options.set-first-byte-timeout" (func
      (param "self" (borrow $options)) (param "duration" (option u64)) (result (result))))
    (export "[method]future-incoming-response.subscribe" (func
      (param "self" (borrow $future)) (result (own $pollable))))
    (export "[method]future-incoming-response.get" (func
      (param "self" (borrow $future))
      (result (option (result (result (own $response) (error $code)))))))
    (export "[method]incoming-response.status" (func
      (param "self" (borrow $response)) (result u16)))
    (export "[method]incoming-response.headers" (func
      (param "self" (borrow $response)) (result (own $fields))))
    (export "[method]incoming-response.consume" (func
      (param "self" (borrow $response)) (result (result (own $incoming-body)))))
    (export "[method]incoming-body.stream" (func
      (param "self" (borrow $incoming-body)) (result (result (own $input-stream)))))
    (export "[static]incoming-body.finish" (func
      (param "this" (own $incoming-body)) (result (own $trailers))))
    (export "[method]future-trailers.get" (func
      (param "self" (borrow $trailers))
      (result (option (result (result (option (own $fields)) (error $code)))))))))
  (alias export $http "error-code" (type $error-code))
  (alias export $http "fields" (type $fields))
  (alias export $http "outgoing-request" (type $outgoing-request))
  (alias export $http "outgoing-body" (type $outgoing-body))
  (alias export $http "request-options" (type $request-options))
  (alias export $http "future-incoming-response" (type $future-incoming-response))
  (alias export $http "incoming-response" (type $incoming-response))
  (alias export $http "incoming-body" (type $incoming-body))
  (alias export $http "future-trailers" (type $future-trailers))
  (import "wasi:http/outgoing-handler@0.2.3" (instance $handler
    (alias outer 1 $outgoing-request (type $r))
    (export "outgoing-request" (type $request (eq $r)))
    (alias outer 1 $request-options (type $o))
    (export "request-options" (type $options (eq $o)))
    (alias outer 1 $future-incoming-response (type $f))
    (export "future-incoming-response" (type $future (eq $f)))
    (alias outer 1 $error-code (type $c))
    (export "error-code" (type $code (eq $c)))
    (export "handle" (func
      (param "request" (own $request)) (param "options" (option (own $options)))
      (result (result (own $future) (error $code)))))))

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
