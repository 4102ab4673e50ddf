/* JSON that was sent to us: read as a tree, in memory that is gone with the message. */
#ifndef JSON_H
#define JSON_H
#include "text.h"

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT } json_kind_t;
typedef struct json {
  json_kind_t kind;
  uint32_t count;     /* of a list or an object */
  text_t key;         /* within an object */
  text_t text;        /* of text; of a number as it was written */
  struct json *first, *next;
} json_t;

/* The value that the whole text is, or null where it is none. */
const json_t *json_read(text_t text);
/* A member of an object; null where there is none, or it is no object. Of two the last counts. */
const json_t *json_get(const json_t *of, text_t key);
bool json_is_null(const json_t *it); /* or not there */
bool json_true(const json_t *it);
/* A number; false where it is none. */
bool json_number(const json_t *it, double *number);
/* A whole number from 0 to 2^32 - 1; false where it is none. */
bool json_index(const json_t *it, uint32_t *number);
/* Text, or the empty one. */
static inline text_t json_text(const json_t *it) {
  return it && it->kind == JSON_TEXT ? it->text : TEXT("");
}
#endif
