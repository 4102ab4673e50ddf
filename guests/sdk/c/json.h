/* JSON without a libc: text to a tree of values, and values to text.
 *
 * Strict, as RFC 8259 has it: what is no JSON is null (the pointer, not the value). All that is read
 * lies in memory of the activation; strings without escapes stay where they were in the text. */
#ifndef WASM_ENGINE_JSON_H
#define WASM_ENGINE_JSON_H
#include "text.h"

#define JSON_MOST_DEPTH 64 /* what is nested deeper is refused: each level takes some of the stack */

typedef enum {
  JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT
} json_kind_t;

/* A value. Members of an object have a name; those of an array have none. */
typedef struct json json_t;
struct json {
  json_kind_t kind;
  text_t name;
  text_t text;        /* of a string what it says; of anything else its JSON, as it was */
  size_t count;       /* of an array or an object: how many are in it */
  const json_t *first; /* the first of them, or null */
  const json_t *next;  /* the one behind it in what it is in, or null */
};

typedef struct { const char *at, *end; } json_source_t;

static inline void json_skip(json_source_t *from) {
  while (from->at < from->end && (*from->at == ' ' || *from->at == '\n' || *from->at == '\t' ||
                                  *from->at == '\r')) {
    from->at++;
  }
}

static inline bool json_take(json_source_t *from, char c) {
  if (from->at == from->end || *from->at != c) return false;
  from->at++;
  return true;
}

static inline bool json_word(json_source_t *from, text_t word) {
  text_t rest = {from->at, (size_t)(from->end - from->at)};
  if (!text_starts(rest, word)) return false;
  from->at += word.size;
  return true;
}

static inline size_t json_digits(json_source_t *from) {
  const char *start = from->at;
  while (from->at < from->end && *from->at >= '0' && *from->at <= '9') from->at++;
  return (size_t)(from->at - start);
}

static inline bool json_number(json_source_t *from) {
  json_take(from, '-');
  if (!json_take(from, '0') && !json_digits(from)) return false;
  if (json_take(from, '.') && !json_digits(from)) return false;
  if (json_take(from, 'e') || json_take(from, 'E')) {
    if (!json_take(from, '+')) json_take(from, '-');
    if (!json_digits(from)) return false;
  }
  return true;
}

/* Four hexadecimal digits; more than 0xffff where there are none. */
static inline uint32_t json_unit(json_source_t *from) {
  uint32_t unit = 0;
  if (from->end - from->at < 4) return 0x10000;
  for (int i = 0; i < 4; i++) {
    char c = *from->at++, low = (char)(c | 32);
    if (c >= '0' && c <= '9') unit = unit << 4 | (uint32_t)(c - '0');
    else if (low >= 'a' && low <= 'f') unit = unit << 4 | (uint32_t)(low - 'a' + 10);
    else return 0x10000;
  }
  return unit;
}

static inline void json_add_character(builder_t *to, uint32_t c) {
  if (c < 0x80) {
    add_char(to, (char)c);
    return;
  }
  if (c < 0x800) {
    add_char(to, (char)(0xc0 | c >> 6));
  } else if (c < 0x10000) {
    add_char(to, (char)(0xe0 | c >> 12));
    add_char(to, (char)(0x80 | (c >> 6 & 63)));
  } else {
    add_char(to, (char)(0xf0 | c >> 18));
    add_char(to, (char)(0x80 | (c >> 12 & 63)));
    add_char(to, (char)(0x80 | (c >> 6 & 63)));
  }
  add_char(to, (char)(0x80 | (c & 63)));
}

/* What follows `\u`. Half of a pair alone is no text: it is refused. */
static inline bool json_escaped_unit(json_source_t *from, builder_t *to) {
  uint32_t c = json_unit(from);
  if (c >= 0xd800 && c < 0xdc00) {
    if (!json_word(from, TEXT("\\u"))) return false;
    uint32_t low = json_unit(from);
    if (low < 0xdc00 || low > 0xdfff) return false;
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  } else if (c > 0xffff || (c >= 0xdc00 && c < 0xe000)) {
    return false;
  }
  json_add_character(to, c);
  return true;
}

static inline bool json_escape(json_source_t *from, builder_t *to) {
  static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
  if (from->at == from->end) return false;
  char c = *from->at++;
  if (c == 'u') return json_escaped_unit(from, to);
  for (size_t i = 0; i < sizeof names - 1; i++) {
    if (names[i] == c) {
      add_char(to, means[i]);
      return true;
    }
  }
  return false;
}

static inline bool json_string(json_source_t *from, text_t *text) {
  builder_t decoded = {0};
  if (!json_take(from, '"')) return false;
  const char *start = from->at;
  for (;;) {
    while (from->at < from->end && *from->at != '"' && *from->at != '\\' &&
           (unsigned char)*from->at >= 32) {
      from->at++;
    }
    if (from->at == from->end || (unsigned char)*from->at < 32) return false;
    text_t plain = {start, (size_t)(from->at - start)};
    bool ends = *from->at++ == '"';
    if (ends && !decoded.ptr) {
      *text = plain;
      return true;
    }
    add(&decoded, plain);
    if (ends) {
      *text = built(&decoded);
      return true;
    }
    if (!json_escape(from, &decoded)) return false;
    start = from->at;
  }
}

static inline json_t *json_value(json_source_t *from, int depth);

/* What stands between the brackets, the opening one taken already. */
static inline bool json_inside(json_source_t *from, json_t *value, int depth) {
  bool named = value->kind == JSON_OBJECT;
  char end = named ? '}' : ']';
  const json_t **place = &value->first;
  json_skip(from);
  if (json_take(from, end)) return true;
  do {
    text_t name = {0};
    json_skip(from);
    if (named) {
      if (!json_string(from, &name)) return false;
      json_skip(from);
      if (!json_take(from, ':')) return false;
    }
    json_t *inner = json_value(from, depth + 1);
    if (!inner) return false;
    inner->name = name;
    *place = inner;
    place = &inner->next;
    value->count++;
    json_skip(from);
  } while (json_take(from, ','));
  return json_take(from, end);
}

static inline bool json_fill(json_source_t *from, json_t *value, int depth) {
  static const text_t words[] = {{"null", 4}, {"false", 5}, {"true", 4}};
  char c = from->at < from->end ? *from->at : 0;
  if (c == '{' || c == '[') {
    value->kind = c == '{' ? JSON_OBJECT : JSON_ARRAY;
    from->at++;
    return json_inside(from, value, depth);
  }
  for (int i = 0; i < 3; i++) {
    if (json_word(from, words[i])) {
      value->kind = (json_kind_t)i;
      return true;
    }
  }
  value->kind = JSON_NUMBER;
  return json_number(from);
}

static inline json_t *json_value(json_source_t *from, int depth) {
  json_skip(from);
  if (depth > JSON_MOST_DEPTH || from->at == from->end) return 0;
  json_t *value = allocate(sizeof *value);
  *value = (json_t){0};
  if (*from->at == '"') {
    value->kind = JSON_STRING;
    return json_string(from, &value->text) ? value : 0;
  }
  const char *start = from->at;
  if (!json_fill(from, value, depth)) return 0;
  value->text = (text_t){start, (size_t)(from->at - start)};
  return value;
}

/* The value that the text is; null where it is no JSON, or more than one value. */
static inline const json_t *json_read(text_t text) {
  json_source_t from = {text.ptr, text.ptr + text.size};
  json_t *value = json_value(&from, 0);
  json_skip(&from);
  return value && from.at == from.end ? value : 0;
}

/* The member of an object; the last one, where several have the name; null where none has, or where
 * the value is no object, or null itself. */
static inline const json_t *json_get(const json_t *object, text_t name) {
  const json_t *found = 0;
  if (!object || object->kind != JSON_OBJECT) return 0;
  for (const json_t *it = object->first; it; it = it->next) {
    if (text_equal(it->name, name)) found = it;
  }
  return found;
}

/* The text of a member that is a string; empty where there is none. */
static inline text_t json_text(const json_t *object, text_t name) {
  const json_t *found = json_get(object, name);
  return found && found->kind == JSON_STRING ? found->text : (text_t){0};
}

/* A member that is a whole number from 0 on; `otherwise` where there is none. */
static inline uint64_t json_whole(const json_t *object, text_t name, uint64_t otherwise) {
  const json_t *found = json_get(object, name);
  if (!found || found->kind != JSON_NUMBER) return otherwise;
  text_t digits = found->text;
  uint64_t number = text_take_number(&digits);
  return digits.size ? otherwise : number;
}

static inline bool json_flag(const json_t *object, text_t name, bool otherwise) {
  const json_t *found = json_get(object, name);
  return found && found->kind <= JSON_TRUE ? found->kind == JSON_TRUE : otherwise;
}

/* A number as a double: exact for up to 15 digits and an exponent of at most 22. */
static inline double json_double(const json_t *number) {
  text_t rest = number->text;
  double value = 0;
  int shift = 0;
  bool minus = rest.size && *rest.ptr == '-', behind = false;
  size_t at = minus;
  for (; at < rest.size && (rest.ptr[at] == '.' || (rest.ptr[at] >= '0' && rest.ptr[at] <= '9'));
       at++) {
    if (rest.ptr[at] == '.') behind = true;
    else value = value * 10 + (rest.ptr[at] - '0'), shift -= behind;
  }
  if (at < rest.size) { /* e, a sign, digits */
    bool down = rest.ptr[++at] == '-';
    if (down || rest.ptr[at] == '+') at++;
    int exponent = 0;
    for (; at < rest.size && exponent < 1000; at++) exponent = exponent * 10 + (rest.ptr[at] - '0');
    shift += down ? -exponent : exponent;
  }
  double power = 1;
  for (int i = shift < 0 ? -shift : shift; i > 0 && power < 1e308; i--) power *= 10;
  value = shift < 0 ? value / power : value * power;
  return minus ? -value : value;
}

/* A member of an object that is being written: a comma where it is not the first, its name, a colon.
 * The name has nothing to be escaped. */
static inline void json_add_name(builder_t *to, text_t name) {
  if (to->size && to->ptr[to->size - 1] != '{') add_char(to, ',');
  add_char(to, '"');
  add(to, name);
  add(to, TEXT("\":"));
}

static inline void json_add_text(builder_t *to, text_t name, text_t value) {
  json_add_name(to, name);
  add_json(to, value);
}
#endif
