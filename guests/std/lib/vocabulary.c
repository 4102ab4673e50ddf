/* A table of open addresses. */
#include "vocabulary.h"
#include "heap.h"
#include "numbers.h"

static void make_slots(vocabulary_t *it, uint32_t least) {
  uint32_t size = 16;
  while (size < least * 2) size *= 2;
  it->slots = heap_take(size * sizeof(uint32_t));
  it->mask = size - 1;
  for (uint32_t i = 0; i < size; i++) it->slots[i] = 0;
}

static void put(vocabulary_t *it, uint32_t number, uint32_t hash) {
  uint32_t slot = hash & it->mask;
  while (it->slots[slot]) slot = (slot + 1) & it->mask;
  it->slots[slot] = number + 1;
}

void vocabulary_begin(vocabulary_t *it, uint32_t names) {
  *it = (vocabulary_t){.room = names < 8 ? 8 : names};
  it->names = heap_take(it->room * sizeof(text_t));
  __builtin_memset(it->names, 0, it->room * sizeof(text_t));
  make_slots(it, it->room);
}

static void make_room(vocabulary_t *it, uint32_t number) {
  if (number < it->room) return;
  uint32_t room = it->room * 2;
  while (room <= number) room *= 2;
  it->names = heap_again(it->names, it->room * sizeof(text_t), room * sizeof(text_t));
  __builtin_memset(it->names + it->room, 0, (room - it->room) * sizeof(text_t));
  it->room = room;
}

void vocabulary_add(vocabulary_t *it, text_t name, uint32_t number) {
  uint32_t hash = hash_of(name);
  if (vocabulary_find_hashed(it, name, hash) != NOTHING) return;
  make_room(it, number);
  if (!it->names[number].ptr) it->count++;
  it->names[number] = name.ptr ? name : TEXT("");
  if (name.size > it->longest) it->longest = name.size;
  if (it->count * 2 > it->mask) {
    heap_give(it->slots, (it->mask + 1) * sizeof(uint32_t));
    make_slots(it, it->count * 2);
    for (uint32_t i = 0; i < it->room; i++) {
      if (it->names[i].ptr) put(it, i, hash_of(it->names[i]));
    }
  } else {
    put(it, number, hash);
  }
}

void vocabulary_note(vocabulary_t *it, text_t name, uint32_t number) {
  make_room(it, number);
  if (!it->names[number].ptr) it->names[number] = name;
}

uint32_t vocabulary_find_hashed(const vocabulary_t *it, text_t name, uint32_t hash) {
  for (uint32_t slot = hash & it->mask; it->slots[slot]; slot = (slot + 1) & it->mask) {
    uint32_t number = it->slots[slot] - 1;
    if (it->names[number].size == name.size && text_equal(it->names[number], name)) return number;
  }
  return NOTHING;
}

uint32_t vocabulary_find(const vocabulary_t *it, text_t name) {
  return vocabulary_find_hashed(it, name, hash_of(name));
}
