/* Nearest neighbours by a hierarchical navigable small world (Malkov and Yashunin, 2016). In memory that
 * stays. A node's level comes from a hash that the caller gives, so the same nodes added in the same order
 * are the same graph. */
#ifndef GRAPH_H
#define GRAPH_H
#include "vectors.h"

typedef struct { const float *vector; uint32_t *links; uint8_t level; bool there, alive; } node_t;
typedef struct { hit_t *at; uint32_t count, room; } queue_t;

typedef struct {
  metric_t metric;
  uint32_t size, links, build; /* numbers of a vector; links of a node, twice as many on the ground; breadth of building */
  node_t *nodes;
  uint32_t room, there, alive; /* those that are there, and of them those that are found */
  uint32_t entry, top;
  uint32_t *visited, visit;    /* by node: the search that was there last */
  queue_t waiting, found;
} graph_t;

/* Takes out all that is in it. */
void graph_clear(graph_t *it);
/* A node whose number no other has. The vector stays where it is as long as the node is there. */
void graph_add(graph_t *it, uint32_t number, const float *vector, uint64_t hash);
/* It is found no longer; it stays on the way to others. */
void graph_hide(graph_t *it, uint32_t number);
/* The nodes nearest to a vector: up to `most`, best first, of a search of some breadth. `order` gives the
 * number by which equal ones are ordered. */
hits_t graph_search(graph_t *it, const float *vector, uint32_t most, uint32_t breadth, const uint32_t *order);
#endif
