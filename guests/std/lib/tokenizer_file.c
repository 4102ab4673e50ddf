/* Reads a `tokenizer.json`. What is not understood is refused by name: a text that is split otherwise than
 * the model learned it is worse than none. */
#include "heap.h"
#include "json.h"
#include "tokenizer.h"

enum { MOST_IDS = 1 << 22 };

static bool wrong(problem_t *problem, text_t code, text_t what, text_t detail) {
  builder_t said = {0};
  add(&said, what);
  add(&said, detail);
  *problem = (problem_t){code, built(&said)};
  return false;
}

static bool bad(problem_t *problem, text_t what) {
  return wrong(problem, TEXT("bad-tokenizer"), what, TEXT(""));
}

static bool unsupported(problem_t *problem, text_t what, text_t detail) {
  return wrong(problem, TEXT("unsupported"), what, detail);
}

static bool is_type(const json_t *it, text_t type) {
  return text_equal(json_text(it, TEXT("type")), type);
}

static bool empty(const json_t *it) { return json_is_null(it) || !json_string(it).size; }

static bool true_unless(const json_t *of, text_t key, bool otherwise) {
  const json_t *it = json_get(of, key);
  return json_is_null(it) ? otherwise : json_is_true(it);
}

static bool read_words(tokenizer_t *it, const json_t *model, problem_t *problem) {
  const json_t *words = json_get(model, TEXT("vocab"));
  if (!words || words->kind != JSON_OBJECT) return bad(problem, TEXT("model.vocab is no object"));
  vocabulary_begin(&it->words, words->count);
  for (const json_t *word = words->first; word; word = word->next) {
    uint32_t id;
    if (!json_index(word, &id) || id >= MOST_IDS) {
      return wrong(problem, TEXT("bad-tokenizer"), TEXT("model.vocab has no id for "), word->name);
    }
    vocabulary_add(&it->words, word->name, id);
  }
  return true;
}

static bool read_wordpiece(tokenizer_t *it, const json_t *model, problem_t *problem) {
  it->kind = WORDPIECE;
  it->pieces.prefix = json_text(model, TEXT("continuing_subword_prefix"));
  it->pieces.unknown = vocabulary_find(&it->words, json_text(model, TEXT("unk_token")));
  if (it->pieces.unknown == NOTHING) return bad(problem, TEXT("model.unk_token is not in the vocabulary"));
  if (!json_index(json_get(model, TEXT("max_input_chars_per_word")), &it->pieces.longest)) {
    it->pieces.longest = 100;
  }
  return true;
}

/* Both sides of a merge: `"a b"` or `["a", "b"]`. */
static bool read_sides(const json_t *merge, text_t *left, text_t *right) {
  if (merge->kind == JSON_ARRAY && merge->count == 2) {
    *left = json_string(merge->first);
    *right = json_string(merge->first->next);
    return true;
  }
  text_t both = json_string(merge);
  size_t at = 0;
  while (at < both.size && both.ptr[at] != ' ') at++;
  if (at + 1 >= both.size) return false;
  *left = (text_t){both.ptr, at};
  *right = (text_t){both.ptr + at + 1, both.size - at - 1};
  return true;
}

static bool read_merges(tokenizer_t *it, const json_t *model, problem_t *problem) {
  const json_t *merges = json_get(model, TEXT("merges"));
  if (!merges || merges->kind != JSON_ARRAY) return bad(problem, TEXT("model.merges is no list"));
  uint32_t size = 16, rank = 0;
  while (size < merges->count * 2) size *= 2;
  it->pairs.merges = heap_take(size * sizeof(merge_t));
  it->pairs.mask = size - 1;
  for (uint32_t i = 0; i < size; i++) it->pairs.merges[i].made = NOTHING;
  for (const json_t *merge = merges->first; merge; merge = merge->next, rank++) {
    text_t left, right;
    builder_t whole = {0};
    if (!read_sides(merge, &left, &right)) return bad(problem, TEXT("a merge has two sides"));
    add(&whole, left);
    add(&whole, right);
    uint32_t ids[] = {vocabulary_find(&it->words, left), vocabulary_find(&it->words, right)};
    uint32_t made = vocabulary_find(&it->words, built(&whole));
    if (ids[0] == NOTHING || ids[1] == NOTHING || made == NOTHING) {
      return wrong(problem, TEXT("bad-tokenizer"), TEXT("not in the vocabulary: "), built(&whole));
    }
    /* Of the same pair the last counts. */
    it->pairs.merges[merge_slot(it, ids[0], ids[1])] = (merge_t){ids[0], ids[1], rank, made};
  }
  return true;
}

static bool read_bytes(tokenizer_t *it, problem_t *problem) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    builder_t name = {0};
    add_code(&name, code_of_byte((uint8_t)byte));
    it->pairs.of_byte[byte] = vocabulary_find(&it->words, built(&name));
    if (it->pairs.of_byte[byte] == NOTHING && it->pairs.unknown == NOTHING) {
      return unsupported(problem, TEXT("a vocabulary without each byte, and without unk_token"), TEXT(""));
    }
  }
  return true;
}

static bool read_pairs(tokenizer_t *it, const json_t *model, problem_t *problem) {
  it->kind = BYTE_PAIRS;
  double dropout;
  if (json_number(json_get(model, TEXT("dropout")), &dropout) && dropout > 0) {
    return unsupported(problem, TEXT("model.dropout"), TEXT(""));
  }
  if (!empty(json_get(model, TEXT("continuing_subword_prefix"))) ||
      !empty(json_get(model, TEXT("end_of_word_suffix"))) ||
      json_is_true(json_get(model, TEXT("byte_fallback")))) {
    return unsupported(problem, TEXT("BPE with affixes or byte_fallback"), TEXT(""));
  }
  const json_t *unknown = json_get(model, TEXT("unk_token"));
  it->pairs.unknown = json_is_null(unknown) ? NOTHING : vocabulary_find(&it->words, json_string(unknown));
  it->pairs.fused = json_is_true(json_get(model, TEXT("fuse_unk")));
  it->pairs.whole = json_is_true(json_get(model, TEXT("ignore_merges")));
  return read_merges(it, model, problem) && read_bytes(it, problem);
}

static bool read_normalizer(tokenizer_t *it, const json_t *from, problem_t *problem) {
  if (json_is_null(from)) return true;
  if (!is_type(from, TEXT("BertNormalizer"))) {
    return unsupported(problem, TEXT("normalizer "), json_text(from, TEXT("type")));
  }
  it->bert.all = true;
  it->bert.clean = true_unless(from, TEXT("clean_text"), true);
  it->bert.spread = true_unless(from, TEXT("handle_chinese_chars"), true);
  it->bert.lower = true_unless(from, TEXT("lowercase"), true);
  it->bert.strip = true_unless(from, TEXT("strip_accents"), it->bert.lower);
  return true;
}

static bool read_pre_tokenizer(tokenizer_t *it, const json_t *from, problem_t *problem) {
  if (it->kind == WORDPIECE && is_type(from, TEXT("BertPreTokenizer"))) return true;
  if (it->kind == BYTE_PAIRS && is_type(from, TEXT("ByteLevel"))) {
    it->pairs.prefixed = true_unless(from, TEXT("add_prefix_space"), true);
    it->pairs.pattern = true_unless(from, TEXT("use_regex"), true);
    return true;
  }
  return unsupported(problem, TEXT("pre_tokenizer "), json_text(from, TEXT("type")));
}

static bool add_special(tokenizer_t *it, bool behind, const json_t *id, problem_t *problem) {
  uint32_t *count = behind ? &it->after_count : &it->before_count, number;
  if (!json_index(id, &number) || *count == 16) {
    return bad(problem, TEXT("post_processor: no id, or more than 16 special tokens"));
  }
  (behind ? it->after : it->before)[(*count)++] = number;
  return true;
}

/* `"single": [{"SpecialToken": {"id": NAME}}, {"Sequence": {"id": "A"}}, ...]` */
static bool read_template(tokenizer_t *it, const json_t *from, problem_t *problem) {
  const json_t *single = json_get(from, TEXT("single"));
  bool behind = false;
  for (const json_t *part = single ? single->first : 0; part; part = part->next) {
    const json_t *special = json_get(part, TEXT("SpecialToken"));
    if (!special) {
      if (behind || !json_get(part, TEXT("Sequence"))) {
        return unsupported(problem, TEXT("a template that has the text twice"), TEXT(""));
      }
      behind = true;
      continue;
    }
    const json_t *known = json_get(from, TEXT("special_tokens"));
    const json_t *ids = json_get(json_get(known, json_text(special, TEXT("id"))), TEXT("ids"));
    for (const json_t *id = ids ? ids->first : 0; id; id = id->next) {
      if (!add_special(it, behind, id, problem)) return false;
    }
  }
  return behind || bad(problem, TEXT("post_processor: a template without the text"));
}

static void read_trim(tokenizer_t *it, const json_t *from) {
  it->trims = true_unless(from, TEXT("trim_offsets"), true);
  it->trims_prefixed = true_unless(from, TEXT("add_prefix_space"), true);
}

static bool read_post_processor(tokenizer_t *it, const json_t *from, problem_t *problem) {
  if (json_is_null(from)) return true;
  if (is_type(from, TEXT("Sequence"))) {
    const json_t *all = json_get(from, TEXT("processors"));
    for (const json_t *one = all ? all->first : 0; one; one = one->next) {
      if (is_type(one, TEXT("Sequence")) || !read_post_processor(it, one, problem)) return false;
    }
    return true;
  }
  if (is_type(from, TEXT("ByteLevel"))) {
    read_trim(it, from);
    return true;
  }
  if (is_type(from, TEXT("TemplateProcessing"))) return read_template(it, from, problem);
  bool roberta = is_type(from, TEXT("RobertaProcessing"));
  if (!roberta && !is_type(from, TEXT("BertProcessing"))) {
    return unsupported(problem, TEXT("post_processor "), json_text(from, TEXT("type")));
  }
  if (roberta) read_trim(it, from);
  const json_t *before = json_get(from, TEXT("cls")), *after = json_get(from, TEXT("sep"));
  bool pairs = before && after && before->first && after->first;
  return pairs ? add_special(it, false, before->first->next, problem) &&
                     add_special(it, true, after->first->next, problem)
               : bad(problem, TEXT("post_processor: cls and sep are missing"));
}

static bool read_decoder(tokenizer_t *it, const json_t *from, problem_t *problem) {
  if (json_is_null(from)) return true;
  if (is_type(from, TEXT("ByteLevel"))) {
    it->decoder = OF_BYTES;
  } else if (is_type(from, TEXT("WordPiece"))) {
    it->decoder = OF_PIECES;
    it->decoder_prefix = json_text(from, TEXT("prefix"));
    it->tidy = true_unless(from, TEXT("cleanup"), true);
  } else {
    return unsupported(problem, TEXT("decoder "), json_text(from, TEXT("type")));
  }
  return true;
}

/* What is looked for in normalised text is normalised as well. */
static codes_t codes_of_added(const tokenizer_t *it, const added_t *added) {
  codes_t codes = codes_of(added->content);
  if (!added->normalized || !it->bert.all) return codes;
  piece_t piece = {0};
  for (uint32_t i = 0; i < codes.count; i++) piece_add(&piece, codes.at[i], 0, 0);
  piece = bert_normalised(it, piece.at, piece.count);
  codes = (codes_t){allocate((piece.count + 1) * sizeof(uint32_t)), piece.count};
  for (uint32_t i = 0; i < piece.count; i++) codes.at[i] = piece.at[i].code;
  return codes;
}

static bool read_added(tokenizer_t *it, const json_t *from, problem_t *problem) {
  uint32_t room = from && from->kind == JSON_ARRAY ? from->count : 0;
  it->added = heap_take((room + 1) * sizeof(added_t));
  it->added_codes = heap_take((room + 1) * sizeof(codes_t));
  for (const json_t *one = room ? from->first : 0; one; one = one->next) {
    added_t *added = &it->added[it->added_count];
    *added = (added_t){
      .content = json_text(one, TEXT("content")),
      .special = json_is_true(json_get(one, TEXT("special"))),
      .normalized = json_is_true(json_get(one, TEXT("normalized"))),
      .left = json_is_true(json_get(one, TEXT("lstrip"))),
      .right = json_is_true(json_get(one, TEXT("rstrip"))),
      .single = json_is_true(json_get(one, TEXT("single_word"))),
    };
    if (!json_index(json_get(one, TEXT("id")), &added->id) || added->id >= MOST_IDS) {
      return bad(problem, TEXT("added_tokens: one has no id"));
    }
    codes_t codes = codes_of_added(it, added);
    if (codes.count) it->added_first[codes.at[0] & 255] = 1;
    it->added_codes[it->added_count++] = codes;
    bool changed = added->normalized && it->bert.all;
    vocabulary_note(&it->words, changed ? text_of_codes(codes.at, codes.count) : added->content, added->id);
  }
  return true;
}

static bool read_bounds(tokenizer_t *it, const json_t *file, problem_t *problem) {
  const json_t *truncation = json_get(file, TEXT("truncation")), *padding = json_get(file, TEXT("padding"));
  json_index(json_get(padding, TEXT("pad_id")), &it->padding);
  if (json_is_null(truncation)) return true;
  text_t side = json_text(truncation, TEXT("direction"));
  if (side.size && !text_equal(side, TEXT("Right"))) {
    return unsupported(problem, TEXT("truncation from "), side);
  }
  return json_index(json_get(truncation, TEXT("max_length")), &it->truncated) ||
         bad(problem, TEXT("truncation.max_length is no number"));
}

bool tokenizer_read(tokenizer_t *it, const json_t *file, problem_t *problem) {
  *it = (tokenizer_t){.kind = WORDPIECE};
  const json_t *model = json_get(file, TEXT("model"));
  if (!model) return bad(problem, TEXT("this is no tokenizer.json"));
  if (!read_words(it, model, problem)) return false;
  text_t type = json_text(model, TEXT("type"));
  if (text_equal(type, TEXT("WordPiece"))) {
    if (!read_wordpiece(it, model, problem)) return false;
  } else if (text_equal(type, TEXT("BPE"))) {
    if (!read_pairs(it, model, problem)) return false;
  } else {
    return unsupported(problem, TEXT("model "), type);
  }
  if (it->kind == BYTE_PAIRS && !json_is_null(json_get(file, TEXT("normalizer")))) {
    return unsupported(problem, TEXT("a normalizer before BPE"), TEXT(""));
  }
  return read_normalizer(it, json_get(file, TEXT("normalizer")), problem) &&
         read_pre_tokenizer(it, json_get(file, TEXT("pre_tokenizer")), problem) &&
         read_post_processor(it, json_get(file, TEXT("post_processor")), problem) &&
         read_decoder(it, json_get(file, TEXT("decoder")), problem) &&
         read_added(it, json_get(file, TEXT("added_tokens")), problem) &&
         read_bounds(it, file, problem);
}
