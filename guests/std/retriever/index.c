/* The index in memory. Slots are used again, but not while the graph leads through them. */
#include "index.h"
#include "heap.h"
#include "numbers.h"
#include "text.h"

enum { MANY_HIDDEN = 64 };

static text_t kept(text_t text) {
  char *copy = heap_take(text.size + 1);
  __builtin_memcpy(copy, text.ptr, text.size);
  return (text_t){copy, text.size};
}

static int compare(text_t left, text_t right) {
  size_t size = left.size < right.size ? left.size : right.size;
  for (size_t i = 0; i < size; i++) {
    if (left.ptr[i] != right.ptr[i]) return (uint8_t)left.ptr[i] < (uint8_t)right.ptr[i] ? -1 : 1;
  }
  return left.size == right.size ? 0 : left.size < right.size ? -1 : 1;
}

/* Where an id is, or would be. */
static uint32_t place_of(const index_t *it, text_t id, bool *there) {
  uint32_t low = 0, high = it->entry_count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (compare(it->entries[middle]->id, id) < 0) low = middle + 1;
    else high = middle;
  }
  *there = low < it->entry_count && compare(it->entries[low]->id, id) == 0;
  return low;
}

const entry_t *index_find(const index_t *it, text_t id) {
  bool there;
  uint32_t place = place_of(it, id, &there);
  return there ? it->entries[place] : 0;
}


uint32_t index_behind(const index_t *it, text_t id) {
  bool there;
  uint32_t place = place_of(it, id, &there);
  return id.size ? place + there : 0;
}

static uint32_t new_slot(index_t *it) {
  if (it->free_count) return it->free[--it->free_count];
  it->slots = heap_more(it->slots, &it->slot_room, it->slot_count, sizeof(slot_t));
  return it->slot_count++;
}

static uint64_t hash_of_passage(text_t id, uint32_t number) {
  builder_t name = {0};
  add(&name, id);
  add_char(&name, 0);
  add_number(&name, number);
  return spread_hash(built(&name));
}

static void add_passage(index_t *it, entry_t *entry, uint32_t number, const document_t *document) {
  const passage_t *passage = &document->passages[number];
  uint32_t slot = new_slot(it);
  text_t text = {document->text.ptr + passage->first, passage->last - passage->first};
  float *vector = 0;
  entry->slots[number] = slot;
  if (passage->vector) {
    size_t bytes = it->size * sizeof(float);
    vector = heap_take(bytes);
    __builtin_memcpy(vector, passage->vector, bytes);
    if (it->metric == COSINE) vector_normalise(vector, it->size);
    it->vectors++;
  }
  it->slots[slot] = (slot_t){entry, number, passage->start, passage->end, passage->first, passage->last,
                             vector, true, false};
  lexicon_add(&it->lexicon, slot, text);
  if (vector && it->by_graph) graph_add(&it->graph, slot, vector, hash_of_passage(entry->id, number));
  it->passages++;
}

void index_add(index_t *it, const document_t *document) {
  bool there;
  uint32_t place = place_of(it, document->id, &there);
  it->entries = heap_more(it->entries, &it->entry_room, it->entry_count, sizeof(entry_t *));
  for (uint32_t i = it->entry_count++; i > place; i--) it->entries[i] = it->entries[i - 1];
  entry_t *entry = it->entries[place] = heap_take(sizeof(entry_t));
  *entry = (entry_t){kept(document->id), heap_take(document->count * 4 + 1), document->count};
  for (uint32_t i = 0; i < document->count; i++) add_passage(it, entry, i, document);
  it->ordered = false;
  if (document->number >= it->added) it->added = document->number + 1;
}

static void free_slot(index_t *it, uint32_t slot) {
  slot_t *here = &it->slots[slot];
  if (here->vector) heap_give(here->vector, it->size * sizeof(float));
  *here = (slot_t){0};
  it->free = heap_more(it->free, &it->free_room, it->free_count, sizeof(uint32_t));
  it->free[it->free_count++] = slot;
}

/* A graph that leads through more that is hidden than found is made anew, in the order of slots. */
static void renew_graph(index_t *it) {
  graph_clear(&it->graph);
  for (uint32_t slot = it->slot_count; slot-- > 0;) {
    if (it->slots[slot].hidden) free_slot(it, slot);
  }
  for (uint32_t slot = 0; slot < it->slot_count; slot++) {
    const slot_t *here = &it->slots[slot];
    if (!here->there || !here->vector) continue;
    graph_add(&it->graph, slot, here->vector, hash_of_passage(here->entry->id, here->number));
  }
}

void index_resize(index_t *it, uint32_t size) {
  if (it->size == size) return;
  if (it->graph.there) renew_graph(it);
  it->size = it->graph.size = size;
}

bool index_remove(index_t *it, text_t id) {
  bool there;
  uint32_t place = place_of(it, id, &there);
  if (!there) return false;
  entry_t *entry = it->entries[place];
  for (uint32_t i = place + 1; i < it->entry_count; i++) it->entries[i - 1] = it->entries[i];
  it->entry_count--;
  for (uint32_t i = entry->count; i-- > 0;) {
    slot_t *slot = &it->slots[entry->slots[i]];
    lexicon_remove(&it->lexicon, entry->slots[i]);
    it->vectors -= slot->vector != 0;
    it->passages--;
    if (slot->vector && it->by_graph) {
      graph_hide(&it->graph, entry->slots[i]);
      slot->there = false;
      slot->hidden = true;
    } else {
      free_slot(it, entry->slots[i]);
    }
  }
  heap_give((void *)entry->id.ptr, entry->id.size + 1);
  heap_give(entry->slots, entry->count * 4 + 1);
  heap_give(entry, sizeof *entry);
  it->ordered = false;
  uint32_t hidden = it->graph.there - it->graph.alive;
  if (hidden > MANY_HIDDEN && hidden > it->graph.alive) renew_graph(it);
  return true;
}

void index_put_in_order(index_t *it) {
  if (it->ordered) return;
  if (it->order_room < it->slot_count) {
    heap_give(it->order, it->order_room * sizeof(uint32_t));
    heap_give(it->at_order, it->order_room * sizeof(uint32_t));
    it->order_room = it->slot_room;
    it->order = heap_take(it->order_room * sizeof(uint32_t));
    it->at_order = heap_take(it->order_room * sizeof(uint32_t));
  }
  uint32_t place = 0;
  for (uint32_t i = 0; i < it->entry_count; i++) {
    const entry_t *entry = it->entries[i];
    for (uint32_t k = 0; k < entry->count; k++, place++) {
      it->order[entry->slots[k]] = place;
      it->at_order[place] = entry->slots[k];
    }
  }
  it->ordered = true;
}

hits_t index_by_words(const index_t *it, text_t query, uint32_t most) {
  double *scores = lexicon_scores(&it->lexicon, query, it->weights, it->slot_count);
  hits_t hits = hits_of(most < it->passages ? most : it->passages);
  for (uint32_t slot = 0; slot < it->slot_count; slot++) {
    if (scores[slot] > 0) hits_add(&hits, it->order[slot], scores[slot]);
  }
  hits_sort(&hits);
  return hits;
}

hits_t index_by_vector(index_t *it, const float *vector, uint32_t most) {
  if (most > it->vectors) most = it->vectors;
  if (it->by_graph) return graph_search(&it->graph, vector, most, it->breadth, it->order);
  hits_t hits = hits_of(most);
  for (uint32_t slot = 0; slot < it->slot_count; slot++) {
    const slot_t *here = &it->slots[slot];
    if (!here->vector) continue;
    hits_add(&hits, it->order[slot], vector_nearness(it->metric, vector, here->vector, it->size));
  }
  hits_sort(&hits);
  return hits;
}
