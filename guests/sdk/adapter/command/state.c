/* Descriptors, and errors. There is no data segment: nobody knows where it could lie. */
#include "preview1.h"

static void begin(state_t *it) {
  it->begun = true;
  it->all[0] = (descriptor_t){.kind = INPUT, .handle = get_stdin()};
  it->all[1] = (descriptor_t){.kind = OUTPUT, .handle = get_stdout()};
  it->all[2] = (descriptor_t){.kind = OUTPUT, .handle = get_stderr()};
  preopens_t found;
  directories(&found);
  for (uint32_t n = 0; n < found.count && n + 3 < DESCRIPTORS; n++) {
    text_t name = found.ptr[n].name;
    if (name.size > NAMES - it->names) break;
    char *kept = it->kept + it->names;
    __builtin_memcpy(kept, name.ptr, name.size);
    it->names += name.size;
    it->all[n + 3] = (descriptor_t){
      .kind = FOLDER, .preopened = true, .handle = found.ptr[n].descriptor, .name = {kept, name.size},
    };
  }
}

state_t *state(void) {
  state_t *it = room_state(); /* fresh memory is zero */
  if (!it->begun) begin(it);
  return it;
}

descriptor_t *descriptor(uint32_t fd) {
  if (fd >= DESCRIPTORS) return 0;
  descriptor_t *it = &state()->all[fd];
  return it->kind == FREE ? 0 : it;
}

descriptor_t *unused(uint32_t *fd) {
  state_t *it = state();
  for (*fd = 3; *fd < DESCRIPTORS; ++*fd) {
    if (it->all[*fd].kind == FREE) return &it->all[*fd];
  }
  return 0;
}

/* Eight errors in a number, by their place in WASI's enum. */
int32_t errno_of(uint32_t code) {
  uint64_t eight = 0;
  switch (code / 8) {
    case 0: eight = 0x1413100a08070602; break; /* exist quota deadlk busy badf already again acces */
    case 1: eight = 0x201f1d1c1b1a1916; break; /* loop isdir io inval intr inprogress ilseq fbig */
    case 2: eight = 0x33302e2c2b252322; break; /* nospc nomem nolck noent nodev nametoolong msgsize mlink */
    case 3: eight = 0x3f3d3c3b3a383736; break; /* perm overflow nxio notty notsup notrecoverable notempty notdir */
    case 4: eight = 0x4b4a464540; break; /* xdev txtbsy spipe rofs pipe */
    default: return IO;
  }
  return (int32_t)(eight >> (code % 8 * 8)) & 0xff;
}
