/* A command that asks databases: wasm-engine:sql as any component uses it.
 *
 * The standard input is a script, one operation a line; what each answers is printed, a line each:
 *
 *   query DATABASE PARAMETERS STATEMENT
 *   execute DATABASE PARAMETERS STATEMENT
 *   batch DATABASE STATEMENTS
 *
 * PARAMETERS is a JSON array without spaces. */
#include "streams.h"

typedef struct { bool failed; union { text_t value; fault_t fault; }; } rows_t;
typedef struct { bool failed; union { uint64_t value; fault_t fault; }; } count_t;
_Static_assert(sizeof(rows_t) == 20 && offsetof(count_t, value) == 8, "layout");

#define SQL(name) __attribute__((import_module("wasm-engine:sql/sql@0.1.0"), import_name(name)))
#define TEXTS const char *a, size_t a_size, const char *b, size_t b_size

SQL("query") void sql_query(TEXTS, const char *c, size_t c_size, rows_t *out);
SQL("execute") void sql_execute(TEXTS, const char *c, size_t c_size, count_t *out);
SQL("batch") void sql_batch(TEXTS, rows_t *out);

static void say_fault(const fault_t *fault) {
  builder_t text = {0};
  add(&text, fault->code);
  add(&text, TEXT(": "));
  add(&text, fault->detail);
  say(TEXT("error "), built(&text));
}

static void say_rows(const rows_t *rows) {
  if (rows->failed) say_fault(&rows->fault);
  else say(TEXT("= "), rows->value);
}

static bool ask(text_t verb, text_t rest) {
  text_t database = word(&rest, ' ');
  rows_t rows;
  if (text_equal(verb, TEXT("batch"))) {
    sql_batch(SPLIT(database), SPLIT(rest), &rows);
    say_rows(&rows);
    return true;
  }
  text_t parameters = word(&rest, ' ');
  if (text_equal(verb, TEXT("query"))) {
    sql_query(SPLIT(database), SPLIT(rest), SPLIT(parameters), &rows);
    say_rows(&rows);
    return true;
  }
  if (!text_equal(verb, TEXT("execute"))) return false;
  count_t count;
  sql_execute(SPLIT(database), SPLIT(rest), SPLIT(parameters), &count);
  if (count.failed) {
    say_fault(&count.fault);
    return true;
  }
  builder_t number = {0};
  add_number(&number, count.value);
  say(TEXT("= "), built(&number));
  return true;
}

__attribute__((export_name("run"))) int32_t run(void) {
  out = get_stdout();
  text_t script = read_stdin();
  while (script.size) {
    text_t line = word(&script, '\n');
    text_t verb = word(&line, ' ');
    if (!ask(verb, line)) return 1;
  }
  return 0;
}
