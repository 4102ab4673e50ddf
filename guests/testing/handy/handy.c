/* Calls tools, for tests and measurements. Each line of a body is done in turn; what comes of it
 * is a line of the state's `trace`.
 *
 *   NAME ARGUMENTS        calls a tool with JSON: the answer, or `err:CODE:DETAIL`
 *   *N NAME ARGUMENTS     N times, and only the last answer
 *   ?                     the names of the tools there are
 *   @ADDRESS TEXT         asks somebody and waits: the reply, or `err:CODE:DETAIL`
 *   #                     traps
 *
 * A message with a request is answered with the trace. */
#include "agent.h"
#include "text.h"

result_t agent_init(void) { return DONE; }

static void add_failure(builder_t *to, fault_t fault) {
  add(to, TEXT("err:"));
  add(to, fault.code);
  add_char(to, ':');
  add(to, fault.detail);
}

static void add_outcome(builder_t *to, text_result_t outcome) {
  if (outcome.failed) add_failure(to, outcome.fault);
  else add(to, outcome.value);
}

/* What comes before the character, taken off the text with it. */
static text_t taken(text_t *from, char end) {
  size_t size = 0;
  while (size < from->size && from->ptr[size] != end) size++;
  text_t before = {from->ptr, size};
  size_t gone = size < from->size ? size + 1 : size;
  from->ptr += gone;
  from->size -= gone;
  return before;
}

static void list(builder_t *to) {
  tool_list_t tools = tools_available();
  for (size_t i = 0; i < tools.count; i++) {
    if (i) add_char(to, ' ');
    add(to, tools.ptr[i].name);
  }
}

static void ask(builder_t *to, text_t line) {
  taken(&line, '@');
  text_t address = taken(&line, ' ');
  body_result_t reply = messaging_ask(address, TEXT("asked"), TEXT_BODY(line), NO_OPTIONS);
  if (reply.failed) add_failure(to, reply.fault);
  else add(to, reply.value.value);
}

static void run(builder_t *to, text_t line) {
  uint64_t times = 1;
  if (text_starts(line, TEXT("*"))) {
    taken(&line, '*');
    times = text_take_number(&line);
    taken(&line, ' ');
  }
  text_t name = taken(&line, ' ');
  text_result_t outcome = {0};
  while (times--) outcome = tools_call(name, line);
  add_outcome(to, outcome);
}

result_t agent_handle(const message_t *message) {
  text_t rest = message->body.value;
  text_option_t before = state_get(TEXT("trace"));
  builder_t trace = {0};
  if (before.some) add(&trace, before.value);
  while (rest.size) {
    text_t line = taken(&rest, '\n');
    if (text_starts(line, TEXT("#"))) __builtin_trap();
    if (text_starts(line, TEXT("?"))) list(&trace);
    else if (text_starts(line, TEXT("@"))) ask(&trace, line);
    else run(&trace, line);
    add_char(&trace, '\n');
    result_t kept = state_set(TEXT("trace"), built(&trace));
    if (kept.failed) return kept;
  }
  if (message->asked) return messaging_reply(TEXT_BODY(built(&trace)));
  return DONE;
}
