/* Counts words, for worlds in which it is swapped while they run.
 *
 * topic `ping`, body TEXT:  sends TEXT back to the sender on `ping`; the number of words that it
 *                           ever saw is under the key `count`, in decimal
 * other topics: fails with `unknown-topic` */
#include "agent.h"
#include "text.h"

static uint64_t words_in(text_t text) {
  uint64_t count = 0;
  for (size_t i = 0; i < text.size; i++) {
    count += text.ptr[i] != ' ' && (i == 0 || text.ptr[i - 1] == ' ');
  }
  return count;
}

result_t agent_init(void) { return DONE; }

result_t agent_handle(const message_t *message) {
  if (!text_equal(message->topic, TEXT("ping"))) {
    return failure(TEXT("unknown-topic"), message->topic);
  }
  text_option_t kept = state_get(TEXT("count"));
  text_t rest = kept.some ? kept.value : (text_t){0};
  uint64_t count = text_take_number(&rest) + words_in(message->body.value);
  builder_t text = {0};
  add_number(&text, count);
  result_t kept_now = state_set(TEXT("count"), built(&text));
  if (kept_now.failed) return kept_now;
  return messaging_send(message->sender, TEXT("ping"), message->body, NO_OPTIONS);
}
