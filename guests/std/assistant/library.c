/* What others know of a task: a tool that takes `query`, an agent that answers `search` with passages. */
#include "work.h"

static text_t query_of(const work_t *work, text_t question, bool counted) {
  builder_t json = {0};
  add_char(&json, '{');
  json_add_text(&json, TEXT("query"), question);
  if (counted) json_add_name(&json, TEXT("count")), add_number(&json, work->settings->recall);
  add_char(&json, '}');
  return built(&json);
}

/* Passages as a model reads them best, with the document that each is from; any other text as it is. */
static text_t readable(text_t answer) {
  const json_t *list = json_read(answer);
  if (!list || list->kind != JSON_ARRAY) return answer;
  builder_t lines = {0};
  for (const json_t *it = list->first; it; it = it->next) {
    text_t passage = json_text(it, TEXT("text")), document = json_text(it, TEXT("doc"));
    if (!passage.size) return answer;
    add(&lines, TEXT("- "));
    add(&lines, passage);
    if (document.size) add(&lines, TEXT(" ["));
    add(&lines, document);
    add(&lines, document.size ? TEXT("]\n") : TEXT("\n"));
  }
  return built(&lines);
}

text_result_t look_up(work_t *work, text_t question) {
  body_result_t reply = ask_on(work, work->settings->library, TEXT("search"),
      query_of(work, question, true));
  if (reply.failed) return (text_result_t){.failed = true, .fault = reply.fault};
  if (reply.value.kind != BODY_TEXT) return (text_result_t){0};
  const json_t *error = json_get(json_read(reply.value.value), TEXT("error"));
  if (error) {
    fault_t fault = {json_text(error, TEXT("code")), json_text(error, TEXT("detail"))};
    return (text_result_t){.failed = true, .fault = fault};
  }
  return (text_result_t){.value = readable(reply.value.value)};
}

text_t found_for(work_t *work, text_t question) {
  const settings_t *settings = work->settings;
  text_result_t known = {0}, found = {0};
  if (settings->knowledge.size) {
    known = tools_call(settings->knowledge, query_of(work, question, false));
  }
  if (settings->library.size) found = look_up(work, question);
  builder_t text = {0};
  if (!known.failed) add(&text, readable(known.value));
  if (!found.failed) add(&text, found.value);
  return built(&text);
}
