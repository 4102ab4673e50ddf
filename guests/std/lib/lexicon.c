/* BM25 as Okapi's, with the logarithm that is never negative:
 * sum over the query's words of ln(1 + (N - n + 0.5) / (n + 0.5)) * f (k1 + 1) / (f + k1 (1 - b + b l / L)) */
#include "lexicon.h"
#include "heap.h"
#include "numbers.h"
#include "words.h"

void lexicon_begin(lexicon_t *it) {
  *it = (lexicon_t){0};
  vocabulary_begin(&it->terms, 256);
}

static void *wider(void *array, uint32_t *room, uint32_t needed, size_t element) {
  if (needed < *room) return array;
  uint32_t size = *room ? *room : 64;
  while (size <= needed) size *= 2;
  array = heap_again(array, *room * element, size * element);
  __builtin_memset((char *)array + *room * element, 0, (size - *room) * element);
  *room = size;
  return array;
}

static uint32_t term_of(lexicon_t *it, text_t word) {
  uint32_t term = vocabulary_find(&it->terms, word);
  if (term != NOTHING) return term;
  char *kept = heap_take(word.size);
  __builtin_memcpy(kept, word.ptr, word.size);
  term = it->terms.count;
  vocabulary_add(&it->terms, (text_t){kept, word.size}, term);
  it->postings = wider(it->postings, &it->term_room, term, sizeof(postings_t));
  it->seen = wider(it->seen, &it->seen_room, term, sizeof(uint32_t));
  return term;
}

void lexicon_add(lexicon_t *it, uint32_t passage, text_t text) {
  it->contents = wider(it->contents, &it->passage_room, passage, sizeof(contents_t));
  contents_t *contents = &it->contents[passage];
  builder_t word = {0};
  contents->count = contents->words = 0;
  while (take_word(&text, &word)) {
    uint32_t term = term_of(it, built(&word));
    if (!it->seen[term]) {
      PUSH(*contents, ((term_count_t){term, 0}));
      it->seen[term] = contents->count;
    }
    contents->at[it->seen[term] - 1].count++;
    contents->words++;
  }
  for (uint32_t i = 0; i < contents->count; i++) {
    term_count_t *here = &contents->at[i];
    PUSH(it->postings[here->term], ((posting_t){passage, here->count}));
    it->seen[here->term] = 0;
  }
  it->words += contents->words;
  it->passages++;
}

void lexicon_remove(lexicon_t *it, uint32_t passage) {
  contents_t *contents = &it->contents[passage];
  for (uint32_t i = 0; i < contents->count; i++) {
    postings_t *postings = &it->postings[contents->at[i].term];
    uint32_t at = 0;
    while (postings->at[at].passage != passage) at++;
    postings->at[at] = postings->at[--postings->count];
  }
  it->words -= contents->words;
  it->passages--;
  contents->count = contents->words = 0;
}

double *lexicon_scores(const lexicon_t *it, text_t query, weights_t weights, uint32_t count) {
  double *scores = allocate((size_t)count * sizeof(double) + 1);
  for (uint32_t i = 0; i < count; i++) scores[i] = 0;
  double usual = it->passages && it->words ? (double)it->words / it->passages : 1;
  vocabulary_t asked;
  builder_t word = {0};
  vocabulary_begin(&asked, 8);
  while (take_word(&query, &word)) {
    uint32_t term = vocabulary_find(&it->terms, built(&word));
    /* A word that is asked for twice counts once. */
    if (term == NOTHING || vocabulary_find(&asked, it->terms.names[term]) != NOTHING) continue;
    vocabulary_add(&asked, it->terms.names[term], asked.count);
    const postings_t *postings = &it->postings[term];
    double with = postings->count;
    double rarity = natural_log(1 + ((double)it->passages - with + 0.5) / (with + 0.5));
    for (uint32_t i = 0; i < postings->count; i++) {
      posting_t here = postings->at[i];
      double length = it->contents[here.passage].words / usual, found = here.count;
      double slow = weights.k1 * (1 - weights.b + weights.b * length);
      scores[here.passage] += rarity * found * (weights.k1 + 1) / (found + slow);
    }
  }
  heap_give(asked.names, asked.room * sizeof(text_t));
  heap_give(asked.slots, (asked.mask + 1) * sizeof(uint32_t));
  return scores;
}
