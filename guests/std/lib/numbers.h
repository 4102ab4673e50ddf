/* Numbers without a libc, the same bits everywhere. */
#ifndef NUMBERS_H
#define NUMBERS_H
#include "text.h"

/* Natural logarithm of a positive number. */
double natural_log(double x);
static inline double square_root(double x) { return __builtin_sqrt(x); }
static inline bool is_finite(double x) { return x - x == 0; }

/* With at most six digits behind the point; what is no number, or beyond 10^15, becomes `null`. */
void add_decimal(builder_t *to, double number);
/* FNV-1a. */
uint32_t hash_of(text_t text);
/* A hash whose bits are all of use (splitmix64 of FNV-1a, 64 bits). */
uint64_t spread_hash(text_t text);
#endif
