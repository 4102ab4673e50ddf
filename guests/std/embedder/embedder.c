/* A tool: vectors of texts, from a table of the vectors of tokens. Configuration: `tokenizer`, as the
 * tokenizer's, and `table`, the path of a mounted table. */
#include "configured.h"
#include "table.h"

#define EXPORTS "wasm-engine:retrieval/embedder@0.1.0#"

typedef struct { const float *ptr; size_t count; } vector_t;
typedef struct { bool failed; union { uint32_t value; problem_t problem; }; } counted_t;
typedef struct {
  bool failed;
  union { struct { const vector_t *ptr; size_t count; } value; problem_t problem; };
} embedded_t;
_Static_assert(sizeof(counted_t) == 20 && sizeof(embedded_t) == 20, "layout");

static tokenizer_t tokenizer;
static table_t table;
static problem_t problem;
static bool ready;

EXPORT("_initialize") void begin(void) {
  const json_t *config = configuration();
  ready = configured_tokenizer(config, &tokenizer, &problem) &&
          table_begin(&table, json_text(config, TEXT("table")), &problem);
  allocator_keep();
}

EXPORT(EXPORTS "dimensions") const counted_t *dimensions(void) {
  static counted_t answer;
  answer.failed = !ready;
  if (ready) answer.value = table.size;
  else answer.problem = problem;
  return &answer;
}

EXPORT(EXPORTS "embed") const embedded_t *embed(const text_t *texts, size_t count) {
  static embedded_t answer;
  vector_t *vectors = allocate(count * sizeof *vectors + 1);
  answer.failed = !ready;
  for (size_t i = 0; i < count && !answer.failed; i++) {
    float *into = allocate(table.size * sizeof(float));
    answer.failed = !table_embed(&table, &tokenizer, texts[i], into, &problem);
    vectors[i] = (vector_t){into, table.size};
  }
  answer.value.ptr = vectors;
  answer.value.count = count;
  if (answer.failed) answer.problem = problem;
  return &answer;
}
