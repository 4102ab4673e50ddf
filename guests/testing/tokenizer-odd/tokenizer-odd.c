/* A tokenizer that should not have been released. What its configuration says, that it does:
 *
 * `trap`:   traps
 * `late`:   keeps something, then traps at the third message of an agent
 * `migrate`: takes over a state like the next release, by writing `odd` under `odd`, and traps
 * else:     sends back another text than it got, and counts right */
#include "agent.h"
#include "migration.h"
#include "text.h"

static uint64_t words_in(text_t text) {
  uint64_t count = 0;
  for (size_t i = 0; i < text.size; i++) {
    count += text.ptr[i] != ' ' && (i == 0 || text.ptr[i - 1] == ' ');
  }
  return count;
}

static bool is_told(text_t word) {
  text_t config = context_config();
  for (size_t i = 0; i + word.size <= config.size; i++) {
    if (text_equal((text_t){config.ptr + i, word.size}, word)) return true;
  }
  return false;
}

result_t agent_init(void) { return DONE; }

result_t agent_handle(const message_t *message) {
  if (is_told(TEXT("trap")) || is_told(TEXT("migrate"))) __builtin_trap();
  text_option_t kept = state_get(TEXT("count"));
  text_t rest = kept.some ? kept.value : (text_t){0};
  uint64_t before = text_take_number(&rest);
  if (is_told(TEXT("late")) && before % 3 == 2) __builtin_trap();
  builder_t text = {0};
  add_number(&text, before + words_in(message->body.value));
  result_t kept_now = state_set(TEXT("count"), built(&text));
  if (kept_now.failed) return kept_now;
  body_t body = is_told(TEXT("late")) ? message->body : TEXT_BODY(TEXT("0"));
  return messaging_send(message->sender, TEXT("ping"), body, NO_OPTIONS);
}

migrated_t agent_migrate(text_t origin, entries_t entries) {
  (void)origin;
  if (!is_told(TEXT("migrate"))) return migrated(entries.ptr, entries.count);
  entry_t *now = allocate((entries.count + 1) * sizeof *now);
  for (size_t i = 0; i < entries.count; i++) now[i] = entries.ptr[i];
  now[entries.count] = (entry_t){TEXT("odd"), {BODY_BYTES, TEXT("odd")}};
  return migrated(now, entries.count + 1);
}
