/* Texts in pieces: where each begins and ends, in characters. */
#ifndef SPLITTING_H
#define SPLITTING_H
#include "tokenizer.h"

typedef enum { BY_CHARACTERS, BY_TOKENS, BY_SENTENCES, BY_PARAGRAPHS, BY_HEADINGS } unit_t;
typedef struct { unit_t unit; uint32_t size, overlap; } plan_t;
typedef struct { uint32_t start, end; text_t heading; } stretch_t;
typedef struct { stretch_t *at; uint32_t count, room; } stretches_t;

/* The pieces of a text, given as it is and as its characters. `tokenizer` is needed for BY_TOKENS alone.
 * False where the plan is none. */
bool split_text(text_t text, codes_t codes, plan_t plan, const tokenizer_t *tokenizer, stretches_t *pieces,
    problem_t *problem);
#endif
