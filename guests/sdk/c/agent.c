/* The exports of world `agent`: what the host calls, turned into `agent_init` and `agent_handle`. */
#include "agent.h"
#include "layout.h"

#define HANDLER "wasm-engine:agent/handler@0.1.0#"

static result_t outcome;

EXPORT(HANDLER "init") const result_t *export_init(void) {
  outcome = agent_init();
  return &outcome;
}

/* What init allocated outlives it. */
EXPORT("cabi_post_" HANDLER "init") void after_init(const result_t *result) {
  (void)result;
  allocator_keep();
}

EXPORT(HANDLER "handle") const result_t *export_handle(uint64_t id, const char *sender,
    size_t sender_size, const char *topic, size_t topic_size, int32_t kind, const char *body,
    size_t body_size, const header_t *headers, size_t count, int32_t asked, uint64_t request) {
  message_t message = {
    id, {sender, sender_size}, {topic, topic_size}, {(uint8_t)kind, {body, body_size}},
    {headers, count}, asked != 0, request,
  };
  outcome = agent_handle(&message);
  return &outcome;
}

/* Everything that the activation allocated is free again, its message among it. */
EXPORT("cabi_post_" HANDLER "handle") void after_handle(const result_t *result) {
  (void)result;
  allocator_release();
}
