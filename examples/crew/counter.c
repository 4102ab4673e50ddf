/* Counts words and sentences, at which language models are bad. Build: python guests/build.py counter */
#include "types.h"

#define COUNTER "example:counter/counter@0.1.0#"

typedef struct { uint32_t words, sentences, longest; } measures_t;

static bool is_in_word(char c) {
  char low = (char)(c | 32);
  bool plain = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
  return plain || c == '\'' || c == '-' || (unsigned char)c >= 128;
}

EXPORT(COUNTER "measure") const measures_t *measure(const char *text, size_t size) {
  static measures_t found;
  uint32_t here = 0; /* words of the sentence so far */
  found = (measures_t){0};
  for (size_t at = 0; at <= size; at++) {
    char c = at < size ? text[at] : '.'; /* the last sentence may lack its end */
    if (is_in_word(c)) {
      bool begins = at == 0 || !is_in_word(text[at - 1]);
      found.words += begins;
      here += begins;
    } else if ((c == '.' || c == '!' || c == '?') && here) {
      found.sentences++;
      if (here > found.longest) found.longest = here;
      here = 0;
    }
  }
  return &found;
}

EXPORT("cabi_post_" COUNTER "measure") void after_measure(const measures_t *result) {
  (void)result;
  allocator_release();
}
