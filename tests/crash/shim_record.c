/* The one log of all that is done to a folder, and the count that decides when the process dies.
 *
 *   CRASH_ROOT  the folder that is watched, with all below it, but for files *-shm
 *   CRASH_LOG   where records are appended
 *   CRASH_KILL  the number of the operation before which the process kills itself
 *   CRASH_FAIL  CLASS:FIRST:ERRNO:COUNT, operations that fail: `changes`, `syncs` or `names`
 *   CRASH_SYNC  `real`; `quick` (syncs are noted and not made); `lie` (neither)
 *   CRASH_TICK  nanoseconds that the steady clock gains with each reading
 */
#define _GNU_SOURCE
#include "shim.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { HIGH_DESCRIPTOR = 900 };
static const char *const CLASS_NAMES[CLASSES] = {"changes", "syncs", "names", "others"};

static pid_t owner;
static int log_fd = -1;
static char root[4096];
static size_t root_size;
static long kill_at, arrived, ticking;
static long fail_first, fail_count, fail_error, seen[CLASSES];
static enum class fail_class = CLASSES;
static bool quick = true, lying;
static atomic_flag busy = ATOMIC_FLAG_INIT;

static long number(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

static void read_failure(void) {
  char class[16] = "";
  const char *text = getenv("CRASH_FAIL");
  if (!text) return;
  int found = sscanf(text, "%15[^:]:%ld:%ld:%ld", class, &fail_first, &fail_error, &fail_count);
  if (found != 4) abort();
  for (int i = 0; i < CLASSES; i++)
    if (!strcmp(class, CLASS_NAMES[i])) fail_class = (enum class)i;
}

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("CRASH_ROOT"), *file = getenv("CRASH_LOG"), *sync = getenv("CRASH_SYNC");
  /* Processes that ours starts inherit all of this; only ours is watched. */
  if (!folder || !file || getenv("CRASH_OWNER")) return;
  if (!realpath(folder, root)) abort();
  root_size = strlen(root);
  int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  log_fd = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
  if (log_fd < 0) abort();
  syscall(SYS_close, fd);
  kill_at = number("CRASH_KILL");
  ticking = number("CRASH_TICK");
  quick = !sync || strcmp(sync, "real");
  lying = sync && !strcmp(sync, "lie");
  read_failure();
  owner = (pid_t)syscall(SYS_getpid);
  setenv("CRASH_OWNER", "1", 1);
}

/* False in a forked child too, which shares our memory until it runs another program. */
bool watching(void) { return owner && syscall(SYS_getpid) == owner; }
bool quick_sync(void) { return quick; }
bool lying_sync(void) { return lying; }
int64_t tick(void) { return ticking; }

/* Not a mutex of the C library: this must do before and below everything else. */
void lock(void) {
  while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire)) sched_yield();
}

void unlock(void) { atomic_flag_clear_explicit(&busy, memory_order_release); }

int arrive(enum class class) {
  if (++arrived == kill_at) syscall(SYS_kill, owner, SIGKILL);
  long n = ++seen[class];
  if (class != fail_class || n < fail_first || n - fail_first >= fail_count) return 0;
  return (int)fail_error;
}

void note(struct record record, const void *name, const void *data) {
  struct iovec parts[] = {
    {&record, sizeof record}, {(void *)name, record.name_size}, {(void *)data, record.data_size},
  };
  ssize_t size = (ssize_t)(sizeof record + record.name_size + record.data_size);
  if (syscall(SYS_writev, log_fd, parts, 3) != size) abort();
}

void note_failed(void) { note((struct record){.kind = FAILED}, 0, 0); }

static bool inside(const char *path, size_t size) {
  if (size < root_size || memcmp(path, root, root_size)) return false;
  if (size > root_size && path[root_size] != '/') return false;
  return !(size >= 4 && !memcmp(path + size - 4, "-shm", 4));
}

/* Where the descriptor leads now; the size, or 0 where the path is not in our folder. */
static size_t path_of(int fd, char *path, size_t most) {
  char link[48];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  long size = syscall(SYS_readlinkat, AT_FDCWD, link, path, most);
  return size > 0 && inside(path, (size_t)size) ? (size_t)size : 0;
}

static uint64_t number_of(int fd) {
  struct stat status;
  if (syscall(SYS_fstat, fd, &status)) abort();
  return status.st_ino;
}

uint64_t watched(int fd) {
  char path[4096];
  size_t size = path_of(fd, path, sizeof path);
  static const char GONE[] = " (deleted)";
  size_t tail = sizeof GONE - 1;
  if (!size || (size > tail && !memcmp(path + size - tail, GONE, tail))) return 0;
  return number_of(fd);
}

bool placed(int folder, const char *path, struct place *place) {
  char before[4096] = ".", whole[4096];
  const char *name = strrchr(path, '/');
  size_t size = name ? (size_t)(name - path) + 1 : 0;
  name = name ? name + 1 : path;
  if (size >= sizeof before || strlen(name) >= sizeof place->name) return false;
  if (size) memcpy(before, path, size), before[size] = 0;
  int kept = errno;
  long fd = syscall(SYS_openat, folder, before, O_PATH | O_DIRECTORY | O_CLOEXEC);
  errno = kept;
  if (fd < 0) return false;
  size_t length = path_of((int)fd, whole, sizeof whole);
  place->folder = length ? number_of((int)fd) : 0;
  strcpy(place->name, name);
  syscall(SYS_close, fd);
  size = strlen(name);
  return length && !(size >= 4 && !strcmp(name + size - 4, "-shm"));
}

long failed(int error) {
  errno = error;
  return -1;
}
