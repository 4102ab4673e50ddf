/* Beside an agent: what it does with a state that another component wrote (wasm-engine:migration).
 *
 * Include this in one file, and write `agent_migrate`. It is called when the component is swapped
 * in, once for each agent of its kind that has a state; nothing but `config` and `log` is there. */
#ifndef WASM_ENGINE_MIGRATION_H
#define WASM_ENGINE_MIGRATION_H
#include "types.h"

typedef struct { text_t key; body_t value; } entry_t;
typedef struct { const entry_t *ptr; size_t count; } entries_t;
typedef struct { bool failed; union { entries_t entries; text_t why; }; } migrated_t;
_Static_assert(sizeof(entry_t) == 20 && sizeof(migrated_t) == 12, "layout");

/* What the agent keeps from now on, of what it kept. `origin` is the digest, in hexadecimal, of the
 * component that wrote it. `cannot_migrate(why)` refuses the swap. */
migrated_t agent_migrate(text_t origin, entries_t entries);

static inline migrated_t migrated(const entry_t *ptr, size_t count) {
  return (migrated_t){.entries = {ptr, count}};
}
static inline migrated_t cannot_migrate(text_t why) {
  return (migrated_t){.failed = true, .why = why};
}

#define MIGRATION "wasm-engine:migration/migration@0.1.0#"

EXPORT(MIGRATION "offered") int32_t export_offered(void) { return 1; }

EXPORT(MIGRATION "migrate") const migrated_t *export_migrate(const char *origin,
    size_t origin_size, const entry_t *entries, size_t count) {
  static migrated_t outcome;
  outcome = agent_migrate((text_t){origin, origin_size}, (entries_t){entries, count});
  return &outcome;
}

EXPORT("cabi_post_" MIGRATION "migrate") void after_migrate(const migrated_t *result) {
  (void)result;
  allocator_release();
}
#endif
