/* JSON without a libc: text to a tree of values, and values to text.
 *
 * Strict, as RFC 8259 has it, and numbers are those that doubles can hold: what is no JSON is null
 * (the pointer, not the value). All that is read lies in memory of the activation; strings without
 * escapes stay where they were in the text. */
#ifndef WASM_ENGINE_JSON_H
#define WASM_ENGINE_JSON_H
#include "text.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

/* What is called in many places, and shall not be written out in each. */
#define JSON_ONCE __attribute__((noinline)) static inline
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

typedef struct { const char *at, *end; json_t *spare; size_t spares, block; } json_source_t;

/* Memory for one value more: many are allocated at once, for vocabularies are long. */
static inline json_t *json_new(json_source_t *from) {
  if (!from->spares) {
    from->spares = from->block = from->block < 256 ? from->block * 2 + 16 : from->block;
    from->spare = allocate(from->spares * sizeof(json_t));
  }
  from->spares--;
  *from->spare = (json_t){0};
  return from->spare++;
}

static inline void json_skip(json_source_t *from) {
  const char *at = from->at;
  while (at < from->end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) at++;
  from->at = at;
}

static inline bool json_take(json_source_t *from, char c) {
  if (from->at == from->end || *from->at != c) return false;
  from->at++;
  return true;
}

static inline bool json_take_word(json_source_t *from, text_t word) {
  text_t rest = {from->at, (size_t)(from->end - from->at)};
  if (!text_starts(rest, word)) return false;
  from->at += word.size;
  return true;
}

static inline bool json_take_digits(json_source_t *from) {
  const char *start = from->at, *at = start;
  while (at < from->end && *at >= '0' && *at <= '9') at++;
  from->at = at;
  return at > start;
}

static inline bool json_take_number(json_source_t *from) {
  json_take(from, '-');
  if (!json_take(from, '0') && !json_take_digits(from)) return false;
  if (json_take(from, '.') && !json_take_digits(from)) return false;
  if (json_take(from, 'e') || json_take(from, 'E')) {
    if (!json_take(from, '+')) json_take(from, '-');
    if (!json_take_digits(from)) return false;
  }
  return true;
}

/* Four hexadecimal digits; more than 0xffff where there are none. */
static inline uint32_t json_take_unit(json_source_t *from) {
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

/* What follows `\u`. Half of a pair alone is no text: it is refused. */
static inline bool json_take_code(json_source_t *from, builder_t *to) {
  uint32_t c = json_take_unit(from);
  if (c >= 0xd800 && c < 0xdc00) {
    if (!json_take_word(from, TEXT("\\u"))) return false;
    uint32_t low = json_take_unit(from);
    if (low < 0xdc00 || low > 0xdfff) return false;
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  } else if (c > 0xffff || (c >= 0xdc00 && c < 0xe000)) {
    return false;
  }
  add_code(to, c);
  return true;
}

static inline bool json_take_escape(json_source_t *from, builder_t *to) {
  static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
  if (from->at == from->end) return false;
  char c = *from->at++;
  if (c == 'u') return json_take_code(from, to);
  for (size_t i = 0; i < sizeof names - 1; i++) {
    if (names[i] == c) {
      add_char(to, means[i]);
      return true;
    }
  }
  return false;
}

/* Where plain characters end: at a quote, a backslash or a control character. */
static inline const char *json_plain_end(const char *at, const char *end) {
#ifdef __wasm_simd128__
  for (; end - at >= 16; at += 16) {
    v128_t here = wasm_v128_load(at);
    v128_t ends = wasm_v128_or(wasm_u8x16_lt(here, wasm_u8x16_splat(32)),
        wasm_v128_or(wasm_i8x16_eq(here, wasm_i8x16_splat('"')),
                     wasm_i8x16_eq(here, wasm_i8x16_splat('\\'))));
    uint32_t mask = wasm_i8x16_bitmask(ends);
    if (mask) return at + __builtin_ctz(mask);
  }
#endif
  while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 32) at++;
  return at;
}

static inline bool json_take_string(json_source_t *from, text_t *text) {
  builder_t decoded = {0};
  if (!json_take(from, '"')) return false;
  for (;;) {
    const char *start = from->at, *end = json_plain_end(start, from->end);
    if (end == from->end || (unsigned char)*end < 32) return false;
    text_t plain = {start, (size_t)(end - start)};
    bool ends = *end == '"';
    from->at = end + 1;
    if (ends && !decoded.ptr) {
      *text = plain;
      return true;
    }
    add(&decoded, plain);
    if (ends) {
      *text = built(&decoded);
      return true;
    }
    if (!json_take_escape(from, &decoded)) return false;
  }
}

/* The digits of a number, its point left out, and how far that is from where it was; beyond
 * seventeen digits they are noughts. */
static inline uint64_t json_mantissa(json_source_t *from, int64_t *power) {
  uint64_t digits = 0;
  for (bool behind = false; from->at < from->end; from->at++) {
    char c = *from->at;
    if (c == '.') behind = true;
    else if (c < '0' || c > '9') break;
    else if (digits >= 100000000000000000u) *power += !behind;
    else digits = digits * 10 + (uint64_t)(c - '0'), *power -= behind;
  }
  return digits;
}

static inline double json_scaled(double number, int64_t power) {
  double tens = 1;
  for (; power > 22; power -= 22) number *= 1e22;
  for (; power < -22; power += 22) number /= 1e22;
  for (int64_t i = power < 0 ? -power : power; i; i--) tens *= 10; /* exact up to 10^22 */
  return power < 0 ? number / tens : number * tens;
}

/* A number as a double, the same bits everywhere: exact for up to 15 digits and 22 places. False
 * where it is none, or larger than doubles are. */
JSON_ONCE bool json_number(const json_t *it, double *number) {
  if (!it || it->kind != JSON_NUMBER) return false;
  json_source_t from = {.at = it->text.ptr, .end = it->text.ptr + it->text.size};
  bool minus = json_take(&from, '-');
  int64_t power = 0, exponent = 0;
  uint64_t digits = json_mantissa(&from, &power);
  if (from.at < from.end) { /* e, a sign, digits */
    from.at++;
    bool down = json_take(&from, '-');
    if (!down) json_take(&from, '+');
    for (; from.at < from.end; from.at++) {
      if (exponent < 10000) exponent = exponent * 10 + (*from.at - '0');
    }
    if (down) exponent = -exponent;
  }
  power += exponent;
  if (power > 700) power = 700;
  if (power < -700) power = -700;
  double value = digits ? json_scaled((double)digits, power) : 0;
  *number = minus ? -value : value;
  return value - value == 0;
}

static inline json_t *json_take_value(json_source_t *from, int depth);

/* What stands between the brackets, the opening one taken already. */
static inline bool json_take_inside(json_source_t *from, json_t *value, int depth) {
  bool named = value->kind == JSON_OBJECT;
  char end = named ? '}' : ']';
  const json_t **place = &value->first;
  json_skip(from);
  if (json_take(from, end)) return true;
  do {
    text_t name = {0};
    json_skip(from);
    if (named) {
      if (!json_take_string(from, &name)) return false;
      json_skip(from);
      if (!json_take(from, ':')) return false;
    }
    json_t *inner = json_take_value(from, depth + 1);
    if (!inner) return false;
    inner->name = name;
    *place = inner;
    place = &inner->next;
    value->count++;
    json_skip(from);
  } while (json_take(from, ','));
  return json_take(from, end);
}

/* The kind of a value and what is in it, but for strings. */
static inline bool json_fill(json_source_t *from, json_t *value, int depth) {
  switch (*from->at) {
  case '{':
  case '[':
    value->kind = *from->at++ == '{' ? JSON_OBJECT : JSON_ARRAY;
    return json_take_inside(from, value, depth);
  case 'n':
    value->kind = JSON_NULL;
    return json_take_word(from, TEXT("null"));
  case 'f':
    value->kind = JSON_FALSE;
    return json_take_word(from, TEXT("false"));
  case 't':
    value->kind = JSON_TRUE;
    return json_take_word(from, TEXT("true"));
  default:
    value->kind = JSON_NUMBER;
    return json_take_number(from);
  }
}

static inline json_t *json_take_value(json_source_t *from, int depth) {
  double number;
  json_skip(from);
  if (depth > JSON_MOST_DEPTH || from->at == from->end) return 0;
  json_t *value = json_new(from);
  if (*from->at == '"') {
    value->kind = JSON_STRING;
    return json_take_string(from, &value->text) ? value : 0;
  }
  const char *start = from->at;
  if (!json_fill(from, value, depth)) return 0;
  value->text = (text_t){start, (size_t)(from->at - start)};
  bool may_be_large = value->kind == JSON_NUMBER && value->text.size > 4; /* 1e309 is the shortest */
  return may_be_large && !json_number(value, &number) ? 0 : value;
}

/* The value that the text is; null where it is no JSON, or more than one value. */
static inline const json_t *json_read(text_t text) {
  json_source_t from = {.at = text.ptr, .end = text.ptr + text.size};
  json_t *value = json_take_value(&from, 0);
  json_skip(&from);
  return value && from.at == from.end ? value : 0;
}

/* The member of an object; the last one, where several have the name; null where none has, or where
 * the value is no object, or null itself. */
JSON_ONCE const json_t *json_get(const json_t *object, text_t name) {
  const json_t *found = 0;
  if (!object || object->kind != JSON_OBJECT) return 0;
  for (const json_t *it = object->first; it; it = it->next) {
    if (text_equal(it->name, name)) found = it;
  }
  return found;
}

/* Whether it is null, or not there. */
static inline bool json_is_null(const json_t *it) { return !it || it->kind == JSON_NULL; }

static inline bool json_is_true(const json_t *it) { return it && it->kind == JSON_TRUE; }

/* What a string says; empty where it is none. */
static inline text_t json_string(const json_t *it) {
  return it && it->kind == JSON_STRING ? it->text : (text_t){0};
}

/* The text of a member that is a string; empty where there is none. */
static inline text_t json_text(const json_t *object, text_t name) {
  return json_string(json_get(object, name));
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

/* A whole number below 2^32, however it is written; false where it is none. */
JSON_ONCE bool json_index(const json_t *it, uint32_t *number) {
  if (it && it->kind == JSON_NUMBER && it->text.size < 10) { /* as nearly all are written */
    text_t rest = it->text;
    *number = (uint32_t)text_take_number(&rest);
    if (!rest.size) return true;
  }
  double found;
  if (!json_number(it, &found) || !(found >= 0 && found <= 4294967295.0)) return false;
  *number = (uint32_t)found;
  return (double)*number == found;
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
