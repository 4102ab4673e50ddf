/* A search: by words, by a vector, or by both, made one by reciprocal ranks. */
#include "heap.h"
#include "numbers.h"
#include "retriever.h"
#include "text.h"

enum { MOST_HITS = 100, DEEPER = 4, LEAST_DEPTH = 50, RANK_CONSTANT = 60 };

typedef struct { uint32_t place; double score, words, nearness, like; bool by_words, by_vector; } fused_t;
typedef struct { fused_t *at; uint32_t count; } all_fused_t;

static fused_t *fused_at(all_fused_t *all, uint32_t place) {
  for (uint32_t i = 0; i < all->count; i++) {
    if (all->at[i].place == place) return &all->at[i];
  }
  all->at[all->count] = (fused_t){.place = place};
  return &all->at[all->count++];
}

static bool comes_before(const fused_t *left, const fused_t *right) {
  return left->score != right->score ? left->score > right->score : left->place < right->place;
}

static void put_in_order(all_fused_t *all) {
  for (uint32_t i = 1; i < all->count; i++) {
    fused_t here = all->at[i];
    uint32_t at = i;
    for (; at && comes_before(&here, &all->at[at - 1]); at--) all->at[at] = all->at[at - 1];
    all->at[at] = here;
  }
}

/* What both found. Alone, either keeps its own scores. */
static all_fused_t fuse(const hits_t *words, const hits_t *vectors, bool both) {
  all_fused_t all = {allocate((words->count + vectors->count) * sizeof(fused_t) + 1), 0};
  for (uint32_t i = 0; i < words->count; i++) {
    fused_t *it = fused_at(&all, words->at[i].index);
    it->by_words = true;
    it->words = words->at[i].score;
    it->score += both ? 1.0 / (RANK_CONSTANT + i + 1) : it->words;
  }
  for (uint32_t i = 0; i < vectors->count; i++) {
    fused_t *it = fused_at(&all, vectors->at[i].index);
    it->by_vector = true;
    it->nearness = vectors->at[i].score;
    it->score += both ? 1.0 / (RANK_CONSTANT + i + 1) : it->nearness;
  }
  put_in_order(&all);
  return all;
}

static double likeness(const slot_t *left, const slot_t *right) {
  uint32_t size = found_index.size;
  if (!left->vector || !right->vector) return 0;
  double both = vector_dot(left->vector, left->vector, size) * (double)vector_dot(right->vector, right->vector, size);
  return both > 0 ? vector_dot(left->vector, right->vector, size) / square_root(both) : 0;
}

/* Maximal marginal relevance: the first `count` are good and unlike each other. Scores count as shares of
 * the best one. */
static void diversify(all_fused_t *all, uint32_t count, double balance) {
  double best = all->count && all->at[0].score > 0 ? all->at[0].score : 1;
  for (uint32_t taken = 1; taken < all->count && taken < count; taken++) {
    const slot_t *last = index_at(&found_index, all->at[taken - 1].place);
    uint32_t next = taken;
    double most = 0;
    for (uint32_t i = taken; i < all->count; i++) {
      double like = likeness(index_at(&found_index, all->at[i].place), last);
      if (like > all->at[i].like) all->at[i].like = like;
      double score = balance * all->at[i].score / best - (1 - balance) * all->at[i].like;
      if (i == taken || score > most) next = i, most = score;
    }
    fused_t chosen = all->at[next];
    for (uint32_t i = next; i > taken; i--) all->at[i] = all->at[i - 1];
    all->at[taken] = chosen;
  }
}

static void add_hit(builder_t *json, const fused_t *hit) {
  const slot_t *slot = index_at(&found_index, hit->place);
  builder_t key = {0};
  document_t document;
  uint32_t size;
  add(&key, KEY_PREFIX);
  add(&key, slot->entry->id);
  text_option_t record = state_get_bytes(built(&key));
  if (!record.some || !record_read(record.value, &document, &size)) document = (document_t){0};
  bool there = slot->last <= document.text.size;
  add(json, TEXT("{\"doc\":"));
  add_json(json, slot->entry->id);
  add(json, TEXT(",\"title\":"));
  add_json(json, document.title);
  add(json, TEXT(",\"passage\":"));
  add_number(json, slot->number);
  add(json, TEXT(",\"start\":"));
  add_number(json, slot->start);
  add(json, TEXT(",\"end\":"));
  add_number(json, slot->end);
  add(json, TEXT(",\"score\":"));
  add_decimal(json, hit->score);
  if (hit->by_words) add(json, TEXT(",\"words\":")), add_decimal(json, hit->words);
  if (hit->by_vector) add(json, TEXT(",\"vector\":")), add_decimal(json, hit->nearness);
  add(json, TEXT(",\"text\":"));
  add_json(json, there ? (text_t){document.text.ptr + slot->first, slot->last - slot->first} : TEXT(""));
  add_char(json, '}');
}

/* The vector of the question: the one that came with it, or what the table gives; null where there is none. */
static result_t take_vector(const json_t *asked, text_t query, float **vector) {
  const json_t *given = json_get(asked, TEXT("vector"));
  uint32_t count = 0;
  *vector = 0;
  if (!json_is_null(given)) {
    *vector = numbers_of(given, &count);
    if (!*vector) return failure(TEXT("bad-vectors"), TEXT("`vector` is a list of finite numbers"));
  } else if (setting.embeds && query.size) {
    problem_t problem;
    count = setting.table.size;
    *vector = allocate(count * sizeof(float));
    if (!table_embed(&setting.table, &setting.tokenizer, query, *vector, &problem)) {
      return failure(problem.code, problem.detail);
    }
  }
  if (*vector && found_index.vectors && count != found_index.size) {
    return failure(TEXT("dimensions"), TEXT("the index has vectors of another length"));
  }
  if (*vector && found_index.metric == COSINE) vector_normalise(*vector, count);
  return DONE;
}

result_t answer_search(const json_t *asked) {
  text_t query = json_text(asked, TEXT("query")), by = json_text(asked, TEXT("by"));
  bool words = !text_equal(by, TEXT("vector")), vectors = !text_equal(by, TEXT("words"));
  uint32_t count = 8;
  double balance = 1;
  const json_t *most = json_get(asked, TEXT("count")), *spread = json_get(asked, TEXT("diversify"));
  if (by.size && words && vectors && !text_equal(by, TEXT("both"))) {
    return failure(TEXT("bad-request"), TEXT("`by` is words, vector or both"));
  }
  if (!json_is_null(most) && (!json_index(most, &count) || !count || count > MOST_HITS)) {
    return failure(TEXT("bad-request"), TEXT("`count` is from 1 to 100"));
  }
  if (!json_is_null(spread) && (!json_number(spread, &balance) || balance < 0 || balance > 1)) {
    return failure(TEXT("bad-request"), TEXT("`diversify` is from 0 to 1"));
  }
  float *vector;
  result_t taken = take_vector(asked, query, &vector);
  if (taken.failed) return taken;
  uint32_t depth = count * DEEPER > LEAST_DEPTH ? count * DEEPER : LEAST_DEPTH;
  index_put_in_order(&found_index);
  hits_t by_words = words ? index_by_words(&found_index, query, depth) : (hits_t){0};
  hits_t by_vector = vectors && vector ? index_by_vector(&found_index, vector, depth) : (hits_t){0};
  all_fused_t all = fuse(&by_words, &by_vector, words && vectors && vector);
  if (balance < 1) diversify(&all, count, balance);
  builder_t json = {0};
  add_char(&json, '[');
  for (uint32_t i = 0; i < all.count && i < count; i++) {
    if (i) add_char(&json, ',');
    add_hit(&json, &all.at[i]);
  }
  add_char(&json, ']');
  return messaging_reply(TEXT_BODY(built(&json)));
}
