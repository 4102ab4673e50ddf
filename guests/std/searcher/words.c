/* Words: letters, digits and underscores of ASCII, and every byte of anything else. */
#include "words.h"

/* Of each byte: the letter it counts as, in lower case; 0 where it is in no word. */
static char letter_of[256];

void prepare_words(void) {
  for (int c = 0; c < 256; c++) {
    int low = c >= 'A' && c <= 'Z' ? c + 32 : c;
    bool in_word = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '_' || c >= 128;
    letter_of[c] = in_word ? (char)low : 0;
  }
}

static bool vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

static bool ends(const word_t *word, text_t ending, size_t at_least) {
  if (word->size < ending.size + at_least) return false;
  text_t tail = {word->letters + word->size - ending.size, ending.size};
  return text_equal(tail, ending);
}

static bool has_vowel(const word_t *word, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (vowel(word->letters[i]) || word->letters[i] == 'y') return true;
  }
  return false;
}

/* Plurals. */
static void cut_s(word_t *word) {
  if (ends(word, TEXT("ies"), 2)) {
    word->size -= 2;
    word->letters[word->size - 1] = 'y';
  } else if (ends(word, TEXT("sses"), 1)) {
    word->size -= 2;
  } else if (ends(word, TEXT("s"), 3) && !ends(word, TEXT("ss"), 1) &&
             !ends(word, TEXT("us"), 1) && !ends(word, TEXT("is"), 1)) {
    word->size -= 1;
  }
}

/* What is left need not be a word: it has to be the same for all forms of one. */
static void cut_ending(word_t *word) {
  size_t cut = ends(word, TEXT("ing"), 3) ? 3 : ends(word, TEXT("ed"), 3) ? 2 : 0;
  if (cut && has_vowel(word, word->size - cut)) {
    word->size -= cut;
    char last = word->letters[word->size - 1];
    bool doubled = last == word->letters[word->size - 2] && !vowel(last);
    if (doubled && last != 'l' && last != 's' && last != 'z') word->size--;
  }
  if (ends(word, TEXT("e"), 3)) word->size--;
}

bool take_word(text_t *text, word_t *word, bool *quoted) {
  const char *at = text->ptr, *end = at + text->size;
  size_t size = 0;
  char letter;
  while (at < end && !letter_of[(unsigned char)*at]) at++;
  if (quoted) *quoted = at > text->ptr && (at[-1] == '"' || at[-1] == '`');
  for (; at < end && (letter = letter_of[(unsigned char)*at]); at++) {
    if (size < LONGEST_WORD) word->letters[size++] = letter;
  }
  *text = (text_t){at, (size_t)(end - at)};
  word->size = (uint8_t)size;
  if (!size) return false;
  if (word->letters[size - 1] == 's') cut_s(word);
  word->form = 2166136261u; /* FNV-1a */
  for (size_t i = 0; i < word->size; i++) {
    word->form = (word->form ^ (unsigned char)word->letters[i]) * 16777619u;
  }
  char last = word->letters[word->size - 1];
  if (last == 'g' || last == 'd' || last == 'e') cut_ending(word);
  word->start = 0;
  for (size_t i = 0; i < 8 && i < word->size; i++) {
    word->start = word->start << 8 | (unsigned char)word->letters[i];
  }
  return true;
}

bool same_letters(const word_t *left, const word_t *right) {
  return text_equal((text_t){left->letters, left->size}, (text_t){right->letters, right->size});
}

/* As they are after the endings were cut. Words that matter to programmers are not among them. */
#undef TEXT
#define TEXT(literal) {literal, sizeof(literal) - 1}
static const text_t nothing[] = {
  TEXT("a"), TEXT("about"), TEXT("all"), TEXT("also"), TEXT("an"), TEXT("and"), TEXT("any"),
  TEXT("are"), TEXT("as"), TEXT("at"), TEXT("be"), TEXT("been"), TEXT("between"), TEXT("but"),
  TEXT("by"), TEXT("can"), TEXT("could"), TEXT("did"), TEXT("do"), TEXT("doe"), TEXT("does"),
  TEXT("from"), TEXT("ha"), TEXT("has"), TEXT("hav"), TEXT("happen"), TEXT("how"), TEXT("i"),
  TEXT("if"), TEXT("in"), TEXT("into"), TEXT("is"), TEXT("it"), TEXT("its"), TEXT("mean"),
  TEXT("my"), TEXT("not"), TEXT("of"), TEXT("on"), TEXT("one"), TEXT("or"), TEXT("python"),
  TEXT("should"), TEXT("so"), TEXT("some"), TEXT("than"), TEXT("that"), TEXT("the"),
  TEXT("their"), TEXT("them"), TEXT("then"), TEXT("ther"), TEXT("thes"), TEXT("they"),
  TEXT("thi"), TEXT("this"), TEXT("to"), TEXT("us"), TEXT("use"), TEXT("wa"), TEXT("was"),
  TEXT("we"), TEXT("wer"), TEXT("what"), TEXT("when"), TEXT("wher"), TEXT("which"),
  TEXT("who"), TEXT("why"), TEXT("will"), TEXT("work"), TEXT("would"), TEXT("you"), TEXT("your"),
};

bool says_nothing(const word_t *word) {
  text_t letters = {word->letters, word->size};
  for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
    if (text_equal(nothing[i], letters)) return true;
  }
  return false;
}
