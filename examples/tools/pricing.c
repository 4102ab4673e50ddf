/* A tool in C: functions of WIT types, no agent. Build: python guests/build.py pricing
 *
 * The structs are laid out as the canonical ABI has the types of pricing.wit in memory. */
#include "text.h"

#define QUOTES "example:pricing/quotes@1.0.0#"
#define BOX 12

typedef struct { text_t good; uint32_t count; uint8_t unit; } line_t;
typedef struct { uint64_t cents; bool noted; text_t note; } quote_t;
typedef struct { bool failed; union { quote_t value; text_t error; }; } priced_t;
_Static_assert(sizeof(line_t) == 16 && offsetof(priced_t, value) == 8, "layout");
_Static_assert(offsetof(quote_t, note) == 12, "layout");

static const struct { text_t name; uint64_t cents; } SOLD[] = {
  {{"cups", 4}, 310}, {{"pots", 4}, 1250}, {{"tea", 3}, 340},
};
enum { COUNT = sizeof SOLD / sizeof *SOLD };

static text_t names[COUNT];
static text_list_t list = {names, COUNT};
static priced_t priced;

EXPORT(QUOTES "goods") const text_list_t *goods(void) {
  for (int i = 0; i < COUNT; i++) names[i] = SOLD[i].name;
  return &list;
}

static const priced_t *refused(text_t good) {
  builder_t why = {0};
  add(&why, TEXT("nobody sells "));
  add(&why, good);
  priced = (priced_t){.failed = true, .error = built(&why)};
  return &priced;
}

EXPORT(QUOTES "price") const priced_t *price(const line_t *lines, size_t count, int32_t discounted,
    int32_t discount) {
  uint64_t cents = 0;
  for (size_t i = 0; i < count; i++) {
    int at = 0;
    while (at < COUNT && !text_equal(SOLD[at].name, lines[i].good)) at++;
    if (at == COUNT) return refused(lines[i].good);
    cents += SOLD[at].cents * lines[i].count * (lines[i].unit ? BOX : 1);
  }
  quote_t quote = {.cents = cents};
  if (discounted) {
    if (discount > 100) discount = 100;
    builder_t note = {0};
    add_number(&note, (uint64_t)discount);
    add(&note, TEXT(" % off"));
    quote = (quote_t){cents * (100 - (uint64_t)discount) / 100, true, built(&note)};
  }
  priced = (priced_t){.failed = false, .value = quote};
  return &priced;
}

/* What a call allocated is free again; the answer was read before. */
EXPORT("cabi_post_" QUOTES "price") void after_price(const priced_t *answer) {
  (void)answer;
  allocator_release();
}
