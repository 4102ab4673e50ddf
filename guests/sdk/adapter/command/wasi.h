/* What the adapter asks of the host: WASI 0.2 by the canonical ABI, and room in the program's memory. */
#ifndef WASM_ENGINE_COMMAND_WASI_H
#define WASM_ENGINE_COMMAND_WASI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct { char *ptr; uint32_t size; } text_t;
typedef struct { text_t *ptr; uint32_t count; } texts_t;
typedef struct { text_t name, value; } pair_t;
typedef struct { pair_t *ptr; uint32_t count; } pairs_t;
typedef struct { uint32_t *ptr; uint32_t count; } numbers_t;
typedef struct { uint32_t descriptor; text_t name; } preopen_t;
typedef struct { preopen_t *ptr; uint32_t count; } preopens_t;
typedef struct { uint64_t seconds; uint32_t nanoseconds; } datetime_t;

typedef struct { uint8_t failed, code; } done_t;
typedef struct { uint8_t failed; union { uint32_t value; uint8_t code; }; } handle_t;
typedef struct { uint8_t failed; union { uint64_t value; uint8_t code; }; } size_result_t;
typedef struct { uint8_t failed; union { text_t value; uint8_t code; }; } text_result_t;
typedef struct { uint8_t failed; union { struct { text_t bytes; bool end; }; uint8_t code; }; } read_t;
typedef struct { uint8_t some; datetime_t value; } moment_t;
typedef struct { uint8_t type; uint64_t links, size; moment_t read, changed, status; } stat_t;
typedef struct { uint8_t failed; union { stat_t value; uint8_t code; }; } stat_result_t;
typedef struct { uint8_t failed; union { struct { uint64_t lower, upper; }; uint8_t code; }; } hash_t;
typedef struct {
  uint8_t failed;
  union { struct { uint8_t some, pad[3]; uint8_t type; text_t name; }; uint8_t code; };
} entry_t;
/* `closed` is 1, the other case has an error to drop. */
typedef struct { uint8_t failed; union { text_t value; struct { uint8_t closed; uint32_t error; }; }; } stream_t;
_Static_assert(sizeof(stat_t) == 96 && sizeof(stat_result_t) == 104, "layout");
_Static_assert(sizeof(read_t) == 16 && sizeof(entry_t) == 20 && sizeof(stream_t) == 12, "layout");
_Static_assert(sizeof(hash_t) == 24 && sizeof(size_result_t) == 16 && sizeof(done_t) == 2, "layout");

#define FROM(module, name) __attribute__((import_module(module), import_name(name)))
#define ROOM(name) FROM("room", name)
ROOM("state") void *room_state(void);
ROOM("cabi_realloc") void *room_again(void *old, uint32_t old_size, uint32_t align, uint32_t size);

#define CLI(face, name) FROM("wasi:cli/" face "@0.2.3", name)
CLI("environment", "get-environment") void environment(pairs_t *out);
CLI("environment", "get-arguments") void arguments(texts_t *out);
CLI("exit", "exit-with-code") void exit_with(uint32_t code);
CLI("stdin", "get-stdin") uint32_t get_stdin(void);
CLI("stdout", "get-stdout") uint32_t get_stdout(void);
CLI("stderr", "get-stderr") uint32_t get_stderr(void);
FROM("wasi:clocks/wall-clock@0.2.3", "now") void wall_now(datetime_t *out);
FROM("wasi:clocks/wall-clock@0.2.3", "resolution") void wall_resolution(datetime_t *out);
FROM("wasi:clocks/monotonic-clock@0.2.3", "now") uint64_t monotonic_now(void);
FROM("wasi:clocks/monotonic-clock@0.2.3", "resolution") uint64_t monotonic_resolution(void);
FROM("wasi:clocks/monotonic-clock@0.2.3", "subscribe-instant") uint32_t at_instant(uint64_t when);
FROM("wasi:clocks/monotonic-clock@0.2.3", "subscribe-duration") uint32_t after(uint64_t span);
FROM("wasi:random/random@0.2.3", "get-random-bytes") void random_bytes(uint64_t size, text_t *out);
FROM("wasi:io/poll@0.2.3", "poll") void poll(const uint32_t *in, uint32_t count, numbers_t *out);
FROM("wasi:io/poll@0.2.3", "[resource-drop]pollable") void drop_pollable(uint32_t pollable);
FROM("wasi:io/error@0.2.3", "[resource-drop]error") void drop_error(uint32_t error);

#define STREAM(name) FROM("wasi:io/streams@0.2.3", name)
STREAM("[method]input-stream.blocking-read") void input_read(uint32_t in, uint64_t size, stream_t *out);
STREAM("[method]input-stream.subscribe") uint32_t input_ready(uint32_t in);
STREAM("[method]output-stream.subscribe") uint32_t output_ready(uint32_t to);
STREAM("[method]output-stream.blocking-write-and-flush")
void output_write(uint32_t to, const char *bytes, uint32_t size, stream_t *out);

FROM("wasi:filesystem/preopens@0.2.3", "get-directories") void directories(preopens_t *out);
#define FILES(name) FROM("wasi:filesystem/types@0.2.3", name)
#define FILE(name) FILES("[method]descriptor." name)
FILE("read") void file_read(uint32_t fd, uint64_t size, uint64_t at, read_t *out);
FILE("write") void file_write(uint32_t fd, const char *bytes, uint32_t size, uint64_t at, size_result_t *out);
FILE("stat") void file_stat(uint32_t fd, stat_result_t *out);
FILE("stat-at") void file_stat_at(uint32_t fd, uint32_t follow, const char *path, uint32_t size, stat_result_t *out);
FILE("open-at") void file_open_at(uint32_t fd, uint32_t follow, const char *path, uint32_t size,
    uint32_t how, uint32_t flags, handle_t *out);
FILE("get-flags") void file_flags(uint32_t fd, done_t *out);
FILE("read-directory") void file_list(uint32_t fd, handle_t *out);
FILE("create-directory-at") void file_make_folder(uint32_t fd, const char *path, uint32_t size, done_t *out);
FILE("remove-directory-at") void file_remove_folder(uint32_t fd, const char *path, uint32_t size, done_t *out);
FILE("unlink-file-at") void file_unlink(uint32_t fd, const char *path, uint32_t size, done_t *out);
FILE("rename-at") void file_rename(uint32_t fd, const char *from, uint32_t size, uint32_t to_fd,
    const char *to, uint32_t to_size, done_t *out);
FILE("link-at") void file_link(uint32_t fd, uint32_t follow, const char *from, uint32_t size,
    uint32_t to_fd, const char *to, uint32_t to_size, done_t *out);
FILE("symlink-at") void file_symlink(uint32_t fd, const char *from, uint32_t size, const char *to,
    uint32_t to_size, done_t *out);
FILE("readlink-at") void file_readlink(uint32_t fd, const char *path, uint32_t size, text_result_t *out);
FILE("set-size") void file_set_size(uint32_t fd, uint64_t size, done_t *out);
#define TIME_ABI(name) uint32_t name, uint64_t name##_seconds, uint32_t name##_rest
FILE("set-times") void file_set_times(uint32_t fd, TIME_ABI(read), TIME_ABI(changed), done_t *out);
FILE("set-times-at") void file_set_times_at(uint32_t fd, uint32_t follow, const char *path,
    uint32_t size, TIME_ABI(read), TIME_ABI(changed), done_t *out);
FILE("sync") void file_sync(uint32_t fd, done_t *out);
FILE("sync-data") void file_sync_data(uint32_t fd, done_t *out);
FILE("metadata-hash") void file_hash(uint32_t fd, hash_t *out);
FILE("metadata-hash-at") void file_hash_at(uint32_t fd, uint32_t follow, const char *path,
    uint32_t size, hash_t *out);
FILES("[resource-drop]descriptor") void drop_descriptor(uint32_t fd);
FILES("[method]directory-entry-stream.read-directory-entry") void next_entry(uint32_t list, entry_t *out);
FILES("[resource-drop]directory-entry-stream") void drop_list(uint32_t list);
#endif
