/* Text without a libc. */
#include "text.h"

bool text_equal(text_t left, text_t right) {
  return left.size == right.size && text_starts(left, right);
}

bool text_starts(text_t text, text_t prefix) {
  if (text.size < prefix.size) return false;
  for (size_t i = 0; i < prefix.size; i++) {
    if (text.ptr[i] != prefix.ptr[i]) return false;
  }
  return true;
}

uint64_t text_take_number(text_t *text) {
  uint64_t number = 0;
  while (text->size && *text->ptr >= '0' && *text->ptr <= '9') {
    number = number * 10 + (uint64_t)(*text->ptr - '0');
    text->ptr++;
    text->size--;
  }
  return number;
}

static void make_room(builder_t *to, size_t more) {
  size_t wanted = to->size + more;
  if (wanted <= to->room) return;
  size_t room = to->room ? to->room * 2 : 64;
  if (room < wanted) room = wanted;
  to->ptr = allocate_again(to->ptr, to->room, 1, room);
  to->room = room;
}

void add(builder_t *to, text_t text) {
  make_room(to, text.size);
  __builtin_memcpy(to->ptr + to->size, text.ptr, text.size);
  to->size += text.size;
}

void add_char(builder_t *to, char c) {
  make_room(to, 1);
  to->ptr[to->size++] = c;
}

void add_number(builder_t *to, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  add(to, (text_t){digits + at, sizeof digits - at});
}

void add_code(builder_t *to, uint32_t code) {
  if (code < 0x80) {
    add_char(to, (char)code);
  } else if (code < 0x800) {
    add_char(to, (char)(0xc0 | code >> 6));
    add_char(to, (char)(0x80 | (code & 63)));
  } else if (code < 0x10000) {
    add_char(to, (char)(0xe0 | code >> 12));
    add_char(to, (char)(0x80 | (code >> 6 & 63)));
    add_char(to, (char)(0x80 | (code & 63)));
  } else {
    add_char(to, (char)(0xf0 | code >> 18));
    add_char(to, (char)(0x80 | (code >> 12 & 63)));
    add_char(to, (char)(0x80 | (code >> 6 & 63)));
    add_char(to, (char)(0x80 | (code & 63)));
  }
}

void add_json(builder_t *to, text_t text) {
  static const char hex[] = "0123456789abcdef";
  add_char(to, '"');
  for (size_t i = 0; i < text.size; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    if (c == '\n') add(to, TEXT("\\n"));
    else if (c == '"' || c == '\\') add_char(to, '\\'), add_char(to, (char)c);
    else if (c < 32) add(to, TEXT("\\u00")), add_char(to, hex[c >> 4]), add_char(to, hex[c & 15]);
    else add_char(to, (char)c);
  }
  add_char(to, '"');
}
