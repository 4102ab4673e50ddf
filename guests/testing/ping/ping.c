/* Two of these send a number to and fro until it is 0. The cheapest agent there is, for benchmarks.
 *
 * topic `ping`,  body `N`:          sends N-1 back to the sender, unless N is 0
 * topic `start`, body `N ADDRESS`:  sends N to the address on topic `ping`
 * other topics: nothing. Keeps no state. */
#include "agent.h"
#include "text.h"

result_t agent_init(void) { return DONE; }

static result_t send_number(text_t to, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  text_t text = {digits + at, sizeof digits - at};
  return messaging_send(to, TEXT("ping"), TEXT_BODY(text), NO_OPTIONS);
}

result_t agent_handle(const message_t *message) {
  text_t rest = message->body.value;
  uint64_t number = text_take_number(&rest);
  if (text_equal(message->topic, TEXT("ping"))) {
    return number ? send_number(message->sender, number - 1) : DONE;
  }
  if (text_equal(message->topic, TEXT("start")) && rest.size > 1) {
    return send_number((text_t){rest.ptr + 1, rest.size - 1}, number);
  }
  return DONE;
}
