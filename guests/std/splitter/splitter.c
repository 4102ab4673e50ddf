/* A tool: texts in pieces. Configuration: `tokenizer`, as the tokenizer's, where pieces are to be made of
 * tokens. */
#include "configured.h"
#include "splitting.h"

#define EXPORTS "wasm-engine:retrieval/splitter@0.1.0#"

typedef struct { uint32_t start, end; text_t heading, text; } part_t;
typedef struct {
  bool failed;
  union { struct { const part_t *ptr; size_t count; } value; problem_t problem; };
} split_t;
_Static_assert(sizeof(part_t) == 24 && sizeof(split_t) == 20, "layout");

static tokenizer_t tokenizer;
static problem_t problem;
static bool ready;

EXPORT("_initialize") void begin(void) {
  ready = configured_tokenizer(configuration(), &tokenizer, &problem);
  allocator_keep();
}

EXPORT(EXPORTS "split") const split_t *export_split(const char *ptr, size_t size, int32_t unit,
    uint32_t most, uint32_t overlap) {
  static split_t answer;
  text_t text = {ptr, size};
  codes_t codes = codes_of(text);
  stretches_t found;
  problem_t wrong = problem;
  bool lacking = unit == BY_TOKENS && !ready;
  plan_t plan = {(unit_t)unit, most, overlap};
  answer.failed = lacking || !split_text(text, codes, plan, &tokenizer, &found, &wrong);
  if (answer.failed) {
    answer.problem = wrong;
    return &answer;
  }
  part_t *pieces = allocate(found.count * sizeof *pieces + 1);
  for (uint32_t i = 0; i < found.count; i++) {
    const stretch_t *it = &found.at[i];
    pieces[i] = (part_t){it->start, it->end, it->heading,
                           text_of_codes(codes.at + it->start, it->end - it->start)};
  }
  answer.value.ptr = pieces;
  answer.value.count = found.count;
  return &answer;
}
