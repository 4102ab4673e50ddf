/* BERT: text is cleaned, taken apart and made small; words are split into pieces, longest first. */
#include "numbers.h"
#include "tokenizer.h"

void piece_add(piece_t *to, uint32_t code, uint32_t from, uint32_t end) {
  if (to->count == to->room) {
    uint32_t room = to->room ? to->room * 2 : 64;
    to->at = allocate_again(to->at, to->room * sizeof *to->at, 8, room * sizeof *to->at);
    to->room = room;
  }
  to->at[to->count++] = (place_t){code, from, end};
}

static piece_t cleaned(const tokenizer_t *it, const place_t *piece, uint32_t count) {
  piece_t to = {0};
  for (uint32_t i = 0; i < count; i++) {
    place_t here = piece[i];
    uint8_t class = class_of(here.code);
    if (it->bert.clean && (class & CONTROL)) continue;
    if (it->bert.clean && (class & SPACE)) here.code = ' ';
    bool apart = it->bert.spread && (class & IDEOGRAPH);
    if (apart) piece_add(&to, ' ', here.from, here.to);
    piece_add(&to, here.code, here.from, here.to);
    if (apart) piece_add(&to, ' ', here.from, here.to);
  }
  return to;
}

static piece_t mapped(const piece_t *piece, uint32_t (*map)(uint32_t, uint32_t *)) {
  piece_t to = {0};
  for (uint32_t i = 0; i < piece->count; i++) {
    uint32_t codes[MOST_CODES], count = map(piece->at[i].code, codes);
    for (uint32_t k = 0; k < count; k++) piece_add(&to, codes[k], piece->at[i].from, piece->at[i].to);
  }
  return to;
}

static const uint32_t PART = 1u << 31; /* no character of its own in the text */

/* Marks that follow each other, by their order; equal ones stay as they are. Counted, for a text may be
 * nothing but marks. */
static void put_marks_in_order(place_t *marks, uint32_t count) {
  uint32_t starts[257] = {0};
  place_t *sorted = allocate(count * sizeof *sorted);
  for (uint32_t i = 0; i < count; i++) starts[order_of(marks[i].code & ~PART) + 1]++;
  for (uint32_t i = 1; i < 257; i++) starts[i] += starts[i - 1];
  for (uint32_t i = 0; i < count; i++) sorted[starts[order_of(marks[i].code & ~PART)]++] = marks[i];
  __builtin_memcpy(marks, sorted, count * sizeof *sorted);
}

/* Taken apart, with marks in their canonical order. Places stay in the order of the text: marks that
 * change places take over each other's, as they do in the package that this is held to. */
static piece_t apart(const piece_t *piece) {
  piece_t to = {0};
  for (uint32_t i = 0; i < piece->count; i++) {
    uint32_t codes[MOST_CODES], count = apart_of(piece->at[i].code, codes);
    for (uint32_t k = 0; k < count; k++) piece_add(&to, codes[k] | (k ? PART : 0), 0, 0);
  }
  for (uint32_t i = 0; i < to.count;) {
    uint32_t end = i;
    while (end < to.count && order_of(to.at[end].code & ~PART)) end++;
    if (end - i > 1) put_marks_in_order(to.at + i, end - i);
    i = end + 1;
  }
  for (uint32_t i = 0, source = 0; i < to.count; i++) {
    bool part = to.at[i].code & PART;
    place_t place = part ? (i ? to.at[i - 1] : (place_t){0}) : piece->at[source++];
    to.at[i] = (place_t){to.at[i].code & ~PART, place.from, place.to};
  }
  return to;
}

piece_t bert_normalised(const tokenizer_t *it, const place_t *piece, uint32_t count) {
  piece_t to = cleaned(it, piece, count);
  if (it->bert.strip) {
    to = apart(&to);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < to.count; i++) {
      if (!(class_of(to.at[i].code) & MARK)) to.at[kept++] = to.at[i];
    }
    to.count = kept;
  }
  return it->bert.lower ? mapped(&to, lower_of) : to;
}

/* One word. */
static void encode_word(const tokenizer_t *it, const place_t *word, uint32_t count, tokens_t *to) {
  uint32_t before = to->count, start = 0;
  builder_t letters = {0};
  uint32_t *ends = allocate((count + 1) * sizeof(uint32_t)), *hashes = allocate((count + 1) * 4);
  bool good = count <= it->pieces.longest;
  if (good) add(&letters, it->pieces.prefix);
  ends[0] = (uint32_t)letters.size;
  for (uint32_t i = 0; good && i < count; i++) {
    add_code(&letters, word[i].code);
    ends[i + 1] = (uint32_t)letters.size;
  }
  while (good && start < count) {
    /* The prefix stands before the piece only in its hash, and for the comparison. */
    size_t prefix = start ? it->pieces.prefix.size : 0;
    char *at = letters.ptr + ends[start] - prefix;
    uint32_t hash = hash_of((text_t){"", 0}), most = start;
    if (prefix) __builtin_memcpy(at, it->pieces.prefix.ptr, prefix);
    for (size_t i = 0; i < prefix; i++) hash = (hash ^ (uint8_t)at[i]) * 16777619u;
    while (most < count && ends[most + 1] - ends[start] + prefix <= it->words.longest) {
      for (uint32_t i = ends[most]; i < ends[most + 1]; i++) {
        hash = (hash ^ (uint8_t)letters.ptr[i]) * 16777619u;
      }
      hashes[++most] = hash;
    }
    uint32_t id = NOTHING;
    for (; most > start && id == NOTHING; most--) {
      text_t name = {at, ends[most] - ends[start] + prefix};
      id = vocabulary_find_hashed(&it->words, name, hashes[most]);
      if (id != NOTHING) break;
    }
    good = id != NOTHING;
    if (good) tokens_add(to, id, word[start].from, word[most - 1].to);
    start = most;
  }
  if (!good) {
    to->count = before;
    tokens_add(to, it->pieces.unknown, word[0].from, word[count - 1].to);
  }
}

void encode_words(const tokenizer_t *it, const place_t *piece, uint32_t count, tokens_t *to) {
  for (uint32_t at = 0; at < count;) {
    uint8_t class = class_of(piece[at].code);
    uint32_t end = at + 1;
    if (class & SPACE) {
      at = end;
      continue;
    }
    while (!(class & PUNCTUATION) && end < count &&
           !(class_of(piece[end].code) & (SPACE | PUNCTUATION))) {
      end++;
    }
    encode_word(it, piece + at, end - at, to);
    at = end;
  }
}
