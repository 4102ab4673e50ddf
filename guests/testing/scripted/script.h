/* One script being run: where it stands, what it has traced, how the activation will end. */
#ifndef SCRIPT_H
#define SCRIPT_H
#include "agent.h"
#include "text.h"

enum { MOST_ARGUMENTS = 5, MOST_HEADERS = 16, DEEPEST = 16 };

typedef struct {
  const message_t *message;
  builder_t trace;    /* the whole of state key "trace", as it will be */
  size_t flushed;     /* how much of it the state has */
  header_t headers[MOST_HEADERS];
  size_t header_count;
  size_t depth;
  bool over;
  result_t end;
} run_t;

typedef struct {
  text_t name;
  size_t arity;
  bool flushes; /* what was traced so far must be in the state by then */
  void (*does)(run_t *run, text_t name, const text_t *argument);
} operation_t;

extern const operation_t operations[];
extern const size_t operation_count;

void run_script(run_t *run, text_t script);
void flush(run_t *run);

/* One line of the trace: `name:what`, `name:what:detail`. */
void note(run_t *run, text_t name, text_t what);
void note_with(run_t *run, text_t name, text_t what, text_t detail);
void note_result(run_t *run, text_t name, result_t result);
void note_number(run_t *run, text_t name, number_result_t result);
void note_body(run_t *run, text_t name, body_result_t result);

/* A body as the trace shows it: its text, or `bytes:LENGTH`. */
text_t shown(body_t body);
text_t joined(text_t left, text_t right);
text_t decimal(uint64_t number);
#endif
