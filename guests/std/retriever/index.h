/* What the retriever keeps: documents, their passages, the words and vectors of these. */
#ifndef INDEX_H
#define INDEX_H
#include "agent.h"
#include "graph.h"
#include "lexicon.h"

typedef struct { uint32_t start, end, first, last; float *vector; } passage_t; /* in characters; in bytes */

/* As it is in the state, and in what is exported. */
typedef struct {
  text_t id, title, text;
  uint32_t number;             /* how many were added before it */
  passage_t *passages;
  uint32_t count;
} document_t;

typedef struct { text_t id; uint32_t *slots, count; } entry_t; /* a document; its passages by slot */
typedef struct { entry_t *entry; uint32_t number, start, end, first, last; float *vector; bool there, hidden; } slot_t;

typedef struct {
  lexicon_t lexicon;
  graph_t graph;
  bool by_graph;
  uint32_t breadth;
  metric_t metric;
  weights_t weights;
  uint32_t size, vectors;      /* numbers of a vector, and how many there are */
  entry_t **entries;           /* by id, in the order of bytes */
  uint32_t entry_count, entry_room;
  slot_t *slots;
  uint32_t slot_count, slot_room, passages;
  uint32_t *free, free_count, free_room;
  uint32_t *order, *at_order, order_room; /* a slot's place among all passages, and back */
  bool ordered;
  uint32_t added;              /* documents so far */
} index_t;

/* Adds a document; one of its id has to be removed before. Nothing of it is needed afterwards. */
void index_add(index_t *it, const document_t *document);
/* False where there is none. */
bool index_remove(index_t *it, text_t id);
const entry_t *index_find(const index_t *it, text_t id);
/* Where the first document is whose id comes behind one. */
uint32_t index_behind(const index_t *it, text_t id);
/* Vectors are of another length from now on; there are none. */
void index_resize(index_t *it, uint32_t size);
/* The place of each slot among all passages, in the order of ids; before a search. */
void index_put_in_order(index_t *it);
/* The nearest by words, by a vector; indices are places. */
hits_t index_by_words(const index_t *it, text_t query, uint32_t most);
hits_t index_by_vector(index_t *it, const float *vector, uint32_t most);
static inline const slot_t *index_at(const index_t *it, uint32_t place) { return &it->slots[it->at_order[place]]; }
#endif
