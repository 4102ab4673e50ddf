/* Asks models, people and about swaps, and says what came of it: the same text in each language. */
#include "agent.h"
#include "chat.h"
#include "human.h"
#include "models.h"
#include "swap.h"
#include "text.h"

#define SECOND 1000000000ull
static builder_t out;

result_t agent_init(void) { return DONE; }

static void say(text_t text) { add(&out, text); }
static void say_flag(bool it) { say(it ? TEXT("true") : TEXT("false")); }
static void space(void) { add_char(&out, ' '); }
static void line(void) { add_char(&out, '\n'); }
static bool refused(bool failed, fault_t fault) {
  if (!failed) return false;
  add_char(&out, '!');
  say(fault.code);
  return true;
}

static void say_answer(chat_answer_result_t it) {
  if (!refused(it.failed, it.fault)) say(it.value.content);
}
static chat_answer_result_t ask(text_t model, text_t text) {
  chat_turn_t turn = {.role = CHAT_USER, .content = text};
  chat_question_t question = {model, {&turn, 1}, {0}};
  return chat_complete(&question);
}
static uint64_t start(text_t text) {
  chat_turn_t turn = {.role = CHAT_USER, .content = text};
  chat_question_t question = {TEXT("clever"), {&turn, 1}, {0}};
  return chat_start(&question).value;
}

static result_t talk(void) {
  chat_tool_t tool = {TEXT("look"), TEXT("Looks."), TEXT("{\"type\":\"object\"}")};
  chat_turn_t turns[4] = {{.role = CHAT_SYSTEM, .content = TEXT("Be brief.")},
                          {.role = CHAT_USER, .content = TEXT("weather")}};
  chat_question_t question = {TEXT("clever"), {turns, 2}, {.tools = {&tool, 1}}};
  chat_answer_result_t answer = chat_complete(&question);
  if (answer.failed) return failed_with(answer.fault);
  const chat_call_t *call = answer.value.calls.ptr;
  say_flag(answer.value.finish == CHAT_CALLS);
  space(), say(call->name), space(), say(call->arguments), line();
  turns[2] = (chat_turn_t){
    .role = CHAT_ASSISTANT, .content = answer.value.content, .calls = answer.value.calls};
  turns[3] = (chat_turn_t){
    .role = CHAT_TOOL, .content = TEXT("wet"), .answers = {true, call->id}};
  question.turns.count = 4;
  answer = chat_complete(&question);
  say_answer(answer), space(), add_number(&out, answer.value.usage.prompt), add_char(&out, '+');
  add_number(&out, answer.value.usage.answer), line();
  text_t stop[] = {TEXT("\n"), TEXT("end")};
  tool.parameters = TEXT("{}");
  chat_turn_t all = {.role = CHAT_USER, .content = TEXT("all")};
  question = (chat_question_t){TEXT("clever"), {&all, 1}, {
    .tools = {&tool, 1}, .choice = {CHAT_NAMED, TEXT("look")},
    .schema = {true, TEXT("{\"type\":\"string\"}")}, .most = {true, 7}, .temperature = {true, 0.5},
    .top_p = {true, 0.25}, .top_k = {true, 3}, .seed = {true, 9}, .stop = {stop, 2},
    .timeout = {true, SECOND}}};
  say_answer(chat_complete(&question)), line();
  uint64_t both[] = {start(TEXT("one")), start(TEXT("two"))};
  say_flag(messaging_wait_any(both, 2).value == both[0]);
  space(), say_answer(chat_take(both[0])), line();
  messaging_wait_any(both + 1, 1);
  say_answer(chat_take(both[1])), line();
  say_answer(ask(TEXT("clever"), TEXT("three"))), line();
  say_answer(ask(TEXT("nobody"), TEXT("three"))), line();
  chat_description_result_t about = chat_describe(TEXT("clever"));
  add_number(&out, about.value.context), space(), add_number(&out, about.value.most);
  return DONE;
}

static void say_slots(slots_t slots) {
  for (size_t n = 0; n < slots.count; n++) {
    const slot_t *slot = slots.ptr + n;
    if (n) space();
    say(slot->name), space(), say(slot->element), add_char(&out, '[');
    for (size_t at = 0; at < slot->shape.count; at++) {
      if (at) add_char(&out, ',');
      if (slot->shape.ptr[at].fixed) add_number(&out, slot->shape.ptr[at].length);
      else say(TEXT("any"));
    }
    add_char(&out, ']');
    if (slot->optional) add_char(&out, '?');
  }
}
static const uint32_t TWO[] = {2}, ONE_BY_TWO[] = {1, 2};
static const bool YES[] = {true};
typedef struct { text_t words[2]; float x[2]; tensor_t tensors[3]; } inputs_t;
static const tensor_t *inputs(inputs_t *it, float x) {
  *it = (inputs_t){{TEXT("gr\xc3\xbcn"), TEXT("")}, {x, 1.5f}, {
    {TEXT("words"), {TWO, 1}, {TEXTS, it->words, 2}},
    {TEXT("yes"), {0, 0}, {BOOLEAN, YES, 1}},
    {TEXT("x"), {ONE_BY_TWO, 2}, {FLOAT32, it->x, 2}}}};
  return it->tensors;
}
static void say_outputs(tensors_result_t it) {
  if (!refused(it.failed, it.fault)) {
    const text_t *words = it.value.ptr[0].data.ptr;
    const tensor_t *sum = it.value.ptr + 2;
    say(words[0]), add_char(&out, '|'), say(words[1]), space();
    say_flag(*(const bool *)it.value.ptr[1].data.ptr), space(), say(sum->name), space();
    for (size_t n = 0; n < sum->data.count; n++) {
      if (n) add_char(&out, ',');
      add_number(&out, (uint64_t)(((const float *)sum->data.ptr)[n] * 10));
    }
  }
  line();
}

static result_t compute(void) {
  inputs_t given;
  text_t mixed = TEXT("mixed");
  model_result_t about = models_describe(mixed);
  if (about.failed) return failed_with(about.fault);
  add_number(&out, about.value.digest.size), space(), say_flag(about.value.portable), space();
  say_slots(about.value.inputs), line(), say_slots(about.value.outputs), line();
  say_outputs(models_run(mixed, inputs(&given, 0.5f), 3));
  number_result_t first = models_start(mixed, inputs(&given, 1), 3), second;
  abi_models_start(mixed.ptr, mixed.size, inputs(&given, 2), 3, true, 9 * SECOND, &second);
  if (first.failed || second.failed) return failure(TEXT("not-started"), TEXT(""));
  messaging_cancel_request(second.value);
  messaging_wait_any(&first.value, 1);
  say_outputs(models_take(first.value));
  say_outputs(models_take(second.value));
  say_outputs(models_run(TEXT("nobody"), 0, 0));
  say_outputs(models_run(mixed, inputs(&given, 0.5f), 1));
  uint16_t bits[] = {0x3c00};
  tensor_t half = {TEXT("h"), {ONE_BY_TWO, 1}, {FLOAT16, bits, 1}};
  tensors_result_t found = models_run(TEXT("half"), &half, 1);
  if (found.failed) return failed_with(found.fault);
  const tensor_data_t *data = &found.value.ptr->data;
  say_flag(data->element == FLOAT16 && *(const uint16_t *)data->ptr == 0x3c00), space();
  add_number(&out, *found.value.ptr->shape.ptr), line();
  say(data->element == FLOAT32 ? TEXT("1") : TEXT("!bad-tensor"));
  return DONE;
}

static bool same(const float *one, const float *other, size_t count) {
  for (size_t n = 0; n < count; n++) {
    if (one[n] != other[n]) return false;
  }
  return true;
}
static result_t embed(void) {
  text_t texts[] = {TEXT("a cat"), TEXT("a cat"), TEXT("the dog")}, model = TEXT("texts");
  floats_result_t it = embeddings_embed(model, texts, 3);
  if (it.failed) return failed_with(it.fault);
  size_t each = it.value.count / 3;
  const float *numbers = it.value.ptr;
  add_number(&out, it.value.count / each), space(), add_number(&out, each), space();
  say_flag(same(numbers, numbers + each, each)), space();
  say_flag(same(numbers, numbers + 2 * each, each)), line();
  add_number(&out, embeddings_embed(model, texts, 0).value.count), line();
  add_number(&out, embeddings_dimensions(model).value), line();
  it = embeddings_embed(TEXT("nobody"), texts, 1);
  refused(it.failed, it.fault);
  return DONE;
}

static result_t swaps(void) {
  standing_result_t it = swap_running(TEXT("idle"));
  if (it.failed) return failed_with(it.fault);
  say(it.value.name), space(), add_number(&out, it.value.digest.size), space();
  say_flag(it.value.on_trial), line();
  count_result_t count = swap_swap(TEXT("idle"), TEXT("none"), 3);
  refused(count.failed, count.fault), line();
  count = swap_swap(TEXT("counsel"), TEXT("source"), 0);
  refused(count.failed, count.fault);
  return DONE;
}

static result_t people(void) {
  text_t owner = TEXT("owner"), choices[] = {TEXT("this"), TEXT("that")}, now = TEXT("Now?");
  number_result_t approval = human_start_approve(owner, TEXT("Pay?"), TEXT("All of it."));
  if (approval.failed) return failed_with(approval.fault);
  text_result_t answer = human_ask(owner, TEXT("Which?"), (text_list_t){choices, 2});
  if (answer.failed) return failed_with(answer.fault);
  messaging_wait_any(&approval.value, 1);
  decision_result_t decision = human_take_decision(approval.value);
  if (decision.failed) return failed_with(decision.fault);
  say(answer.value), space(), say_flag(decision.value.approved), space();
  say(decision.value.comment), space(), say(decision.value.by), space();
  human_abi_ask(SPLIT(owner), SPLIT(now), 0, 0, true, SECOND, &answer);
  refused(answer.failed, answer.fault), space();
  decision = human_approve(TEXT("nobody"), TEXT("Pay?"), TEXT(""));
  refused(decision.failed, decision.fault);
  return DONE;
}

result_t agent_handle(const message_t *message) {
  result_t done = DONE;
  out = (builder_t){0};
  if (text_equal(message->topic, TEXT("chat"))) done = talk();
  if (text_equal(message->topic, TEXT("models"))) done = compute();
  if (text_equal(message->topic, TEXT("texts"))) done = embed();
  if (text_equal(message->topic, TEXT("swap"))) done = swaps();
  if (text_equal(message->topic, TEXT("people"))) done = people();
  if (!done.failed) log_write(LOG_INFO, built(&out));
  return done;
}
