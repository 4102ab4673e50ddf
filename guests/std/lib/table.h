/* Static embeddings: a file with a vector for each token of a tokenizer, of which a text's is the mean.
 *
 * The file, version 1, all numbers little-endian:
 *   0  "WE-TABLE"         8  u32 version, 1       12 u32 rows           16 u32 dimensions
 *   20 u32 kind: 0 for f32, 1 for i8              24 u32 reserved, 0    28 u32 reserved, 0
 *   32 the rows: f32[dimensions]; or f32 scale and i8[dimensions], and zeros up to the next multiple of 4 */
#ifndef TABLE_H
#define TABLE_H
#include "files.h"
#include "tokenizer.h"

typedef struct {
  text_t path;
  uint32_t rows, size;
  bool small;
  const char *whole; /* all rows, where they were read at once; else null */
  float **kept;      /* rows that were read, by number */
  size_t kept_bytes;
} table_t;

/* Looks at a table's beginning; false where it is none. */
bool table_begin(table_t *it, text_t path, problem_t *problem);
/* Reads all rows, so that no file is read any more; false where they are more than 64 MiB, or cannot be read. */
bool table_read_whole(table_t *it);
/* The vector of a text, of length 1, or 0 where no token has one. False where the file cannot be read. */
bool table_embed(table_t *it, const tokenizer_t *tokenizer, text_t text, float *into, problem_t *problem);
#endif
