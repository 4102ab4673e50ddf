/* Asks language models, and logs what they answer. For tests and benchmarks.
 *
 * Each body is `MODEL TEXT`; the text is the user's turn.
 * topic `say`:    asks, logs the answer, and replies it if somebody waits
 * topic `json`:   the same; the answer has to fit {"type":"object","required":["n"]}
 * topic `look`:   offers a function `look`; what is called is answered with `seen ARGUMENTS`, and
 *                 so on until it answers in words
 * topic `both`:   asks twice at once, without waiting in between, and logs both answers
 * topic `forget`: asks, and does not wait for it
 * topic `told`:   logs what the model can take
 * topic `pass`:   `MODEL COUNT ADDRESS...` asks with the rest of it, and sends it on to the first address,
 *                 which is then the last, until the count is 0
 * topic `send`:   as `pass`, without asking anybody
 *
 * Logged is `= CONTENT`, or `error CODE DETAIL`. */
#include "agent.h"
#include "chat.h"
#include "text.h"

#define MOST_TURNS 16

result_t agent_init(void) { return DONE; }

static text_t word(text_t *rest) {
  size_t size = 0;
  while (size < rest->size && rest->ptr[size] != ' ') size++;
  text_t found = {rest->ptr, size};
  size_t skip = size < rest->size ? size + 1 : size;
  *rest = (text_t){rest->ptr + skip, rest->size - skip};
  return found;
}

static void say(text_t first, text_t second, text_t third) {
  builder_t line = {0};
  add(&line, first);
  add(&line, second);
  if (third.size) add_char(&line, ' ');
  add(&line, third);
  log_write(LOG_INFO, built(&line));
}

static void say_answer(const chat_answer_result_t *answer) {
  if (answer->failed) say(TEXT("error "), answer->fault.code, answer->fault.detail);
  else say(TEXT("= "), answer->value.content, TEXT(""));
}

static result_t one(const message_t *message, text_t model, text_t text, text_option_t schema) {
  chat_turn_t turn = {.role = CHAT_USER, .content = text};
  chat_question_t question = {model, {&turn, 1}, {.schema = schema}};
  chat_answer_result_t answer = chat_complete(&question);
  say_answer(&answer);
  if (!message->asked) return DONE;
  text_t said = answer.failed ? answer.fault.code : answer.value.content;
  return messaging_reply(TEXT_BODY(said));
}

static result_t look(text_t model, text_t text) {
  chat_tool_t tool = {TEXT("look"), TEXT("Looks."), TEXT("{\"type\":\"object\"}")};
  chat_turn_t turns[MOST_TURNS] = {{.role = CHAT_USER, .content = text}};
  chat_question_t question = {model, {turns, 1}, {.tools = {&tool, 1}}};
  for (;;) {
    chat_answer_result_t answer = chat_complete(&question);
    if (answer.failed || !answer.value.calls.count) {
      say_answer(&answer);
      return DONE;
    }
    size_t at = question.turns.count;
    if (at + 1 + answer.value.calls.count > MOST_TURNS) return failure(TEXT("endless"), TEXT(""));
    turns[at++] = (chat_turn_t){
      .role = CHAT_ASSISTANT, .content = answer.value.content, .calls = answer.value.calls};
    for (size_t i = 0; i < answer.value.calls.count; i++) {
      const chat_call_t *call = &answer.value.calls.ptr[i];
      say(TEXT("> "), call->name, call->arguments);
      builder_t seen = {0};
      add(&seen, TEXT("seen "));
      add(&seen, call->arguments);
      turns[at++] = (chat_turn_t){
        .role = CHAT_TOOL, .content = built(&seen), .answers = {true, call->id}};
    }
    question.turns.count = at;
  }
}

static result_t both(text_t model, text_t text) {
  chat_turn_t turn = {.role = CHAT_USER, .content = text};
  chat_question_t question = {model, {&turn, 1}, {0}};
  number_result_t first = chat_start(&question), second = chat_start(&question);
  if (first.failed || second.failed) return failed_with(first.failed ? first.fault : second.fault);
  uint64_t numbers[] = {first.value, second.value};
  for (size_t i = 0; i < 2; i++) {
    number_result_t ended = messaging_wait_any(numbers + i, 1);
    if (ended.failed) return failed_with(ended.fault);
    chat_answer_result_t answer = chat_take(numbers[i]);
    say_answer(&answer);
  }
  return DONE;
}

static result_t pass(text_t model, text_t rest, bool asks) {
  if (asks) {
    chat_turn_t turn = {.role = CHAT_USER, .content = rest};
    chat_question_t question = {model, {&turn, 1}, {0}};
    chat_answer_result_t answer = chat_complete(&question);
    if (answer.failed) return failed_with(answer.fault);
  }
  uint64_t left = text_take_number(&rest);
  if (!left || !rest.size) return DONE;
  rest = (text_t){rest.ptr + 1, rest.size - 1};
  text_t to = word(&rest);
  builder_t body = {0};
  add(&body, model);
  add_char(&body, ' ');
  add_number(&body, left - 1);
  add_char(&body, ' ');
  if (rest.size) {
    add(&body, rest);
    add_char(&body, ' ');
  }
  add(&body, to);
  return messaging_send(
    to, asks ? TEXT("pass") : TEXT("send"), TEXT_BODY(built(&body)), NO_OPTIONS);
}

static result_t forget(text_t model, text_t text) {
  chat_turn_t turn = {.role = CHAT_USER, .content = text};
  chat_question_t question = {model, {&turn, 1}, {0}};
  number_result_t number = chat_start(&question);
  return number.failed ? failed_with(number.fault) : DONE;
}

static result_t told(text_t model) {
  chat_description_result_t it = chat_describe(model);
  if (it.failed) {
    say(TEXT("error "), it.fault.code, it.fault.detail);
    return DONE;
  }
  builder_t line = {0};
  add_number(&line, it.value.context);
  add_char(&line, ' ');
  add_number(&line, it.value.most);
  say(TEXT("= "), built(&line), TEXT(""));
  return DONE;
}

result_t agent_handle(const message_t *message) {
  text_t rest = message->body.value, topic = message->topic, model = word(&rest);
  text_option_t schema = {true, TEXT("{\"type\":\"object\",\"required\":[\"n\"]}")};
  if (text_equal(topic, TEXT("say"))) return one(message, model, rest, (text_option_t){0});
  if (text_equal(topic, TEXT("json"))) return one(message, model, rest, schema);
  if (text_equal(topic, TEXT("look"))) return look(model, rest);
  if (text_equal(topic, TEXT("both"))) return both(model, rest);
  if (text_equal(topic, TEXT("forget"))) return forget(model, rest);
  if (text_equal(topic, TEXT("told"))) return told(model);
  if (text_equal(topic, TEXT("pass"))) return pass(model, rest, true);
  if (text_equal(topic, TEXT("send"))) return pass(model, rest, false);
  return DONE;
}
