/* What `desk.c` imports, by the canonical ABI: handles are numbers, results lie in memory. */
#ifndef ASKING_H
#define ASKING_H
#include "text.h"
#include "types.h"

typedef int32_t handle_t;
typedef struct { bool approved; text_t comment, by; } decision_t;
typedef struct { bool failed; union { decision_t value; fault_t fault; }; } decision_result_t;
typedef struct { bool failed; union { text_t value; struct { uint8_t why; handle_t error; }; }; } read_t;
typedef struct { bool failed; struct { uint8_t why; handle_t error; }; } written_t;
_Static_assert(sizeof(text_result_t) == 20 && sizeof(number_result_t) == 24, "layout");
_Static_assert(sizeof(decision_result_t) == 24 && sizeof(response_result_t) == 28, "layout");

#define SPLIT(text) (text).ptr, (text).size
#define WASI(interface, name) __attribute__((import_module("wasi:" interface), import_name(name)))
#define OURS(interface, name) \
  __attribute__((import_module("wasm-engine:" interface "@0.1.0"), import_name(name)))

WASI("cli/stdin@0.2.3", "get-stdin") handle_t get_stdin(void);
WASI("cli/stdout@0.2.3", "get-stdout") handle_t get_stdout(void);
WASI("io/streams@0.2.0", "[method]input-stream.blocking-read") void blocking_read(handle_t it,
    uint64_t most, read_t *out);
WASI("io/streams@0.2.0", "[method]output-stream.blocking-write-and-flush") void blocking_write(
    handle_t it, const char *data, size_t size, written_t *out);
WASI("io/streams@0.2.0", "[resource-drop]input-stream") void drop_input(handle_t it);
WASI("io/streams@0.2.0", "[resource-drop]output-stream") void drop_output(handle_t it);
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
