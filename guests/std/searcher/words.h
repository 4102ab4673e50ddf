/* Words of English text, made comparable: lower case, and without the commonest endings. */
#ifndef WORDS_H
#define WORDS_H
#include "text.h"

enum { LONGEST_WORD = 31 };
typedef struct {
  uint64_t start; /* the first eight letters: what tells most words apart */
  uint32_t form;  /* of the word with its ending, plural apart: tells `raise` from `raised` */
  uint8_t size;
  char letters[LONGEST_WORD];
} word_t;

/* Once, before the first word. */
void prepare_words(void);

/* The next word of the text, taken off it; false where there is none left. `quoted` (may be null)
 * tells whether a quotation mark or a backtick stands before it. */
bool take_word(text_t *text, word_t *word, bool *quoted);

/* Whether the word says nothing about what a question is about. */
bool says_nothing(const word_t *word);

bool same_letters(const word_t *left, const word_t *right);

static inline bool same_word(const word_t *left, const word_t *right) {
  return left->start == right->start && same_letters(left, right);
}
#endif
