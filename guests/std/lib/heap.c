/* Blocks of powers of two, each size with a list of those given back. */
#include "heap.h"

enum { SMALLEST = 4, SIZES = 32, REGION = 1 << 18 };

typedef struct free_block { struct free_block *next; } free_block_t;
static free_block_t *given[SIZES];
static char *region;
static size_t left;

static unsigned power_of(size_t size) {
  unsigned power = SMALLEST;
  while (power < SIZES - 1 && ((size_t)1 << power) < size) power++;
  return power;
}

void heap_reserve(size_t size) {
  if (left >= size) return;
  left = size < REGION ? REGION : size;
  region = allocate_again(0, 0, 16, left);
  allocator_keep();
}

void *heap_take(size_t size) {
  unsigned power = power_of(size);
  size_t whole = (size_t)1 << power;
  if (whole < size) __builtin_trap(); /* more than there can be */
  if (given[power]) {
    free_block_t *block = given[power];
    given[power] = block->next;
    return block;
  }
  if (whole >= REGION) {
    void *block = allocate_again(0, 0, 16, whole);
    allocator_keep(); /* so does what the message allocated before: once for each large block */
    return block;
  }
  heap_reserve(whole);
  void *block = region;
  region += whole;
  left -= whole;
  return block;
}

void heap_give(void *block, size_t size) {
  if (!block) return;
  unsigned power = power_of(size);
  ((free_block_t *)block)->next = given[power];
  given[power] = block;
}

void *heap_again(void *block, size_t old_size, size_t size) {
  if (block && power_of(old_size) == power_of(size)) return block;
  void *other = heap_take(size);
  if (block) {
    __builtin_memcpy(other, block, old_size < size ? old_size : size);
    heap_give(block, old_size);
  }
  return other;
}

void *heap_more(void *array, uint32_t *room, uint32_t count, size_t element) {
  if (count < *room) return array;
  uint32_t wider = *room ? *room * 2 : 8;
  array = heap_again(array, *room * element, wider * element);
  *room = wider;
  return array;
}
