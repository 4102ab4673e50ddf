/* Swaps kinds of agents, as it is told.
 *
 * topic `swap`,    body `KIND NAME N`:  swaps, and keeps the old one for N messages
 * topic `running`, body `KIND`:         asks what the kind runs
 * What each answers is added to the key `said`, a line each: `NAME N`, `KIND runs NAME`, with
 * ` on trial` behind, or the code of a fault. */
#include "agent.h"
#include "swap.h"
#include "text.h"

result_t agent_init(void) { return DONE; }

static text_t word(text_t *rest) {
  text_t found = {rest->ptr, 0};
  while (found.size < rest->size && rest->ptr[found.size] != ' ') found.size++;
  size_t skip = found.size + (found.size < rest->size);
  *rest = (text_t){rest->ptr + skip, rest->size - skip};
  return found;
}

static void say_swap(builder_t *line, text_t rest) {
  text_t kind = word(&rest), name = word(&rest);
  count_result_t done = swap_swap(kind, name, (uint32_t)text_take_number(&rest));
  add(line, name);
  add_char(line, ' ');
  if (done.failed) add(line, done.fault.code);
  else add_number(line, done.value);
}

static void say_running(builder_t *line, text_t kind) {
  standing_result_t found = swap_running(kind);
  add(line, kind);
  add(line, TEXT(" runs "));
  if (found.failed) {
    add(line, found.fault.code);
    return;
  }
  add(line, found.value.name.size ? found.value.name : TEXT("?"));
  if (found.value.on_trial) add(line, TEXT(" on trial"));
}

result_t agent_handle(const message_t *message) {
  builder_t said = {0};
  text_option_t before = state_get(TEXT("said"));
  if (before.some) add(&said, before.value);
  if (text_equal(message->topic, TEXT("swap"))) say_swap(&said, message->body.value);
  else say_running(&said, message->body.value);
  add_char(&said, '\n');
  return state_set(TEXT("said"), built(&said));
}
