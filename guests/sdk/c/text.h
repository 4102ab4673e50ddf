/* Text without a libc: comparing, numbers, and building up. */
#ifndef WASM_ENGINE_TEXT_H
#define WASM_ENGINE_TEXT_H
#include "types.h"

bool text_equal(text_t left, text_t right);
bool text_starts(text_t text, text_t prefix);

/* The number that the text begins with, taken off it; 0 where it begins with none. Wraps at 2^64. */
uint64_t text_take_number(text_t *text);

/* Text that grows at its end. */
typedef struct { char *ptr; size_t size, room; } builder_t;
void add(builder_t *to, text_t text);
void add_char(builder_t *to, char c);
void add_number(builder_t *to, uint64_t number);
/* A character, by its number, as UTF-8. */
void add_code(builder_t *to, uint32_t code);
/* A JSON string with its quotes. */
void add_json(builder_t *to, text_t text);
static inline text_t built(const builder_t *from) { return (text_t){from->ptr, from->size}; }
#endif
