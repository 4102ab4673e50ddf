/* Swapping what a kind of agent runs (wasm-engine:swap), where the manifest grants `swap:KIND`.
 *
 * A kind runs its alternatives, by the names that the manifest has for them, or `source`. Both
 * calls suspend the agent until the next step. */
#ifndef WASM_ENGINE_SWAP_H
#define WASM_ENGINE_SWAP_H
#include "types.h"

typedef struct { text_t name, digest; bool on_trial; } standing_t;
typedef struct { bool failed; union { standing_t value; fault_t fault; }; } standing_result_t;
_Static_assert(sizeof(standing_t) == 20 && sizeof(standing_result_t) == 24, "layout");

#define SWAP_ABI(name) \
  __attribute__((import_module("wasm-engine:swap/swap@0.1.0"), import_name(name)))
SWAP_ABI("swap") void abi_swap(const char *kind, size_t kind_size, const char *to, size_t to_size,
    int32_t some, uint32_t keep_old, count_result_t *out);
SWAP_ABI("running") void abi_running(const char *kind, size_t size, standing_result_t *out);

/* From the next step on agents of a kind run something else; answers how many go over at once.
 * What ran before comes back by itself where a message fails before `keep_old` went well; 0: never. */
static inline count_result_t swap_swap(text_t kind, text_t to, uint32_t keep_old) {
  count_result_t out;
  abi_swap(kind.ptr, kind.size, to.ptr, to.size, 1, keep_old, &out);
  return out;
}
/* What agents of a kind run; its name is empty where the operator swapped in something else. */
static inline standing_result_t swap_running(text_t kind) {
  standing_result_t out;
  abi_running(kind.ptr, kind.size, &out);
  return out;
}
#endif
