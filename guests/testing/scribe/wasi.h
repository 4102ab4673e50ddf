/* What `scribe.c` uses of WASI, by the canonical ABI: handles are numbers, results lie in memory. */
#ifndef WASI_H
#define WASI_H
#include "streams.h"

typedef struct { bool failed; uint8_t code; } done_t;   /* also of flags and types: the value */
typedef struct { bool failed; union { handle_t value; uint8_t code; }; } opened_t;
typedef struct { bool failed; union { uint64_t value; uint8_t code; }; } size_result_t;
typedef struct { bool failed; union { text_t value; uint8_t code; }; } path_result_t;
typedef struct { bool failed; union { struct { text_t data; bool last; }; uint8_t code; }; } data_result_t;
typedef struct { bool some; uint64_t seconds; uint32_t nanoseconds; } time_option_t;
typedef struct { uint8_t type; uint64_t links, size; time_option_t times[3]; } stat_t;
typedef struct { bool failed; union { stat_t value; uint8_t code; }; } stat_result_t;
typedef struct { bool some; struct { uint8_t type; text_t name; } it; } entry_option_t;
typedef struct { bool failed; union { entry_option_t value; uint8_t code; }; } entry_result_t;
typedef struct { handle_t descriptor; text_t name; } preopen_t;
typedef struct { const preopen_t *ptr; size_t count; } preopens_t;
typedef struct { bool some; uint8_t code; } code_option_t;
typedef struct { bool failed; union { uint64_t value; struct { uint8_t why; handle_t error; }; }; } spliced_t;
_Static_assert(sizeof(stat_result_t) == 104 && offsetof(stat_result_t, value) == 8, "layout");
_Static_assert(sizeof(data_result_t) == 16 && sizeof(size_result_t) == 16, "layout");

#define FILES(name) WASI("filesystem/types@0.2.3", name)
#define OF_DESCRIPTOR(name) FILES("[method]descriptor." name)

WASI("io/error@0.2.0", "[resource-drop]io-error") void drop_error(handle_t it);
STREAMS("[method]output-stream.blocking-write-zeroes-and-flush") void blocking_zeroes(handle_t it,
    uint64_t count, written_t *out);
STREAMS("[method]output-stream.blocking-splice") void blocking_splice(handle_t it, handle_t from,
    uint64_t count, spliced_t *out);
WASI("filesystem/preopens@0.2.3", "get-directories") void get_directories(preopens_t *out);
FILES("filesystem-error-code") void error_code(handle_t error, code_option_t *out);
FILES("[resource-drop]descriptor") void drop_descriptor(handle_t it);
FILES("[resource-drop]directory-entry-stream") void drop_entries(handle_t it);
FILES("[method]directory-entry-stream.read-directory-entry") void next_entry(handle_t it,
    entry_result_t *out);
OF_DESCRIPTOR("open-at") void open_at(handle_t it, int32_t path_flags, const char *path, size_t size,
    int32_t open_flags, int32_t flags, opened_t *out);
OF_DESCRIPTOR("read") void file_read(handle_t it, uint64_t count, uint64_t offset, data_result_t *out);
OF_DESCRIPTOR("write") void file_write(handle_t it, const char *data, size_t size, uint64_t offset,
    size_result_t *out);
OF_DESCRIPTOR("read-via-stream") void read_stream(handle_t it, uint64_t offset, opened_t *out);
OF_DESCRIPTOR("write-via-stream") void write_stream(handle_t it, uint64_t offset,
    opened_t *out);
OF_DESCRIPTOR("append-via-stream") void append_stream(handle_t it, opened_t *out);
OF_DESCRIPTOR("set-size") void set_size(handle_t it, uint64_t size, done_t *out);
OF_DESCRIPTOR("stat") void file_stat(handle_t it, stat_result_t *out);
OF_DESCRIPTOR("stat-at") void stat_at(handle_t it, int32_t path_flags, const char *path, size_t size,
    stat_result_t *out);
OF_DESCRIPTOR("set-times-at") void set_times_at(handle_t it, int32_t path_flags, const char *path,
    size_t size, int32_t accessed, uint64_t seconds, int32_t rest, int32_t modified,
    uint64_t modified_seconds, int32_t modified_rest, done_t *out);
OF_DESCRIPTOR("read-directory") void read_directory(handle_t it, opened_t *out);
OF_DESCRIPTOR("create-directory-at") void create_directory_at(handle_t it, const char *path,
    size_t size, done_t *out);
OF_DESCRIPTOR("remove-directory-at") void remove_directory_at(handle_t it, const char *path,
    size_t size, done_t *out);
OF_DESCRIPTOR("unlink-file-at") void unlink_file_at(handle_t it, const char *path, size_t size,
    done_t *out);
OF_DESCRIPTOR("rename-at") void rename_at(handle_t it, const char *path, size_t size, handle_t other,
    const char *new_path, size_t new_size, done_t *out);
OF_DESCRIPTOR("link-at") void link_at(handle_t it, int32_t path_flags, const char *path, size_t size,
    handle_t other, const char *new_path, size_t new_size, done_t *out);
OF_DESCRIPTOR("symlink-at") void symlink_at(handle_t it, const char *target, size_t target_size,
    const char *path, size_t size, done_t *out);
OF_DESCRIPTOR("readlink-at") void readlink_at(handle_t it, const char *path, size_t size,
    path_result_t *out);
OF_DESCRIPTOR("is-same-object") int32_t is_same_object(handle_t it, handle_t other);
#endif
