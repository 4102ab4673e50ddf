/* What `blobs.c` uses of WASI, by the canonical ABI: handles are numbers, results lie in memory. */
#ifndef WASI_H
#define WASI_H
#include "streams.h"

typedef struct { bool failed; union { handle_t value; text_t error; }; } handle_result_t;
typedef struct { bool failed; text_t error; } done_t;
typedef struct { bool failed; union { bool value; text_t error; }; } bool_result_t;
typedef struct { text_t name; uint64_t created; } about_t;
typedef struct { bool failed; union { about_t value; text_t error; }; } about_result_t;
typedef struct { text_t name, container; uint64_t created, size; } object_t;
typedef struct { bool failed; union { object_t value; text_t error; }; } object_result_t;
typedef struct { text_list_t names; bool last; } names_t;
typedef struct { bool failed; union { names_t value; text_t error; }; } names_result_t;
typedef struct { uint64_t count; bool last; } skipped_t;
typedef struct { bool failed; union { skipped_t value; text_t error; }; } skipped_result_t;
typedef struct { bool failed; text_t value; } data_result_t; /* the error is text, too */
_Static_assert(sizeof(about_result_t) == 24 && sizeof(object_result_t) == 40, "layout");
_Static_assert(sizeof(names_result_t) == 16 && sizeof(skipped_result_t) == 24, "layout");

#define TYPES(name) WASI("blobstore/types@0.2.0-draft", name)
#define CONTAINER(name) WASI("blobstore/container@0.2.0-draft", name)
#define BLOBSTORE(name) WASI("blobstore/blobstore@0.2.0-draft", name)

TYPES("[static]outgoing-value.new-outgoing-value") handle_t new_value(void);
TYPES("[method]outgoing-value.outgoing-value-write-body") void value_body(handle_t it,
    handle_result_t *out);
TYPES("[static]outgoing-value.finish") void value_finish(handle_t it, done_t *out);
TYPES("[resource-drop]outgoing-value") void drop_value(handle_t it);
TYPES("[static]incoming-value.incoming-value-consume-sync") void consume_sync(handle_t it,
    data_result_t *out);
TYPES("[static]incoming-value.incoming-value-consume-async") void consume_async(handle_t it,
    handle_result_t *out);
TYPES("[method]incoming-value.size") uint64_t incoming_size(handle_t it);
CONTAINER("[method]container.name") void container_name(handle_t it, data_result_t *out);
CONTAINER("[method]container.info") void container_info(handle_t it, about_result_t *out);
CONTAINER("[method]container.get-data") void get_data(handle_t it, const char *name, size_t size,
    uint64_t start, uint64_t end, handle_result_t *out);
CONTAINER("[method]container.write-data") void write_data(handle_t it, const char *name,
    size_t size, handle_t value, done_t *out);
CONTAINER("[method]container.list-objects") void list_objects(handle_t it, handle_result_t *out);
CONTAINER("[method]container.delete-object") void delete_object(handle_t it, const char *name,
    size_t size, done_t *out);
CONTAINER("[method]container.delete-objects") void delete_objects(handle_t it,
    const text_t *names, size_t count, done_t *out);
CONTAINER("[method]container.has-object") void has_object(handle_t it, const char *name,
    size_t size, bool_result_t *out);
CONTAINER("[method]container.object-info") void object_info(handle_t it, const char *name,
    size_t size, object_result_t *out);
CONTAINER("[method]container.clear") void container_clear(handle_t it, done_t *out);
CONTAINER("[resource-drop]container") void drop_container(handle_t it);
CONTAINER("[method]stream-object-names.read-stream-object-names") void read_names(handle_t it,
    uint64_t count, names_result_t *out);
CONTAINER("[method]stream-object-names.skip-stream-object-names") void skip_names(handle_t it,
    uint64_t count, skipped_result_t *out);
CONTAINER("[resource-drop]stream-object-names") void drop_names(handle_t it);
BLOBSTORE("create-container") void create_container(const char *name, size_t size,
    handle_result_t *out);
BLOBSTORE("get-container") void get_container(const char *name, size_t size, handle_result_t *out);
BLOBSTORE("delete-container") void delete_container(const char *name, size_t size, done_t *out);
BLOBSTORE("container-exists") void container_exists(const char *name, size_t size,
    bool_result_t *out);
BLOBSTORE("copy-object") void copy_object(const char *from, size_t a, const char *name, size_t b,
    const char *to, size_t c, const char *new_name, size_t d, done_t *out);
BLOBSTORE("move-object") void move_object(const char *from, size_t a, const char *name, size_t b,
    const char *to, size_t c, const char *new_name, size_t d, done_t *out);
#endif
