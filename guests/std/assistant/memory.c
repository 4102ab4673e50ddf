/* Long-term memory: BM25 over texts that are few enough to be read each time. */
#include "memory.h"
#include "agent.h"

#define KEY TEXT("memory")
#define MOST_TERMS 64
#define SATURATION 1.2
#define LENGTH_WEIGHT 0.75

/* The next word: letters and digits of ASCII in lower case, and every byte of anything else, as a hash; 0
 * where there is none. */
static uint32_t take_word(text_t *text) {
  uint32_t hash = 0;
  for (; text->size; text->ptr++, text->size--) {
    unsigned char c = (unsigned char)*text->ptr;
    if (c >= 'A' && c <= 'Z') c |= 32;
    bool in_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 128;
    if (!in_word && hash) break;
    if (in_word) hash = ((hash ? hash : 2166136261u) ^ c) * 16777619u | 1; /* FNV-1a */
  }
  return hash;
}

typedef struct { uint32_t terms[MOST_TERMS]; size_t count; } question_t;

static question_t read_question(text_t text) {
  question_t question = {.count = 0};
  for (uint32_t word; question.count < MOST_TERMS && (word = take_word(&text));) {
    size_t i = 0;
    while (i < question.count && question.terms[i] != word) i++;
    if (i == question.count) question.terms[question.count++] = word;
  }
  return question;
}

/* How often a text has each term; answers how many words it is long. */
static size_t count_terms(const question_t *question, text_t text, uint8_t found[MOST_TERMS]) {
  size_t words = 0;
  for (size_t i = 0; i < question->count; i++) found[i] = 0;
  for (uint32_t word; (word = take_word(&text)); words++) {
    for (size_t i = 0; i < question->count; i++) {
      if (question->terms[i] == word && found[i] < 255) found[i]++;
    }
  }
  return words;
}

/* Natural logarithm of a number of at least 1: halved into [1, 2), then a series that converges. */
static double logarithm(double x) {
  double whole = 0;
  for (; x >= 2; x /= 2) whole += 0.69314718055994530942;
  double y = (x - 1) / (x + 1), power = y, sum = 0;
  for (int n = 1; n < 30; n += 2, power *= y * y) sum += power / n;
  return whole + 2 * sum;
}

typedef struct { text_t text; size_t words; uint8_t found[MOST_TERMS]; double score; } memory_t;

static void weigh(memory_t *memories, size_t count, const question_t *question) {
  double words = 0;
  for (size_t m = 0; m < count; m++) words += (double)memories[m].words;
  double usual = words > 0 ? words / (double)count : 1;
  for (size_t i = 0; i < question->count; i++) {
    size_t with = 0;
    for (size_t m = 0; m < count; m++) with += memories[m].found[i] != 0;
    double rarity = logarithm(1 + ((double)(count - with) + 0.5) / ((double)with + 0.5));
    for (size_t m = 0; m < count; m++) {
      double found = memories[m].found[i], length = (double)memories[m].words / usual;
      double slow = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length);
      memories[m].score += rarity * found * (SATURATION + 1) / (found + slow);
    }
  }
}

/* The best of them that was not taken yet, the newest of several; null where none has a word. */
static memory_t *best(memory_t *memories, size_t count) {
  memory_t *found = 0;
  for (size_t m = 0; m < count; m++) {
    if (memories[m].score > 0 && (!found || memories[m].score >= found->score)) found = &memories[m];
  }
  return found;
}

static const json_t *kept(void) {
  text_option_t value = state_get(KEY);
  const json_t *list = value.some ? json_read(value.value) : 0;
  return list && list->kind == JSON_ARRAY ? list : 0;
}

text_t recall(text_t text, uint64_t most) {
  builder_t lines = {0};
  const json_t *list = kept();
  if (!list || !list->count) return (text_t){0};
  question_t question = read_question(text);
  memory_t *memories = allocate(list->count * sizeof *memories);
  size_t count = 0;
  for (const json_t *it = list->first; it; it = it->next) {
    memories[count] = (memory_t){.text = it->text};
    memories[count].words = count_terms(&question, it->text, memories[count].found);
    count++;
  }
  weigh(memories, count, &question);
  for (memory_t *it; most && (it = best(memories, count)); most--) {
    add(&lines, TEXT("- "));
    add(&lines, it->text);
    add_char(&lines, '\n');
    it->score = 0;
  }
  return built(&lines);
}

result_t remember(text_t text) {
  const json_t *list = kept();
  size_t before = list ? list->count : 0;
  builder_t json = {0};
  add_char(&json, '[');
  for (const json_t *it = list ? list->first : 0; it; it = it->next) {
    if (before-- >= MOST_MEMORIES || text_equal(it->text, text)) continue;
    add_json(&json, it->text);
    add_char(&json, ',');
  }
  add_json(&json, text);
  add_char(&json, ']');
  return state_set(KEY, built(&json));
}
