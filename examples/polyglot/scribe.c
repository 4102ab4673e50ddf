/* The scribe, in C: see scribe.py, which does the same. */
#include "agent.h"
#include "text.h"

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static uint64_t words_in(text_t text) {
  uint64_t count = 0;
  for (size_t n = 0; n < text.size; n++) {
    count += !is_space(text.ptr[n]) && (n == 0 || is_space(text.ptr[n - 1]));
  }
  return count;
}

/* What stands before the first such character, taken off the text together with it. */
static text_t take_until(text_t *text, char end) {
  size_t size = 0;
  while (size < text->size && text->ptr[size] != end) size++;
  text_t taken = {text->ptr, size};
  size_t gone = size < text->size ? size + 1 : size;
  *text = (text_t){text->ptr + gone, text->size - gone};
  return taken;
}

result_t agent_init(void) { return DONE; }

result_t agent_handle(const message_t *message) {
  if (!text_equal(message->topic, TEXT("document"))) {
    return failure(TEXT("unknown-topic"), message->topic);
  }
  text_t text = message->body.value, route = take_until(&text, '\n');

  text_t kept = state_get(TEXT("documents")).value;
  builder_t number = {0};
  add_number(&number, text_take_number(&kept) + 1);
  result_t set = state_set(TEXT("documents"), built(&number));
  if (set.failed) return set;

  builder_t signed_text = {0};
  text_t to = take_until(&route, ' ');
  if (to.size) {
    add(&signed_text, route);
    add_char(&signed_text, '\n');
  }
  add(&signed_text, text);
  add_char(&signed_text, '\n');
  add(&signed_text, context_self_address());
  add(&signed_text, TEXT(": "));
  add_number(&signed_text, words_in(text));
  add(&signed_text, TEXT(" words, document "));
  add(&signed_text, built(&number));

  body_t result = TEXT_BODY(built(&signed_text));
  if (to.size) {
    body_result_t asked = messaging_ask(to, TEXT("document"), result, NO_OPTIONS);
    if (asked.failed) return failed_with(asked.fault);
    result = asked.value;
  }
  if (message->asked) return messaging_reply(result);
  log_write(LOG_INFO, result.value);
  return DONE;
}
