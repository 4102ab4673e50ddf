/* BM25. Floating point in WebAssembly is exact IEEE 754; the logarithm is our own, so that a score
 * is the same everywhere. */
#include "ranking.h"

/* Paragraphs are put together until a passage has this many bytes: a heading alone says little. */
enum { SMALL_PASSAGE = 240, LARGE_PASSAGE = 800 };
/* How little it matters that a term is missing altogether. */
enum { COVERAGE = 2 };

static const double SATURATION = 1.2, LENGTH_WEIGHT = 0.75, TITLE_WEIGHT = 1.0,
                    PAIR_WEIGHT = 1.0;

query_t read_query(text_t text) {
  query_t query = {.count = 0};
  word_t word;
  bool quoted, follows = false;
  while (query.count < MOST_TERMS && take_word(&text, &word, &quoted)) {
    bool known = says_nothing(&word) && !quoted;
    for (size_t i = 0; i < query.count && !known; i++) known = same_word(&query.terms[i], &word);
    if (!known) {
      query.after_last[query.count] = follows;
      query.terms[query.count++] = word;
    }
    follows = !known;
  }
  return query;
}

/* Which term of the query the word is; their count where it is none. */
static size_t term_of(const query_t *query, const word_t *word, bool exactly) {
  size_t term = 0;
  while (term < query->count && (!same_word(&query->terms[term], word) ||
                                 (exactly && query->terms[term].form != word->form))) {
    term++;
  }
  return term;
}

/* Marks what of the query the text has; answers how many words it is long. */
static uint32_t mark_terms(marks_t *marks, const query_t *query, text_t text, bool exactly) {
  word_t word;
  size_t last = query->count;
  uint32_t words = 0;
  for (; take_word(&text, &word, 0); words++) {
    size_t term = term_of(query, &word, exactly);
    if (term < query->count) {
      if (marks->found[term] < 255) marks->found[term]++;
      if (query->after_last[term] && last + 1 == term) marks->after_last[term] = true;
    }
    last = term;
  }
  return words;
}

library_t new_library(size_t documents) {
  return (library_t){.documents = allocate(documents * sizeof(document_t))};
}

static passage_t *new_passage(library_t *to) {
  if (to->passage_count == to->passage_room) {
    size_t before = to->passage_room * sizeof *to->passages;
    to->passage_room = to->passage_room ? to->passage_room * 2 : 64;
    size_t after = to->passage_room * sizeof *to->passages;
    to->passages = allocate_again(to->passages, before, 8, after);
  }
  return &to->passages[to->passage_count++];
}

/* Bytes up to the end of the paragraph that begins the text: its blank line is not part of it. */
static size_t paragraph_size(text_t text) {
  for (size_t at = 0; at + 1 < text.size; at++) {
    if (text.ptr[at] == '\n' && text.ptr[at + 1] == '\n') return at;
  }
  return text.size && text.ptr[text.size - 1] == '\n' ? text.size - 1 : text.size;
}

static size_t newlines(text_t text) {
  size_t count = 0;
  while (count < text.size && text.ptr[count] == '\n') count++;
  return count;
}

static void skip(text_t *text, size_t size) {
  *text = (text_t){text->ptr + size, text->size - size};
}

/* The next passage: paragraphs until there is enough, code and lists with what introduces them. */
static text_t take_passage(text_t *text) {
  skip(text, newlines(*text));
  text_t passage = {text->ptr, 0};
  while (text->size) {
    skip(text, paragraph_size(*text));
    passage.size = (size_t)(text->ptr - passage.ptr);
    skip(text, newlines(*text));
    bool introduces = passage.ptr[passage.size - 1] == ':' && passage.size < LARGE_PASSAGE;
    if (passage.size >= SMALL_PASSAGE && !introduces) break;
  }
  return passage;
}

void add_document(library_t *to, const query_t *query, text_t name, text_t title, text_t text) {
  document_t *document = &to->documents[to->document_count++];
  *document = (document_t){name, title, {{0}, {0}}};
  mark_terms(&document->marks, query, name, true);
  mark_terms(&document->marks, query, title, true);
  for (uint32_t number = 1;; number++) {
    text_t piece = take_passage(&text);
    if (!piece.size) return;
    passage_t *passage = new_passage(to);
    *passage = (passage_t){.document = document, .text = piece, .number = number};
    passage->words = mark_terms(&passage->marks, query, piece, false);
  }
}

/* Natural logarithm of a number of at least 1: halved into [1, 2), then a series that converges. */
static double logarithm(double x) {
  double whole = 0;
  for (; x >= 2; x /= 2) whole += 0.69314718055994530942;
  double y = (x - 1) / (x + 1), power = y, sum = 0;
  for (int n = 1; n < 30; n += 2, power *= y * y) sum += power / n;
  return whole + 2 * sum;
}

typedef struct {
  double term[MOST_TERMS], pair[MOST_TERMS], title[MOST_TERMS], title_pair[MOST_TERMS];
} weights_t;

/* How much it tells that one of `all` has what `with` of them have. */
static double rarity(size_t all, size_t with) {
  return logarithm(1 + ((double)(all - with) + 0.5) / ((double)with + 0.5));
}

/* Counted in the passages, and for the title in the documents. */
static weights_t weigh_terms(const library_t *library, const query_t *query) {
  size_t passages = library->passage_count, documents = library->document_count;
  weights_t weights;
  for (size_t i = 0; i < query->count; i++) {
    size_t term = 0, pair = 0, title = 0, title_pair = 0;
    for (size_t p = 0; p < passages; p++) {
      term += library->passages[p].marks.found[i] != 0;
      pair += library->passages[p].marks.after_last[i];
    }
    for (size_t d = 0; d < documents; d++) {
      title += library->documents[d].marks.found[i] != 0;
      title_pair += library->documents[d].marks.after_last[i];
    }
    weights.term[i] = rarity(passages, term);
    weights.pair[i] = rarity(passages, pair) * PAIR_WEIGHT;
    weights.title[i] = rarity(documents, title) * TITLE_WEIGHT;
    weights.title_pair[i] = rarity(documents, title_pair) * TITLE_WEIGHT;
  }
  return weights;
}

static uint64_t score_of(const passage_t *passage, const query_t *query, const weights_t *weights,
    double usual_length) {
  const marks_t *here = &passage->marks, *above = &passage->document->marks;
  double score = 0, length = (double)passage->words / usual_length;
  double slow = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length);
  size_t matched = 0;
  for (size_t i = 0; i < query->count; i++) {
    double found = here->found[i];
    if (found == 0) continue;
    matched++;
    score += weights->term[i] * found * (SATURATION + 1) / (found + slow);
    if (here->after_last[i]) score += weights->pair[i];
    if (above->found[i]) score += weights->title[i];
    if (above->after_last[i]) score += weights->title_pair[i];
  }
  /* One that has more of the terms is better than one that repeats a few. */
  double share = (double)(matched + COVERAGE) / (double)(query->count + COVERAGE);
  return (uint64_t)(score * share * 1000);
}

size_t best_hits(const library_t *library, const query_t *query, hit_t hits[MOST_HITS]) {
  weights_t weights = weigh_terms(library, query);
  double words = 0;
  for (size_t p = 0; p < library->passage_count; p++) words += library->passages[p].words;
  double usual_length = words > 0 ? words / (double)library->passage_count : 1;
  size_t count = 0;
  for (size_t p = 0; p < library->passage_count; p++) {
    const passage_t *passage = &library->passages[p];
    hit_t hit = {passage, score_of(passage, query, &weights, usual_length)};
    if (hit.score == 0) continue;
    size_t place = count;
    while (place && hits[place - 1].score < hit.score) place--;
    if (place == MOST_HITS) continue;
    if (count < MOST_HITS) count++;
    for (size_t i = count - 1; i > place; i--) hits[i] = hits[i - 1];
    hits[place] = hit;
  }
  return count;
}
