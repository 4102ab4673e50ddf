;; What stands between QuickJS and the component around it. Everything in braces is written by the
;; builder (toolchain/javascript): what it knows of the WIT and of the scripts.
;;
;; QuickJS calls a few functions by name ("host_call"), each for one thing that scripts cannot do by
;; themselves; what is passed to functions of WIT, and comes back, is laid out by `marshal.js` in the
;; block: places of 8 bytes for parameters, from 512 on what lies in memory, at 1000 a number
;; and at 1008 a time of our own.
(module
  (import "quickjs" "memory" (memory 1))
  (import "quickjs" "malloc" (func $malloc (param i32) (result i32)))
  (import "quickjs" "free" (func $free (param i32)))
  (import "quickjs" "strlen" (func $strlen (param i32) (result i32)))
  (import "quickjs" "_initialize" (func $initialize))
  (import "quickjs" "qjs_init" (func $qjs_init (result i32)))
  (import "quickjs" "qjs_get_context_ptr" (func $context (result i32)))
  (import "quickjs" "qjs_get_runtime_ptr" (func $runtime (result i32)))
  (import "quickjs" "qjs_set_max_stack_size" (func $set_stack (param i32)))
  (import "quickjs" "qjs_set_module_loader" (func $set_loader (param i32)))
  (import "quickjs" "qjs_set_promise_rejection_handler" (func $set_rejections (param i32)))
  (import "quickjs" "qjs_new_host_function" (func $new_function (param i32 i32 i32) (result i32)))
  (import "quickjs" "qjs_free_value" (func $free_boxed (param i32)))
  (import "quickjs" "qjs_is_job_pending" (func $is_job_pending (result i32)))
  (import "quickjs" "qjs_execute_pending_job" (func $execute_job (result i32)))
  (import "quickjs" "JS_Eval" (func $eval (param i32 i32 i32 i32 i32) (result i64)))
  (import "quickjs" "JS_Call" (func $js_call (param i32 i64 i64 i32 i32) (result i64)))
  (import "quickjs" "JS_GetPropertyUint32" (func $element (param i32 i64 i32) (result i64)))
  (import "quickjs" "JS_ToInt32" (func $to_number (param i32 i32 i64) (result i32)))
  (import "quickjs" "JS_FreeValue" (func $free_value (param i32 i64)))
  (import "quickjs" "JS_NewStringLen" (func $new_string (param i32 i32 i32) (result i64)))
  (import "quickjs" "JS_ToCStringLen2" (func $to_utf8 (param i32 i32 i64 i32) (result i32)))
  (import "quickjs" "JS_FreeCString" (func $free_utf8 (param i32 i32)))
  (import "quickjs" "JS_GetUint8Array" (func $bytes_of (param i32 i32 i64) (result i32)))
  (import "quickjs" "JS_NewUint8ArrayCopy" (func $new_bytes (param i32 i32 i32) (result i64)))
  (import "quickjs" "JS_NewArrayBuffer" (func $new_view (param i32 i32 i32 i32 i32 i32 i32) (result i64)))
{imports}
  (import "shim" "table" (table $shim {shims} funcref))
  (elem (table $shim) (i32.const 0) func
    $timezone_offset $interrupt $promise_rejection $module_normalize $module_load $host_call
    $clock_time_get $fd_close $fd_fdstat_get $fd_seek $fd_write $random_get)

  ;; Kinds of values, in their upper half; the lower half of a whole number or a truth is itself.
  (global $null i64 (i64.const 0x200000000))
  (global $undefined i64 (i64.const 0x300000000))
  (global $exception i64 (i64.const 0x600000000))
  ;; What scripts may nest, in bytes of the stack in memory: less than there is.
  (global $stack_size i32 (i32.const {stack}))
  ;; What is set aside in the beginning: an instance whose memory grew later is not used again.
  (global $room i32 (i32.const {room}))

  (global $ctx (mut i32) (i32.const 0))
  (global $block (mut i32) (i32.const 0))
  ;; What is said where there is no memory for anything else: codes of faults, and a detail.
  (global $last_words (mut i32) (i32.const 0))
  ;; What `boot.js` answers: functions of JavaScript.
  (global $js_begin (mut i64) (i64.const 0))
  (global $js_init (mut i64) (i64.const 0))
  (global $js_handle (mut i64) (i64.const 0))
  (global $js_run (mut i64) (i64.const 0))
  (global $js_normalize (mut i64) (i64.const 0))
  (global $js_load (mut i64) (i64.const 0))
  (global $js_rejected (mut i64) (i64.const 0))

  ;; The scripts: what is evaluated first, its name, the directory, and the modules one after another.
  (data $scripts "{scripts}")

{functions}
  (table $host funcref (elem {table}))
  (type $plain (func))

  (func $allocate (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (call $malloc (local.get $size)))
    (if (i32.eqz (local.get $at)) (then (unreachable)))
    (local.get $at))

  (func $script (param $offset i32) (param $size i32) (result i32)
    (local $at i32)
    ;; QuickJS wants a zero at the end.
    (local.set $at (call $allocate (i32.add (local.get $size) (i32.const 1))))
    (memory.init $scripts (local.get $at) (local.get $offset) (local.get $size))
    (i32.store8 (i32.add (local.get $at) (local.get $size)) (i32.const 0))
    (local.get $at))

  (func $is_exception (param $value i64) (result i32)
    (i64.eq (i64.shr_u (local.get $value) (i64.const 32)) (i64.const 6)))

  ;; A value where QuickJS's own interface layer wants it: in memory.
  (func $boxed (param $value i64) (result i32)
    (local $at i32)
    (if (call $is_exception (local.get $value)) (then (return (i32.const 0))))
    (local.set $at (call $allocate (i32.const 8)))
    (i64.store (local.get $at) (local.get $value))
    (local.get $at))

  ;; Arguments of a function of ours.
  (func $value (param $arguments i32) (param $index i32) (result i64)
    (i64.load (i32.load (i32.add (local.get $arguments) (i32.shl (local.get $index) (i32.const 2))))))
  (func $number (param $arguments i32) (param $index i32) (result i32)
    (if (call $to_number (global.get $ctx) (i32.add (global.get $block) (i32.const 1000))
          (call $value (local.get $arguments) (local.get $index)))
      (then (unreachable)))
    (i32.load offset=1000 (global.get $block)))

  ;; The name of each is one letter.
  (func $host_call (param $name i32) (param $size i32) (param $this i32) (param $count i32)
      (param $arguments i32) (result i32)
    (local $letter i32) (local $at i32) (local $length i32) (local $result i64)
    (local.set $letter (i32.load8_u (local.get $name)))
    (local.set $result (global.get $undefined))
    ;; i(n): calls the n-th function of the host
    (if (i32.eq (local.get $letter) (i32.const 0x69)) (then
      (call_indirect $host (type $plain) (call $number (local.get $arguments) (i32.const 0)))
      (return (call $boxed (local.get $result)))))
    ;; t(at, size): text out of UTF-8
    (if (i32.eq (local.get $letter) (i32.const 0x74)) (then
      (return (call $boxed (call $new_string (global.get $ctx)
        (call $number (local.get $arguments) (i32.const 0))
        (call $number (local.get $arguments) (i32.const 1)))))))
    ;; b(at, size): a copy of bytes
    (if (i32.eq (local.get $letter) (i32.const 0x62)) (then
      (return (call $boxed (call $new_bytes (global.get $ctx)
        (call $number (local.get $arguments) (i32.const 0))
        (call $number (local.get $arguments) (i32.const 1)))))))
    ;; v(at, size): the bytes themselves
    (if (i32.eq (local.get $letter) (i32.const 0x76)) (then
      (return (call $boxed (call $new_view (global.get $ctx)
        (call $number (local.get $arguments) (i32.const 0))
        (call $number (local.get $arguments) (i32.const 1))
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))))
    ;; s(text, place of the address, place of the size): UTF-8 out of text, to be freed by x; its address
    ;; y(bytes, the same): where the bytes of an array lie
    (if (i32.or (i32.eq (local.get $letter) (i32.const 0x73)) (i32.eq (local.get $letter) (i32.const 0x79))) (then
      (local.set $length (call $number (local.get $arguments) (i32.const 2)))
      (local.set $result (call $value (local.get $arguments) (i32.const 0)))
      (local.set $at
        (if (result i32) (i32.eq (local.get $letter) (i32.const 0x73))
          (then (call $to_utf8 (global.get $ctx) (local.get $length) (local.get $result) (i32.const 0)))
          (else (call $bytes_of (global.get $ctx) (local.get $length) (local.get $result)))))
      ;; Nothing at all is nowhere.
      (if (i32.eqz (local.get $at)) (then
        (if (i32.or (i32.eq (local.get $letter) (i32.const 0x73)) (i32.load (local.get $length)))
          (then (return (i32.const 0))))))
      (i32.store (call $number (local.get $arguments) (i32.const 1)) (local.get $at))
      (return (call $boxed (i64.extend_i32_u (local.get $at))))))
    ;; x(at): frees UTF-8
    (if (i32.eq (local.get $letter) (i32.const 0x78)) (then
      (call $free_utf8 (global.get $ctx) (call $number (local.get $arguments) (i32.const 0)))
      (return (call $boxed (local.get $result)))))
    ;; m(size), f(at): allocates, frees
    (if (i32.eq (local.get $letter) (i32.const 0x6d)) (then
      (return (call $boxed (i64.extend_i32_u
        (call $allocate (call $number (local.get $arguments) (i32.const 0))))))))
    (if (i32.eq (local.get $letter) (i32.const 0x66)) (then
      (call $free (call $number (local.get $arguments) (i32.const 0)))
      (return (call $boxed (local.get $result)))))
    ;; j(): does what a promise left to do, one piece of it; whether there was one
    (if (i32.eq (local.get $letter) (i32.const 0x6a)) (then
      (if (i32.eqz (call $is_job_pending)) (then (return (call $boxed (i64.const 0)))))
      (if (i32.lt_s (call $execute_job) (i32.const 0)) (then (return (i32.const 0))))
      (return (call $boxed (i64.const 1)))))
    ;; d(offset, size): the text of a script
    (if (i32.eq (local.get $letter) (i32.const 0x64)) (then
      (local.set $length (call $number (local.get $arguments) (i32.const 1)))
      (local.set $at (call $script (call $number (local.get $arguments) (i32.const 0)) (local.get $length)))
      (local.set $result (call $new_string (global.get $ctx) (local.get $at) (local.get $length)))
      (call $free (local.get $at))
      (return (call $boxed (local.get $result)))))
    ;; e(text, name): a script evaluated; a promise of what it came to, in `value`
    (if (i32.eq (local.get $letter) (i32.const 0x65)) (then
      (return (call $boxed (call $evaluated
        (call $value (local.get $arguments) (i32.const 0))
        (call $value (local.get $arguments) (i32.const 1)))))))
    (unreachable))

  ;; What does not compile is an exception; what it throws is the promise's.
  (func $evaluated (param $text i64) (param $name i64) (result i64)
    (local $at i32) (local $size i32) (local $called i32) (local $found i64)
    (local.set $size (i32.add (global.get $block) (i32.const 480)))
    (local.set $called (call $to_utf8 (global.get $ctx) (local.get $size) (local.get $name) (i32.const 0)))
    (if (i32.eqz (local.get $called)) (then (return (global.get $exception))))
    (local.set $at (call $to_utf8 (global.get $ctx) (local.get $size) (local.get $text) (i32.const 0)))
    (if (i32.eqz (local.get $at)) (then (return (global.get $exception))))
    ;; 128: `await` may stand outside of functions.
    (local.set $found (call $eval (global.get $ctx) (local.get $at) (i32.load (local.get $size))
      (local.get $called) (i32.const 128)))
    (call $free_utf8 (global.get $ctx) (local.get $at))
    (call $free_utf8 (global.get $ctx) (local.get $called))
    (local.get $found))

  ;; A text of JavaScript as the module loader wants it; 0 where there was an exception instead.
  (func $copied (param $text i64) (param $size_to i32) (result i32)
    (local $from i32) (local $size i32) (local $to i32)
    (if (call $is_exception (local.get $text)) (then (return (i32.const 0))))
    (local.set $from (call $to_utf8 (global.get $ctx) (local.get $size_to) (local.get $text) (i32.const 0)))
    (if (i32.eqz (local.get $from)) (then (return (i32.const 0))))
    (local.set $size (i32.load (local.get $size_to)))
    (local.set $to (call $allocate (i32.add (local.get $size) (i32.const 1))))
    (memory.copy (local.get $to) (local.get $from) (i32.add (local.get $size) (i32.const 1)))
    (call $free_utf8 (global.get $ctx) (local.get $from))
    (call $free_value (global.get $ctx) (local.get $text))
    (local.get $to))

  (func $from_c (param $text i32) (result i64)
    (call $new_string (global.get $ctx) (local.get $text) (call $strlen (local.get $text))))

  (func $module_normalize (param $base i32) (param $name i32) (result i32)
    (local $arguments i32) (local $found i64)
    (local.set $arguments (call $allocate (i32.const 16)))
    (i64.store (local.get $arguments) (call $from_c (local.get $base)))
    (i64.store offset=8 (local.get $arguments) (call $from_c (local.get $name)))
    (local.set $found (call $js_call (global.get $ctx) (global.get $js_normalize) (global.get $undefined)
      (i32.const 2) (local.get $arguments)))
    (call $free_value (global.get $ctx) (i64.load (local.get $arguments)))
    (call $free_value (global.get $ctx) (i64.load offset=8 (local.get $arguments)))
    (call $copied (local.get $found) (local.get $arguments))
    (call $free (local.get $arguments)))

  (func $module_load (param $name i32) (param $size_to i32) (result i32)
    (local $arguments i32) (local $found i64)
    (local.set $arguments (call $allocate (i32.const 8)))
    (i64.store (local.get $arguments) (call $from_c (local.get $name)))
    (local.set $found (call $js_call (global.get $ctx) (global.get $js_load) (global.get $undefined)
      (i32.const 1) (local.get $arguments)))
    (call $free_value (global.get $ctx) (i64.load (local.get $arguments)))
    (call $free (local.get $arguments))
    (call $copied (local.get $found) (local.get $size_to)))

  (func $promise_rejection (param $promise i32) (param $reason i32) (param $handled i32)
    (local $arguments i32)
    (local.set $arguments (call $allocate (i32.const 24)))
    (i64.store (local.get $arguments) (i64.load (local.get $promise)))
    (i64.store offset=8 (local.get $arguments) (i64.load (local.get $reason)))
    (i64.store offset=16 (local.get $arguments) (i64.extend_i32_u (local.get $handled)))
    (call $free_value (global.get $ctx) (call $js_call (global.get $ctx) (global.get $js_rejected)
      (global.get $undefined) (i32.const 3) (local.get $arguments)))
    (call $free (local.get $arguments))
    (call $free_boxed (local.get $promise))
    (call $free_boxed (local.get $reason)))

  ;; Agents live in UTC.
  (func $timezone_offset (param i32 i32) (result i32) (i32.const 0))
  ;; Fuel interrupts, and nothing else.
  (func $interrupt (result i32) (i32.const 0))

  ;; World time; 1 is the clock that only goes forward.
  (func $clock_time_get (param $clock i32) (param $precision i64) (param $to i32) (result i32)
    (if (i32.eq (local.get $clock) (i32.const 1))
      (then (i64.store (local.get $to) (call {monotonic_now})))
      (else
        (call {wall_now} (i32.add (global.get $block) (i32.const 1008)))
        (i64.store (local.get $to) (i64.add
          (i64.mul (i64.load offset=1008 (global.get $block)) (i64.const 1000000000))
          (i64.load32_u offset=1016 (global.get $block))))))
    (i32.const 0))

  ;; There are no files beneath QuickJS itself, and nothing is random: 8 is a bad descriptor.
  (func $fd_close (param i32) (result i32) (i32.const 8))
  (func $fd_fdstat_get (param i32 i32) (result i32) (i32.const 8))
  (func $fd_seek (param i32 i64 i32 i32) (result i32) (i32.const 8))
  (func $fd_write (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (func $random_get (param $at i32) (param $size i32) (result i32)
    (memory.fill (local.get $at) (i32.const 0) (local.get $size))
    (i32.const 0))

  ;; `boot.js`: called with the functions above and the directory, it answers functions for us.
  (func $boot
    (local $letters i32) (local $letter i32) (local $arguments i32) (local $code i32) (local $name i32)
    (local $booted i64) (local $found i64) (local $index i32)
    (local.set $letters (call $script (i32.const {letters_at}) (i32.const {letters})))
    (local.set $arguments (call $allocate (i32.const {arguments})))
    (loop $next
      (local.set $letter (call $new_function
        (i32.add (local.get $letters) (local.get $index)) (i32.const 1) (i32.const 0)))
      (i64.store
        (i32.add (local.get $arguments) (i32.shl (local.get $index) (i32.const 3)))
        (i64.load (local.get $letter)))
      (call $free (local.get $letter))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $index) (i32.const {letters}))))
    (i64.store offset={block_argument} (local.get $arguments) (i64.extend_i32_u (global.get $block)))
    (local.set $code (call $script (i32.const {directory_at}) (i32.const {directory})))
    (i64.store offset={directory_argument} (local.get $arguments)
      (call $new_string (global.get $ctx) (local.get $code) (i32.const {directory})))
    (local.set $code (call $script (i32.const {boot_at}) (i32.const {boot})))
    (local.set $name (call $script (i32.const {name_at}) (i32.const {name})))
    (local.set $booted (call $eval (global.get $ctx) (local.get $code) (i32.const {boot})
      (local.get $name) (i32.const 0)))
    (if (call $is_exception (local.get $booted)) (then (unreachable)))
    (local.set $found (call $js_call (global.get $ctx) (local.get $booted) (global.get $undefined)
      (i32.const {count}) (local.get $arguments)))
    (if (call $is_exception (local.get $found)) (then (unreachable)))
    (global.set $js_begin (call $element (global.get $ctx) (local.get $found) (i32.const 0)))
    (global.set $js_init (call $element (global.get $ctx) (local.get $found) (i32.const 1)))
    (global.set $js_handle (call $element (global.get $ctx) (local.get $found) (i32.const 2)))
    (global.set $js_run (call $element (global.get $ctx) (local.get $found) (i32.const 3)))
    (global.set $js_normalize (call $element (global.get $ctx) (local.get $found) (i32.const 4)))
    (global.set $js_load (call $element (global.get $ctx) (local.get $found) (i32.const 5)))
    (global.set $js_rejected (call $element (global.get $ctx) (local.get $found) (i32.const 6)))
    (call $free (local.get $code))
    (call $free (local.get $name))
    (call $free (local.get $letters))
    (call $free (local.get $arguments)))

  ;; What it answers, a result of WIT, lies in the block, from 512 on. The code of the fault is for
  ;; where there is no memory: its offset in the last words, and its size.
  (func $enter (param $function i64) (param $code i32) (param $size i32) (result i32)
    (local $found i64)
    (local.set $found (call $js_call (global.get $ctx) (local.get $function) (global.get $undefined)
      (i32.const 0) (i32.const 0)))
    ;; What no script can catch is that there is no memory. Nothing that takes some is done here.
    (if (call $is_exception (local.get $found)) (then
      (i32.store8 offset=512 (global.get $block) (i32.const 1))
      (i32.store offset=516 (global.get $block) (i32.add (global.get $last_words) (local.get $code)))
      (i32.store offset=520 (global.get $block) (local.get $size))
      (i32.store offset=524 (global.get $block)
        (i32.add (global.get $last_words) (i32.const {codes})))
      (i32.store offset=528 (global.get $block) (i32.const {detail}))))
    (i32.add (global.get $block) (i32.const 512)))

  ;; All that is the same for every agent, and for all code that is submitted: done as the instance is
  ;; made, so that its image has it.
  (func $begin
    (call $initialize)
    (call $free (call $allocate (global.get $room)))
    (global.set $block (call $allocate (i32.const 1024)))
    (if (call $qjs_init) (then (unreachable)))
    (global.set $ctx (call $context))
    (call $set_stack (global.get $stack_size))
    (global.set $last_words
      (call $script (i32.const {words_at}) (i32.const {words})))
    (call $boot)
    (call $set_loader (i32.const 1))
    (call $set_rejections (i32.const 1))
    (if (call $is_exception (call $js_call (global.get $ctx) (global.get $js_begin)
          (global.get $undefined) (i32.const 0) (i32.const 0)))
      (then (unreachable))))
  (start $begin)

  (func (export "init") (result i32)
    (call $enter (global.get $js_init) (i32.const 0) (i32.const {error})))

  (func (export "handle") {handle_parameters} (result i32)
    (local $block i32)
    (local.set $block (global.get $block))
{handle_stores}
    (call $enter (global.get $js_handle) (i32.const 0) (i32.const {error})))

  (func (export "run") {run_parameters} (result i32)
    (local $block i32)
    (local.set $block (global.get $block))
{run_stores}
    (call $enter (global.get $js_run) (i32.const {error}) (i32.const {raised})))
)
