/* The tokenizer's next release: it does the same, and keeps the number as `words N` under `total`.
 *
 * It takes over what the tokenizer kept; of a `count` that is no number it says `no number`. A
 * state that is its own already it leaves as it is. */
#include "agent.h"
#include "migration.h"
#include "text.h"

#define WORDS TEXT("words ")

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
  text_option_t kept = state_get(TEXT("total"));
  text_t rest = {0};
  if (kept.some) rest = (text_t){kept.value.ptr + WORDS.size, kept.value.size - WORDS.size};
  uint64_t count = text_take_number(&rest) + words_in(message->body.value);
  builder_t text = {0};
  add(&text, WORDS);
  add_number(&text, count);
  result_t kept_now = state_set(TEXT("total"), built(&text));
  if (kept_now.failed) return kept_now;
  return messaging_send(message->sender, TEXT("ping"), message->body, NO_OPTIONS);
}

migrated_t agent_migrate(text_t origin, entries_t entries) {
  (void)origin;
  entry_t *now = allocate(entries.count * sizeof *now);
  for (size_t i = 0; i < entries.count; i++) {
    now[i] = entries.ptr[i];
    if (!text_equal(now[i].key, TEXT("count"))) continue;
    text_t rest = now[i].value.value;
    bool is_number = rest.size && rest.ptr[0] >= '0' && rest.ptr[0] <= '9';
    if (!is_number) return cannot_migrate(TEXT("no number"));
    builder_t text = {0};
    add(&text, WORDS);
    add_number(&text, text_take_number(&rest));
    now[i] = (entry_t){TEXT("total"), TEXT_BODY(built(&text))};
  }
  return migrated(now, entries.count);
}
