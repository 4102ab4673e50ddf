/* Tokens as text. */
#include "tokenizer.h"

static const added_t *added_of(const tokenizer_t *it, uint32_t id) {
  for (uint32_t i = 0; i < it->added_count; i++) {
    if (it->added[i].id == id) return &it->added[i];
  }
  return 0;
}

/* The text with one written for another, wherever it stands. */
static text_t with(text_t text, text_t old, text_t new) {
  builder_t to = {0};
  for (size_t at = 0; at < text.size;) {
    text_t rest = {text.ptr + at, text.size - at};
    if (text_starts(rest, old)) {
      add(&to, new);
      at += old.size;
    } else {
      add_char(&to, text.ptr[at++]);
    }
  }
  return built(&to);
}

static text_t tidied(text_t text) {
  static const struct { text_t old, new; } PAIRS[] = {
    {{" .", 2}, {".", 1}}, {{" ?", 2}, {"?", 1}}, {{" !", 2}, {"!", 1}}, {{" ,", 2}, {",", 1}},
    {{" ' ", 3}, {"'", 1}}, {{" n't", 4}, {"n't", 3}}, {{" 'm", 3}, {"'m", 2}},
    {{" do not", 7}, {" don't", 6}}, {{" 's", 3}, {"'s", 2}}, {{" 've", 4}, {"'ve", 3}},
    {{" 're", 4}, {"'re", 3}},
  };
  for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) text = with(text, PAIRS[i].old, PAIRS[i].new);
  return text;
}

static text_t piece_text(const tokenizer_t *it, text_t name, bool is_first) {
  builder_t to = {0};
  text_t prefix = it->decoder_prefix;
  if (!is_first && prefix.size && text_starts(name, prefix)) {
    add(&to, (text_t){name.ptr + prefix.size, name.size - prefix.size});
  } else {
    if (!is_first) add_char(&to, ' ');
    add(&to, name);
  }
  return it->tidy ? tidied(built(&to)) : built(&to);
}

/* The bytes that the characters of a token stand for; its own where one stands for none. */
static void add_bytes(builder_t *to, text_t name) {
  size_t before = to->size;
  for (text_t rest = name; rest.size;) {
    uint32_t byte = byte_of_code(take_code(&rest));
    if (byte == 256) {
      to->size = before;
      add(to, name);
      return;
    }
    add_char(to, (char)byte);
  }
}

/* How many bytes of what is no character belong together: as much as could begin one. */
static size_t broken_size(text_t text) {
  uint8_t first = (uint8_t)text.ptr[0], second = text.size > 1 ? (uint8_t)text.ptr[1] : 0;
  size_t most = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 && first < 0xf0 ? 2 : 1;
  bool fits = second >= (first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80) &&
              second <= (first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf);
  if (most == 1 || !fits) return 1;
  return most == 3 && text.size > 2 && ((uint8_t)text.ptr[2] & 0xc0) == 0x80 ? 3 : 2;
}

/* UTF-8 of bytes, with U+FFFD for each part of them that is none. */
static text_t mended(text_t text) {
  builder_t to = {0};
  while (text.size) {
    text_t rest = text;
    uint32_t code = take_code(&rest);
    bool broken = code == 0xfffd && text.size - rest.size == 1;
    size_t size = broken ? broken_size(text) : text.size - rest.size;
    add_code(&to, code);
    text = (text_t){text.ptr + size, text.size - size};
  }
  return built(&to);
}

text_t tokenizer_decode(const tokenizer_t *it, const uint32_t *ids, size_t count, bool skip_special) {
  builder_t to = {0};
  bool is_first = true;
  for (size_t i = 0; i < count; i++) {
    text_t name = vocabulary_name(&it->words, ids[i]);
    const added_t *added = added_of(it, ids[i]);
    if (!name.ptr || (added && added->special && skip_special)) continue;
    if (it->decoder == OF_BYTES) {
      add_bytes(&to, name);
    } else if (it->decoder == OF_PIECES) {
      add(&to, piece_text(it, name, is_first));
    } else {
      if (!is_first) add_char(&to, ' ');
      add(&to, name);
    }
    is_first = false;
  }
  return it->decoder == OF_BYTES ? mended(built(&to)) : built(&to);
}
