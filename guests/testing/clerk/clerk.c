/* A command that asks databases: wasm-engine:sql as any component uses it.
 *
 * The standard input is a script, one operation a line; what each answers is printed, a line each:
 *
 *   query DATABASE PARAMETERS STATEMENT
 *   execute DATABASE PARAMETERS STATEMENT
 *   batch DATABASE STATEMENTS
 *
 * PARAMETERS is a JSON array without spaces. */
#include "text.h"

typedef int32_t handle_t;
typedef struct { bool failed; union { text_t value; fault_t fault; }; } rows_t;
typedef struct { bool failed; union { uint64_t value; fault_t fault; }; } count_t;
typedef struct { bool failed; union { text_t value; struct { uint8_t why; handle_t error; }; }; } read_t;
typedef struct { bool failed; struct { uint8_t why; handle_t error; }; } written_t;
_Static_assert(sizeof(rows_t) == 20 && offsetof(count_t, value) == 8, "layout");

#define SPLIT(text) (text).ptr, (text).size
#define FROM(interface, name) __attribute__((import_module(interface), import_name(name)))
#define SQL(name) FROM("wasm-engine:sql/sql@0.1.0", name)
#define TEXTS const char *a, size_t a_size, const char *b, size_t b_size

FROM("wasi:cli/stdin@0.2.3", "get-stdin") handle_t get_stdin(void);
FROM("wasi:cli/stdout@0.2.3", "get-stdout") handle_t get_stdout(void);
FROM("wasi:io/streams@0.2.0", "[method]input-stream.blocking-read") void blocking_read(handle_t it,
    uint64_t most, read_t *out);
FROM("wasi:io/streams@0.2.0", "[method]output-stream.blocking-write-and-flush") void blocking_write(
    handle_t it, const char *data, size_t size, written_t *out);
SQL("query") void sql_query(TEXTS, const char *c, size_t c_size, rows_t *out);
SQL("execute") void sql_execute(TEXTS, const char *c, size_t c_size, count_t *out);
SQL("batch") void sql_batch(TEXTS, rows_t *out);

static handle_t out;

static void say(text_t first, text_t second) {
  builder_t line = {0};
  add(&line, first);
  add(&line, second);
  add_char(&line, '\n');
  for (size_t at = 0; at < line.size;) {
    written_t written;
    size_t piece = line.size - at < 4096 ? line.size - at : 4096;
    blocking_write(out, line.ptr + at, piece, &written);
    if (written.failed) __builtin_trap();
    at += piece;
  }
}

static void say_fault(const fault_t *fault) {
  builder_t text = {0};
  add(&text, fault->code);
  add(&text, TEXT(": "));
  add(&text, fault->detail);
  say(TEXT("error "), built(&text));
}

/* The next word of a line, taken off it. */
static text_t word(text_t *line) {
  size_t size = 0;
  while (size < line->size && line->ptr[size] != ' ') size++;
  text_t found = {line->ptr, size};
  size_t skip = size < line->size ? size + 1 : size;
  *line = (text_t){line->ptr + skip, line->size - skip};
  return found;
}

static void say_rows(const rows_t *rows) {
  if (rows->failed) say_fault(&rows->fault);
  else say(TEXT("= "), rows->value);
}

static bool ask(text_t verb, text_t rest) {
  text_t database = word(&rest);
  rows_t rows;
  if (text_equal(verb, TEXT("batch"))) {
    sql_batch(SPLIT(database), SPLIT(rest), &rows);
    say_rows(&rows);
    return true;
  }
  text_t parameters = word(&rest);
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

static text_t read_stdin(void) {
  handle_t in = get_stdin();
  builder_t all = {0};
  for (;;) {
    read_t piece;
    blocking_read(in, 65536, &piece);
    if (piece.failed) break;
    add(&all, piece.value);
  }
  return built(&all);
}

__attribute__((export_name("run"))) int32_t run(void) {
  out = get_stdout();
  text_t script = read_stdin();
  while (script.size) {
    size_t size = 0;
    while (size < script.size && script.ptr[size] != '\n') size++;
    text_t line = {script.ptr, size};
    size_t skip = size < script.size ? size + 1 : size;
    script = (text_t){script.ptr + skip, script.size - skip};
    text_t verb = word(&line);
    if (!ask(verb, line)) return 1;
  }
  return 0;
}
