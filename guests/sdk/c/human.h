/* People: wasm-engine:human@0.1.0, by the canonical ABI. Beside `agent.h`. */
#ifndef WASM_ENGINE_HUMAN_H
#define WASM_ENGINE_HUMAN_H
#include "types.h"

#define HUMAN(name) \
  __attribute__((import_module("wasm-engine:human/human@0.1.0"), import_name(name)))

typedef struct { bool approved; text_t comment, by; } decision_t;
typedef struct { bool failed; union { decision_t value; fault_t fault; }; } decision_result_t;

#define HUMAN_ASK_ABI const char *role, size_t role_size, const char *question, \
    size_t question_size, const text_t *choices, size_t count, int32_t timed, uint64_t timeout
#define HUMAN_APPROVE_ABI const char *role, size_t role_size, const char *what, size_t what_size, \
    const char *details, size_t details_size, int32_t timed, uint64_t timeout
HUMAN("ask") void human_abi_ask(HUMAN_ASK_ABI, text_result_t *out);
HUMAN("approve") void human_abi_approve(HUMAN_APPROVE_ABI, decision_result_t *out);
HUMAN("start-ask") void human_abi_start_ask(HUMAN_ASK_ABI, number_result_t *out);
HUMAN("start-approve") void human_abi_start_approve(HUMAN_APPROVE_ABI, number_result_t *out);
HUMAN("take-answer") void human_abi_take_answer(uint64_t number, text_result_t *out);
HUMAN("take-decision") void human_abi_take_decision(uint64_t number, decision_result_t *out);

/* Asks and waits; any text may be the answer where there are no choices. */
static inline text_result_t human_ask(text_t role, text_t question, text_list_t choices) {
  text_result_t out;
  human_abi_ask(role.ptr, role.size, question.ptr, question.size, choices.ptr, choices.count, 0, 0,
      &out);
  return out;
}
/* Lays something before a person, and waits for the decision. */
static inline decision_result_t human_approve(text_t role, text_t what, text_t details) {
  decision_result_t out;
  human_abi_approve(role.ptr, role.size, what.ptr, what.size, details.ptr, details.size, 0, 0, &out);
  return out;
}
/* The parts of these: `messaging_wait_any` waits for the number. */
static inline number_result_t human_start_ask(text_t role, text_t question, text_list_t choices) {
  number_result_t out;
  human_abi_start_ask(role.ptr, role.size, question.ptr, question.size, choices.ptr, choices.count,
      0, 0, &out);
  return out;
}
static inline number_result_t human_start_approve(text_t role, text_t what, text_t details) {
  number_result_t out;
  human_abi_start_approve(role.ptr, role.size, what.ptr, what.size, details.ptr, details.size, 0, 0,
      &out);
  return out;
}
static inline text_result_t human_take_answer(uint64_t number) {
  text_result_t out;
  human_abi_take_answer(number, &out);
  return out;
}
static inline decision_result_t human_take_decision(uint64_t number) {
  decision_result_t out;
  human_abi_take_decision(number, &out);
  return out;
}
#endif
