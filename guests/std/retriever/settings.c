/* The retriever's configuration:
 *   tokenizer, table            as of the embedder; where they are left out, vectors come with documents
 *   split    by, size, overlap  `paragraphs`, 1000 and 100 characters
 *   words    k1, b              1.2 and 0.75
 *   vectors  metric, search     `cosine`, `exact`; of `graph` also links, build, breadth: 16, 200, 64 */
#include "heap.h"
#include "retriever.h"

static result_t wrong(text_t key, text_t rule) {
  builder_t said = {0};
  add(&said, key);
  add(&said, TEXT(": "));
  add(&said, rule);
  return failure(TEXT("bad-config"), built(&said));
}

/* Which of some words a member is; the first where it is left out, NOTHING where it is none of them. */
static uint32_t one_of(const json_t *of, text_t key, const text_t *words, uint32_t count) {
  const json_t *it = json_get(of, key);
  if (json_is_null(it)) return 0;
  for (uint32_t i = 0; i < count; i++) {
    if (text_equal(json_string(it), words[i])) return i;
  }
  return NOTHING;
}

static bool read_index(const json_t *of, text_t key, uint32_t least, uint32_t most, uint32_t *into) {
  const json_t *it = json_get(of, key);
  return json_is_null(it) || (json_index(it, into) && *into >= least && *into <= most);
}

static bool read_weight(const json_t *of, text_t key, double most, double *into) {
  const json_t *it = json_get(of, key);
  return json_is_null(it) || (json_number(it, into) && *into >= 0 && *into <= most);
}

static result_t read_plan(const json_t *of, setting_t *it) {
  static const text_t UNITS[] = {{"paragraphs", 10}, {"characters", 10}, {"tokens", 6}, {"sentences", 9},
                                 {"headings", 8}};
  static const unit_t MEANT[] = {BY_PARAGRAPHS, BY_CHARACTERS, BY_TOKENS, BY_SENTENCES, BY_HEADINGS};
  uint32_t unit = one_of(of, TEXT("by"), UNITS, 5);
  if (unit == NOTHING) {
    return wrong(TEXT("split.by"), TEXT("characters, tokens, sentences, paragraphs or headings"));
  }
  it->plan = (plan_t){MEANT[unit], 1000, 100};
  if (!read_index(of, TEXT("size"), 1, 1u << 30, &it->plan.size) ||
      !read_index(of, TEXT("overlap"), 0, 1u << 30, &it->plan.overlap) ||
      it->plan.overlap >= it->plan.size) {
    return wrong(TEXT("split"), TEXT("size is at least 1, and overlap less than size"));
  }
  return DONE;
}

static result_t read_vectors(const json_t *of, index_t *index) {
  static const text_t METRICS[] = {{"cosine", 6}, {"dot", 3}, {"euclidean", 9}};
  static const text_t SEARCHES[] = {{"exact", 5}, {"graph", 5}};
  uint32_t metric = one_of(of, TEXT("metric"), METRICS, 3), search = one_of(of, TEXT("search"), SEARCHES, 2);
  if (metric == NOTHING) return wrong(TEXT("vectors.metric"), TEXT("cosine, dot or euclidean"));
  if (search == NOTHING) return wrong(TEXT("vectors.search"), TEXT("exact or graph"));
  index->metric = index->graph.metric = (metric_t)metric;
  index->by_graph = search == 1;
  index->graph.links = 16;
  index->graph.build = 200;
  index->breadth = 64;
  bool good = read_index(of, TEXT("links"), 2, 64, &index->graph.links) &&
              read_index(of, TEXT("build"), 1, 10000, &index->graph.build) &&
              read_index(of, TEXT("breadth"), 1, 10000, &index->breadth);
  return good ? DONE : wrong(TEXT("vectors"), TEXT("links is 2 to 64, build and breadth 1 to 10000"));
}

result_t settings_read(setting_t *it, index_t *index) {
  const json_t *config = configuration();
  problem_t problem;
  result_t read = read_plan(json_get(config, TEXT("split")), it);
  if (!read.failed) read = read_vectors(json_get(config, TEXT("vectors")), index);
  if (read.failed) return read;
  index->weights = (weights_t){1.2, 0.75};
  const json_t *words = json_get(config, TEXT("words"));
  if (!read_weight(words, TEXT("k1"), 1000, &index->weights.k1) ||
      !read_weight(words, TEXT("b"), 1, &index->weights.b)) {
    return wrong(TEXT("words"), TEXT("k1 is from 0 to 1000, b from 0 to 1"));
  }
  bool tokens = !json_is_null(json_get(config, TEXT("tokenizer")));
  it->embeds = !json_is_null(json_get(config, TEXT("table")));
  if (!tokens && (it->embeds || it->plan.unit == BY_TOKENS)) {
    return wrong(TEXT("tokenizer"), TEXT("is needed for a table, and for pieces of tokens"));
  }
  if (tokens && !configured_tokenizer(config, &it->tokenizer, &problem)) {
    return failure(problem.code, problem.detail);
  }
  text_t path = json_text(config, TEXT("table"));
  if (it->embeds && !table_begin(&it->table, path, &problem)) return failure(problem.code, problem.detail);
  if (it->embeds) table_read_whole(&it->table); /* else a row at a time */
  return DONE;
}
