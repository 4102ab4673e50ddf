/* A pure agent in C: world `pure-agent` of wasm-engine:agent@0.1.0. Write `agent_reduce`. */
#ifndef WASM_ENGINE_REDUCER_H
#define WASM_ENGINE_REDUCER_H
#include "types.h"

typedef struct { text_t to, topic; body_t body; } outgoing_t;
typedef struct {
  bool failed;
  union {
    struct { text_t state; const outgoing_t *outgoing; size_t count; };
    fault_t fault;
  };
} reduced_t;
_Static_assert(sizeof(outgoing_t) == 28 && sizeof(reduced_t) == 20, "layout");

reduced_t agent_reduce(text_t state, const message_t *message);

typedef enum { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR } level_t;
__attribute__((import_module("wasm-engine:agent/log@0.1.0"), import_name("write")))
void abi_write(int32_t level, const char *text, size_t size);
static inline void log_write(level_t level, text_t text) { abi_write(level, text.ptr, text.size); }
#endif
