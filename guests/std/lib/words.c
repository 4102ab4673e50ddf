/* Words. */
#include "words.h"

static bool alone(uint32_t code) {
  return (class_of(code) & IDEOGRAPH) || (code >= 0x3041 && code <= 0x30ff);
}

static void add_folded(builder_t *to, uint32_t code) {
  uint32_t parts[MOST_CODES], small[MOST_CODES];
  if (code < 0x80) {
    add_char(to, (char)(code >= 'A' && code <= 'Z' ? code + 32 : code));
    return;
  }
  uint32_t count = apart_of(code, parts);
  for (uint32_t i = 0; i < count; i++) {
    if (class_of(parts[i]) & (MARK | COMBINING)) continue;
    uint32_t made = lower_of(parts[i], small);
    for (uint32_t k = 0; k < made; k++) {
      if (!(class_of(small[k]) & (MARK | COMBINING))) add_code(to, small[k]);
    }
  }
}

bool take_word(text_t *text, builder_t *word) {
  word->size = 0;
  while (text->size) {
    text_t before = *text;
    uint32_t code = take_code(text);
    bool inside = class_of(code) & (LETTER | NUMBER | (word->size ? COMBINING : 0));
    if (!inside && !word->size) continue;
    if (!inside) return true;
    if (alone(code) && word->size) {
      *text = before;
      return true;
    }
    add_folded(word, code);
    if (alone(code) && word->size) return true;
  }
  return word->size > 0;
}
