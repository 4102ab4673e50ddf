/* The table of an assistant. The manifest's reader has checked it; here it is only read. */
#include "settings.h"

settings_t default_settings(void) {
  return (settings_t){
    .most = UNSAID, .top_k = UNSAID, .seed = UNSAID, .max_turns = 10, .max_tool_calls = 32,
    .max_rounds = 20, .repairs = 2, .recall = 4, .whole = true,
  };
}

static void read_text(const json_t *from, text_t name, text_t *to) {
  const json_t *found = json_get(from, name);
  if (found && found->kind == JSON_STRING) *to = found->text;
}

static void read_value(const json_t *from, text_t name, const json_t **to) {
  const json_t *found = json_get(from, name);
  if (found) *to = found;
}

static void read_texts(const json_t *from, settings_t *to) {
  read_text(from, TEXT("model"), &to->model);
  read_text(from, TEXT("role"), &to->role);
  read_text(from, TEXT("goal"), &to->goal);
  read_text(from, TEXT("instructions"), &to->instructions);
  read_text(from, TEXT("task"), &to->task);
  read_text(from, TEXT("then"), &to->then);
  read_text(from, TEXT("done-when"), &to->done_when);
  read_text(from, TEXT("publish"), &to->publish);
  read_text(from, TEXT("knowledge"), &to->knowledge);
  read_text(from, TEXT("library"), &to->library);
  read_text(from, TEXT("approver"), &to->approver);
}

static void read_numbers(const json_t *from, settings_t *to) {
  to->most = json_whole(from, TEXT("most"), to->most);
  to->top_k = json_whole(from, TEXT("top-k"), to->top_k);
  to->seed = json_whole(from, TEXT("seed"), to->seed);
  to->max_turns = json_whole(from, TEXT("max-turns"), to->max_turns);
  to->max_tool_calls = json_whole(from, TEXT("max-tool-calls"), to->max_tool_calls);
  to->max_rounds = json_whole(from, TEXT("max-rounds"), to->max_rounds);
  to->repairs = json_whole(from, TEXT("repairs"), to->repairs);
  to->recall = json_whole(from, TEXT("recall"), to->recall);
}

static void read_words(const json_t *from, settings_t *to) {
  text_t context = json_text(from, TEXT("context"));
  if (text_equal(context, TEXT("head-and-tail"))) to->context = HEAD_AND_TAIL;
  if (text_equal(context, TEXT("summary"))) to->context = SUMMARY;
  text_t conversation = json_text(from, TEXT("conversation"));
  if (text_equal(conversation, TEXT("sender"))) to->conversation = BY_SENDER;
  if (text_equal(conversation, TEXT("none"))) to->conversation = NO_CONVERSATION;
  if (text_equal(json_text(from, TEXT("passes")), TEXT("answer"))) to->whole = false;
  if (text_equal(json_text(from, TEXT("memory")), TEXT("own"))) to->memory = true;
  to->date = json_flag(from, TEXT("date"), to->date);
}

bool read_settings(text_t json, settings_t *settings) {
  const json_t *from = json_read(json);
  if (!from || from->kind != JSON_OBJECT) return false;
  read_texts(from, settings);
  read_numbers(from, settings);
  read_words(from, settings);
  read_value(from, TEXT("hand-offs"), &settings->hand_offs);
  read_value(from, TEXT("asks"), &settings->asks);
  read_value(from, TEXT("approve"), &settings->approve);
  read_value(from, TEXT("stop"), &settings->stop);
  read_value(from, TEXT("temperature"), &settings->temperature);
  read_value(from, TEXT("top-p"), &settings->top_p);
  const json_t *output = json_get(from, TEXT("output"));
  if (output) settings->output = output->text;
  return true;
}

bool list_has(const json_t *list, text_t text) {
  for (const json_t *it = list ? list->first : 0; it; it = it->next) {
    if (text_equal(it->text, text)) return true;
  }
  return false;
}
