/* Reading, writing and knowing what is open. */
#include "preview1.h"

enum { PART = 32768, STREAM_PART = 4096 };

static int32_t stream_error(const stream_t *out) {
  if (out->closed) return OK; /* the end of it */
  drop_error(out->error);
  return IO;
}

static const vector_t *first(const vector_t *vectors, uint32_t count) {
  while (count && vectors->size == 0) vectors++, count--;
  return count ? vectors : 0;
}

static int32_t read_at(descriptor_t *it, const vector_t *into, uint64_t at, uint32_t *size) {
  read_t out;
  file_read(it->handle, into->size < PART ? into->size : PART, at, &out);
  if (out.failed) return errno_of(out.code);
  __builtin_memcpy(into->ptr, out.bytes.ptr, out.bytes.size);
  *size = out.bytes.size;
  return OK;
}

EXPORT(fd_read)(uint32_t fd, const vector_t *vectors, uint32_t count, uint32_t *size) {
  descriptor_t *it = descriptor(fd);
  *size = 0;
  if (!it || it->kind == OUTPUT) return BADF;
  if (it->kind == FOLDER) return ISDIR;
  const vector_t *into = first(vectors, count);
  if (!into) return OK;
  if (it->kind == REGULAR) {
    int32_t error = read_at(it, into, it->at, size);
    it->at += *size;
    return error;
  }
  stream_t out;
  input_read(it->handle, into->size < PART ? into->size : PART, &out);
  if (out.failed) return stream_error(&out);
  __builtin_memcpy(into->ptr, out.value.ptr, out.value.size);
  *size = out.value.size;
  return OK;
}

EXPORT(fd_pread)(uint32_t fd, const vector_t *vectors, uint32_t count, uint64_t at, uint32_t *size) {
  descriptor_t *it = descriptor(fd);
  *size = 0;
  if (!it) return BADF;
  if (it->kind != REGULAR) return it->kind == FOLDER ? ISDIR : SPIPE;
  const vector_t *into = first(vectors, count);
  return into ? read_at(it, into, at, size) : OK;
}

static int32_t write_at(descriptor_t *it, const vector_t *vectors, uint32_t count, uint64_t at, uint32_t *size) {
  for (uint32_t n = 0; n < count; n++) {
    for (uint32_t gone = 0; gone < vectors[n].size;) {
      size_result_t out;
      file_write(it->handle, vectors[n].ptr + gone, vectors[n].size - gone, at, &out);
      if (out.failed) return *size ? OK : errno_of(out.code);
      if (out.value == 0) return OK;
      gone += out.value;
      at += out.value;
      *size += out.value;
    }
  }
  return OK;
}

static int32_t write_stream(descriptor_t *it, const vector_t *vectors, uint32_t count, uint32_t *size) {
  for (uint32_t n = 0; n < count; n++) {
    for (uint32_t gone = 0; gone < vectors[n].size;) {
      uint32_t part = vectors[n].size - gone;
      if (part > STREAM_PART) part = STREAM_PART;
      stream_t out;
      output_write(it->handle, vectors[n].ptr + gone, part, &out);
      if (out.failed) {
        if (!out.closed) drop_error(out.error);
        return *size ? OK : IO;
      }
      gone += part;
      *size += part;
    }
  }
  return OK;
}

static int32_t end_of(descriptor_t *it, uint64_t *at) {
  stat_result_t out;
  file_stat(it->handle, &out);
  if (out.failed) return errno_of(out.code);
  *at = out.value.size;
  return OK;
}

EXPORT(fd_write)(uint32_t fd, const vector_t *vectors, uint32_t count, uint32_t *size) {
  descriptor_t *it = descriptor(fd);
  *size = 0;
  if (!it || it->kind == INPUT) return BADF;
  if (it->kind == FOLDER) return BADF;
  if (it->kind == OUTPUT) return write_stream(it, vectors, count, size);
  if (it->flags & APPEND) {
    int32_t error = end_of(it, &it->at);
    if (error) return error;
  }
  int32_t error = write_at(it, vectors, count, it->at, size);
  it->at += *size;
  return error;
}

EXPORT(fd_pwrite)(uint32_t fd, const vector_t *vectors, uint32_t count, uint64_t at, uint32_t *size) {
  descriptor_t *it = descriptor(fd);
  *size = 0;
  if (!it) return BADF;
  if (it->kind != REGULAR) return it->kind == FOLDER ? BADF : SPIPE;
  return write_at(it, vectors, count, at, size);
}

EXPORT(fd_seek)(uint32_t fd, int64_t by, uint32_t whence, uint64_t *out) {
  descriptor_t *it = descriptor(fd);
  if (!it) return BADF;
  if (it->kind != REGULAR) return it->kind == FOLDER ? BADF : SPIPE;
  uint64_t from = whence == 1 ? it->at : 0;
  if (whence > 2) return INVAL;
  if (whence == 2) {
    int32_t error = end_of(it, &from);
    if (error) return error;
  }
  int64_t at;
  if (__builtin_add_overflow((int64_t)from, by, &at) || at < 0) return INVAL;
  *out = it->at = (uint64_t)at;
  return OK;
}

EXPORT(fd_tell)(uint32_t fd, uint64_t *out) { return fd_seek(fd, 0, 1, out); }

EXPORT(fd_close)(uint32_t fd) {
  descriptor_t *it = descriptor(fd);
  if (!it) return BADF;
  if (it->kind == FOLDER || it->kind == REGULAR) drop_descriptor(it->handle);
  *it = (descriptor_t){0};
  return OK;
}

EXPORT(fd_renumber)(uint32_t fd, uint32_t to) {
  descriptor_t *it = descriptor(fd), *other = descriptor(to);
  if (!it || !other) return BADF;
  if (it == other) return OK;
  fd_close(to);
  *other = *it;
  *it = (descriptor_t){0};
  return OK;
}

typedef struct { uint8_t type; uint16_t flags; uint64_t rights, inherited; } fdstat_t;
_Static_assert(sizeof(fdstat_t) == 24, "layout");

EXPORT(fd_fdstat_get)(uint32_t fd, fdstat_t *out) {
  descriptor_t *it = descriptor(fd);
  if (!it) return BADF;
  *out = (fdstat_t){.flags = it->flags};
  if (it->kind == INPUT) out->rights = RIGHT_READ;
  if (it->kind == OUTPUT) out->rights = RIGHT_WRITE;
  if (it->kind == INPUT || it->kind == OUTPUT) return OK;
  done_t flags;
  file_flags(it->handle, &flags);
  if (flags.failed) return errno_of(flags.code);
  out->type = it->kind == FOLDER ? TYPE_FOLDER : TYPE_FILE;
  uint64_t all = 0x1fffffff & ~(uint64_t)(RIGHT_READ | RIGHT_WRITE);
  if (it->kind == FOLDER) {
    out->rights = all & ~(uint64_t)(RIGHT_SEEK | RIGHT_TELL);
    out->inherited = 0x1fffffff;
  } else {
    out->rights = all & ~(uint64_t)RIGHT_LIST;
    if (flags.code & FLAG_READ) out->rights |= RIGHT_READ;
    if (flags.code & FLAG_WRITE) out->rights |= RIGHT_WRITE;
  }
  return OK;
}

EXPORT(fd_fdstat_set_flags)(uint32_t fd, uint32_t flags) {
  descriptor_t *it = descriptor(fd);
  if (!it) return BADF;
  if (flags & (DSYNC | RSYNC | SYNC)) return NOTSUP;
  it->flags = flags;
  return OK;
}

EXPORT(fd_fdstat_set_rights)(uint32_t fd, uint64_t base, uint64_t inherited) {
  (void)base, (void)inherited;
  return descriptor(fd) ? NOTSUP : BADF;
}

typedef struct { uint8_t type; uint32_t name_size; } prestat_t;

EXPORT(fd_prestat_get)(uint32_t fd, prestat_t *out) {
  descriptor_t *it = descriptor(fd);
  if (!it || !it->preopened) return BADF;
  *out = (prestat_t){0, it->name.size};
  return OK;
}

EXPORT(fd_prestat_dir_name)(uint32_t fd, char *at, uint32_t size) {
  descriptor_t *it = descriptor(fd);
  if (!it || !it->preopened) return BADF;
  if (size < it->name.size) return NAMETOOLONG;
  __builtin_memcpy(at, it->name.ptr, it->name.size);
  return OK;
}

/* A descriptor that stands for something in the file system. */
static descriptor_t *on_disk(uint32_t fd) {
  descriptor_t *it = descriptor(fd);
  return it && (it->kind == FOLDER || it->kind == REGULAR) ? it : 0;
}

EXPORT(fd_advise)(uint32_t fd, uint64_t at, uint64_t size, uint32_t advice) {
  (void)at, (void)size;
  if (advice > 5) return INVAL;
  descriptor_t *it = descriptor(fd);
  return !it ? BADF : it->kind == REGULAR ? OK : SPIPE;
}

EXPORT(fd_allocate)(uint32_t fd, uint64_t at, uint64_t size) {
  (void)at, (void)size;
  return descriptor(fd) ? NOTSUP : BADF;
}

EXPORT(fd_datasync)(uint32_t fd) {
  descriptor_t *it = on_disk(fd);
  if (!it) return descriptor(fd) ? INVAL : BADF;
  DONE(file_sync_data(it->handle, &out))
}

EXPORT(fd_sync)(uint32_t fd) {
  descriptor_t *it = on_disk(fd);
  if (!it) return descriptor(fd) ? INVAL : BADF;
  DONE(file_sync(it->handle, &out))
}

EXPORT(fd_filestat_set_size)(uint32_t fd, uint64_t size) {
  descriptor_t *it = on_disk(fd);
  if (!it) return BADF;
  if (it->kind == FOLDER) return ISDIR;
  DONE(file_set_size(it->handle, size, &out))
}
