/* Written by guests/bindings from the WIT of packages beside the contract; do not edit.
 * The compiler holds the kit's types to it. */
#ifndef WASM_ENGINE_LAYOUT_BESIDE_H
#define WASM_ENGINE_LAYOUT_BESIDE_H
#include "models.h"
#include "chat.h"
#include "human.h"
#include "swap.h"

_Static_assert(sizeof(tensor_data_t) == 12, "tensor_data_t");
_Static_assert(sizeof(tensor_t) == 28, "tensor_t");
_Static_assert(offsetof(tensor_t, name) == 0, "tensor_t");
_Static_assert(offsetof(tensor_t, shape) == 8, "tensor_t");
_Static_assert(offsetof(tensor_t, data) == 16, "tensor_t");
_Static_assert(sizeof(slot_t) == 28, "slot_t");
_Static_assert(offsetof(slot_t, name) == 0, "slot_t");
_Static_assert(offsetof(slot_t, element) == 8, "slot_t");
_Static_assert(offsetof(slot_t, shape) == 16, "slot_t");
_Static_assert(offsetof(slot_t, optional) == 24, "slot_t");
_Static_assert(sizeof(model_t) == 28, "model_t");
_Static_assert(offsetof(model_t, digest) == 0, "model_t");
_Static_assert(offsetof(model_t, portable) == 8, "model_t");
_Static_assert(offsetof(model_t, inputs) == 12, "model_t");
_Static_assert(offsetof(model_t, outputs) == 20, "model_t");
_Static_assert(sizeof(chat_call_t) == 24, "chat_call_t");
_Static_assert(offsetof(chat_call_t, id) == 0, "chat_call_t");
_Static_assert(offsetof(chat_call_t, name) == 8, "chat_call_t");
_Static_assert(offsetof(chat_call_t, arguments) == 16, "chat_call_t");
_Static_assert(sizeof(chat_turn_t) == 32, "chat_turn_t");
_Static_assert(offsetof(chat_turn_t, role) == 0, "chat_turn_t");
_Static_assert(offsetof(chat_turn_t, content) == 4, "chat_turn_t");
_Static_assert(offsetof(chat_turn_t, calls) == 12, "chat_turn_t");
_Static_assert(sizeof(chat_tool_t) == 24, "chat_tool_t");
_Static_assert(offsetof(chat_tool_t, name) == 0, "chat_tool_t");
_Static_assert(offsetof(chat_tool_t, description) == 8, "chat_tool_t");
_Static_assert(offsetof(chat_tool_t, parameters) == 16, "chat_tool_t");
_Static_assert(sizeof(chat_choice_t) == 12, "chat_choice_t");
_Static_assert(sizeof(chat_options_t) == 120, "chat_options_t");
_Static_assert(offsetof(chat_options_t, tools) == 0, "chat_options_t");
_Static_assert(offsetof(chat_options_t, choice) == 8, "chat_options_t");
_Static_assert(offsetof(chat_options_t, stop) == 96, "chat_options_t");
_Static_assert(sizeof(chat_usage_t) == 16, "chat_usage_t");
_Static_assert(offsetof(chat_usage_t, prompt) == 0, "chat_usage_t");
_Static_assert(offsetof(chat_usage_t, answer) == 8, "chat_usage_t");
_Static_assert(sizeof(chat_answer_t) == 40, "chat_answer_t");
_Static_assert(offsetof(chat_answer_t, content) == 0, "chat_answer_t");
_Static_assert(offsetof(chat_answer_t, calls) == 8, "chat_answer_t");
_Static_assert(offsetof(chat_answer_t, finish) == 16, "chat_answer_t");
_Static_assert(offsetof(chat_answer_t, usage) == 24, "chat_answer_t");
_Static_assert(sizeof(chat_description_t) == 8, "chat_description_t");
_Static_assert(offsetof(chat_description_t, context) == 0, "chat_description_t");
_Static_assert(offsetof(chat_description_t, most) == 4, "chat_description_t");
_Static_assert(sizeof(decision_t) == 20, "decision_t");
_Static_assert(offsetof(decision_t, approved) == 0, "decision_t");
_Static_assert(offsetof(decision_t, comment) == 4, "decision_t");
_Static_assert(offsetof(decision_t, by) == 12, "decision_t");
_Static_assert(sizeof(standing_t) == 20, "standing_t");
_Static_assert(offsetof(standing_t, name) == 0, "standing_t");
_Static_assert(offsetof(standing_t, digest) == 8, "standing_t");
_Static_assert(offsetof(standing_t, on_trial) == 16, "standing_t");
#endif
