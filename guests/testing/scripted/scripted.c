/* The programmable agent: does what the body of the message says. README.md has the language. */
#include "script.h"

static volatile uint64_t touched; /* lives as long as the instance does */

result_t agent_init(void) { return DONE; }

text_t joined(text_t left, text_t right) {
  builder_t text = {0};
  add(&text, left);
  add(&text, right);
  return built(&text);
}

text_t decimal(uint64_t number) {
  builder_t text = {0};
  add_number(&text, number);
  return built(&text);
}

text_t shown(body_t body) {
  if (body.kind == BODY_TEXT) return body.value;
  return joined(TEXT("bytes:"), decimal(body.value.size));
}

void note(run_t *run, text_t name, text_t what) {
  add(&run->trace, name);
  add_char(&run->trace, ':');
  add(&run->trace, what);
  add_char(&run->trace, '\n');
}

void note_with(run_t *run, text_t name, text_t what, text_t detail) {
  add(&run->trace, name);
  add_char(&run->trace, ':');
  note(run, what, detail);
}

void note_result(run_t *run, text_t name, result_t result) {
  if (result.failed) note_with(run, name, TEXT("err"), result.fault.code);
  else note(run, name, TEXT("ok"));
}

void note_number(run_t *run, text_t name, number_result_t result) {
  if (result.failed) note_with(run, name, TEXT("err"), result.fault.code);
  else note_with(run, name, TEXT("ok"), decimal(result.value));
}

void note_body(run_t *run, text_t name, body_result_t result) {
  size_t before = run->trace.size;
  if (result.failed) note_with(run, name, TEXT("err"), result.fault.code);
  else note_with(run, name, TEXT("ok"), shown(result.value));
  log_write(LOG_INFO, (text_t){run->trace.ptr + before, run->trace.size - before - 1});
}

void flush(run_t *run) {
  if (run->flushed == run->trace.size) return;
  result_t result = state_set(TEXT("trace"), built(&run->trace));
  run->flushed = run->trace.size;
  if (result.failed) {
    run->over = true;
    run->end = result;
  }
}

static bool separates(char c) { return c == ' ' || c == ';' || c == '\n'; }

static void skip(text_t *text, size_t size) {
  text->ptr += size;
  text->size -= size;
}

static text_t take_word(text_t *script) {
  text_t word = {script->ptr, 0};
  while (word.size < script->size && !separates(word.ptr[word.size])) word.size++;
  skip(script, word.size);
  return word;
}

/* `LENGTH:BYTES`, or a bare word. False where there is none, or it is cut short. */
static bool take_argument(text_t *script, text_t *argument) {
  while (script->size && *script->ptr == ' ') skip(script, 1);
  if (!script->size || separates(*script->ptr)) return false;
  text_t rest = *script;
  uint64_t length = text_take_number(&rest);
  if (rest.size == script->size || !rest.size || *rest.ptr != ':') {
    *argument = take_word(script);
    return true;
  }
  skip(&rest, 1);
  if (length > rest.size) return false;
  *argument = (text_t){rest.ptr, (size_t)length};
  skip(&rest, (size_t)length);
  *script = rest;
  return true;
}

static const operation_t *find(text_t name) {
  for (size_t i = 0; i < operation_count; i++) {
    if (text_equal(operations[i].name, name)) return &operations[i];
  }
  return 0;
}

void run_script(run_t *run, text_t script) {
  while (!run->over) {
    while (script.size && separates(*script.ptr)) skip(&script, 1);
    if (!script.size) return;
    text_t name = take_word(&script), arguments[MOST_ARGUMENTS];
    const operation_t *operation = find(name);
    bool good = operation != 0;
    for (size_t i = 0; good && i < operation->arity; i++) {
      good = take_argument(&script, &arguments[i]);
    }
    if (!good) {
      note(run, TEXT("bad"), name);
      run->over = true;
      return;
    }
    if (operation->flushes) flush(run);
    if (!run->over) operation->does(run, name, arguments);
  }
}

/* The script in a message, or false: `#!SCRIPT` on any topic, or any text on topic `script`. */
static bool is_script(const message_t *message, text_t *script) {
  if (message->body.kind != BODY_TEXT) return false;
  *script = message->body.value;
  bool marked = text_starts(*script, TEXT("#!"));
  if (marked) skip(script, 2);
  return marked || text_equal(message->topic, TEXT("script"));
}

result_t agent_handle(const message_t *message) {
  run_t run = {.message = message};
  text_option_t before = state_get(TEXT("trace"));
  if (before.some) add(&run.trace, before.value);
  run.flushed = run.trace.size;
  touched++;
  text_t script;
  if (is_script(message, &script)) {
    text_t id = joined(decimal(message->id), TEXT(":"));
    note_with(&run, TEXT("on"), joined(id, message->sender), message->topic);
    run_script(&run, script);
  } else {
    text_t from = joined(joined(message->topic, TEXT(":")), message->sender);
    note_with(&run, TEXT("got"), from, shown(message->body));
  }
  if (!run.end.failed) flush(&run);
  return run.end;
}

uint64_t touch_count(void) { return touched; }
