/* Bytes as hexadecimal digits. */
#ifndef HEX_H
#define HEX_H
#include "text.h"

static inline uint8_t digit(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

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
