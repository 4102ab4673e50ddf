/* What `keeper.c` uses of WASI, by the canonical ABI: handles are numbers, results lie in memory. */
#ifndef WASI_H
#define WASI_H
#include "streams.h"

typedef struct { uint8_t which; text_t text; } error_t;   /* wasi:keyvalue/store.error */
typedef struct { bool failed; union { handle_t value; error_t error; }; } handle_result_t;
typedef struct { bool failed; union { text_option_t value; error_t error; }; } value_result_t;
typedef struct { bool failed; error_t error; } done_t;
typedef struct { bool failed; union { bool value; error_t error; }; } bool_result_t;
typedef struct { text_list_t keys; text_option_t cursor; } page_t;
typedef struct { bool failed; union { page_t value; error_t error; }; } page_result_t;
typedef struct { bool failed; union { int64_t value; error_t error; }; } sum_t;
typedef struct {
  bool failed;
  struct { uint8_t which; union { error_t error; handle_t cas; }; } why;
} swapped_t;
typedef struct { text_t key, value; } pair_t;
typedef struct { bool some; pair_t value; } pair_option_t;
typedef struct { const pair_option_t *ptr; size_t count; } pair_options_t;
typedef struct { bool failed; union { pair_options_t value; error_t error; }; } many_t;
typedef struct { const pair_t *ptr; size_t count; } pairs_t;
_Static_assert(sizeof(error_t) == 12 && sizeof(done_t) == 16 && sizeof(page_result_t) == 24, "layout");
_Static_assert(offsetof(sum_t, value) == 8 && sizeof(swapped_t) == 20, "layout");
_Static_assert(sizeof(pair_option_t) == 20 && sizeof(many_t) == 16, "layout");

#define STORE(name) WASI("keyvalue/store@0.2.0-draft2", name)
#define ATOMICS(name) WASI("keyvalue/atomics@0.2.0-draft2", name)
#define BATCH(name) WASI("keyvalue/batch@0.2.0-draft2", name)

STORE("open") void open_bucket(const char *name, size_t size, handle_result_t *out);
STORE("[method]bucket.get") void bucket_get(handle_t it, const char *key, size_t size,
    value_result_t *out);
STORE("[method]bucket.set") void bucket_set(handle_t it, const char *key, size_t size,
    const char *value, size_t length, done_t *out);
STORE("[method]bucket.delete") void bucket_delete(handle_t it, const char *key, size_t size,
    done_t *out);
STORE("[method]bucket.exists") void bucket_exists(handle_t it, const char *key, size_t size,
    bool_result_t *out);
STORE("[method]bucket.list-keys") void bucket_list(handle_t it, int32_t some, const char *cursor,
    size_t size, page_result_t *out);
STORE("[resource-drop]bucket") void drop_bucket(handle_t it);
ATOMICS("increment") void increment(handle_t it, const char *key, size_t size, int64_t delta,
    sum_t *out);
ATOMICS("[static]cas.new") void new_cas(handle_t it, const char *key, size_t size,
    handle_result_t *out);
ATOMICS("[method]cas.current") void cas_current(handle_t it, value_result_t *out);
ATOMICS("swap") void swap(handle_t it, const char *value, size_t size, swapped_t *out);
ATOMICS("[resource-drop]cas") void drop_cas(handle_t it);
BATCH("get-many") void get_many(handle_t it, const text_t *keys, size_t count, many_t *out);
BATCH("set-many") void set_many(handle_t it, const pair_t *pairs, size_t count, done_t *out);
BATCH("delete-many") void delete_many(handle_t it, const text_t *keys, size_t count, done_t *out);
WASI("config/store@0.2.0-draft", "get") void config_get(const char *key, size_t size,
    text_option_t *out);
WASI("config/store@0.2.0-draft", "get-all") void config_get_all(pairs_t *out);
WASI("logging/logging@0.1.0-draft", "log") void log_line(int32_t level, const char *context,
    size_t size, const char *message, size_t length);
#endif
