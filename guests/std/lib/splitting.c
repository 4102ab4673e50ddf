/* Units first (sentences, paragraphs, sections), then pieces of as many of them as fit. A unit that does
 * not fit is made of smaller ones: paragraphs of sentences, sentences of what lies between spaces. */
#include "splitting.h"

typedef struct { const uint32_t *codes; uint32_t size; stretches_t units; } splitter_t;

static void add_stretch(stretches_t *to, uint32_t start, uint32_t end, text_t heading) {
  if (to->count == to->room) {
    uint32_t room = to->room ? to->room * 2 : 64;
    to->at = allocate_again(to->at, to->room * sizeof *to->at, 8, room * sizeof *to->at);
    to->room = room;
  }
  to->at[to->count++] = (stretch_t){start, end, heading};
}

static bool space(const splitter_t *it, uint32_t at) { return class_of(it->codes[at]) & SPACE; }

/* Without the spaces at both ends. */
static bool trimmed(const splitter_t *it, uint32_t *start, uint32_t *end) {
  while (*start < *end && space(it, *start)) ++*start;
  while (*start < *end && space(it, *end - 1)) --*end;
  return *start < *end;
}

/* Cut behind the last space that fits; in a word where there is none. */
static void add_cut(splitter_t *it, uint32_t start, uint32_t end) {
  while (trimmed(it, &start, &end) && end - start > it->size) {
    uint32_t cut = start + it->size;
    while (cut > start && !space(it, cut)) cut--;
    if (cut == start) cut = start + it->size;
    uint32_t stop = cut;
    if (trimmed(it, &start, &stop)) add_stretch(&it->units, start, stop, TEXT(""));
    start = cut;
  }
  if (start < end) add_stretch(&it->units, start, end, TEXT(""));
}

static bool ends_sentence(uint32_t code) {
  return code == '.' || code == '!' || code == '?' || code == 0x2026 || code == 0x964 || code == 0x6d4 ||
         code == 0x61f;
}
/* Those that need no space behind them. */
static bool ends_at_once(uint32_t code) { return code == 0x3002 || code == 0xff01 || code == 0xff1f; }

static bool closes(uint32_t code) {
  return code == '"' || code == '\'' || code == ')' || code == ']' || code == 0x2019 || code == 0x201d ||
         code == 0xbb || code == 0x300d || code == 0x300f;
}

static void add_sentences(splitter_t *it, uint32_t start, uint32_t end) {
  uint32_t begun = start;
  for (uint32_t at = start; at < end; at++) {
    uint32_t code = it->codes[at], after = at + 1;
    if (!ends_sentence(code) && !ends_at_once(code)) continue;
    while (after < end && (closes(it->codes[after]) || ends_sentence(it->codes[after]))) after++;
    if (after < end && !space(it, after) && !ends_at_once(code)) continue;
    add_cut(it, begun, after);
    begun = after;
    at = after - 1;
  }
  add_cut(it, begun, end);
}

/* Where the line ends, without its newline. */
static uint32_t line_end(const splitter_t *it, uint32_t at, uint32_t end) {
  while (at < end && it->codes[at] != '\n') at++;
  return at;
}

static bool blank(const splitter_t *it, uint32_t at, uint32_t end) {
  while (at < end && space(it, at)) at++;
  return at == end;
}

static void add_paragraphs(splitter_t *it, uint32_t start, uint32_t end, bool sentences) {
  uint32_t begun = start;
  for (uint32_t at = start; at < end;) {
    uint32_t stop = line_end(it, at, end), after = stop < end ? stop + 1 : end;
    if (blank(it, at, stop) || after == end) {
      uint32_t last = after;
      if (trimmed(it, &begun, &last)) {
        if (sentences || last - begun > it->size) add_sentences(it, begun, last);
        else add_stretch(&it->units, begun, last, TEXT(""));
      }
      begun = after;
    }
    at = after;
  }
}

/* Pieces of units that follow each other. */
static void pack(const splitter_t *it, plan_t plan, text_t heading, stretches_t *pieces) {
  const stretch_t *units = it->units.at;
  for (uint32_t at = 0, count = it->units.count; at < count;) {
    uint32_t next = at + 1;
    while (next < count && units[next].end - units[at].start <= plan.size) next++;
    add_stretch(pieces, units[at].start, units[next - 1].end, heading);
    if (next == count) return;
    uint32_t back = next;
    /* What is repeated has to leave room for what is new. */
    while (back > at + 1 && units[next - 1].end - units[back - 1].start <= plan.overlap &&
           units[next].end - units[back - 1].start <= plan.size) {
      back--;
    }
    at = back;
  }
}

/* The text of a heading, if the line is one: up to six `#` and a space before it. */
static bool heading_of(const splitter_t *it, uint32_t at, uint32_t end, text_t *text) {
  uint32_t start = at;
  while (at < end && it->codes[at] == '#') at++;
  if (at == start || at - start > 6 || at == end || it->codes[at] != ' ') return false;
  if (!trimmed(it, &at, &end)) return false;
  *text = text_of_codes(it->codes + at, end - at);
  return true;
}

static bool fence(const splitter_t *it, uint32_t at, uint32_t end) {
  return end - at >= 3 && it->codes[at] == '`' && it->codes[at + 1] == '`' && it->codes[at + 2] == '`';
}

static void split_sections(splitter_t *it, uint32_t count, plan_t plan, stretches_t *pieces) {
  text_t heading = TEXT(""), next = TEXT("");
  bool fenced = false;
  for (uint32_t at = 0, begun = 0; at < count;) {
    uint32_t stop = line_end(it, at, count), after = stop < count ? stop + 1 : count;
    if (fence(it, at, stop)) fenced = !fenced;
    bool headed = !fenced && heading_of(it, at, stop, &next);
    if (headed || after == count) {
      uint32_t end = headed ? at : count;
      it->units.count = 0;
      add_paragraphs(it, begun, end, false);
      pack(it, plan, heading, pieces);
      begun = end;
      if (headed) heading = next;
      if (headed && after == count) {
        it->units.count = 0;
        add_paragraphs(it, begun, count, false);
        pack(it, plan, heading, pieces);
      }
    }
    at = after;
  }
}

static void split_tokens(text_t text, plan_t plan, const tokenizer_t *tokenizer, stretches_t *pieces) {
  tokens_t tokens = tokenizer_encode(tokenizer, text);
  for (uint32_t at = 0; at < tokens.count; at += plan.size - plan.overlap) {
    uint32_t next = tokens.count - at > plan.size ? at + plan.size : tokens.count;
    add_stretch(pieces, tokens.at[at].start, tokens.at[next - 1].end, TEXT(""));
    if (next == tokens.count) break;
  }
}

static void split_characters(uint32_t count, plan_t plan, stretches_t *pieces) {
  for (uint32_t at = 0; at < count; at += plan.size - plan.overlap) {
    uint32_t next = count - at > plan.size ? at + plan.size : count;
    add_stretch(pieces, at, next, TEXT(""));
    if (next == count) break;
  }
}

bool split_text(text_t text, codes_t codes, plan_t plan, const tokenizer_t *tokenizer, stretches_t *pieces,
    problem_t *problem) {
  splitter_t it = {codes.at, plan.size, {0}};
  *pieces = (stretches_t){0};
  if (!plan.size || plan.overlap >= plan.size) {
    *problem = (problem_t){TEXT("bad-plan"), TEXT("size is at least 1, and overlap less than size")};
    return false;
  }
  switch (plan.unit) {
  case BY_CHARACTERS: split_characters(codes.count, plan, pieces); break;
  case BY_TOKENS: split_tokens(text, plan, tokenizer, pieces); break;
  case BY_HEADINGS: split_sections(&it, codes.count, plan, pieces); break;
  default:
    add_paragraphs(&it, 0, codes.count, plan.unit == BY_SENTENCES);
    pack(&it, plan, TEXT(""), pieces);
  }
  return true;
}
