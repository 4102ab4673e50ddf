/* Says where it is: its component keeps its debug information, so that a report of a divergence can
 * name the lines of this file.
 *
 * topic `tell`, body `ADDRESS`: sends `told` to the address
 * other topics: nothing. Keeps no state. */
#include "agent.h"
#include "text.h"

result_t agent_init(void) { return DONE; }

static result_t tell(text_t to) {
  return messaging_send(to, TEXT("told"), TEXT_BODY(TEXT("x")), NO_OPTIONS);
}

result_t agent_handle(const message_t *message) {
  if (text_equal(message->topic, TEXT("tell"))) {
    return tell(message->body.value);
  }
  return DONE;
}
