/* A tool: texts as tokens and back. Configuration: `tokenizer`, the path of a mounted `tokenizer.json`, or
 * what is in it. It is read as the instance begins, so that calls find it read. */
#include "configured.h"

#define EXPORTS "wasm-engine:retrieval/tokenizer@0.1.0#"

typedef struct { bool special; uint32_t longest, shortest; } bounds_t; /* 0: no bound */
typedef struct { uint32_t start, end; } span_t;
typedef struct {
  struct { const uint32_t *ptr; size_t count; } ids;
  text_list_t tokens;
  struct { const span_t *ptr; size_t count; } offsets;
  struct { const uint32_t *ptr; size_t count; } attention;
} encoding_t;
typedef struct { const uint32_t *ptr; size_t count; } numbers_t;
#define RESULT(type) struct { bool failed; union { type value; problem_t problem; }; }
typedef RESULT(encoding_t) encoded_t;
typedef RESULT(struct { const encoding_t *ptr; size_t count; }) all_encoded_t;
typedef RESULT(struct { const numbers_t *ptr; size_t count; }) all_ids_t;
typedef RESULT(uint32_t) counted_t;
typedef RESULT(text_t) decoded_t;
_Static_assert(sizeof(encoding_t) == 32 && sizeof(encoded_t) == 36, "layout");

static tokenizer_t tokenizer;
static problem_t problem;
static bool ready;

EXPORT("_initialize") void begin(void) {
  ready = configured_tokenizer(configuration(), &tokenizer, &problem);
  allocator_keep();
}

#define OPTIONS int32_t given, int32_t some, int32_t special, int32_t some_longest, uint32_t longest, \
    int32_t some_shortest, uint32_t shortest
#define TAKEN options_of(given && some ? special : true, given && some_longest, longest, \
    given && some_shortest ? shortest : 0)

static bounds_t options_of(bool special, bool bounded, uint32_t longest, uint32_t shortest) {
  return (bounds_t){special, bounded ? longest : tokenizer.truncated ? tokenizer.truncated : NOTHING,
                      shortest};
}

/* The tokens of a text with all that belongs around them; how many of them only fill up. */
static bool encode(text_t text, bounds_t options, tokens_t *to, uint32_t *filling) {
  tokens_t inner = tokenizer_encode(&tokenizer, text);
  uint32_t before = options.special ? tokenizer.before_count : 0;
  uint32_t after = options.special ? tokenizer.after_count : 0;
  if (options.longest < before + after) {
    problem = (problem_t){TEXT("too-short"), TEXT("max-length is less than what belongs around a text")};
    return false;
  }
  if (inner.count > options.longest - before - after) inner.count = options.longest - before - after;
  *to = (tokens_t){0};
  for (uint32_t i = 0; i < before; i++) tokens_add(to, tokenizer.before[i], 0, 0);
  for (uint32_t i = 0; i < inner.count; i++) {
    tokens_add(to, inner.at[i].id, inner.at[i].start, inner.at[i].end);
    to->at[to->count - 1].said = inner.at[i].said;
  }
  for (uint32_t i = 0; i < after; i++) tokens_add(to, tokenizer.after[i], 0, 0);
  *filling = options.shortest > to->count ? options.shortest - to->count : 0;
  return true;
}

enum { MOST_FILLING = 1 << 20 };

static bool make_encoding(text_t text, bounds_t options, encoding_t *to) {
  tokens_t tokens;
  uint32_t filling;
  if (!encode(text, options, &tokens, &filling)) return false;
  if (filling > MOST_FILLING) {
    problem = (problem_t){TEXT("too-long"), TEXT("pad-to is more than 2^20")};
    return false;
  }
  if (tokenizer.trims) tokenizer_trim(&tokenizer, &tokens);
  for (uint32_t i = 0; i < filling; i++) tokens_add(&tokens, tokenizer.padding, 0, 0);
  uint32_t count = tokens.count;
  uint32_t *ids = allocate(count * 4 + 1), *attention = allocate(count * 4 + 1);
  text_t *names = allocate(count * sizeof(text_t) + 1);
  span_t *spans = allocate(count * sizeof(span_t) + 1);
  for (uint32_t i = 0; i < count; i++) {
    ids[i] = tokens.at[i].id;
    attention[i] = i < count - filling;
    names[i] = token_name(&tokenizer, &tokens.at[i]);
    spans[i] = (span_t){tokens.at[i].start, tokens.at[i].end};
  }
  *to = (encoding_t){{ids, count}, {names, count}, {spans, count}, {attention, count}};
  return true;
}

EXPORT(EXPORTS "encode") const encoded_t *export_encode(const char *ptr, size_t size, OPTIONS) {
  static encoded_t answer;
  answer.failed = !ready || !make_encoding((text_t){ptr, size}, TAKEN, &answer.value);
  if (answer.failed) answer.problem = problem;
  return &answer;
}

EXPORT(EXPORTS "encode-all") const all_encoded_t *export_encode_all(const text_t *texts, size_t count,
    OPTIONS) {
  static all_encoded_t answer;
  encoding_t *all = allocate(count * sizeof(encoding_t) + 1);
  answer.failed = !ready;
  for (size_t i = 0; i < count && !answer.failed; i++) {
    answer.failed = !make_encoding(texts[i], TAKEN, &all[i]);
  }
  answer.value.ptr = all;
  answer.value.count = count;
  if (answer.failed) answer.problem = problem;
  return &answer;
}

EXPORT(EXPORTS "ids") const all_ids_t *export_ids(const text_t *texts, size_t count, OPTIONS) {
  static all_ids_t answer;
  numbers_t *all = allocate(count * sizeof(numbers_t) + 1);
  answer.failed = !ready;
  for (size_t i = 0; i < count && !answer.failed; i++) {
    encoding_t made;
    answer.failed = !make_encoding(texts[i], TAKEN, &made);
    if (!answer.failed) all[i] = (numbers_t){made.ids.ptr, made.ids.count};
  }
  answer.value.ptr = all;
  answer.value.count = count;
  if (answer.failed) answer.problem = problem;
  return &answer;
}

EXPORT(EXPORTS "count") const counted_t *export_count(const char *ptr, size_t size) {
  static counted_t answer;
  answer.failed = !ready;
  if (answer.failed) answer.problem = problem;
  else answer.value = tokenizer_encode(&tokenizer, (text_t){ptr, size}).count;
  return &answer;
}

EXPORT(EXPORTS "decode") const decoded_t *export_decode(const uint32_t *ids, size_t count,
    int32_t skip_special) {
  static decoded_t answer;
  answer.failed = !ready;
  if (answer.failed) answer.problem = problem;
  else answer.value = tokenizer_decode(&tokenizer, ids, count, skip_special);
  return &answer;
}
