/* What a script can do: one function for each operation, and the table of them. */
#include "script.h"

uint64_t touch_count(void);

#define DOES(function) static void function(run_t *run, text_t name, const text_t *argument)
#define UNUSED (void)name, (void)argument

static options_t options_of(run_t *run, const text_t *timeout) {
  options_t options = {.headers = {run->headers, run->header_count}};
  if (timeout) {
    text_t digits = *timeout;
    options.timed = true;
    options.timeout = text_take_number(&digits);
  }
  return options;
}

static uint64_t number_in(text_t digits) { return text_take_number(&digits); }

/* The number kept under a name, or `#N` itself; 0 where there is none. */
static uint64_t number_of(text_t kind, text_t name) {
  if (text_starts(name, TEXT("#"))) return number_in((text_t){name.ptr + 1, name.size - 1});
  text_option_t kept = state_get(joined(kind, name));
  return kept.some ? number_in(kept.value) : 0;
}

static void keep_number(text_t kind, text_t name, number_result_t result) {
  if (result.failed) state_delete(joined(kind, name));
  else state_set(joined(kind, name), decimal(result.value));
}

static body_t filler(text_t size) {
  size_t count = (size_t)number_in(size);
  char *text = allocate(count);
  __builtin_memset(text, 'x', count);
  return TEXT_BODY(((text_t){text, count}));
}

DOES(send) {
  body_t body = TEXT_BODY(argument[2]);
  note_result(run, name, messaging_send(argument[0], argument[1], body, options_of(run, 0)));
}

DOES(send_bytes) {
  body_t body = {BODY_BYTES, argument[2]};
  note_result(run, name, messaging_send(argument[0], argument[1], body, options_of(run, 0)));
}

DOES(send_size) {
  body_t body = filler(argument[2]);
  note_result(run, name, messaging_send(argument[0], argument[1], body, options_of(run, 0)));
}

DOES(flood) {
  body_t body = TEXT_BODY(argument[2]);
  uint64_t accepted = 0;
  text_t code = TEXT("");
  for (uint64_t left = number_in(argument[3]); left; left--) {
    result_t result = messaging_send(argument[0], argument[1], body, options_of(run, 0));
    if (result.failed) code = result.fault.code;
    else accepted++;
  }
  note_with(run, name, decimal(accepted), code);
}

DOES(publish) {
  body_t body = TEXT_BODY(argument[1]);
  note_result(run, name, messaging_publish(argument[0], body, options_of(run, 0)));
}

DOES(reply) { note_result(run, name, messaging_reply(TEXT_BODY(argument[0]))); }

DOES(defer) {
  number_result_t request = messaging_defer();
  keep_number(TEXT("request/"), argument[0], request);
  note_number(run, name, request);
}

DOES(reply_to) {
  uint64_t request = number_of(TEXT("request/"), argument[0]);
  note_result(run, name, messaging_reply_to(request, TEXT_BODY(argument[1])));
}

DOES(ask) {
  body_t body = TEXT_BODY(argument[2]);
  note_body(run, name, messaging_ask(argument[0], argument[1], body, options_of(run, 0)));
}

DOES(ask_timeout) {
  body_t body = TEXT_BODY(argument[3]);
  options_t options = options_of(run, &argument[0]);
  note_body(run, name, messaging_ask(argument[1], argument[2], body, options));
}

DOES(start) {
  body_t body = TEXT_BODY(argument[3]);
  options_t options = options_of(run, 0);
  number_result_t request = messaging_start(argument[1], argument[2], body, options);
  keep_number(TEXT("request/"), argument[0], request);
  note_number(run, name, request);
}

DOES(start_timeout) {
  body_t body = TEXT_BODY(argument[4]);
  options_t options = options_of(run, &argument[1]);
  number_result_t request = messaging_start(argument[2], argument[3], body, options);
  keep_number(TEXT("request/"), argument[0], request);
  note_number(run, name, request);
}

/* The next of some names with commas between. */
static text_t next_name(text_t *names) {
  text_t first = {names->ptr, 0};
  while (first.size < names->size && first.ptr[first.size] != ',') first.size++;
  size_t used = first.size < names->size ? first.size + 1 : first.size;
  *names = (text_t){names->ptr + used, names->size - used};
  return first;
}

DOES(wait_any) {
  uint64_t *requests = allocate((argument[0].size + 1) * sizeof *requests);
  size_t count = 0;
  for (text_t names = argument[0]; names.size;) {
    requests[count++] = number_of(TEXT("request/"), next_name(&names));
  }
  number_result_t first = messaging_wait_any(requests, count);
  if (first.failed) {
    note_number(run, name, first);
    return;
  }
  text_t names = argument[0], ended = next_name(&names);
  for (size_t i = 0; i < count && requests[i] != first.value; i++) ended = next_name(&names);
  keep_number(TEXT("request/"), TEXT("any"), first);
  note_with(run, name, TEXT("ok"), ended);
}

DOES(take) {
  note_body(run, name, messaging_take(number_of(TEXT("request/"), argument[0])));
}

DOES(cancel_request) {
  messaging_cancel_request(number_of(TEXT("request/"), argument[0]));
  note(run, name, TEXT("ok"));
}

DOES(schedule) {
  uint64_t after = number_in(argument[1]);
  number_result_t timer = messaging_schedule(after, argument[2], TEXT_BODY(argument[3]));
  keep_number(TEXT("timer/"), argument[0], timer);
  note_number(run, name, timer);
}

DOES(cancel) {
  bool pending = messaging_cancel(number_of(TEXT("timer/"), argument[0]));
  note(run, name, pending ? TEXT("true") : TEXT("false"));
}

static void add_header(run_t *run, text_t name, header_t header) {
  bool room = run->header_count < MOST_HEADERS;
  if (room) run->headers[run->header_count++] = header;
  note(run, name, room ? TEXT("ok") : TEXT("full"));
}

DOES(header) { add_header(run, name, (header_t){argument[0], argument[1]}); }

DOES(header_size) { add_header(run, name, (header_t){argument[0], filler(argument[1]).value}); }

DOES(set) { note_result(run, name, state_set(argument[0], argument[1])); }

DOES(set_size) { note_result(run, name, state_set(argument[0], filler(argument[1]).value)); }

DOES(append) {
  text_option_t before = state_get(argument[0]);
  text_t value = before.some ? joined(before.value, argument[1]) : argument[1];
  note_result(run, name, state_set(argument[0], value));
}

DOES(incr) {
  text_option_t before = state_get(argument[0]);
  text_t value = decimal((before.some ? number_in(before.value) : 0) + 1);
  result_t result = state_set(argument[0], value);
  if (result.failed) note_result(run, name, result);
  else note_with(run, name, TEXT("ok"), value);
}

DOES(delete) {
  state_delete(argument[0]);
  note(run, name, TEXT("ok"));
}

DOES(get) {
  text_option_t value = state_get(argument[0]);
  if (value.some) note_with(run, name, TEXT("some"), value.value);
  else note(run, name, TEXT("none"));
}

DOES(keys) {
  text_list_t found = state_keys(argument[0]);
  builder_t text = {0};
  for (size_t i = 0; i < found.count; i++) {
    if (i) add_char(&text, ',');
    add(&text, found.ptr[i]);
  }
  note(run, name, built(&text));
}

DOES(spawn) {
  text_result_t result = agents_spawn(argument[0], argument[1], argument[2]);
  if (result.failed) note_with(run, name, TEXT("err"), result.fault.code);
  else note_with(run, name, TEXT("ok"), result.value);
}

DOES(stop) { note_result(run, name, agents_stop(argument[0])); }

DOES(watch) { note_result(run, name, agents_watch(argument[0])); }

DOES(log) {
  log_write(LOG_INFO, argument[0]);
  note(run, name, TEXT("ok"));
}

static void note_reading(run_t *run, text_t name, uint64_t reading) {
  note_result(run, name, state_set(name, decimal(reading)));
}

DOES(random) { UNUSED; note_reading(run, name, context_random()); }
DOES(now) { UNUSED; note_reading(run, name, context_now()); }
DOES(step) { UNUSED; note_reading(run, name, context_step()); }
DOES(self) { UNUSED; note(run, name, context_self_address()); }
DOES(world) { UNUSED; note(run, name, context_world_name()); }
DOES(config) { UNUSED; note(run, name, context_config()); }
DOES(touch) { UNUSED; note(run, name, decimal(touch_count())); }

static void run_nested(run_t *run, text_t name, text_t script, uint64_t times) {
  if (run->depth == DEEPEST) {
    note(run, TEXT("bad"), name);
    run->over = true;
    return;
  }
  run->depth++;
  for (; times && !run->over; times--) run_script(run, script);
  run->depth--;
}

DOES(when) {
  text_option_t value = state_get(argument[0]);
  bool yes = value.some && text_equal(value.value, argument[1]);
  note(run, name, yes ? TEXT("yes") : TEXT("no"));
  if (yes) run_nested(run, name, argument[2], 1);
}

DOES(repeat) { run_nested(run, name, argument[1], number_in(argument[0])); }

DOES(trap) { (void)run; UNUSED; __builtin_trap(); }

DOES(fail) {
  (void)name;
  run->over = true;
  run->end = failure(argument[0], argument[1]);
}

DOES(loop) {
  (void)run, UNUSED;
  for (;;) __asm__ volatile("");
}

DOES(burn) {
  for (uint64_t left = number_in(argument[0]); left; left--) __asm__ volatile("");
  note(run, name, TEXT("ok"));
}

DOES(grow) {
  size_t pages = (size_t)number_in(argument[0]);
  bool grown = __builtin_wasm_memory_grow(0, pages) != (size_t)-1;
  note(run, name, grown ? TEXT("ok") : TEXT("err"));
}

/* The operations that suspend, or look at the state that the trace is part of, see it complete. */
#define PLAIN(name, arity, function) {TEXT(name), arity, false, function}
#define FLUSHES(name, arity, function) {TEXT(name), arity, true, function}
#undef TEXT
#define TEXT(literal) {literal, sizeof(literal) - 1}
const operation_t operations[] = {
  PLAIN("send", 3, send),
  PLAIN("send-bytes", 3, send_bytes),
  PLAIN("send-size", 3, send_size),
  PLAIN("flood", 4, flood),
  PLAIN("publish", 2, publish),
  PLAIN("reply", 1, reply),
  PLAIN("defer", 1, defer),
  PLAIN("reply-to", 2, reply_to),
  FLUSHES("ask", 3, ask),
  FLUSHES("ask-timeout", 4, ask_timeout),
  PLAIN("start", 4, start),
  PLAIN("start-timeout", 5, start_timeout),
  FLUSHES("wait-any", 1, wait_any),
  PLAIN("take", 1, take),
  PLAIN("cancel-request", 1, cancel_request),
  PLAIN("schedule", 4, schedule),
  PLAIN("cancel", 1, cancel),
  PLAIN("header", 2, header),
  PLAIN("header-size", 2, header_size),
  PLAIN("set", 2, set),
  PLAIN("set-size", 2, set_size),
  PLAIN("append", 2, append),
  PLAIN("incr", 1, incr),
  PLAIN("delete", 1, delete),
  FLUSHES("get", 1, get),
  FLUSHES("keys", 1, keys),
  FLUSHES("spawn", 3, spawn),
  FLUSHES("stop", 1, stop),
  FLUSHES("watch", 1, watch),
  PLAIN("log", 1, log),
  PLAIN("random", 0, random),
  PLAIN("now", 0, now),
  PLAIN("step", 0, step),
  PLAIN("self", 0, self),
  PLAIN("world", 0, world),
  PLAIN("config", 0, config),
  PLAIN("touch", 0, touch),
  PLAIN("when", 3, when),
  PLAIN("repeat", 2, repeat),
  PLAIN("trap", 0, trap),
  PLAIN("fail", 2, fail),
  PLAIN("loop", 0, loop),
  PLAIN("burn", 1, burn),
  PLAIN("grow", 1, grow),
};
const size_t operation_count = sizeof operations / sizeof *operations;
