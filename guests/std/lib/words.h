/* The words of a text, as they are counted: in lower case, without accents; each ideograph and kana is one. */
#ifndef WORDS_H
#define WORDS_H
#include "unicode.h"

/* The next word, taken off the text; false where there is none. It is gone with the message. */
bool take_word(text_t *text, builder_t *word);
#endif
