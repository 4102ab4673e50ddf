;; A command that asks for a TCP socket: ends well if it is refused in words, not well if it gets one.
(component
  (import "wasi:sockets/network@0.2.0" (instance $network
    (type $code (enum
      "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout"
      "concurrency-conflict" "not-in-progress" "would-block" "invalid-state" "new-socket-limit"
      "address-not-bindable" "address-in-use" "remote-unreachable" "connection-refused"
      "connection-reset" "connection-aborted" "datagram-too-large" "name-unresolvable"
      "temporary-resolver-failure" "permanent-resolver-failure"))
    (export "error-code" (type (eq $code)))
    (type $family (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type (eq $family)))))
  (alias export $network "error-code" (type $error-code))
  (alias export $network "ip-address-family" (type $ip-address-family))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $tcp-socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $create
    (alias outer 1 $error-code (type $code))
    (export "error-code" (type $error-code (eq $code)))
    (alias outer 1 $ip-address-family (type $family))
    (export "ip-address-family" (type $ip-address-family (eq $family)))
    (alias outer 1 $tcp-socket (type $socket))
    (export "tcp-socket" (type $tcp-socket (eq $socket)))
    (export "create-tcp-socket" (func
      (param "address-family" $ip-address-family)
      (result (result (own $tcp-socket) (error $error-code)))))))
  (alias export $create "create-tcp-socket" (func $create-socket))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $memory))
  (core func $create-socket (canon lower (func $create-socket) (memory $memory)))
  (core instance $create (export "create-tcp-socket" (func $create-socket)))
  (core module $main
    (import "env" "memory" (memory 1))
    (import "create" "create-tcp-socket" (func $create (param i32 i32)))
    (func (export "run") (result i32)
      (call $create (i32.const 0) (i32.const 16))
      (i32.eqz (i32.load8_u (i32.const 16)))))
  (core instance $main (instantiate $main
    (with "env" (instance $memory)) (with "create" (instance $create))))
  (alias core export $main "run" (core func $run))
  (func $run (result (result)) (canon lift (core func $run)))
  (component $shape
    (import "run" (func $run (result (result))))
    (export "run" (func $run)))
  (instance $run (instantiate $shape (with "run" (func $run))))
  (export "wasi:cli/run@0.2.0" (instance $run)))
