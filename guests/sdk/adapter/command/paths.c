/* Folders, and what is named in them. */
#include "preview1.h"

enum { FOLLOW = 1 };

static uint8_t type_of(uint8_t type) {
  /* unknown, block, character, folder, fifo, link, file, socket */
  return (uint8_t)(0x0604070003020100 >> (type % 8 * 8));
}

typedef struct {
  uint64_t device, inode;
  uint8_t type;
  uint64_t links, size, read, changed, status;
} filestat_t;
_Static_assert(sizeof(filestat_t) == 64, "layout");

static uint64_t moment(moment_t it) {
  return it.some ? it.value.seconds * 1000000000 + it.value.nanoseconds : 0;
}

static void put(filestat_t *to, const stat_t *from, const hash_t *hash) {
  *to = (filestat_t){
    .device = 1, .inode = hash->failed ? 0 : hash->lower, .type = type_of(from->type),
    .links = from->links, .size = from->size, .read = moment(from->read),
    .changed = moment(from->changed), .status = moment(from->status),
  };
}

EXPORT(fd_filestat_get)(uint32_t fd, filestat_t *to) {
  descriptor_t *it = descriptor(fd);
  if (!it) return BADF;
  *to = (filestat_t){0};
  if (it->kind != FOLDER && it->kind != REGULAR) return OK;
  stat_result_t out;
  file_stat(it->handle, &out);
  if (out.failed) return errno_of(out.code);
  hash_t hash;
  file_hash(it->handle, &hash);
  put(to, &out.value, &hash);
  return OK;
}

static descriptor_t *folder(uint32_t fd, int32_t *error) {
  descriptor_t *it = descriptor(fd);
  *error = !it ? BADF : NOTDIR;
  return it && it->kind == FOLDER ? it : 0;
}
#define IN_FOLDER(name, fd) int32_t error_##name; \
  descriptor_t *name = folder(fd, &error_##name); \
  if (!name) return error_##name;

EXPORT(path_filestat_get)(uint32_t fd, uint32_t flags, const char *path, uint32_t size, filestat_t *to) {
  IN_FOLDER(it, fd)
  stat_result_t out;
  file_stat_at(it->handle, flags & FOLLOW, path, size, &out);
  if (out.failed) return errno_of(out.code);
  hash_t hash;
  file_hash_at(it->handle, flags & FOLLOW, path, size, &hash);
  put(to, &out.value, &hash);
  return OK;
}

/* What preview 1 says of times: 1 a time, 2 now; in WASI 0.2, 0 is no change, 1 now, 2 a time. */
static uint32_t which(uint32_t flags) { return flags & 2 ? 1 : flags & 1 ? 2 : 0; }
enum { BILLION = 1000000000 };
#define TIMES which(flags), read / BILLION, read % BILLION, \
    which(flags >> 2), changed / BILLION, changed % BILLION

EXPORT(fd_filestat_set_times)(uint32_t fd, uint64_t read, uint64_t changed, uint32_t flags) {
  descriptor_t *it = descriptor(fd);
  if (!it || (it->kind != FOLDER && it->kind != REGULAR)) return BADF;
  if ((flags & 3) == 3 || (flags & 12) == 12) return INVAL;
  DONE(file_set_times(it->handle, TIMES, &out))
}

EXPORT(path_filestat_set_times)(uint32_t fd, uint32_t follow, const char *path, uint32_t size,
    uint64_t read, uint64_t changed, uint32_t flags) {
  IN_FOLDER(it, fd)
  if ((flags & 3) == 3 || (flags & 12) == 12) return INVAL;
  DONE(file_set_times_at(it->handle, follow & FOLLOW, path, size, TIMES, &out))
}

EXPORT(path_create_directory)(uint32_t fd, const char *path, uint32_t size) {
  IN_FOLDER(it, fd)
  DONE(file_make_folder(it->handle, path, size, &out))
}

EXPORT(path_remove_directory)(uint32_t fd, const char *path, uint32_t size) {
  IN_FOLDER(it, fd)
  DONE(file_remove_folder(it->handle, path, size, &out))
}

EXPORT(path_unlink_file)(uint32_t fd, const char *path, uint32_t size) {
  IN_FOLDER(it, fd)
  DONE(file_unlink(it->handle, path, size, &out))
}

EXPORT(path_rename)(uint32_t fd, const char *from, uint32_t size, uint32_t to_fd, const char *to,
    uint32_t to_size) {
  IN_FOLDER(it, fd)
  IN_FOLDER(other, to_fd)
  DONE(file_rename(it->handle, from, size, other->handle, to, to_size, &out))
}

EXPORT(path_link)(uint32_t fd, uint32_t flags, const char *from, uint32_t size, uint32_t to_fd,
    const char *to, uint32_t to_size) {
  IN_FOLDER(it, fd)
  IN_FOLDER(other, to_fd)
  DONE(file_link(it->handle, flags & FOLLOW, from, size, other->handle, to, to_size, &out))
}

EXPORT(path_symlink)(const char *from, uint32_t size, uint32_t fd, const char *to, uint32_t to_size) {
  IN_FOLDER(it, fd)
  DONE(file_symlink(it->handle, from, size, to, to_size, &out))
}

EXPORT(path_readlink)(uint32_t fd, const char *path, uint32_t size, char *at, uint32_t room,
    uint32_t *used) {
  IN_FOLDER(it, fd)
  text_result_t out;
  file_readlink(it->handle, path, size, &out);
  if (out.failed) return errno_of(out.code);
  *used = out.value.size < room ? out.value.size : room;
  __builtin_memcpy(at, out.value.ptr, *used);
  return OK;
}

static uint32_t open_flags(uint64_t rights, uint32_t how, uint32_t flags) {
  uint32_t wanted = 0;
  if (rights & (RIGHT_READ | RIGHT_LIST)) wanted |= FLAG_READ;
  if (rights & RIGHT_WRITE) wanted |= FLAG_WRITE;
  if (how & OPEN_FOLDER) wanted |= FLAG_READ;
  if (flags & SYNC) wanted |= FLAG_SYNC;
  if (flags & DSYNC) wanted |= FLAG_DSYNC;
  if (flags & RSYNC) wanted |= FLAG_RSYNC;
  return wanted;
}

EXPORT(path_open)(uint32_t fd, uint32_t follow, const char *path, uint32_t size, uint32_t how,
    uint64_t rights, uint64_t inherited, uint32_t flags, uint32_t *opened) {
  (void)inherited;
  IN_FOLDER(it, fd)
  uint32_t number;
  descriptor_t *made = unused(&number);
  if (!made) return MFILE;
  uint32_t wanted = open_flags(rights, how, flags);
  done_t base;
  file_flags(it->handle, &base);
  bool mutable = !base.failed && base.code & FLAG_MUTATE;
  handle_t out;
  /* What is opened may turn out to be a folder, in which more may be done then. */
  uint32_t more = mutable && !(wanted & FLAG_WRITE) ? FLAG_MUTATE : 0;
  file_open_at(it->handle, follow & FOLLOW, path, size, how, wanted | more, &out);
  if (out.failed && more && !(how & OPEN_FOLDER)) {
    file_open_at(it->handle, follow & FOLLOW, path, size, how, wanted, &out);
  }
  if (out.failed) return errno_of(out.code);
  stat_result_t stat;
  file_stat(out.value, &stat);
  bool is_folder = !stat.failed && stat.value.type == WASI_FOLDER;
  *made = (descriptor_t){.kind = is_folder ? FOLDER : REGULAR, .flags = flags & (APPEND | NONBLOCK),
                         .handle = out.value};
  *opened = number;
  return OK;
}

typedef struct { uint64_t next, inode; uint32_t size; uint8_t type, pad[3]; } dirent_t;
_Static_assert(sizeof(dirent_t) == 24, "layout");
typedef struct { char *at; uint32_t room; uint64_t cookie, number; } listing_t;

/* Puts as much of an entry as there is room for. */
static void put_part(listing_t *to, const void *bytes, uint32_t size) {
  uint32_t part = size < to->room ? size : to->room;
  __builtin_memcpy(to->at, bytes, part);
  to->at += part;
  to->room -= part;
}

static void put_entry(listing_t *to, text_t name, uint8_t type, uint64_t inode) {
  dirent_t entry = {.next = to->number + 1, .inode = inode, .size = name.size, .type = type};
  put_part(to, &entry, sizeof entry);
  put_part(to, name.ptr, name.size);
}

EXPORT(fd_readdir)(uint32_t fd, char *at, uint32_t room, uint64_t cookie, uint32_t *used) {
  IN_FOLDER(it, fd)
  handle_t list;
  file_list(it->handle, &list);
  if (list.failed) return errno_of(list.code);
  listing_t to = {at, room, cookie, 0};
  char dots[2] = {'.', '.'};
  int32_t error = OK;
  hash_t own;
  file_hash(it->handle, &own);
  for (; to.room; to.number++) {
    text_t name = {dots, (uint32_t)to.number + 1};
    if (to.number < 2) {
      /* Any number for what is above: of 0 a libc would ask, and not be told. */
      if (to.number >= cookie) put_entry(&to, name, TYPE_FOLDER, own.failed ? 1 : own.lower);
      continue;
    }
    entry_t entry;
    next_entry(list.value, &entry);
    if (entry.failed) error = errno_of(entry.code);
    if (entry.failed || !entry.some) break;
    if (to.number < cookie) continue;
    hash_t hash;
    file_hash_at(it->handle, 0, entry.name.ptr, entry.name.size, &hash);
    put_entry(&to, entry.name, type_of(entry.type), hash.failed ? 0 : hash.lower);
  }
  drop_list(list.value);
  *used = room - to.room;
  return error;
}
