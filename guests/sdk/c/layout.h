/* Written by guests/bindings from wit/wasm-engine-agent@0.1.0/agent.wit; do not edit.
 * The compiler holds the kit's types to it. */
#ifndef WASM_ENGINE_LAYOUT_H
#define WASM_ENGINE_LAYOUT_H
#include "types.h"

_Static_assert(sizeof(body_t) == 12, "body_t");
_Static_assert(sizeof(fault_t) == 16, "fault_t");
_Static_assert(offsetof(fault_t, code) == 0, "fault_t");
_Static_assert(offsetof(fault_t, detail) == 8, "fault_t");
_Static_assert(sizeof(options_t) == 24, "options_t");
_Static_assert(offsetof(options_t, headers) == 16, "options_t");
_Static_assert(sizeof(tool_t) == 32, "tool_t");
_Static_assert(offsetof(tool_t, name) == 0, "tool_t");
_Static_assert(offsetof(tool_t, description) == 8, "tool_t");
_Static_assert(offsetof(tool_t, input_schema) == 16, "tool_t");
_Static_assert(offsetof(tool_t, output_schema) == 24, "tool_t");
_Static_assert(sizeof(request_t) == 56, "request_t");
_Static_assert(offsetof(request_t, method) == 0, "request_t");
_Static_assert(offsetof(request_t, url) == 8, "request_t");
_Static_assert(offsetof(request_t, headers) == 16, "request_t");
_Static_assert(sizeof(response_t) == 24, "response_t");
_Static_assert(offsetof(response_t, status) == 0, "response_t");
_Static_assert(offsetof(response_t, headers) == 4, "response_t");
_Static_assert(offsetof(response_t, body) == 12, "response_t");
#endif
