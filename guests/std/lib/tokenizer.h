/* Tokenizers as Hugging Face's `tokenizer.json` describes them: WordPiece with BERT's normalisation, and
 * byte-level BPE. Memory of the tokenizer stays, that of tokens is gone with the message. */
#ifndef TOKENIZER_H
#define TOKENIZER_H
#include "json.h"
#include "unicode.h"
#include "vocabulary.h"

typedef struct { text_t content; uint32_t id; bool special, normalized, left, right, single; } added_t;
typedef struct { uint32_t left, right, rank, made; } merge_t;

typedef struct {
  enum { WORDPIECE, BYTE_PAIRS } kind;
  vocabulary_t words;
  added_t *added;
  uint32_t added_count;
  uint8_t added_first[256];     /* by the last byte of a character: whether an added token may begin with it */
  codes_t *added_codes;         /* of each, normalised where it is looked for in normalised text */
  struct { bool clean, spread, strip, lower, all; } bert; /* what the normalizer does, and whether it is there */
  struct { text_t prefix; uint32_t unknown, longest; } pieces;
  struct {
    bool prefixed, pattern, whole, fused;
    uint32_t unknown, of_byte[256];
    merge_t *merges;            /* by hash of the pair; `made` is NOTHING where there is none */
    uint32_t mask;
  } pairs;
  uint32_t before[16], after[16], before_count, after_count; /* special tokens around each text */
  bool trims, trims_prefixed;   /* whether offsets leave out spaces; whether one was put before */
  uint32_t truncated, padding;  /* 0 where the file says nothing; the id that fills up */
  enum { PLAIN, OF_PIECES, OF_BYTES } decoder;
  text_t decoder_prefix;
  bool tidy;
} tokenizer_t;

/* `said` is what it is called where that is not its name: an added token with the spaces it took. */
typedef struct { uint32_t id, start, end; text_t said; } token_t;
typedef struct { token_t *at; uint32_t count, room; } tokens_t;

/* What a tokenizer cannot be made of: a code, and why. */
typedef struct { text_t code, detail; } problem_t;

/* Reads a `tokenizer.json`, whose texts stay where they are; false where it is none, or of another kind. */
bool tokenizer_read(tokenizer_t *it, const json_t *file, problem_t *problem);
/* The tokens of a text, without special ones around. */
tokens_t tokenizer_encode(const tokenizer_t *it, text_t text);
/* The text of some ids. */
text_t tokenizer_decode(const tokenizer_t *it, const uint32_t *ids, size_t count, bool skip_special);
text_t token_name(const tokenizer_t *it, const token_t *token);
/* Takes spaces off the offsets of tokens, where the file wants that; after all else. */
void tokenizer_trim(const tokenizer_t *it, tokens_t *tokens);

/* Within: a piece of the text, each character with its place in the text. */
typedef struct { uint32_t code, from, to; } place_t;
typedef struct { place_t *at; uint32_t count, room; } piece_t;
void piece_add(piece_t *to, uint32_t code, uint32_t from, uint32_t end);
piece_t bert_normalised(const tokenizer_t *it, const place_t *piece, uint32_t count);
void encode_words(const tokenizer_t *it, const place_t *piece, uint32_t count, tokens_t *to);
void encode_bytes(const tokenizer_t *it, const place_t *piece, uint32_t count, tokens_t *to);
void tokens_add(tokens_t *to, uint32_t id, uint32_t start, uint32_t end);
uint32_t merge_slot(const tokenizer_t *it, uint32_t left, uint32_t right);
/* The character that stands for a byte, and back (256 where there is none). */
uint32_t code_of_byte(uint8_t byte);
uint32_t byte_of_code(uint32_t code);
#endif
