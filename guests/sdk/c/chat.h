/* Language models: `chat` of wasm-engine:inference@0.1.0, by the canonical ABI. Beside `agent.h`. */
#ifndef WASM_ENGINE_CHAT_H
#define WASM_ENGINE_CHAT_H
#include "types.h"

#define CHAT(name) \
  __attribute__((import_module("wasm-engine:inference/chat@0.1.0"), import_name(name)))

typedef enum { CHAT_SYSTEM, CHAT_USER, CHAT_ASSISTANT, CHAT_TOOL } chat_role_t;
typedef struct { text_t id, name, arguments; } chat_call_t;
typedef struct { const chat_call_t *ptr; size_t count; } chat_calls_t;
typedef struct {
  uint8_t role;
  text_t content;
  chat_calls_t calls;
  text_option_t answers;
} chat_turn_t;
typedef struct { const chat_turn_t *ptr; size_t count; } chat_turns_t;
typedef struct { text_t name, description, parameters; } chat_tool_t;
typedef struct { const chat_tool_t *ptr; size_t count; } chat_tools_t;
typedef enum { CHAT_FREE, CHAT_NONE, CHAT_REQUIRED, CHAT_NAMED } chat_choice_kind_t;
typedef struct { uint8_t kind; text_t name; } chat_choice_t;
typedef struct { bool some; uint32_t value; } chat_u32_t;
typedef struct { bool some; uint64_t value; } chat_u64_t;
typedef struct { bool some; double value; } chat_f64_t;
typedef struct {
  chat_tools_t tools;
  chat_choice_t choice;
  text_option_t schema;
  chat_u32_t most;
  chat_f64_t temperature, top_p;
  chat_u32_t top_k;
  chat_u64_t seed;
  text_list_t stop;
  chat_u64_t timeout;
} chat_options_t;
typedef enum { CHAT_STOP, CHAT_LENGTH, CHAT_CALLS, CHAT_REFUSED } chat_finish_t;
typedef struct { uint64_t prompt, answer; } chat_usage_t;
typedef struct {
  text_t content;
  chat_calls_t calls;
  uint8_t finish;
  chat_usage_t usage;
} chat_answer_t;
typedef struct { uint32_t context, most; } chat_description_t;
typedef struct { bool failed; union { chat_answer_t value; fault_t fault; }; } chat_answer_result_t;
typedef struct {
  bool failed;
  union { chat_description_t value; fault_t fault; };
} chat_description_result_t;

/* The arguments of `complete` and `start`: more than can be passed one by one. */
typedef struct { text_t model; chat_turns_t turns; chat_options_t options; } chat_question_t;

CHAT("describe") void chat_abi_describe(const char *model, size_t size,
    chat_description_result_t *out);
CHAT("complete") void chat_abi_complete(const chat_question_t *question, chat_answer_result_t *out);
CHAT("start") void chat_abi_start(const chat_question_t *question, number_result_t *out);
CHAT("take") void chat_abi_take(uint64_t number, chat_answer_result_t *out);

static inline chat_description_result_t chat_describe(text_t model) {
  chat_description_result_t out;
  chat_abi_describe(model.ptr, model.size, &out);
  return out;
}
static inline chat_answer_result_t chat_complete(const chat_question_t *question) {
  chat_answer_result_t out;
  chat_abi_complete(question, &out);
  return out;
}
static inline number_result_t chat_start(const chat_question_t *question) {
  number_result_t out;
  chat_abi_start(question, &out);
  return out;
}
static inline chat_answer_result_t chat_take(uint64_t number) {
  chat_answer_result_t out;
  chat_abi_take(number, &out);
  return out;
}
#endif
