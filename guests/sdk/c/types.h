/* The values that agents exchange, laid out as the canonical ABI has them in memory. */
#ifndef WASM_ENGINE_TYPES_H
#define WASM_ENGINE_TYPES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct { const char *ptr; size_t size; } text_t; /* UTF-8 text, or bytes; not terminated */
typedef struct { text_t name, value; } header_t;
typedef struct { const header_t *ptr; size_t count; } headers_t;
typedef enum { BODY_TEXT, BODY_BYTES } body_kind_t;
typedef struct { uint8_t kind; text_t value; } body_t;
typedef struct { text_t code, detail; } fault_t;
typedef struct { const text_t *ptr; size_t count; } text_list_t;
typedef struct { text_t name, description, input_schema, output_schema; } tool_t;
typedef struct { const tool_t *ptr; size_t count; } tool_list_t;

typedef struct { bool some; text_t value; } text_option_t;
typedef struct { bool failed; fault_t fault; } result_t;
typedef struct { bool failed; union { text_t value; fault_t fault; }; } text_result_t;
typedef struct { bool failed; union { body_t value; fault_t fault; }; } body_result_t;
typedef struct { bool failed; union { uint64_t value; fault_t fault; }; } number_result_t;
_Static_assert(sizeof(body_t) == 12 && sizeof(text_option_t) == 12, "layout");
_Static_assert(sizeof(result_t) == 20 && sizeof(body_result_t) == 20, "layout");
_Static_assert(sizeof(number_result_t) == 24 && offsetof(number_result_t, value) == 8, "layout");

typedef struct {
  uint64_t id;
  text_t sender, topic;
  body_t body;
  headers_t headers;
  bool asked; /* whether the sender waits for a reply */
  uint64_t request;
} message_t;

typedef struct { bool timed; uint64_t timeout; headers_t headers; } options_t;

typedef struct {
  text_t method, url;
  headers_t headers;
  bool some; /* whether it has a body */
  body_t body;
  bool timed;
  uint64_t timeout;
} request_t;
typedef struct { uint16_t status; headers_t headers; body_t body; } response_t;
typedef struct { bool failed; union { response_t value; fault_t fault; }; } response_result_t;
_Static_assert(sizeof(response_t) == 24 && sizeof(response_result_t) == 28, "layout");

#define TEXT(literal) ((text_t){literal, sizeof(literal) - 1})
#define TEXT_BODY(text) ((body_t){BODY_TEXT, text})
#define NO_OPTIONS ((options_t){0})
#define DONE ((result_t){0})

static inline result_t failure(text_t code, text_t detail) {
  return (result_t){.failed = true, .fault = {code, detail}};
}
static inline result_t failed_with(fault_t fault) {
  return (result_t){.failed = true, .fault = fault};
}

/* The allocator (memory.wat). `old` is null or a block, which is moved if it cannot grow in place. */
#define ALLOCATOR(name) __attribute__((import_module("env"), import_name(name)))
ALLOCATOR("cabi_realloc") void *allocate_again(void *old, size_t old_size, size_t align, size_t size);
ALLOCATOR("keep") void allocator_keep(void);
ALLOCATOR("release") void allocator_release(void);
static inline void *allocate(size_t size) { return allocate_again(0, 0, 8, size); }
#define EXPORT(name) __attribute__((export_name(name)))

typedef struct { bool failed; union { uint32_t value; fault_t fault; }; } count_result_t;
_Static_assert(sizeof(count_result_t) == 20, "layout");
#endif
