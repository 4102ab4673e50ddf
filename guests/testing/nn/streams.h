/* The standard input and output of a command, by the canonical ABI. */
#ifndef STREAMS_H
#define STREAMS_H
#include "text.h"
#include "types.h"

typedef int32_t handle_t;
typedef struct { bool failed; union { text_t value; struct { uint8_t why; handle_t error; }; }; } read_t;
typedef struct { bool failed; struct { uint8_t why; handle_t error; }; } written_t;

#define WASI(interface, name) __attribute__((import_module("wasi:" interface), import_name(name)))
WASI("cli/stdin@0.2.3", "get-stdin") handle_t get_stdin(void);
WASI("cli/stdout@0.2.3", "get-stdout") handle_t get_stdout(void);
WASI("io/streams@0.2.0", "[method]input-stream.blocking-read") void blocking_read(handle_t it,
    uint64_t most, read_t *out);
WASI("io/streams@0.2.0", "[method]output-stream.blocking-write-and-flush") void blocking_write(
    handle_t it, const char *data, size_t size, written_t *out);
WASI("io/streams@0.2.0", "[resource-drop]input-stream") void drop_input(handle_t it);
WASI("io/streams@0.2.0", "[resource-drop]output-stream") void drop_output(handle_t it);

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

static inline void print(handle_t out, const builder_t *line) {
  for (size_t at = 0; at < line->size; at += 4096) {
    size_t left = line->size - at;
    written_t written;
    blocking_write(out, line->ptr + at, left < 4096 ? left : 4096, &written);
    if (written.failed) __builtin_trap();
  }
}

/* The words of a line, with `|` between. */
static inline text_t word(text_t *line, char end) {
  size_t size = 0;
  while (size < line->size && line->ptr[size] != end) size++;
  text_t found = {line->ptr, size};
  size_t skip = size < line->size ? size + 1 : size;
  *line = (text_t){line->ptr + skip, line->size - skip};
  return found;
}

static inline uint8_t digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/* Bytes as hexadecimal digits, or `*N`: N bytes that count up. */
static inline text_t bytes_of(text_t hex) {
  if (hex.size && hex.ptr[0] == '*') {
    hex = (text_t){hex.ptr + 1, hex.size - 1};
    size_t count = text_take_number(&hex);
    char *data = allocate(count);
    for (size_t i = 0; i < count; i++) data[i] = (i & 3) == 3 ? 0x3f : (char)i;
    return (text_t){data, count};
  }
  char *data = allocate(hex.size / 2 + 1);
  for (size_t i = 0; i + 1 < hex.size; i += 2)
    data[i / 2] = digit(hex.ptr[i]) << 4 | digit(hex.ptr[i + 1]);
  return (text_t){data, hex.size / 2};
}

static inline void add_hex(builder_t *to, text_t data) {
  static const char digits[] = "0123456789abcdef";
  if (data.size > 4096) {
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < data.size; i++) sum = (sum ^ (uint8_t)data.ptr[i]) * 1099511628211u;
    add(to, TEXT("sum "));
    add_number(to, sum);
    return;
  }
  for (size_t i = 0; i < data.size; i++) {
    add_char(to, digits[(uint8_t)data.ptr[i] >> 4]);
    add_char(to, digits[(uint8_t)data.ptr[i] & 15]);
  }
}
#endif
