/* Mounted folders. A path belongs to the preopened directory with the longest name that begins it. */
#include "files.h"

typedef struct { int32_t descriptor; text_t name; } preopen_t;
typedef struct { const preopen_t *ptr; size_t count; } preopens_t;
typedef struct { bool failed; union { int32_t handle; uint8_t code; }; } opened_t;
typedef struct { bool some; uint64_t seconds; uint32_t nanoseconds; } moment_t;
typedef struct { uint8_t type; uint64_t links, size; moment_t times[3]; } stat_t;
typedef struct { bool failed; union { stat_t value; uint8_t code; }; } stat_result_t;
typedef struct { bool failed; union { struct { text_t data; bool last; }; uint8_t code; }; } data_t;
typedef struct { bool some; struct { uint8_t type; text_t name; } it; } entry_t;
typedef struct { bool failed; union { entry_t value; uint8_t code; }; } entry_result_t;
_Static_assert(sizeof(stat_result_t) == 104 && sizeof(data_t) == 16, "layout");
_Static_assert(sizeof(entry_result_t) == 20 && sizeof(preopen_t) == 12, "layout");

#define FROM(interface, name) \
  __attribute__((import_module("wasi:filesystem/" interface "@0.2.3"), import_name(name)))
#define OF_DESCRIPTOR(name) FROM("types", "[method]descriptor." name)
FROM("preopens", "get-directories") void get_directories(preopens_t *out);
FROM("types", "[resource-drop]descriptor") void drop_descriptor(int32_t it);
FROM("types", "[resource-drop]directory-entry-stream") void drop_entries(int32_t it);
FROM("types", "[method]directory-entry-stream.read-directory-entry") void next_entry(int32_t it,
    entry_result_t *out);
OF_DESCRIPTOR("open-at") void open_at(int32_t it, int32_t path_flags, const char *path, size_t size,
    int32_t open_flags, int32_t flags, opened_t *out);
OF_DESCRIPTOR("read") void read_at(int32_t it, uint64_t count, uint64_t offset, data_t *out);
OF_DESCRIPTOR("stat") void stat_of(int32_t it, stat_result_t *out);
OF_DESCRIPTOR("read-directory") void read_directory(int32_t it, opened_t *out);

enum { FOLLOW = 1, DIRECTORY = 2, READ = 1, IS_DIRECTORY = 3, IS_FILE = 6, DEEPEST = 32 };

static bool below(text_t path, text_t folder) {
  if (text_equal(folder, TEXT("/"))) return path.size > 1 && path.ptr[0] == '/';
  return text_starts(path, folder) &&
         (path.size == folder.size || path.ptr[folder.size] == '/');
}

static bool open_path(text_t path, int32_t open_flags, int32_t *handle) {
  preopens_t all;
  get_directories(&all);
  const preopen_t *found = 0;
  for (size_t i = 0; i < all.count; i++) {
    const preopen_t *it = &all.ptr[i];
    if (below(path, it->name) && (!found || it->name.size > found->name.size)) found = it;
  }
  opened_t opened = {.failed = true};
  if (found) {
    size_t skip = found->name.size;
    while (skip < path.size && path.ptr[skip] == '/') skip++;
    text_t rest = skip < path.size ? (text_t){path.ptr + skip, path.size - skip} : TEXT(".");
    open_at(found->descriptor, FOLLOW, rest.ptr, rest.size, open_flags, READ, &opened);
  }
  for (size_t i = 0; i < all.count; i++) drop_descriptor(all.ptr[i].descriptor);
  if (!opened.failed) *handle = opened.handle;
  return !opened.failed;
}

bool file_open(text_t path, file_t *file) {
  if (!open_path(path, 0, &file->handle)) return false;
  stat_result_t about;
  stat_of(file->handle, &about);
  if (about.failed || about.value.type != IS_FILE) {
    drop_descriptor(file->handle);
    return false;
  }
  file->size = about.value.size;
  return true;
}

void file_close(file_t *file) { drop_descriptor(file->handle); }

bool file_read_at(const file_t *file, uint64_t start, char *into, size_t size) {
  while (size) {
    data_t read;
    read_at(file->handle, size, start, &read);
    if (read.failed || !read.data.size || read.data.size > size) return false;
    __builtin_memcpy(into, read.data.ptr, read.data.size);
    start += read.data.size;
    into += read.data.size;
    size -= read.data.size;
  }
  return true;
}

bool file_read_all(text_t path, text_t *data) {
  file_t file;
  if (!file_open(path, &file)) return false;
  bool fits = file.size < ((uint64_t)1 << 30);
  char *into = fits ? allocate((size_t)file.size) : 0;
  bool read = fits && file_read_at(&file, 0, into, (size_t)file.size);
  file_close(&file);
  *data = (text_t){into, (size_t)file.size};
  return read;
}

typedef struct { text_t *at; uint32_t count, room; } names_t;

static void add_name(names_t *to, text_t name) {
  if (to->count == to->room) {
    uint32_t room = to->room ? to->room * 2 : 64;
    to->at = allocate_again(to->at, to->room * sizeof(text_t), 8, room * sizeof(text_t));
    to->room = room;
  }
  to->at[to->count++] = name;
}

/* The engine lists names in the order of their bytes. */
static bool add_below(text_t folder, names_t *to, int depth) {
  int32_t handle;
  opened_t entries;
  if (depth > DEEPEST || !open_path(folder, DIRECTORY, &handle)) return false;
  read_directory(handle, &entries);
  drop_descriptor(handle);
  if (entries.failed) return false;
  bool good = true;
  for (;;) {
    entry_result_t entry;
    next_entry(entries.handle, &entry);
    good = good && !entry.failed;
    if (entry.failed || !entry.value.some) break;
    builder_t path = {0};
    add(&path, folder);
    if (folder.ptr[folder.size - 1] != '/') add_char(&path, '/');
    add(&path, entry.value.it.name);
    if (entry.value.it.type == IS_FILE) add_name(to, built(&path));
    if (entry.value.it.type == IS_DIRECTORY) good = add_below(built(&path), to, depth + 1) && good;
  }
  drop_entries(entries.handle);
  return good;
}

bool files_below(text_t folder, text_list_t *paths) {
  names_t found = {0};
  if (!folder.size || !add_below(folder, &found, 0)) return false;
  *paths = (text_list_t){found.at, found.count};
  return true;
}
