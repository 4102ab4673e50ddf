/* What `fetch.c` uses of WASI, by the canonical ABI: handles are numbers, results lie in memory. */
#ifndef WASI_H
#define WASI_H
#include "streams.h"

typedef text_t bytes_t;

/* The variant `error-code`, of which the largest payload has 24 bytes, aligned by 8. */
typedef struct {
  uint8_t which;
  union {
    struct { bool some; uint64_t value; } number;   /* option<u64> */
    struct { bool some; uint32_t value; } small;    /* option<u32> */
    struct { bool some; text_t value; } text;       /* option<string> */
    uint64_t room[3];
  };
} code_t;
typedef struct { bool failed; union { handle_t value; code_t code; }; } asked_t;
typedef struct { bool some; bool twice __attribute__((aligned(8))); asked_t answer; } got_t;
typedef struct {
  bool some;
  bool twice __attribute__((aligned(8)));
  bool failed __attribute__((aligned(8)));
  union { bool trailers; code_t code; };
} got_trailers_t;
typedef struct { bool failed; handle_t value; } handle_result_t;
typedef struct { bool failed; union { uint64_t value; struct { uint8_t why; handle_t error; }; }; } spliced_t;
typedef struct { bool failed; code_t code; } finished_t;
typedef struct { bool some; code_t code; } maybe_code_t;
typedef struct { const uint32_t *ptr; size_t count; } indexes_t;
typedef struct { text_t name; bytes_t value; } field_t;
typedef struct { const field_t *ptr; size_t count; } fields_t;
_Static_assert(sizeof(code_t) == 32 && offsetof(code_t, room) == 8, "layout");
_Static_assert(sizeof(asked_t) == 40 && sizeof(finished_t) == 40, "layout");
_Static_assert(offsetof(got_t, answer) == 16 && sizeof(got_t) == 56, "layout");
_Static_assert(offsetof(got_trailers_t, code) == 24 && sizeof(got_trailers_t) == 56, "layout");

#define HTTP(name) WASI("http/types@0.2.3", name)

WASI("cli/environment@0.2.3", "get-arguments") void get_arguments(text_list_t *out);
WASI("clocks/monotonic-clock@0.2.3", "subscribe-duration") handle_t subscribe_duration(uint64_t ns);
WASI("io/poll@0.2.3", "poll") void poll(const handle_t *pollables, size_t count, indexes_t *out);
WASI("io/poll@0.2.3", "[resource-drop]pollable") void drop_pollable(handle_t it);
WASI("io/error@0.2.0", "[resource-drop]io-error") void drop_error(handle_t it);
STREAMS("[method]output-stream.blocking-splice") void blocking_splice(handle_t to, handle_t from,
    uint64_t most, spliced_t *out);
HTTP("http-error-code") void http_error_code(handle_t error, maybe_code_t *out);
HTTP("[static]fields.from-list") void fields_from_list(const field_t *entries, size_t count,
    handle_result_t *out);
HTTP("[method]fields.entries") void fields_entries(handle_t it, fields_t *out);
HTTP("[resource-drop]fields") void drop_fields(handle_t it);
HTTP("[constructor]outgoing-request") handle_t new_request(handle_t fields);
HTTP("[method]outgoing-request.body") void request_body(handle_t it, handle_result_t *out);
HTTP("[method]outgoing-request.set-method") int32_t set_method(handle_t it, int32_t which,
    const char *other, size_t size);
HTTP("[method]outgoing-request.set-path-with-query") int32_t set_path(handle_t it, int32_t some,
    const char *path, size_t size);
HTTP("[method]outgoing-request.set-scheme") int32_t set_scheme(handle_t it, int32_t some,
    int32_t which, const char *other, size_t size);
HTTP("[method]outgoing-request.set-authority") int32_t set_authority(handle_t it, int32_t some,
    const char *name, size_t size);
HTTP("[method]outgoing-body.write") void body_write(handle_t it, handle_result_t *out);
HTTP("[static]outgoing-body.finish") void body_finish(handle_t it, int32_t some, handle_t trailers,
    finished_t *out);
HTTP("[constructor]request-options") handle_t new_options(void);
HTTP("[method]request-options.set-first-byte-timeout") int32_t set_first_byte_timeout(handle_t it,
    int32_t some, uint64_t ns);
HTTP("[method]future-incoming-response.subscribe") handle_t future_subscribe(handle_t it);
HTTP("[method]future-incoming-response.get") void future_get(handle_t it, got_t *out);
HTTP("[resource-drop]future-incoming-response") void drop_future(handle_t it);
HTTP("[method]incoming-response.status") int32_t response_status(handle_t it);
HTTP("[method]incoming-response.headers") handle_t response_headers(handle_t it);
HTTP("[method]incoming-response.consume") void response_consume(handle_t it, handle_result_t *out);
HTTP("[resource-drop]incoming-response") void drop_response(handle_t it);
HTTP("[method]incoming-body.stream") void body_stream(handle_t it, handle_result_t *out);
HTTP("[static]incoming-body.finish") handle_t incoming_finish(handle_t it);
HTTP("[method]future-trailers.get") void trailers_get(handle_t it, got_trailers_t *out);
HTTP("[resource-drop]future-trailers") void drop_trailers(handle_t it);
WASI("http/outgoing-handler@0.2.3", "handle") void handle(handle_t request, int32_t some,
    handle_t options, asked_t *out);
#endif
