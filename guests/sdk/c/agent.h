/* An agent in C: world `agent` of wasm-engine:agent@0.1.0, by the canonical ABI.
 *
 * Write `agent_init` and `agent_handle`, include this, and build with guests/build.py. No libc and
 * no WASI: the only imports are the interfaces' functions that are called. Names follow the WIT:
 * `interface_function`. Memory that a call hands out is gone when the activation ends, but for
 * what was allocated in `agent_init`. */
#ifndef WASM_ENGINE_AGENT_H
#define WASM_ENGINE_AGENT_H
#include "types.h"

#define AGENT(interface, name) \
  __attribute__((import_module("wasm-engine:agent/" interface "@0.1.0"), import_name(name)))

/* What the agent is made of. `DONE` is the good end; `failure(code, detail)` the other one. */
result_t agent_init(void);
result_t agent_handle(const message_t *message);

/* The functions as they are imported: every record is flattened. */
#define OPTIONS_ABI int32_t timed, uint64_t timeout, const header_t *headers, size_t count
#define BODY_ABI int32_t kind, const char *body, size_t body_size
AGENT("messaging", "send") void abi_send(const char *to, size_t to_size, const char *topic,
    size_t topic_size, BODY_ABI, OPTIONS_ABI, result_t *out);
AGENT("messaging", "publish") void abi_publish(const char *topic, size_t topic_size, BODY_ABI,
    OPTIONS_ABI, result_t *out);
AGENT("messaging", "reply") void abi_reply(BODY_ABI, result_t *out);
AGENT("messaging", "defer") void abi_defer(number_result_t *out);
AGENT("messaging", "reply-to") void abi_reply_to(uint64_t request, BODY_ABI, result_t *out);
AGENT("messaging", "ask") void abi_ask(const char *to, size_t to_size, const char *topic,
    size_t topic_size, BODY_ABI, OPTIONS_ABI, body_result_t *out);
AGENT("messaging", "start") void abi_start(const char *to, size_t to_size, const char *topic,
    size_t topic_size, BODY_ABI, OPTIONS_ABI, number_result_t *out);
AGENT("messaging", "wait-any") void abi_wait_any(const uint64_t *requests, size_t count,
    number_result_t *out);
AGENT("messaging", "take") void abi_take(uint64_t request, body_result_t *out);
AGENT("messaging", "cancel-request") void messaging_cancel_request(uint64_t request);
AGENT("messaging", "schedule") void abi_schedule(uint64_t after, const char *topic,
    size_t topic_size, BODY_ABI, number_result_t *out);
AGENT("messaging", "cancel") int32_t messaging_cancel(uint64_t id);
AGENT("agents", "spawn") void abi_spawn(const char *kind, size_t kind_size, const char *key,
    size_t key_size, const char *config, size_t config_size, text_result_t *out);
AGENT("agents", "stop") void abi_stop(const char *agent, size_t size, result_t *out);
AGENT("agents", "watch") void abi_watch(const char *agent, size_t size, result_t *out);
AGENT("state", "get") void abi_get(const char *key, size_t key_size, text_option_t *out);
AGENT("state", "set") void abi_set(const char *key, size_t key_size, const char *value,
    size_t size, result_t *out);
AGENT("state", "delete") void abi_delete(const char *key, size_t key_size);
AGENT("state", "keys") void abi_keys(const char *prefix, size_t size, text_list_t *out);
AGENT("state", "get-bytes") void abi_get_bytes(const char *key, size_t key_size, text_option_t *out);
AGENT("state", "set-bytes") void abi_set_bytes(const char *key, size_t key_size, const char *value,
    size_t size, result_t *out);
AGENT("context", "self-address") void abi_self_address(text_t *out);
AGENT("context", "world-name") void abi_world_name(text_t *out);
AGENT("context", "step") uint64_t context_step(void);
AGENT("context", "now") uint64_t context_now(void);
AGENT("context", "random") uint64_t context_random(void);
AGENT("context", "config") void abi_config(text_t *out);
AGENT("tools", "available") void abi_available(tool_list_t *out);
AGENT("tools", "call") void abi_call(const char *name, size_t name_size, const char *arguments,
    size_t arguments_size, text_result_t *out);
#define REQUEST_ABI const char *method, size_t method_size, const char *url, size_t url_size, \
    const header_t *headers, size_t count, int32_t some, BODY_ABI, int32_t timed, uint64_t timeout
AGENT("http", "fetch") void abi_fetch(REQUEST_ABI, response_result_t *out);
AGENT("http", "start") void abi_http_start(REQUEST_ABI, number_result_t *out);
AGENT("http", "take") void abi_http_take(uint64_t number, response_result_t *out);
AGENT("log", "write") void abi_write(int32_t level, const char *text, size_t size);

#define SPLIT(text) (text).ptr, (text).size
#define SPLIT_BODY(body) (body).kind, SPLIT((body).value)
#define SPLIT_OPTIONS(o) (o).timed, (o).timeout, (o).headers.ptr, (o).headers.count
#define SPLIT_REQUEST(r) SPLIT((r).method), SPLIT((r).url), (r).headers.ptr, (r).headers.count, \
    (r).some, SPLIT_BODY((r).body), (r).timed, (r).timeout
#define WRAP(type, call) { type out; call; return out; }

static inline result_t messaging_send(text_t to, text_t topic, body_t body, options_t options)
  WRAP(result_t, abi_send(SPLIT(to), SPLIT(topic), SPLIT_BODY(body), SPLIT_OPTIONS(options), &out))
static inline result_t messaging_publish(text_t topic, body_t body, options_t options)
  WRAP(result_t, abi_publish(SPLIT(topic), SPLIT_BODY(body), SPLIT_OPTIONS(options), &out))
static inline result_t messaging_reply(body_t body)
  WRAP(result_t, abi_reply(SPLIT_BODY(body), &out))
static inline number_result_t messaging_defer(void)
  WRAP(number_result_t, abi_defer(&out))
static inline result_t messaging_reply_to(uint64_t request, body_t body)
  WRAP(result_t, abi_reply_to(request, SPLIT_BODY(body), &out))
static inline body_result_t messaging_ask(text_t to, text_t topic, body_t body, options_t options)
  WRAP(body_result_t,
       abi_ask(SPLIT(to), SPLIT(topic), SPLIT_BODY(body), SPLIT_OPTIONS(options), &out))
static inline number_result_t messaging_start(text_t to, text_t topic, body_t body, options_t options)
  WRAP(number_result_t,
       abi_start(SPLIT(to), SPLIT(topic), SPLIT_BODY(body), SPLIT_OPTIONS(options), &out))
static inline number_result_t messaging_wait_any(const uint64_t *requests, size_t count)
  WRAP(number_result_t, abi_wait_any(requests, count, &out))
static inline body_result_t messaging_take(uint64_t request)
  WRAP(body_result_t, abi_take(request, &out))
static inline number_result_t messaging_schedule(uint64_t after, text_t topic, body_t body)
  WRAP(number_result_t, abi_schedule(after, SPLIT(topic), SPLIT_BODY(body), &out))
static inline text_result_t agents_spawn(text_t kind, text_t key, text_t config)
  WRAP(text_result_t, abi_spawn(SPLIT(kind), SPLIT(key), SPLIT(config), &out))
static inline result_t agents_stop(text_t agent)
  WRAP(result_t, abi_stop(SPLIT(agent), &out))
static inline result_t agents_watch(text_t agent)
  WRAP(result_t, abi_watch(SPLIT(agent), &out))
static inline text_option_t state_get(text_t key)
  WRAP(text_option_t, abi_get(SPLIT(key), &out))
static inline result_t state_set(text_t key, text_t value)
  WRAP(result_t, abi_set(SPLIT(key), SPLIT(value), &out))
static inline void state_delete(text_t key) { abi_delete(SPLIT(key)); }
static inline text_list_t state_keys(text_t prefix)
  WRAP(text_list_t, abi_keys(SPLIT(prefix), &out))
static inline text_option_t state_get_bytes(text_t key)
  WRAP(text_option_t, abi_get_bytes(SPLIT(key), &out))
static inline result_t state_set_bytes(text_t key, text_t value)
  WRAP(result_t, abi_set_bytes(SPLIT(key), SPLIT(value), &out))
static inline text_t context_self_address(void)
  WRAP(text_t, abi_self_address(&out))
static inline text_t context_world_name(void)
  WRAP(text_t, abi_world_name(&out))
static inline text_t context_config(void)
  WRAP(text_t, abi_config(&out))
static inline tool_list_t tools_available(void)
  WRAP(tool_list_t, abi_available(&out))
static inline text_result_t tools_call(text_t name, text_t arguments)
  WRAP(text_result_t, abi_call(SPLIT(name), SPLIT(arguments), &out))
static inline response_result_t http_fetch(request_t request)
  WRAP(response_result_t, abi_fetch(SPLIT_REQUEST(request), &out))
static inline number_result_t http_start(request_t request)
  WRAP(number_result_t, abi_http_start(SPLIT_REQUEST(request), &out))
static inline response_result_t http_take(uint64_t number)
  WRAP(response_result_t, abi_http_take(number, &out))
typedef enum { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR } level_t;
static inline void log_write(level_t level, text_t text) { abi_write(level, SPLIT(text)); }
#endif
