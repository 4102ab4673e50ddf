/* The parts of the retriever. */
#ifndef RETRIEVER_H
#define RETRIEVER_H
#include "configured.h"
#include "index.h"
#include "record.h"
#include "splitting.h"
#include "table.h"

#define KEY_PREFIX TEXT("doc/")

/* What its configuration says. */
typedef struct {
  tokenizer_t tokenizer;
  table_t table;
  bool embeds;
  plan_t plan;
} setting_t;

extern index_t found_index;
extern setting_t setting;

/* Reads the configuration into both. */
result_t settings_read(setting_t *it, index_t *index);
/* The numbers of a JSON array; null where it is none of 1 to 4096 finite ones. */
float *numbers_of(const json_t *list, uint32_t *count);
/* Replies with the passages that fit best. */
result_t answer_search(const json_t *asked);
#endif
