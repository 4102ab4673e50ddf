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

static const double POWERS[] = {
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

static double scaled(double number, int64_t power) {
  for (; power > 22; power -= 22) number *= POWERS[22];
  for (; power < -22; power += 22) number /= POWERS[22];
  return power < 0 ? number / POWERS[-power] : number * POWERS[power];
}

static bool digit(const text_t *text, size_t at) {
  return at < text->size && text->ptr[at] >= '0' && text->ptr[at] <= '9';
}

bool read_number(text_t text, double *number) {
  size_t at = 0;
  uint64_t digits = 0;
  int64_t power = 0, exponent = 0;
  bool minus = text.size && text.ptr[0] == '-', pointed = false;
  at += minus;
  if (!digit(&text, at)) return false;
  for (;; at++) {
    if (!pointed && at < text.size && text.ptr[at] == '.' && digit(&text, at + 1)) {
      pointed = true;
    } else if (digit(&text, at)) {
      if (digits < 100000000000000000ULL) {
        digits = digits * 10 + (uint64_t)(text.ptr[at] - '0');
        power -= pointed;
      } else {
        power += !pointed;
      }
    } else {
      break;
    }
  }
  if (at < text.size && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
    bool down = ++at < text.size && text.ptr[at] == '-';
    if (at < text.size && (text.ptr[at] == '-' || text.ptr[at] == '+')) at++;
    if (!digit(&text, at)) return false;
    for (; digit(&text, at); at++) {
      if (exponent < 10000) exponent = exponent * 10 + (text.ptr[at] - '0');
    }
    if (down) exponent = -exponent;
  }
  if (at != text.size) return false;
  power += exponent;
  if (power > 700) power = 700;
  if (power < -700) power = -700;
  double value = digits ? scaled((double)digits, power) : 0;
  *number = minus ? -value : value;
  return is_finite(value);
}

void add_decimal(builder_t *to, double number) {
  if (!(number > -1e15 && number < 1e15)) {
    add(to, TEXT("null"));
    return;
  }
  bool minus = number < 0;
  uint64_t whole = (uint64_t)((minus ? -number : number) * 1e6 + 0.5);
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
