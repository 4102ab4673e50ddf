;; What files.c imports.
(import "wasi:filesystem/types@0.2.3" (instance $files
  (type $is-time (record (field "seconds" u64) (field "nanoseconds" u32)))
  (export "datetime" (type $time (eq $is-time)))
  (type $is-kind (enum "unknown" "block-device" "character-device" "directory" "fifo"
    "symbolic-link" "regular-file" "socket"))
  (export "descriptor-type" (type $kind (eq $is-kind)))
  (type $is-flags (flags "read" "write" "file-integrity-sync" "data-integrity-sync"
    "requested-write-sync" "mutate-directory"))
  (export "descriptor-flags" (type $flags (eq $is-flags)))
  (type $are-path-flags (flags "symlink-follow"))
  (export "path-flags" (type $path-flags (eq $are-path-flags)))
  (type $are-open-flags (flags "create" "directory" "exclusive" "truncate"))
  (export "open-flags" (type $open-flags (eq $are-open-flags)))
  (type $is-stat (record (field "type" $kind) (field "link-count" u64) (field "size" u64)
    (field "data-access-timestamp" (option $time))
    (field "data-modification-timestamp" (option $time))
    (field "status-change-timestamp" (option $time))))
  (export "descriptor-stat" (type $stat (eq $is-stat)))
  (type $is-entry (record (field "type" $kind) (field "name" string)))
  (export "directory-entry" (type $entry (eq $is-entry)))
  (type $is-error-code (enum
    "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota"
    "exist" "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted"
    "invalid" "io" "is-directory" "loop" "too-many-links" "message-size"
    "name-too-long" "no-device" "no-entry" "no-lock" "insufficient-memory"
    "insufficient-space" "not-directory" "not-empty" "not-recoverable" "unsupported"
    "no-tty" "no-such-device" "overflow" "not-permitted" "pipe" "read-only"
    "invalid-seek" "text-file-busy" "cross-device"))
  (export "error-code" (type $error-code (eq $is-error-code)))
  (export "descriptor" (type $descriptor (sub resource)))
  (export "directory-entry-stream" (type $entries (sub resource)))
  (export "[method]directory-entry-stream.read-directory-entry" (func
    (param "self" (borrow $entries)) (result (result (option $entry) (error $error-code)))))
  (export "[method]descriptor.open-at" (func
    (param "self" (borrow $descriptor)) (param "path-flags" $path-flags) (param "path" string)
    (param "open-flags" $open-flags) (param "flags" $flags)
    (result (result (own $descriptor) (error $error-code)))))
  (export "[method]descriptor.read" (func
    (param "self" (borrow $descriptor)) (param "length" u64) (param "offset" u64)
    (result (result (tuple (list u8) bool) (error $error-code)))))
  (export "[method]descriptor.stat" (func
    (param "self" (borrow $descriptor)) (result (result $stat (error $error-code)))))
  (export "[method]descriptor.read-directory" (func
    (param "self" (borrow $descriptor)) (result (result (own $entries) (error $error-code)))))))
(alias export $files "descriptor" (type $descriptor))
(alias export $files "directory-entry-stream" (type $directory-entry-stream))
(import "wasi:filesystem/preopens@0.2.3" (instance $preopens
  (alias outer 1 $descriptor (type $d))
  (export "descriptor" (type $descriptor (eq $d)))
  (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))))
