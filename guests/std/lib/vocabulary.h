/* Texts and their numbers, both ways; in memory that stays. */
#ifndef VOCABULARY_H
#define VOCABULARY_H
#include "text.h"

enum { NOTHING = 0xffffffff };

typedef struct {
  text_t *names;     /* by number; without a `ptr` where there is none */
  uint32_t room;
  uint32_t *slots;   /* numbers + 1, by hash */
  uint32_t mask, count;
  size_t longest;    /* bytes of the longest name */
} vocabulary_t;

/* With room for so many. */
void vocabulary_begin(vocabulary_t *it, uint32_t names);
/* The name is kept where it lies. Of two with a name the first counts. */
void vocabulary_add(vocabulary_t *it, text_t name, uint32_t number);
/* A number's name that is not looked for; after all that are. */
void vocabulary_note(vocabulary_t *it, text_t name, uint32_t number);
/* NOTHING where there is none. */
uint32_t vocabulary_find(const vocabulary_t *it, text_t name);
uint32_t vocabulary_find_hashed(const vocabulary_t *it, text_t name, uint32_t hash);
static inline text_t vocabulary_name(const vocabulary_t *it, uint32_t number) {
  return number < it->room ? it->names[number] : (text_t){0};
}
#endif
