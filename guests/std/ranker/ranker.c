/* A tool: texts and vectors put in order, and rankings made one. It has no memory and no configuration. */
#include "heap.h"
#include "lexicon.h"
#include "numbers.h"

#define EXPORTS "wasm-engine:retrieval/ranker@0.1.0#"

typedef struct { text_t code, detail; } problem_t;
typedef struct { const float *ptr; size_t count; } vector_t;
typedef struct { text_t id; double score; } ranked_t;
typedef struct { double weight; const ranked_t *ptr; size_t count; } ranking_t;
typedef struct { const void *ptr; size_t count; } any_list_t;
typedef struct { bool failed; union { any_list_t value; problem_t problem; }; } answer_t;
_Static_assert(sizeof(ranked_t) == 16 && sizeof(ranking_t) == 16 && sizeof(answer_t) == 20, "layout");
_Static_assert(sizeof(hit_t) == 16 && offsetof(hit_t, score) == 8, "layout");

static answer_t answer;

static const answer_t *refused(text_t code, text_t detail) {
  answer = (answer_t){.failed = true, .problem = {code, detail}};
  return &answer;
}

static const answer_t *answered(const void *ptr, size_t count) {
  answer = (answer_t){.value = {ptr, count}};
  return &answer;
}

static const answer_t *best(hits_t *hits) {
  hits_sort(hits);
  return answered(hits->at, hits->count);
}

EXPORT(EXPORTS "by-words") const answer_t *by_words(const char *query, size_t size, const text_t *texts,
    size_t count, int32_t some, double k1, double b) {
  weights_t weights = some ? (weights_t){k1, b} : (weights_t){1.2, 0.75};
  if (!(weights.k1 >= 0 && weights.k1 <= 1000 && weights.b >= 0 && weights.b <= 1)) {
    return refused(TEXT("bad-number"), TEXT("k1 is from 0 to 1000, b from 0 to 1"));
  }
  lexicon_t lexicon;
  lexicon_begin(&lexicon);
  for (size_t i = 0; i < count; i++) lexicon_add(&lexicon, (uint32_t)i, texts[i]);
  double *scores = lexicon_scores(&lexicon, (text_t){query, size}, weights, (uint32_t)count);
  hits_t hits = hits_of((uint32_t)count);
  for (uint32_t i = 0; i < count; i++) {
    if (scores[i] > 0) hits_add(&hits, i, scores[i]);
  }
  return best(&hits);
}

/* Whether vectors are as long as the query, and all are numbers; else the answer says what is wrong. */
static bool alike(vector_t query, const vector_t *vectors, size_t count) {
  bool good = vector_finite(query.ptr, (uint32_t)query.count);
  for (size_t i = 0; i < count && good; i++) {
    if (vectors[i].count != query.count) {
      refused(TEXT("dimensions"), TEXT("vectors have different lengths"));
      return false;
    }
    good = vector_finite(vectors[i].ptr, (uint32_t)query.count);
  }
  if (!good) refused(TEXT("bad-number"), TEXT("a vector has a number that is none, or is infinite"));
  return good;
}

/* A copy, of length 1 where the metric wants that. */
static float *copied(vector_t vector, metric_t metric) {
  float *copy = allocate(vector.count * sizeof(float) + 1);
  __builtin_memcpy(copy, vector.ptr, vector.count * sizeof(float));
  if (metric == COSINE) vector_normalise(copy, (uint32_t)vector.count);
  return copy;
}

EXPORT(EXPORTS "nearest") const answer_t *nearest(const float *query, size_t size, const vector_t *vectors,
    size_t count, int32_t metric, uint32_t most) {
  vector_t asked = {query, size};
  if (!alike(asked, vectors, count)) return &answer;
  float *near_to = copied(asked, (metric_t)metric);
  hits_t hits = hits_of(most < count ? most : (uint32_t)count);
  for (uint32_t i = 0; i < count; i++) {
    float score = vector_nearness((metric_t)metric, near_to, copied(vectors[i], (metric_t)metric),
        (uint32_t)size);
    hits_add(&hits, i, score);
  }
  return best(&hits);
}

/* Sums by id, in the order in which ids were first met. */
typedef struct { vocabulary_t ids; double *sums; uint32_t room; } sums_t;

static void add_sum(sums_t *to, text_t id, double score) {
  uint32_t number = vocabulary_find(&to->ids, id);
  if (number == NOTHING) {
    number = to->ids.count;
    vocabulary_add(&to->ids, id, number);
    to->sums = heap_more(to->sums, &to->room, number, sizeof(double));
    to->sums[number] = 0;
  }
  to->sums[number] += score;
}

/* The order of texts by their bytes. */
static bool text_before(text_t left, text_t right) {
  size_t size = left.size < right.size ? left.size : right.size;
  int order = 0;
  for (size_t i = 0; i < size && !order; i++) order = (uint8_t)left.ptr[i] - (uint8_t)right.ptr[i];
  return order ? order < 0 : left.size < right.size;
}

static bool ranked_before(ranked_t left, ranked_t right) {
  return left.score != right.score ? left.score > right.score : text_before(left.id, right.id);
}

static void merge_sort(ranked_t *all, ranked_t *other, size_t count) {
  size_t half = count / 2, left = 0, right = half;
  if (count < 2) return;
  merge_sort(all, other, half);
  merge_sort(all + half, other, count - half);
  for (size_t i = 0; i < count; i++) {
    bool take_left = left < half && (right == count || !ranked_before(all[right], all[left]));
    other[i] = all[take_left ? left++ : right++];
  }
  __builtin_memcpy(all, other, count * sizeof *all);
}

static const answer_t *summed_up(const sums_t *sums) {
  size_t count = sums->ids.count;
  ranked_t *all = allocate(count * sizeof *all + 1), *other = allocate(count * sizeof *all + 1);
  for (uint32_t i = 0; i < count; i++) all[i] = (ranked_t){sums->ids.names[i], sums->sums[i]};
  merge_sort(all, other, count);
  return answered(all, count);
}

EXPORT(EXPORTS "fuse-ranks") const answer_t *fuse_ranks(const text_list_t *rankings, size_t count,
    int32_t some, double given) {
  double k = some ? given : 60;
  if (!(k >= 0 && is_finite(k))) return refused(TEXT("bad-number"), TEXT("k is a number from 0 on"));
  sums_t sums = {0};
  vocabulary_begin(&sums.ids, 64);
  for (size_t i = 0; i < count; i++) {
    for (size_t place = 0; place < rankings[i].count; place++) {
      add_sum(&sums, rankings[i].ptr[place], 1 / (k + (double)place + 1));
    }
  }
  return summed_up(&sums);
}

EXPORT(EXPORTS "fuse-scores") const answer_t *fuse_scores(const ranking_t *rankings, size_t count) {
  sums_t sums = {0};
  vocabulary_begin(&sums.ids, 64);
  for (size_t i = 0; i < count; i++) {
    const ranking_t *here = &rankings[i];
    double least = 0, most = 0;
    for (size_t k = 0; k < here->count; k++) {
      double score = here->ptr[k].score;
      if (!is_finite(score)) return refused(TEXT("bad-number"), TEXT("a score is no finite number"));
      if (k == 0 || score < least) least = score;
      if (k == 0 || score > most) most = score;
    }
    if (!is_finite(here->weight)) return refused(TEXT("bad-number"), TEXT("a weight is no finite number"));
    for (size_t k = 0; k < here->count; k++) {
      /* Halves, for the difference of two numbers may be more than there are. */
      double range = most / 2 - least / 2, above = here->ptr[k].score / 2 - least / 2;
      add_sum(&sums, here->ptr[k].id, here->weight * (range > 0 ? above / range : 1));
    }
  }
  return summed_up(&sums);
}

EXPORT(EXPORTS "diversify") const answer_t *diversify(const float *query, size_t size,
    const vector_t *vectors, size_t count, uint32_t most, double balance) {
  vector_t asked = {query, size};
  if (!(balance >= 0 && balance <= 1)) return refused(TEXT("bad-number"), TEXT("balance is from 0 to 1"));
  if (!alike(asked, vectors, count)) return &answer;
  float *near_to = copied(asked, COSINE), **all = allocate(count * sizeof *all + 1);
  double *near = allocate(count * sizeof(double) + 1), *like = allocate(count * sizeof(double) + 1);
  for (size_t i = 0; i < count; i++) {
    all[i] = copied(vectors[i], COSINE);
    near[i] = vector_dot(near_to, all[i], (uint32_t)size);
    like[i] = 0;
  }
  uint32_t wanted = most < count ? most : (uint32_t)count;
  hit_t *chosen = allocate(wanted * sizeof *chosen + 1);
  for (uint32_t taken = 0; taken < wanted; taken++) {
    hit_t next = {NOTHING, 0};
    for (uint32_t i = 0; i < count; i++) {
      double score = balance * near[i] - (1 - balance) * like[i];
      if (all[i] && (next.index == NOTHING || score > next.score)) next = (hit_t){i, score};
    }
    chosen[taken] = next;
    const float *last = all[next.index];
    all[next.index] = 0;
    for (uint32_t i = 0; i < count; i++) {
      double alike_now = all[i] ? vector_dot(last, all[i], (uint32_t)size) : 0;
      if (all[i] && (taken == 0 || alike_now > like[i])) like[i] = alike_now;
    }
  }
  return answered(chosen, wanted);
}
