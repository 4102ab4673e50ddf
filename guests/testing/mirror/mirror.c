/* An agent that shows its own memory, so that others can hold what they see of it against that.
 *
 * topic `note`,  body TEXT:   keeps the text in its memory, behind those it was told before
 * topic `show`,  body TO:     asks TO, on topic `memory`, with all of its memory as the body: while
 *                             it waits, its memory is what it sent
 * topic `grow`,  body N:      N pages of memory more
 * other topics:               keeps a request open for ever, and does nothing else */
#include "agent.h"
#include "text.h"

/* volatile: nothing here reads them, so they would not be there otherwise. */
static volatile char notes[8192];
static volatile size_t noted;

static result_t note(text_t text) {
  for (size_t i = 0; i < text.size && noted < sizeof notes; i++) {
    notes[noted++] = text.ptr[i];
  }
  return DONE;
}

static result_t show(text_t to) {
  text_t memory = {0, __builtin_wasm_memory_size(0) * 65536};
  body_t body = {.kind = BODY_BYTES, .value = memory};
  messaging_ask(to, TEXT("memory"), body, NO_OPTIONS);
  return DONE;
}

result_t agent_init(void) { return DONE; }

result_t agent_handle(const message_t *message) {
  text_t body = message->body.value;
  if (text_equal(message->topic, TEXT("note"))) {
    return note(body);
  }
  if (text_equal(message->topic, TEXT("show"))) {
    return show(body);
  }
  if (text_equal(message->topic, TEXT("grow"))) {
    __builtin_wasm_memory_grow(0, text_take_number(&body));
    return DONE;
  }
  messaging_defer();
  return DONE;
}
