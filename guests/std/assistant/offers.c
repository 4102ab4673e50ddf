/* What the model may call: tools, other agents, its memory. */
#include "work.h"
#include "memory.h"
#include "human.h"

#define MOST_SHOWN (60 << 10) /* bytes of arguments that a person is shown */
#define LONGEST_NAME 64 /* of a function, for models */

/* JSON Schema of an object with one text. */
static text_t schema_of(text_t key, text_t says) {
  builder_t json = {0};
  add(&json, TEXT("{\"type\":\"object\",\"properties\":{\""));
  add(&json, key);
  add(&json, TEXT("\":{\"type\":\"string\",\"description\":"));
  add_json(&json, says);
  add(&json, TEXT("}},\"required\":[\""));
  add(&json, key);
  add(&json, TEXT("\"],\"additionalProperties\":false}"));
  return built(&json);
}

/* Models take letters, digits, `_` and `-`: of an address or a tool the rest becomes `_`. */
static text_t shown_name(const offers_t *offers, text_t before, text_t name) {
  builder_t shown = {0};
  add(&shown, before);
  for (size_t i = 0; i < name.size && shown.size < LONGEST_NAME; i++) {
    char c = name.ptr[i];
    add_char(&shown, c == '.' || c == '/' ? '_' : c);
  }
  for (size_t i = 0, same = 1; i < offers->count; i++) {
    if (!text_equal(offers->ptr[i].shown, built(&shown))) continue;
    size_t stem = before.size + name.size;
    shown.size = stem < LONGEST_NAME - 4 ? stem : LONGEST_NAME - 4;
    add_char(&shown, '_');
    add_number(&shown, ++same);
    i = (size_t)-1; /* that one may be there, too */
  }
  return built(&shown);
}

static void offer(offers_t *to, offer_kind_t kind, text_t before, text_t target, text_t says,
    text_t parameters) {
  text_t shown = shown_name(to, before, target);
  to->ptr[to->count] = (offer_t){kind, shown, target, says, parameters};
  to->shown[to->count++] = (chat_tool_t){shown, says, parameters};
  to->size += shown.size + says.size + parameters.size + 32;
}

static text_t joined(text_t first, text_t second) {
  builder_t both = {0};
  add(&both, first);
  add(&both, second);
  return built(&both);
}

static void offer_agents(offers_t *to, const settings_t *settings) {
  for (const json_t *it = settings->hand_offs ? settings->hand_offs->first : 0; it; it = it->next) {
    text_t says = joined(TEXT("Hands the whole task over to this colleague, who answers in your "
        "place. "), it->text);
    offer(to, HAND_OFF, TEXT("hand_off_to_"), it->name, says,
        schema_of(TEXT("context"), TEXT("What the colleague has to know: what was found, what is to do.")));
  }
  for (const json_t *it = settings->asks ? settings->asks->first : 0; it; it = it->next) {
    text_t says = joined(TEXT("Asks this colleague, and waits for the answer. "), it->text);
    offer(to, ASK, TEXT("ask_"), it->name, says,
        schema_of(TEXT("request"), TEXT("What the colleague shall do or answer, with all that it takes: "
        "they know nothing of this conversation.")));
  }
}

static void offer_library(offers_t *to, const settings_t *settings) {
  if (!settings->library.size) return;
  offer(to, LOOK_UP, TEXT(""), TEXT("look_up"), TEXT("Finds passages of the documents at hand."),
      schema_of(TEXT("query"), TEXT("What the passages have to be about.")));
}

static void offer_memory(offers_t *to, const settings_t *settings) {
  if (!settings->memory) return;
  offer(to, REMEMBER, TEXT(""), TEXT("remember"), TEXT("Keeps a fact for later conversations."),
      schema_of(TEXT("text"), TEXT("The fact, in one sentence that can be understood alone.")));
  offer(to, RECALL, TEXT(""), TEXT("recall"), TEXT("Looks for facts that were kept before."),
      schema_of(TEXT("query"), TEXT("Words that the fact may have.")));
}

static size_t length_of(const json_t *list) { return list ? list->count : 0; }

offers_t offers_of(const settings_t *settings) {
  tool_list_t tools = tools_available();
  size_t most = tools.count + length_of(settings->hand_offs) + length_of(settings->asks) + 3;
  offers_t offers = {.ptr = allocate(most * sizeof *offers.ptr)};
  offers.shown = allocate(most * sizeof *offers.shown);
  for (size_t i = 0; i < tools.count; i++) {
    offer(&offers, TOOL, TEXT(""), tools.ptr[i].name, tools.ptr[i].description,
        tools.ptr[i].input_schema);
  }
  offer_agents(&offers, settings);
  offer_library(&offers, settings);
  offer_memory(&offers, settings);
  return offers;
}

static text_t told(fault_t fault) {
  builder_t text = {0};
  add(&text, TEXT("error: "));
  add(&text, fault.code);
  if (fault.detail.size) add(&text, TEXT(": "));
  add(&text, fault.detail);
  return built(&text);
}

static text_t unknown(const offers_t *offers, text_t name) {
  builder_t text = {0};
  add(&text, TEXT("error: there is no function "));
  add_json(&text, abridged(name, LONGEST_NAME));
  add(&text, offers->count ? TEXT("; there are ") : TEXT("; there is none"));
  for (size_t i = 0; i < offers->count; i++) {
    if (i) add(&text, TEXT(", "));
    add(&text, offers->ptr[i].shown);
  }
  return built(&text);
}

/* Whether a person has to approve: of the tool, or of all functions of its component. */
static bool needs_approval(const settings_t *settings, text_t tool) {
  if (list_has(settings->approve, tool)) return true;
  text_t component = {tool.ptr, 0};
  while (component.size < tool.size && tool.ptr[component.size] != '.') component.size++;
  return list_has(settings->approve, component);
}

static text_t call_tool(work_t *work, text_t name, text_t arguments) {
  if (needs_approval(work->settings, name)) {
    /* Nobody approves of what they have not seen. */
    if (arguments.size > MOST_SHOWN) return TEXT("error: too much for a person to approve of");
    text_t what = joined(TEXT("Call "), name);
    decision_result_t decision = human_approve(work->settings->approver, what, arguments);
    if (decision.failed) return told(decision.fault);
    if (!decision.value.approved) {
      return joined(TEXT("error: a person has not approved of this call. "), decision.value.comment);
    }
  }
  text_result_t result = tools_call(name, arguments.size ? arguments : TEXT("{}"));
  return result.failed ? told(result.fault) : result.value;
}

static text_t hand_over(work_t *work, text_t to, text_t context) {
  result_t done = pass_on(work, to, with_result(work->task, context));
  if (done.failed) return told(done.fault);
  work->handed = true;
  return TEXT("handed over");
}

static text_t ask_agent(work_t *work, text_t to, text_t request) {
  body_result_t reply = ask_on(work, to, work->message->topic, request);
  if (reply.failed) return told(reply.fault);
  if (reply.value.kind != BODY_TEXT) return TEXT("error: the answer is no text");
  return reply.value.value;
}

static text_t keep(text_t text) {
  result_t done = remember(abridged(text, LONGEST_MEMORY));
  return done.failed ? told(done.fault) : TEXT("kept");
}

static text_t execute_own(work_t *work, const offer_t *offer, const chat_call_t *call) {
  static const text_t names[] = {
    [HAND_OFF] = {"context", 7}, [ASK] = {"request", 7}, [LOOK_UP] = {"query", 5},
    [REMEMBER] = {"text", 4}, [RECALL] = {"query", 5},
  };
  const json_t *value = json_get(json_read(call->arguments), names[offer->kind]);
  if (!value || value->kind != JSON_STRING || !value->text.size) {
    builder_t text = {0};
    add(&text, TEXT("error: invalid-arguments: an object is expected, with text as "));
    add_json(&text, names[offer->kind]);
    return built(&text);
  }
  if (offer->kind == HAND_OFF) return hand_over(work, offer->target, value->text);
  if (offer->kind == ASK) return ask_agent(work, offer->target, value->text);
  if (offer->kind == REMEMBER) return keep(value->text);
  if (offer->kind == LOOK_UP) {
    text_result_t passages = look_up(work, value->text);
    if (passages.failed) return told(passages.fault);
    return passages.value.size ? passages.value : TEXT("nothing was found that fits");
  }
  text_t found = recall(value->text, work->settings->recall);
  return found.size ? found : TEXT("nothing was kept that fits");
}

text_t execute(work_t *work, const chat_call_t *call) {
  for (size_t i = 0; i < work->offers.count; i++) {
    const offer_t *it = &work->offers.ptr[i];
    bool meant = text_equal(it->shown, call->name) ||
                 (it->kind == TOOL && text_equal(it->target, call->name));
    if (!meant) continue;
    if (it->kind == TOOL) return call_tool(work, it->target, call->arguments);
    return execute_own(work, it, call);
  }
  return unknown(&work->offers, call->name);
}
