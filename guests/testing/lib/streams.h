/* Commands for tests, by the canonical ABI: a script comes by the standard input, a line each; what is
 * answered goes to the standard output. */
#ifndef STREAMS_H
#define STREAMS_H
#include "text.h"

typedef int32_t handle_t;
typedef struct { bool failed; union { text_t value; struct { uint8_t why; handle_t error; }; }; } read_t;
typedef struct { bool failed; struct { uint8_t why; handle_t error; }; } written_t;

#define SPLIT(text) (text).ptr, (text).size
#define WASI(interface, name) __attribute__((import_module("wasi:" interface), import_name(name)))
#define STREAMS(name) WASI("io/streams@0.2.0", name)

WASI("cli/stdin@0.2.3", "get-stdin") handle_t get_stdin(void);
WASI("cli/stdout@0.2.3", "get-stdout") handle_t get_stdout(void);
STREAMS("[method]input-stream.blocking-read") void blocking_read(handle_t it, uint64_t most,
    read_t *out);
STREAMS("[method]output-stream.blocking-write-and-flush") void blocking_write(handle_t it,
    const char *data, size_t size, written_t *out);
STREAMS("[resource-drop]input-stream") void drop_input(handle_t it);
STREAMS("[resource-drop]output-stream") void drop_output(handle_t it);

static handle_t out;

static inline text_t read_stdin(void) {
  handle_t in = get_stdin();
  builder_t all = {0};
  for (;;) {
    read_t piece;
    blocking_read(in, 65536, &piece);
    if (piece.failed) break;
    add(&all, piece.value);
  }
  drop_input(in);
  return built(&all);
}

/* In pieces, as long as a call takes; what the first that failed says, or the last. */
static inline written_t write_all(handle_t to, text_t data) {
  written_t written = {0};
  while (data.size && !written.failed) {
    size_t piece = data.size < 4096 ? data.size : 4096;
    blocking_write(to, data.ptr, piece, &written);
    data = (text_t){data.ptr + piece, data.size - piece};
  }
  return written;
}

static inline void print(text_t text) {
  if (write_all(out, text).failed) __builtin_trap();
}

/* A line of two texts. */
static inline void say(text_t first, text_t second) {
  builder_t line = {0};
  add(&line, first);
  add(&line, second);
  add_char(&line, '\n');
  print(built(&line));
}

/* What stands before the next `end`, or before the text's; it is taken off, with what ended it. */
static inline text_t word(text_t *line, char end) {
  size_t size = 0;
  while (size < line->size && line->ptr[size] != end) size++;
  text_t found = {line->ptr, size};
  size_t skip = size < line->size ? size + 1 : size;
  *line = (text_t){line->ptr + skip, line->size - skip};
  return found;
}
#endif
