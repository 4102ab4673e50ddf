/* The export of world `pure-agent`: what the host calls, turned into `agent_reduce`. */
#include "reducer.h"

#define REDUCE "wasm-engine:agent/reducer@0.1.0#reduce"

static reduced_t outcome;

EXPORT(REDUCE) const reduced_t *export_reduce(const char *state, size_t state_size, uint64_t id,
    const char *sender, size_t sender_size, const char *topic, size_t topic_size, int32_t kind,
    const char *body, size_t body_size, const header_t *headers, size_t count, int32_t asked,
    uint64_t request) {
  message_t message = {
    id, {sender, sender_size}, {topic, topic_size}, {(uint8_t)kind, {body, body_size}},
    {headers, count}, asked != 0, request,
  };
  outcome = agent_reduce((text_t){state, state_size}, &message);
  return &outcome;
}

/* Everything that the activation allocated is free again, its message among it. */
EXPORT("cabi_post_" REDUCE) void after_reduce(const reduced_t *result) {
  (void)result;
  allocator_release();
}
