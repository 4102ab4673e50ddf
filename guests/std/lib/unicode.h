/* Characters: UTF-8, and what each is. Tables by make_unicode.py. */
#ifndef UNICODE_H
#define UNICODE_H
#include "text.h"

enum {
  LETTER = 1, NUMBER = 2, SPACE = 4, PUNCTUATION = 8, CONTROL = 16, MARK = 32, IDEOGRAPH = 64,
  COMBINING = 128,
};
extern const uint16_t class_stage[], order_stage[];
extern const uint8_t class_blocks[], order_blocks[];
extern const uint32_t lower_count, lower_codes[], lower_texts[];
extern const uint32_t apart_count, apart_codes[], apart_texts[];
extern const uint16_t lower_starts[], apart_starts[];

static inline uint8_t class_of(uint32_t code) {
  return class_blocks[class_stage[code >> 7] * 128u + (code & 127)];
}
/* Canonical combining class. */
static inline uint8_t order_of(uint32_t code) {
  return order_blocks[order_stage[code >> 7] * 128u + (code & 127)];
}

/* A character taken off the text. Each byte that is none of UTF-8 counts as U+FFFD. */
uint32_t take_code(text_t *text);
/* How many characters the text has. */
uint32_t count_codes(text_t text);

/* A text as its characters. */
typedef struct { uint32_t *at; uint32_t count; } codes_t;
codes_t codes_of(text_t text);
/* Some of them as text. */
text_t text_of_codes(const uint32_t *codes, uint32_t count);
/* The text with U+FFFD where it is no UTF-8. */
text_t sound_text(text_t text);
bool is_sound(text_t text);

enum { MOST_CODES = 4 };
/* What the character is in lower case; taken apart, canonically. Answers how many characters. */
uint32_t lower_of(uint32_t code, uint32_t into[MOST_CODES]);
uint32_t apart_of(uint32_t code, uint32_t into[MOST_CODES]);
#endif
