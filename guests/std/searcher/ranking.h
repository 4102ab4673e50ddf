/* Which passages of some documents answer a query best: BM25 over paragraphs. */
#ifndef RANKING_H
#define RANKING_H
#include "words.h"

enum { MOST_TERMS = 16, MOST_HITS = 8 };

typedef struct {
  word_t terms[MOST_TERMS];
  bool after_last[MOST_TERMS]; /* whether nothing stands between it and the term before it */
  size_t count;
} query_t;

/* What of the query is in a text. */
typedef struct {
  uint8_t found[MOST_TERMS];   /* how often each term occurs, at most 255 */
  bool after_last[MOST_TERMS]; /* whether it follows the term before it, as it does in the query */
} marks_t;

typedef struct {
  text_t name, title;
  marks_t marks; /* of name and title */
} document_t;

typedef struct {
  const document_t *document;
  text_t text;     /* a piece of the document, unchanged */
  uint32_t number; /* from 1 within its document */
  uint32_t words;
  marks_t marks;
} passage_t;

/* What is searched. Documents do not move once there: passages point at them. */
typedef struct {
  document_t *documents;
  size_t document_count;
  passage_t *passages;
  size_t passage_count, passage_room;
} library_t;

typedef struct { const passage_t *passage; uint64_t score; /* thousandths */ } hit_t;

query_t read_query(text_t text);

/* A library with room for so many documents. */
library_t new_library(size_t documents);
void add_document(library_t *to, const query_t *query, text_t name, text_t title, text_t text);

/* The best passages, best first; equal ones in the order they were added. Answers how many. */
size_t best_hits(const library_t *library, const query_t *query, hit_t hits[MOST_HITS]);
#endif
