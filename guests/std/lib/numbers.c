/* Numbers without a libc. Only exactly rounded operations in a fixed order, so the bits are the same
 * on every machine. */
#include "numbers.h"

static const double LN2 = 0.69314718055994530942;

double natural_log(double x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  int64_t exponent = (int64_t)(bits >> 52) - 1023;
  if (exponent == -1023) return natural_log(x * 4503599627370496.0) - 52 * LN2;
  bits = (bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL;
  double m;
  __builtin_memcpy(&m, &bits, sizeof m);
  if (m > 1.4142135623730951) m /= 2, exponent++;
  double y = (m - 1) / (m + 1), square = y * y, sum = 0;
  for (int n = 25; n > 0; n -= 2) sum = sum * square + 1.0 / n;
  return (double)exponent * LN2 + 2 * y * sum;
}

void add_decimal(builder_t *to, double number) {
  if (!(number > -1e15 && number < 1e15)) {
    add(to, TEXT("null"));
    return;
  }
  bool minus = number < 0;
  double size = minus ? -number : number;
  if (size >= 1e12) { /* six places more would not fit into 64 bits */
    if (minus) add_char(to, '-');
    add_number(to, (uint64_t)(size + 0.5));
    return;
  }
  uint64_t whole = (uint64_t)(size * 1e6 + 0.5);
  if (minus && whole) add_char(to, '-');
  add_number(to, whole / 1000000);
  uint64_t rest = whole % 1000000;
  if (!rest) return;
  add_char(to, '.');
  for (uint64_t place = 100000; rest; place /= 10) {
    add_char(to, (char)('0' + rest / place));
    rest %= place;
  }
}

uint32_t hash_of(text_t text) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < text.size; i++) hash = (hash ^ (uint8_t)text.ptr[i]) * 16777619u;
  return hash;
}

uint64_t spread_hash(text_t text) {
  uint64_t hash = 14695981039346656037ULL;
  for (size_t i = 0; i < text.size; i++) hash = (hash ^ (uint8_t)text.ptr[i]) * 1099511628211ULL;
  hash += 0x9e3779b97f4a7c15ULL;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31);
}
