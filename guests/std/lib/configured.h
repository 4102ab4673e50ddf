/* The tokenizer that a configuration names: `{"tokenizer": "/a/mounted/tokenizer.json"}`, or its content. */
#ifndef CONFIGURED_H
#define CONFIGURED_H
#include "json.h"
#include "tokenizer.h"

/* The component's configuration; null where it is none. What it is read into stays. */
const json_t *configuration(void);
/* Reads the tokenizer that it names. */
bool configured_tokenizer(const json_t *config, tokenizer_t *it, problem_t *problem);
#endif
