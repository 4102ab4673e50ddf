/* Greets whoever is named, and remembers how often. */
#include "agent.h"
#include "text.h"

/* Once per instance, before its first message. */
result_t agent_init(void) { return DONE; }

result_t agent_handle(const message_t *message) {
  if (!text_equal(message->topic, TEXT("greet"))) return failure(TEXT("unknown-topic"), message->topic);
  text_t name = message->body.value;

  text_t kept = state_get(name).value;
  builder_t visits = {0};
  add_number(&visits, text_take_number(&kept) + 1);
  result_t set = state_set(name, built(&visits));
  if (set.failed) return set;

  builder_t greeting = {0};
  add(&greeting, TEXT("Hello "));
  add(&greeting, name);
  add(&greeting, TEXT(", this is visit "));
  add(&greeting, built(&visits));
  add(&greeting, TEXT("."));
  log_write(LOG_INFO, built(&greeting));
  return message->asked ? messaging_reply(TEXT_BODY(built(&greeting))) : DONE;
}
