/* Vectors. Four sums of four lanes each, added up pairwise; then what is left, one after another. */
#include <wasm_simd128.h>

#include "vectors.h"

typedef v128_t lanes_t;

static float added_up(lanes_t a, lanes_t b, lanes_t c, lanes_t d) {
  lanes_t all = wasm_f32x4_add(wasm_f32x4_add(a, b), wasm_f32x4_add(c, d));
  return (wasm_f32x4_extract_lane(all, 0) + wasm_f32x4_extract_lane(all, 1)) +
         (wasm_f32x4_extract_lane(all, 2) + wasm_f32x4_extract_lane(all, 3));
}

float vector_dot(const float *left, const float *right, uint32_t size) {
  lanes_t sums[4] = {wasm_f32x4_splat(0), wasm_f32x4_splat(0), wasm_f32x4_splat(0), wasm_f32x4_splat(0)};
  uint32_t at = 0;
  for (; at + 16 <= size; at += 16) {
    for (int i = 0; i < 4; i++) {
      lanes_t product = wasm_f32x4_mul(wasm_v128_load(left + at + 4 * i), wasm_v128_load(right + at + 4 * i));
      sums[i] = wasm_f32x4_add(sums[i], product);
    }
  }
  float sum = added_up(sums[0], sums[1], sums[2], sums[3]);
  for (; at < size; at++) sum += left[at] * right[at];
  return sum;
}

float vector_distance(const float *left, const float *right, uint32_t size) {
  lanes_t sums[4] = {wasm_f32x4_splat(0), wasm_f32x4_splat(0), wasm_f32x4_splat(0), wasm_f32x4_splat(0)};
  uint32_t at = 0;
  for (; at + 16 <= size; at += 16) {
    for (int i = 0; i < 4; i++) {
      lanes_t apart = wasm_f32x4_sub(wasm_v128_load(left + at + 4 * i), wasm_v128_load(right + at + 4 * i));
      sums[i] = wasm_f32x4_add(sums[i], wasm_f32x4_mul(apart, apart));
    }
  }
  float sum = added_up(sums[0], sums[1], sums[2], sums[3]);
  for (; at < size; at++) sum += (left[at] - right[at]) * (left[at] - right[at]);
  return sum;
}

void vector_normalise(float *vector, uint32_t size) {
  float most = 0;
  for (uint32_t i = 0; i < size; i++) {
    float here = __builtin_fabsf(vector[i]);
    if (here > most) most = here;
  }
  /* So that no square is infinite, or nothing. */
  if (most > 1e15f || (most > 0 && most < 1e-15f)) {
    for (uint32_t i = 0; i < size; i++) vector[i] /= most;
  }
  float length = __builtin_sqrtf(vector_dot(vector, vector, size));
  if (!(length > 0)) return;
  for (uint32_t i = 0; i < size; i++) vector[i] /= length;
}

void vector_add(float *to, const float *other, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) to[i] += other[i];
}

bool vector_finite(const float *vector, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) {
    if (vector[i] - vector[i] != 0) return false;
  }
  return true;
}

/* A heap with the worst on top: who is no better than that needs no place. */
static void sink(hits_t *it, uint32_t place, uint32_t count) {
  for (;;) {
    uint32_t child = place * 2 + 1;
    if (child >= count) return;
    if (child + 1 < count && hit_before(it->at[child], it->at[child + 1])) child++;
    if (!hit_before(it->at[place], it->at[child])) return;
    hit_t here = it->at[place];
    it->at[place] = it->at[child];
    it->at[child] = here;
    place = child;
  }
}

hits_t hits_of(uint32_t most) {
  return (hits_t){allocate((size_t)most * sizeof(hit_t) + 1), 0, most};
}

void hits_add(hits_t *to, uint32_t index, double score) {
  hit_t hit = {index, score};
  if (to->count == to->most) {
    if (!to->most || !hit_before(hit, to->at[0])) return;
    to->at[0] = hit;
    sink(to, 0, to->count);
    return;
  }
  uint32_t place = to->count++;
  while (place && hit_before(to->at[(place - 1) / 2], hit)) {
    to->at[place] = to->at[(place - 1) / 2];
    place = (place - 1) / 2;
  }
  to->at[place] = hit;
}

void hits_sort(hits_t *it) {
  for (uint32_t left = it->count; left > 1; left--) {
    hit_t worst = it->at[0];
    it->at[0] = it->at[left - 1];
    it->at[left - 1] = worst;
    sink(it, 0, left - 1);
  }
}
