/* What `desk.c` imports, by the canonical ABI: handles are numbers, results lie in memory. */
#ifndef ASKING_H
#define ASKING_H
#include "streams.h"
#include "types.h"

typedef struct { bool approved; text_t comment, by; } decision_t;
typedef struct { bool failed; union { decision_t value; fault_t fault; }; } decision_result_t;
_Static_assert(sizeof(text_result_t) == 20 && sizeof(number_result_t) == 24, "layout");
_Static_assert(sizeof(decision_result_t) == 24 && sizeof(response_result_t) == 28, "layout");

#define OURS(interface, name) \
  __attribute__((import_module("wasm-engine:" interface "@0.1.0"), import_name(name)))

OURS("sql/sql", "query") void sql_query(const char *name, size_t size, const char *statement,
    size_t length, const char *parameters, size_t count, text_result_t *out);
OURS("sql/sql", "execute") void sql_execute(const char *name, size_t size, const char *statement,
    size_t length, const char *parameters, size_t count, number_result_t *out);
OURS("sql/sql", "batch") void sql_batch(const char *name, size_t size, const char *statements,
    size_t length, text_result_t *out);
OURS("human/human", "ask") void human_ask(const char *role, size_t size, const char *question,
    size_t length, const text_t *choices, size_t count, int32_t some, uint64_t timeout,
    text_result_t *out);
OURS("human/human", "approve") void human_approve(const char *role, size_t size, const char *what,
    size_t length, const char *details, size_t more, int32_t some, uint64_t timeout,
    decision_result_t *out);
OURS("human/human", "start-ask") void human_start_ask(const char *role, size_t size,
    const char *question, size_t length, const text_t *choices, size_t count, int32_t some,
    uint64_t timeout, number_result_t *out);
OURS("human/human", "take-answer") void human_take_answer(uint64_t number, text_result_t *out);
OURS("secrets/secrets", "reference") void secret_reference(const char *name, size_t size,
    text_result_t *out);
OURS("agent/http", "fetch") void http_fetch(const char *method, size_t size, const char *url,
    size_t length, const header_t *headers, size_t count, int32_t with_body, int32_t which,
    const char *body, size_t bytes, int32_t with_time, uint64_t timeout, response_result_t *out);
#endif
