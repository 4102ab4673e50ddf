/* Documents as bytes: in the state, a document under `doc/ID`; and many of them, as they are exported. */
#ifndef RECORD_H
#define RECORD_H
#include "index.h"
#include "text.h"

enum { MOST_ID = 400, MOST_PASSAGES = 1 << 16, MOST_DIMENSIONS = 4096 };

/* A record, version 1, all numbers little-endian u32:
 *   version, number, passages, dimensions; size of the title and the title; size of the text and the text;
 *   for each passage: start and end in characters, start and end in bytes, 1 or 0 for a vector, and it */
void record_add(builder_t *to, const document_t *document, uint32_t dimensions);
/* False where the bytes are no record. What it points at is gone with the message. */
bool record_read(text_t bytes, document_t *document, uint32_t *dimensions);

/* An index, version 1: "WE-INDEX", version, documents; for each: size of the id and the id, size of the record
 * and the record; at last a 64-bit hash of all before (FNV-1a, spread). */
void export_begin(builder_t *to);
void export_add(builder_t *to, text_t id, text_t record);
text_t export_end(builder_t *to, uint32_t documents);
/* Checks the whole; false where it is damaged. `rest` is what export_take takes documents off. */
bool import_begin(text_t bytes, text_t *rest, uint32_t *documents);
bool import_take(text_t *rest, document_t *document, uint32_t *dimensions);
#endif
