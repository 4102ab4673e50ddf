/* Memory that outlives a message, for agents that stay; what the kit's allocator gives is gone with it. */
#ifndef HEAP_H
#define HEAP_H
#include "types.h"

void *heap_take(size_t size);
/* Sees to it that so much can be taken. What a message allocated before memory is added stays for good, so
 * this is best done at its beginning. */
void heap_reserve(size_t size);
void heap_give(void *block, size_t size);
/* A block of another size with the same beginning; the old one is given back. */
void *heap_again(void *block, size_t old_size, size_t size);

/* Room for one more element at the end of an array of `count`, which has room for `*room`. */
void *heap_more(void *array, uint32_t *room, uint32_t count, size_t element);
#define MORE(list) \
  ((list).at = heap_more((list).at, &(list).room, (list).count, sizeof *(list).at))
#define PUSH(list, value) (MORE(list), (list).at[(list).count++] = (value))
#endif
