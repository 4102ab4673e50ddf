/* What all of the tokenizers count. */
#ifndef WORDS_H
#define WORDS_H
#include "types.h"

static inline uint64_t words_in(text_t text) {
  uint64_t count = 0;
  for (size_t i = 0; i < text.size; i++) {
    count += text.ptr[i] != ' ' && (i == 0 || text.ptr[i - 1] == ' ');
  }
  return count;
}
#endif
