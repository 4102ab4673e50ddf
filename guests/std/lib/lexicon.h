/* Which words are in which passages, and BM25 over them. In memory that stays. */
#ifndef LEXICON_H
#define LEXICON_H
#include "vectors.h"
#include "vocabulary.h"

typedef struct { uint32_t passage, count; } posting_t;
typedef struct { posting_t *at; uint32_t count, room; } postings_t;
typedef struct { uint32_t term, count; } term_count_t;
typedef struct { term_count_t *at; uint32_t count, room, words; } contents_t;

typedef struct {
  vocabulary_t terms;
  postings_t *postings;  /* by term */
  uint32_t term_room;
  contents_t *contents;  /* by passage */
  uint32_t passage_room, passages;
  uint64_t words;
  uint32_t *seen, seen_room;  /* by term: where it is in the contents that are being made, + 1 */
} lexicon_t;

typedef struct { double k1, b; } weights_t;

void lexicon_begin(lexicon_t *it);
/* A passage's number is one that no other has. */
void lexicon_add(lexicon_t *it, uint32_t passage, text_t text);
void lexicon_remove(lexicon_t *it, uint32_t passage);
/* Scores by passage, up to `count` of them, 0 where it has no word of the query; gone with the message. */
double *lexicon_scores(const lexicon_t *it, text_t query, weights_t weights, uint32_t count);
#endif
