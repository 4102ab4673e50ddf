/* JSON by recursive descent, at most 64 deep. */
#include <wasm_simd128.h>

#include "json.h"
#include "numbers.h"
#include "unicode.h"

enum { DEEPEST = 64 };

typedef struct { const char *at, *end; json_t *spare; size_t spares; } reader_t;

static json_t *new_value(reader_t *from, json_kind_t kind) {
  if (!from->spares) {
    from->spares = 256;
    from->spare = allocate(from->spares * sizeof(json_t));
  }
  from->spares--;
  json_t *made = from->spare++;
  *made = (json_t){.kind = kind};
  return made;
}

static void skip_space(reader_t *from) {
  const char *at = from->at, *end = from->end;
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
  from->at = at;
}

static bool take(reader_t *from, char c) {
  skip_space(from);
  if (from->at == from->end || *from->at != c) return false;
  from->at++;
  return true;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits after `\u`; -1 where there are none. */
static int32_t take_unit(reader_t *from) {
  if (from->end - from->at < 4) return -1;
  int32_t unit = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(*from->at++);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

/* What stands after a backslash; false where that is nothing, or half of a pair. */
static bool take_escape(reader_t *from, builder_t *into) {
  static const char names[] = "bfnrt\"\\/", meant[] = "\b\f\n\r\t\"\\/";
  if (from->at == from->end) return false;
  char c = *from->at++;
  for (int i = 0; names[i]; i++) {
    if (c == names[i]) {
      add_char(into, meant[i]);
      return true;
    }
  }
  int32_t unit = c == 'u' ? take_unit(from) : -1;
  if (unit < 0 || (unit >= 0xdc00 && unit < 0xe000)) return false;
  if (unit >= 0xd800 && unit < 0xdc00) {
    if (from->end - from->at < 2 || from->at[0] != '\\' || from->at[1] != 'u') return false;
    from->at += 2;
    int32_t low = take_unit(from);
    if (low < 0xdc00 || low >= 0xe000) return false;
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  add_code(into, (uint32_t)unit);
  return true;
}

/* Where plain characters end: at a quote, a backslash or a control character. Sixteen at a time, for
 * vocabularies are long. */
static const char *plain_end(const char *at, const char *end) {
  for (; end - at >= 16; at += 16) {
    v128_t here = wasm_v128_load(at);
    v128_t ends = wasm_v128_or(wasm_u8x16_lt(here, wasm_u8x16_splat(32)),
        wasm_v128_or(wasm_i8x16_eq(here, wasm_i8x16_splat('"')),
                     wasm_i8x16_eq(here, wasm_i8x16_splat('\\'))));
    uint32_t mask = wasm_i8x16_bitmask(ends);
    if (mask) return at + __builtin_ctz(mask);
  }
  while (at < end && *at != '"' && *at != '\\' && (uint8_t)*at >= 32) at++;
  return at;
}

/* The rest of a text whose quote was taken. */
static bool take_text(reader_t *from, text_t *into) {
  const char *start = from->at, *at = plain_end(start, from->end);
  from->at = at;
  if (from->at < from->end && *from->at == '"') {
    *into = (text_t){start, (size_t)(from->at++ - start)};
    return true;
  }
  builder_t built_up = {0};
  add(&built_up, (text_t){start, (size_t)(from->at - start)});
  while (from->at < from->end && (uint8_t)*from->at >= 32) {
    char c = *from->at++;
    if (c == '"') {
      *into = built(&built_up);
      return true;
    }
    if (c != '\\') add_char(&built_up, c);
    else if (!take_escape(from, &built_up)) return false;
  }
  return false;
}

static json_t *take_value(reader_t *from, int depth);

static json_t *take_members(reader_t *from, int depth, json_kind_t kind) {
  char end = kind == JSON_LIST ? ']' : '}';
  json_t *made = new_value(from, kind), **last = &made->first;
  if (take(from, end)) return made;
  do {
    text_t key = {0};
    if (kind == JSON_OBJECT && (!take(from, '"') || !take_text(from, &key) || !take(from, ':'))) {
      return 0;
    }
    json_t *member = take_value(from, depth + 1);
    if (!member) return 0;
    member->key = key;
    *last = member;
    last = &member->next;
    made->count++;
  } while (take(from, ','));
  return take(from, end) ? made : 0;
}

static json_t *take_word(reader_t *from) {
  const char *start = from->at, *at = start, *end = from->end;
  while (at < end && *at >= '0' && *at <= '9') at++;
  bool digits = at > start && at - start < 16;
  for (; at < end && ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == 'E' ||
                      *at == '-' || *at == '+' || *at == '.'); at++) {
    digits = false;
  }
  from->at = at;
  text_t word = {start, (size_t)(at - start)};
  double number;
  if (!digits) {
    if (text_equal(word, TEXT("null"))) return new_value(from, JSON_NULL);
    if (text_equal(word, TEXT("true"))) return new_value(from, JSON_TRUE);
    if (text_equal(word, TEXT("false"))) return new_value(from, JSON_FALSE);
    if (!read_number(word, &number)) return 0;
  }
  json_t *made = new_value(from, JSON_NUMBER);
  made->text = word;
  return made;
}

static json_t *take_value(reader_t *from, int depth) {
  if (depth > DEEPEST) return 0;
  if (take(from, '{')) return take_members(from, depth, JSON_OBJECT);
  if (take(from, '[')) return take_members(from, depth, JSON_LIST);
  if (take(from, '"')) {
    json_t *made = new_value(from, JSON_TEXT);
    return take_text(from, &made->text) ? made : 0;
  }
  return take_word(from);
}

const json_t *json_read(text_t text) {
  reader_t from = {text.ptr, text.ptr + text.size, 0, 0};
  json_t *found = take_value(&from, 0);
  skip_space(&from);
  return found && from.at == from.end ? found : 0;
}

const json_t *json_get(const json_t *of, text_t key) {
  const json_t *found = 0;
  if (!of || of->kind != JSON_OBJECT) return 0;
  for (const json_t *it = of->first; it; it = it->next) {
    if (text_equal(it->key, key)) found = it;
  }
  return found;
}

bool json_is_null(const json_t *it) { return !it || it->kind == JSON_NULL; }
bool json_true(const json_t *it) { return it && it->kind == JSON_TRUE; }

bool json_number(const json_t *it, double *number) {
  return it && it->kind == JSON_NUMBER && read_number(it->text, number);
}

bool json_index(const json_t *it, uint32_t *number) {
  if (it && it->kind == JSON_NUMBER && it->text.size < 10) {
    text_t rest = it->text;
    uint32_t whole = 0;
    while (rest.size && *rest.ptr >= '0' && *rest.ptr <= '9') {
      whole = whole * 10 + (uint32_t)(*rest.ptr++ - '0');
      rest.size--;
    }
    *number = whole;
    if (!rest.size) return true;
  }
  double found;
  if (!json_number(it, &found) || !(found >= 0 && found <= 4294967295.0)) return false;
  *number = (uint32_t)found;
  return (double)*number == found;
}
