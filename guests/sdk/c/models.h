/* Models of tensors and of vectors, for guests in C: wasm-engine:inference@0.1.0, by the canonical
 * ABI. Beside `types.h`; what a call hands out is gone when the activation ends.
 *
 *   tensor_t x = {TEXT("x"), {dims, 2}, {FLOAT32, numbers, 64}};
 *   tensors_result_t y = models_run(TEXT("mlp"), &x, 1);
 */
#ifndef WASM_ENGINE_MODELS_H
#define WASM_ENGINE_MODELS_H
#include "types.h"

typedef enum {
  FLOAT32, FLOAT64, FLOAT16, BFLOAT16, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64,
  BOOLEAN, TEXTS
} element_t;

typedef struct { const uint32_t *ptr; size_t count; } shape_t;
typedef struct { uint8_t element; const void *ptr; size_t count; } tensor_data_t;
typedef struct { text_t name; shape_t shape; tensor_data_t data; } tensor_t;
typedef struct { const tensor_t *ptr; size_t count; } tensors_t;
typedef struct { bool failed; union { tensors_t value; fault_t fault; }; } tensors_result_t;
_Static_assert(sizeof(tensor_t) == 28 && sizeof(tensors_result_t) == 20, "layout");

typedef struct { bool fixed; uint32_t length; } length_t;
typedef struct { const length_t *ptr; size_t count; } lengths_t;
typedef struct { text_t name, element; lengths_t shape; bool optional; } slot_t;
typedef struct { const slot_t *ptr; size_t count; } slots_t;
typedef struct { text_t digest; bool portable; slots_t inputs, outputs; } model_t;
typedef struct { bool failed; union { model_t value; fault_t fault; }; } model_result_t;
_Static_assert(sizeof(slot_t) == 28 && sizeof(model_result_t) == 32, "layout");

typedef struct { const float *ptr; size_t count; } floats_t;
typedef struct { bool failed; union { floats_t value; fault_t fault; }; } floats_result_t;
_Static_assert(sizeof(floats_result_t) == 20, "layout");

#define INFERENCE(interface, name) \
  __attribute__((import_module("wasm-engine:inference/" interface "@0.1.0"), import_name(name)))
#define RUN_ABI const char *model, size_t size, const tensor_t *inputs, size_t count, \
    int32_t timed, uint64_t timeout
INFERENCE("models", "describe") void abi_models_describe(const char *model, size_t size,
    model_result_t *out);
INFERENCE("models", "run") void abi_models_run(RUN_ABI, tensors_result_t *out);
INFERENCE("models", "start") void abi_models_start(RUN_ABI, number_result_t *out);
INFERENCE("models", "take") void abi_models_take(uint64_t number, tensors_result_t *out);
INFERENCE("embeddings", "dimensions") void abi_dimensions(const char *model, size_t size,
    count_result_t *out);
INFERENCE("embeddings", "embed") void abi_embed(const char *model, size_t size,
    const text_t *texts, size_t count, floats_result_t *out);

static inline model_result_t models_describe(text_t model) {
  model_result_t out;
  abi_models_describe(model.ptr, model.size, &out);
  return out;
}
/* Has a model compute, and waits, for as long as the manifest says. */
static inline tensors_result_t models_run(text_t model, const tensor_t *inputs, size_t count) {
  tensors_result_t out;
  abi_models_run(model.ptr, model.size, inputs, count, false, 0, &out);
  return out;
}
/* Has it compute without waiting; `messaging_wait_any` waits for the number. */
static inline number_result_t models_start(text_t model, const tensor_t *inputs, size_t count) {
  number_result_t out;
  abi_models_start(model.ptr, model.size, inputs, count, false, 0, &out);
  return out;
}
static inline tensors_result_t models_take(uint64_t number) {
  tensors_result_t out;
  abi_models_take(number, &out);
  return out;
}
static inline count_result_t embeddings_dimensions(text_t model) {
  count_result_t out;
  abi_dimensions(model.ptr, model.size, &out);
  return out;
}
static inline floats_result_t embeddings_embed(text_t model, const text_t *texts, size_t count) {
  floats_result_t out;
  abi_embed(model.ptr, model.size, texts, count, &out);
  return out;
}
#endif
