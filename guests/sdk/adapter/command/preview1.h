/* Preview 1 as programs know it, and what the adapter remembers of its descriptors. */
#ifndef WASM_ENGINE_COMMAND_PREVIEW1_H
#define WASM_ENGINE_COMMAND_PREVIEW1_H
#include "wasi.h"

/* Errors of preview 1. */
enum { OK = 0, BADF = 8, INVAL = 28, IO = 29, ISDIR = 31, MFILE = 33, NAMETOOLONG = 37, NOTDIR = 54,
       NOTSOCK = 57, NOTSUP = 58, SPIPE = 70 };
/* File types of preview 1. */
enum { TYPE_FOLDER = 3, TYPE_FILE = 4 };
/* Types in WASI 0.2: the place in its enum. */
enum { WASI_FOLDER = 3 };
/* Flags of descriptors in preview 1, and in WASI 0.2. */
enum { APPEND = 1, DSYNC = 2, NONBLOCK = 4, RSYNC = 8, SYNC = 16 };
enum { FLAG_READ = 1, FLAG_WRITE = 2, FLAG_SYNC = 4, FLAG_DSYNC = 8, FLAG_RSYNC = 16, FLAG_MUTATE = 32 };
enum { OPEN_CREATE = 1, OPEN_FOLDER = 2, OPEN_EXCLUSIVE = 4, OPEN_TRUNCATE = 8 };
enum { RIGHT_READ = 1 << 1, RIGHT_SEEK = 1 << 2, RIGHT_TELL = 1 << 5, RIGHT_WRITE = 1 << 6,
       RIGHT_LIST = 1 << 14 };

typedef enum { FREE, INPUT, OUTPUT, FOLDER, REGULAR } kind_t;
typedef struct {
  uint8_t kind, flags;
  bool preopened;
  uint32_t handle;
  uint64_t at;   /* where the next read or write begins */
  text_t name;   /* of a preopened folder */
} descriptor_t;

enum { DESCRIPTORS = 512, NAMES = 4096 };
typedef struct {
  bool begun;
  uint32_t names; /* bytes of `kept` that are taken */
  descriptor_t all[DESCRIPTORS];
  char kept[NAMES];
} state_t;
_Static_assert(sizeof(state_t) <= 32768, "it has 32 KiB");

typedef struct { char *ptr; uint32_t size; } vector_t;

state_t *state(void);
/* The descriptor, or null. */
descriptor_t *descriptor(uint32_t fd);
/* One that is free, or null. */
descriptor_t *unused(uint32_t *fd);
/* The error of preview 1 for one of WASI 0.2. */
int32_t errno_of(uint32_t code);
#define DONE(call) { done_t out; call; return out.failed ? errno_of(out.code) : OK; }
#define EXPORT(name) __attribute__((export_name(#name))) int32_t name
#endif
