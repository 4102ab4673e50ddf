/* Long-term memory: texts in the agent's state, found by the words that they share with a question. */
#ifndef ASSISTANT_MEMORY_H
#define ASSISTANT_MEMORY_H
#include "json.h"

#define MOST_MEMORIES 1000
#define LONGEST_MEMORY 2048

/* Keeps a text; the oldest is forgotten where there are too many. */
result_t remember(text_t text);
/* The texts that fit best, best first, a line each that begins with `- `; empty where none does. */
text_t recall(text_t question, uint64_t most);
#endif
