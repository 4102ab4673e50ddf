/* A ballot box without hidden state: `reduce(state, message) -> (state, messages)`.
 *
 * topic `vote`,  body `yes` or `no`:  counted
 * topic `close`:                      sends the counts back, on topic `result`: `YES NO`
 * other topics:                       fails with `unknown-topic` */
#include "reducer.h"
#include "text.h"

static void skip_space(text_t *text) {
  if (text->size) *text = (text_t){text->ptr + 1, text->size - 1};
}

reduced_t agent_reduce(text_t state, const message_t *message) {
  text_t rest = state;
  uint64_t yes = text_take_number(&rest);
  skip_space(&rest);
  uint64_t no = text_take_number(&rest);
  bool closing = text_equal(message->topic, TEXT("close"));
  if (!closing && !text_equal(message->topic, TEXT("vote"))) {
    return (reduced_t){.failed = true, .fault = {TEXT("unknown-topic"), message->topic}};
  }
  if (!closing) {
    if (text_equal(message->body.value, TEXT("yes"))) yes++;
    else no++;
  }
  builder_t counts = {0};
  add_number(&counts, yes);
  add_char(&counts, ' ');
  add_number(&counts, no);
  outgoing_t *outgoing = allocate(sizeof *outgoing);
  *outgoing = (outgoing_t){message->sender, TEXT("result"), TEXT_BODY(built(&counts))};
  return (reduced_t){.state = built(&counts), .outgoing = outgoing, .count = closing};
}
