/* The smallest pure agent: its state is a sum, in decimal.
 *
 * topic `add`,  body `N`:  the sum grows by N
 * topic `tell`:            sends the sum back to the sender, on topic `sum`
 * topic `tell-twice`:      the same, two messages
 * other topics:            fails with `unknown-topic` */
#include "reducer.h"
#include "text.h"

reduced_t agent_reduce(text_t state, const message_t *message) {
  text_t rest = state, body = message->body.value;
  uint64_t sum = text_take_number(&rest);
  size_t count = 0;
  if (text_equal(message->topic, TEXT("add"))) {
    sum += text_take_number(&body);
  } else if (text_equal(message->topic, TEXT("tell"))) {
    count = 1;
  } else if (text_equal(message->topic, TEXT("tell-twice"))) {
    count = 2;
  } else {
    return (reduced_t){.failed = true, .fault = {TEXT("unknown-topic"), message->topic}};
  }
  builder_t text = {0};
  add_number(&text, sum);
  outgoing_t *outgoing = allocate(2 * sizeof *outgoing);
  for (size_t i = 0; i < count; i++) {
    outgoing[i] = (outgoing_t){message->sender, TEXT("sum"), TEXT_BODY(built(&text))};
  }
  return (reduced_t){.state = built(&text), .outgoing = outgoing, .count = count};
}
