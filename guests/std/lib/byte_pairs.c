/* Byte-level BPE: words by GPT-2's pattern, their bytes, and pairs of tokens made one, lowest rank first. */
#include "tokenizer.h"

uint32_t code_of_byte(uint8_t byte) {
  if ((byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae) return byte;
  if (byte <= ' ') return 256u + byte;
  if (byte == 0xad) return 256 + 67;
  return 256u + 33 + byte - 0x7f;
}

uint32_t byte_of_code(uint32_t code) {
  if (code >= 256) {
    uint32_t at = code - 256;
    return at <= 32 ? at : at < 67 ? 0x7f + at - 33 : at == 67 ? 0xad : 256;
  }
  return code_of_byte((uint8_t)code) == code ? code : 256;
}

uint32_t merge_slot(const tokenizer_t *it, uint32_t left, uint32_t right) {
  uint64_t mixed = ((uint64_t)left << 32 | right) * 0x9e3779b97f4a7c15ULL;
  uint32_t slot = (uint32_t)(mixed >> 32) & it->pairs.mask;
  const merge_t *all = it->pairs.merges;
  while (all[slot].made != NOTHING && (all[slot].left != left || all[slot].right != right)) {
    slot = (slot + 1) & it->pairs.mask;
  }
  return slot;
}

/* What may be merged: where, at which rank, and into what. */
typedef struct { uint32_t rank, at, made; } chance_t;
typedef struct { uint32_t id, size, before, next; } symbol_t; /* a size of 0: merged into another */
typedef struct {
  symbol_t *symbols;
  uint32_t count;
  chance_t *heap;
  uint32_t chances;
} word_t;

static bool first(chance_t left, chance_t right) {
  return left.rank != right.rank ? left.rank < right.rank : left.at < right.at;
}

static void add_chance(const tokenizer_t *it, word_t *word, uint32_t at) {
  if (at == NOTHING || word->symbols[at].next == NOTHING) return;
  const merge_t *merge =
      &it->pairs.merges[merge_slot(it, word->symbols[at].id, word->symbols[word->symbols[at].next].id)];
  if (merge->made == NOTHING) return;
  chance_t chance = {merge->rank, at, merge->made};
  uint32_t place = word->chances++;
  while (place && first(chance, word->heap[(place - 1) / 2])) {
    word->heap[place] = word->heap[(place - 1) / 2];
    place = (place - 1) / 2;
  }
  word->heap[place] = chance;
}

static chance_t take_chance(word_t *word) {
  chance_t taken = word->heap[0], last = word->heap[--word->chances];
  uint32_t place = 0;
  for (;;) {
    uint32_t child = place * 2 + 1;
    if (child >= word->chances) break;
    if (child + 1 < word->chances && first(word->heap[child + 1], word->heap[child])) child++;
    if (!first(word->heap[child], last)) break;
    word->heap[place] = word->heap[child];
    place = child;
  }
  word->heap[place] = last;
  return taken;
}

static void merge_all(const tokenizer_t *it, word_t *word) {
  for (uint32_t i = 0; i + 1 < word->count; i++) add_chance(it, word, i);
  while (word->chances) {
    chance_t chance = take_chance(word);
    symbol_t *here = &word->symbols[chance.at];
    if (!here->size || here->next == NOTHING) continue;
    symbol_t *next = &word->symbols[here->next];
    if (it->pairs.merges[merge_slot(it, here->id, next->id)].made != chance.made) continue;
    here->id = chance.made;
    here->size += next->size;
    next->size = 0;
    here->next = next->next;
    if (here->next != NOTHING) word->symbols[here->next].before = chance.at;
    add_chance(it, word, here->before);
    add_chance(it, word, chance.at);
  }
}

static void add_symbol(word_t *word, uint32_t id, uint32_t size) {
  uint32_t at = word->count++;
  word->symbols[at] = (symbol_t){id, size, at ? at - 1 : NOTHING, NOTHING};
  if (at) word->symbols[at - 1].next = at;
}

/* The bytes as symbols. Unknown ones become the unknown token, together where the file wants that. */
static void add_bytes(const tokenizer_t *it, word_t *word, const uint8_t *bytes, uint32_t size) {
  uint32_t unknown = 0;
  for (uint32_t i = 0; i < size; i++) {
    uint32_t id = it->pairs.of_byte[bytes[i]];
    if (id == NOTHING) {
      if (unknown && !it->pairs.fused) add_symbol(word, it->pairs.unknown, unknown), unknown = 0;
      unknown++;
      continue;
    }
    if (unknown) add_symbol(word, it->pairs.unknown, unknown), unknown = 0;
    add_symbol(word, id, 1);
  }
  if (unknown) add_symbol(word, it->pairs.unknown, unknown);
}

/* One word: its bytes, and of each the character that it is of. */
static void encode_word(const tokenizer_t *it, const place_t *piece, uint32_t count, tokens_t *to) {
  builder_t bytes = {0}, spelled = {0};
  for (uint32_t i = 0; i < count; i++) add_code(&bytes, piece[i].code);
  uint32_t *owner = allocate((bytes.size + 1) * sizeof(uint32_t)), at = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t code = piece[i].code, size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    while (size--) owner[at++] = i;
  }
  if (it->pairs.whole) {
    for (uint32_t i = 0; i < at; i++) add_code(&spelled, code_of_byte((uint8_t)bytes.ptr[i]));
    uint32_t id = vocabulary_find(&it->words, built(&spelled));
    if (id != NOTHING) {
      tokens_add(to, id, piece[0].from, piece[count - 1].to);
      return;
    }
  }
  word_t word = {allocate(at * sizeof(symbol_t)), 0, allocate((at + 1) * 3 * sizeof(chance_t)), 0};
  add_bytes(it, &word, (const uint8_t *)bytes.ptr, at);
  merge_all(it, &word);
  uint32_t start = 0;
  for (uint32_t i = 0; i != NOTHING && i < word.count; i = word.symbols[i].next) {
    uint32_t end = start + word.symbols[i].size;
    tokens_add(to, word.symbols[i].id, piece[owner[start]].from, piece[owner[end - 1]].to);
    start = end;
  }
}

/* How many characters the word at the beginning has, by the pattern
 * 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
static uint32_t word_size(const place_t *piece, uint32_t count) {
  if (piece[0].code == '\'' && count > 1) {
    uint32_t next = piece[1].code, third = count > 2 ? piece[2].code : 0;
    if (next == 's' || next == 't' || next == 'm' || next == 'd') return 2;
    if (third == 'e' && (next == 'r' || next == 'v')) return 3;
    if (third == 'l' && next == 'l') return 3;
  }
  enum { KINDS = LETTER | NUMBER | SPACE };
  uint32_t start = piece[0].code == ' ' && count > 1 && !(class_of(piece[1].code) & SPACE);
  uint8_t kind = class_of(piece[start].code) & KINDS;
  if (kind & SPACE) {
    uint32_t size = 1;
    while (size < count && (class_of(piece[size].code) & SPACE)) size++;
    return size == count || size == 1 ? size : size - 1;
  }
  uint32_t size = start + 1;
  while (size < count && (class_of(piece[size].code) & KINDS) == kind) size++;
  return size;
}

void encode_bytes(const tokenizer_t *it, const place_t *piece, uint32_t count, tokens_t *to) {
  piece_t prefixed = {0};
  if (count && it->pairs.prefixed && piece[0].code != ' ') {
    piece_add(&prefixed, ' ', piece[0].from, piece[0].to);
    for (uint32_t i = 0; i < count; i++) piece_add(&prefixed, piece[i].code, piece[i].from, piece[i].to);
    piece = prefixed.at;
    count = prefixed.count;
  }
  while (count) {
    uint32_t size = it->pairs.pattern ? word_size(piece, count) : count;
    encode_word(it, piece, size, to);
    piece += size;
    count -= size;
  }
}
