/* Bytes are read as a stranger's: each size is checked before it is believed. */
#include "record.h"
#include "numbers.h"
#include "unicode.h"

enum { VERSION = 1, HASH = 8 };
#define MAGIC TEXT("WE-INDEX")

static void add_u32(builder_t *to, uint32_t number) { add(to, (text_t){(const char *)&number, 4}); }

static void add_sized(builder_t *to, text_t text) {
  add_u32(to, (uint32_t)text.size);
  add(to, text);
}

static bool take(text_t *from, size_t size, text_t *taken) {
  if (from->size < size) return false;
  *taken = (text_t){from->ptr, size};
  *from = (text_t){from->ptr + size, from->size - size};
  return true;
}

static bool take_u32(text_t *from, uint32_t *number) {
  text_t bytes;
  if (!take(from, 4, &bytes)) return false;
  __builtin_memcpy(number, bytes.ptr, 4);
  return true;
}

static bool take_sized(text_t *from, text_t *text) {
  uint32_t size;
  return take_u32(from, &size) && take(from, size, text);
}

void record_add(builder_t *to, const document_t *document, uint32_t dimensions) {
  uint32_t head[] = {VERSION, document->number, document->count, dimensions};
  add(to, (text_t){(const char *)head, sizeof head});
  add_sized(to, document->title);
  add_sized(to, document->text);
  for (uint32_t i = 0; i < document->count; i++) {
    const passage_t *it = &document->passages[i];
    uint32_t row[] = {it->start, it->end, it->first, it->last, it->vector != 0};
    add(to, (text_t){(const char *)row, sizeof row});
    if (it->vector) add(to, (text_t){(const char *)it->vector, dimensions * sizeof(float)});
  }
}

/* Whether a place in the text is where a character begins. */
static bool at_character(text_t text, uint32_t at) {
  return at == text.size || (at < text.size && ((uint8_t)text.ptr[at] & 0xc0) != 0x80);
}

static bool read_passage(text_t *from, passage_t *it, text_t text, uint32_t dimensions) {
  uint32_t row[5];
  text_t bytes;
  if (!take(from, sizeof row, &bytes)) return false;
  __builtin_memcpy(row, bytes.ptr, sizeof row);
  *it = (passage_t){row[0], row[1], row[2], row[3], 0};
  if (it->first > it->last || it->start > it->end || it->end - it->start > it->last - it->first ||
      !at_character(text, it->first) || !at_character(text, it->last) || row[4] > 1) {
    return false;
  }
  if (!row[4]) return true;
  if (!dimensions || !take(from, dimensions * sizeof(float), &bytes)) return false;
  it->vector = allocate(bytes.size);
  __builtin_memcpy(it->vector, bytes.ptr, bytes.size);
  return vector_finite(it->vector, dimensions);
}

bool record_read(text_t bytes, document_t *document, uint32_t *dimensions) {
  uint32_t version;
  *document = (document_t){0};
  if (!take_u32(&bytes, &version) || version != VERSION || !take_u32(&bytes, &document->number) ||
      !take_u32(&bytes, &document->count) || !take_u32(&bytes, dimensions) ||
      document->count > MOST_PASSAGES || *dimensions > MOST_DIMENSIONS ||
      !take_sized(&bytes, &document->title) || !take_sized(&bytes, &document->text) ||
      !is_sound(document->title) || !is_sound(document->text) ||
      bytes.size < (size_t)document->count * 20) {
    return false;
  }
  document->passages = allocate(document->count * sizeof(passage_t) + 1);
  bool vectors = false;
  for (uint32_t i = 0; i < document->count; i++) {
    if (!read_passage(&bytes, &document->passages[i], document->text, *dimensions)) return false;
    vectors |= document->passages[i].vector != 0;
  }
  if (!vectors) *dimensions = 0; /* whatever it says: no index has vectors of that length by it */
  return bytes.size == 0;
}

void export_begin(builder_t *to) {
  add(to, MAGIC);
  add_u32(to, VERSION);
  add_u32(to, 0);
}

void export_add(builder_t *to, text_t id, text_t record) {
  add_sized(to, id);
  add_sized(to, record);
}

text_t export_end(builder_t *to, uint32_t documents) {
  __builtin_memcpy(to->ptr + MAGIC.size + 4, &documents, 4);
  uint64_t hash = spread_hash(built(to));
  add(to, (text_t){(const char *)&hash, HASH});
  return built(to);
}

bool import_begin(text_t bytes, text_t *rest, uint32_t *documents) {
  uint32_t version;
  if (bytes.size < MAGIC.size + 8 + HASH || !text_starts(bytes, MAGIC)) return false;
  *rest = (text_t){bytes.ptr, bytes.size - HASH};
  uint64_t said, hash = spread_hash(*rest);
  __builtin_memcpy(&said, bytes.ptr + rest->size, HASH);
  *rest = (text_t){rest->ptr + MAGIC.size, rest->size - MAGIC.size};
  return hash == said && take_u32(rest, &version) && version == VERSION && take_u32(rest, documents);
}

bool import_take(text_t *rest, document_t *document, uint32_t *dimensions) {
  text_t id, record;
  if (!take_sized(rest, &id) || !take_sized(rest, &record) || !id.size || id.size > MOST_ID ||
      !is_sound(id) || !record_read(record, document, dimensions)) {
    return false;
  }
  document->id = id;
  return true;
}
