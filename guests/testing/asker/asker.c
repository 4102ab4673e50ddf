/* Asks a server, for tests of effects.
 *
 * topic METHOD (`get`, `put`, `post`), body `N URL`: N requests, one after another, to URL with the
 *   number of each at its end (1 to N); what comes of each goes to the state, as `answer/NUMBER`:
 *   status and body, or the code of the fault. The body of a `put` or `post` is that number.
 * topic `at-once`, body `N URL`: the same with `get`, all N under way at a time.
 * topic `forget`, body `URL`: a request that is not waited for. */
#include "agent.h"
#include "text.h"

result_t agent_init(void) { return DONE; }

static request_t request_of(text_t method, text_t url, uint64_t number) {
  builder_t whole = {0}, body = {0};
  add(&whole, url);
  add_number(&whole, number);
  add_number(&body, number);
  bool some = !text_equal(method, TEXT("GET"));
  return (request_t){.method = method, .url = built(&whole), .some = some,
                     .body = TEXT_BODY(built(&body))};
}

static void keep(uint64_t number, response_result_t answer) {
  builder_t key = {0}, value = {0};
  add(&key, TEXT("answer/"));
  add_number(&key, number);
  if (answer.failed) {
    add(&value, answer.fault.code);
  } else {
    add_number(&value, answer.value.status);
    add_char(&value, ' ');
    add(&value, answer.value.body.value);
  }
  state_set(built(&key), built(&value));
}

static result_t at_once(uint64_t count, text_t url) {
  uint64_t *numbers = allocate(count * sizeof *numbers), *names = allocate(count * sizeof *names);
  for (uint64_t i = 0; i < count; i++) {
    number_result_t started = http_start(request_of(TEXT("GET"), url, i + 1));
    if (started.failed) return failed_with(started.fault);
    numbers[i] = started.value;
    names[i] = i + 1;
  }
  while (count) {
    number_result_t ended = messaging_wait_any(numbers, count);
    if (ended.failed) return failed_with(ended.fault);
    for (uint64_t i = 0; i < count; i++) {
      if (numbers[i] != ended.value) continue;
      keep(names[i], http_take(numbers[i]));
      numbers[i] = numbers[--count];
      names[i] = names[count];
      break;
    }
  }
  return DONE;
}

result_t agent_handle(const message_t *message) {
  text_t url = message->body.value, method = TEXT("GET");
  if (text_equal(message->topic, TEXT("forget"))) {
    number_result_t started = http_start(request_of(method, url, 0));
    return started.failed ? failed_with(started.fault) : DONE;
  }
  uint64_t count = text_take_number(&url);
  if (url.size) url = (text_t){url.ptr + 1, url.size - 1};
  if (text_equal(message->topic, TEXT("at-once"))) return at_once(count, url);
  if (text_equal(message->topic, TEXT("put"))) method = TEXT("PUT");
  if (text_equal(message->topic, TEXT("post"))) method = TEXT("POST");
  for (uint64_t i = 1; i <= count; i++) keep(i, http_fetch(request_of(method, url, i)));
  return DONE;
}
