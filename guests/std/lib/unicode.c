/* Characters. */
#include <wasm_simd128.h>

#include "unicode.h"

static const uint32_t UNKNOWN = 0xfffd;

uint32_t take_code(text_t *text) {
  const uint8_t *at = (const uint8_t *)text->ptr;
  uint32_t first = at[0], code = first, more = 0, least = 0;
  if (first >= 0xf0 && first < 0xf5) code = first & 7, more = 3, least = 0x10000;
  else if (first >= 0xe0 && first < 0xf0) code = first & 15, more = 2, least = 0x800;
  else if (first >= 0xc2 && first < 0xe0) code = first & 31, more = 1, least = 0x80;
  else if (first >= 0x80) code = UNKNOWN;
  if (more >= text->size) code = UNKNOWN, more = 0;
  for (uint32_t i = 1; i <= more; i++) {
    if ((at[i] & 0xc0) != 0x80) {
      code = UNKNOWN, more = 0;
      break;
    }
    code = code << 6 | (at[i] & 63);
  }
  if (more && (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))) {
    code = UNKNOWN, more = 0;
  }
  *text = (text_t){text->ptr + 1 + more, text->size - 1 - more};
  return code;
}

uint32_t count_codes(text_t text) {
  uint32_t count = 0;
  while (text.size) take_code(&text), count++;
  return count;
}

codes_t codes_of(text_t text) {
  codes_t found = {allocate((text.size + 1) * sizeof(uint32_t)), 0};
  while (text.size) found.at[found.count++] = take_code(&text);
  return found;
}

text_t text_of_codes(const uint32_t *codes, uint32_t count) {
  builder_t text = {0};
  for (uint32_t i = 0; i < count; i++) add_code(&text, codes[i]);
  return built(&text);
}

text_t sound_text(text_t text) {
  builder_t sound = {0};
  text_t rest = text;
  while (rest.size) add_code(&sound, take_code(&rest));
  return built(&sound);
}

bool is_sound(text_t text) {
  while (text.size) {
    if (text.size >= 16 && !wasm_i8x16_bitmask(wasm_v128_load(text.ptr))) {
      text = (text_t){text.ptr + 16, text.size - 16};
      continue;
    }
    size_t before = text.size;
    if (take_code(&text) == UNKNOWN && before - text.size != 3) return false;
  }
  return true;
}

/* What the tables say the character becomes; itself where they say nothing. */
static uint32_t mapped(uint32_t code, const uint32_t *codes, uint32_t count, const uint16_t *starts,
    const uint32_t *texts, uint32_t into[MOST_CODES]) {
  uint32_t low = 0, high = count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (codes[middle] < code) low = middle + 1;
    else high = middle;
  }
  if (low == count || codes[low] != code) {
    into[0] = code;
    return 1;
  }
  uint32_t size = 0;
  for (uint32_t at = starts[low]; at < starts[low + 1]; at++) into[size++] = texts[at];
  return size;
}

uint32_t lower_of(uint32_t code, uint32_t into[MOST_CODES]) {
  if (code < 0x80) {
    into[0] = code >= 'A' && code <= 'Z' ? code + 32 : code;
    return 1;
  }
  return mapped(code, lower_codes, lower_count, lower_starts, lower_texts, into);
}

uint32_t apart_of(uint32_t code, uint32_t into[MOST_CODES]) {
  if (code >= 0xac00 && code <= 0xd7a3) {
    uint32_t at = code - 0xac00, last = at % 28;
    into[0] = 0x1100 + at / 588;
    into[1] = 0x1161 + at % 588 / 28;
    into[2] = 0x11a7 + last;
    return last ? 3 : 2;
  }
  if (code < 0xc0) {
    into[0] = code;
    return 1;
  }
  return mapped(code, apart_codes, apart_count, apart_starts, apart_texts, into);
}
