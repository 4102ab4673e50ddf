/* Vectors of 32-bit numbers, with SIMD. Sums are taken in one fixed order, so the bits are the same
 * everywhere. */
#ifndef VECTORS_H
#define VECTORS_H
#include "types.h"

typedef enum { COSINE, DOT, EUCLIDEAN } metric_t;

float vector_dot(const float *left, const float *right, uint32_t size);
/* The square of the distance. */
float vector_distance(const float *left, const float *right, uint32_t size);
/* Brought to length 1; what has none stays 0. */
void vector_normalise(float *vector, uint32_t size);
void vector_add(float *to, const float *other, uint32_t size);
bool vector_finite(const float *vector, uint32_t size);
/* How near two are, the higher the nearer. For COSINE both are of length 1. */
static inline float vector_nearness(metric_t metric, const float *left, const float *right, uint32_t size) {
  return metric == EUCLIDEAN ? -vector_distance(left, right, size) : vector_dot(left, right, size);
}

/* The best so far, best first; equal ones by their number. */
typedef struct { uint32_t index; double score; } hit_t;
typedef struct { hit_t *at; uint32_t count, most; } hits_t;
hits_t hits_of(uint32_t most);
void hits_add(hits_t *to, uint32_t index, double score);
/* Whether one comes before the other. */
static inline bool hit_before(hit_t left, hit_t right) {
  return left.score != right.score ? left.score > right.score : left.index < right.index;
}
/* The best first, all of them. */
void hits_sort(hits_t *it);
#endif
