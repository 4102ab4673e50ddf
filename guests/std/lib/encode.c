/* A text as tokens: added tokens are looked for first, what lies between them goes to the model. */
#include "tokenizer.h"

void tokens_add(tokens_t *to, uint32_t id, uint32_t start, uint32_t end) {
  if (to->count == to->room) {
    uint32_t room = to->room ? to->room * 2 : 64;
    to->at = allocate_again(to->at, to->room * sizeof *to->at, 8, room * sizeof *to->at);
    to->room = room;
  }
  to->at[to->count++] = (token_t){id, start, end, {0}};
}

static bool in_word(uint32_t code) {
  return code == '_' || (class_of(code) & (LETTER | NUMBER | COMBINING));
}

/* The longest added token that begins the piece; NOTHING where none does. */
static uint32_t added_at(const tokenizer_t *it, const place_t *piece, uint32_t count, bool normalized) {
  uint32_t found = NOTHING;
  if (!it->added_first[piece[0].code & 255]) return found;
  for (uint32_t i = 0; i < it->added_count; i++) {
    const codes_t *codes = &it->added_codes[i];
    if (it->added[i].normalized != normalized || !codes->count || codes->count > count) continue;
    if (found != NOTHING && codes->count <= it->added_codes[found].count) continue;
    uint32_t same = 0;
    while (same < codes->count && codes->at[same] == piece[same].code) same++;
    if (same == codes->count) found = i;
  }
  return found;
}

static text_t text_of_places(const place_t *piece, uint32_t count) {
  builder_t text = {0};
  for (uint32_t i = 0; i < count; i++) add_code(&text, piece[i].code);
  return built(&text);
}

text_t token_name(const tokenizer_t *it, const token_t *token) {
  return token->said.ptr ? token->said : vocabulary_name(&it->words, token->id);
}

typedef void rest_t(const tokenizer_t *, const place_t *, uint32_t, tokens_t *);

/* Added tokens of the piece as tokens; what lies between them to `rest`. */
static void split(const tokenizer_t *it, const place_t *piece, uint32_t count, bool normalized,
    rest_t *rest, tokens_t *to) {
  uint32_t done = 0;
  for (uint32_t at = 0; at < count;) {
    uint32_t found = added_at(it, piece + at, count - at, normalized);
    if (found == NOTHING) {
      at++;
      continue;
    }
    const added_t *added = &it->added[found];
    uint32_t start = at, end = at + it->added_codes[found].count;
    at = end;
    if (added->single && ((start && in_word(piece[start - 1].code)) ||
                          (end < count && in_word(piece[end].code)))) {
      continue;
    }
    while (added->left && start > done && (class_of(piece[start - 1].code) & SPACE)) start--;
    while (added->right && end < count && (class_of(piece[end].code) & SPACE)) end++;
    if (start > done) rest(it, piece + done, start - done, to);
    tokens_add(to, added->id, piece[start].from, piece[end - 1].to);
    if (added->left || added->right) to->at[to->count - 1].said = text_of_places(piece + start, end - start);
    done = end;
    if (at < end) at = end;
  }
  if (count > done) rest(it, piece + done, count - done, to);
}

static void encode_normalised(const tokenizer_t *it, const place_t *piece, uint32_t count, tokens_t *to) {
  if (it->kind == WORDPIECE) encode_words(it, piece, count, to);
  else encode_bytes(it, piece, count, to);
}

static void encode_piece(const tokenizer_t *it, const place_t *piece, uint32_t count, tokens_t *to) {
  piece_t normalised = {0};
  if (it->bert.all) {
    normalised = bert_normalised(it, piece, count);
    piece = normalised.at;
    count = normalised.count;
  }
  split(it, piece, count, true, encode_normalised, to);
}

tokens_t tokenizer_encode(const tokenizer_t *it, text_t text) {
  codes_t codes = codes_of(text);
  place_t *places = allocate((codes.count + 1) * sizeof(place_t));
  for (uint32_t i = 0; i < codes.count; i++) places[i] = (place_t){codes.at[i], i, i + 1};
  tokens_t tokens = {0};
  split(it, places, codes.count, false, encode_piece, &tokens);
  return tokens;
}

static bool is_space(uint32_t code) { return code == code_of_byte(' ') || (class_of(code) & SPACE); }

void tokenizer_trim(const tokenizer_t *it, tokens_t *tokens) {
  if (!it->trims) return;
  for (uint32_t i = 0; i < tokens->count; i++) {
    token_t *token = &tokens->at[i];
    codes_t codes = codes_of(token_name(it, token));
    uint32_t before = 0, after = 0;
    while (before < codes.count && is_space(codes.at[before])) before++;
    while (after < codes.count && is_space(codes.at[codes.count - 1 - after])) after++;
    bool put = before == 1 && it->trims_prefixed && (i == 0 || token->start == 0);
    if (before && !put) {
      token->start = token->start + before < token->end ? token->start + before : token->end;
    }
    if (after && token->end >= after) {
      token->end = token->end - after > token->start ? token->end - after : token->start;
    }
  }
}
